"""A city puts the widget on its website: the button stands on every page, whatever that page does, and opens the chat."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import free_port
from tests.connectors.conftest import PHONE
from tests.connectors.widget.conftest import DESKTOP, Visit, ask_in, chat, open_panel
from tests.connectors.widget.hosting import website

pytestmark = pytest.mark.browser


def test_the_button_opens_the_chat_of_the_city(visit: Visit) -> None:
    """The frame has a real address, a title and a language; the resident asks in it and is answered."""
    page = visit("plain")
    open_panel(page)
    ask_in(page, "住民票がほしい")

    frame = page.locator("madoguchi-widget iframe")
    assert "/hoshimi/chat?lang=ja&frame=1" in str(frame.get_attribute("src"))
    assert frame.get_attribute("title")
    assert frame.get_attribute("lang") == "ja"
    assert len(chat(page).locator(".turn:not(.mine) .block").last.inner_text()) > 5


@pytest.mark.parametrize("name", ["strict", "strict-old"])
def test_a_strict_policy_of_the_host_is_enough(visit: Visit, name: str) -> None:
    """A nonce and trusted types: nothing inline is needed, and the button looks as it should, in older browsers too."""
    page = visit(name)
    open_panel(page)

    assert page.locator("madoguchi-widget").evaluate("one => getComputedStyle(one).position") == "fixed"
    assert page.locator("madoguchi-widget .open").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(31, 78, 121)"
    assert [line for line in visit.said if "Content Security Policy" in line or "Trusted" in line] == []


def test_styles_and_old_libraries_of_the_host_do_no_harm(visit: Visit) -> None:
    """A page that resets everything and replaces natives still has a button in its corner, which opens the chat."""
    page = visit("hostile")
    open_panel(page)
    button = page.locator("madoguchi-widget .open")
    box = button.bounding_box()

    assert box
    assert box["x"] + box["width"] > DESKTOP["width"] - 40
    assert box["y"] + box["height"] > DESKTOP["height"] - 40
    assert button.evaluate("one => getComputedStyle(one).color") == "rgb(255, 255, 255)"
    expect(page.locator("madoguchi-widget dialog")).to_be_visible()


def test_a_page_from_right_to_left_has_the_button_at_its_end(visit: Visit) -> None:
    """The end of a line is on the left there, also while the words of the button are English."""
    page = visit("rtl")
    open_panel(page)
    for part in (".open", "dialog"):
        box = page.locator(f"madoguchi-widget {part}").bounding_box()
        assert box
        assert 0 <= box["x"] < 40


def test_a_small_phone_shows_all_of_it(visit: Visit) -> None:
    """320 pixels: the button fits, the page does not become wider, the open panel fills the screen."""
    page = visit("plain", viewport={"width": 320, "height": 480})
    box = page.locator("madoguchi-widget .open").bounding_box()

    assert box
    assert box["x"] >= 0
    assert min(box["width"], box["height"]) >= 44
    open_panel(page)
    assert page.locator("madoguchi-widget dialog").bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 480}
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_included_twice_it_stands_there_once(visit: Visit) -> None:
    """The second script does nothing, and the page has one more name."""
    page = visit("twice")
    page.wait_for_load_state("networkidle")

    assert page.locator("madoguchi-widget").count() == 1
    assert page.evaluate("Object.keys(window).filter((name) => /madoguchi/i.test(name))") == ["Madoguchi"]


def test_a_changed_loader_does_not_run_and_the_link_remains(visit: Visit) -> None:
    """The browser refuses a program with another digest; the link leads to the questions."""
    page = visit("spoiled")
    page.wait_for_load_state("networkidle")

    assert page.locator("madoguchi-widget").count() == 0
    page.get_by_role("link", name="質問する").click()
    page.wait_for_url("**/hoshimi/faq?lang=ja")


def test_without_javascript_the_link_leads_to_the_questions(visit: Visit) -> None:
    """What the city puts on its page is a real link."""
    page = visit("plain", java_script_enabled=False)
    page.get_by_role("link", name="質問する").click()

    page.wait_for_url("**/hoshimi/faq?lang=ja")
    expect(page.locator("main .questions a").first).to_be_visible()


def test_with_javascript_the_same_link_opens_the_panel(visit: Visit) -> None:
    """The resident stays on the city's page."""
    page = visit("plain")
    page.locator("madoguchi-widget .open").wait_for()
    page.locator("#link").click()

    expect(chat(page).locator("#question")).to_be_visible()
    assert page.url.endswith("/plain.html")


