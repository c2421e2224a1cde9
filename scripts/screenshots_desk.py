"""Makes the pictures docs/screenshots/desk-*.png: a resident's phone and an officer's screen, through a whole hand-off."""

import sys
import tempfile
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from scripts.screenshots import FLAGS, OUT  # noqa: E402
from tests.console.desk_trial import Hall, hall  # noqa: E402

PHONE, DESKTOP = {"width": 375, "height": 760}, {"width": 1280, "height": 900}
# What waits in the inbox beside the talks that are shown.
OTHERS = (
    ("ja", "粗大ごみの申し込みをまちがえました", "environment"), ("en", "How do I register my dog?", "environment"),
    ("vi", "Tôi muốn lấy giấy chứng nhận cư trú", "residents"), ("ja-easy", "住民票が ほしいです", "residents"),
)  # fmt: skip
# language, what nobody can answer, what the resident adds, what the officer replies
TALKS = (
    ("ja", "市長の年収は", "土曜日でも手続きできますか", "市民課です。土曜日はお休みです。平日の8時30分からお越しください。"),
    ("pt-BR", "Qual é o salário do prefeito?", "Posso ir no sábado?", "Aos sábados estamos fechados. Venha de segunda a sexta."),
)


def main() -> None:
    """Open the city hall, and take every picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, hall(Path(folder)) as desk, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language, question, department in OTHERS:
            desk.handed_off(language, question, department)
        desk.clock.forward(minutes=35)
        for talk in TALKS:
            _talk(browser, desk, *talk)
        _rooms(browser, desk)
        browser.close()


def _talk(browser: Browser, desk: Hall, language: str, question: str, words: str, reply: str) -> None:
    """Go through a hand-off, from the question that nobody answers to the bot again."""
    phone = _open(browser, desk, f"/hoshimi/chat?lang={language}", PHONE)
    for _ in range(2):
        _ask(phone, question)
    _choose(phone, desk, language, "choice.person")
    phone.locator(".turn").last.locator(".choices button").first.click()
    phone.locator(".desk").wait_for()
    _take_picture(phone, f"desk-phone-waiting-{language}")
    inbox = _open(browser, desk, "/console/hoshimi/inbox", DESKTOP, "hanako")
    if language == "ja":
        _take_picture(inbox, "desk-inbox-ja")
    inbox.locator("tr.waiting a", has_text=question).last.click()
    inbox.wait_for_url("**/tickets/*")
    _take_picture(inbox, f"desk-ticket-waiting-{language}")
    _press(inbox, "対応する")
    phone.locator("#question").fill(words)
    phone.keyboard.press("Enter")
    inbox.locator(".talk .resident", has_text=words).wait_for()
    inbox.locator("#text").fill(reply)
    _press(inbox, "見え方を確かめる")
    _take_picture(inbox, f"desk-ticket-preview-{language}")
    _press(inbox, "送信する")
    phone.locator(".turn.staff").wait_for()
    _take_picture(phone, f"desk-phone-staff-{language}")
    inbox.locator("#note").fill("窓口の時間を伝えました。")
    _press(inbox, "メモを残す")
    _take_picture(inbox, f"desk-ticket-replied-{language}", whole=True)
    if language == "ja":
        _conflict(browser, desk, inbox)
    inbox.get_by_text("対応を終える").first.click()
    _press(inbox, "対応を終える")
    phone.locator(".desk").wait_for(state="hidden")
    _take_picture(phone, f"desk-phone-closed-{language}")


def _conflict(browser: Browser, desk: Hall, inbox: Page) -> None:
    """Have a colleague send at the same time, and a phone look at the ticket."""
    path = inbox.url.removeprefix(desk.base).split("?")[0]
    second = _open(browser, desk, path, DESKTOP, "taro")
    second.locator("#text").fill("土曜日は開いていません。")
    inbox.locator("#text").fill("来週の月曜日は祝日でお休みです。")
    _press(inbox, "送信する")
    second.locator("#newer").wait_for()
    _press(second, "送信する")
    _take_picture(second, "desk-conflict")
    _take_picture(_open(browser, desk, path, PHONE, "chief"), "desk-ticket-phone")


def _rooms(browser: Browser, desk: Hall) -> None:
    for name, path, scheme in (
        ("desk-hours", "hours", "light"), ("desk-canned", "canned", "light"), ("desk-inbox-dark", "inbox", "dark"),
    ):
        page = _open(browser, desk, f"/console/hoshimi/{path}", DESKTOP, "chief", "dark" if scheme == "dark" else "light")
        _take_picture(page, name)
    page = _open(browser, desk, "/console/hoshimi/inbox", PHONE, "chief")
    _take_picture(page, "desk-inbox-phone")
    page.goto(f"{desk.base}/console/hoshimi/inbox?lang=en")
    page.set_viewport_size(DESKTOP)
    _take_picture(page, "desk-inbox-en")


def _open(
    browser: Browser, desk: Hall, path: str, viewport: dict[str, int], login: str = "", scheme: Literal["light", "dark"] = "light"
) -> Page:
    page = browser.new_context(viewport=viewport, locale="ja-JP", color_scheme=scheme).new_page()  # type: ignore[arg-type]
    if login:
        desk.sign_in(page, login)
    page.goto(desk.base + path)
    return page


def _ask(page: Page, text: str) -> None:
    before = page.locator(".turn:not(.mine)").count()
    page.locator("#question").fill(text)
    page.keyboard.press("Enter")
    page.locator(".turn:not(.mine)").nth(before).wait_for()


def _choose(page: Page, desk: Hall, language: str, key: str) -> None:
    before = page.locator(".turn:not(.mine)").count()
    label = desk.app.state.handler.service.texts.say(key, language)
    page.get_by_role("button", name=label, exact=True).last.click()
    page.locator(".turn:not(.mine)").nth(before).wait_for()


def _press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def _take_picture(page: Page, name: str, *, whole: bool = False) -> None:
    page.wait_for_timeout(700)
    page.screenshot(path=OUT / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
