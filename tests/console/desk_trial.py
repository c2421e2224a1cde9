"""A city hall to try the desk in: the real application on a port, its officers, and a clock that stands in office hours."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page

from bot.app import create_app
from bot.desk.canned import read_seeds
from bot.handler import Handler, now_in_japan
from bot.handoff import Ticket
from bot.messages import Message, Turn
from bot.settings import Settings
from bot.storage.canned import seed_canned
from bot.storage.staff import Assignment, Staff, add_staff
from tests.conftest import ROOT, TUESDAY, free_port, listens, wait_for
from tests.console.conftest import HASH, PASSWORD

T = TypeVar("T")
# login: name, departments (None: all)
OFFICERS: dict[str, tuple[str, frozenset[str] | None]] = {
    "hanako": ("見本 花子", frozenset({"residents", "environment"})),
    "taro": ("見本 太郎", frozenset({"residents"})),
    "midori": ("見本 みどり", frozenset({"environment"})),
    "chief": ("見本 課長", None),
}


class Clock:
    """The time of a Tuesday morning, going on as real time does."""

    def __init__(self, start: datetime = TUESDAY) -> None:
        self.ahead = start - now_in_japan()

    def __call__(self) -> datetime:
        """Return the time."""
        return now_in_japan() + self.ahead

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**by)


@dataclass
class Hall:
    """The city hall at work."""

    base: str
    app: FastAPI
    loop: asyncio.AbstractEventLoop
    clock: Clock

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run something where the application runs, and return what it gives."""
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(20)

    def ticket(self, number: str) -> Ticket:
        """Return a ticket as it stands."""
        return self.run(self.app.state.handler.desk.ticket("hoshimi", number))

    def talk(self, language: str, *texts: str) -> Turn:
        """Have a resident say something in a new talk, one after the other; return the last turn."""

        async def _talk() -> Turn:
            conversation: str | None = None
            for text in texts:
                turn: Turn = await self.app.state.handler.handle(Message("hoshimi", text, "web", conversation, language))
                conversation = turn.conversation
            return turn

        return self.run(_talk())

    def handed_off(self, language: str, question: str, department: str = "residents") -> str:
        """Have a resident ask for a person, and return the number of their ticket."""
        number = self.talk(language, question, "say:person", f"desk:{department}").reply.ticket
        if number is None:
            raise AssertionError("no ticket was opened")
        return number

    def sign_in(self, page: Page, login: str) -> None:
        """Sign in with name and password."""
        page.goto(f"{self.base}/console/sign-in")
        page.locator("#login").fill(login)
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_url("**/console")


@contextmanager
def hall(folder: Path, **settings: Any) -> Iterator[Hall]:
    """Open the city hall: its own database, the shared index."""
    values = {
        "database_url": f"sqlite:///{folder}/desk.sqlite3", "var_dir": ROOT / "var" / "tests",
        "staff_key_file": str(folder / "staff.key"), "desk_key_file": str(folder / "desk.key"),
    }  # fmt: skip
    app, clock = create_app(Settings(**{**values, **settings}), ["hoshimi"]), Clock()
    loop, port = asyncio.new_event_loop(), free_port()
    old: Handler = app.state.handler
    app.state.handler = replace(old, turns_per_minute=10_000, clock=clock)
    for login, (name, departments) in OFFICERS.items():
        roles = [Assignment(f"{login}-officer", "officer", "hoshimi", departments)]
        if login == "chief":
            roles += [Assignment(f"{login}-{role}", role, "hoshimi") for role in ("admin", "approver", "auditor")]
        person = Staff(f"id-{login}", login, name, password=HASH, assignments=tuple(roles))
        old.database.write_now(lambda connection, person=person: add_staff(connection, person, clock()))
    seeds = read_seeds(app.state.settings.files, "hoshimi")
    old.database.write_now(lambda connection: seed_canned(connection, seeds, clock()))
    options: dict[str, Any] = {"lifespan": "off", "log_level": "warning", "timeout_graceful_shutdown": 1}
    server = uvicorn.Server(uvicorn.Config(app, port=port, **options))
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()), daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield Hall(f"http://localhost:{port}", app, loop, clock)
    server.should_exit = True
    thread.join(10)
    old.database.close()
