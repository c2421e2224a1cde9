"""Works off what was taken in: one event of a resident at a time, many residents at once, in any number of processes."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.line_limits import TEXT, cut
from bot.messages import BotError
from bot.storage.line_events import (
    Ending,
    EventState,
    StoredEvent,
    claim_events,
    end_event,
    release_event,
    release_leases,
    renew_leases,
)
from connectors.line.events import Event
from connectors.line.handlers import handle_event
from connectors.line.office import Office
from connectors.line.render import text_message
from connectors.line.sending import Outgoing, send

_log = structlog.get_logger("madoguchi.line")
# Of a worker that died its events are taken over after this.
LEASE = timedelta(seconds=15)
RENEW_SECONDS, IDLE_SECONDS = 5.0, 0.5
AT_ONCE, MOST_ATTEMPTS = 8, 4
# A webhook that is being taken in goes first: LINE waits for it, and the answer has a minute.
GIVE_WAY_TURNS, GIVE_WAY_SECONDS = 10, 0.01


@dataclass
class Worker:
    """One worker of one process."""

    office: Office
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    async def run(self) -> None:
        """Work until cancelled; then give back what is not done."""
        renewing = asyncio.ensure_future(self._renew())
        try:
            while True:
                await self._round()
        finally:
            await _stopped([renewing, *self._running])
            self.office.database.write_now(lambda connection: release_leases(connection, self.id))

    async def _round(self) -> None:
        """Begin what is free to be done, and wait for news where there is nothing."""
        self.office.awake.clear()
        for _ in range(GIVE_WAY_TURNS):
            if self.office.taking_in:
                await asyncio.sleep(GIVE_WAY_SECONDS)
        try:
            begun = await self.begin()
        except SQLAlchemyError as error:
            _log.error("line events cannot be read", kind=type(error).__name__)
            begun = 0
        if not begun:
            await self._news()

    async def begin(self) -> int:
        """Claim events and begin to handle them; return how many."""
        free, now = AT_ONCE - len(self._running), self.office.now()
        free = min(free, 1) if self.office.taking_in else free
        claimed: list[StoredEvent] = []

        def claim(connection: Connection) -> None:
            claimed[:] = claim_events(connection, self.id, now, LEASE, free)

        if free > 0:
            await self.office.database.write(claim)
        for event in claimed:
            task = asyncio.ensure_future(self._work(event))
            self._running.add(task)
            task.add_done_callback(self._done)
        return len(claimed)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self.office.awake.set()

    async def _news(self) -> None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self.office.awake.wait()
        except TimeoutError:
            return

    async def _work(self, stored: StoredEvent) -> None:
        ending: Ending | None
        try:
            ending = await handle_event(self.office, stored)
        except Exception as error:  # noqa: BLE001 - whatever broke, the event is tried again or listed, never lost
            ending = await self._failed(stored, error)
        while not await self._noted(stored, ending):
            await asyncio.sleep(IDLE_SECONDS)

    async def _noted(self, stored: StoredEvent, ending: Ending | None) -> bool:
        """Write how an event ended; False where the database does not take it now."""
        now = self.office.now()
        try:
            if ending is None:
                await self.office.database.write(lambda connection: release_event(connection, stored.city, stored.id))
            else:
                await self.office.database.write(lambda connection: end_event(connection, stored.city, stored.id, ending, now))
                _log.info("line event", city=stored.city, kind=stored.kind, state=ending.state.value, detail=ending.detail)
        except SQLAlchemyError as error:
            _log.warning("ending waits for the database", kind=type(error).__name__)
            return False
        return True

    async def _failed(self, stored: StoredEvent, error: Exception) -> Ending | None:
        """Wait before another try; after the last one tell the resident, or list the event."""
        _log.error("line event failed", city=stored.city, kind=type(error).__name__, attempts=stored.attempts)
        if stored.attempts < MOST_ATTEMPTS:
            await asyncio.sleep(min(2.0**stored.attempts, 10.0))
            return None
        event = self._opened(stored)
        if event is None or not isinstance(error, BotError):
            return Ending(EventState.UNDELIVERED, "", type(error).__name__)
        messages = [text_message(cut(error.message, TEXT))]
        out = Outgoing(stored.city, stored.id, stored.lane, event.resident, messages, "ja", reply_token=event.reply_token)
        return await send(self.office, out)

    def _opened(self, stored: StoredEvent) -> Event | None:
        try:
            return Event.from_json(self.office.keys.open(stored.body) or "")
        except (ValueError, TypeError, KeyError):
            return None

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            until = self.office.now() + LEASE
            try:
                await self.office.database.write(lambda connection, until=until: renew_leases(connection, self.id, until))  # type: ignore[misc]
            except SQLAlchemyError as error:
                _log.warning("leases not renewed", kind=type(error).__name__)


async def _stopped(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
