"""The page that browsers get instead of an error: what is wrong, in the reader's language, with ways on. Programs get JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot.cache import CacheError
from bot.messages import BotError
from connectors.web.pages import lost_page

_FOR_PROGRAMS = ("/api/", "/opendata/", "/static/", "/embed/", "/line/", "/console")
_ERRORS: tuple[type[Exception], ...] = (BotError, RequestValidationError, HTTPException, SQLAlchemyError, CacheError)
_Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def add_lost_pages(app: FastAPI) -> None:
    """Have the errors that the application renders as JSON shown to browsers as a page of the same status."""
    for kind in _ERRORS:
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind]))


def _page_or(render: _Handler) -> _Handler:
    async def shown(request: Request, error: Exception) -> Response:
        rendered = render(request, error)
        response = rendered if isinstance(rendered, Response) else await rendered
        return lost_page(request, response.status_code) if _is_browser(request) else response

    return shown


def _is_browser(request: Request) -> bool:
    """Say whether somebody has opened an address: browsers ask for HTML by name, programs take anything."""
    wants = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
    return wants and not request.url.path.startswith(_FOR_PROGRAMS)
