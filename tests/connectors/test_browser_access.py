"""Everybody can use the pages: axe finds nothing in any state, every text tells its language, small screens are enough."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.connectors.conftest import Open, Server, ask

pytestmark = pytest.mark.browser
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
PATHS = {
    "home": "/hoshimi?lang=ja",
    "faq": "/hoshimi/faq?lang=ja",
    "search": "/hoshimi/faq?lang=ja&q=ひっこし",
    "entry": "/hoshimi/faq/moving-in?lang=ja",
    "chat": "/hoshimi/chat?lang=ja",
    "description": "/api/docs",
}


def answered(page: Page) -> None:
    """Have an answer in the talk."""
    ask(page, "entry:moving-in")


def choosing(page: Page) -> None:
    """Have a question back with one choice taken."""
    ask(page, "ごみの収集日")
    page.locator(".choices button").last.click()
    page.locator(".turn").nth(4).wait_for()


def warned(page: Page) -> None:
    """Have a message with a telephone number, which is answered with a warning."""
    ask(page, "090-1234-5678")


def offered(page: Page) -> None:
    """Have questions offered while typing, the first of them marked."""
    page.locator("#question").focus()
    page.keyboard.type("ひっこし")
    page.get_by_role("listbox").wait_for()
    page.keyboard.press("ArrowDown")


def offline(page: Page) -> None:
    """Have a message that could not be sent."""
    page.route("**/messages", lambda route: route.abort())
    page.locator("#question").fill("住民票")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="もう一度送る").wait_for()


def open_tongues(page: Page) -> None:
    """Have the list of languages open."""
    page.locator(".tongues summary").click()


def in_danger(page: Page) -> None:
    """Have the numbers of an emergency."""
    ask(page, "死にたい")


def not_solved(page: Page) -> None:
    """Have an answer that did not help, and the question why."""
    answered(page)
    page.get_by_role("button", name="解決しない").click()
    page.get_by_role("group", name="よろしければ").wait_for()


def display_open(page: Page) -> None:
    """Have the panel of the display open."""
    page.locator(".comfort summary").click()


def with_furigana(page: Page) -> None:
    """Have an answer with furigana."""
    answered(page)
    display_open(page)
    page.get_by_label("ふりがなを付ける").check()
    page.locator(".bubble ruby").first.wait_for()


def twice_as_large(page: Page) -> None:
    """Have the text at 200 %."""
    answered(page)
    display_open(page)
    page.get_by_role("button", name="200%").click()


def from_right_to_left(page: Page) -> None:
    """Have the page as a language of that direction would have it."""
    choosing(page)
    page.evaluate("document.documentElement.dir = 'rtl'")


def more_open(page: Page) -> None:
    """Have the panel of the records open."""
    answered(page)
    page.locator(".records summary").click()


def spaced(page: Page) -> None:
    """Have the text spaced as a reader's own style sheet may space it (WCAG 1.4.12)."""
    choosing(page)
    spacing = "line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important;"
    page.add_style_tag(content=f"* {{ {spacing} }}")


def personal(page: Page) -> None:
    """Have a number in the box that should not be sent."""
    page.locator("#question").fill("123456789018")
    page.keyboard.press("Enter")


STATES: tuple[Callable[[Page], None], ...] = (
    answered, choosing, warned, offered, offline, open_tongues, in_danger, not_solved, display_open, with_furigana,
    twice_as_large, from_right_to_left, more_open, spaced, personal,
)  # fmt: skip