def test_a_page_that_changes_its_body_keeps_the_button(visit: Visit) -> None:
    """Navigation without a load: the button stays, and so does the talk."""
    page = visit("spa")
    open_panel(page)
    ask_in(page, "住民票がほしい")
    page.evaluate("document.body.replaceChildren(document.createElement('main'))")
    expect(page.locator("madoguchi-widget .open")).to_be_visible()
    page.evaluate("document.documentElement.replaceChild(document.createElement('body'), document.body)")
    expect(page.locator("madoguchi-widget .open")).to_be_visible()
    page.evaluate("history.pushState({}, '', '/other')")
    open_panel(page)

    expect(chat(page).locator(".mine .bubble")).to_have_text("住民票がほしい")


def test_the_talk_goes_on_with_the_next_page(visit: Visit) -> None:
    """A resident asks, follows a link of the website, opens the panel there and reads on; nothing opens by itself."""
    page = visit("plain")
    open_panel(page)
    ask_in(page, "住民票がほしい")
    page.goto(visit.site.page("spa"))
    page.locator("madoguchi-widget .open").wait_for()

    expect(page.locator("madoguchi-widget dialog")).to_be_hidden()
    open_panel(page)
    expect(chat(page).locator(".mine .bubble")).to_have_text("住民票がほしい")


def test_the_city_takes_the_widget_away(visit: Visit) -> None:
    """`Madoguchi.remove()` leaves the page as it was, also while the panel is open."""
    page = visit("plain", viewport=PHONE)
    open_panel(page)
    page.evaluate("Madoguchi.remove()")

    assert page.locator("madoguchi-widget").count() == 0
    assert page.evaluate("typeof Madoguchi") == "undefined"
    page.locator("#first").click()
    expect(page.locator("#first")).to_be_focused()


def test_an_unregistered_website_cannot_show_the_chat(visit: Visit) -> None:
    """The browser refuses the frame, and the panel offers a link instead."""
    hurry = "window.setTimeout = ((original) => (work, ms) => original(work, ms / 20))(window.setTimeout)"
    with website(free_port()) as stranger:
        stranger.filled = visit.site.filled
        page = visit("plain", script=hurry)
        page.goto(stranger.page("plain"))
        page.locator("madoguchi-widget .open").click()

        link = page.locator("madoguchi-widget .wait a")
        expect(page.locator("madoguchi-widget .wait p")).to_contain_text("表示できません")
        expect(link).to_be_visible()
        assert str(link.get_attribute("href")).endswith("/hoshimi/chat?lang=ja")
    assert any("frame-ancestors" in line for line in visit.said)


def test_blocked_storage_leaves_a_chat_for_the_life_of_the_page(visit: Visit) -> None:
    """A browser that lets a frame of another site keep nothing (this one does so in private windows): a question is answered."""
    page = visit("plain")
    page.goto(visit.site.page("plain").replace("127.0.0.1", "localhost"))
    open_panel(page)
    ask_in(page, "住民票がほしい")
    frame = next(frame for frame in page.frames if "/chat" in frame.url)

    assert frame.evaluate("() => { try { return localStorage.length } catch (error) { return error.name } }") == "SecurityError"
    assert len(chat(page).locator(".turn:not(.mine) .block").last.inner_text()) > 5


def test_the_page_on_how_to_get_a_reply_stays_in_the_frame(visit: Visit) -> None:
    """It needs what the frame keeps: on a website of others it makes the link, and leads back into the same talk."""
    page = visit("plain")
    open_panel(page)
    ask_in(page, "人と話したい")
    chat(page).get_by_role("button", name="市民課に聞く").click()
    chat(page).get_by_role("link", name="返信の受け取り方").click()
    chat(page).get_by_role("button", name="戻るためのリンクを作る").click()
    expect(chat(page).locator("#made input")).to_have_value(re.compile("/hoshimi/return/"))
    chat(page).get_by_role("link", name="会話に戻る").click()

    expect(chat(page).locator(".desk")).to_contain_text("待っています")
    expect(chat(page).locator(".bar").get_by_role("button", name="閉じる")).to_be_visible()


def test_the_page_on_how_to_get_a_reply_can_be_closed(visit: Visit) -> None:
    """On a phone the panel fills the screen: the way out is there on this page, too."""
    page = visit("plain")
    open_panel(page)
    ask_in(page, "人と話したい")
    chat(page).get_by_role("button", name="市民課に聞く").click()
    chat(page).get_by_role("link", name="返信の受け取り方").click()
    chat(page).get_by_role("button", name="閉じる").click()

    expect(page.locator("madoguchi-widget dialog")).to_be_hidden()


def test_a_source_opens_beside_the_website(visit: Visit) -> None:
    """Other websites refuse to be framed: the source of an answer opens in a window of its own, and the talk stays."""
    page = visit("plain")
    open_panel(page)
    ask_in(page, "entry:juminhyo-copy")
    source = chat(page).locator("a.card").last

    assert source.get_attribute("target") == "_blank"
    with page.context.expect_page() as opened:
        source.click()
    opened.value.close()
    expect(chat(page).locator(".turn.mine")).to_have_count(1)
