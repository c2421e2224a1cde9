"""Canned replies: texts that staff send often, per language, with their state of review."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.desk_tables import canned_replies


@dataclass(frozen=True)
class CannedReply:
    """A text to send often. `department` is empty for all; `state` is draft or approved; `{…}` are filled when it is used."""

    city: str
    id: str
    language: str
    department: str
    title: str
    text: str
    state: str = "approved"


def save_canned(connection: Connection, canned: CannedReply, staff: str, now: datetime) -> None:
    """Write a canned reply in one language, new or changed."""
    insert_ = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {**vars(canned), "changed_at": now, "changed_by": staff}
    changed = {name: values[name] for name in ("department", "title", "text", "state", "changed_at", "changed_by")}
    keys = ["city", "id", "language"]
    connection.execute(insert_(canned_replies).values(values).on_conflict_do_update(index_elements=keys, set_=changed))


def seed_canned(connection: Connection, seeds: list[CannedReply], now: datetime) -> None:
    """Write the city's first canned replies, where it has none at all."""
    cities = {seed.city for seed in seeds}
    known = set(connection.scalars(select(canned_replies.c.city).where(canned_replies.c.city.in_(cities)).distinct()))
    rows = [{**vars(seed), "changed_at": now, "changed_by": "seed"} for seed in seeds if seed.city not in known]
    if rows:
        connection.execute(insert(canned_replies), rows)


def list_canned(connection: Connection, city: str, language: str = "", department: str = "") -> list[CannedReply]:
    """Return a city's canned replies, in one language or all; those of a department with those for all."""
    query = select(canned_replies).where(canned_replies.c.city == city)
    query = query.where(canned_replies.c.language == language) if language else query
    query = query.where(canned_replies.c.department.in_(("", department))) if department else query
    return [_canned(row) for row in connection.execute(query.order_by(canned_replies.c.id, canned_replies.c.language)).mappings()]


def drop_canned(connection: Connection, city: str, id_: str, language: str) -> None:
    """Remove a canned reply in one language."""
    columns = canned_replies.c
    connection.execute(delete(canned_replies).where(columns.city == city, columns.id == id_, columns.language == language))


def _canned(row: RowMapping) -> CannedReply:
    return CannedReply(row["city"], row["id"], row["language"], row["department"], row["title"], row["text"], row["state"])
