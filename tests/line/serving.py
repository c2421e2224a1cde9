"""`madoguchi serve` as a process of its own that LINE's events are posted to, and that can be killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text

from tests.conftest import ROOT, free_port, listens, wait_for
from tests.line.conftest import environment
from tests.line.fake.line import FakeLine


class Service:
    """`madoguchi serve` of the demo city in a process of its own, which can be killed."""

    def __init__(self, line: FakeLine, folder: Path, **more: str) -> None:
        self.line, self.folder, self.port, self.more = line, folder, free_port(), more
        (folder / "line.key").write_text("k" * 48)

    def start(self) -> None:
        """Serve, and return when webhooks are taken in."""
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port), "--city", "hoshimi"]
        with (self.folder / "server.log").open("ab") as log:
            environ = environment(self.line, self.folder, **self.more)
            self.process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=log, stderr=log)
        wait_for(lambda: listens(self.port), 60)

    def kill(self) -> None:
        """Kill without warning."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop as an operator does."""
        self.process.terminate()
        self.process.wait(20)

    def open_events(self) -> int:
        """Return how many events have not ended, or wait on the disk."""
        engine = create_engine(f"sqlite:///{self.folder}/facts.sqlite3")
        with engine.connect() as connection:
            found = connection.scalar(text("SELECT count(*) FROM line_events WHERE state IN ('taken-in', 'handling')"))
        engine.dispose()
        return int(found or 0) + len(list((self.folder / "line" / "spool").glob("*.json")))

    def endings(self) -> dict[str, str]:
        """Return the state of every event."""
        engine = create_engine(f"sqlite:///{self.folder}/facts.sqlite3")
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT id, state FROM line_events")).all()
        engine.dispose()
        return {row[0]: row[1] for row in rows}


def post(client: httpx.Client, service: Service, event: dict[str, object]) -> bool:
    """Post one event; say whether it was acknowledged."""
    body = service.line.body(event)
    try:
        headers = {"x-line-signature": service.line.sign(body)}
        response = client.post(f"http://127.0.0.1:{service.port}/line/hoshimi/webhook", content=body, headers=headers)
    except httpx.TransportError:
        return False
    return response.status_code == 200
