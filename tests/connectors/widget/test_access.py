"""Everybody can use the widget, and nobody but the city's page and our own frame can speak to it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.connectors.conftest import PHONE
from tests.connectors.widget.conftest import Visit, chat, open_panel

pytestmark = pytest.mark.browser
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
FRAME = "document.querySelector('madoguchi-widget').shadowRoot.querySelector('iframe').contentWindow"
STRANGE = [
    "window.postMessage({ madoguchi: 1, kind: 'close' }, '*')",
    f"{FRAME}.postMessage({{ madoguchi: 1, kind: 'hello' }}, '*')",
    f"{FRAME}.postMessage('hello', '*', [new MessageChannel().port1])",
]


def check_axe(page: Page) -> None:
    """Assert that axe finds nothing wrong with the page and the panel on it."""
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()


def test_axe_finds_nothing_while_it_is_closed(visit: Visit) -> None:
    """The page with its button, and with the hint beside it."""
    check_axe(visit("plain"))
    page = visit("settings", "?hint=引っ越しの手続きなど")
    page.locator("madoguchi-widget .hint").wait_for()
    check_axe(page)


@pytest.mark.parametrize("viewport", [{"width": 1200, "height": 800}, PHONE])
def test_axe_finds_nothing_while_it_is_open(visit: Visit, viewport: dict[str, int]) -> None:
    """The panel beside the page, and the panel that fills a phone; the frame is looked into as well."""
    page = visit("plain", viewport=viewport, bypass_csp=True)
    open_panel(page)

    check_axe(page)


def test_a_keyboard_opens_and_leaves_the_panel_of_a_wide_screen(visit: Visit) -> None:
    """Enter opens and moves into the chat, Escape closes and comes back; the page beside it is not locked."""
    page = visit("plain")
    button = page.locator("madoguchi-widget .open")
    button.focus()
    page.keyboard.press("Enter")
    expect(chat(page).locator("#question")).to_be_focused()
    assert button.get_attribute("aria-expanded") == "true"
    page.locator("#first").focus()
    expect(page.locator("#first")).to_be_focused()

    chat(page).locator("#question").press("Escape")
    expect(page.locator("madoguchi-widget dialog")).to_be_hidden()
    expect(button).to_be_focused()
    assert button.get_attribute("aria-expanded") == "false"


def test_the_panel_of_a_phone_is_modal(visit: Visit) -> None:
    """It fills the screen, nothing behind it can be reached, Escape and the frame's own button lead back."""
    page = visit("plain", viewport=PHONE)
    open_panel(page)
    dialog = page.locator("madoguchi-widget dialog")
    assert dialog.evaluate("one => one.matches(':modal')")
    page.locator("#first").evaluate("one => one.focus()")
    assert page.evaluate("document.activeElement.id") != "first"

    chat(page).locator("#question").press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("madoguchi-widget .open")).to_be_focused()


def test_a_phone_that_is_turned_keeps_the_open_panel(visit: Visit) -> None:
    """Between narrow and wide the panel changes its manner, and what was typed stays."""
    page = visit("plain", viewport=PHONE)
    open_panel(page)
    chat(page).locator("#question").fill("住民票")
    page.set_viewport_size({"width": 1200, "height": 800})

    expect(page.locator("madoguchi-widget dialog")).to_be_visible()
    expect(page.locator("madoguchi-widget .open")).to_have_attribute("aria-expanded", "true")
    assert not page.locator("madoguchi-widget dialog").evaluate("one => one.matches(':modal')")
    expect(chat(page).locator("#question")).to_have_value("住民票")


def test_it_never_opens_or_moves_the_page_by_itself(visit: Visit) -> None:
    """No layout shift, no change of the focus, no frame before somebody asks."""
    shifts = """new PerformanceObserver((list) => { window.shifted = (window.shifted ?? 0) + list.getEntries().length; })
        .observe({ type: "layout-shift", buffered: true });"""
    page = visit("plain", script=shifts)
    page.locator("madoguchi-widget .open").wait_for()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("window.shifted ?? 0") == 0
    assert page.evaluate("document.activeElement === document.body")
    assert page.locator("iframe").count() == 0


def test_the_button_steps_aside_for_what_has_the_focus(visit: Visit) -> None:
    """A field of the page below the button can be seen while it is typed into."""
    page = visit("plain")
    button = page.locator("madoguchi-widget .open")
    button.wait_for()
    page.evaluate("Object.assign(document.getElementById('first').style, { position: 'fixed', right: '1em', bottom: '1em' })")
    page.locator("#first").focus()
    expect(button).to_be_hidden()
    page.locator("#link").focus()
    expect(button).to_be_visible()


