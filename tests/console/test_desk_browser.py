"""The desk in two real browsers: a resident's phone and an officer's screen, from the question to the bot again."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsers import real_chromium, windows_of
from tests.console.desk_trial import Hall, hall
from tests.console.test_console_browser import check_axe

pytestmark = pytest.mark.browser
PHONE, DESKTOP = {"width": 375, "height": 760}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A city hall with four officers."""
    with hall(tmp_path_factory.mktemp("hall")) as opened:
        yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium."""
    with real_chromium() as browser:
        yield browser


Window = Callable[..., Page]


@pytest.fixture
def window(chromium: Browser, desk: Hall) -> Iterator[Window]:
    """Opens an address in a browser of its own; every error of a script, or against the policy, fails the test."""
    with windows_of(chromium, wait_ms=10_000) as windows:

        def _open(path: str, login: str = "", **options: object) -> Page:
            page = windows.open(**{"viewport": DESKTOP if login else PHONE, **options})
            if login:
                desk.sign_in(page, login)
            page.goto(desk.base + path)
            return page

        yield _open


def ask(page: Page, text: str) -> None:
    """Have the resident type something and wait for what the bot says."""
    before = page.locator(".turn:not(.mine)").count()
    page.locator("#question").fill(text)
    page.keyboard.press("Enter")
    page.locator(".turn:not(.mine)").nth(before).wait_for()


def tell(page: Page, text: str) -> None:
    """Have the resident write to staff; nobody answers at once."""
    page.locator("#question").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".mine", has_text=text)).to_be_visible()


def press(page: Page, words: str) -> None:
    """Have the officer press a button and wait for the page that comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def number_of(page: Page) -> str:
    """Return the number that the resident reads."""
    page.locator(".desk").wait_for()
    return str(page.evaluate("JSON.parse(localStorage.getItem('madoguchi:hoshimi')).turns.at(-1).reply.ticket"))


# language, a question without answer, what the resident adds, what the officer replies
TALKS = [
    ("ja", "市長の年収は", "土曜日でも手続きできますか", "市民課です。土曜日はお休みです。"),
    ("pt-BR", "Qual é o salário do prefeito?", "Posso ir no sábado?", "Aos sábados estamos fechados."),
]


