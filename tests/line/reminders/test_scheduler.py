"""Reminders of garbage days go out once each, at their time, inside LINE's rates and the month's quota; simulated clock."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import uvicorn
from sqlalchemy import insert, update

from bot.cache import MemoryCache
from bot.handler import Handler
from bot.messages import JST
from bot.service import Service
from bot.storage import Database, open_database
from bot.storage.line_reminder_batches import count_batches
from bot.storage.line_reminders import count_wishes, forget_wish
from bot.storage.line_residents import save_resident
from bot.storage.line_tables import line_reminder_batches, line_residents
from connectors.line.channels import Channel
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal
from connectors.line.reminder_texts import messages_ahead
from connectors.line.scheduler import Scheduler, due_slots
from tests.conftest import free_port, listens, wait_for
from tests.line.fake.line import FakeLine, Fault
from tests.line.fake.server import server
from tests.line.reminders.conftest import KEYS, WEDNESDAY_EVENING, Clock, CountingLine, OpenBox, Taken, people, scheduler


class Killed(BaseException):
    """The process dies: nothing catches this."""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_ten_thousand_residents_get_theirs_once_with_a_restart_in_the_middle(
    handler: Handler, database: Database, clock: Clock
) -> None:
    """The process dies twice, once before LINE answers and once after; each resident gets exactly one, within LINE's rates."""
    ids, taken = people(database, 10_000), Taken()
    clock.now = WEDNESDAY_EVENING
    for dies_at in (7, 15):
        taken.refuse = lambda number, at=dies_at: _die() if number == at else None  # type: ignore[misc]
        with pytest.raises(Killed):
            await scheduler(handler, taken).round("hoshimi")
        clock.now += timedelta(seconds=61)
    taken.refuse = lambda _number: None
    await scheduler(handler, taken).round("hoshimi")
    await scheduler(handler, taken).round("hoshimi")
    assert Counter(map(len, taken.texts.values())) == {1: 10_000}
    assert set(taken.texts) == set(ids)
    assert busiest_second(taken.at) <= 200
    assert database.read_now(lambda connection: count_batches(connection, "hoshimi", "2026-11-26")) == {"sent": 10_000}


def _die() -> LineError:
    raise Killed


def busiest_second(at: list[float]) -> int:
    """Return the most requests that left within any one second."""
    return max(sum(first <= other < first + 1 for other in at) for first in at)


async def test_an_answer_that_was_lost_is_not_sent_again(handler: Handler, database: Database, clock: Clock) -> None:
    """LINE took it and the answer never came: the same key is tried again, LINE says 409, and it counts as sent."""
    people(database, 30)
    taken = Taken(lose_answers=True)
    clock.now = WEDNESDAY_EVENING
    await scheduler(handler, taken).round("hoshimi")
    taken.lose_answers = False
    clock.now += timedelta(minutes=2)
    await scheduler(handler, taken).round("hoshimi")
    assert Counter(map(len, taken.texts.values())) == {1: 30}
    assert database.read_now(lambda connection: count_batches(connection, "hoshimi", "2026-11-26")) == {"sent": 30}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
async def test_two_workers_at_once_send_once(handler: Handler, database: Database, clock: Clock, service: Service) -> None:
    """Two processes on one database plan and send the same evening: nobody gets two."""
    people(database, 500)
    clock.now = WEDNESDAY_EVENING
    beside = open_database(database.engine.url.render_as_string(hide_password=False))
    other = Handler(service, beside, MemoryCache(), 1000, clock)
    taken = Taken()
    await asyncio.gather(scheduler(handler, taken).round("hoshimi"), scheduler(other, taken).round("hoshimi"))
    await scheduler(handler, taken).round("hoshimi")
    beside.close()
    assert Counter(map(len, taken.texts.values())) == {1: 500}


async def test_reminders_wait_for_nothing_that_would_cost_more_than_is_left(
    handler: Handler, database: Database, clock: Clock
) -> None:
    """With 10 messages left of the month nobody gets one of a request of more; staff see how many went without."""
    people(database, 300)
    taken = Taken(limit=10)
    clock.now = WEDNESDAY_EVENING
    await scheduler(handler, taken).round("hoshimi")
    assert taken.used == 0
    assert database.read_now(lambda connection: count_batches(connection, "hoshimi", "2026-11-26")) == {"no-quota": 300}


