"""How fast the LINE webhook answers while something behind it stands still: `python benchmarks/line.py`.

Serves the demo city in a process of its own against the fake LINE, posts 100 events a second to the real webhook, and
for ten seconds in the middle stalls the search, Redis, or the database. Prints p50, p99 and the slowest in milliseconds,
the p99 of an address that does nothing, asked ten times a second meanwhile, and how many events were answered in the end.
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
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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

RATE, BEFORE, STALL, AFTER, WARM = 100, 2.0, 10.0, 2.0, 8
WORDS = ("住民票がほしい", "スプレー缶", "フライパン", "メニュー")
STALLS = ("nothing", "search", "redis", "database")


def main() -> None:
    """Run each stall once and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--stall", choices=STALLS, action="append", help="only these")
    asked.add_argument("--work", choices=("within", "beside"), default="beside", help="where LINE is answered")
    asked.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked.add_argument("--city", help=argparse.SUPPRESS)
    asked.add_argument("--bell", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.serve or given.bell:
        serve(only_work=given.bell)
        return
    print(f"{RATE} events/s, stalled {STALL:.0f} s in the middle, answered {given.work} the serving process")
    print(f"{'stalled':<10} {'p50':>7} {'p99':>7} {'max':>7} {'bare99':>7}  200s  answered")
    for stall in given.stall or STALLS:
        with tempfile.TemporaryDirectory(prefix="madoguchi-line-") as folder:
            measure(stall, Path(folder), given.work)


def serve(*, only_work: bool) -> None:
    """Serve, or only work beside it, with a search that stands still while the file STALL_FILE is there."""
    from bot.app import create_app
    from bot.commands.line_work import work_until_stopped
    from bot.commands.serve import configure_logs
    from bot.nlu.own import OwnEngine
    from bot.settings import Settings
    from connectors.line import beside

    understand, flag = OwnEngine.understand, Path(os.environ["STALL_FILE"])

    def stalled(*asked: object) -> object:
        while flag.exists():
            time.sleep(0.01)
        return understand(*asked)  # type: ignore[arg-type]

    OwnEngine.understand = stalled  # type: ignore[assignment, method-assign]
    beside.COMMAND = [sys.executable, __file__, "--bell"]
    settings = Settings()
    if only_work:
        work_until_stopped(settings, ["hoshimi"], bell=True)
        return
    configure_logs(settings)
    app = create_app(settings, ["hoshimi"])
    # A connection closed for want of use, just as the driver takes it up again, would count as a failure of ours.
    uvicorn.run(app, port=settings.port, log_level="warning", access_log=False, timeout_keep_alive=60)


def measure(stall: str, folder: Path, work: str) -> None:
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
        "LINE_WORK": work,
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        served = subprocess.Popen(
            [sys.executable, __file__, "--serve"], env={**os.environ, **named}, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: listens(port) and listens(fake_port), 60)
        start = time.time() + 4  # the driver has begun by then
        with ProcessPoolExecutor(1, get_context("spawn")) as driver:
            driving = driver.submit(drive, signed_posts(line), port, start)
            time.sleep(start + BEFORE - time.time())
            stalling(stall, folder, redis)()
            times, bare = driving.result()
        report(stall, times, bare, line)
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


def drive(posts: Sequence[tuple[bytes, str]], port: int, start: float) -> tuple[list[tuple[float, int]], list[float]]:
    """Post signed events at their times from `start` (Unix seconds) on, whether earlier ones were acknowledged or not.

    Runs in a process of its own, so that the fake LINE does not delay what is measured. Returns (seconds, status) of each,
    and the seconds of an address that does nothing.
    """
    return asyncio.run(_drive(posts, port, start))


async def _drive(posts: Sequence[tuple[bytes, str]], port: int, start: float) -> tuple[list[tuple[float, int]], list[float]]:
    found: list[tuple[float, int]] = []
    bare: list[float] = []
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=200)) as client:

        async def post(body: bytes, signature: str) -> None:
            begun = time.perf_counter()
            address = f"http://127.0.0.1:{port}/line/hoshimi/webhook"
            response = await client.post(address, content=body, headers={"x-line-signature": signature})
            found.append((time.perf_counter() - begun, response.status_code))

        async def nothing() -> None:
            begun = time.perf_counter()
            await client.get(f"http://127.0.0.1:{port}/healthz")
            bare.append(time.perf_counter() - begun)

        await asyncio.gather(*(post(*one) for one in posts[:WARM]))  # connections and caches are warm
        found.clear()
        running = []
        for number, one in enumerate(posts[WARM:]):
            await asyncio.sleep(max(0.0, start + number / RATE - time.time()))
            running.append(asyncio.create_task(post(*one)))
            if number % 10 == 0:
                running.append(asyncio.create_task(nothing()))
        await asyncio.gather(*running)
    return found, bare


def signed_posts(line: FakeLine) -> list[tuple[bytes, str]]:
    """Return all bodies with their signatures."""
    numbers = range(WARM + int(RATE * (BEFORE + STALL + AFTER)))
    bodies = [line.body(line.text(resident(number % 500), WORDS[number % 4])) for number in numbers]
    return [(body, line.sign(body)) for body in bodies]


def report(stall: str, times: list[tuple[float, int]], bare: list[float], line: FakeLine) -> None:
    """Wait for the answers and print the row."""
    count = len(times) + WARM
    until = time.monotonic() + 90
    while time.monotonic() < until and len({sent.answers for sent in line.outbox}) < count:
        time.sleep(0.2)
    cuts = statistics.quantiles([seconds * 1000 for seconds, _ in times], n=100)
    bare99 = statistics.quantiles([seconds * 1000 for seconds in bare], n=100)[98]
    ok = sum(status == 200 for _, status in times)
    answered = len({sent.answers for sent in line.outbox})
    shown = " ".join(f"{value:7.1f}" for value in (cuts[49], cuts[98], max(times)[0] * 1000, bare99))
    print(f"{stall:<10} {shown}  {ok}/{len(times)}  {answered}/{count}", flush=True)


if __name__ == "__main__":
    main()
