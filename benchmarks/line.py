"""How fast the LINE webhook answers while something behind it stands still: `python benchmarks/line.py`.

Serves the demo city in a process of its own against the fake LINE, posts 100 events a second to the real webhook, and
for ten seconds in the middle stalls the search, Redis, or the database. Prints p50, p99 and the slowest in milliseconds,
and how many events were answered in the end.
"""

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import uvicorn
import yaml

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine  # noqa: E402

from tests.conftest import free_port, listens, wait_for  # noqa: E402
from tests.line.fake.line import FakeLine, resident  # noqa: E402
from tests.line.fake.server import server  # noqa: E402

RATE, BEFORE, STALL, AFTER = 100, 2.0, 10.0, 2.0
WORDS = ("住民票がほしい", "スプレー缶", "フライパン", "メニュー")
STALLS = ("nothing", "search", "redis", "database")


def main() -> None:
    """Run each stall once and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--stall", choices=STALLS, action="append", help="only these")
    asked.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.serve:
        serve()
        return
    print(
        f"{RATE} events/s, stalled {STALL:.0f} s in the middle\n{'stalled':<10} {'p50':>7} {'p99':>7} {'max':>7}  200s  answered"
    )
    for stall in given.stall or STALLS:
        with tempfile.TemporaryDirectory(prefix="madoguchi-line-") as folder:
            measure(stall, Path(folder))


def serve() -> None:
    """Serve, with a search that stands still while the file STALL_FILE is there."""
    from bot.app import create_app
    from bot.commands.serve import configure_logs
    from bot.nlu.own import OwnEngine
    from bot.settings import Settings

    understand, flag = OwnEngine.understand, Path(os.environ["STALL_FILE"])

    def stalled(*asked: object) -> object:
        while flag.exists():
            time.sleep(0.01)
        return understand(*asked)  # type: ignore[arg-type]

    OwnEngine.understand = stalled  # type: ignore[assignment, method-assign]
    settings = Settings()
    configure_logs(settings)
    app = create_app(settings, ["hoshimi"])
    uvicorn.run(app, port=settings.port, log_level="warning", access_log=False)


def measure(stall: str, folder: Path) -> None:
    """Serve, stall and print one row."""
    line, port, fake_port, redis_port = FakeLine(token_seconds=600), free_port(), free_port(), free_port()
    threading.Thread(
        target=uvicorn.run, args=(server(line),), kwargs={"port": fake_port, "log_level": "error"}, daemon=True
    ).start()
    (folder / "index").symlink_to(ROOT / "var" / "tests" / "index")
    channels = {"hoshimi": {"secret": line.secret, "token": line.access_token, "bot_id": line.bot_id}}
    (folder / "channels.yaml").write_text(yaml.safe_dump(channels))
    redis = subprocess.Popen(
        ["redis-server", "--port", str(redis_port), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    host = f"http://127.0.0.1:{fake_port}"
    named = {
        "DATABASE_URL": f"sqlite:///{folder}/facts.sqlite3", "VAR_DIR": str(folder), "PORT": str(port),
        "LINE_CHANNELS": str(folder / "channels.yaml"), "LINE_API_HOST": host, "LINE_DATA_HOST": host,
        "CACHE_URL": f"redis://127.0.0.1:{redis_port}/0", "STALL_FILE": str(folder / "stall"),
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        served = subprocess.Popen(
            [sys.executable, __file__, "--serve"], env={**os.environ, **named}, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: listens(port) and listens(fake_port), 60)
        times = asyncio.run(drive(line, port, stalling(stall, folder, redis)))
        report(stall, times, line)
    finally:
        served.terminate()
        served.wait()
        redis.send_signal(signal.SIGCONT)
        redis.terminate()
        redis.wait()


def stalling(stall: str, folder: Path, redis: "subprocess.Popen[bytes]") -> Callable[[], None]:
    """Return what stands still for ten seconds."""

    def search() -> None:
        (folder / "stall").touch()
        time.sleep(STALL)
        (folder / "stall").unlink()

    def cache() -> None:
        redis.send_signal(signal.SIGSTOP)
        time.sleep(STALL)
        redis.send_signal(signal.SIGCONT)

    def database() -> None:
        with create_engine(f"sqlite:///{folder}/facts.sqlite3").connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            time.sleep(STALL)
            connection.rollback()

    return {"nothing": lambda: time.sleep(STALL), "search": search, "redis": cache, "database": database}[stall]


async def drive(line: FakeLine, port: int, stalled: Callable[[], None]) -> list[tuple[float, int]]:
    """Post events at their times, whether earlier ones were acknowledged or not; return (seconds, status) of each."""
    found: list[tuple[float, int]] = []
    address = f"http://127.0.0.1:{port}/line/hoshimi/webhook"
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=200)) as client:

        async def post(number: int) -> None:
            body = line.body(line.text(resident(number % 500), WORDS[number % 4]))
            begun = time.perf_counter()
            response = await client.post(address, content=body, headers={"x-line-signature": line.sign(body)})
            found.append((time.perf_counter() - begun, response.status_code))

        await asyncio.gather(*(post(-number) for number in range(1, 9)))  # connections and caches are warm
        found.clear()
        start, posts = time.perf_counter(), []
        standing = asyncio.get_running_loop().run_in_executor(None, _later, stalled)
        for number in range(int(RATE * (BEFORE + STALL + AFTER))):
            await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
            posts.append(asyncio.create_task(post(number)))
        await asyncio.gather(*posts)
        await standing
    return found


def _later(stalled: Callable[[], None]) -> None:
    time.sleep(BEFORE)
    stalled()


def report(stall: str, times: list[tuple[float, int]], line: FakeLine) -> None:
    """Wait for the answers and print the row."""
    count = len(times) + 8
    until = time.monotonic() + 90
    while time.monotonic() < until and len({sent.answers for sent in line.outbox}) < count:
        time.sleep(0.2)
    cuts = statistics.quantiles([seconds * 1000 for seconds, _ in times], n=100)
    ok = sum(status == 200 for _, status in times)
    answered = len({sent.answers for sent in line.outbox})
    print(
        f"{stall:<10} {cuts[49]:7.1f} {cuts[98]:7.1f} {max(times)[0] * 1000:7.1f}  {ok}/{len(times)}  {answered}/{count}",
        flush=True,
    )


main()
