"""The kiosk in the lobby: large, without a memory, without ways out, and ready for the next resident."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FrameLocator, Page, expect

from tests.connectors.conftest import Open, Server

pytestmark = pytest.mark.browser
LOBBY = {"width": 1080, "height": 1400}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def talk(page: Page) -> FrameLocator:
    """The chat within the kiosk."""
    return page.frame_locator("#talk")


def asked(page: Page, text: str) -> None:
    """Ask a question at the kiosk and wait for the reply."""
    before = talk(page).locator(".turn:not(.mine)").count()
    talk(page).locator("#question").fill(text)
    talk(page).locator("#question").press("Enter")
    talk(page).locator(".turn:not(.mine)").nth(before).wait_for()


def kiosk(open_page: Open, query: str = "") -> Page:
    """A kiosk whose chat is ready."""
    page = open_page(f"/hoshimi/kiosk?lang=ja{query}", viewport=LOBBY, bypass_csp=True)
    talk(page).locator("#question").wait_for()
    page.wait_for_load_state("networkidle")
    return page


def test_a_resident_is_answered_and_nothing_stays(open_page: Open) -> None:
    """After "start over" the talk is gone, in the service too, and no storage of the browser has anything of it."""
    page = kiosk(open_page)
    asked(page, "住民票がほしい")
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]
    with (
        page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.status == 204),
        page.expect_navigation(),
    ):
        page.locator("#restart").click()
    talk(page).locator("#question").wait_for()

    assert talk(page).locator(".mine").count() == 0


def test_links_become_codes_for_the_residents_own_phone(open_page: Open) -> None:
    """The source of an answer is an address with its code, a telephone number is text; nothing can be followed."""
    page = kiosk(open_page)
    asked(page, "entry:juminhyo-copy")
    reply = talk(page).locator(".turn:not(.mine)").last

    expect(reply).to_contain_text("https://")
    expect(reply).to_contain_text("0000-00-")
    assert talk(page).locator("a[href^='http'], a[href^='tel:']").count() == 0
    reply.locator("img").first.scroll_into_view_if_needed()
    page.wait_for_function("document.getElementById('talk').contentDocument.querySelector('.turn img').naturalWidth > 50")


def test_a_link_that_came_through_leads_nowhere(open_page: Open) -> None:
    """Whatever a text of the city holds: the kiosk stays where it is, and shows the address and its code."""
    page = kiosk(open_page)
    for address, coded in (("/hoshimi/faq/moving-in", True), ("tel:0000-00-0010", False)):
        talk(page).locator("#chat").evaluate(
            "(to, href) => to.prepend(Object.assign(document.createElement('a'), { href, id: 'stray', textContent: href }))",
            address,
        )
        talk(page).locator("#stray").click()
        expect(page.locator("#address")).to_contain_text(address.removeprefix("tel:"))
        expect(page.locator("#qr")).to_be_visible(visible=coded)
        page.locator("#back").click()
        talk(page).locator("#stray").evaluate("one => one.remove()")

    assert "/hoshimi/kiosk" in page.url


def test_an_idle_kiosk_warns_and_then_begins_anew(open_page: Open) -> None:
    """The warning lasts thirty seconds and can be answered; unanswered, the next resident finds a fresh kiosk."""
    page = open_page("/hoshimi/kiosk?lang=ja", viewport=LOBBY)
    page.clock.install()
    page.goto(page.url)
    talk(page).locator("#question").wait_for()
    asked(page, "住民票がほしい")
    page.clock.run_for(91_000)
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#idle-text")).to_contain_text("秒後に会話を消して")
    page.locator("#stay").click()
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.run_for(60_000)
    expect(page.locator("#idle")).to_be_hidden()
    assert talk(page).locator(".mine").count() == 1

    page.clock.run_for(31_000)
    expect(page.locator("#idle")).to_be_visible()
    with page.expect_navigation():
        page.clock.run_for(31_000)
    talk(page).locator("#question").wait_for()
    assert talk(page).locator(".mine").count() == 0


def test_letters_can_be_made_larger(open_page: Open) -> None:
    """Also those of the chat."""
    page = kiosk(open_page)
    page.locator("[data-size='170']").click()

    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "27.2px"
    assert talk(page).locator("html").evaluate("one => getComputedStyle(one).fontSize") == "27.2px"
    assert page.locator("[data-size='170']").get_attribute("aria-pressed") == "true"


def test_every_target_is_large_and_axe_finds_nothing(open_page: Open) -> None:
    """Fingers of all sizes: 44 pixels at least."""
    page = kiosk(open_page)
    sizes = page.locator("main a, main button:visible").evaluate_all(
        "all => all.map((one) => Math.min(one.offsetWidth, one.offsetHeight)).filter((size) => size > 0)"
    )
    results = Axe().run(page, options=WCAG)

    assert min(sizes) >= 44
    assert results.violations_count == 0, results.generate_report()


def test_codes_are_made_of_published_addresses_only(open_page: Open, server: Server) -> None:
    """Nobody else can have the city's server make codes for other addresses."""
    page = open_page("/hoshimi/kiosk?lang=ja")
    rows = page.request.get(f"{server.base}/opendata/hoshimi/faq.json").json()
    source = next(row["source"] for row in rows if row["source"].startswith("https://"))
    code = f"{server.base}/hoshimi/kiosk/qr.svg"

    made = page.request.get(code, params={"url": source})
    assert made.headers["content-type"] == "image/svg+xml"
    assert page.request.get(code, params={"url": f"{server.base}/hoshimi/faq/moving-in"}).ok
    for other in ("https://evil.example/", f"{server.base}.evil.example/hoshimi", "javascript:alert(1)"):
        refused = page.request.get(code, params={"url": other})
        assert refused.status == 404
        assert json.loads(refused.text())["error"]["code"] == "unpublished_address"


def test_what_is_pressed_in_a_lobby_is_large(open_page: Open) -> None:
    """Choices and the button to send are at least 64 pixels high, for fingers at arm's length."""
    page = kiosk(open_page)
    buttons = [talk(page).locator(".choices button").first, talk(page).locator(".ask button").first]

    for box in (button.bounding_box() for button in buttons):
        assert box
        assert box["height"] >= 64
