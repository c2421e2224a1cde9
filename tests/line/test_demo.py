"""The trial page: a resident's whole talk on LINE, played in a real browser through the real webhook, without LINE."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from scripts.screenshots import FLAGS
from tests.conftest import ROOT, free_port
from tests.line.demo.trial import Trial

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """The page, the fake LINE and the product, each on a port of its own."""
    before = os.environ.get("VAR_DIR")
    os.environ["VAR_DIR"] = str(ROOT / "var" / "tests")
    with Trial(tmp_path_factory.mktemp("trial"), free_port()) as trial:
        yield trial
    os.environ.pop("VAR_DIR") if before is None else os.environ.update(VAR_DIR=before)


@pytest.fixture
def page(trial: Trial, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page on a phone, as a resident whose LINE speaks the language asked for; an error of a script fails the test."""
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("SKIPPED FOR WANT OF chromium: apt-get install chromium")
    language, number = getattr(request, "param", ("ja", 1))
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 375, "height": 820})
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://localhost:{trial.port}/?lang={language}&resident=U{number:032d}")
        page.locator("#menu img").wait_for()
        yield page
        browser.close()
    assert errors == []


def says(page: Page, text: str) -> None:
    """Type a message and send it."""
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")


def test_the_setup_gave_the_fake_line_menus_and_webhook(trial: Trial) -> None:
    """One command has done what `madoguchi line setup --webhook` does for a real channel."""
    assert len(trial.line.menus.images) == 12
    assert trial.line.menus.webhook == {"endpoint": trial.board.webhook, "active": True}


def test_a_question_is_answered_on_the_page(page: Page, trial: Trial) -> None:
    """What is typed goes through the signed webhook, and the reply with the token stands in the chat, at no cost."""
    says(page, "住民票がほしい")
    page.locator(".flex", has_text="住民票").wait_for()
    assert trial.board.counts()["used"] == 0


@pytest.mark.parametrize("page", [("en", 2)], indirect=True)
def test_a_tap_on_the_menu_and_on_quick_replies_registers_a_reminder(page: Page, trial: Trial) -> None:
    """In the language of the resident's LINE: its menu, its labels, its confirmation."""
    page.locator("[data-kind=follow]").first.dispatch_event("click")
    page.locator("#menu button[aria-label='Garbage reminders']").click()
    for label in ("I agree", "Hoshigaoka", "Day before, 19:00", "All garbage"):
        page.locator("#quick button", has_text=label).first.click()
    page.locator(".bubble", has_text="You are registered").wait_for()


@pytest.mark.parametrize("page", [("ja", 3)], indirect=True)
def test_what_line_delivers_twice_is_answered_once(page: Page, trial: Trial) -> None:
    """The button for redelivery posts the same event again."""
    says(page, "使い方")
    page.locator("#chat li:not(.mine)").first.wait_for()
    before = len(trial.line.outbox)
    page.locator("#again").dispatch_event("click")
    page.locator("#log li", has_text="redelivery").wait_for(state="attached")
    page.locator("[data-kind=sticker]").dispatch_event("click")
    page.locator("#chat li:not(.mine)").nth(1).wait_for()
    assert len(trial.line.outbox) == before + 1


@pytest.mark.parametrize("page", [("ja", 4)], indirect=True)
def test_a_message_taken_back_leaves_the_page(page: Page, trial: Trial) -> None:
    """Unsend: the words are gone from the chat, and LINE has told the product."""
    says(page, "使い方")
    page.locator("#chat li:not(.mine)").first.wait_for()
    page.locator("#unsend").dispatch_event("click")
    page.locator(".gone").wait_for()
    assert page.locator(".mine", has_text="使い方").count() == 0


def test_secrets_are_made_anew_and_lie_in_files_that_only_we_read(trial: Trial) -> None:
    """Nobody needs a secret in the repository to try it."""
    files = [trial.folder / name for name in ("channels.yaml", "line.key")]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600", "0o600"]
    assert trial.line.secret in Path(files[0]).read_text()
