"""Real browsers for tests: Debian's Chromium, and windows in which no error of a script goes unnoticed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.screenshots import FLAGS


@contextmanager
def real_chromium() -> Iterator[Browser]:
    """A real Chromium; where there is none the test is skipped and says so."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("SKIPPED FOR WANT OF chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Windows:
    """Windows of one browser, each with storage of its own; every error of a script, or against the policy, is noted."""

    def __init__(self, browser: Browser, wait_ms: int = 8000) -> None:
        self.browser, self.wait_ms = browser, wait_ms
        self.errors: list[str] = []

    def open(self, **options: object) -> Page:
        """Open an empty window; `options` are those of a browser context."""
        page = self.browser.new_context(**{"locale": "ja-JP", **options}).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(self.wait_ms)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if "Content Security Policy" in line.text else None)
        return page


@contextmanager
def windows_of(browser: Browser, wait_ms: int = 8000) -> Iterator[Windows]:
    """Windows that are closed in the end; an error in one of them fails the test."""
    windows, before = Windows(browser, wait_ms), set(browser.contexts)
    yield windows
    for context in [context for context in browser.contexts if context not in before]:
        context.close()
    assert windows.errors == []
