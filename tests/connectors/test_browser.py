"""A resident talks with the city in a real browser: asks, chooses, reloads, loses the connection, changes the language."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.connectors.conftest import Open, Server, ask, conversation, replying

pytestmark = pytest.mark.browser
MESSAGES = "**/api/v1/hoshimi/messages"
LISTEN = """() => {
  window.heard = [];
  const hear = ({ addedNodes }) => addedNodes.forEach((node) => window.heard.push(node.textContent));
  const place = document.querySelector("[role=log]");
  new MutationObserver((changes) => changes.forEach(hear)).observe(place, { childList: true, subtree: true });
}"""
MY_NUMBER = "123456789018"


def test_a_resident_types_a_question_and_reads_the_answer(open_page: Open, server: Server) -> None:
    """The answer comes with whom to ask and when somebody last confirmed it."""
    page = open_page()
    question = server.question("moving-in", "ja")
    ask(page, question)
    reply = page.locator(".turn").last

    expect(page.locator(".mine .bubble")).to_have_text(question)
    expect(reply.locator(".who")).to_have_text("自動応答")
    assert len(reply.locator(".block").first.inner_text()) > 20
    expect(reply.locator("dl a[href^='tel:']")).to_have_text(re.compile(r"^[0-9-]+$"))
    expect(reply.locator("dl")).to_contain_text(re.compile(r"内容の確認日\s*20\d\d-\d\d-\d\d"))
    expect(page.locator("#question")).to_have_value("")


def test_a_choice_is_answered_by_a_tap(open_page: Open) -> None:
    """All choices of the question become unavailable, the chosen one stays readable, a second tap asks nothing."""
    page = open_page(has_touch=True)
    ask(page, "ごみの収集日")
    choices = page.locator(".turn").nth(2).locator(".choices button")
    label = choices.nth(1).inner_text()
    with replying(page):
        choices.nth(1).tap()
    choices.nth(0).tap(force=True)
    page.wait_for_timeout(300)

    assert choices.evaluate_all("all => all.map(one => one.ariaDisabled)") == ["true"] * choices.count()
    expect(choices.nth(1)).to_have_class("chosen")
    expect(choices.nth(1)).to_have_text(label)
    expect(page.locator(".mine .bubble")).to_have_text(["ごみの収集日", label])


def test_a_tap_while_a_reply_is_awaited_is_not_lost(open_page: Open) -> None:
    """A choice that cannot be asked now stays available."""
    page = open_page()
    page.evaluate(
        """() => {
          document.getElementById("question").value = "こんにちは";
          document.querySelector("form.ask").requestSubmit();
          document.querySelector(".choices button").click();
        }"""
    )
    page.locator(".turn").nth(2).wait_for()

    assert page.locator(".choices button").first.get_attribute("aria-disabled") is None
    assert page.locator(".mine").count() == 1


def test_each_reply_is_announced_once_and_the_focus_stays(open_page: Open) -> None:
    """A screen reader hears the whole reply one time, and the resident goes on typing."""
    page = open_page()
    page.evaluate(LISTEN)
    for text in ("こんにちは", "ありがとう"):
        ask(page, text)
        assert page.evaluate("document.activeElement.id") == "question"
    heard = page.evaluate("window.heard")

    assert len(heard) == 2
    assert all(said.startswith("自動応答: ") for said in heard)
    assert page.locator("[aria-live=polite], [role=log], [role=status]").count() == 2


def test_a_reload_keeps_the_talk(open_page: Open, server: Server) -> None:
    """The same messages stand there, and the next one belongs to the same conversation."""
    page = open_page()
    ask(page, "ごみの収集日")
    before = (page.locator(".log .bubble").all_inner_texts(), conversation(page))
    page.reload()

    assert (page.locator(".log .bubble").all_inner_texts(), conversation(page)) == before
    ask(page, "1")
    assert len(server.turns(before[1])) == 2
    expect(page.locator(".turn").last).not_to_contain_text("見つかりませんでした")


def test_ending_the_talk_erases_it_here_and_there(open_page: Open, server: Server) -> None:
    """After "end and erase" neither the page nor the service has it."""
    page = open_page()
    ask(page, "こんにちは")
    ended = conversation(page)
    page.get_by_role("button", name="会話を消して終わる").click()

    expect(page.get_by_role("status")).to_have_text("会話を消しました。")
    expect(page.locator(".mine")).to_have_count(0)
    assert server.turns(ended) == []


def test_without_a_connection_nothing_is_lost(open_page: Open, server: Server) -> None:
    """The text stays, the telephone is told, and once the service is back "send again" sends it, once."""
    page = open_page()
    ask(page, "こんにちは")
    server.stop()
    try:
        page.locator("#question").fill("住民票")
        page.keyboard.press("Enter")
        again = page.get_by_role("button", name="もう一度送る")
        again.wait_for()
        told = page.get_by_role("status").inner_text()
        kept = page.locator("#question").input_value()
    finally:
        server.start()
    with replying(page):
        again.click()

    assert kept == "住民票"
    assert re.search(r"\d{2,4}-\d{2,4}-\d{4}", told)
    expect(page.locator("#question")).to_have_value("")
    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "住民票"])
    assert len(server.turns(conversation(page))) == 2


def lose(route: Route) -> None:
    """Let the service store the turn, and lose its reply on the way back."""
    route.fetch()
    route.abort()


def test_a_reply_that_got_lost_comes_by_the_stream(open_page: Open, server: Server) -> None:
    """The service had stored the turn when the connection broke: it is shown all the same, nobody has to send again."""
    page = open_page()
    ask(page, "こんにちは")
    page.route(MESSAGES, lose, times=1)
    page.evaluate(LISTEN)
    ask(page, "住民票")

    expect(page.get_by_role("button", name="もう一度送る")).to_have_count(0)
    expect(page.locator("#question")).to_have_value("")
    assert len(server.turns(conversation(page))) == 2
    assert len(page.evaluate("window.heard")) == 1
    expect(page.locator(".mine")).to_have_count(2)


def test_a_first_reply_that_got_lost_is_asked_for_again_without_asking_twice(open_page: Open, server: Server) -> None:
    """Sent again by hand, the first message is still one turn of one talk."""
    page = open_page()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data_json["client_id"]) if "/messages" in one.url else None)
    page.route(MESSAGES, lose, times=1)
    page.locator("#question").fill("住民票")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="もう一度送る").wait_for()
    with replying(page):
        page.keyboard.press("Enter")

    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert len(server.turns(conversation(page))) == 1
    expect(page.locator(".mine")).to_have_count(1)


def test_the_language_changes_when_it_is_asked_for(open_page: Open) -> None:
    """The page itself turns English, the talk goes on in it, the reply is announced, the focus is in the input again."""
    page = open_page()
    ask(page, "こんにちは")
    page.locator("#question").fill("English please")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hoshimi/chat?lang=en")
    page.locator("[role=log] p").wait_for(state="attached")

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "English please"])
    expect(page.locator("#question")).to_be_focused()
    ask(page, "How do I throw away a spray can?")
    expect(page.locator(".turn").last.locator(".block").first).to_have_attribute("lang", "en")


def test_a_my_number_is_flagged_and_not_sent(open_page: Open) -> None:
    """Neither it nor the letters before it leave the browser; without it the message goes."""
    page = open_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/api/" in request.url else None)
    for written in (MY_NUMBER, "１２３４ ５６７８ ９０１８", "4111-1111-1111-1111"):
        page.locator("#question").fill(f"番号は{written}です")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("個人番号")
        assert written in page.locator("#question").input_value()
    page.wait_for_timeout(400)

    assert sent == []
    ask(page, "番号は123456789012です")
    assert len(sent) >= 1


def test_a_long_answer_is_read_from_its_beginning(open_page: Open, server: Server) -> None:
    """The resident's own message stands just below the upper edge with nothing of what came before, the answer below it."""
    page = open_page()
    for entry in ("moving-in", "moving-out"):
        ask(page, server.question(entry, "ja"))
        assert 4 <= own_place(page) <= 12
    page.reload()

    assert 4 <= own_place(page) <= 12
    assert page.evaluate("document.scrollingElement.scrollTop") == 0


def own_place(page: Page) -> float:
    """Return how far below the upper edge of the talk the resident's last message stands."""
    log, own = page.locator(".log").bounding_box(), page.locator(".mine").last.bounding_box()
    assert log is not None
    assert own is not None
    return own["y"] - log["y"]


def test_a_link_can_bring_a_question(open_page: Open, server: Server) -> None:
    """It is asked once, taken out of the address, and not asked again by a reload."""
    page = open_page("/hoshimi?lang=en")
    page.locator(".hero .chips a").first.click()
    page.locator(".turn").nth(2).wait_for()

    assert page.url == f"{server.base}/hoshimi/chat?lang=en"
    page.reload()
    page.wait_for_timeout(300)
    assert page.locator(".mine").count() == 1
    assert len(server.turns(conversation(page))) == 1
