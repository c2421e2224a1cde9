"""The desk on both databases: who is told what, who comes first, and what is there afterwards."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.cache import Cache, open_cache
from bot.handler import Handler
from bot.handoff import ClosedBy, Conflict, Officer, Ticket
from bot.messages import Author, BotError, HandoffState, Message, Outcome, Turn
from bot.service import Service
from bot.storage import Database, open_database
from bot.storage.deliveries import claim_delivery, due_deliveries, fail_delivery
from bot.storage.links import make_link, take_link
from bot.storage.notes import notes_of_ticket, save_note
from bot.storage.tables import metadata
from bot.storage.tickets import (
    TicketQuery,
    count_tickets,
    events_of_ticket,
    list_tickets,
    tickets_of_conversation,
    unsent_of,
)
from bot.storage.turns import turns_after
from tests.conftest import ROOT, TUESDAY

YAMADA, SUZUKI = Officer("staff-1", "山田"), Officer("staff-2", "鈴木")
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=TUESDAY.tzinfo)


@dataclass
class Clock:
    """A clock that is a second later each time it is read, and can be put forward."""

    now: datetime = TUESDAY

    def __call__(self) -> datetime:
        """Return the time, a second later than before."""
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Hall:
    """A city hall: the shell over real stores, and the talk of one resident in it."""

    handler: Handler
    clock: Clock
    city: str = "hoshimi"
    talk: str | None = None
    language: str = "ja"
    turns: list[Turn] = field(default_factory=list)

    async def say(self, *texts: str) -> Turn:
        """Let the resident send messages, one after the other; return the last turn."""
        for text in texts:
            message = Message(self.city, text, conversation=self.talk, language=self.language)
            self.turns.append(await self.handler.handle(message))
            self.talk = self.turns[-1].conversation
        return self.turns[-1]

    async def asked(self) -> Ticket:
        """Let the resident ask the residents' division; return the ticket."""
        turn = await self.say("転入届はいつまで", "say:person", "desk:residents")
        return await self.handler.desk.ticket(self.city, turn.reply.ticket or "")

    async def taken(self, officer: Officer = YAMADA) -> Ticket:
        """Let the resident ask and an officer take it."""
        ticket = await self.asked()
        return await self.handler.desk.take(self.city, ticket.number, officer, ticket.version)

    async def stored(self) -> list[Turn]:
        """Return the turns as any channel reads them."""
        return await self.handler.database.read(lambda connection: turns_after(connection, self.city, self.talk or "", ""))


Open = Callable[..., Hall]


@pytest.fixture
def open_hall(service: Service) -> Iterator[Open]:
    """Opens a city hall over a database and a cache."""
    with ExitStack() as stopping:

        def _open(database_url: str, cache: Cache | None = None, now: datetime = TUESDAY) -> Hall:
            database = open_database(database_url)
            stopping.callback(database.close)
            clock = Clock(now)
            return Hall(Handler(service, database, cache or open_cache("memory://"), 60, clock), clock)

        yield _open


@pytest.fixture
def hall(open_hall: Open, database_url: str) -> Hall:
    """A city hall over an empty database."""
    return open_hall(database_url)


def count(database: Database, table: str) -> int:
    """Return how many rows a table has."""
    query = select(func.count()).select_from(metadata.tables[table])
    return database.read_now(lambda connection: int(connection.scalar(query) or 0))


async def test_a_resident_is_asked_before_staff_may_read_the_talk(hall: Hall) -> None:
    """The wish for a person opens nothing yet: it names the department and what its staff will read."""
    turn = await hall.say("転入届はいつまで", "say:person")

    assert turn.reply.outcome is Outcome.PERSON_WANTED
    assert "市民課" in turn.reply.text
    assert "読みます" in turn.reply.text
    assert [choice.value for choice in turn.reply.choices] == ["desk:residents", "say:departments", "say:menu"]
    assert count(hall.handler.database, "tickets") == 0


async def test_without_a_topic_the_resident_chooses_the_department(hall: Hall) -> None:
    """At most five departments and the general desk; never a telephone number only."""
    turn = await hall.say("職員に聞きたい")

    values = [choice.value for choice in turn.reply.choices]
    assert values[-1] == "desk:general"
    assert 2 <= len(values) <= 6


