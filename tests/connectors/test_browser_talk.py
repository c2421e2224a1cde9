"""What a resident can do with a talk: judge an answer, take the talk along, leave at once, come to an answer by taps alone."""

import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Download, Page, expect

from tests.connectors.conftest import Open, Server, ask, conversation, replying

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parents[2] / "connectors" / "web" / "static"
AGE = """(hours) => {
  const talk = JSON.parse(localStorage.getItem("madoguchi:hoshimi"));
  localStorage.setItem("madoguchi:hoshimi", JSON.stringify({ ...talk, at: Date.now() - hours * 3600e3 }));
}"""
OTHERS = """async (source) => {
  const { Client } = await import(source);
  const client = new Client("hoshimi", { language: "en" });
  const first = await client.send("entry:moving-in", "client-of-the-test");
  const again = await client.send("entry:moving-in", "client-of-the-test");
  await client.feedback(first.turn, true);
  const turns = await client.turns();
  const entry = await client.entry(first.reply.entry);
  const ruby = await client.furigana(["住民票"]);
  const offers = await client.suggest("moving");
  const address = client.events();
  await client.erase();
  const gone = await fetch(address).then((answer) => answer.status);
  const refused = await new Client("atlantis").send("hello").catch((error) => [error.status, error.code]);
  return {
    same: first.turn === again.turn, turns: turns.length, text: turns[0].text, entry: entry.language, ruby,
    offers: offers.length, gone, refused,
  };
}"""
KEPT = "JSON.parse(localStorage.getItem('madoguchi:hoshimi'))"


def test_three_taps_lead_to_an_answer_without_typing(open_page: Open) -> None:
    """A group, a topic, a question: the third tap gives the published answer."""
    page = open_page(has_touch=True)
    for label in ("住民登録・証明書・マイナンバー", "引っ越し", None):
        choices = page.locator(".turn").last.locator(".choices button")
        with replying(page):
            (choices.filter(has_text=label) if label else choices).first.tap()

    expect(page.locator(".turn").last.locator("dl")).to_contain_text("内容の確認日")


def test_what_did_not_help_is_told_with_one_reason(open_page: Open) -> None:
    """After "not solved" stand a way to a person and four reasons; the code and the words of the resident are sent."""
    page = open_page()
    told: list[dict[str, object]] = []
    page.on("request", lambda request: told.append(request.post_data_json) if "/feedback" in request.url else None)
    ask(page, "entry:moving-in")
    with replying(page):
        page.get_by_role("button", name="解決しない").click()
    reply = page.locator(".turn").last
    expect(reply.locator(".choices button").first).to_be_visible()
    reply.get_by_label("情報が古い、まちがっている").check()
    reply.get_by_label("くわしく").fill("料金が変わったようです")
    reply.get_by_role("button", name="理由を送る").click()
    expect(reply.get_by_role("status")).to_contain_text("ありがとう")

    assert [row["solved"] for row in told] == [False, False]
    assert told[1]["reason"] == "outdated: 料金が変わったようです"
    assert told[0]["turn"] == told[1]["turn"] == page.evaluate(f"{KEPT}.turns[0].turn")
    expect(reply.locator("fieldset button")).to_be_disabled()


def test_an_emergency_stands_out_with_numbers_to_call(open_page: Open) -> None:
    """Each number can be called by one tap; nothing is asked, and no reason to stay is given."""
    page = open_page()
    ask(page, "死にたい")
    card = page.locator(".turn.emergency")
    numbers = card.locator(".call").evaluate_all("all => all.map((one) => one.getAttribute('href'))")

    assert numbers == ["tel:0120-279-338", "tel:0120-061-338", "tel:119"]
    assert card.locator(".verdict, .choices").count() == 0


def test_who_must_leave_at_once_leaves_nothing_behind(open_page: Open, server: Server) -> None:
    """The talk is forgotten in this browser, the city's page stands there, and Back does not lead to the talk."""
    page = open_page()
    ask(page, "夫に殴られています")
    page.get_by_role("button", name="このページをすぐに離れる").click()
    page.wait_for_url("**/hoshimi?lang=ja")

    assert page.evaluate("localStorage.getItem('madoguchi:hoshimi')") is None
    page.goto(f"{server.base}/hoshimi/chat?lang=ja")
    assert page.locator(".mine").count() == 0


