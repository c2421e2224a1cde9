"""The shell around the decision: nothing accepted is lost, nothing is answered twice, nothing personal is written."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from bot.cache import open_cache
from bot.handler import Handler
from bot.messages import BotError, Conversation, Decision, Message, Outcome, Turn
from bot.nlu import Understanding
from bot.service import Service
from bot.storage import Database, open_database
from bot.storage.tables import conversations, turns
from bot.storage.turns import turn_with_id, turns_after
from faq.release import Release
from tests.conftest import TUESDAY

Start = Callable[..., Handler]


def ticking() -> Callable[[], datetime]:
    """Return a clock that is a second later each time it is read."""
    seconds = count()
    return lambda: TUESDAY + timedelta(seconds=next(seconds))


@pytest.fixture
def start(service: Service) -> Iterator[Start]:
    """Starts the shell anew over a database and a cache, as a process does, and stops all of them in the end."""
    clock = ticking()
    with ExitStack() as stopping:

        def _start(database_url: str, cache_url: str = "memory://", service: Service = service) -> Handler:
            database = open_database(database_url)
            stopping.callback(database.close)
            return Handler(service, database, open_cache(cache_url), 60, clock)

        yield _start


@pytest.fixture
def handler(start: Start, database_url: str) -> Handler:
    """The shell over an empty database."""
    return start(database_url)


def rows(database: Database) -> tuple[int, int]:
    """Return how many conversations and turns are stored."""
    queries = [select(func.count()).select_from(table) for table in (conversations, turns)]
    found = database.read_now(lambda connection: [connection.scalar(query) for query in queries])
    return int(found[0] or 0), int(found[1] or 0)


def stored_text(database: Database, turn: Turn) -> str:
    """Return the text of a turn as it lies in the database."""
    return str(database.read_now(lambda connection: connection.scalar(select(turns.c.text).where(turns.c.id == turn.id))))


async def test_the_turn_is_stored_before_the_reply_is_given(handler: Handler, database_url: str) -> None:
    """Whoever has the reply finds its turn in the database, through a connection of their own."""
    turn = await handler.handle(Message("hoshimi", "住民票がほしい"))
    elsewhere = open_database(database_url)
    stored = elsewhere.read_now(lambda connection: turn_with_id(connection, "hoshimi", turn.id))
    elsewhere.close()

    assert stored == turn
    assert turn.reply.blocks


async def test_a_message_sent_twice_is_one_turn(handler: Handler, start: Start, database_url: str) -> None:
    """A retry gets the reply of the first time, also from a process that has just started."""
    message = Message("hoshimi", "スプレー缶", client_id="client-0001")
    first = await handler.handle(message)
    again = await handler.handle(message)
    after_a_restart = await start(database_url).handle(message)

    assert first == again == after_a_restart
    assert rows(handler.database) == (1, 1)


async def test_a_message_sent_many_times_at_once_is_one_turn(handler: Handler, start: Start, database_url: str) -> None:
    """Two processes without a common cache race for it, and everybody gets the turn that was stored."""
    message = Message("hoshimi", "スプレー缶", client_id="client-0001")
    both = (handler, start(database_url))
    given = await asyncio.gather(*(both[n % 2].handle(message) for n in range(8)))

    assert len({turn.id for turn in given}) == 1
    assert rows(handler.database) == (1, 1)


async def test_a_talk_goes_on_after_a_restart(handler: Handler, start: Start, database_url: str) -> None:
    """The question that was open stays open: a number still means the choice of that number."""
    asked = await handler.handle(Message("hoshimi", "say:collection", language="ja"))
    again = start(database_url)
    answered = await again.handle(Message("hoshimi", "1", conversation=asked.conversation))

    assert asked.reply.decision is Decision.CLARIFY
    assert answered.reply.outcome is Outcome.CALENDAR
    assert answered.conversation == asked.conversation
    stored = again.database.read_now(lambda connection: turns_after(connection, "hoshimi", asked.conversation, ""))
    assert stored == [asked, answered]


async def test_messages_of_one_talk_are_answered_one_after_the_other(handler: Handler) -> None:
    """Two taps at once, each with a client id of its own: what the first taught the bot is not lost by the second."""
    asked = await handler.handle(Message("hoshimi", "say:collection", language="ja"))
    taps = [Message("hoshimi", value, conversation=asked.conversation, client_id=f"tap-{value}")
            for value in ("district:tsukimi", "say:menu")]  # fmt: skip
    await asyncio.gather(*(handler.handle(tap) for tap in taps))
    later = await handler.handle(Message("hoshimi", "category:burnable", conversation=asked.conversation))

    assert later.reply.outcome is Outcome.CALENDAR


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (Message("atlantis", "住民票"), "unknown_city"),
        (Message("hoshimi", "住民票", conversation="never-was"), "unknown_conversation"),
    ],
)
async def test_what_is_not_there_is_named(handler: Handler, message: Message, code: str) -> None:
    """An unknown city or conversation is an error of the caller, and nothing is stored."""
    with pytest.raises(BotError) as caught:
        await handler.handle(message)

    assert (caught.value.code, caught.value.status) == (code, 404)
    assert caught.value.hint
    assert rows(handler.database) == (0, 0)


@pytest.mark.parametrize(
    ("personal", "kind"),
    [
        ("123456789018", "my-number"),
        ("090-1234-5678", "phone"),
        ("taro.yamada@example.com", "mail"),
        ("4111 1111 1111 1111", "card"),
    ],
)
async def test_personal_data_is_masked_before_it_is_written(handler: Handler, personal: str, kind: str) -> None:
    """The database holds the kind instead, and the reply asks not to write such things."""
    turn = await handler.handle(Message("hoshimi", f"住所変更したいです {personal} です", language="ja"))

    assert stored_text(handler.database, turn) == f"住所変更したいです [{kind}] です"
    assert turn.reply.blocks[0].text == handler.service.texts.say("masked", "ja")
    assert personal not in turn.reply.text


async def test_characters_that_a_database_refuses_do_not_lose_the_message(handler: Handler) -> None:
    """A message with a NUL and other control characters is answered and stored like any other."""
    turn = await handler.handle(Message("hoshimi", "住民票\x00\x1b\x7f\ufffe\U000e0101", language="ja"))

    assert "住民票" in stored_text(handler.database, turn)
    assert rows(handler.database) == (1, 1)


async def test_the_sixty_first_message_of_a_minute_is_asked_to_wait(handler: Handler) -> None:
    """Sixty are answered; another talk is not held up."""
    if (left := 60 - time.time() % 60) < 5:
        await asyncio.sleep(left)
    turn = await handler.handle(Message("hoshimi", "say:menu", language="en"))
    message = Message("hoshimi", "say:menu", conversation=turn.conversation)
    replies = [(await handler.handle(message)).reply for _ in range(60)]
    other = await handler.handle(Message("hoshimi", "say:menu"))

    assert {reply.outcome for reply in replies[:59]} == {Outcome.MENU}
    assert replies[59].text == handler.service.texts.say("too-many", "en")
    assert other.reply.outcome is Outcome.MENU


class BrokenEngine:
    """An engine that fails, as a model file that is damaged would."""

    def understand(self, text: str, conversation: Conversation, release: Release, today: date) -> Understanding:
        """Fail."""
        raise ZeroDivisionError("the model is damaged")


async def test_whatever_breaks_the_resident_gets_the_telephone_number(start: Start, service: Service, database_url: str) -> None:
    """The turn ends as an error, politely, in the resident's language, and is stored."""
    broken = start(database_url, service=replace(service, engine=BrokenEngine()))
    turn = await broken.handle(Message("hoshimi", "how do I register?", language="en"))
    phone = service.release("hoshimi").knowledge.city.phone

    assert turn.reply.outcome is Outcome.ERROR
    assert turn.reply.language == "en"
    assert phone in turn.reply.text
    assert turn.reply.contact is not None
    assert turn.reply.contact.phone
    assert "ZeroDivision" not in turn.reply.text
    assert rows(broken.database) == (1, 1)


