"""The web channel as the outside meets it: over a real socket, and in a real browser."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from bot.commands.serve import configure_logs
from bot.settings import Settings
from tests.browsers import real_chromium, windows_of
from tests.conftest import ROOT, free_port, listens, wait_for

Open = Callable[..., Page]
PHONE = {"width": 375, "height": 667}


@pytest.fixture(scope="session", autouse=True)
def logs(settings: Settings) -> None:
    """Logs as the service writes them: short, and without what stands in variables."""
    configure_logs(settings)


@pytest.fixture(scope="module")
def live(app: FastAPI) -> Iterator[str]:
    """The address of the real application on a private port."""
    port = free_port()
    # Without its lifespan, which would close the database that other tests still use.
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@dataclass
class Server:
    """`madoguchi serve` of the demo city in a process of its own, with its own database; it can be stopped and started."""

    folder: Path
    var_dir: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    content: dict[str, str] = field(default_factory=dict)  # settings of the content to serve, such as FAQ_DIR

    @property
    def base(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and return when questions can be answered."""
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{self.folder}/facts.sqlite3", "VAR_DIR": str(self.var_dir)}
        environment |= self.content
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port), "--city", "hoshimi"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        wait_for(lambda: listens(self.port), 60)

    def stop(self) -> None:
        """Stop serving."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)

    def turns(self, conversation: str) -> list[str]:
        """Return the ids of the stored turns of a conversation; none where it was erased."""
        response = httpx.get(f"{self.base}/api/v1/hoshimi/conversations/{conversation}/turns")
        return [] if response.status_code == 404 else [turn["turn"] for turn in response.json()]

    def untranslated(self, language: str) -> str:
        """Return the id of an entry that is there in English, and not in this language."""
        rows = httpx.get(f"{self.base}/opendata/hoshimi/faq.json").json()
        there = {row["id"] for row in rows if row["language"] == language}
        return str(next(row["id"] for row in rows if row["language"] == "en" and row["id"] not in there))

    def question(self, entry: str, language: str) -> str:
        """Return the published question of an entry."""
        rows = httpx.get(f"{self.base}/opendata/hoshimi/faq.json").json()
        return str(next(row["question"] for row in rows if (row["id"], row["language"]) == (entry, language)))


@pytest.fixture(scope="session")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of our own for browsers."""
    server = Server(tmp_path_factory.mktemp("server"), settings.var_dir, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with real_chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Open]:
    """Opens an address of the server in a browser window of its own; every error of a script fails the test."""
    with windows_of(browser) as windows:

        def _open(path: str = "/hoshimi/chat?lang=ja", **options: object) -> Page:
            page = windows.open(**{"viewport": PHONE, **options})
            page.goto(server.base + path)
            return page

        yield _open


def ask(page: Page, text: str) -> None:
    """Type a question, send it with Enter and wait for the reply."""
    page.locator("#question").fill(text)
    with replying(page):
        page.keyboard.press("Enter")


class replying:  # noqa: N801 - reads as a verb: `with replying(page): …`
    """Waits at its end until one more reply stands in the talk."""

    def __init__(self, page: Page) -> None:
        self.replies = page.locator(".turn:not(.mine)")

    def __enter__(self) -> None:
        self.before = self.replies.count()

    def __exit__(self, *failed: object) -> None:
        if failed[0] is None:
            self.replies.nth(self.before).wait_for()


def conversation(page: Page) -> str:
    """Return the id of the talk that the page keeps."""
    return str(page.evaluate("JSON.parse(localStorage.getItem('madoguchi:hoshimi')).conversation"))