def test_the_hint_comes_once_a_session(visit: Visit) -> None:
    """It can be closed, and the next page does not bring it back."""
    page = visit("settings", "?hint=引っ越しの手続きなど")
    hint = page.locator("madoguchi-widget .hint")
    expect(hint).to_contain_text("引っ越しの手続きなど")
    hint.get_by_role("button", name="關閉").click()
    expect(hint).to_have_count(0)
    page.reload()
    page.locator("madoguchi-widget .open").wait_for()

    assert hint.count() == 0


def test_new_replies_are_counted_on_the_closed_button(visit: Visit) -> None:
    """What the frame tells over its port is shown, and said to screen readers; opening takes it away."""
    page = visit(
        "plain", script="window.MessageChannel = class extends MessageChannel { constructor() { super(); window.ours = this; } }"
    )
    open_panel(page)
    chat(page).locator("#question").press("Escape")
    expect(page.locator("madoguchi-widget dialog")).to_be_hidden()
    page.evaluate("window.ours.port1.onmessage({ data: { madoguchi: 1, kind: 'unread', count: 2 } })")

    expect(page.locator("madoguchi-widget .count")).to_have_text("2")
    expect(page.get_by_role("button", name="質問する (新しい返事が2件あります)")).to_be_visible()
    expect(page.locator("madoguchi-widget [role=status]").first).to_have_text("新しい返事が2件あります")
    page.locator("madoguchi-widget .open").click()
    expect(page.locator("madoguchi-widget .count")).to_be_hidden()


@pytest.mark.parametrize("script", STRANGE)
def test_messages_of_others_change_nothing(visit: Visit, script: str) -> None:
    """Neither the page's own messages nor a greeting in another shape opens, closes or takes over the talk."""
    page = visit("plain")
    open_panel(page)
    page.evaluate(script)

    expect(page.locator("madoguchi-widget dialog")).to_be_visible()
    chat(page).locator("#question").press("Escape")
    expect(page.locator("madoguchi-widget dialog")).to_be_hidden()


def test_a_greeting_from_an_unknown_origin_is_not_answered(visit: Visit) -> None:
    """The frame gives its port to pages of registered sites only, even if a frame around it got through."""
    page = visit("plain")
    open_panel(page)
    frame = next(frame for frame in page.frames if "/chat" in frame.url)
    answered = frame.evaluate(
        """() => new Promise((done) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => done(true);
          const data = { madoguchi: 1, kind: "hello" };
          const sent = { source: window.parent, origin: "https://evil.example", data, ports: [port2] };
          window.dispatchEvent(new MessageEvent("message", sent));
          setTimeout(() => done(false), 300);
        })"""
    )
    assert answered is False


@pytest.mark.parametrize(
    ("query", "colour", "warning"),
    [
        ("?colour=%23006400", "rgb(0, 100, 0)", ""),
        ("?colour=%23ffff00", "rgb(31, 78, 121)", "contrast of 1.07"),
        ("?colour=red", "rgb(31, 78, 121)", "is not a colour"),
    ],
)
def test_a_colour_that_not_all_can_read_is_not_taken(visit: Visit, query: str, colour: str, warning: str) -> None:
    """The console says why, and the button has our colour."""
    page = visit("settings", query)
    button = page.locator("madoguchi-widget .open")

    assert button.evaluate("one => getComputedStyle(one).backgroundColor") == colour
    assert [line for line in visit.said if "Madoguchi" in line and warning in line] or not warning


@pytest.mark.parametrize(
    ("query", "text"),
    [("", "我要詢問"), ("?lang=vi", "Đặt câu hỏi"), ("?lang=pt", "Fazer uma pergunta"), ("?lang=xx", "我要詢問")],
)
def test_it_speaks_the_language_of_the_page_or_the_one_that_is_set(visit: Visit, query: str, text: str) -> None:
    """`zh-TW` of the page means 繁體中文; a language that the service does not have is that of the page."""
    page = visit("settings", query)

    expect(page.locator("madoguchi-widget .open")).to_have_text(text)


def test_without_a_city_it_stays_away(visit: Visit) -> None:
    """The console says what is missing."""
    page = visit("settings", "?city=<b>")
    page.wait_for_load_state("networkidle")

    assert page.locator("madoguchi-widget").count() == 0
    assert any("data-city is missing" in line for line in visit.said)


def test_the_position_can_be_the_start_of_the_line(visit: Visit) -> None:
    """On the left, where the page is written from left to right."""
    box = visit("settings", "?position=start").locator("madoguchi-widget .open").bounding_box()

    assert box
    assert box["x"] < 40
