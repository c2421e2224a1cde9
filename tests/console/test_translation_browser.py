"""Machine translation in an officer's real browser: fetched into the open page, which loses nothing by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.messages import Message
from tests.browsers import real_chromium, windows_of
from tests.console.desk_trial import Hall, hall
from tests.console.test_console_browser import check_axe
from tests.console.test_translation import MARK, QUESTION, REPLY, Translating, server

__all__ = ["server"]
pytestmark = pytest.mark.browser


@pytest.fixture
def desk(tmp_path: Path, server: Translating) -> Iterator[Hall]:
    """A city hall with a translation server."""
    with hall(tmp_path, translation_url=server.url) as opened:
        yield opened


@pytest.fixture
def officer(desk: Hall) -> Iterator[Page]:
    """An officer's browser, signed in; every error of a script, or against the policy, fails the test."""
    with real_chromium() as chromium, windows_of(chromium, wait_ms=10_000) as windows:
        page = windows.open(viewport={"width": 1280, "height": 900}, bypass_csp=True)
        desk.sign_in(page, "hanako")
        yield page


def test_a_translation_comes_into_the_open_page_and_stays_over_news(desk: Hall, officer: Page) -> None:
    """What is being written stays, a new message of the resident does not take the translation away; axe finds nothing."""
    number = desk.handed_off("pt-BR", QUESTION)
    officer.goto(f"{desk.base}/console/hoshimi/tickets/{number}")
    officer.locator("#take-form button").click()
    officer.locator("#text").fill(REPLY)
    officer.locator("#talk").get_by_role("button", name="機械翻訳で読む").first.click()
    translated = officer.locator(".machine-text")
    expect(translated).to_contain_text("[pb>ja] Quero o atestado")
    expect(officer.locator("#talk .machine").first).to_contain_text(MARK)
    assert officer.locator("#text").input_value() == REPLY

    before = officer.locator("#talk .resident").count()
    desk.run(desk.app.state.handler.handle(_more(desk, number)))
    expect(officer.locator("#talk .resident")).to_have_count(before + 1)
    expect(translated).to_have_count(1)

    officer.get_by_role("checkbox", name="機械翻訳をつけて送る").check()
    officer.locator("[name=step][value=preview]").click()
    expect(officer.locator(".phone .below")).to_contain_text("[ja>pb] 土曜日")
    check_axe(officer)
    officer.locator("[name=step][value=send]").click()
    expect(officer.locator("#talk .said.staff")).to_contain_text(MARK)
    check_axe(officer)


def _more(desk: Hall, number: str) -> Message:
    return Message("hoshimi", "Obrigada!", "web", desk.ticket(number).conversation, "pt-BR")
