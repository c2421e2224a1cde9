"""Reminders of collection days on LINE: what a resident wished for, with their consent, until they stop it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.database import Row
from bot.storage.line_tables import line_reminder_days as days
from bot.storage.line_tables import line_reminders as reminders

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Wish:
    """What a resident wants to be reminded of: `slot` evening, morning or never; `bins` are categories, none for all.

    `consent` is the version of the text that they agreed to, at `consented_at`.
    """

    city: str
    conversation: str
    district: str
    slot: str
    bins: tuple[str, ...]
    language: str
    consent: str
    consented_at: datetime


def find_wish(connection: Connection, city: str, conversation: str) -> Wish | None:
    """Return a resident's wish, None where nothing is kept."""
    columns = [reminders.c[name] for name in Wish.__dataclass_fields__]
    query = select(*columns).where(reminders.c.city == city, reminders.c.conversation == conversation)
    row = connection.execute(query).mappings().first()
    return Wish(**{**row, "bins": tuple(row["bins"].split())}) if row else None


def wish_row(dialect: str, wish: Wish, now: datetime) -> Row:
    """Return the statement and values that write a wish; a new one replaces the old."""
    insert = _INSERTS[dialect](reminders)
    changed = {column.name: insert.excluded[column.name] for column in reminders.c if not column.primary_key}
    values = {**vars(wish), "bins": " ".join(wish.bins), "changed_at": now}
    return insert.on_conflict_do_update(index_elements=["city", "conversation"], set_=changed), values


def forget_rows(city: str, conversation: str) -> list[Row]:
    """Return what deletes a wish, with all that was planned for it."""
    whose = {"whose_city": city, "whose": conversation}
    return [
        (delete(table).where(table.c.city == bindparam("whose_city"), table.c.conversation == bindparam("whose")), whose)
        for table in (days, reminders)
    ]


def forget_wish(connection: Connection, city: str, conversation: str) -> None:
    """Delete a wish, with all that was planned for it."""
    for statement, values in forget_rows(city, conversation):
        connection.execute(statement, values)


def set_wish_language(connection: Connection, city: str, conversation: str, language: str) -> None:
    """Send a resident's reminders in another language from now on."""
    ours = reminders.c.city == city, reminders.c.conversation == conversation
    connection.execute(update(reminders).where(*ours).values(language=language))


def count_wishes(connection: Connection, city: str) -> list[tuple[str, tuple[str, ...], int]]:
    """Return how many residents are reminded of which bins in which district, for staff to reckon what it costs."""
    same = (reminders.c.district, reminders.c.bins)
    query = select(*same, func.count()).where(reminders.c.city == city, reminders.c.slot != "never").group_by(*same)
    return [(row[0], tuple(row[1].split()), int(row[2])) for row in connection.execute(query)]
