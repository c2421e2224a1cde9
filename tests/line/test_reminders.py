"""Garbage days on LINE: agreed to, chosen, sent once at their time, stopped by a word; with a simulated clock."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.fernet import Fernet
from sqlalchemy import delete, insert, select, update

from bot.cache import MemoryCache
from bot.handler import Handler
from bot.messages import JST, Message, Outcome, Turn
from bot.service import Service
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.storage.line_reminder_batches import count_batches
from bot.storage.line_reminders import Wish, count_wishes, find_wish, forget_wish, wish_row
from bot.storage.line_residents import save_resident
from bot.storage.line_tables import line_reminder_batches, line_reminder_days, line_reminders, line_residents
from connectors.line.channels import Channel
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal
from connectors.line.garbage import GarbageTalk
from connectors.line.keys import Keys
from connectors.line.reminder_talk import CONSENT
from connectors.line.reminder_texts import messages_ahead
from connectors.line.scheduler import Scheduler, due_slots
from tests.conftest import free_port, listens, wait_for
from tests.line.fake.line import FakeLine, Fault
from tests.line.fake.server import server

LANGUAGES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "pt-BR", "vi", "tl", "es", "ne", "id")
# The day after is a Thursday: burnable garbage in 星ヶ丘 and 月見, nothing burnable in 天の川 and 暁.
WEDNESDAY_EVENING = datetime(2026, 11, 25, 19, 0, tzinfo=JST)
KEYS = Keys(b"n" * 32, b"m" * 32, Fernet(Fernet.generate_key()))


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime = WEDNESDAY_EVENING - timedelta(hours=9)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Taken:
    """What LINE took: each resident's texts, the requests by second, and the retry keys known."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    at: list[float] = field(default_factory=list)
    limit: int | None = None
    refuse: Callable[[int], LineError | None] = lambda _number: None
    lose_answers: bool = False

    @property
    def used(self) -> int:
        """How many messages LINE counted."""
        return sum(map(len, self.texts.values()))


class CountingLine(LineClient):
    """The real client with its pace and its refusals; instead of a network it counts, as strictly as LINE."""

    def __init__(self, taken: Taken) -> None:
        channel = Channel("hoshimi", (secrets.token_hex(16),), "U" + "0" * 32, secrets.token_hex(16), reminders=True)
        super().__init__(channel, "http://no", "http://no")
        self.taken = taken

    async def _once(self, method: str, *values: Any, **options: Any) -> Any:
        data: dict[str, Any] = {"type": "none" if self.taken.limit is None else "limited", "value": self.taken.limit}
        if method == "get_message_quota_consumption_with_http_info":
            data = {"total_usage": self.taken.used}
        elif method == "multicast_with_http_info":
            data = self._multicast(values[0], options["x_line_retry_key"])
        return Answer(Data(**data))

    def _multicast(self, request: Any, key: str) -> dict[str, Any]:
        self.taken.at.append(asyncio.get_running_loop().time())
        if refused := self.taken.refuse(len(self.taken.at)):
            raise refused
        assert 1 <= len(request.to) <= 500
        assert len(request.to) == len(set(request.to))
        if key in self.taken.keys:
            raise LineError(Refusal.INVALID, 409, "The retry key is already accepted")
        self.taken.keys.add(key)
        for resident in request.to:
            self.taken.texts.setdefault(resident, []).append(request.messages[0].text)
        if self.taken.lose_answers:
            raise LineError(Refusal.UNKNOWN, 0, "TimeoutError")
        return {}


class Data:
    """What LINE answers, by attribute."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


@dataclass
class Answer:
    """A response of the SDK."""

    data: Data
    headers: dict[str, str] = field(default_factory=lambda: {"x-line-request-id": "r"})
    status_code: int = 200


@pytest.fixture
def clock() -> Clock:
    """Wednesday morning."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of our own: SQLite, or PostgreSQL where a test asks for both."""
    on_postgresql = getattr(request, "param", "sqlite") == "postgresql"
    url = request.getfixturevalue("postgres_url") if on_postgresql else f"sqlite:///{tmp_path}/line.sqlite3"
    database = open_database(url)
    yield database
    tables = (line_reminders, line_reminder_batches, line_reminder_days, line_residents)
    database.write_now(lambda connection: [connection.execute(delete(table)) for table in tables])
    database.close()


@pytest.fixture
def handler(service: Service, database: Database, clock: Clock) -> Handler:
    """The shell on our database and our clock."""
    return Handler(service, database, MemoryCache(), 1000, clock)


