"""The console in a real browser: everybody can use every page, with keyboard, screen reader, small screen, or no script."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from bot.app import create_app
from bot.commands.staff_accounts import first_link
from bot.handler import now_in_japan
from bot.settings import Settings
from bot.storage.staff import Assignment, Staff, add_staff
from bot.storage.staff_sessions import make_link
from connectors.console import codes
from tests.browsers import real_chromium, windows_of
from tests.conftest import ROOT, free_port, listens, wait_for
from tests.console.conftest import HASH, PASSWORD

pytestmark = pytest.mark.browser
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SECRET = pyotp.random_base32()
ACCOUNTS = {
    "chief": [Assignment("1", "admin", "*"), Assignment("2", "auditor", "hoshimi")],
    "officer": [Assignment("3", "officer", "hoshimi", frozenset({"residents"}), frozenset({"ja", "en"}))],
    "coded": [Assignment("4", "officer", "hoshimi")],
    "begun": [Assignment("5", "officer", "hoshimi")],
    "emergency": [Assignment("6", "admin", "*")],
    "nobody": [],
}


@dataclass
class Live:
    """The console on a port of its own."""

    base: str
    app: FastAPI

    def link(self, purpose: str) -> str:
        """Return a fresh one-time link."""
        database = self.app.state.handler.database
        whose = "id-officer" if purpose == "password" else None
        return f"/console/{purpose}/" + database.write_now(lambda c: make_link(c, purpose, whose, now_in_japan()))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real application over a real socket, with an account of each kind."""
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(
        database_url=f"sqlite:///{folder}/live.sqlite3", var_dir=ROOT / "var" / "tests", staff_key_file=str(folder / "staff.key"),
        oidc_issuer="https://login.example",
    )  # fmt: skip
    app, port = create_app(settings, ["hoshimi"]), free_port()
    database = app.state.handler.database
    assert first_link(database, "")
    sealed = codes.seal(settings, SECRET)
    for login, roles in ACCOUNTS.items():
        person = Staff(
            f"id-{login}", login, f"{login} 星", password=HASH, assignments=tuple(roles), break_glass=login == "emergency",
            totp=sealed if login in ("coded", "begun") else None, totp_on=login == "coded",
        )  # fmt: skip
        database.write_now(lambda connection, person=person: add_staff(connection, person, now_in_japan()))
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield Live(f"http://localhost:{port}", app)
    server.should_exit = True
    thread.join(10)
    database.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium."""
    with real_chromium() as browser:
        yield browser


Window = Callable[..., Page]


@pytest.fixture
def window(chromium: Browser, live: Live) -> Iterator[Window]:
    """Opens a page in a browser of its own; every error of a script, or against the policy, fails the test."""
    with windows_of(chromium) as windows:

        def _open(path: str = "/console/sign-in", login: str = "", **options: object) -> Page:
            page = windows.open(**{"viewport": {"width": 1200, "height": 800}, **options})
            if login:
                sign_in(page, live, login)
            page.goto(live.base + path)
            return page

        yield _open


def sign_in(page: Page, live: Live, login: str) -> None:
    """Sign in with name and password."""
    page.goto(f"{live.base}/console/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url or url.endswith("console") or "/code" in url)


def check_axe(page: Page) -> None:
    """Assert that axe finds nothing wrong, and no lack of contrast in the dark scheme either."""
    for scheme, options in (("light", WCAG), ("dark", CONTRAST)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        results = Axe().run(page, options=options)
        assert results.violations_count == 0, f"{page.url} {scheme}: {results.generate_report()}"


PAGES = [
    ("", "/console/sign-in"), ("", "first"), ("", "password"), ("", "/console/first/over"), ("", "/console/nothing"),
    ("chief", "/console"), ("nobody", "/console"), ("officer", "/console/account"), ("officer", "/console/account/totp"),
    ("begun", "/console/account/totp"), ("emergency", "/console/account/totp"), ("chief", "/console/hoshimi/staff"),
    ("chief", "/console/hoshimi/staff/new"), ("chief", "/console/hoshimi/staff/id-officer"),
    ("chief", "/console/hoshimi/staff/id-chief"), ("chief", "/console/hoshimi/audit"),
    ("chief", "/console/hoshimi/audit?staff=nobody-at-all"), ("officer", "/console/hoshimi/staff"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_page_has_a_violation(window: Window, live: Live, language: str) -> None:
    """WCAG 2.2 AA as far as a machine can tell, in both colour schemes and languages; and 320 pixels are wide enough."""
    open_pages: dict[str, Page] = {}
    for login, path in PAGES:
        page = open_pages.get(login) or window("/console", login, bypass_csp=True, locale=language)
        open_pages[login] = page
        address = live.link(path) if path in ("first", "password") else path
        page.goto(f"{live.base}{address}{'&' if '?' in address else '?'}lang={language}")
        assert page.locator("html").get_attribute("lang") == language
        check_axe(page)
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, path
        page.set_viewport_size({"width": 1200, "height": 800})


def wrong(page: Page, live: Live) -> None:
    """A wrong password."""
    page.goto(f"{live.base}/console/sign-in")
    page.locator("#login").fill("officer")
    page.locator("#password").fill("wrong")
    page.locator("main form button").click()
    page.locator("#wrong").wait_for()


def coded(page: Page, live: Live) -> None:
    """A wrong one-time code."""
    sign_in(page, live, "coded")
    page.locator("#code").fill("000000")
    page.locator("main form button").click()
    page.locator("#code-mistake").wait_for()


def unfilled(page: Page, live: Live) -> None:
    """A new account without departments, under a name that is taken."""
    sign_in(page, live, "chief")
    page.goto(f"{live.base}/console/hoshimi/staff/new")
    page.locator("#name").fill("花子")
    page.locator("#login").fill("!!")
    page.get_by_label("相談担当").check()
    page.get_by_label("次の課だけ").check()
    page.get_by_role("button", name="追加する").click()
    page.locator("#departments-mistake").wait_for()


def linked(page: Page, live: Live) -> None:
    """A link for a password, just made."""
    sign_in(page, live, "chief")
    page.goto(f"{live.base}/console/hoshimi/staff/id-nobody")
    page.get_by_role("button", name="新しいパスワードを決めるリンクを作る").click()
    page.locator("code.address").wait_for()


def enrolled(page: Page, live: Live) -> None:
    """One-time codes, just set up; the recovery codes are shown."""
    sign_in(page, live, "begun")
    page.goto(f"{live.base}/console/account/totp")
    page.locator("img.qr").evaluate("(image) => image.decode()")
    page.locator("#code").fill(pyotp.TOTP(SECRET).now())
    page.get_by_role("button", name="設定を終える").click()
    page.locator(".codes").wait_for()


@pytest.mark.parametrize("state", [wrong, coded, unfilled, linked, enrolled])
def test_no_state_has_a_violation(window: Window, live: Live, state: Callable[[Page, Live], None]) -> None:
    """Mistakes, links and codes are as accessible as the page before them."""
    page = window(bypass_csp=True)
    state(page, live)

    check_axe(page)


def test_the_door_opens_by_keyboard(window: Window) -> None:
    """Tab, type, Enter; a mistake is announced, has the focus, and the name is still there."""
    page = window()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type("officer")
    page.keyboard.press("Tab")
    page.keyboard.type("not this one")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_be_focused()
    expect(page.locator("#login")).to_have_value("officer")
    page.locator("#password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("ホーム")


def test_without_scripts_everything_works(window: Window, live: Live) -> None:
    """Screen-transfer browsers and locked-down terminals: sign in, look at the account, sign out."""
    page = window(login="officer", java_script_enabled=False)
    page.get_by_role("link", name="officer 星").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("自分のアカウント")
    expect(page.locator("[data-shows]")).to_be_hidden()
    page.get_by_role("button", name="サインアウト").click()

    expect(page.locator(".done")).to_have_text("サインアウトしました。")


def test_nothing_comes_from_elsewhere(window: Window, live: Live) -> None:
    """One host, no socket, no pop-up: what a city's firewall has to let through is one name."""
    asked: list[str] = []
    page = window()
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    sign_in(page, live, "chief")
    for path in ("/console", "/console/account", "/console/hoshimi/staff", "/console/hoshimi/audit"):
        page.goto(live.base + path)

    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(live.base)] == []
    assert len(page.context.pages) == 1


def test_a_password_may_be_pasted_and_looked_at(window: Window, live: Live) -> None:
    """No field refuses the clipboard or the password manager (A-20); a button shows what was typed."""
    page = window(live.link("password"))
    assert page.locator("#password").get_attribute("autocomplete") == "new-password"
    page.locator("#password").evaluate("""(field) => {
        const pasted = new ClipboardEvent('paste', {cancelable: true, bubbles: true, clipboardData: new DataTransfer()});
        document.title = String(field.dispatchEvent(pasted));
    }""")
    assert page.title() == "true"
    page.get_by_role("button", name="パスワードを表示").click()

    assert page.locator("#again").get_attribute("type") == "text"
