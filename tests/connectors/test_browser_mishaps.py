"""What goes wrong in the middle of a talk: spoiled storage, a talk erased elsewhere, an erasure that does not get through."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.connectors.conftest import Open, Server, ask, conversation

pytestmark = pytest.mark.browser
SPOILED = [
    "{", "null", "[]", '{"at": 9e15, "turns": 5}', '{"at": 9e15, "turns": [{"x": 1}, null]}',
    '{"at": 9e15, "turns": [{"turn": "a", "reply": {}}]}', '{"at": 9e15, "turns": [{"turn": "a", "reply": {"blocks": [null]}}]}',
    '{"at": 9e15, "conversation": {}, "language": "xx", "turns": null}',
]  # fmt: skip


@pytest.mark.parametrize("kept", SPOILED)
def test_whatever_the_browser_kept_the_chat_begins(open_page: Open, kept: str) -> None:
    """What an older version or another program left is no talk: it is passed over, and a question is answered."""
    page = open_page("/hoshimi/faq?lang=ja")
    page.evaluate("text => localStorage.setItem('madoguchi:hoshimi', text)", kept)
    page.goto(page.url.replace("/faq", "/chat"))
    ask(page, "こんにちは")

    expect(page.locator(".turn.mine")).to_have_count(1)


def test_a_talk_erased_elsewhere_goes_from_this_window_too(open_page: Open, server: Server) -> None:
    """Erased on another device, it leaves page and storage at once, and the page says so; the next question begins anew."""
    page = open_page()
    ask(page, "こんにちは")
    erased = conversation(page)
    page.wait_for_timeout(500)  # until the page follows its talk
    httpx.delete(f"{server.base}/api/v1/hoshimi/conversations/{erased}")

    expect(page.get_by_role("status")).to_contain_text("消されています")
    expect(page.locator(".turn.mine")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('madoguchi:hoshimi')") is None
    ask(page, "ありがとう")
    assert conversation(page) != erased
    expect(page.locator(".turn.mine")).to_have_count(1)


def test_a_talk_erased_while_away_is_not_shown_as_if_it_went_on(open_page: Open, server: Server) -> None:
    """After a reload the page does not keep what the service no longer has."""
    page = open_page()
    ask(page, "こんにちは")
    here = page.url
    erased = conversation(page)
    page.goto("about:blank")
    httpx.delete(f"{server.base}/api/v1/hoshimi/conversations/{erased}")
    page.goto(here)

    expect(page.get_by_role("status")).to_contain_text("消されています")
    expect(page.locator(".turn.mine")).to_have_count(0)


def test_another_windows_new_talk_survives(open_page: Open) -> None:
    """One window ends the talk and begins another: the window left behind does not take that one away."""
    page = open_page()
    ask(page, "こんにちは")
    page.wait_for_timeout(500)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="会話を消して終わる").click()
    expect(other.locator(".turn.mine")).to_have_count(0)
    ask(other, "ありがとう")
    begun = conversation(other)
    expect(page.locator(".turn.mine", has_text="こんにちは")).to_have_count(0)

    assert conversation(page) == begun


def test_an_erasure_that_does_not_get_through_is_told_and_can_be_repeated(open_page: Open, server: Server) -> None:
    """The screen is empty at once; that the city's server still has the talk is not hidden."""
    page = open_page()
    ask(page, "こんにちは")
    ended = conversation(page)
    page.route("**/conversations/*", lambda route: route.abort() if route.request.method == "DELETE" else route.continue_())
    page.get_by_role("button", name="会話を消して終わる").click()
    wrong = page.locator(".state.wrong")
    expect(wrong).to_contain_text("まだ消えていません")
    expect(page.locator(".turn.mine")).to_have_count(0)
    assert server.turns(ended) != []
    page.unroute("**/conversations/*")
    wrong.get_by_role("button").click()

    expect(page.get_by_role("status")).to_have_text("会話を消しました。")
    assert server.turns(ended) == []


def test_nonsense_does_not_change_the_language_of_the_page(open_page: Open) -> None:
    """A message that nobody understands says nothing about the resident's language."""
    page = open_page()
    ask(page, "asdfghjkl")
    page.wait_for_timeout(800)

    assert page.locator("html").get_attribute("lang") == "ja"
    expect(page.locator("#question")).to_have_attribute("placeholder", "質問を書いてください")


def test_a_used_return_link_offers_a_new_beginning(open_page: Open) -> None:
    """The button that no longer works goes; the way to the chat comes in its place."""
    page = open_page("/hoshimi/return/never-was-never-was-never-was?lang=ja")
    page.get_by_role("button", name="会話に戻る").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="会話に戻る")).to_be_hidden()
    page.get_by_role("link", name="チャットで聞く").click()
    page.locator("#question").wait_for()


def test_the_words_at_the_desk_have_furigana(open_page: Open) -> None:
    """What stands above the input is read as easily as the talk; its button says what the choice in the talk says."""
    page = open_page("/hoshimi/chat?lang=ja-easy")
    ask(page, "say:person")
    before = page.locator(".turn:not(.mine)").count()
    page.locator(".choices button").last.click()
    page.locator(".turn:not(.mine)").nth(before).wait_for()

    expect(page.locator(".desk rt").first).to_be_visible()
    in_talk = page.locator(".turn").last.locator(".choices button .unseen").inner_text()
    expect(page.locator(".desk button .unseen")).to_have_text(in_talk)
    expect(page.locator(".banner rt").first).to_be_visible()


def test_without_a_script_the_chat_page_tells_the_telephone(open_page: Open) -> None:
    """Who asks, what not to write, whom to call, and the questions that need no script: without scrolling."""
    page = open_page("/hoshimi/chat?lang=ja", java_script_enabled=False)

    for way in (page.get_by_role("link", name="0000-00-0010"), page.get_by_role("link", name="よくある質問の一覧")):
        box = way.bounding_box()
        assert box
        assert box["x"] >= 8
        assert box["y"] + box["height"] < 667
