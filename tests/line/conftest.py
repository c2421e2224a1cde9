"""LINE as its tests meet it: the real channel over real stores, and a fake LINE on a port of loopback."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml
from fastapi import FastAPI
from sqlalchemy import select

from bot.app import _add_errors
from bot.cache import open_cache
from bot.handler import Handler, now_in_japan
from bot.service import Service
from bot.settings import Settings
from bot.storage import open_database
from bot.storage.line_events import OPEN
from bot.storage.line_tables import line_events
from connectors import line as channel
from connectors.line import running
from connectors.line.office import Office
from tests.bot.conftest import cache_url, database_url, shared_urls  # noqa: F401 - fixtures
from tests.conftest import ROOT, free_port, listens, wait_for
from tests.line.fake.line import FakeLine
from tests.line.fake.server import server


@pytest.fixture
def line(tmp_path: Path) -> Iterator[FakeLine]:
    """A fake LINE with its own port; `line.address` is where it listens, `line.channels` the file that names it."""
    fake, port = FakeLine(), free_port()
    running = uvicorn.Server(uvicorn.Config(server(fake), port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    wait_for(lambda: listens(port), what="the fake LINE")
    fake.address = f"http://127.0.0.1:{port}"  # type: ignore[attr-defined]
    fake.channels = tmp_path / "channels.yaml"  # type: ignore[attr-defined]
    write_channels(fake)
    yield fake
    running.should_exit = True
    thread.join(10)


def write_channels(fake: FakeLine, **more: Any) -> None:
    """Write the file of channels, with what a test wants different."""
    row = {"secret": [fake.secret], "token": fake.access_token, "bot_id": fake.bot_id, "push": True, "reminders": True}
    fake.channels.write_text(yaml.safe_dump({"hoshimi": {**row, **more}}), encoding="utf-8")  # type: ignore[attr-defined]


@dataclass
class Channel:
    """The channel of the demo city at work, with the fake LINE it talks to."""

    app: FastAPI
    line: FakeLine
    http: httpx.AsyncClient

    @property
    def office(self) -> Office:
        """Everything that the channel has open."""
        office: Office = self.app.state.line
        return office

    async def post(self, *events: dict[str, Any]) -> httpx.Response:
        """Post events as LINE does."""
        return await self.post_raw(self.line.body(*events))

    async def post_raw(self, body: bytes, signature: str | None = None) -> httpx.Response:
        """Post a body with its signature, or another one."""
        signed = self.line.sign(body) if signature is None else signature
        return await self.http.post("/line/hoshimi/webhook", content=body, headers={"x-line-signature": signed})

    async def tell(self, *events: dict[str, Any]) -> None:
        """Post events and wait until each has ended."""
        response = await self.post(*events)
        assert response.status_code == 200, response.text
        await self.settled()

    async def answers(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """Post one event and return the messages that it got."""
        before = len(self.line.to(event["source"]["userId"]))
        await self.tell(event)
        return self.line.to(event["source"]["userId"])[before:]

    async def says(self, resident: str, text: str) -> str:
        """Have a resident say something and return all that they read in answer, as JSON text."""
        return json.dumps(await self.answers(self.line.text(resident, text)), ensure_ascii=False)

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until no event is open, neither in the database nor in the spool."""
        query = select(line_events.c.id).where(line_events.c.state.in_(OPEN)).limit(1)
        async with asyncio.timeout(seconds):
            while self.office.spool.waiting() or await self.office.database.read(lambda connection: connection.scalar(query)):
                await asyncio.sleep(0.02)

    async def endings(self) -> dict[str, tuple[str, str, str]]:
        """Return (state, way, detail) of every event by its id."""
        columns = (line_events.c.id, line_events.c.state, line_events.c.way, line_events.c.detail)
        rows = await self.office.database.read(lambda connection: connection.execute(select(*columns)).all())
        return {row.id: (row.state, row.way, row.detail) for row in rows}


Open = Callable[..., Awaitable[Channel]]


@pytest.fixture
async def open_channel(service: Service, line: FakeLine, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens the channel over stores of the test's own, as a process does; stops all of them in the end."""
    async with AsyncExitStack() as stack:

        async def _open(database: str = "", cache: str = "memory://", working: bool = True, **settings: Any) -> Channel:
            found = line_settings(line, tmp_path, database, **settings)
            return await stack.enter_async_context(_channel(service, line, found, cache, working))

        yield _open


def line_settings(line: FakeLine, folder: Path, database: str = "", **more: Any) -> Settings:
    """Return settings of a service that talks to the fake."""
    values = {
        "database_url": database or f"sqlite:///{folder}/facts.sqlite3", "var_dir": folder, "public_url": "https://city.example",
        "line_channels": str(line.channels), "line_api_host": line.address, "line_data_host": line.address,  # type: ignore[attr-defined]
    }  # fmt: skip
    return Settings(**{**values, **more})


@asynccontextmanager
async def _channel(service: Service, line: FakeLine, settings: Settings, cache: str, working: bool) -> AsyncIterator[Channel]:
    app, database, store = FastAPI(), open_database(settings.database_url), open_cache(cache)
    app.state.handler = Handler(service, database, store, 10_000, now_in_japan)
    app.state.settings, app.state.work = settings, []
    _add_errors(app)
    channel.mount(app)
    task = asyncio.ensure_future(running.work(app)) if working else None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as http:
        yield Channel(app, line, http)
    if task:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    else:
        await app.state.line.close()
    await store.close()
    database.close()


@pytest.fixture
async def talk(open_channel: Open) -> Channel:
    """The channel at work over SQLite and memory."""
    return await open_channel()


def environment(line: FakeLine, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a server in a process of its own."""
    if not (folder / "index").exists():
        (folder / "index").symlink_to(ROOT / "var" / "tests" / "index")
    named = {
        "DATABASE_URL": f"sqlite:///{folder}/facts.sqlite3", "VAR_DIR": str(folder),
        "LINE_CHANNELS": str(line.channels), "LINE_API_HOST": line.address, "LINE_DATA_HOST": line.address,  # type: ignore[attr-defined]
        "LINE_KEY_FILE": str(folder / "line.key"), "PUBLIC_URL": "https://city.example",
    }  # fmt: skip
    return {**os.environ, **named, **more}