@pytest.mark.parametrize(
    ("refusal", "state"), [(Refusal.QUOTA, "no-quota"), (Refusal.INVALID, "failed"), (Refusal.SERVER, "planned")]
)
async def test_what_line_refuses_is_kept_with_its_reason(
    handler: Handler, database: Database, clock: Clock, refusal: Refusal, state: str
) -> None:
    """Used up and wrong end there; a passing trouble stays planned."""
    people(database, 5)
    taken = Taken(refuse=lambda _number: LineError(refusal, 500))
    clock.now = WEDNESDAY_EVENING
    await scheduler(handler, taken).round("hoshimi")
    assert database.read_now(lambda connection: count_batches(connection, "hoshimi", "2026-11-26")) == {state: 5}


async def test_a_reminder_too_late_to_help_is_not_sent(handler: Handler, database: Database, clock: Clock) -> None:
    """LINE was away from 19:00 on; after 22:00 nobody is woken."""
    people(database, 5)
    taken = Taken(refuse=lambda _number: LineError(Refusal.SERVER, 500))
    clock.now = WEDNESDAY_EVENING
    await scheduler(handler, taken).round("hoshimi")
    taken.refuse = lambda _number: None
    clock.now = WEDNESDAY_EVENING.replace(hour=22, minute=1)
    await scheduler(handler, taken).round("hoshimi")
    assert taken.used == 0
    assert database.read_now(lambda connection: count_batches(connection, "hoshimi", "2026-11-26")) == {"missed": 5}


async def test_nothing_is_sent_where_nothing_is_collected(handler: Handler, database: Database, clock: Clock) -> None:
    """On Saturday evening: no bin is collected on a Sunday."""
    people(database, 12)
    taken = Taken()
    clock.now = datetime(2026, 11, 28, 19, 0, tzinfo=JST)
    await scheduler(handler, taken).round("hoshimi")
    assert taken.used == 0


@pytest.mark.parametrize("gone", ["stops", "leaves"])
async def test_whoever_stops_or_leaves_between_planning_and_sending_gets_nothing(
    handler: Handler, database: Database, clock: Clock, gone: str
) -> None:
    """The list of recipients is made at the moment of sending."""
    ids = people(database, 2)
    taken = Taken(refuse=lambda _number: LineError(Refusal.SERVER, 500))
    clock.now = WEDNESDAY_EVENING
    await scheduler(handler, taken).round("hoshimi")
    if gone == "stops":
        database.write_now(lambda connection: forget_wish(connection, "hoshimi", "talk-0"))
    else:
        database.write_now(lambda connection: save_resident(connection, "hoshimi", "talk-0", clock.now, following=False))
    taken.refuse = lambda _number: None
    clock.now += timedelta(minutes=2)
    await scheduler(handler, taken).round("hoshimi")
    assert list(taken.texts) == [ids[1]]


async def test_the_text_names_day_bins_district_and_the_way_to_stop(handler: Handler, database: Database, clock: Clock) -> None:
    """In Japanese on the evening before, and that the demo city's data are made up."""
    people(database, 1)
    taken = Taken()
    clock.now = WEDNESDAY_EVENING
    await scheduler(handler, taken).round("hoshimi")
    (texts,) = taken.texts.values()
    for told in ("明日11月26日（木）", "星ヶ丘地区", "お知らせ停止", "架空"):
        assert told in texts[0]


async def test_a_collection_that_a_closure_stops_is_told(handler: Handler, database: Database, clock: Clock) -> None:
    """31 December is a Thursday: the usual burnable garbage is not collected, and people learn it the evening before."""
    people(database, 1)
    taken = Taken()
    clock.now = datetime(2026, 12, 30, 19, 0, tzinfo=JST)
    await scheduler(handler, taken).round("hoshimi")
    (texts,) = taken.texts.values()
    assert "収集がありません" in texts[0]