def test_a_fire_needs_no_way_to_hide(open_page: Open) -> None:
    """The button to leave belongs to those who ask for counsel."""
    page = open_page()
    ask(page, "家が火事です")

    expect(page.locator(".emergency .call").first).to_have_attribute("href", "tel:119")
    expect(page.locator(".leave")).to_have_count(0)


def test_the_talk_can_be_saved_as_text(open_page: Open) -> None:
    """Who said what and when, addresses spelled out, whom to ask; no buttons, no readings."""
    page = open_page("/hoshimi/chat?lang=ja-easy")
    ask(page, "entry:moving-in")
    page.locator(".turn ruby").first.wait_for()
    page.locator(".records summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="保存").click()
    download: Download = waiting.value
    text = Path(download.path()).read_text(encoding="utf-8-sig")

    assert re.fullmatch(r"hoshimi-20\d\d-\d\d-\d\d\.txt", download.suggested_filename)
    assert "あなた: entry:moving-in" in text
    assert "https://" in text
    assert re.search(r"\d{4}-\d\d-\d{4}", text)
    assert "じゅうしょ" not in text
    assert "わからない" not in text


def test_the_printed_talk_has_all_messages_and_no_buttons(open_page: Open) -> None:
    """On paper there is the whole log, links are spelled out."""
    page = open_page()
    ask(page, "entry:moving-in")
    page.emulate_media(media="print")

    for part in (".ask", ".tools", ".choices >> nth=0", ".verdict"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(".turn").last.locator("dl")).to_be_visible()
    after = page.locator(".card").last.evaluate("one => getComputedStyle(one, '::after').content")
    assert "https://" in after
    assert page.locator(".log").evaluate("one => one.scrollHeight - one.clientHeight") == 0


def test_a_talk_of_yesterday_is_not_shown(open_page: Open) -> None:
    """After 24 hours the browser forgets it; an hour before it does not."""
    page = open_page()
    ask(page, "こんにちは")
    for hours, messages in ((23, 1), (25, 0)):
        page.evaluate(AGE, hours)
        page.reload()
        expect(page.locator(".mine")).to_have_count(messages)


def test_messages_tell_their_day_and_time_once(open_page: Open) -> None:
    """The day stands above the first message of it; messages close together share one time."""
    page = open_page()
    ask(page, "こんにちは")
    ask(page, "ありがとう")

    expect(page.locator(".when")).to_have_count(1)
    expect(page.locator(".when time")).to_have_text(re.compile(r"20\d\d年\d{1,2}月\d{1,2}日.*\d{1,2}:\d\d"))


def test_choices_are_one_key_away(open_page: Open) -> None:
    """Up in the empty input leads to the new choices, and so does the button before it; then the input has the focus."""
    page = open_page()
    ask(page, "ごみの収集日")
    page.keyboard.press("ArrowUp")
    first = page.locator(".turn").last.locator(".choices button").first
    expect(first).to_be_focused()
    page.locator("#question").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="新しい選択肢へ移動")).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    with replying(page):
        page.keyboard.press("Enter")

    expect(page.locator("#question")).to_be_focused()


def test_the_focus_goes_through_the_page_in_its_order(open_page: Open) -> None:
    """Skip link, city, languages, talk, choices, jump, input, send, tools: what one sees is what one meets."""
    page = open_page()
    met = []
    for _ in range(24):
        page.keyboard.press("Tab")
        met.append(
            page.evaluate("""() => { const one = document.activeElement;
          return one.id || one.closest("[class]")?.className.split(" ")[0] || one.tagName; }""")
        )
    order = [name for n, name in enumerate(met) if n == 0 or met[n - 1] != name]

    assert order[:9] == ["skip", "city", "tongues", "log", "choices", "jump", "question", "ask", "tools"]


@pytest.mark.parametrize(
    "text", ["保険証の番号は12345678です", "my insurance number 1234567", "マイナンバー 123456789010", "在留カード AB12345678CD"]
)
def test_numbers_of_cards_are_flagged_and_can_be_taken_out(open_page: Open, text: str) -> None:
    """Beside the word for it a number is somebody's own; one tap removes it, and nothing was sent."""
    page = open_page()
    page.locator("#question").fill(text)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="数字を消す").click()

    assert not re.search(r"\d{6}", page.locator("#question").input_value())
    expect(page.locator("#question")).to_be_focused()
    assert page.locator(".mine").count() == 0