@pytest.mark.services
async def test_a_talk_begun_on_one_instance_goes_on_on_another(start: Start, shared_urls: tuple[str, str]) -> None:
    """Two instances over one PostgreSQL and one Redis are one service, and each hears the other's turns."""
    one, two = start(*shared_urls), start(*shared_urls)
    asked = await one.handle(Message("hoshimi", "say:collection", language="en"))
    async with one.cache.subscribe(f"talk:hoshimi:{asked.conversation}") as news:
        answered = await two.handle(Message("hoshimi", "2", conversation=asked.conversation, client_id="client-0001"))
        heard = await asyncio.wait_for(anext(news), 2)
    again = await one.handle(Message("hoshimi", "2", conversation=asked.conversation, client_id="client-0001"))

    assert answered.reply.outcome is Outcome.CALENDAR
    assert answered.reply.language == "en"
    assert heard == answered.id
    assert again == answered
    await asyncio.gather(one.cache.close(), two.cache.close())


async def test_a_client_id_of_another_talk_gives_nothing_of_that_talk_away(handler: Handler) -> None:
    """Ids are random; who sends one that is taken is told so, and does not get somebody else's reply."""
    await handler.handle(Message("hoshimi", "スプレー缶", client_id="client-0001"))
    other = await handler.handle(Message("hoshimi", "住民票", client_id="client-0002"))

    with pytest.raises(BotError) as refused:
        await handler.handle(Message("hoshimi", "電池", conversation=other.conversation, client_id="client-0001"))

    assert (refused.value.code, refused.value.status) == ("client_id_taken", 409)
