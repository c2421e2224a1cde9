"""The pages that residents see, in every language: whole, right in their tongue, and safe whatever is asked."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from faq.data_files import DataFiles
from faq.languages import load_languages

LANGUAGES = load_languages(DataFiles())
PAGES = {
    "home": "/hoshimi",
    "chat": "/hoshimi/chat",
    "faq": "/hoshimi/faq",
    "search": "/hoshimi/faq?q=moving",
    "nothing found": "/hoshimi/faq?q=%F0%9F%97%91",
    "entry": "/hoshimi/faq/moving-in",
    "notice": "/hoshimi/notice",
    "print": "/hoshimi/faq/print?topic=moving",
    "embed": "/hoshimi/embed",
    "kiosk": "/hoshimi/kiosk",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</title></textarea><svg/onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7} {city}",
    "javascript:alert(1)//\u2028\x00\x1b",
    "あ" * 5_000,
]
VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Page(HTMLParser):
    """A page as a browser takes it apart: each element's name, attributes and text."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        (self.data if self.open and self.open[-1] == "script" else self.words).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """All words of the page, scripts of data included."""
        return " ".join([*self.words, *self.data])


def read(response: httpx.Response) -> Page:
    """Take a page apart; every element that is opened is closed."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    page = Page()
    page.feed(response.text)
    page.close()
    assert page.open == []
    return page


def check_safe(page: Page) -> None:
    """Assert that nothing in the page runs but our own files (what the security policy allows)."""
    assert page.all("style") == []
    for script in page.all("script"):
        own = script.get("src", "").startswith(("/static/", "/embed/v1/"))
        assert own or script.get("type") in ("application/json", "application/ld+json")
    for tag, attributes in page.elements:
        assert "style" not in attributes, f"<{tag}> has an inline style"
        assert not [name for name in attributes if name.startswith("on")], f"<{tag}> has an inline script"
        for name in ("href", "src", "action"):
            address = attributes.get(name, "")
            assert address.startswith(("/", "#", "https://", "tel:", "http://")) or not address, address


@pytest.mark.parametrize("language", [language.code for language in LANGUAGES])
@pytest.mark.parametrize("name", PAGES)
async def test_every_page_is_whole_in_every_language(client: httpx.AsyncClient, name: str, language: str) -> None:
    """Language and direction are told, no blank is left unfilled, a heading leads it, nothing inline runs."""
    separator = "&" if "?" in PAGES[name] else "?"
    page = read(await client.get(f"{PAGES[name]}{separator}lang={language}"))

    wanted = {"lang": LANGUAGES[language].html, "dir": "rtl" if LANGUAGES[language].rtl else "ltr"}
    assert page.all("html") == [wanted]
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
    assert re.findall(r"\{[A-Za-z_. -]*\}", " ".join(page.words)) == []  # what scripts fill in, they fill in
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    check_safe(page)


async def test_a_page_without_a_language_speaks_that_of_the_browser(client: httpx.AsyncClient) -> None:
    """The resident's choice in the address outranks the browser's; an unknown choice does not count."""
    headers = {"Accept-Language": "fr-FR,pt;q=0.9,en;q=0.8"}
    for address, language in (("/hoshimi", "pt-BR"), ("/hoshimi?lang=vi", "vi"), ("/hoshimi?lang=xx", "pt-BR")):
        assert read(await client.get(address, headers=headers)).all("html")[0]["lang"] == language

    assert read(await client.get("/hoshimi")).all("html")[0]["lang"] == "ja"


@pytest.mark.parametrize("start", ["/hoshimi?lang=en", "/hoshimi/faq?lang=en"])
async def test_every_link_leads_somewhere(client: httpx.AsyncClient, start: str) -> None:
    """All pages, files and anchors that home and FAQ point to are there."""
    page = read(await client.get(start))
    links = [link["href"] for tag in ("a", "link") for link in page.all(tag)] + [script["src"] for script in page.all("script")]
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for address in dict.fromkeys(links):
        if address.startswith("#"):
            assert address[1:] in ids
        elif address.startswith("/"):
            response = await client.get(urldefrag(urljoin(start, address)).url)
            assert response.status_code == 200, address

    assert len(links) > 20


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("path", ["/hoshimi", "/hoshimi/chat", "/hoshimi/faq"])
async def test_a_hostile_question_stays_text(client: httpx.AsyncClient, path: str, query: str) -> None:
    """Whatever stands in an address, no element of its own gets into the page."""
    harmless = read(await client.get(path, params={"lang": "en", "q": "harmless"}))
    page = read(await client.get(path, params={"lang": "en", "q": query}))

    check_safe(page)
    for tag in ("script", "img", "svg", "textarea"):
        assert len(page.all(tag)) == len(harmless.all(tag))
    if path.endswith("faq"):
        assert {"name": "q", "value": query[:200]}.items() <= page.all("input")[1].items()


async def test_the_search_finds_without_a_script(client: httpx.AsyncClient) -> None:
    """A form that any browser sends, links to whole answers, and a word when there is none."""
    form = read(await client.get("/hoshimi/faq?lang=ja"))
    found = read(await client.get("/hoshimi/faq?lang=ja&q=ひっこし"))
    answers = [link["href"] for link in found.all("a") if link["href"].startswith("/hoshimi/faq/")]

    assert form.all("form")[0].items() >= {"action": "/hoshimi/faq", "method": "get"}.items()
    assert answers
    answer = read(await client.get(answers[0]))
    assert any(link["href"].startswith("tel:") for link in answer.all("a"))
    assert re.search(r"20\d\d-\d\d-\d\d", answer.text)


async def test_one_topic_can_be_shown_alone(client: httpx.AsyncClient) -> None:
    """A topic has an address, and from it leads a way back to all; an unknown topic shows all."""
    every = read(await client.get("/hoshimi/faq?lang=en"))
    alone = read(await client.get("/hoshimi/faq?lang=en&topic=moving"))

    assert len(alone.all("section")) == 1 < len(every.all("section"))
    assert len(read(await client.get("/hoshimi/faq?lang=en&topic=never-was")).all("section")) == len(every.all("section"))


async def test_the_front_door_leads_to_the_city(client: httpx.AsyncClient) -> None:
    """The address without a city is that of the default city, its language kept."""
    response = await client.get("/?lang=vi")

    assert response.status_code == 307
    assert response.headers["location"] == "/hoshimi?lang=vi"


async def test_the_chat_page_has_a_way_without_a_script(client: httpx.AsyncClient) -> None:
    """Who cannot run the chat is led to the FAQ in the same language, with what they asked."""
    text = (await client.get("/hoshimi/chat", params={"lang": "en", "q": "spray & can"})).text
    without_script = text[text.index("<noscript>") : text.index("</noscript>")]

    assert 'href="/hoshimi/faq?lang=en&amp;q=spray%20%26%20can"' in without_script


@pytest.mark.parametrize("language", [language.code for language in LANGUAGES])
async def test_the_home_page_offers_three_questions_that_are_asked_often(
    client: httpx.AsyncClient, app: FastAPI, language: str
) -> None:
    """Links into the chat, each with a published question of the same language that many people ask."""
    entries = app.state.handler.service.release("hoshimi").knowledge.entries.values()
    often = {entry.texts[language].question for entry in entries if entry.most_asked and language in entry.texts}
    page = read(await client.get(f"/hoshimi?lang={language}"))
    addresses = [urlsplit(link["href"]) for link in page.all("a") if "&q=" in link["href"]]
    asked = [parse_qs(address.query) for address in addresses]

    assert {address.path for address in addresses} == {"/hoshimi/chat"}
    assert len({query["q"][0] for query in asked}) == 3
    assert {query["q"][0] for query in asked} <= often
    assert {query["lang"][0] for query in asked} == {language}


async def test_every_city_has_its_pages(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Also one that has told us no more than its name and telephone."""
    for city in app.state.handler.service.releases:
        for path in (f"/{city}", f"/{city}/chat", f"/{city}/faq", f"/{city}/faq/moving-in"):
            check_safe(read(await client.get(path, params={"lang": "en"})))
