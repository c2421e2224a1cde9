"""The pages around the chat: how to embed it, what the city announces, questions to print, and data for search engines."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import expect

from connectors.policy import content_policy
from faq.city import read_city
from faq.data_files import PACKAGE_FAQ_DIR
from faq.errors import ContentError
from tests.connectors.conftest import PHONE, Open

HOSHIMI = PACKAGE_FAQ_DIR / "cities" / "hoshimi" / "city.yaml"
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


async def snippet_of(client: httpx.AsyncClient) -> tuple[str, str]:
    """Return (address, integrity) of the loader as the page on embedding gives them."""
    text = (await client.get("/hoshimi/embed?lang=ja")).text
    found = re.search(
        r'src="http://test(/embed/v1/madoguchi\.[0-9a-f]{16}\.js)"\s+integrity="(sha384-[^"]+)"', text.replace("&#34;", '"')
    )
    assert found
    return found[1], found[2]


async def test_the_loader_is_what_its_digest_says(client: httpx.AsyncClient) -> None:
    """A version can be checked, may be included by any site, and is kept by browsers for ever."""
    address, integrity = await snippet_of(client)
    loader = await client.get(address)

    assert base64.b64encode(hashlib.sha384(loader.content).digest()).decode() == integrity.removeprefix("sha384-")
    assert loader.headers["access-control-allow-origin"] == "*"
    assert "immutable" in loader.headers["cache-control"]
    assert loader.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.fixture
def outside(app: FastAPI) -> Iterator[str]:
    """The address at which browsers reach the service behind its proxy."""
    own = app.state.settings
    app.state.settings = own.model_copy(update={"public_url": "https://madoguchi.example/"})
    yield "https://madoguchi.example"
    app.state.settings = own


async def test_behind_a_proxy_the_pages_tell_the_address_that_browsers_know(client: httpx.AsyncClient, outside: str) -> None:
    """With PUBLIC_URL set, lines to embed and codes of the kiosk name it, not the address behind the proxy."""
    page = (await client.get("/hoshimi/embed?lang=ja")).text

    assert f"{outside}/embed/v1/madoguchi." in page
    assert f"script-src {outside};" in page
    assert "http://test" not in page
    for url in (f"{outside}/hoshimi/faq", "http://test/hoshimi/faq"):
        code = await client.get("/hoshimi/kiosk/qr.svg", params={"url": url})
        assert f"<title>{outside}/hoshimi/faq</title>" in code.text


async def test_an_old_version_goes_on_and_an_unknown_one_is_refused(client: httpx.AsyncClient, app: FastAPI) -> None:
    """A page that names last year's version finds it; nothing else of the folder can be had."""
    folder = app.state.settings.var_dir / "widget"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0123456789abcdef.js").write_text("// last year's", encoding="utf-8")

    assert (await client.get("/embed/v1/madoguchi.0123456789abcdef.js")).text == "// last year's"
    (folder / "0123456789abcdef.js").unlink()
    for digest in ("0123456789abcdef", "..%2F..%2Fsecret", "x" * 500):
        assert (await client.get(f"/embed/v1/madoguchi.{digest}.js")).status_code == 404


async def test_the_address_without_a_version_is_the_newest(client: httpx.AsyncClient) -> None:
    """It is asked for again every hour."""
    address, _ = await snippet_of(client)
    newest = await client.get("/embed/v1/madoguchi.js")

    assert newest.content == (await client.get(address)).content
    assert newest.headers["cache-control"] == "public, max-age=3600"


async def test_only_the_chat_can_be_framed_and_only_by_registered_sites(client: httpx.AsyncClient) -> None:
    """Every other page stays with us, and the policies differ in nothing else."""
    chat = (await client.get("/hoshimi/chat")).headers["content-security-policy"]
    other = (await client.get("/hoshimi")).headers["content-security-policy"]

    assert chat == content_policy(["https://hoshimi.example"])
    assert chat.removesuffix(" https://hoshimi.example") == other
    assert other.endswith("frame-ancestors 'self'")