@dataclass
class Resident:
    """A resident who writes to the demo city; `offering` says whether the city sends reminders."""

    handler: Handler
    settings: Settings
    language: str = "ja"
    offering: bool = True
    id: str = "resident"

    async def says(self, text: str) -> Turn:
        """Send a message and return its turn."""
        talk = GarbageTalk(self.handler, self.settings.files, frozenset({"hoshimi"} if self.offering else ()))
        message = Message("hoshimi", text, "line", self.id, self.language, secrets.token_hex(8), opens=True)
        return await talk.handle(message)

    async def registers(self, *choices: str) -> Turn:
        """Start, agree, and tap the choices of these numbers."""
        turn = await self.says(self.text("line.menu.reminders"))
        for choice in ("1", *choices):
            turn = await self.says(choice)
        return turn

    def text(self, key: str) -> str:
        """Return one of our texts in the resident's language."""
        return self.handler.service.texts.say(key, self.language)

    def wish(self) -> Wish | None:
        """Return what is kept of the resident."""
        return self.handler.database.read_now(lambda connection: find_wish(connection, "hoshimi", self.id))


@pytest.fixture
def resident(handler: Handler, settings: Settings) -> Resident:
    """A resident who speaks Japanese."""
    return Resident(handler, settings)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_resident_registers_by_tapping_in_every_language(handler: Handler, settings: Settings, language: str) -> None:
    """The label, consent, district, time, bins: then the wish is kept, with the time and version of the consent."""
    resident = Resident(handler, settings, language)
    turn = await resident.registers("1", "1", "2")
    assert turn.reply.outcome is Outcome.CONVERSED
    assert resident.text("line.reminders.stop") in turn.reply.text
    now = handler.clock().replace(tzinfo=None)
    wish = resident.wish()
    assert wish is not None
    assert (wish.district, wish.slot, wish.bins, wish.language, wish.consent, wish.consented_at) == (
        "hoshigaoka", "evening", ("burnable",), language, CONSENT, now,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_stop_word_of_every_language_forgets_everything(handler: Handler, settings: Settings, language: str) -> None:
    """No wish, no district in the talk; a second time says that nothing is kept."""
    resident = Resident(handler, settings, language)
    await resident.registers("2", "2", "1")
    await resident.says(resident.text("line.reminders.stop"))
    assert resident.wish() is None
    assert (await resident.says(resident.text("line.menu.today"))).reply.outcome is Outcome.CLARIFIED
    again = await resident.says(resident.text("line.reminders.stop"))
    assert again.reply.text == resident.text("line.reminders.nothing-to-stop")


async def test_whoever_does_not_agree_leaves_nothing_behind(resident: Resident) -> None:
    """The second choice is no; nothing is stored."""
    await resident.says("ごみの日の通知")
    turn = await resident.says("2")
    assert resident.wish() is None
    assert "何も保存していません" in turn.reply.text


async def test_the_district_may_be_told_by_the_name_of_a_town(resident: Resident) -> None:
    """北星町 lies in 星ヶ丘地区."""
    turn = await resident.registers("北星町")
    assert any(choice.value == "remind:slot:hoshigaoka:evening" for choice in turn.reply.choices)


async def test_only_the_district_can_be_remembered(resident: Resident) -> None:
    """No reminders, but "what today" is answered without asking where."""
    await resident.registers("1", "3")
    turn = await resident.says("今日のごみ")
    assert turn.reply.outcome is Outcome.CALENDAR
    assert resident.wish() is not None
    assert due_wishes(resident.handler) == []


def due_wishes(handler: Handler) -> list[str]:
    """Return who wants reminders at all."""
    query = select(line_reminders.c.conversation).where(line_reminders.c.slot != "never")
    return list(handler.database.read_now(lambda connection: connection.scalars(query).all()))


async def test_a_district_told_without_consent_is_forgotten_after_a_day(resident: Resident, clock: Clock) -> None:
    """Within the talk it is understood again, a day later it is asked for again."""
    await resident.says("今日のごみ")
    await resident.says("1")
    assert (await resident.says("明日のごみ")).reply.outcome is Outcome.CALENDAR
    clock.now += timedelta(hours=25)
    assert (await resident.says("明日のごみ")).reply.outcome is Outcome.CLARIFIED


async def test_collection_days_offer_reminders_where_the_city_sends_them(resident: Resident) -> None:
    """Only to whoever has none yet, and only where the city pays for them."""
    await resident.says("今日のごみ")
    offered = await resident.says("1")
    assert "remind:start" in [choice.value for choice in offered.reply.choices]
    await resident.registers("1", "1", "1")
    assert "remind:start" not in [choice.value for choice in (await resident.says("今日のごみ")).reply.choices]
    other = Resident(resident.handler, resident.settings, offering=False, id="other")
    await other.says("今日のごみ")
    assert "remind:start" not in [choice.value for choice in (await other.says("1")).reply.choices]


async def test_a_city_that_sends_no_reminders_says_so(handler: Handler, settings: Settings) -> None:
    """They cost the city money; the way to ask is told instead."""
    resident = Resident(handler, settings, offering=False)
    assert "お知らせをしていません" in (await resident.says("ごみの日の通知")).reply.text


async def test_the_settings_can_be_seen_and_changed(resident: Resident) -> None:
    """A second start shows what is set; the consent given before keeps its time."""
    await resident.registers("1", "1", "1")
    shown = await resident.says("ごみの日の通知")
    assert "星ヶ丘地区" in shown.reply.text
    for choice in ("1", "2", "2", "1"):
        await resident.says(choice)
    wish = resident.wish()
    assert wish is not None
    assert (wish.district, wish.slot) == ("amanogawa", "morning")


async def test_a_redelivered_message_registers_once(resident: Resident) -> None:
    """The same client id gives the same turn, and the wish stands."""
    talk = GarbageTalk(resident.handler, resident.settings.files, frozenset({"hoshimi"}))
    message = Message("hoshimi", "remind:bins:hoshigaoka:evening:all", "line", "resident", "ja", "once", opens=True)
    assert await talk.handle(message) == await talk.handle(message)
    assert resident.wish() is not None


async def test_a_change_of_language_changes_that_of_the_reminders(resident: Resident) -> None:
    """English please: tomorrow's reminder is English."""
    await resident.registers("1", "1", "1")
    resident.language = ""
    await resident.says("language:en")
    wish = resident.wish()
    assert wish is not None
    assert wish.language == "en"


@pytest.mark.parametrize(
    "value", ["remind:bins:nowhere:evening:all", "remind:slot:hoshigaoka:midnight", "remind:bins:::", "remind:x"]
)
async def test_a_value_that_nobody_offered_stores_nothing(resident: Resident, value: str) -> None:
    """Somebody who writes values by hand gets the question again."""
    assert (await resident.says(value)).reply.choices
    assert resident.wish() is None


def people(database: Database, number: int, slot: str = "evening") -> list[str]:
    """Store residents who want reminders, spread over languages, districts and bins; return their LINE ids."""
    districts, bins = ("hoshigaoka", "tsukimi"), ((), ("burnable",))
    rows, wishes, ids = [], [], []
    for each in range(number):
        id_, talk = f"U{each:032x}", f"talk-{each}"
        wish = Wish(
            "hoshimi", talk, districts[each % 2], slot, bins[each % 3 == 0], LANGUAGES[each % 12], CONSENT, WEDNESDAY_EVENING
        )
        statement, values = wish_row(database.engine.dialect.name, wish, WEDNESDAY_EVENING - timedelta(days=1))
        wishes.append(values)
        rows.append({"city": "hoshimi", "conversation": talk, "sealed": id_, "following": True, "seen_at": WEDNESDAY_EVENING})
        ids.append(id_)
    writes = ((statement, wishes), (insert(line_residents), rows))
    database.write_now(lambda connection: [connection.execute(*write) for write in writes])
    return ids


@dataclass(frozen=True)
class OpenBox:
    """Keys that leave ids as they are: ten thousand seals take a while, and are tested elsewhere."""

    def open(self, sealed: str) -> str:
        """Return the id."""
        return sealed


def scheduler(handler: Handler, taken: Taken) -> Scheduler:
    """Return a scheduler over a counting LINE, as a process that has just started has it."""
    client = CountingLine(taken)
    return Scheduler(handler, OpenBox(), ("hoshimi",), lambda _city: client)  # type: ignore[arg-type]


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


async def test_whoever_registers_after_the_hour_begins_tomorrow(resident: Resident, clock: Clock, database: Database) -> None:
    """A reminder in the minute of registering would only startle."""
    clock.now = WEDNESDAY_EVENING + timedelta(minutes=30)
    await resident.registers("1", "1", "1")
    taken = Taken()
    await scheduler(resident.handler, taken).round("hoshimi")
    planned = database.read_now(lambda connection: connection.execute(select(line_reminder_days)).all())
    assert planned == []


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
