"""Residents on LINE: the sealed id behind a conversation, the language chosen, whether they follow us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.line_tables import line_residents as residents

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Resident:
    """A resident on LINE. `language` is their own choice, `profile_language` what LINE tells; `last_ms` the newest event."""

    city: str
    conversation: str
    sealed: str | None
    language: str | None
    profile_language: str | None
    following: bool
    last_ms: int


def find_resident(connection: Connection, city: str, conversation: str) -> Resident | None:
    """Return a resident by their conversation, None where there is none."""
    columns = [residents.c[name] for name in Resident.__dataclass_fields__]
    query = select(*columns).where(residents.c.city == city, residents.c.conversation == conversation)
    row = connection.execute(query).first()
    return Resident(*row) if row else None


def save_resident(connection: Connection, city: str, conversation: str, now: datetime, **changed: Any) -> None:
    """Write what is known of a resident: a new row, or only the columns given."""
    first: Mapping[str, Any] = {"city": city, "conversation": conversation, "following": True, "last_ms": 0, "seen_at": now}
    insert = _INSERTS[connection.dialect.name](residents).values({**first, **changed})
    values = {**changed, "seen_at": now}
    connection.execute(insert.on_conflict_do_update(index_elements=["city", "conversation"], set_=values))


def note_event(connection: Connection, city: str, conversation: str, happened_ms: int) -> None:
    """Remember the newest event of a resident; an older one changes nothing (L-09)."""
    ours = residents.c.city == city, residents.c.conversation == conversation, residents.c.last_ms < happened_ms
    connection.execute(update(residents).where(*ours).values(last_ms=happened_ms))


def forget_ids(connection: Connection, now: datetime) -> int:
    """Delete the real ids of those who left so long ago that their time has come; the choice of language stays (L-38)."""
    due = update(residents).where(residents.c.erase_at <= now)
    return connection.execute(due.values(sealed=None, erase_at=None)).rowcount
