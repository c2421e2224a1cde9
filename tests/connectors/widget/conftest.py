"""A city's website beside the service, and residents who visit it in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from bot.settings import Settings
from tests.conftest import free_port
from tests.connectors.conftest import Server
from tests.connectors.widget.hosting import Website, content_with_sites, website

DESKTOP = {"width": 1200, "height": 800}


@pytest.fixture(scope="session")
def port() -> int:
    """The port of the city's website."""
    return free_port()


@pytest.fixture(scope="session")
def service(settings: Settings, tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Server]:
    """The service, with the city's website among the registered ones, under both its names."""
    folder = tmp_path_factory.mktemp("widget")
    content = content_with_sites(folder, [f"http://127.0.0.1:{port}", f"http://localhost:{port}"])
    server = Server(folder, settings.var_dir, free_port(), content={"FAQ_DIR": str(content)})
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def site(service: Server, port: int) -> Iterator[Website]:
    """The city's website, on the same site as the service for a browser, as `chat.city` is with `www.city`."""
    with website(port) as site:
        site.includes(service.base)
        yield site


class Visit:
    """A resident's visits to the website, and what the browser's console said meanwhile."""

    def __init__(self, browser: Browser, site: Website) -> None:
        self.browser, self.site = browser, site
        self.contexts: list[BrowserContext] = []
        self.said: list[str] = []
        self.failed: list[str] = []

    def __call__(self, name: str, query: str = "", script: str = "", **options: object) -> Page:
        """Open a page of the website in a window of its own."""
        context = self.browser.new_context(**{"viewport": DESKTOP, "locale": "ja-JP", **options})  # type: ignore[arg-type]
        self.contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda line: self.said.append(line.text))
        page.on("pageerror", lambda error: self.failed.append(str(error)))
        page.goto(self.site.page(name) + query)
        return page


@pytest.fixture
def visit(browser: Browser, site: Website) -> Iterator[Visit]:
    """Opens pages of the website; an error of a script on any of them fails the test."""
    visit = Visit(browser, site)
    yield visit
    for context in visit.contexts:
        context.close()
    assert visit.failed == []


def chat(page: Page) -> FrameLocator:
    """The chat within the panel."""
    return page.frame_locator("madoguchi-widget iframe")


def open_panel(page: Page) -> None:
    """Press the button and wait until the chat can be typed into."""
    page.locator("madoguchi-widget .open").click()
    chat(page).locator("#question").wait_for()
    expect(page.locator("madoguchi-widget .wait")).to_be_hidden()


def ask_in(page: Page, text: str) -> None:
    """Ask a question in the panel and wait for the reply."""
    frame = chat(page)
    before = frame.locator(".turn:not(.mine)").count()
    frame.locator("#question").fill(text)
    frame.locator("#question").press("Enter")
    frame.locator(".turn:not(.mine)").nth(before).wait_for()
