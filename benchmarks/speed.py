"""`make bench`: speed as a ratio to a bare FastAPI endpoint on the same core in the same run, start-up time, memory."""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from faq.data_files import DataFiles
from faq.held_out import read_held_out
from faq.languages import load_languages

HERE = Path(__file__).parent
BARE_PORT, OUR_PORT, SECONDS, CONNECTIONS = 8731, 8732, 6, 32
QUESTIONS = [
    "引っ越してきたんやけど何したらええの",
    "住民票ほしい",
    "スプレー缶の捨て方",
    "how do i register my dog",
    "市長の年収は",
]
out = Console(highlight=False)
BARE_APP = """
from fastapi import FastAPI
from pydantic import BaseModel
class Body(BaseModel):
    text: str
    conversation: str | None = None
    language: str | None = None
    client_id: str | None = None
app = FastAPI()
@app.post("/api/v1/{city}/messages")
async def messages(city: str, body: Body) -> dict[str, str]:
    return {"city": city, "text": body.text}
"""


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often the two servers are loaded in turn")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk makes the load; it is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        figures = {**start_up(Path(folder)), **throughput(Path(folder), arguments.rounds)}
    for name, value in figures.items():
        out.print(f"{name:66} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def start_up(folder: Path) -> dict[str, float]:
    """Return seconds from the start of the process to the first answer, with and without a kept index, and the memory."""
    first = _seconds_to_answer(folder)
    again = statistics.median(_seconds_to_answer(folder) for _ in range(3))
    with ours(folder):
        for question in QUESTIONS * 20:
            _ask(OUR_PORT, question)
        memory = _memory(_process_of_port())
        different = held_out()
        for question in different:
            _ask(OUR_PORT, question)
        later = _memory(_process_of_port())
    return {
        "first start, index built (s to first answer)": round(first, 2),
        "every other start (s to first answer)": round(again, 2),
        **memory,
        **{f"after {len(different)} different questions: {name}": size for name, size in later.items()},
    }


def held_out() -> list[str]:
    """Return every held-out question of all languages: a city's traffic of a week or so."""
    files = DataFiles()
    found = read_held_out(files, load_languages(files))
    return [question.text for question in (*found.entries, *found.garbage, *found.outside)]


def _seconds_to_answer(folder: Path) -> float:
    started = time.perf_counter()
    with ours(folder):
        return time.perf_counter() - started


def throughput(folder: Path, rounds: int) -> dict[str, object]:
    """Return the whole turn over HTTP, stored before it is answered, against the bare endpoint."""
    ratios, ours_rates, bare_rates, p50, p99, new = [], [], [], [], [], []
    with bare(folder), ours(folder):
        for _ in range(rounds):
            bare_rate, _, _ = _load(folder, BARE_PORT)
            rate, median, slow = _load(folder, OUR_PORT)
            new.append(_load(folder, OUR_PORT, every_one_new=True)[0] / bare_rate)
            ratios.append(rate / bare_rate)
            ours_rates.append(rate)
            bare_rates.append(bare_rate)
            p50.append(median)
            p99.append(slow)
    return {
        "turns per second": round(statistics.median(ours_rates)),
        "bare endpoint, requests per second": round(statistics.median(bare_rates)),
        "ratio to the bare endpoint": round(statistics.median(ratios), 3),
        "the same, no question asked twice": round(statistics.median(new), 3),
        f"p50 under {CONNECTIONS} connections (ms)": round(statistics.median(p50), 1),
        f"p99 under {CONNECTIONS} connections (ms)": round(statistics.median(p99), 1),
    }


def _load(folder: Path, port: int, *, every_one_new: bool = False) -> tuple[float, float, float]:
    """Return requests a second, median and 99th percentile in ms, measured by wrk on the other core.

    With `every_one_new` a number is put into each question, so that nothing is remembered from the one before.
    """
    pattern = "%d " if every_one_new else ""
    bodies = ",".join(
        json.dumps(json.dumps({"text": pattern + question}, ensure_ascii=False), ensure_ascii=False) for question in QUESTIONS
    )
    body = "string.format(bodies[n % #bodies + 1], n)" if every_one_new else "bodies[n % #bodies + 1]"
    script = folder / "load.lua"
    script.write_text(
        f"local bodies = {{{bodies}}}\nlocal n = os.time() % 100000 * 1000\nrequest = function()\n  n = n + 1\n"
        f'  return wrk.format("POST", "/api/v1/hoshimi/messages", {{["Content-Type"] = "application/json"}}, {body})\nend\n',
        encoding="utf-8",
    )
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(script), f"http://127.0.0.1:{port}"]
    printed = subprocess.check_output([*_pinned(1), *command], text=True)
    if "Non-2xx" in printed:
        raise SystemExit(f"port {port} answered with errors:\n{printed}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    found = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", printed))
    assert rate
    return float(rate[1]), _milliseconds(found["50"]), _milliseconds(found["99"])


def _milliseconds(text: str) -> float:
    number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


@contextmanager
def bare(folder: Path) -> Iterator[None]:
    """Serve the bare endpoint."""
    (folder / "bare_app.py").write_text(BARE_APP, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "bare_app:app",
        "--port",
        str(BARE_PORT),
        "--log-level",
        "warning",
        "--no-access-log",
    ]
    with served(command, BARE_PORT, {**os.environ, "PYTHONPATH": str(folder)}):
        yield


@contextmanager
def ours(folder: Path) -> Iterator[None]:
    """Serve the product, ready when its first answer has come."""
    environment = {
        **os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "VAR_DIR": str(folder / "var"),
        "TURNS_PER_MINUTE": "1000000",
    }  # fmt: skip
    with served([sys.executable, "-m", "bot", "serve", "--port", str(OUR_PORT)], OUR_PORT, environment):
        yield


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a server on core 0 until the block ends."""
    server = subprocess.Popen(
        [*_pinned(0), *command], env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        while not _ask(port, QUESTIONS[0]):
            if time.monotonic() > until or server.poll() is not None:
                raise SystemExit(f"the server on port {port} did not start: {' '.join(command)}")
            time.sleep(0.02)
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def _ask(port: int, question: str) -> bool:
    body = json.dumps({"text": question}).encode()
    url = f"http://127.0.0.1:{port}/api/v1/hoshimi/messages"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def _process_of_port() -> int:
    """Return the process that serves the product: of those with this command the one that needs most memory."""
    pids = map(int, subprocess.check_output(["pgrep", "-f", f"bot serve --port {OUR_PORT}"], text=True).split())
    return max(pids, key=lambda pid: sum(_memory(pid).values()))


def _memory(pid: int) -> dict[str, float]:
    """Return the memory of a process in MB: all of it, what it alone holds, and pages of files, which processes share."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    sizes = {name: int(size) / 1024 for name, size in re.findall(r"(VmRSS|RssAnon|RssFile):\s+(\d+)", status)}
    return {
        "memory of the process (MB)": round(sizes["VmRSS"], 1),
        "of it its own": round(sizes["RssAnon"], 1),
        "of it pages of files, shared by processes": round(sizes["RssFile"], 1),
    }


if __name__ == "__main__":
    main()
