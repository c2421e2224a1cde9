"""Typing in a real browser: by keyboard alone, with an input method, and with questions offered on the way."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.connectors.conftest import Open, Server, ask, replying

pytestmark = pytest.mark.browser
SUGGEST = "**/api/v1/hoshimi/suggest?*"


def focused(page: Page) -> str:
    """Return what has the focus: its id, or the class of what it stands in."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.parentElement.className"))


def tab_to(page: Page, wanted: str, key: str = "Tab") -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(40):
        page.keyboard.press(key)
        if focused(page) == wanted:
            return
    raise AssertionError(f"{key} never came to {wanted}")


def test_the_whole_way_goes_by_keyboard(open_page: Open) -> None:
    """To the input, a question, back to a choice, its answer, and on to the next question, without a mouse."""
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    tab_to(page, "question")
    page.keyboard.type("ごみの収集日")
    with replying(page):
        page.keyboard.press("Enter")
    tab_to(page, "choices", "Shift+Tab")
    with replying(page):
        page.keyboard.press("Enter")
    tab_to(page, "question")
    page.keyboard.type("こんにちは")
    with replying(page):
        page.keyboard.press("Enter")

    assert page.locator(".mine").count() == 3
    assert focused(page) == "question"


def test_shift_and_enter_begin_a_new_line(open_page: Open) -> None:
    """A longer question can have lines."""
    page = open_page()
    page.locator("#question").focus()
    page.keyboard.type("こんにちは")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("ありがとう")

    expect(page.locator("#question")).to_have_value("こんにちは\nありがとう")
    assert page.locator(".mine").count() == 0


@pytest.mark.parametrize("init", [{"isComposing": True}, {"keyCode": 229}])
def test_enter_that_ends_a_conversion_does_not_send(open_page: Open, init: dict[str, object]) -> None:
    """Chrome says that it composes, Safari says 229: both mean the word, not the message (W-09)."""
    page = open_page()
    page.locator("#question").fill("じゅうみんひょう")
    event = {"key": "Enter", "bubbles": True, "cancelable": True, **init}
    press = "(one, init) => one.dispatchEvent(new KeyboardEvent('keydown', init))"
    let_through = page.locator("#question").evaluate(press, event)
    page.wait_for_timeout(300)

    assert let_through is True
    assert page.locator(".mine").count() == 0
    with replying(page):
        page.keyboard.press("Enter")


def test_a_real_conversion_is_not_disturbed(open_page: Open) -> None:
    """While the input method composes, Enter and the arrows are its own, and nothing is offered over its window."""
    page = open_page()
    page.locator("#question").focus()
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "ひっこし", "selectionStart": 4, "selectionEnd": 4})
    page.wait_for_timeout(400)
    method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229})
    offered = page.get_by_role("listbox").count()
    method.send("Input.insertText", {"text": "引っ越し"})
    page.get_by_role("listbox").wait_for()

    assert offered == 0
    assert page.locator(".mine").count() == 0
    expect(page.locator("#question")).to_have_value("引っ越し")


def offering(page: Page, text: str) -> None:
    """Type, and wait until questions are offered."""
    page.locator("#question").focus()
    page.keyboard.type(text)
    page.get_by_role("listbox").wait_for()


def test_an_offered_question_is_asked_by_keyboard(open_page: Open) -> None:
    """Down and Up move through the questions and back to the input, Enter asks the marked one; it is an exact answer."""
    page = open_page()
    offering(page, "ひっこし")
    question = page.get_by_role("combobox")
    options = page.get_by_role("listbox").get_by_role("option")
    texts = options.all_inner_texts()
    assert (question.get_attribute("aria-expanded"), question.get_attribute("aria-controls")) == ("true", "suggestions")
    assert question.get_attribute("aria-activedescendant") is None

    for key, marked in (("ArrowDown", 0), ("ArrowUp", None), ("ArrowUp", len(texts) - 1), ("ArrowDown", None), ("ArrowDown", 0)):
        page.keyboard.press(key)
        assert question.get_attribute("aria-activedescendant") == (None if marked is None else f"suggestion-{marked}")
        assert [option.get_attribute("aria-selected") for option in options.all()].count("true") == (marked is not None)
    with replying(page):
        page.keyboard.press("Enter")

    expect(page.locator(".mine .bubble")).to_have_text(texts[0])
    expect(page.locator(".turn").last.locator("dl")).to_contain_text("内容の確認日")
    expect(question).to_have_attribute("aria-expanded", "false")
    expect(question).to_have_value("")


