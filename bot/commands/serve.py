"""`madoguchi serve`: checks that it can, says where it can be reached, and serves."""

import logging
import os
import socket
from collections.abc import Sequence

import structlog
import uvicorn
from fastapi import FastAPI

from bot.app import create_app
from bot.messages import BotError
from bot.settings import Settings


def serve_all(settings: Settings, host: str | None, port: int | None, workers: int, cities: Sequence[str]) -> None:
    """Serve until stopped. Raises BotError where the port is taken or the cache cannot be shared."""
    host, port = host or settings.host, port or settings.port
    if workers > 1 and settings.cache_url == "memory://":
        message = f"{workers} workers cannot share a cache in memory: a talk would forget itself between them."
        raise BotError("workers", message, "Set CACHE_URL=redis://… or take --workers 1.", 500)
    served_cities(settings, cities)
    require_free_port(host, port)
    configure_logs(settings)
    if workers > 1:
        os.environ["CITIES"] = ",".join(cities) or settings.cities
        uvicorn.run("bot.commands.serve:worker_app", factory=True, host=host, port=port, workers=workers, log_level="warning")
        return
    app = create_app(settings, served_cities(settings, cities))
    greet(app, host, port)
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def worker_app() -> FastAPI:
    """Make the application inside a worker process."""
    settings = Settings()
    configure_logs(settings)
    return create_app(settings, served_cities(settings, ()))


def served_cities(settings: Settings, wanted: Sequence[str]) -> list[str] | None:
    """Return the cities to serve, None for all. Raises BotError for one that has no folder."""
    chosen = list(wanted) or [city.strip() for city in settings.cities.split(",") if city.strip()]
    known = settings.files.city_ids()
    if unknown := [city for city in chosen if city not in known]:
        hint = f"Cities with a folder: {', '.join(known)}"
        raise BotError("unknown_city", f"There is no city {', '.join(unknown)}.", hint, 500)
    return chosen or None


def require_free_port(host: str, port: int) -> None:
    """Raise BotError where another program listens on the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"Port {port} on {host} cannot be used: {error.strerror}."
            raise BotError("port", message, f"Stop the other program, or choose a port: PORT={port + 1} make run", 500) from None


def greet(app: FastAPI, host: str, port: int) -> None:
    """Print where everything is."""
    base = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"  # noqa: S104 - only compared
    lines = [f"\n  窓口 Madoguchi  {base}/", f"  API            {base}/api/docs"]
    for city, release in app.state.handler.service.releases.items():
        lines.append(f"  {release.knowledge.city.name['ja']}\t{base}/{city}/chat   {base}/{city}/faq")
    print("\n".join(lines), "\n\n  Ctrl+C で終わります。 Ctrl+C stops.\n", flush=True)  # noqa: T201 - the command's output


def configure_logs(settings: Settings) -> None:
    """One line for each turn, plain or JSON; never the text of a message."""
    as_json = settings.log_format == "json"
    keys = ["timestamp", "event"]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.processors.KeyValueRenderer(key_order=keys)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