@pytest.mark.parametrize(("language", "unanswerable", "words", "reply"), TALKS)
def test_from_the_question_to_the_bot_again(
    window: Window, desk: Hall, language: str, unanswerable: str, words: str, reply: str
) -> None:
    """Ask, decline, hand-off, waiting, taken, replies both ways, note, pass on, close, bot again (S-18…S-23)."""

    def _says(key: str, **values: object) -> str:
        texts = desk.app.state.handler.service.texts
        return str(texts.say(key, language, city="", phone="", **values))

    inbox = window("/console/hoshimi/inbox", "hanako")
    phone = window(f"/hoshimi/chat?lang={language}")
    ask(phone, unanswerable)
    ask(phone, unanswerable)
    before = phone.locator(".turn:not(.mine)").count()
    phone.get_by_role("button", name=_says("choice.person"), exact=True).last.click()
    phone.locator(".turn:not(.mine)").nth(before).wait_for()
    phone.locator(".turn").last.locator(".choices button").first.click()
    number = number_of(phone)
    assert _says("handoff.number", ticket=number) in phone.locator(".turn").last.inner_text()

    # The officer's list hears of it by itself, and so does the title of the page.
    inbox.locator(f"[data-ticket='{number}']").wait_for()
    expect(inbox.locator(f"[data-ticket='{number}'] .state")).to_have_text("待っています")
    assert inbox.title().startswith("(")
    inbox.locator(f"[data-ticket='{number}'] a").click()
    expect(inbox.locator(".talk")).to_contain_text(unanswerable)
    expect(inbox.get_by_text("見つからなかった").first).to_be_visible()
    press(inbox, "対応する")
    expect(phone.locator(".log")).to_contain_text(_taken(desk, language))

    # Replies both ways; each side reads the other's own words, in the language that they are in.
    tell(phone, words)
    expect(inbox.locator(".talk .resident", has_text=words)).to_be_visible()
    inbox.locator("#text").fill(reply)
    press(inbox, "送信する")
    expect(phone.locator(".turn.staff", has_text=reply)).to_be_visible()
    expect(inbox.locator(".talk .staff", has_text=reply)).to_contain_text("見本 花子")
    assert inbox.locator(".talk .staff .bubble p").last.get_attribute("lang") == language

    # A note stays with staff.
    inbox.locator("#note").fill("窓口の日程を確かめること")
    press(inbox, "メモを残す")
    expect(inbox.locator("#notes")).to_contain_text("窓口の日程を確かめること")

    # Passed on to a colleague with a note, who reads it, and ends it.
    inbox.get_by_text("ほかの課・職員に引き継ぐ").click()
    inbox.locator("#officer").select_option("id-taro")
    inbox.locator("#assign-note").fill("続きをお願いします")
    press(inbox, "引き継ぐ")
    colleague = window(f"/console/hoshimi/tickets/{number}", "taro")
    expect(colleague.locator("#notes")).to_contain_text("続きをお願いします")
    colleague.get_by_text("対応を終える").first.click()
    assert colleague.locator(".finish blockquote").inner_text() == _says("handoff.closed")
    press(colleague, "対応を終える")

    expect(phone.locator(".log")).to_contain_text(_says("handoff.closed"))
    expect(phone.locator(".desk")).to_be_hidden()
    assert "窓口の日程" not in phone.content()
    assert "続きをお願い" not in phone.content()
    ask(phone, unanswerable)
    assert phone.locator(".turn.staff").count() == 1
    assert desk.ticket(number).state.value == "closed"


def _taken(desk: Hall, language: str) -> str:
    """Return the words that tell who answers, up to the department's name."""
    return str(desk.app.state.handler.service.texts.say("handoff.taken", language, department="|")).split("|")[0]


def test_two_officers_who_send_at_once_lose_nothing(window: Window, desk: Hall) -> None:
    """The second is told, sees both texts, and sends when they have looked (S-21)."""
    number = desk.handed_off("ja", "住民票がほしい")
    address = f"/console/hoshimi/tickets/{number}"
    first = window(address, "hanako")
    press(first, "対応する")
    second = window(address, "taro")
    expect(first.locator("#status .looks")).to_contain_text("見本 太郎さんが見ています")
    second.locator("#text").press_sequentially("土曜日は開いていません。")
    expect(first.locator("#status .looks")).to_contain_text("見本 太郎さんが返信を書いています")
    first.locator("#text").fill("窓口は平日だけです。")
    press(first, "送信する")
    expect(second.locator("#newer")).to_be_visible()
    press(second, "送信する")

    expect(second.locator("#conflict")).to_be_focused()
    expect(second.locator("#theirs")).to_have_text("窓口は平日だけです。")
    expect(second.locator("#yours")).to_have_text("土曜日は開いていません。")
    expect(second.locator("#text")).to_have_value("土曜日は開いていません。")
    check_axe(window(address, "taro", bypass_csp=True))
    press(second, "送信する")
    expect(second.locator(".talk .staff")).to_have_count(2)


def test_what_is_being_written_survives_a_reload(window: Window, desk: Hall) -> None:
    """In the tab, until the server has taken it; then it is gone."""
    number = desk.handed_off("ja", "住民票がほしい")
    page = window(f"/console/hoshimi/tickets/{number}", "hanako")
    press(page, "対応する")
    page.locator("#text").press_sequentially("書きかけの返信")
    page.reload()
    expect(page.locator("#text")).to_have_value("書きかけの返信")
    press(page, "送信する")
    expect(page.locator(".done")).to_have_text("返信を送りました。")

    expect(page.locator("#text")).to_have_value("")
    page.reload()
    expect(page.locator("#text")).to_have_value("")