def check_axe(page: Page) -> None:
    """Assert that axe finds nothing wrong, and no lack of contrast in the dark scheme either."""
    for scheme, options in (("light", WCAG), ("dark", CONTRAST)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        results = Axe().run(page, options=options)
        assert results.violations_count == 0, f"{scheme}: {results.generate_report()}"


@pytest.mark.parametrize("name", PATHS)
def test_no_page_has_a_violation(open_page: Open, name: str) -> None:
    """WCAG 2.2 AA as far as a machine can tell, in both colour schemes."""
    page = open_page(PATHS[name], bypass_csp=True)
    page.wait_for_load_state("networkidle")

    check_axe(page)


@pytest.mark.parametrize("state", STATES)
def test_no_state_of_the_chat_has_a_violation(open_page: Open, state: Callable[[Page], None]) -> None:
    """An answer, choices, a warning, offers, a failure, furigana …: each is as accessible as the page before it."""
    page = open_page(bypass_csp=True)
    state(page)

    check_axe(page)


@pytest.mark.parametrize("path", [*PATHS.values(), "/hoshimi?lang=pt-BR", "/hoshimi/faq?lang=vi", "/hoshimi/chat?lang=ne"])
def test_a_screen_of_320_pixels_is_wide_enough(open_page: Open, path: str) -> None:
    """Nobody scrolls sideways, on a small phone or at a zoom of 400 % (WCAG 1.4.10)."""
    page = open_page(path, viewport={"width": 320, "height": 568})
    page.wait_for_load_state("networkidle")
    if "/chat" in path:
        ask(page, "entry:moving-in")
        ask(page, "say:menu")

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert page.evaluate("[...document.querySelectorAll('.log')].every((log) => log.scrollWidth <= log.clientWidth)")


@pytest.mark.parametrize("state", [choosing, in_danger, not_solved, with_furigana, from_right_to_left, spaced])
@pytest.mark.parametrize("viewport", [{"width": 320, "height": 568}, {"width": 320, "height": 256}], ids=["phone", "zoomed"])
def test_no_state_makes_anybody_scroll_sideways(
    open_page: Open, state: Callable[[Page], None], viewport: dict[str, int]
) -> None:
    """Each state fits 320 pixels, also where only 256 are high (1280 × 1024 at 400 %): one direction of scrolling is enough."""
    page = open_page(viewport=viewport, bypass_csp=True)
    state(page)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert page.evaluate("[...document.querySelectorAll('.log')].every((log) => log.scrollWidth <= log.clientWidth)")
    page.locator("#question").scroll_into_view_if_needed()
    expect(page.locator("#question")).to_be_in_viewport()


def test_text_of_twice_the_size_fits(open_page: Open) -> None:
    """At 200 % on a phone nothing is cut off and nobody scrolls sideways."""
    page = open_page()
    twice_as_large(page)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 375
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"


def test_targets_are_large_enough_for_a_finger(open_page: Open) -> None:
    """Whatever can be tapped is 44 pixels high; links within a text are as high as its lines."""
    page = open_page()
    not_solved(page)
    display_open(page)
    heights = page.locator("#chat button:visible, #chat summary:visible, #chat select:visible, #chat .card:visible").evaluate_all(
        "all => all.map((one) => Math.round(one.getBoundingClientRect().height)).filter((height) => height > 1)"
    )

    assert len(heights) > 10
    assert min(heights) >= 44


def test_forced_colours_keep_every_border(open_page: Open) -> None:
    """Where the system chooses the colours, messages and chosen choices are told apart by borders."""
    page = open_page(forced_colors="active")
    choosing(page)
    border = "one => getComputedStyle(one).borderTopWidth"

    assert page.locator(".mine .bubble").last.evaluate(border) == "4px"
    assert page.locator(".choices .chosen").evaluate(border) == "3px"
    assert page.locator(".turn:not(.mine) .bubble").last.evaluate(border) == "1px"


def test_a_low_screen_still_shows_input_and_reply(open_page: Open) -> None:
    """A phone on its side: nothing is cut off, everything can be scrolled to."""
    page = open_page(viewport={"width": 568, "height": 320})
    ask(page, "entry:moving-in")

    for part in (".mine", ".turn:last-child dl", "#question"):
        page.locator(part).last.scroll_into_view_if_needed()
        expect(page.locator(part).last).to_be_in_viewport()


def test_every_message_tells_its_language(open_page: Open, server: Server) -> None:
    """What a screen reader has to speak is marked, also where an answer is only there in another language."""
    page = open_page("/hoshimi/chat?lang=ne", locale="ne")
    ask(page, "entry:moving-in")
    told = page.locator(".log .bubble .block").evaluate_all("all => all.map((one) => one.lang)")

    assert set(told) == {"ne"}
    assert page.locator(".mine .bubble").get_attribute("dir") == "auto"
    untranslated = server.untranslated("ne")
    ask(page, f"entry:{untranslated}")
    texts = page.locator(".turn").last.locator(".bubble .block")
    assert texts.first.get_attribute("lang") == "en"
    assert texts.last.get_attribute("lang") == "ne"


def test_an_answer_in_another_language_is_marked_on_its_page_too(open_page: Open, server: Server) -> None:
    """Question and answer of an entry without a translation carry the language that they are in."""
    page = open_page(f"/hoshimi/faq/{server.untranslated('ne')}?lang=ne")

    assert page.locator("html").get_attribute("lang") == "ne"
    assert page.locator("h1").get_attribute("lang") == page.locator(".block").first.get_attribute("lang") == "en"


def test_without_javascript_the_faq_answers(open_page: Open) -> None:
    """The chat page leads to the questions, the search finds, the answer is whole."""
    page = open_page("/hoshimi/chat?lang=en", java_script_enabled=False)
    page.locator("main a.button").click()
    page.locator("#q").fill("moving")
    page.locator("main form button").click()
    page.locator("main .questions a").first.click()

    expect(page.locator("article .block").first).not_to_be_empty()
    expect(page.locator("article a[href^='tel:']")).to_be_visible()
    expect(page.locator("article")).to_contain_text("Confirmed on")


def test_who_wants_less_motion_gets_none(open_page: Open) -> None:
    """Nothing on the pages moves by itself at all."""
    page = open_page()
    ask(page, "entry:moving-in")

    assert page.evaluate("document.getAnimations().length") == 0
