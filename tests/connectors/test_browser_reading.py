"""What makes the chat easier to read: languages, furigana, text size, the original, reading aloud. Choices are remembered."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.connectors.conftest import Open, ask, conversation

pytestmark = pytest.mark.browser
# Chromium without voices would say nothing: this stands where the machine's voices would be, and keeps what it was given.
VOICE = """
  window.said = [];
  const voice = { speak: (one) => window.said.push(`${one.lang}: ${one.text}`), cancel: () => window.said.push("stop"),
    pause: () => window.said.push("pause"), resume: () => window.said.push("resume") };
  Object.defineProperty(window, "speechSynthesis", { value: voice });
"""
EAR = """
  window.SpeechRecognition = class {
    start() { window.ear = this; }
    stop() { this.onend(); }
  };
"""


def display(page: Page) -> None:
    """Open the panel of the display."""
    page.locator(".comfort summary").click()


def furigana_on(page: Page) -> None:
    """Switch furigana on and wait for it."""
    display(page)
    page.get_by_label("ふりがなを付ける").check()
    page.locator(".bubble ruby").first.wait_for()


def test_the_language_is_changed_in_the_chat_and_the_talk_goes_on(open_page: Open) -> None:
    """The choice turns the page, keeps the messages, and stays when the chat is opened without a language."""
    page = open_page()
    ask(page, "entry:moving-in")
    talk = conversation(page)
    display(page)
    page.get_by_label("言語").locator("visible=true").last.select_option("vi")
    page.wait_for_url("**lang=vi")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator(".mine")).to_have_count(1)
    assert conversation(page) == talk
    ask(page, "entry:moving-out")

    expect(page.locator(".turn").last.locator(".block").first).to_have_attribute("lang", "vi")
    page.goto(page.url.split("?")[0])
    page.wait_for_url("**lang=vi")
    expect(page.locator(".mine")).to_have_count(2)


def test_han_letters_come_from_the_fonts_of_their_language(open_page: Open) -> None:
    """Simplified, traditional, Korean and Japanese texts each ask for their own glyphs."""
    asked = []
    for code in ("ja", "zh-Hans", "zh-Hant", "ko"):
        page = open_page(f"/hoshimi/chat?lang={code}")
        asked.append(page.locator(".block").first.evaluate("one => getComputedStyle(one).fontFamily"))

    assert [re.findall("CJK (..)", fonts)[-1] for fonts in asked] == ["JP", "SC", "TC", "KR"]


def test_furigana_are_on_in_easy_japanese_and_can_be_switched_off(open_page: Open) -> None:
    """The choice is remembered over a reload, and the text is whole again without them."""
    page = open_page("/hoshimi/chat?lang=ja-easy")
    page.locator(".bubble ruby").first.wait_for()
    ask(page, "entry:moving-in")
    page.locator(".turn").last.locator("ruby").first.wait_for()
    display(page)
    page.locator(".switch input").uncheck()
    expect(page.locator("ruby")).to_have_count(0)
    page.reload()
    page.wait_for_timeout(500)

    assert page.locator("ruby").count() == 0
    assert "じゅうしょ" not in page.locator(".log").inner_text()


def test_ears_get_one_clean_text_and_eyes_the_ruby(open_page: Open) -> None:
    """In the accessibility tree the sentence stands once, without readings; a copy has no stray kana."""
    page = open_page()
    ask(page, "entry:moving-in")
    clean = page.locator(".turn").last.locator(".block p").first.inner_text()
    furigana_on(page)
    paragraph = page.locator(".turn").last.locator(".block p").first
    tree = paragraph.aria_snapshot()
    paragraph.evaluate("one => getSelection().selectAllChildren(one)")
    copied = str(page.evaluate("getSelection().toString()"))

    assert clean in tree
    assert tree.count(clean[:8]) == 1
    assert copied.strip() == clean
    assert paragraph.locator("rp").first.text_content() == "（"


def test_a_message_of_a_resident_is_never_sent_to_be_read(open_page: Open) -> None:
    """Furigana are for the city's texts: what was typed is not sent again for them."""
    page = open_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if "/furigana" in request.url else None)
    ask(page, "特別児童扶養手当の秘密")
    furigana_on(page)

    assert sent
    assert not any("秘密" in body for body in sent)
    assert page.locator(".mine ruby").count() == 0


def test_the_size_of_the_text_is_remembered(open_page: Open) -> None:
    """150 % stays 150 % on the next visit."""
    page = open_page()
    display(page)
    page.get_by_role("button", name="150%").click()
    page.reload()
    display(page)

    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
    expect(page.get_by_role("button", name="150%")).to_have_attribute("aria-pressed", "true")


def test_the_japanese_original_is_one_tap_away(open_page: Open) -> None:
    """Under a translated answer stands the text that counts, marked as Japanese."""
    page = open_page("/hoshimi/chat?lang=vi")
    ask(page, "entry:moving-in")
    original = page.locator(".turn").last.locator(".original")
    original.locator("summary").click()

    expect(original.locator(".block")).to_have_attribute("lang", "ja")
    expect(original.locator(".block")).to_contain_text("転入届")
    japanese = open_page("/hoshimi/chat?lang=ja")
    ask(japanese, "entry:moving-in")
    expect(japanese.locator(".original")).to_have_count(0)


def test_a_message_is_read_aloud_in_its_language_with_pause_and_stop(open_page: Open) -> None:
    """Each part is spoken in its own language; it can be paused, gone on with and stopped; nothing speaks by itself."""
    page = open_page("/api/docs")
    page.add_init_script(VOICE)
    page.goto(page.url.replace("/api/docs", "/hoshimi/chat?lang=en"))
    ask(page, "entry:moving-in")
    reply = page.locator(".turn").last
    assert page.evaluate("window.said") == []
    reply.get_by_role("button", name="Read aloud").click()
    for name in ("Pause", "Go on reading", "Stop reading"):
        reply.get_by_role("button", name=name).click()
    said = page.evaluate("window.said")

    assert said[:2] == ["stop", "resume"]
    assert said[2].startswith("en: ")
    assert said[-3:] == ["pause", "resume", "stop"]
    expect(reply.get_by_role("button", name="Read aloud")).to_be_focused()


def test_dictation_is_off_unless_a_city_wants_it(open_page: Open) -> None:
    """A browser that could is not asked to."""
    page = open_page("/api/docs")
    page.add_init_script(EAR)
    page.goto(page.url.replace("/api/docs", "/hoshimi/chat?lang=ja"))
    page.locator("#question").wait_for()

    assert page.get_by_role("button", name="声で入力").count() == 0


def test_dictation_warns_first_and_never_sends(open_page: Open) -> None:
    """Where a city wants it: the warning comes before the ear opens, what was heard waits in the box."""
    page = open_page("/api/docs")
    page.add_init_script(EAR)
    page.route("**/hoshimi/chat?*", lambda route: route.fulfill(
        response=(response := route.fetch()), body=response.text().replace('id="chat"', 'id="chat" data-dictation="on"')
    ))  # fmt: skip
    page.goto(page.url.replace("/api/docs", "/hoshimi/chat?lang=ja"))
    page.get_by_role("button", name="声で入力").click()
    assert page.evaluate("window.ear") is None
    expect(page.locator(".dictation-warning")).to_contain_text("外部の会社")
    page.get_by_role("button", name="声の入力を始める").click()
    page.evaluate("() => { window.ear.onresult({ results: [[{ transcript: '住民票' }]] }); window.ear.onend(); }")

    expect(page.locator("#question")).to_have_value("住民票")
    expect(page.locator("#question")).to_be_focused()
    assert page.locator(".mine").count() == 0
