"""Feedback: whether an answer solved the resident's problem, with an optional reason (masked)."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.tables import feedback


def save_feedback(connection: Connection, turn: str, *, solved: bool, reason: str, now: datetime) -> None:
    """Write the feedback on a turn; a second one replaces the first."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"turn": turn, "solved": int(solved), "reason": reason, "at": now}
    changed = {name: values[name] for name in ("solved", "reason", "at")}
    connection.execute(insert(feedback).values(values).on_conflict_do_update(index_elements=["turn"], set_=changed))