def test_evening_reminds_of_tomorrow_and_morning_of_today() -> None:
    """19:00 to 22:00 and 7:00 to 8:30, Asia/Tokyo; at other times nothing is due."""
    day = datetime(2026, 11, 25, tzinfo=JST)
    times = [(hour, minute) for hour in range(24) for minute in (0, 30)]
    found = {at: due_slots("hoshimi", day.replace(hour=at[0], minute=at[1])) for at in times}
    due = {at: slots[0].day for at, slots in found.items() if slots}
    assert due == {
        (7, 0): "2026-11-25", (7, 30): "2026-11-25", (8, 0): "2026-11-25", (19, 0): "2026-11-26", (19, 30): "2026-11-26",
        (20, 0): "2026-11-26", (20, 30): "2026-11-26", (21, 0): "2026-11-26", (21, 30): "2026-11-26",
    }  # fmt: skip


def test_what_reminders_will_cost_can_be_reckoned(service: Service, database: Database) -> None:
    """星ヶ丘 burns on Mondays and Thursdays: from Monday 23 November on eight days in four weeks, for each of three residents."""
    calendar = service.release("hoshimi").knowledge.garbage.calendar
    monday = datetime(2026, 11, 23, tzinfo=JST).date()
    assert messages_ahead(calendar, [("hoshigaoka", ("burnable",), 3)], monday, days=28) == 24
    people(database, 12)
    wishes = database.read_now(lambda connection: count_wishes(connection, "hoshimi"))
    assert sum(number for *_, number in wishes) == 12


@pytest.fixture
def fake() -> Iterator[tuple[FakeLine, str]]:
    """The fake LINE server with its address."""
    line, port = FakeLine(), free_port()
    serving = uvicorn.Server(uvicorn.Config(server(line), port=port, log_level="error"))
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield line, f"http://127.0.0.1:{port}"
    serving.should_exit = True
    thread.join(10)


async def test_reminders_reach_residents_through_the_server(
    handler: Handler, database: Database, clock: Clock, fake: tuple[FakeLine, str]
) -> None:
    """The sealed ids are opened, the SDK sends one request, LINE takes it though its answer was lost, and counts each once."""
    line, address = fake
    ids = people(database, 2)
    seal = update(line_residents)
    for number, id_ in enumerate(ids):
        mine = seal.where(line_residents.c.conversation == f"talk-{number}").values(sealed=KEYS.seal(id_))
        database.write_now(lambda connection, mine=mine: connection.execute(mine))  # type: ignore[misc]
    channel = Channel("hoshimi", (line.secret,), line.bot_id, line.access_token, reminders=True)
    client = LineClient(channel, address, address)
    sending = Scheduler(handler, KEYS, ("hoshimi",), lambda _city: client)
    line.faults["multicast"] = [Fault(500, taken=True)]
    clock.now = WEDNESDAY_EVENING
    await sending.round("hoshimi")
    clock.now += timedelta(minutes=2)
    await sending.round("hoshimi")
    await client.close()
    assert [len(line.to(id_)) for id_ in ids] == [1, 1]
    assert line.used == 2


async def test_one_citys_trouble_does_not_stop_another(handler: Handler, database: Database, clock: Clock) -> None:
    """A city whose client cannot even be made is logged; the next city's residents get theirs."""
    people(database, 5)
    taken = Taken()
    clock.now = WEDNESDAY_EVENING
    rounds: list[float] = []

    async def one_pause(seconds: float) -> None:
        rounds.append(seconds)
        raise asyncio.CancelledError

    client = CountingLine(taken)
    broken = Scheduler(handler, OpenBox(), ("nowhere", "hoshimi"), lambda _city: client, one_pause)  # type: ignore[arg-type]
    database.write_now(lambda connection: connection.execute(insert(line_reminder_batches), _batch_of("nowhere")))
    with pytest.raises(asyncio.CancelledError):
        await broken.run()
    assert taken.used == 5
    assert len(rounds) == 1


def _batch_of(city: str) -> dict[str, object]:
    """Return a planned batch of a city that is not served."""
    return {
        "key": secrets.token_hex(16), "city": city, "day": "2026-11-26", "slot": "evening", "district": "x", "bins": "",
        "language": "ja", "state": "planned", "residents": 1, "due_at": WEDNESDAY_EVENING,
        "until": WEDNESDAY_EVENING + timedelta(hours=3),
    }  # fmt: skip
