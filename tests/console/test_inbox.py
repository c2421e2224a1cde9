"""The inbox: who sees which questions, in which order, with how much time left, and how open pages hear of news."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI

from bot.handoff import Officer, Ticket
from bot.messages import Message
from bot.storage.staff import Assignment, Staff
from connectors.console.inbox_events import desk_news
from connectors.console.inbox_presence import note_presence, present
from connectors.console.inbox_rows import Due, Wish, due_of
from connectors.console.ticket_access import place_of
from tests.conftest import TUESDAY
from tests.console.conftest import Clock, Door

Hire = Callable[..., Staff]
HANAKO = Officer("id-hanako", "Hanako")


async def handed_off(
    console: FastAPI, question: str = "住民票がほしい", department: str = "residents", language: str = "ja"
) -> str:
    """Have a resident ask for a person; return the ticket's number."""
    conversation: str | None = None
    for text in (question, "say:person", f"desk:{department}"):
        console.state.handler.clock.forward(milliseconds=1)  # turns are in the order of their time
        turn = await console.state.handler.handle(Message("hoshimi", text, "web", conversation, language))
        conversation = turn.conversation
    return str(turn.reply.ticket)


async def ticket(console: FastAPI, number: str) -> Ticket:
    """Return a ticket as it stands."""
    found: Ticket = await console.state.handler.desk.ticket("hoshimi", number)
    return found


async def listed(door: Door, query: str = "") -> list[str]:
    """Return the numbers that the inbox lists, in its order."""
    page = await door.get(f"/console/hoshimi/inbox{query}")
    assert page.status_code == 200
    return re.findall(r'data-ticket="([\d-]+)"', page.text)


@pytest.fixture
def tuesday(clock: Clock) -> Clock:
    """A clock in office hours."""
    clock.now = TUESDAY
    return clock


async def test_those_that_wait_longest_come_first(console: FastAPI, door: Door, hire: Hire, tuesday: Clock) -> None:
    """Waiting before taken, the oldest first; what is closed is not listed unasked; the title carries how many wait."""
    hire("hanako", ("officer", "hoshimi"))
    numbers = []
    for _ in range(4):
        tuesday.forward(minutes=1)
        numbers.append(await handed_off(console))
    desk = console.state.handler.desk
    await desk.take("hoshimi", numbers[0], HANAKO, 1)
    await desk.close("hoshimi", numbers[1], HANAKO, 1)
    await door.sign_in("hanako")

    assert await listed(door) == [numbers[2], numbers[3], numbers[0]]
    assert await listed(door, "?state=closed") == [numbers[1]]
    assert await listed(door, "?whose=mine") == [numbers[0]]
    assert await listed(door, "?whose=unassigned") == numbers[2:]
    assert await listed(door, f"?state=all&q={numbers[1]}") == [numbers[1]]
    assert "<title>(2) 相談の受付" in (await door.get("/console/hoshimi/inbox")).text


async def test_an_officer_sees_their_own_departments_and_languages(
    console: FastAPI, door: Door, hire: Hire, tuesday: Clock
) -> None:
    """Not the other's, neither in the list nor by its address; what was given to them by name, and what is nobody's, they do."""
    limited = Assignment("1", "officer", "hoshimi", frozenset({"environment"}), frozenset({"ja", "en"}))
    hire("midori", limited)
    other, own = await handed_off(console), await handed_off(console, "ごみ", "environment")
    portuguese = await handed_off(console, "Lixo", "environment", "pt-BR")
    nobodys = await handed_off(console, "質問", "general")
    await door.sign_in("midori")
    assert sorted(await listed(door)) == [own, nobodys]
    for number in (other, portuguese):
        assert (await door.get(f"/console/hoshimi/tickets/{number}")).status_code == 403
        assert (await door.get(f"/console/hoshimi/tickets/{number}/live")).status_code == 403
        assert (await door.post(f"/console/hoshimi/tickets/{number}/take", {"version": "1"})).status_code == 403
    desk = console.state.handler.desk
    await desk.assign("hoshimi", other, HANAKO, 1, "residents", Officer("id-midori", "Midori"))

    assert other in await listed(door)
    assert (await door.get(f"/console/hoshimi/tickets/{other}")).status_code == 200


async def test_an_auditor_reads_and_changes_nothing(console: FastAPI, door: Door, hire: Hire, tuesday: Clock) -> None:
    """The page offers no form, and the address refuses."""
    hire("auditor", ("auditor", "hoshimi"))
    number = await handed_off(console)
    await door.sign_in("auditor")
    page = (await door.get(f"/console/hoshimi/tickets/{number}")).text

    assert "対応する</button>" not in page
    assert "メモを残す" not in page
    for step in ("take", "reply", "note", "close", "assign", "reopen"):
        assert (await door.post(f"/console/hoshimi/tickets/{number}/{step}", {"version": "1"})).status_code == 403