async def test_the_opened_ticket_says_all_that_a_resident_may_expect(hall: Hall) -> None:
    """Who will answer, the number, the queue, an honest "no estimate", the promise, and how to end it."""
    ticket = await hall.asked()

    text = hall.turns[-1].reply.text
    assert hall.turns[-1].reply.handoff is HandoffState.WAITING
    for words in ("市民課", "2026-00001", "次があなたの番", "見込みは、お伝えできません", "11月24日（火）14:00"):
        assert words in text
    assert ticket.question == "転入届はいつまで"
    assert ticket.promised_at is not None
    assert f"{ticket.promised_at:%d %H:%M}" == "24 14:00"


async def test_outside_office_hours_the_question_is_kept_and_the_reply_date_told(open_hall: Open, database_url: str) -> None:
    """On a Saturday before a holiday the promise is for the next working day."""
    hall = open_hall(database_url, now=SATURDAY)
    await hall.asked()

    text = hall.turns[-1].reply.text
    assert "業務時間外" in text
    assert "11月24日（火）12:30" in text
    assert "あなたの前" not in text


async def test_who_comes_later_is_told_how_many_wait(hall: Hall, open_hall: Open, database_url: str) -> None:
    """The second resident of the same department reads 1; another department has its own queue."""
    await hall.asked()
    second = Hall(hall.handler, hall.clock)
    await second.asked()
    third = Hall(hall.handler, hall.clock)
    await third.say("say:person", "desk:tax")

    assert "前に1件" in second.turns[-1].reply.text
    assert "次があなたの番" in third.turns[-1].reply.text
    assert third.turns[-1].reply.ticket == "2026-00003"


async def test_the_bot_is_silent_while_staff_are_asked(hall: Hall) -> None:
    """A question that it could answer goes to staff; it says so once, and never again."""
    ticket = await hall.asked()
    first = await hall.say("住民票がほしい")
    second = await hall.say("転入届はいつまで")

    assert first.reply.outcome is Outcome.TO_STAFF
    assert "職員に伝えました" in first.reply.text
    assert second.reply.blocks == ()
    assert {first.reply.entry, second.reply.entry} == {None}
    assert (await hall.handler.desk.ticket("hoshimi", ticket.number)).unread == 2


async def test_an_emergency_is_answered_whoever_holds_the_talk(hall: Hall) -> None:
    """The card comes at once; the ticket stays open and counts the message."""
    ticket = await hall.taken()
    turn = await hall.say("家が火事です")

    assert turn.reply.outcome is Outcome.EMERGENCY_SHOWN
    assert "119" in turn.reply.text
    assert turn.reply.handoff is HandoffState.STAFF
    assert (await hall.handler.desk.ticket("hoshimi", ticket.number)).unread == 1


async def test_what_staff_read_is_masked(hall: Hall) -> None:
    """A telephone number is a placeholder in the talk and in the ticket, and the resident is warned."""
    turn = await hall.say("転入届はいつまでですか。電話は090-1234-5678です", "say:person", "desk:residents")
    ticket = await hall.handler.desk.ticket("hoshimi", turn.reply.ticket or "")

    assert "090" not in ticket.question
    assert all("090" not in turn.masked_text for turn in await hall.stored())


async def test_a_whole_hand_off_from_question_to_bot_again(hall: Hall) -> None:
    """Waiting, taken, replies both ways, another department, closed: each step reaches the one stream of turns, labelled."""
    desk, ticket = hall.handler.desk, await hall.taken()
    await desk.reply("hoshimi", ticket.number, YAMADA, "いつ引っ越しましたか", ticket.version)
    await hall.say("きのうです")
    ticket = await desk.ticket("hoshimi", ticket.number)
    ticket = await desk.assign("hoshimi", ticket.number, YAMADA, ticket.version, "tax")
    ticket = await desk.take("hoshimi", ticket.number, SUZUKI, ticket.version)
    await desk.reply("hoshimi", ticket.number, SUZUKI, "税のことは大丈夫です", ticket.version)
    ticket = await desk.ticket("hoshimi", ticket.number)
    await desk.close("hoshimi", ticket.number, SUZUKI, ticket.version)
    again = await hall.say("転入届はいつまで")

    told = [(turn.reply.author.value, turn.reply.handoff, turn.reply.text) for turn in await hall.stored()]
    steps = [(author, state, text[:12]) for author, state, text in told[3:-1]]
    assert steps == [
        ("bot", HandoffState.STAFF, "職員（市民課）が対応します"[:12]),
        ("staff", HandoffState.STAFF, "いつ引っ越しましたか"[:12]),
        ("bot", HandoffState.STAFF, ""), ("bot", HandoffState.WAITING, "担当が税務課に変わりました"[:12]),
        ("bot", HandoffState.STAFF, "職員（税務課）が対応します"[:12]),
        ("staff", HandoffState.STAFF, "税のことは大丈夫です"[:12]),
        ("bot", HandoffState.CLOSED, "職員の対応は終わりました。"[:12]),
    ]  # fmt: skip
    assert "自動応答に戻ります" in told[-2][2]
    assert again.reply.entry == "moving-in"
    assert again.reply.handoff is None


