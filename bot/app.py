"""COMPOSITION ROOT: opens the stores, loads the cities, mounts the connectors. Nothing else knows them all."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from bot.cache import CacheError, open_cache
from bot.handler import Handler, now_in_japan
from bot.messages import BotError
from bot.service import open_service
from bot.settings import Settings
from bot.storage import open_database
from bot.storage.releases import release_number
from bot.storage.search_index import index_in_database
from connectors import CONNECTORS
from connectors.policy import content_policy

_REQUESTS = Counter("madoguchi_requests_total", "Requests by route and status", ["route", "status"])
_SECONDS = Histogram("madoguchi_request_seconds", "Seconds a request takes", ["route"])
_SECURITY = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
_SECURITY_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _SECURITY.items()]
DESCRIPTION = (
    "Ask a Japanese city hall about procedures and garbage. Replies are the city's published answers, verbatim; "
    "when none is sure enough the reply asks back or declines with the telephone number."
)


def create_app(settings: Settings, cities: Iterable[str] | None = None) -> FastAPI:
    """Return the application with everything opened. Raises BotError or ContentError where something cannot be."""
    database = open_database(settings.database_url)

    def number(city: str, digest: str) -> int:
        return database.write_now(lambda connection: release_number(connection, city, digest, now_in_japan()))

    service = open_service(settings, cities, number, index_in_database(settings.index_url))
    cache = open_cache(settings.cache_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.create_task(work(app)) for work in app.state.work]
        yield
        await _stop(running)
        await cache.close()
        database.close()

    app = FastAPI(title="Madoguchi", description=DESCRIPTION, version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.handler = Handler(service, database, cache, settings.turns_per_minute)
    app.state.settings = settings
    app.state.work = []  # connectors add what runs beside the requests: async functions of the application
    _add_errors(app)
    app.add_middleware(Observed)
    _add_health(app)
    for mount in CONNECTORS.values():
        mount(app)
    return app


async def _stop(running: Sequence["asyncio.Task[None]"]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


class Observed:
    """Adds the security headers that a response lacks and counts requests by route, never by address (plain ASGI, for speed)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, answered = time.perf_counter(), False

        async def observed_send(message: AsgiMessage) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                route = getattr(scope.get("route"), "path", "none")
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(row for row in _SECURITY_HEADERS if row[0] not in own)]
                _REQUESTS.labels(route, message["status"]).inc()
                _SECONDS.labels(route).observe(time.perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        except Exception as error:
            structlog.get_logger("madoguchi").exception("request failed", kind=type(error).__name__)
            if answered:
                raise
            broken = _error(500, "internal", "Something went wrong here.", "Please try again, or call the city hall.")
            await broken(scope, receive, observed_send)


def _add_errors(app: FastAPI) -> None:
    """Render every error in the one JSON shape; a resident never sees a stack trace."""

    @app.exception_handler(BotError)
    async def _bot_error(_request: Request, error: BotError) -> JSONResponse:
        return _error(error.status, error.code, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
        return _error(422, "invalid_request", found[:500], "See /api/docs for the fields of this request.")

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(CacheError)
    async def _away_now(_request: Request, error: Exception) -> JSONResponse:
        structlog.get_logger("madoguchi").error("a store is away", kind=type(error).__name__)
        return _error(503, "unavailable", "The service cannot reach its store just now.", "Please try again in a moment.")

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        return _error(error.status_code, "not_found" if error.status_code == 404 else "http_error", str(error.detail))


def _error(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status_code=status)


async def _away(handler: Handler) -> list[str]:
    """Return the names of the stores that do not answer."""
    away = []
    try:
        await handler.database.read(lambda connection: connection.scalar(text("SELECT 1")))
    except (SQLAlchemyError, OSError):
        away.append("database")
    try:
        await handler.cache.get("ready")
    except (CacheError, OSError):
        away.append("cache")
    return away


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operation"])
    async def healthz() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operation"])
    async def readyz(request: Request) -> JSONResponse:
        """Say that questions can be answered: content loaded, database and cache there; 503 names what is away."""
        handler: Handler = request.app.state.handler
        away = await _away(handler)
        cities = {city: release.number for city, release in handler.service.releases.items()}
        return JSONResponse({"status": "not ready" if away else "ready", "away": away, "cities": cities}, 503 if away else 200)

    @app.get("/metrics", tags=["operation"], response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Return counters for Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
