"""The desk's clockwork, beside the requests: late first replies, unread messages, silent residents, deliveries."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.desk import Desk
from bot.desk.memory import talk
from bot.desk.notices import Notices
from bot.handoff import ClosedBy, Conflict, Ticket
from bot.messages import BotError, HandoffState
from bot.storage.deliveries import notify_staff
from bot.storage.tickets import drop_addresses, mark_ticket, open_tickets, save_event
from faq.city import DeskRules

_log = structlog.get_logger("madoguchi.desk")
EVERY_SECONDS = 15.0


@dataclass(frozen=True)
class Clockwork:
    """What the desk does by itself. Several processes may run it: each step is guarded by the ticket itself."""

    desk: Desk
    notices: Notices

    async def run(self) -> None:
        """Tick until cancelled. What fails once is tried again at the next tick."""
        while True:
            try:
                await self.tick()
            except Exception as error:  # noqa: BLE001 - the next tick must come
                _log.error("desk clockwork failed", kind=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def tick(self) -> None:
        """Look once at every open ticket, then deliver what is due."""
        for city, release in self.desk.service.releases.items():
            if (rules := release.knowledge.city.desk) is not None:
                for ticket in await self.desk.database.read(partial(open_tickets, city=city)):
                    await self._look_at(ticket, rules)
        await self.notices.deliver()
        await self.desk.database.write(drop_addresses)

    async def _look_at(self, ticket: Ticket, rules: DeskRules) -> None:
        now = self.desk.clock()
        if is_late(ticket, now):
            await self._alarm(ticket, "breached", now, breached_at=now)
        if is_unread(ticket, rules, now):
            await self._alarm(ticket, "unread", now, alerted_at=now)
        try:
            if is_silent(ticket, rules.hand_back_after_minutes, now) and ticket.warned_at:
                await self.desk.close(ticket.city, ticket.number, None, ticket.version, ClosedBy.SILENCE)
            elif is_silent(ticket, rules.warn_after_minutes, now) and not ticket.warned_at:
                minutes = max(rules.hand_back_after_minutes - rules.warn_after_minutes, 1)
                await self.desk.warn(ticket.city, ticket.number, minutes)
        except (Conflict, BotError) as other:  # somebody was quicker: the next tick sees what they did
            _log.info("desk step left out", city=ticket.city, code=other.code)

    async def _alarm(self, ticket: Ticket, kind: str, now: datetime, **marks: Any) -> None:
        """Note it on the ticket and tell staff. Under the lock of the talk, so that two processes do it once."""

        def write(connection: Any) -> None:
            if mark_ticket(connection, ticket.city, ticket.number, only_first=True, **marks):
                save_event(connection, ticket, kind, now)
                notify_staff(connection, ticket, kind, now)

        async with self.desk.cache.lock(talk(ticket.city, ticket.conversation or ticket.number)):
            await self.desk.database.write(write)
        await self.desk.cache.publish(f"desk:{ticket.city}", ticket.number)


def is_late(ticket: Ticket, now: datetime) -> bool:
    """Say whether the promised time has passed without a first reply, for the first time."""
    unanswered = ticket.first_reply_at is None and ticket.breached_at is None
    return unanswered and ticket.promised_at is not None and now > ticket.promised_at


def is_unread(ticket: Ticket, rules: DeskRules, now: datetime) -> bool:
    """Say whether staff hold the talk and have left a message unread too long (S-23): an alert, never a reply of the bot."""
    waits = ticket.state is HandoffState.STAFF and ticket.unread > 0 and ticket.alerted_at is None
    return waits and ticket.resident_at is not None and now - ticket.resident_at >= timedelta(minutes=rules.alert_after_minutes)


def is_silent(ticket: Ticket, minutes: int, now: datetime) -> bool:
    """Say whether staff have replied and the resident has said nothing for so many minutes since."""
    if ticket.state is not HandoffState.STAFF or ticket.first_reply_at is None or ticket.staff_at is None or ticket.unread:
        return False
    last = max(ticket.staff_at, ticket.resident_at or ticket.staff_at)
    return last == ticket.staff_at and now - last >= timedelta(minutes=minutes)
