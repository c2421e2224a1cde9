"""Reminders on their way: who gets which, once each, in requests that may be repeated without doubling."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, update

from bot.storage.line_tables import line_reminder_batches as batches
from bot.storage.line_tables import line_reminder_days as days
from bot.storage.line_tables import line_reminders as reminders
from bot.storage.line_tables import line_residents as residents
from bot.storage.times import in_japan

MOST_RESIDENTS = 500  # LINE's multicast takes no more
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Batch:
    """One request to LINE: the same text to many. `day` is the day of collection (ISO), `key` LINE's retry key.

    `state` is planned, sent, missed (too late), no-quota or failed.
    """

    key: str
    city: str
    day: str
    slot: str
    district: str
    bins: tuple[str, ...]
    language: str
    state: str
    residents: int
    attempts: int
    until: datetime


@dataclass(frozen=True)
class Slot:
    """One time of reminding: the day of collection (ISO), when to send, and until when it is still of use (Asia/Tokyo)."""

    city: str
    slot: str
    day: str
    due_at: datetime
    until: datetime


def plan_batches(connection: Connection, slot: Slot) -> int:
    """Plan the reminders of a slot for everybody who has none yet; return how many residents.

    Raises IntegrityError where another worker planned them at the same moment: then all is planned.
    """
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in connection.execute(_unplanned(slot)):
        groups.setdefault((row.district, row.bins, row.language), []).append(row.conversation)
    for group, members in groups.items():
        for start in range(0, len(members), MOST_RESIDENTS):
            _insert(connection, slot, group, members[start : start + MOST_RESIDENTS])
    return sum(map(len, groups.values()))


def _unplanned(slot: Slot) -> "Select[Any]":
    planned = select(days.c.conversation).where(days.c.city == slot.city, days.c.day == slot.day, days.c.slot == slot.slot)
    return (
        select(reminders.c.conversation, reminders.c.district, reminders.c.bins, reminders.c.language)
        .where(reminders.c.city == slot.city, reminders.c.slot == slot.slot, reminders.c.changed_at <= slot.due_at)
        .where(reminders.c.conversation.not_in(planned))
        .order_by(reminders.c.conversation)
    )


def _insert(connection: Connection, slot: Slot, group: tuple[str, str, str], members: Sequence[str]) -> None:
    key = str(uuid.uuid4())
    district, bins, language = group
    values = {
        "key": key, "city": slot.city, "day": slot.day, "slot": slot.slot, "district": district, "bins": bins,
        "language": language, "state": "planned", "residents": len(members), "due_at": slot.due_at, "until": slot.until,
    }  # fmt: skip
    connection.execute(insert(batches), values)
    same = {"city": slot.city, "day": slot.day, "slot": slot.slot, "batch": key}
    connection.execute(insert(days), [{"conversation": member, **same} for member in members])


def claim_batch(connection: Connection, city: str, now: datetime) -> Batch | None:
    """Take the next planned batch for a minute; None where there is none, or another worker was faster."""
    free = or_(batches.c.lease_until.is_(None), batches.c.lease_until <= now)
    ready = and_(batches.c.city == city, batches.c.state == "planned", batches.c.due_at <= now, free)
    key = connection.scalar(select(batches.c.key).where(ready).order_by(batches.c.due_at, batches.c.key).limit(1))
    if key is None:
        return None
    taken = update(batches).where(batches.c.key == key, batches.c.state == "planned", free)
    if connection.execute(taken.values(lease_until=now + LEASE, attempts=batches.c.attempts + 1)).rowcount == 0:
        return None
    row = connection.execute(select(batches).where(batches.c.key == key)).mappings().one()
    values = {name: row[name] for name in Batch.__dataclass_fields__}
    return Batch(**{**values, "bins": tuple(row["bins"].split()), "until": in_japan(row["until"])})


def sealed_ids(connection: Connection, key: str) -> list[str]:
    """Return the sealed ids of a batch's residents who still follow us and have not stopped their reminders."""
    query = (
        select(residents.c.sealed)
        .join(days, and_(days.c.city == residents.c.city, days.c.conversation == residents.c.conversation))
        .where(days.c.batch == key, residents.c.following.is_(True), residents.c.sealed.is_not(None))
        .order_by(residents.c.conversation)
    )
    return [str(sealed) for sealed in connection.scalars(query)]


def finish_batch(connection: Connection, key: str, state: str, detail: str = "") -> None:
    """Write how a batch ended."""
    values = {"state": state, "detail": detail, "lease_until": None}
    connection.execute(update(batches).where(batches.c.key == key).values(values))


def retry_batch(connection: Connection, key: str, due_at: datetime, detail: str) -> None:
    """Try a batch again later, with the same key."""
    connection.execute(update(batches).where(batches.c.key == key).values(due_at=due_at, detail=detail, lease_until=None))


def count_batches(connection: Connection, city: str, day: str) -> dict[str, int]:
    """Return how many residents' reminders of a day of collection are in which state."""
    query = (
        select(batches.c.state, func.sum(batches.c.residents))
        .where(batches.c.city == city, batches.c.day == day)
        .group_by(batches.c.state)
    )
    return {state: int(number) for state, number in connection.execute(query)}


def batches_since(connection: Connection, city: str, day: str) -> dict[str, dict[str, int]]:
    """Return for each day of collection from this one (ISO) on how many residents' reminders are in which state."""
    query = (
        select(batches.c.day, batches.c.state, func.sum(batches.c.residents))
        .where(batches.c.city == city, batches.c.day >= day)
        .group_by(batches.c.day, batches.c.state)
        .order_by(batches.c.day)
    )
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], {})[row[1]] = int(row[2])
    return found


def drop_old(connection: Connection, city: str, before: str) -> None:
    """Delete what was planned for days before this one (ISO): nobody needs to know who got which."""
    connection.execute(delete(days).where(days.c.city == city, days.c.day < before))
    connection.execute(delete(batches).where(batches.c.city == city, batches.c.day < before))
