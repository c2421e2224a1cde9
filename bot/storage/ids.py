"""Ids: one kind that nobody can guess, one that sorts by time."""

import secrets
from datetime import datetime


def new_id() -> str:
    """Return an id that nobody can guess: 160 random bits (P-20)."""
    return secrets.token_urlsafe(20)


def new_turn_id(now: datetime) -> str:
    """Return an id that sorts by time, to the microsecond, so that a stream can be resumed after it."""
    return f"{int(now.timestamp() * 1_000_000):014x}{secrets.token_hex(5)}"
