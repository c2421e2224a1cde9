"""Makes the pictures of docs/screenshots from the running product: a real server, a real Chromium."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).parent.parent / "docs" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
PHONE, DESKTOP = {"width": 375, "height": 760}, {"width": 1200, "height": 800}


def main() -> None:
    """Serve, and take every picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "VAR_DIR": folder}
        server = subprocess.Popen([sys.executable, "-m", "bot", "serve", "--port", str(port)], env=environment)
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            _take_all(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def _wait(url: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=1)
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise SystemExit(f"{url} did not answer within a minute")


def _take_all(base: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, viewport, scheme, language, questions in (
            ("chat-phone-ja", PHONE, "light", "ja", ["引っ越してきたんやけど何したらええの"]),
            ("chat-phone-garbage-en", PHONE, "light", "en", ["how do I throw away a spray can?"]),
            ("chat-phone-vi", PHONE, "light", "vi", ["đăng ký cư trú khi chuyển nhà"]),
            ("chat-desktop-dark", DESKTOP, "dark", "ja", ["じゅうみんひょう", "明日のごみは？"]),
            ("chat-clarify-ja", PHONE, "light", "ja", ["マイナンバーカード"]),
            ("chat-not-found-ja", PHONE, "light", "ja", ["市長の年収は"]),
        ):
            page = browser.new_context(viewport=viewport, color_scheme=scheme, locale=language).new_page()
            page.goto(f"{base}/hoshimi/chat?lang={language}")
            for question in questions:
                _ask(page, question)
            page.screenshot(path=OUT / f"{name}.png")
        for name, path, viewport in (
            ("home-desktop-ja", "/hoshimi?lang=ja", DESKTOP), ("faq-desktop-ja", "/hoshimi/faq?lang=ja", DESKTOP),
            ("faq-search-phone-en", "/hoshimi/faq?lang=en&q=moving", PHONE), ("api-docs", "/api/docs", DESKTOP),
        ):
            page = browser.new_context(viewport=viewport).new_page()
            page.goto(base + path, wait_until="networkidle")
            page.screenshot(path=OUT / f"{name}.png")
        browser.close()


def _ask(page: Page, question: str) -> None:
    before = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn").nth(before + 1).wait_for()
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main()
