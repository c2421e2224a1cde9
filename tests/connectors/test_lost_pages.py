"""An address that leads nowhere: a person gets a page in their language with ways on, a program gets JSON."""

import httpx
import pytest

from tests.connectors.conftest import Open
from tests.connectors.test_browser_access import check_axe

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "vi,en;q=0.5"}


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/chat", "/nowhere/faq/moving-in", "/a/b/c/d"])
async def test_an_unknown_city_leads_to_those_served(client: httpx.AsyncClient, path: str) -> None:
    """The page is in the browser's language and links every city; its status stays that of the error."""
    page = await client.get(path, headers=BROWSER)

    assert page.status_code == 404
    assert '<html lang="vi"' in page.text
    for city in ("hoshimi", "anjo", "tomi"):
        assert f'href="/{city}?lang=vi"' in page.text


@pytest.mark.parametrize("path", ["/hoshimi/xyz", "/hoshimi/faq/never-was", "/hoshimi/return/short"])
async def test_an_unknown_page_of_a_city_leads_back_to_the_city(client: httpx.AsyncClient, path: str) -> None:
    """City, chat, questions and telephone are one step away."""
    page = await client.get(f"{path}?lang=en", headers=BROWSER)

    assert page.status_code in (404, 422)
    for way in ("/hoshimi?lang=en", "/hoshimi/chat?lang=en", "/hoshimi/faq?lang=en", "tel:0000-00-0000"):
        assert f'href="{way}"' in page.text


async def test_a_city_without_a_desk_has_no_json_for_people(client: httpx.AsyncClient) -> None:
    """The page on how to get a reply is a page there as well."""
    page = await client.get("/anjo/receive", headers=BROWSER)

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/nowhere", {}), ("/nowhere", {"Accept": "application/json"}), ("/api/v1/nowhere/suggest?q=a", BROWSER),
     ("/opendata/nowhere/faq.json", BROWSER), ("/embed/v1/madoguchi.0123456789abcdef.js", BROWSER)],
)  # fmt: skip
async def test_programs_get_json_as_before(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    """Whoever does not ask for HTML, and whoever asks the API, gets the one shape of errors."""
    answer = await client.get(path, headers=headers)

    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/nowhere", "/hoshimi/nothing?lang=ja-easy"])
def test_the_page_is_for_everybody(open_page: Open, path: str) -> None:
    """It has no violation and no errors of scripts."""
    page = open_page("/api/docs", bypass_csp=True)
    page.goto(page.url.replace("/api/docs", path))

    assert page.locator("main a").count() >= 1
    check_axe(page)
