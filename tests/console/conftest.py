"""The console as staff meet it: the real application over a real database, with accounts of every role."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from bot.app import create_app
from bot.cache import open_cache
from bot.handler import Handler, now_in_japan
from bot.settings import Settings
from bot.storage import open_database
from bot.storage.audit import Line, audit_lines
from bot.storage.staff import Assignment, Staff, add_staff, staff_with_login
from connectors.console.passwords import hash_password
from tests.conftest import ROOT

BASE = "http://localhost"
PASSWORD = "kumo no ue no neko 7"
HASH = hash_password(PASSWORD)


class Clock:
    """A clock that goes on only when a test says so."""

    def __init__(self) -> None:
        self.now = now_in_japan()

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


class Door:
    """One browser: an HTTP client with its own cookies, which sends forms as browsers do."""

    def __init__(self, app: FastAPI, base: str = BASE) -> None:
        transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url=base, headers={"accept": "text/html"})
        self.base = base

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, **options)

    async def post(self, path: str, data: dict[str, Any] | None = None, *, page: str = "") -> httpx.Response:
        """Send a form; its token is read from a page first, `page` or the account's own."""
        shown = await self.client.get(page or "/console/account", follow_redirects=True)
        token = shown.text.partition('name="csrf" value="')[2].partition('"')[0]
        form = {"csrf": token, **(data or {})}
        return await self.client.post(path, data=form, headers={"origin": self.base})

    async def sign_in(self, login: str, password: str = PASSWORD, next_: str = "") -> httpx.Response:
        """Send name and password."""
        return await self.post("/console/sign-in", {"login": login, "password": password, "next": next_}, page="/console/sign-in")


@pytest.fixture
def clock() -> Clock:
    """The time of the console under test."""
    return Clock()


@pytest.fixture
def console_settings(tmp_path: Path) -> Settings:
    """Settings with a database and keys of the test's own; the index is the shared one."""
    return Settings(
        database_url=f"sqlite:///{tmp_path}/console.sqlite3", var_dir=ROOT / "var" / "tests", cities="hoshimi,tomi",
        staff_key_file=str(tmp_path / "staff.key"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def console_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application of two cities, opened once: reading all content takes longest."""
    folder = tmp_path_factory.mktemp("console")
    settings = Settings(database_url=f"sqlite:///{folder}/first.sqlite3", var_dir=ROOT / "var" / "tests")
    return create_app(settings, ["hoshimi", "tomi"])


@pytest.fixture
def console(console_app: FastAPI, console_settings: Settings, clock: Clock) -> Iterator[FastAPI]:
    """The application over a database, a cache and a clock of the test's own."""
    old = console_app.state
    before = (old.handler, old.settings)
    database = open_database(console_settings.database_url)
    old.handler = Handler(old.handler.service, database, open_cache("memory://"), old.handler.turns_per_minute, clock)
    old.settings = console_settings
    yield console_app
    database.close()
    old.handler, old.settings = before


@pytest.fixture
def door(console: FastAPI) -> Door:
    """A browser before the closed door."""
    return Door(console)


@pytest.fixture
def hire(console: FastAPI) -> Callable[..., Staff]:
    """Makes an account with the usual password; `roles` are (role, city) or whole assignments."""

    def _hire(login: str, *roles: tuple[str, str] | Assignment, **more: Any) -> Staff:
        given = tuple(
            one if isinstance(one, Assignment) else Assignment(f"{login}-{number}", *one) for number, one in enumerate(roles)
        )
        person = Staff(f"id-{login}", login, more.pop("name", login.title()), **{"password": HASH, "assignments": given, **more})
        write(console, lambda connection: add_staff(connection, person, now_in_japan()))
        return person

    return _hire


def write(app: FastAPI, work: Callable[[Connection], Any]) -> Any:
    """Change the database directly."""
    return app.state.handler.database.write_now(work)


def stored(app: FastAPI, login: str) -> Staff:
    """Return an account as it is stored."""
    found = app.state.handler.database.read_now(lambda connection: staff_with_login(connection, login))
    assert found is not None
    return found


def log_of(app: FastAPI) -> list[Line]:
    """Return the audit log, the latest line first."""
    return app.state.handler.database.read_now(audit_lines)
