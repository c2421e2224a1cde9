"""What went to LINE, without its text: pushes, failed tries, and the month's quota."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.line_tables import line_quotas as quotas
from bot.storage.line_tables import line_sent as sent

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class SentRecord:
    """One request that sent, or tried to: `way` reply or push, `state` sent, already or failed."""

    key: str
    city: str
    conversation: str
    kind: str
    way: str
    state: str
    at: datetime
    status: int = 200
    refusal: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class StoredQuota:
    """The month's messages: `most` None for no limit, `spent_month` the month (2026-11) that LINE called used up."""

    most: int | None
    used: int
    spent_month: str
    checked_at: datetime


def save_sent(connection: Connection, record: SentRecord) -> None:
    """Write a request; a later try with the same key replaces the earlier one."""
    values = dict(vars(record))
    changed = {name: values[name] for name in ("state", "status", "refusal", "request_id", "at")}
    insert = _INSERTS[connection.dialect.name](sent).values(values)
    connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed))


def count_sent(connection: Connection, city: str, since: datetime) -> dict[tuple[str, str, str], int]:
    """Return how many requests there were since then, by (way, state, refusal)."""
    by = (sent.c.way, sent.c.state, sent.c.refusal)
    query = select(*by, func.count()).where(sent.c.city == city, sent.c.at >= since).group_by(*by)
    return {(row[0], row[1], row[2]): int(row[3]) for row in connection.execute(query)}


def load_quota(connection: Connection, city: str) -> StoredQuota | None:
    """Return what LINE last told of the city's quota, None where it was never asked."""
    query = select(quotas.c.most, quotas.c.used, quotas.c.spent_month, quotas.c.checked_at).where(quotas.c.city == city)
    row = connection.execute(query).first()
    return StoredQuota(*row) if row else None


def save_quota(connection: Connection, city: str, quota: StoredQuota) -> None:
    """Write what LINE tells of the city's quota."""
    values = dict(vars(quota))
    insert = _INSERTS[connection.dialect.name](quotas).values(city=city, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=["city"], set_=values))