async def test_the_resident_is_told_in_their_own_language(hall: Hall) -> None:
    """Every step in Portuguese; what staff wrote stays in the language they wrote."""
    hall.language = "pt-BR"
    turn = await hall.say("say:person", "desk:residents")
    ticket = await hall.handler.desk.take("hoshimi", turn.reply.ticket or "", YAMADA, 1)
    reply = await hall.handler.desk.reply("hoshimi", ticket.number, YAMADA, "14日以内です", ticket.version)

    texts = [turn.reply.text for turn in await hall.stored()]
    assert "Seu número de atendimento é 2026-00001" in texts[1]
    assert "Um funcionário (Seção de Registro de Residentes) vai atender você" in texts[2]
    assert reply.reply.language == "pt-BR"
    assert reply.reply.blocks[0].language == "ja"


async def test_two_officers_send_at_once_and_one_is_told(hall: Hall) -> None:
    """One reply goes out; the other text is kept as a draft of its officer and comes back with the conflict."""
    ticket, desk = await hall.taken(), hall.handler.desk
    sent = await asyncio.gather(
        desk.reply("hoshimi", ticket.number, YAMADA, "山田の返信", ticket.version),
        desk.reply("hoshimi", ticket.number, SUZUKI, "鈴木の返信", ticket.version),
        return_exceptions=True,
    )

    (conflict,) = [one for one in sent if isinstance(one, Conflict)]
    (turn,) = [one for one in sent if isinstance(one, Turn)]
    loser = SUZUKI if "山田" in turn.reply.text else YAMADA
    assert {turn.reply.text, conflict.unsent} == {"山田の返信", "鈴木の返信"}
    kept = await hall.handler.database.read(lambda c: unsent_of(c, "hoshimi", ticket.number, loser.id))
    assert kept == conflict.unsent
    assert [turn.reply.text for turn in await hall.stored()].count(kept) == 0


async def test_a_second_officer_who_takes_learns_who_was_first(hall: Hall) -> None:
    """The conflict names the officer who has it."""
    ticket = await hall.taken()
    with pytest.raises(Conflict, match="山田"):
        await hall.handler.desk.take("hoshimi", ticket.number, SUZUKI, 1)


async def test_a_resident_who_writes_makes_no_conflict(hall: Hall) -> None:
    """An officer's reply goes out although the resident wrote in the meantime."""
    ticket = await hall.taken()
    await hall.say("もう一つあります")
    turn = await hall.handler.desk.reply("hoshimi", ticket.number, YAMADA, "はい", ticket.version)

    assert turn.reply.author is Author.STAFF


@pytest.mark.parametrize("how", ["say:cancel-handoff", "職員への質問をやめる"])
async def test_a_resident_may_cancel_at_any_time(hall: Hall, how: str) -> None:
    """By the button or by its words, waiting or taken: the bot answers again and the ticket says who ended it."""
    ticket = await hall.taken()
    turn = await hall.say(how)
    after = await hall.handler.desk.ticket("hoshimi", ticket.number)

    assert turn.reply.handoff is HandoffState.CLOSED
    assert "自動応答に戻ります" in turn.reply.text
    assert (after.state, after.closed_by) == (HandoffState.CLOSED, ClosedBy.RESIDENT)
    assert (await hall.say("転入届はいつまで")).reply.entry == "moving-in"


