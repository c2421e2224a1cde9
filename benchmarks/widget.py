"""What the widget weighs, and how soon a resident with a slow phone reads the first answer, in a real Chromium."""

import argparse
import gzip
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright
from rich.console import Console

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
PHONE = {"width": 375, "height": 667}
# "Slow 4G" of Chromium's own tools: 1.6 Mbit/s down, 750 kbit/s up, 150 ms; and a quarter of this machine's processor.
SLOW_4G = {"offline": False, "downloadThroughput": 1.6e6 / 8 * 0.9, "uploadThroughput": 750e3 / 8 * 0.9, "latency": 150 * 3.75}
CPU_SLOWER = 4
QUESTION = "住民票がほしい"
out = Console(highlight=False)


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each way to the first answer is walked")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--base", help="measure this address, such as the proxy in front (HTTP/2), not a server of its own")
    arguments = parser.parse_args()
    with served(arguments.base) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        figures = {**weights(browser, base), **times(browser, base, arguments.rounds)}
        browser.close()
    for name, value in figures.items():
        out.print(f"{name:60} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


@contextmanager
def served(base: str | None) -> Iterator[str]:
    """Serve the demo city on a private port, unless there is an address that serves it already."""
    if base:
        yield base.rstrip("/")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {"VAR_DIR": folder, **os.environ, "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
        command = [sys.executable, "-m", "bot", "serve", "--port", str(port), "--city", "hoshimi"]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield ready(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def ready(base: str) -> str:
    """Return the address once questions can be answered."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=2)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return base
    raise SystemExit(f"{base} did not answer within two minutes")


def weights(browser: Browser, base: str) -> dict[str, float]:
    """Return the sizes of the loader and of all that the chat loads until it can be typed into, in KB (1,000 bytes) of gzip."""
    page = browser.new_page(viewport=PHONE, locale="ja-JP", ignore_https_errors=True)
    bodies: dict[str, bytes] = {}
    page.on("requestfinished", lambda request: bodies.update(body_of(request)))
    page.goto(f"{base}/hoshimi/chat?lang=ja&frame=1", wait_until="networkidle")
    page.locator("#question").wait_for()
    loader = page.request.get(f"{base}/embed/v1/madoguchi.js").body()
    page.close()
    programs = [body for url, body in bodies.items() if url.endswith((".js", ".css"))]
    return {
        "loader, KB gzip (at most 15)": packed(loader),
        "chat, scripts and styles, KB gzip": packed(*programs),
        "chat, everything, KB gzip (at most 60)": packed(*bodies.values()),
        "chat, files": len(bodies),
    }


def body_of(request: Request) -> dict[str, bytes]:
    """Return what a request brought, by its address."""
    response = request.response()
    return {request.url: response.body()} if response and response.status == 200 else {}


def packed(*bodies: bytes) -> float:
    """Return the size of files that are each packed by gzip, in KB."""
    return round(sum(len(gzip.compress(body, 6)) for body in bodies) / 1000, 1)


def times(browser: Browser, base: str, rounds: int) -> dict[str, float]:
    """Return the median seconds from the tap or the address to the first answer that can be read, on a slow phone."""
    direct = [first_answer(browser, base, f"/hoshimi/chat?lang=ja&q={QUESTION}") for _ in range(rounds)]
    panel = [widget_ready(browser, base) for _ in range(rounds)]
    return {
        "seconds from a link with a question to its answer (at most 3)": round(statistics.median(direct), 2),
        "seconds from the tap on the button to a chat to type into": round(statistics.median(one for one, _ in panel), 2),
        "seconds from sending to the answer": round(statistics.median(other for _, other in panel), 2),
    }


def slow_phone(browser: Browser) -> Page:
    """Return a page of a fresh browser on a slow network with a slow processor."""
    page = browser.new_context(viewport=PHONE, locale="ja-JP", has_touch=True, ignore_https_errors=True).new_page()
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", SLOW_4G)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return page


def first_answer(browser: Browser, base: str, path: str) -> float:
    """Return the seconds from the address to the answer."""
    page, started = slow_phone(browser), time.monotonic()
    page.goto(base + path, wait_until="commit")
    page.locator(".turn:not(.mine) dl").first.wait_for()
    taken = time.monotonic() - started
    page.context.close()
    return taken


def widget_ready(browser: Browser, base: str) -> tuple[float, float]:
    """Return the seconds from the tap on a page's button to the input, and from sending to the answer."""
    page = slow_phone(browser)
    page.goto(f"{base}/hoshimi?lang=ja", wait_until="load")
    page.locator("madoguchi-widget .open").wait_for()
    chat, started = page.frame_locator("madoguchi-widget iframe"), time.monotonic()
    page.locator("madoguchi-widget .open").tap()
    chat.locator("#question").wait_for()
    opened = time.monotonic()
    chat.locator("#question").fill(QUESTION)
    chat.locator("#question").press("Enter")
    chat.locator(".turn:not(.mine) dl").first.wait_for()
    answered = time.monotonic()
    page.context.close()
    return opened - started, answered - opened


if __name__ == "__main__":
    main()