async def test_lateness_is_said_in_words_and_in_open_time(console: FastAPI, door: Door, hire: Hire, tuesday: Clock) -> None:
    """Four open hours are promised; a night counts nothing."""
    hire("hanako", ("officer", "hoshimi"))
    number = await handed_off(console)
    await door.sign_in("hanako")
    assert "業務時間であと4時間0分" in (await door.get("/console/hoshimi/inbox")).text
    tuesday.forward(hours=4, minutes=15)
    await door.sign_in("hanako")
    page = (await door.get("/console/hoshimi/inbox")).text
    assert "期限を過ぎています" in page
    assert "業務時間で15分超過" in page

    found, knowledge = await ticket(console, number), console.state.handler.service.release("hoshimi").knowledge
    morning = (TUESDAY + timedelta(days=1)).replace(hour=9, minute=0, second=1)
    assert due_of(found, knowledge, morning) == Due(found.promised_at or TUESDAY, late=True, minutes=3 * 60 + 15 + 30)


async def test_who_looks_and_who_writes_is_shown_to_the_others(console: FastAPI, hire: Hire, tuesday: Clock) -> None:
    """Not to oneself; and a page that says nothing any more is taken for closed."""
    hire("hanako", ("officer", "hoshimi"))
    hire("taro", ("officer", "hoshimi"))
    number = await handed_off(console)
    hanako, taro = Door(console), Door(console)
    await hanako.sign_in("hanako")
    await taro.sign_in("taro")
    address = f"/console/hoshimi/tickets/{number}"
    await hanako.get(address)
    assert "Hanakoさんが見ています" in (await taro.get(address)).text
    assert "Hanakoさん" not in (await hanako.get("/console/hoshimi/inbox")).text
    await hanako.post(f"{address}/typing")
    assert "Hanakoさんが返信を書いています" in (await taro.get("/console/hoshimi/inbox")).text
    tuesday.forward(seconds=40)

    assert "Hanakoさん" not in (await taro.get("/console/hoshimi/inbox")).text


async def test_a_page_that_follows_by_itself_does_not_keep_the_session_awake(
    console: FastAPI, door: Door, hire: Hire, tuesday: Clock
) -> None:
    """Whoever has left the desk is signed out, though the list goes on asking; whoever writes is not."""
    hire("hanako", ("officer", "hoshimi"))
    number = await handed_off(console)
    await door.sign_in("hanako")
    for _ in range(4):
        tuesday.forward(minutes=9)
        await door.get("/console/hoshimi/inbox/live")
    assert (await door.get("/console/hoshimi/inbox")).status_code == 303
    await door.sign_in("hanako")
    await door.get(f"/console/hoshimi/tickets/{number}")
    for _ in range(4):
        tuesday.forward(minutes=9)
        await door.post(f"/console/hoshimi/tickets/{number}/typing", page=f"/console/hoshimi/tickets/{number}/live")

    assert (await door.get("/console/hoshimi/inbox")).status_code == 200


async def test_an_open_page_hears_that_something_changed_and_never_what(console: FastAPI, tuesday: Clock) -> None:
    """A ticket's page hears of its own ticket only; an erased talk is told to all."""
    handler = console.state.handler
    number = await handed_off(console)
    news = desk_news(handler, "hoshimi", number)
    assert "event: change" in await anext(news)
    heard = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0)
    await handler.cache.publish("desk:hoshimi", "2026-99999")
    await asyncio.sleep(0.05)
    assert not heard.done()
    await handler.desk.take("hoshimi", number, HANAKO, 1)

    assert await asyncio.wait_for(heard, 5) == "event: change\ndata: {}\n\n"
    await news.aclose()


async def test_presence_of_many_is_kept_apart(console: FastAPI, tuesday: Clock) -> None:
    """Twenty officers at once: nobody is lost."""
    handler = console.state.handler
    officers = [Officer(f"id-{n:02}", f"職員{n:02}") for n in range(20)]
    numbers = [f"2026-{n % 5:05}" for n in range(20)]
    notes = (note_presence(handler, "hoshimi", *pair, typing=True) for pair in zip(numbers, officers, strict=True))
    await asyncio.gather(*notes)
    found = await present(handler, "hoshimi")

    assert sorted(person.name for people in found.values() for person in people) == [one.name for one in officers]


def test_a_wish_of_an_address_is_never_an_error() -> None:
    """Whatever stands in it."""
    assert Wish.of({"state": "x", "whose": "y", "q": " 2026 "}) == Wish(search="2026")


def test_the_city_hall_itself_is_nobodys_department(console: FastAPI) -> None:
    """A question that named no department may be taken by everybody."""
    asked = Ticket("hoshimi", "1", "c", "web", "ja", "general", "", TUESDAY, TUESDAY)

    assert place_of(asked).department is None
