"""Makes the pictures of docs/screenshots from the running product: a real server, a real Chromium."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from bot.app import create_app
from bot.handoff import Officer
from bot.settings import Settings

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
        places = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "VAR_DIR": os.environ.get("VAR_DIR", folder)}
        environment = {**os.environ, **places}
        server = subprocess.Popen([sys.executable, "-m", "bot", "serve", "--port", str(port)], env=environment)
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            settings = Settings(database_url=environment["DATABASE_URL"], var_dir=Path(environment["VAR_DIR"]))
            _take_all(f"http://127.0.0.1:{port}", settings)
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


def _judge(page: Page) -> None:
    page.get_by_role("button", name="Not solved").click()
    page.locator(".why").wait_for()
    page.locator(".why").scroll_into_view_if_needed()


def _enlarge(page: Page) -> None:
    page.locator(".comfort summary").click()
    page.get_by_role("button", name="200%").click()
    page.locator(".comfort summary").click()


def _turn_round(page: Page) -> None:
    page.evaluate("document.documentElement.dir = 'rtl'")


Touch = Callable[[Page], None]
# name, window, colours, language, what is asked, what is done before the picture
CHATS: tuple[tuple[str, dict[str, int], Literal["light", "dark"], str, tuple[str, ...], Touch | None], ...] = (
    ("chat-phone-start-ja", PHONE, "light", "ja", (), None),
    ("chat-phone-ja", PHONE, "light", "ja", ("引っ越してきたんやけど何したらええの",), None),
    ("chat-phone-garbage-en", PHONE, "light", "en", ("how do I throw away a spray can?",), None),
    ("chat-phone-vi", PHONE, "light", "vi", ("đăng ký cư trú khi chuyển nhà",), None),
    ("chat-phone-zh-hans", PHONE, "light", "zh-Hans", ("entry:moving-in",), None),
    ("chat-phone-ko", PHONE, "light", "ko", ("entry:moving-in",), None),
    ("chat-phone-furigana", PHONE, "light", "ja-easy", ("entry:moving-in",), None),
    ("chat-phone-emergency", PHONE, "light", "ja", ("死にたい",), None),
    ("chat-phone-rtl", PHONE, "light", "en", ("garbage collection days",), _turn_round),
    ("chat-zoomed", {"width": 320, "height": 256}, "light", "ja", ("entry:moving-in",), None),
    ("chat-phone-200-percent", PHONE, "light", "en", ("entry:moving-in",), _enlarge),
    ("chat-phone-not-solved", PHONE, "light", "en", ("entry:moving-in",), _judge),
    ("chat-desktop-dark", DESKTOP, "dark", "ja", ("じゅうみんひょう", "明日のごみは？"), None),
    ("chat-clarify-ja", PHONE, "light", "ja", ("マイナンバーカード",), None),
    ("chat-not-found-ja", PHONE, "light", "ja", ("市長の年収は",), None),
)


def _take_all(base: str, settings: Settings) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, viewport, scheme, language, questions, touch in CHATS:
            page = browser.new_context(viewport=viewport, color_scheme=scheme, locale=language, bypass_csp=True).new_page()  # type: ignore[arg-type]
            page.goto(f"{base}/hoshimi/chat?lang={language}")
            for question in questions:
                _ask(page, _words(base, question, language))
            if touch:
                touch(page)
            page.wait_for_timeout(600)
            page.screenshot(path=OUT / f"{name}.png")
            page.context.close()
        _take_staff(browser, base, settings)
        for name, path, viewport in (
            ("home-desktop-ja", "/hoshimi?lang=ja", DESKTOP), ("faq-desktop-ja", "/hoshimi/faq?lang=ja", DESKTOP),
            ("faq-search-phone-en", "/hoshimi/faq?lang=en&q=moving", PHONE), ("api-docs", "/api/docs", DESKTOP),
        ):
            page = browser.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]
            page.goto(base + path, wait_until="networkidle")
            page.screenshot(path=OUT / f"{name}.png")
        browser.close()


def _words(base: str, question: str, language: str) -> str:
    """Return the question, of an `entry:…` the published one."""
    if not question.startswith("entry:"):
        return question
    address = f"{base}/api/v1/hoshimi/entries/{question.removeprefix('entry:')}?language={language}"
    with urllib.request.urlopen(address, timeout=5) as found:
        return str(json.load(found)["question"])


def _take_staff(browser: Browser, base: str, settings: Settings) -> None:
    """Take a talk that staff hold: an officer answers at the same desk, beside the server."""
    page = browser.new_context(viewport=PHONE, locale="ja").new_page()  # type: ignore[arg-type]
    page.goto(f"{base}/hoshimi/chat?lang=ja")
    _ask(page, "say:person")
    page.locator(".turn").last.locator(".choices button").first.click()
    page.locator(".desk").wait_for()
    number = page.evaluate("JSON.parse(localStorage.getItem('madoguchi:hoshimi')).turns.at(-1).reply.ticket")
    with ThreadPoolExecutor(1) as aside:  # Playwright keeps an event loop in this thread
        aside.submit(asyncio.run, _answer_as_staff(settings, number)).result()
    page.reload()
    page.locator(".turn.staff").last.wait_for()
    page.wait_for_timeout(600)
    page.screenshot(path=OUT / "chat-phone-staff.png")


async def _answer_as_staff(settings: Settings, number: str) -> None:
    desk, officer = create_app(settings, ["hoshimi"]).state.handler.desk, Officer("officer-1", "見本 花子")
    taken = await desk.take("hoshimi", number, officer, (await desk.ticket("hoshimi", number)).version)
    await desk.reply("hoshimi", number, officer, "市民課です。窓口は8時30分から開いています。", taken.version)


def _ask(page: Page, question: str) -> None:
    before = page.locator(".turn:not(.mine)").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn:not(.mine)").nth(before).wait_for()
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main()