def test_an_offered_question_is_asked_by_a_tap(open_page: Open) -> None:
    """The focus stays in the input, as after typing."""
    page = open_page(has_touch=True)
    offering(page, "ひっこし")
    text = page.get_by_role("option").nth(1).inner_text()
    with replying(page):
        page.get_by_role("option").nth(1).tap()

    expect(page.locator(".mine .bubble")).to_have_text(text)
    assert focused(page) == "question"


def test_escape_and_leaving_close_what_is_offered(open_page: Open) -> None:
    """The text stays as it is, and Enter then asks the text."""
    page = open_page()
    offering(page, "ひっこし")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.type("し")
    page.get_by_role("listbox").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.locator("#question").focus()
    with replying(page):
        page.keyboard.press("Enter")

    expect(page.locator(".mine .bubble")).to_have_text("ひっこしし")


def test_typing_on_without_a_pause_looks_once(open_page: Open) -> None:
    """Questions are looked for 150 ms or more after the last keystroke, however long one types before that."""
    page, looked = open_page(), list[str]()
    page.clock.install()
    page.goto(page.url)
    page.locator("#question").focus()
    page.on("request", lambda request: looked.append(request.url) if "/suggest?" in request.url else None)
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    for letter in "ひっこしのてつづき":
        page.keyboard.insert_text(letter)
        page.clock.run_for(140)
    assert looked == []
    with page.expect_request(SUGGEST):
        page.clock.run_for(100)
    page.get_by_role("listbox").wait_for()

    assert len(looked) == 1


def test_what_arrives_after_the_message_was_sent_is_not_offered(open_page: Open) -> None:
    """A slow search does not open a list over the answer."""
    page = open_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(SUGGEST, hold)
    page.locator("#question").focus()
    with page.expect_request(SUGGEST):
        page.keyboard.type("ひっこし")
    with replying(page):
        page.keyboard.press("Enter")
    with suppress(Error):  # the page does not wait for it any more
        held[0].fulfill(json=[{"label": "too late", "value": "entry:moving-in"}])
    page.wait_for_timeout(200)

    assert len(held) == 1
    expect(page.get_by_role("listbox")).to_have_count(0)


@pytest.mark.parametrize("text", ["あ", "123456789018"])
def test_a_letter_or_a_personal_number_is_not_looked_for(open_page: Open, text: str) -> None:
    """Nothing personal leaves the browser while it is being typed."""
    page = open_page()
    looked: list[str] = []
    page.on("request", lambda request: looked.append(request.url) if "/api/" in request.url else None)
    page.locator("#question").focus()
    page.keyboard.insert_text(text)
    page.wait_for_timeout(500)

    assert looked == []


def test_a_city_can_switch_the_offers_off(open_page: Open, server: Server) -> None:
    """With `data-suggest="off"` the input is a plain one."""
    page = open_page("/hoshimi?lang=ja")

    def switch_off(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace('id="chat"', 'id="chat" data-suggest="off"'))

    page.route("**/hoshimi/chat?*", switch_off)
    looked: list[str] = []
    page.on("request", lambda request: looked.append(request.url) if "/api/" in request.url else None)
    page.goto(f"{server.base}/hoshimi/chat?lang=ja")
    page.locator("#question").focus()
    page.keyboard.type("ひっこし")
    page.wait_for_timeout(500)

    assert looked == []
    assert page.get_by_role("combobox").count() == 0
    ask(page, "こんにちは")
