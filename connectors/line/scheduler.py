"""Sends reminders of collection days at their time: planned in storage first, sent in requests that never double."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.handler import Handler
from bot.messages import JST
from bot.storage.line_reminder_batches import (
    Batch,
    Slot,
    claim_batch,
    drop_old,
    finish_batch,
    plan_batches,
    retry_batch,
    sealed_ids,
)
from bot.storage.line_sent import SentRecord, save_sent
from connectors.line.client import LineClient, Quota
from connectors.line.errors import PASSING, SPENT, LineError, Refusal
from connectors.line.keys import Keys
from connectors.line.reminder_texts import EVENING, MORNING, reminder_text

_log = structlog.get_logger("madoguchi.line")
# When a slot is sent, and until when a late reminder still helps (Asia/Tokyo).
TIMES: Mapping[str, tuple[time, time]] = {EVENING: (time(19, 0), time(22, 0)), MORNING: (time(7, 0), time(8, 30))}
PAUSE_SECONDS = 20.0
_KEEP_DAYS = 30
# A token that is refused may be mended while the reminder is still of use.
_AGAIN = PASSING | {Refusal.UNAUTHORISED}
T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


def due_slots(city: str, now: datetime) -> list[Slot]:
    """Return the slots whose time is now. `now` is in Asia/Tokyo."""
    found = []
    for slot, (start, end) in TIMES.items():
        due, until = (datetime.combine(now.date(), at, JST) for at in (start, end))
        if due <= now < until:
            day = now.date() + timedelta(days=1 if slot == EVENING else 0)
            found.append(Slot(city, slot, day.isoformat(), due, until))
    return found


@dataclass
class Scheduler:
    """The scheduler of the cities that send reminders; `client` gives each one's way to LINE. Runs in any number of processes."""

    handler: Handler
    keys: Keys
    cities: tuple[str, ...]
    client: Callable[[str], LineClient]
    sleep: Sleep = asyncio.sleep

    async def run(self) -> None:
        """Work until cancelled; what fails is tried again with the next round."""
        while True:
            for city in self.cities:
                try:
                    await self.round(city)
                except Exception as error:  # noqa: BLE001 - one city's trouble must stop neither the others nor their answers
                    _log.error("reminders not sent", city=city, kind=type(error).__name__)
            await self.sleep(PAUSE_SECONDS)

    async def round(self, city: str) -> int:
        """Plan what is due in a city and send all of it; return how many requests were made."""
        now = self.handler.clock()
        for slot in due_slots(city, now):
            await self._plan(slot)
        before = (now.date() - timedelta(days=_KEEP_DAYS)).isoformat()
        await self.handler.database.write(lambda connection: drop_old(connection, city, before))
        sent = 0
        while batch := await self._claim(city):
            sent += await self._send(batch)
        return sent

    async def _plan(self, slot: Slot) -> None:
        try:
            await self._written(lambda connection: plan_batches(connection, slot))
        except IntegrityError:
            _log.info("reminders planned by another worker", city=slot.city, slot=slot.slot)

    async def _claim(self, city: str) -> Batch | None:
        now = self.handler.clock()
        return await self._written(lambda connection: claim_batch(connection, city, now))

    async def _written(self, work: Callable[[Connection], T]) -> T:
        """Return what the work returns once it is committed."""
        results: list[T] = []
        await self.handler.database.write(lambda connection: results.append(work(connection)))
        return results[-1]

    async def _send(self, batch: Batch) -> int:
        """Send a batch and write how it ended; return the number of requests made (0 or 1)."""
        now = self.handler.clock()
        text = self._text(batch, now)
        sealed = await self.handler.database.read(lambda connection: sealed_ids(connection, batch.key))
        residents = [id_ for row in sealed if (id_ := self.keys.open(row))]
        if now >= batch.until:
            return await self._finish(batch, "missed")
        if text is None or not residents:
            return await self._finish(batch, "nothing")
        client = self.client(batch.city)
        try:
            if not _enough(await client.quota(), len(residents)):
                return await self._finish(batch, "no-quota")
            sent = await client.multicast(residents, [{"type": "text", "text": text}], batch.key)
        except LineError as error:
            await self._failed(batch, error, now)
            return 1
        record = SentRecord(batch.key, batch.city, "", "reminder", "push", "already" if sent.already else "sent", now)
        await self.handler.database.write(lambda connection: save_sent(connection, record))
        await self._finish(batch, "sent")
        return 1

    def _text(self, batch: Batch, now: datetime) -> str | None:
        service = self.handler.service
        request = service.greeting(service.release(batch.city), batch.language, now)
        return reminder_text(request, batch.district, batch.bins, batch.slot, datetime.fromisoformat(batch.day).date())

    async def _finish(self, batch: Batch, state: str, detail: str = "") -> int:
        await self.handler.database.write(lambda connection: finish_batch(connection, batch.key, state, detail))
        _log.info("reminders", city=batch.city, slot=batch.slot, day=batch.day, state=state, residents=batch.residents)
        return 0

    async def _failed(self, batch: Batch, error: LineError, now: datetime) -> None:
        """Try again later with the same key while the reminder is of use; otherwise write why it did not go out."""
        if error.refusal in _AGAIN:
            later = now + timedelta(seconds=min(300.0, 5.0 * 2**batch.attempts))
            await self.handler.database.write(lambda connection: retry_batch(connection, batch.key, later, error.refusal.value))
        else:
            await self._finish(batch, "no-quota" if error.refusal in SPENT else "failed", error.refusal.value)


def _enough(quota: Quota, residents: int) -> bool:
    """Say whether the month's messages suffice: each resident counts as one."""
    return quota.left is None or quota.left >= residents
