"""Staff in the chat: their messages arrive by themselves, once, with who wrote them; the way back to the bot stays open."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from bot.handoff import Officer, Ticket
from bot.messages import Turn
from tests.conftest import free_port, listens, wait_for
from tests.connectors.conftest import Open, ask, conversation, replying
from tests.connectors.test_browser import LISTEN
from tests.connectors.test_browser_access import check_axe

pytestmark = pytest.mark.browser
OFFICER = Officer("officer-1", "見本 花子")
T = TypeVar("T")


@dataclass
class Inside:
    """The real application on a port of its own, and a way to act as staff inside it."""

    base: str
    app: FastAPI
    loop: asyncio.AbstractEventLoop

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a step of staff where the application runs, and return what it gives."""
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(10)

    def ticket(self, number: str) -> Ticket:
        """Return a ticket as it stands."""
        found: Ticket = self.run(self.app.state.handler.desk.ticket("hoshimi", number))
        return found

    def take(self, number: str) -> None:
        """Have an officer take the ticket."""
        self.run(self.app.state.handler.desk.take("hoshimi", number, OFFICER, self.ticket(number).version))

    def reply(self, number: str, text: str) -> Turn:
        """Have an officer answer."""
        turn: Turn = self.run(self.app.state.handler.desk.reply("hoshimi", number, OFFICER, text, self.ticket(number).version))
        return turn

    def close(self, number: str) -> None:
        """Have an officer close the ticket."""
        self.run(self.app.state.handler.desk.close("hoshimi", number, OFFICER, self.ticket(number).version))


@pytest.fixture(scope="module")
def inside(app: FastAPI) -> Iterator[Inside]:
    """The application in this process, without the lifespan that would close its database."""
    port, loop = free_port(), asyncio.new_event_loop()
    options = {"lifespan": "off", "log_level": "warning", "timeout_graceful_shutdown": 1}
    server = uvicorn.Server(uvicorn.Config(app, port=port, **options))  # type: ignore[arg-type]
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()), daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield Inside(f"http://127.0.0.1:{port}", app, loop)
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def waiting(open_page: Open, inside: Inside) -> tuple[Page, str]:
    """A talk that waits for staff, and its ticket's number."""
    page = open_page("/api/docs", bypass_csp=True)
    page.goto(f"{inside.base}/hoshimi/chat?lang=ja")
    ask(page, "say:person")
    with replying(page):
        page.locator(".turn").last.locator(".choices button").first.click()
    turns = page.evaluate("JSON.parse(localStorage.getItem('madoguchi:hoshimi')).turns")
    return page, str(turns[-1]["reply"]["ticket"])


def test_who_waits_sees_the_number_and_may_cancel(waiting: tuple[Page, str]) -> None:
    """Number and cancelling stay in view above the input; the input stays usable; cancelled, the bot answers again."""
    page, number = waiting
    desk = page.locator(".desk")
    expect(desk).to_contain_text(number)
    check_axe(page)
    expect(page.locator("#question")).to_be_enabled()
    with replying(page):
        desk.get_by_role("button").last.click()

    expect(desk).to_be_hidden()
    ask(page, "entry:moving-in")
    expect(page.locator(".turn").last.locator("dl")).to_be_visible()


def test_who_waits_can_take_a_link_along(waiting: tuple[Page, str]) -> None:
    """"How to get the reply" leads to a link back into the talk, on another device as well."""
    page, number = waiting
    page.get_by_role("link", name="返信の受け取り方").click()
    page.get_by_role("button", name="戻るためのリンクを作る").click()
    address = page.locator("#made input").input_value()
    page.evaluate("localStorage.clear()")
    page.goto(address)
    page.get_by_role("button", name="会話に戻る").click()

    expect(page.locator(".desk")).to_contain_text(number)


def test_a_reply_of_staff_is_shown_and_announced_once_with_its_author(waiting: tuple[Page, str], inside: Inside) -> None:
    """It comes without a reload, is labelled 職員 with the department, and is still there once after a reload."""
    page, number = waiting
    inside.take(number)
    expect(page.locator(".desk")).to_contain_text("対応しています")
    page.evaluate(LISTEN)
    text = "窓口でお手続きいただけます。"
    with replying(page):
        inside.reply(number, text)
    staff = page.locator(".turn.staff", has_text=text)

    expect(staff.locator(".who")).to_contain_text("職員（")
    heard = page.evaluate("window.heard")
    assert [text in said for said in heard] == [True]
    assert heard[0].startswith("職員")
    check_axe(page)
    page.reload()
    page.wait_for_timeout(800)
    assert staff.count() == 1