def changed(folder: Path, old: str, new: str) -> Path:
    """Return a city.yaml of the demo city in which one line is another."""
    path = folder / "hoshimi" / "city.yaml"
    path.parent.mkdir()
    shutil.copy(HOSHIMI, path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize("colour", ["#ffff00", "red", "#12345"])
def test_a_colour_that_not_all_can_read_is_refused_with_the_content(tmp_path: Path, colour: str) -> None:
    """White letters need a contrast of 4.5; the error names the line."""
    with pytest.raises(ContentError, match=r"contrast|not a colour"):
        read_city(changed(tmp_path, 'colour: "#1f4e79"', f'colour: "{colour}"'))


@pytest.mark.parametrize(
    "site", ["https://*.example.jp", "https://a.example/path", "a.example", "https://a.example; script-src *"]
)
def test_a_site_is_an_exact_origin(tmp_path: Path, site: str) -> None:
    """No wildcard, no path, and nothing that would end up in the policy as something else."""
    with pytest.raises(ContentError):
        read_city(changed(tmp_path, 'sites: ["https://hoshimi.example"]', f'sites: ["{site}"]'))


def test_a_notice_ends_with_its_day() -> None:
    """On its last day it is shown, on the next it is not."""
    city = read_city(HOSHIMI)
    assert city.notice

    assert city.notice_on(city.notice.until) == city.notice
    assert city.notice_on(city.notice.until + timedelta(days=1)) is None
    assert city.notice.until > date(2026, 11, 21)


@pytest.mark.parametrize("path", ["/hoshimi", "/hoshimi/chat", "/hoshimi/chat?frame=1", "/hoshimi/faq", "/hoshimi/faq/moving-in"])
async def test_what_the_city_announces_stands_on_every_page(client: httpx.AsyncClient, path: str) -> None:
    """In the reader's language, chat included; a city without an announcement has none."""
    separator = "&" if "?" in path else "?"

    assert "thông báo mẫu" in (await client.get(f"{path}{separator}lang=vi")).text
    assert "banner" not in (await client.get(f"{path}{separator}lang=vi".replace("hoshimi", "anjo"))).text


async def test_the_sheet_has_whole_answers(client: httpx.AsyncClient) -> None:
    """Question, answer, whom to ask and the day, of one topic or of all; the same as data for search engines."""
    one = (await client.get("/hoshimi/faq/print?topic=moving&lang=ja")).text
    every = (await client.get("/hoshimi/faq/print?lang=ja")).text
    data = json.loads(one.split('<script type="application/ld+json">')[1].split("</script>")[0])

    assert 1 < one.count("<article>") < every.count("<article>")
    assert re.search(r"20\d\d-\d\d-\d\dに作成", one)
    assert data["@type"] == "FAQPage"
    assert len(data["mainEntity"]) == one.count("<article>")
    assert all(row["acceptedAnswer"]["text"] for row in data["mainEntity"])


@pytest.mark.browser
def test_data_for_search_engines_are_allowed_by_our_own_policy(open_page: Open) -> None:
    """A data block is no script to a browser: it stands in the page, and nothing is reported (`open_page` would fail)."""
    page = open_page("/hoshimi/faq/moving-in?lang=ja")
    data = json.loads(page.locator('script[type="application/ld+json"]').text_content() or "")

    assert data["mainEntity"][0]["name"] == page.locator("h1").inner_text()
    assert data["mainEntity"][0]["acceptedAnswer"]["text"].split("\n")[0] in page.locator("article").inner_text()


@pytest.mark.browser
def test_the_path_leads_back_up(open_page: Open) -> None:
    """From a question to its topic, to all questions, to the city."""
    page = open_page("/hoshimi/faq/moving-in?lang=ja")
    for place in ("topic=moving", "/hoshimi/faq?", "/hoshimi?"):
        path = page.get_by_role("navigation", name="今いる場所")
        expect(path.locator("[aria-current=page]")).to_have_count(1) if place != "/hoshimi?" else None
        path.get_by_role("link").last.click()
        page.wait_for_url(f"**{place}**")


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/hoshimi?lang=en", "/hoshimi/embed?lang=ja", "/hoshimi/faq/print?topic=moving&lang=ne"])
def test_no_page_has_a_violation(open_page: Open, path: str) -> None:
    """WCAG 2.2 AA as far as a machine can tell, on a phone, and nobody scrolls sideways at 320 pixels."""
    page = open_page(path, bypass_csp=True, viewport=PHONE)
    page.wait_for_load_state("networkidle")
    results = Axe().run(page, options=WCAG)
    page.set_viewport_size({"width": 320, "height": 568})

    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.browser
def test_the_lines_to_embed_can_be_copied_and_tried(open_page: Open) -> None:
    """The button in the corner is the widget itself, the copied text is what is shown."""
    page = open_page("/hoshimi/embed?lang=en", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#copy").click()
    expect(page.locator("#copied")).to_have_text("Copied")

    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet").text_content()
    page.locator("madoguchi-widget .open").click()
    expect(page.frame_locator("madoguchi-widget iframe").locator("#question")).to_be_visible()