async def test_a_closed_ticket_can_be_taken_up_again(hall: Hall) -> None:
    """Reopening gives the talk back to staff; not while the resident has another ticket open."""
    ticket, desk = await hall.taken(), hall.handler.desk
    ticket = await desk.close("hoshimi", ticket.number, YAMADA, ticket.version)
    ticket = await desk.reopen("hoshimi", ticket.number, SUZUKI, ticket.version)
    assert (await hall.say("まだわかりません")).reply.outcome is Outcome.TO_STAFF

    ticket = await desk.close("hoshimi", ticket.number, SUZUKI, ticket.version)
    await hall.say("say:person", "desk:tax")
    with pytest.raises(BotError, match="2026-00002"):
        await desk.reopen("hoshimi", ticket.number, YAMADA, ticket.version)


@pytest.mark.parametrize("text", ["", "  \n", "あ" * 4001])
async def test_an_empty_or_endless_reply_does_not_go_out(hall: Hall, text: str) -> None:
    """The officer is told what is wrong, in Japanese."""
    ticket = await hall.taken()
    with pytest.raises(BotError, match="返信"):
        await hall.handler.desk.reply("hoshimi", ticket.number, YAMADA, text, ticket.version)


async def test_a_personal_number_does_not_go_out_and_a_telephone_does(hall: Hall) -> None:
    """Staff are stopped from writing a My Number; the telephone of another office is what a resident needs."""
    ticket, desk = await hall.taken(), hall.handler.desk
    with pytest.raises(BotError, match="個人番号"):
        await desk.reply("hoshimi", ticket.number, YAMADA, "個人番号は 1234 5678 9018 ですね", ticket.version)
    turn = await desk.reply("hoshimi", ticket.number, YAMADA, "法務局は 0120-000-000 です", ticket.version)

    assert "0120-000-000" in turn.reply.text


async def test_nobody_replies_without_taking_or_after_closing(hall: Hall) -> None:
    """A ticket that waits or is closed takes no reply."""
    ticket, desk = await hall.asked(), hall.handler.desk
    with pytest.raises(BotError, match="対応していない"):
        await desk.reply("hoshimi", ticket.number, YAMADA, "はい", ticket.version)
    ticket = await desk.close("hoshimi", ticket.number, YAMADA, ticket.version)
    with pytest.raises(BotError, match="終わっています"):
        await desk.take("hoshimi", ticket.number, YAMADA, ticket.version)


async def test_another_city_has_no_such_ticket(hall: Hall) -> None:
    """A number opens nothing outside its city."""
    ticket = await hall.asked()
    with pytest.raises(BotError, match=ticket.number):
        await hall.handler.desk.take("anjo", ticket.number, YAMADA, ticket.version)


async def test_numbers_count_up_by_city_and_year(hall: Hall) -> None:
    """The new year begins at 1 again."""
    await hall.asked()
    hall.clock.now = datetime(2027, 1, 4, 9, 0, tzinfo=TUESDAY.tzinfo)
    other = Hall(hall.handler, hall.clock)

    assert (await other.asked()).number == "2027-00001"


async def test_two_hundred_residents_at_once_get_two_hundred_numbers(hall: Hall) -> None:
    """No number twice, none left out."""
    halls = [Hall(hall.handler, hall.clock) for _ in range(200)]
    tickets = await asyncio.gather(*(one.asked() for one in halls))

    assert sorted(ticket.number for ticket in tickets) == [f"2026-{n:05d}" for n in range(1, 201)]


async def test_a_restart_loses_nothing(hall: Hall, open_hall: Open, database_url: str) -> None:
    """A new process knows that staff hold the talk, and what was said."""
    ticket = await hall.taken()
    again = open_hall(database_url, now=TUESDAY + timedelta(hours=1))
    again.talk = hall.talk
    turn = await again.say("まだいますか")

    assert turn.reply.outcome is Outcome.TO_STAFF
    assert (await again.handler.desk.ticket("hoshimi", ticket.number)).assignee == YAMADA.id
    assert len(await again.stored()) == len(hall.turns) + 2


