"""`madoguchi serve`: checks that it can, says where it can be reached, and serves."""

import logging
import os
import socket
from collections.abc import Sequence
from contextlib import closing

import structlog
import uvicorn
from fastapi import FastAPI

from bot.app import create_app
from bot.commands.staff_accounts import first_link
from bot.messages import BotError
from bot.settings import Settings
from bot.storage import open_database

# Residents' event streams never end by themselves: whoever stops the service waits so long for answers in the making.
_LAST_SECONDS = 2


def serve_all(settings: Settings, host: str | None, port: int | None, workers: int, cities: Sequence[str]) -> None:
    """Serve until stopped. Raises BotError where the port is taken or the cache cannot be shared."""
    host, port = host or settings.host, port or settings.port
    if workers > 1 and settings.cache_url == "memory://":
        message = f"{workers} workers cannot share a cache in memory: a talk would forget itself between them."
        raise BotError("workers", message, "Set CACHE_URL=redis://… or take --workers 1.", 500)
    served_cities(settings, cities)
    require_free_port(host, port)
    configure_logs(settings)
    invite(settings, host, port)
    if workers > 1:
        os.environ["CITIES"] = ",".join(cities) or settings.cities
        factory = "bot.commands.serve:worker_app"
        uvicorn.run(
            factory, factory=True, host=host, port=port, workers=workers, log_level="warning",
            timeout_graceful_shutdown=_LAST_SECONDS,
        )  # fmt: skip
        return
    app = create_app(settings, served_cities(settings, cities))
    greet(app, host, port)
    uvicorn.run(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=_LAST_SECONDS
    )


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
    base = _base(host, port)
    lines = [f"\n  窓口 Madoguchi  {base}/", f"  API            {base}/api/docs"]
    for city, release in app.state.handler.service.releases.items():
        lines.append(f"  {release.knowledge.city.name['ja']}\t{base}/{city}/chat   {base}/{city}/faq")
    lines.append(f"  職員 staff     {base}/console")
    print("\n".join(lines), "\n\n  Ctrl+C で終わります。 Ctrl+C stops.\n", flush=True)  # noqa: T201 - the command's output


def invite(settings: Settings, host: str, port: int) -> None:
    """Print the one-time link that makes the first administrator, where there is no account yet."""
    with closing(open_database(settings.database_url)) as database:
        link = first_link(database, settings.public_url.rstrip("/") or _base(host, port))
    if link:
        said = "最初の管理者を作るリンク（1時間以内に1回） The first administrator (once, within an hour):"
        print(f"\n  {said}\n  {link}", flush=True)  # noqa: T201 - the command's output


def _base(host: str, port: int) -> str:
    return f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"  # noqa: S104 - only compared


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
