"""The page, the fake LINE and the real product, started together and stopped together."""

import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

import uvicorn
import yaml
from fastapi import FastAPI

from tests.conftest import ROOT, free_port, listens, wait_for
from tests.line.demo.board import Board
from tests.line.demo.page import demo_app
from tests.line.fake.line import FakeLine
from tests.line.fake.server import server

CITY = "hoshimi"


class Trial:
    """Serves the page on `port`; the product runs in a process of its own, with a database in `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._line_port, self._product_port = free_port(), free_port()
        self.product = f"http://127.0.0.1:{self._product_port}"
        self.line = FakeLine()
        self.board = Board(self.line, CITY, f"{self.product}/line/{CITY}/webhook")
        self._servers = [_Served(server(self.line), self._line_port), _Served(demo_app(self.board), port)]

    def _environment(self) -> dict[str, str]:
        """Return the product's settings: the fake LINE instead of LINE, keys in files that only we can read."""
        row = {"secret": self.line.secret, "bot_id": self.line.bot_id, "token": self.line.access_token, "push": True}
        channels = _secret(self.folder / "channels.yaml", yaml.safe_dump({CITY: {**row, "reminders": True}}))
        key, fake = _secret(self.folder / "line.key", secrets.token_urlsafe(48)), f"http://127.0.0.1:{self._line_port}"
        return {
            **os.environ, "LINE_CHANNELS": channels, "LINE_KEY_FILE": key, "LINE_API_HOST": fake, "LINE_DATA_HOST": fake,
            "PUBLIC_URL": self.product, "PORT": str(self._product_port), "CITIES": CITY,
            "DATABASE_URL": f"sqlite:///{self.folder}/trial.sqlite3",
        }  # fmt: skip

    def __enter__(self) -> "Trial":
        environment, command = self._environment(), [sys.executable, "-m", "bot"]
        for one in self._servers:
            one.start()
        self._process = subprocess.Popen([*command, "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        wait_for(lambda: listens(self._product_port) or not self.alive(), 90, "the product")
        setup = [*command, "line", "setup", CITY, "--webhook"]
        subprocess.run(setup, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        return self

    def alive(self) -> bool:
        """Say whether the product runs."""
        return self._process.poll() is None

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(20)
        for one in self._servers:
            one.stop()


class _Served:
    """An application on a port of loopback, in a thread."""

    def __init__(self, app: FastAPI, port: int) -> None:
        self._port = port
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        wait_for(lambda: listens(self._port), what=f"port {self._port}")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def _secret(path: Path, text: str) -> str:
    """Write a file that only we can read, and return its name."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return str(path)