async def test_the_list_filters_sorts_and_counts(hall: Hall) -> None:
    """Waiting ones come first; state, department, language, officer and words narrow it down."""
    taken = await hall.taken()
    other = Hall(hall.handler, hall.clock, language="en")
    await other.say("When is the garbage collected?", "say:person", "desk:tax")
    database = hall.handler.database

    def numbers(wanted: TicketQuery) -> list[str]:
        return [t.number for t in database.read_now(lambda connection: list_tickets(connection, "hoshimi", wanted))]

    assert numbers(TicketQuery()) == ["2026-00002", taken.number]
    assert numbers(TicketQuery(states=(HandoffState.STAFF,))) == [taken.number]
    assert numbers(TicketQuery(departments=("tax",), languages=("en",))) == ["2026-00002"]
    assert numbers(TicketQuery(assignee=YAMADA.id)) == [taken.number]
    assert numbers(TicketQuery(search="転入")) == [taken.number]
    assert numbers(TicketQuery(search="%")) == []
    await hall.say("もしもし")
    assert database.read_now(lambda c: count_tickets(c, "hoshimi")) == {"waiting": 1, "staff": 1, "unread": 1}
    assert database.read_now(lambda c: count_tickets(c, "hoshimi", ["tax"])) == {"waiting": 1, "staff": 0, "unread": 0}


async def test_the_history_of_a_ticket_names_each_step(hall: Hall) -> None:
    """Opened, taken, closed, with the officer's name."""
    ticket = await hall.taken()
    await hall.handler.desk.close("hoshimi", ticket.number, SUZUKI, ticket.version)
    events = await hall.handler.database.read(lambda c: events_of_ticket(c, "hoshimi", ticket.number))

    assert [(e.kind, e.staff_name) for e in events] == [("opened", ""), ("taken", "山田"), ("closed", "鈴木")]


async def test_erasing_a_talk_erases_what_its_ticket_tells(hall: Hall) -> None:
    """Number and dates stay as a tombstone; question, notes, drafts, address, links and deliveries go."""
    ticket, database = await hall.taken(), hall.handler.database
    talk = hall.talk or ""
    await database.write(lambda c: _ignore(save_note(c, "hoshimi", ticket.number, YAMADA, "電話で確認", TUESDAY)))
    token = database.write_now(lambda c: make_link(c, "hoshimi", talk, TUESDAY, 24))
    await hall.handler.desk.erase("hoshimi", talk)
    left = await hall.handler.desk.ticket("hoshimi", ticket.number)

    assert (left.conversation, left.question, left.closed_by) == (None, "", ClosedBy.ERASED)
    for table in ("notes", "unsent_replies", "deliveries", "ticket_events", "links", "turns", "conversations"):
        assert count(database, table) == 0, table
    assert database.read_now(lambda c: tickets_of_conversation(c, "hoshimi", talk)) == []
    assert database.write_now(lambda c: take_link(c, "hoshimi", token, TUESDAY)) is None
    with pytest.raises(BotError, match="消しました"):
        await hall.handler.desk.reply("hoshimi", ticket.number, YAMADA, "はい", left.version)


def _ignore(_result: object) -> None:
    """Forget a result that a write returns."""


async def test_a_return_link_leads_back_once_and_not_for_ever(hall: Hall) -> None:
    """A second use, a late one and one in another city lead nowhere; the token itself is not stored."""
    await hall.asked()
    database, talk = hall.handler.database, hall.talk or ""
    tokens = [database.write_now(lambda c: make_link(c, "hoshimi", talk, TUESDAY, 24)) for _ in range(2)]

    def take(city: str, token: str, now: datetime) -> str | None:
        return database.write_now(lambda c: take_link(c, city, token, now))

    assert take("anjo", tokens[0], TUESDAY) is None
    assert [take("hoshimi", tokens[0], TUESDAY) for _ in range(2)] == [talk, None]
    assert take("hoshimi", tokens[1], TUESDAY + timedelta(hours=25)) is None
    stored = database.read_now(lambda c: c.execute(select(metadata.tables["links"])).all())
    assert not [row for row in stored if set(tokens) & set(map(str, row))]