def test_everything_can_be_done_without_scripts(window: Window, desk: Hall) -> None:
    """Screen-transfer browsers and locked-down terminals: find, take, insert, look, send, close, and open again."""
    number = desk.handed_off("ja", "住民票がほしい")
    page = window("/console/hoshimi/inbox", "hanako", java_script_enabled=False)
    page.locator(f"[data-ticket='{number}'] a").click()
    press(page, "対応する")
    press(page, "くわしく聞く")
    expect(page.locator("#text")).to_have_value("もう少しくわしく教えてください。お名前や番号は書かないでください。")
    press(page, "見え方を確かめる")
    expect(page.locator(".preview .bubble")).to_contain_text("もう少しくわしく")
    press(page, "送信する")
    expect(page.locator(".talk .staff")).to_have_count(1)
    page.locator(".finish summary").click()
    press(page, "対応を終える")
    press(page, "もう一度対応する")

    expect(page.locator("#text")).to_be_visible()


def test_keys_walk_the_list_and_can_be_turned_off(window: Window, desk: Hall) -> None:
    """j, k, Enter, t, r, n, ?; single keys are off for whoever turns them off (WCAG 2.1.4)."""
    desk.handed_off("ja", "住民票がほしい")
    page = window("/console/hoshimi/inbox", "hanako")
    page.keyboard.press("j")
    expect(page.locator(".inbox tbody th a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/*")
    with page.expect_navigation():
        page.keyboard.press("t")
    page.keyboard.press("r")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("n?")
    expect(page.locator("#text")).to_have_value("n?")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#note")).not_to_be_focused()


def test_a_published_answer_goes_into_the_reply(window: Window, desk: Hall) -> None:
    """In the resident's language, with its source; the officer's own words stay before it."""
    number = desk.handed_off("en", "How do I register my dog?", "environment")
    page = window(f"/console/hoshimi/tickets/{number}", "hanako")
    press(page, "対応する")
    page.locator("#text").press_sequentially("Hello.")
    page.locator("button[data-insert][value^='insert:entry:dog-registration']").click()
    written = page.locator("#text").input_value()

    assert written.startswith("Hello.\n\n")
    assert "91" in written or "dog" in written
    assert len(written) > 100


def test_a_proxy_that_holds_streams_back_does_not_stop_the_list(window: Window, desk: Hall) -> None:
    """The page notices, and asks every few seconds."""
    page = window("/console", "hanako")
    page.route("**/inbox/events*", lambda route: route.abort())
    page.goto(f"{desk.base}/console/hoshimi/inbox")
    expect(page.locator("#live")).to_have_text("数秒ごとに更新しています", timeout=15_000)
    number = desk.handed_off("ja", "住民票がほしい")

    page.locator(f"[data-ticket='{number}']").wait_for()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_page_of_the_desk_has_a_violation(window: Window, desk: Hall, language: str) -> None:
    """WCAG 2.2 AA as far as a machine can tell, in both colour schemes; and 320 pixels are wide enough."""
    number = desk.handed_off("pt-BR", "Como tirar o lixo?", "environment")
    page = window("/console", "chief", bypass_csp=True)
    steps: list[tuple[str, str]] = [
        ("/console/hoshimi/inbox", ""), ("/console/hoshimi/inbox?state=closed&q=zzz", ""),
        (f"/console/hoshimi/tickets/{number}", ""), ("", "#take-form button"), ("", "#assign-title"), ("", "#close-title"),
        ("", "#close-form button"), ("/console/hoshimi/canned", ""), ("/console/hoshimi/canned/edit", ""),
        ("/console/hoshimi/drafts", ""), ("/console/hoshimi/hours", ""),
    ]  # fmt: skip
    for path, button in steps:
        if path:
            page.goto(f"{desk.base}{path}{'&' if '?' in path else '?'}lang={language}")
        else:
            page.locator(button).click()
            page.wait_for_load_state()
        check_axe(page)
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, page.url
        page.set_viewport_size(DESKTOP)


