"""Makes the pictures docs/screenshots/line-*.png from the trial page: the real product, the fake LINE, a real Chromium."""

import socket
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from scripts.screenshots import FLAGS, OUT  # noqa: E402
from tests.line.demo.trial import Trial  # noqa: E402


def main() -> None:
    """Serve, and take every picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, Trial(Path(folder), port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = _opened(browser, port, 1, "ja", {"width": 900, "height": 860})
        _ask(page, "住民票がほしい")
        page.screenshot(path=OUT / "line-trial-desktop-ja.png")
        _reminders(_opened(browser, port, 2, "en"), "Garbage reminders", "line-reminders-en.png")
        for number, language, question in ((3, "vi", "đăng ký cư trú khi chuyển nhà"), (4, "ne", "फोहोर कहिले उठाउँछ")):
            page = _opened(browser, port, number, language)
            _ask(page, question)
            _phone(page).screenshot(path=OUT / f"line-answer-{language}.png")
        browser.close()


def _opened(browser: Browser, port: int, number: int, language: str, viewport: dict[str, int] | None = None) -> Page:
    """Open the page as a new resident whose LINE speaks a language, and become a friend."""
    page = browser.new_context(viewport=viewport or {"width": 375, "height": 820}).new_page()  # type: ignore[arg-type]
    page.goto(f"http://localhost:{port}/?lang={language}&resident=U{number:032d}")
    page.locator("#language").wait_for()
    with _answered(page):
        page.locator("[data-kind=follow]").first.dispatch_event("click")
    page.locator("#menu img").wait_for()
    page.wait_for_timeout(1500)  # the menu of the resident's language follows the greeting
    return page


class _answered:  # noqa: N801 - reads as a verb
    """Waits until one more message of the city stands in the chat."""

    def __init__(self, page: Page) -> None:
        self.messages = page.locator("#chat li:not(.mine):not(.event)")

    def __enter__(self) -> None:
        self.before = self.messages.count()

    def __exit__(self, *failed: object) -> None:
        if failed[0] is None:
            self.messages.nth(self.before).wait_for()


def _ask(page: Page, text: str) -> None:
    with _answered(page):
        page.locator("#text").fill(text)
        page.keyboard.press("Enter")
    page.wait_for_timeout(600)


def _reminders(page: Page, label: str, picture: str) -> None:
    """Register for reminders: agree, the first district, the evening before, all garbage."""
    with _answered(page):
        page.locator(f"#menu button[aria-label='{label}']").click()
    for _ in range(4):
        with _answered(page):
            page.locator("#quick button").first.click()
        page.wait_for_timeout(600)
    _phone(page).screenshot(path=OUT / picture)


def _phone(page: Page) -> Page:
    """Return the page scrolled so that only the phone is in sight."""
    page.evaluate("scrollTo(0, 0)")
    return page


if __name__ == "__main__":
    main()
