"""What tests share: the real content opened once, the real application, real servers on private ports."""

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.app import create_app
from bot.messages import JST, Conversation, Message, Reply
from bot.service import Service, open_service
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=JST)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a private database; the index, named by its content, is kept from run to run."""
    folder = tmp_path_factory.mktemp("var")
    return Settings(database_url=f"sqlite:///{folder}/test.sqlite3", var_dir=ROOT / "var" / "tests")


@pytest.fixture(scope="session")
def service(settings: Settings) -> Service:
    """All real content, opened once."""
    return open_service(settings)


@pytest.fixture(scope="session")
def app(settings: Settings) -> FastAPI:
    """The real application over SQLite and memory."""
    return create_app(settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the application without a network."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


@pytest.fixture
def ask(service: Service) -> Callable[..., Reply]:
    """Asks the demo city one question and returns the reply."""

    def _ask(text: str, language: str | None = None, now: datetime = TUESDAY, city: str = "hoshimi") -> Reply:
        conversation = Conversation("test", city, language=language)
        return service.respond(Message(city, text), conversation, now).reply

    return _ask


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], bool], seconds: float = 30.0, what: str = "the server") -> None:
    """Wait until `ready()` is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{what} was not ready within {seconds} s")


def listens(port: int) -> bool:
    """Say whether something listens on this port of loopback."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis of our own on a private port."""
    if shutil.which("redis-server") is None:
        pytest.skip("SKIPPED FOR WANT OF redis-server: apt-get install redis-server")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: listens(port), what="Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL of our own on a private port; it refuses to run as root, so root becomes `postgres` for it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("SKIPPED FOR WANT OF PostgreSQL: apt-get install postgresql")
    binaries, port = found[-1].parent, free_port()
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/madoguchi-pg-XXXXXX"], text=True).strip())
    prefix: list[str] = []
    if subprocess.check_output(["id", "-u"], text=True).strip() == "0":
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        subprocess.run(["chown", "postgres", str(folder)], check=True)
    data = folder / "data"
    initdb = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "app",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    subprocess.run([*prefix, *initdb], check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    control = [*prefix, str(binaries / "pg_ctl"), "-D", str(data)]
    subprocess.run(
        [*control, "-w", "-o", options, "-l", str(folder / "log"), "start"], check=True, stdout=subprocess.DEVNULL, cwd="/"
    )
    try:
        yield f"postgresql+psycopg://app@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def talking_to(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Talk to an application of the test's own."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url="http://test") as client:
        yield client
