"""What the last check of a city's LINE channel found, for staff to see."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.line_tables import line_checks as checks
from bot.storage.times import in_japan

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class CheckedSetting:
    """One setting: whether it is as it should be, what was found, and what to do (Japanese, for staff)."""

    setting: str
    right: bool
    found: str
    advice: str = ""


@dataclass(frozen=True)
class StoredCheck:
    """One check of all settings."""

    checked_at: datetime | None
    findings: Sequence[CheckedSetting]


def save_check(connection: Connection, city: str, now: datetime, findings: Sequence[CheckedSetting]) -> None:
    """Write what a check found in place of what the one before found."""
    values = {"checked_at": now, "findings": json.dumps([vars(one) for one in findings], ensure_ascii=False)}
    insert = _INSERTS[connection.dialect.name](checks).values(city=city, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=["city"], set_=values))


def load_check(connection: Connection, city: str) -> StoredCheck | None:
    """Return what the last check found, None where there was none."""
    row = connection.execute(select(checks.c.checked_at, checks.c.findings).where(checks.c.city == city)).first()
    return StoredCheck(in_japan(row[0]), [CheckedSetting(**one) for one in json.loads(row[1])]) if row else None