def test_what_a_resident_writes_to_staff_gets_no_reply_of_the_bot(waiting: tuple[Page, str], inside: Inside) -> None:
    """While staff hold the talk there is the resident's message, and nothing that pretends to answer it."""
    page, number = waiting
    inside.take(number)
    expect(page.locator(".desk")).to_contain_text("対応しています")
    inside.reply(number, "どのような件でしょうか。")
    expect(page.locator(".turn.staff", has_text="どのような件でしょうか。")).to_be_visible()
    replies, own = page.locator(".turn:not(.mine)").count(), page.locator(".mine").count()
    page.locator("#question").fill("住民票のことです")
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_have_value("")
    page.wait_for_timeout(500)

    assert page.locator(".mine").count() == own + 1
    assert page.locator(".turn:not(.mine)").count() == replies
    with replying(page):
        inside.close(number)
    expect(page.locator(".desk")).to_be_hidden()


def test_a_talk_of_which_only_the_id_is_known_is_restored(waiting: tuple[Page, str], inside: Inside) -> None:
    """What a return link leaves in the tab is enough: messages, the words of tapped choices, the state at the desk."""
    page, number = waiting
    inside.take(number)
    expect(page.locator(".desk")).to_contain_text("対応しています")
    id_ = conversation(page)
    before = page.locator(".log .bubble").all_inner_texts()
    page.evaluate("localStorage.clear()")
    page.evaluate("id => sessionStorage.setItem('madoguchi:hoshimi', JSON.stringify({ conversation: id, turns: [] }))", id_)
    page.reload()
    expect(page.locator(".desk")).to_contain_text(number)

    after = page.locator(".log .bubble").all_inner_texts()
    assert len(after) == len(before)
    assert after[2:] == before[2:]
    assert conversation(page) == id_
    assert page.evaluate("sessionStorage.getItem('madoguchi:hoshimi')") is None


def test_two_windows_show_one_talk(waiting: tuple[Page, str], inside: Inside) -> None:
    """What is asked in one window appears in the other, each message once."""
    page, _ = waiting
    other = page.context.new_page()
    other.goto(f"{inside.base}/hoshimi/chat?lang=ja")
    other.locator(".desk").wait_for()
    ask(other, "追加の質問です")

    expect(page.locator(".mine", has_text="追加の質問です")).to_have_count(1)
    assert page.locator(".turn").count() == other.locator(".turn").count()


def test_a_reply_of_staff_is_counted_on_the_closed_widget(open_page: Open, inside: Inside) -> None:
    """A resident who has closed the panel sees and hears that an answer is there; opening shows it and takes the count away."""
    page = open_page("/api/docs", bypass_csp=True)
    page.goto(f"{inside.base}/hoshimi?lang=ja")
    opener = page.locator("madoguchi-widget .open")
    opener.click()
    frame = page.frame_locator("madoguchi-widget iframe")
    frame.locator("#question").fill("人と話したい")
    frame.locator("#question").press("Enter")
    frame.get_by_role("button", name="市民課に聞く").click()
    expect(frame.locator(".desk")).to_contain_text("待っています")
    number = frame.locator(".desk").inner_text().split("受付番号は ")[1].split(" ")[0]
    frame.locator("#question").press("Escape")
    expect(page.locator("madoguchi-widget dialog")).to_be_hidden()
    page.wait_for_timeout(500)  # the frame is told a moment later; what comes before counts as seen
    inside.take(number)
    inside.reply(number, "窓口でお手続きいただけます。")

    expect(page.get_by_role("button", name="新しい返事が2件あります")).to_be_visible(timeout=20_000)
    expect(page.locator("madoguchi-widget [role=status]").first).to_have_text("新しい返事が2件あります")
    check_axe(page)
    opener.click()
    expect(page.locator("madoguchi-widget .count")).to_be_hidden()
    expect(frame.locator(".turn.staff", has_text="窓口でお手続きいただけます。")).to_be_visible()