@pytest.mark.parametrize(
    "text", ["保険証をなくした。電話は0000-00-0000", "2026年4月1日から", "料金は 1,250 円ですか", "受付番号 2026-00012"]
)
def test_what_only_looks_like_a_number_of_a_card_is_sent(open_page: Open, text: str) -> None:
    """Telephone numbers, dates, fees and ticket numbers are none of these."""
    page = open_page()
    ask(page, text)

    assert page.locator(".mine").count() == 1


def test_a_kiosk_keeps_nothing_and_leads_nowhere(open_page: Open) -> None:
    """No storage, no links or telephones to tap, and an end that the kiosk can ask for."""
    page = open_page("/hoshimi/chat?lang=ja&kiosk=1")
    ask(page, "entry:moving-in")
    ask(page, "死にたい")

    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.locator("#chat a").count() == 0
    expect(page.locator(".qr")).to_be_visible()
    page.locator("#chat").evaluate("one => one.dispatchEvent(new Event('madoguchi:end'))")
    expect(page.locator(".mine")).to_have_count(0)


def test_the_talk_goes_on_in_the_client_that_others_may_use(open_page: Open) -> None:
    """The module of docs/chat.md asks, goes on, lists, judges, and erases, without our page."""
    page = open_page("/hoshimi/faq?lang=en")
    found = page.evaluate(OTHERS, "/static/client.js")

    assert found["same"] is True
    assert (found["turns"], found["text"], found["entry"]) == (1, "entry:moving-in", "ja")
    assert "".join(reading for _, reading in found["ruby"][0]) == "じゅうみんひょう"
    assert found["offers"] > 0
    assert (found["gone"], found["refused"]) == (404, [404, "unknown_city"])


def test_what_the_page_loads_is_kept_for_ever_and_small(server: Server) -> None:
    """Everything comes from the folder of one version, immutable and packed; page, scripts and styles are at most 60 KB."""
    page = httpx.get(f"{server.base}/hoshimi/chat?lang=ja").text
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    folder = {address.rsplit("/", 1)[0] for address in addresses}
    total = len(gzip.compress(page.encode()))
    for address in addresses:
        response = httpx.get(server.base + address)
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["content-encoding"] == "gzip"
        again = httpx.get(server.base + address, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        total += len(gzip.compress(response.content))
    (version,) = folder

    assert f"{version}/chat.whole.js" in addresses
    assert total <= 60_000
    other = httpx.get(f"{server.base}/static/0123456789ab/chat.js")
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-cache")


def test_the_page_of_the_setup_is_valid_in_every_language(server: Server) -> None:
    """Texts, names of languages and first choices stand in the page as data."""
    for language in ("ja", "en", "ne"):
        page = httpx.get(f"{server.base}/hoshimi/chat?lang={language}").text
        setup = json.loads(re.findall(r'id="setup">(.*?)</script>', page, re.DOTALL)[0])
        assert len(setup["names"]) == 12
        assert setup["start"]
        assert setup["texts"]["waiting"].count("{ticket}") == 1


def test_a_talk_belongs_to_one_conversation_over_pages(open_page: Open) -> None:
    """Gone to the questions and back, or in a new window: the same talk goes on."""
    page = open_page()
    ask(page, "こんにちは")
    talk = conversation(page)
    other = open_other(page)
    ask(other, "ありがとう")

    assert conversation(other) == talk
    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "ありがとう"])


def open_other(page: Page) -> Page:
    """Open the chat in another window of the same browser."""
    other = page.context.new_page()
    other.goto(page.url)
    return other


def test_a_long_list_of_choices_begins_short(open_page: Open) -> None:
    """Five questions of a topic are shown; one tap shows the rest and leads to the first of them."""
    page = open_page()
    ask(page, "topic:moving")
    choices = page.locator(".turn").last.locator(".choices button")
    shown = choices.filter(visible=True)
    expect(shown).to_have_count(6)
    shown.last.click()

    expect(choices.filter(has_text="も見る")).to_have_count(0)
    assert choices.filter(visible=True).count() == choices.count() > 7
    expect(choices.nth(5)).to_be_focused()
    with replying(page):
        choices.nth(6).click()