async def test_a_talk_from_line_that_goes_on_in_the_web_is_still_told_on_line(hall: Hall) -> None:
    """The way that a talk came in is the way that news of a reply goes out, whoever remembers the talk."""
    first = await hall.handler.handle(Message("hoshimi", "転入届はいつまで", "line", language="ja"))
    hall.talk = first.conversation
    ticket = await hall.taken()
    turn = await hall.handler.desk.reply("hoshimi", ticket.number, YAMADA, "はい", ticket.version)
    due = hall.handler.database.read_now(lambda c: due_deliveries(c, "line", hall.clock()))

    assert ticket.channel == "line"
    assert [(one.kind, one.turn) for one in due][-1] == ("reply", turn.id)


async def test_a_delivery_is_claimed_once_and_given_up_after_many_failures(hall: Hall) -> None:
    """Two workers cannot both send it; each failure waits longer, the last one ends it."""
    await hall.asked()
    database, now = hall.handler.database, TUESDAY + timedelta(hours=1)
    (mail,) = database.read_now(lambda c: due_deliveries(c, "mail", now))

    assert [database.write_now(lambda c: claim_delivery(c, mail, now)) for _ in range(2)] == [True, False]
    database.write_now(lambda c: fail_delivery(c, mail.id, 3, "OSError", now))
    assert database.read_now(lambda c: due_deliveries(c, "mail", now + timedelta(minutes=3))) == []
    assert len(database.read_now(lambda c: due_deliveries(c, "mail", now + timedelta(minutes=4)))) == 1
    database.write_now(lambda c: fail_delivery(c, mail.id, 8, "OSError", now))
    assert database.read_now(lambda c: due_deliveries(c, "mail", now + timedelta(days=9))) == []


async def test_notes_come_back_to_staff(hall: Hall) -> None:
    """In order, with who wrote them and when."""
    ticket, database = await hall.asked(), hall.handler.database
    for officer, text in ((YAMADA, "一"), (SUZUKI, "二")):
        database.write_now(lambda c, o=officer, t=text: save_note(c, "hoshimi", ticket.number, o, t, hall.clock()))
    notes = database.read_now(lambda c: notes_of_ticket(c, "hoshimi", ticket.number))

    assert [(note.staff_name, note.text) for note in notes] == [("山田", "一"), ("鈴木", "二")]


def test_nothing_that_a_resident_reads_knows_the_notes() -> None:
    """Neither a channel, nor the shell, nor the desk, nor what delivers, imports the module or names the table (S-22)."""
    rooms = [ROOT / "connectors" / "web", ROOT / "connectors" / "line", ROOT / "bot" / "desk"]
    files = [path for room in rooms for path in room.rglob("*.py")]
    files += [ROOT / "bot" / name for name in ("handler.py", "service.py", "answers.py", "dialogue.py")]
    files += [ROOT / "bot" / "storage" / f"{name}.py" for name in ("deliveries", "turns", "replies", "conversations", "links")]
    reads = re.compile(r"storage\.notes|import notes|\bnotes\.c\b|notes_of_ticket|desk_tables import [^\n]*\bnotes\b")

    assert [str(path) for path in files if reads.search(path.read_text(encoding="utf-8"))] == []
    assert len(files) > 20


@pytest.mark.services
async def test_a_talk_held_on_one_replica_reaches_the_resident_on_another(
    open_hall: Open, shared_urls: tuple[str, str]
) -> None:
    """Two processes, one database, one Redis: the reply is news on the other side, and its bot is silent."""
    database_url, redis_url = shared_urls
    here = open_hall(database_url, open_cache(redis_url))
    there = open_hall(database_url, open_cache(redis_url), now=TUESDAY + timedelta(minutes=1))
    ticket = await here.asked()
    there.talk = here.talk
    async with there.handler.cache.subscribe(f"talk:hoshimi:{here.talk}") as news:
        ticket = await here.handler.desk.take("hoshimi", ticket.number, YAMADA, ticket.version)
        reply = await here.handler.desk.reply("hoshimi", ticket.number, YAMADA, "お待たせしました", ticket.version)
        async with asyncio.timeout(5):
            told = [await anext(news), await anext(news)]

    assert told[-1] == reply.id
    assert (await there.say("ありがとう")).reply.outcome is Outcome.TO_STAFF
    assert (await here.handler.desk.ticket("hoshimi", ticket.number)).unread == 1
    for hall in (here, there):
        await hall.handler.cache.close()
