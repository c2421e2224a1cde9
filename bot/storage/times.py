"""Times as they come back from a database: SQLite forgets the zone, PostgreSQL answers in its own."""

from datetime import datetime
from typing import Any

from bot.messages import JST


def in_japan(value: Any) -> datetime | None:
    """Return a stored time in Asia/Tokyo, None for none."""
    if value is None:
        return None
    at: datetime = value
    return at.astimezone(JST) if at.tzinfo else at.replace(tzinfo=JST)
