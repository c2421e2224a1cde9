"""THE SHELL around the decision: claims the message, locks the talk, loads, answers, stores, and only then replies."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.cache import Cache, CacheError
from bot.desk import Desk
from bot.desk.memory import recall, remember, talk
from bot.messages import JST, Block, BotError, Conversation, Decision, Message, Outcome, Reply, Turn
from bot.service import Answered, Service
from bot.storage import Database
from bot.storage.conversations import conversation_row, load_conversation
from bot.storage.database import Row
from bot.storage.ids import new_id, new_turn_id
from bot.storage.turns import turn_of_client, turn_row

__all__ = ["Handler", "new_id", "new_turn_id", "now_in_japan"]
_log = structlog.get_logger("madoguchi.turn")
_APART = ThreadPoolExecutor(1, thread_name_prefix="apart")


def now_in_japan() -> datetime:
    """Return the time now, in Asia/Tokyo. Tests hand over another clock."""
    return datetime.now(JST)


class Aside(Protocol):
    """What a channel answers by itself beside the dialogue, and what it stores together with the turn."""

    def respond(self, message: Message, conversation: Conversation, now: datetime) -> Answered:
        """Return the reply. `now` is in Asia/Tokyo."""

    def rows(self, dialect: str, now: datetime) -> Sequence[Row]:
        """Return what is written in the transaction of the turn."""


@dataclass(frozen=True)
class Handler:
    """Handles messages of every channel. `clock` gives the time in Asia/Tokyo."""

    service: Service
    database: Database
    cache: Cache
    turns_per_minute: int
    clock: Callable[[], datetime] = now_in_japan

    @cached_property
    def desk(self) -> Desk:
        """The desk of staff, on the same stores and the same clock."""
        return Desk(self.service, self.database, self.cache, self.clock)

    async def handle(self, message: Message, aside: Aside | None = None) -> Turn:
        """Return the stored turn of a message; the same message sent twice (`client_id`) gives the same turn.

        With an `aside` the channel answers, otherwise the service.
        Raises BotError for a city or a conversation that is not there.
        """
        self.service.release(message.city)
        known_id = message.conversation or new_id()
        # One talk at a time; a first message has no talk yet, so there the same message waits for itself.
        turnstile = message.conversation or message.client_id or known_id
        try:
            return await self._handled(message, known_id, turnstile, aside)
        except (SQLAlchemyError, CacheError, OSError) as error:
            raise self._unavailable(message, error) from error

    async def _handled(self, message: Message, known_id: str, turnstile: str, aside: Aside | None) -> Turn:
        async with self.cache.lock(talk(message.city, turnstile)):
            if message.client_id and (earlier := await self._earlier(message)):
                return earlier
            conversation = await self._conversation(message, known_id)
            started = time.perf_counter()
            answered = await self._answer(message, conversation, aside)
            turn = self._turn(message, answered, (time.perf_counter() - started) * 1000)
            return await self._save(turn, conversation if message.late else answered.conversation, aside)

    def _unavailable(self, message: Message, error: Exception) -> BotError:
        """Return what the resident is told when nothing can be stored: in their language, with the telephone."""
        _log.error("turn not stored", city=message.city, channel=message.channel, kind=type(error).__name__)
        language = self.service.languages.resolve(message.language) or "ja"
        request = self.service.greeting(self.service.release(message.city), language, self.clock())
        hint = "Please try again, or call the city hall."
        return BotError("unavailable", self.service.failed(request).text, hint, 503)

    async def _earlier(self, message: Message) -> Turn | None:
        """Return the turn that this message became before. Raises BotError where its `client_id` is that of another talk."""
        client_id = message.client_id or ""
        earlier = await self.database.read(lambda connection: turn_of_client(connection, message.city, client_id))
        if earlier and message.conversation not in (None, earlier.conversation):
            hint = "Make a new random `client_id` for each message."
            raise BotError("client_id_taken", "This `client_id` belongs to a message of another conversation.", hint, 409)
        return earlier

    async def _conversation(self, message: Message, id_: str) -> Conversation:
        if message.conversation is None:
            return Conversation(id_, message.city, message.channel, self.service.languages.resolve(message.language))
        if kept := await recall(self.cache, message.city, id_):
            return kept
        found = await self.database.read(lambda connection: load_conversation(connection, message.city, id_))
        if found is None and message.opens:
            return Conversation(id_, message.city, message.channel, self.service.languages.resolve(message.language))
        if found is None:
            hint = "Leave `conversation` out to begin a new one."
            raise BotError("unknown_conversation", "There is no such conversation; it may have ended.", hint, 404)
        return found

    async def _answer(self, message: Message, conversation: Conversation, aside: Aside | None) -> Answered:
        if await self.cache.count(f"rate:{conversation.id}", 60.0) > self.turns_per_minute:
            return self._asked_to_wait(message, conversation)
        if message.channel == "web":
            return self.service.respond(message, conversation, self.clock())
        # Nobody waits at a socket here: on a thread of its own it keeps a slow answer from delaying those who do.
        now, loop = self.clock(), asyncio.get_running_loop()
        respond = aside.respond if aside else self.service.respond
        return await loop.run_in_executor(_APART, respond, message, conversation, now)

    def _asked_to_wait(self, message: Message, conversation: Conversation) -> Answered:
        language = conversation.language or "ja"
        request = self.service.greeting(self.service.release(message.city), language, self.clock())
        block = Block(request.say("too-many"), language)
        return Answered(Reply(Decision.DECLINE, Outcome.UNREADABLE, language, (block,)), conversation, "")

    def _turn(self, message: Message, answered: Answered, milliseconds: float) -> Turn:
        now = self.clock()
        _log.info(
            "turn", city=message.city, channel=message.channel, language=answered.reply.language,
            outcome=answered.reply.outcome.value, entry=answered.reply.entry, ms=round(milliseconds, 1),
        )  # fmt: skip
        return Turn(
            new_turn_id(now), answered.conversation.id, message.city, message.channel, now,
            answered.masked_text, answered.reply, milliseconds, message.client_id,
        )  # fmt: skip

    async def _save(self, turn: Turn, conversation: Conversation, aside: Aside | None = None) -> Turn:
        try:
            if turn.reply.handoff:
                turn, conversation = await self.desk.resident_turn(turn, conversation)
            else:
                dialect = self.database.engine.dialect.name
                more = aside.rows(dialect, turn.at) if aside else ()
                await self.database.write([conversation_row(dialect, conversation, turn.at), turn_row(turn), *more])
        except IntegrityError:
            # Another worker stored the same client id between our look and our write: its turn is the one that counts.
            earlier = await self._earlier(Message(turn.city, "", client_id=turn.client_id))
            if earlier is None:
                raise
            return earlier
        await remember(self.cache, conversation)
        await self.cache.publish(talk(turn.city, conversation.id), turn.id)
        return turn
