"""Conversations: what is remembered between turns."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import Conversation
from bot.storage.database import Row
from bot.storage.tables import conversations, feedback, turns
from bot.storage.tickets import erase_tickets


def _upsert(insert: Any) -> Any:
    """Return the statement that writes a conversation or changes what can change of it, made once."""
    statement = insert(conversations)
    changed = {name: statement.excluded[name] for name in ("language", "state", "changed_at")}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed)


_UPSERTS = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}


def load_conversation(connection: Connection, city: str, id_: str) -> Conversation | None:
    """Return a conversation of a city, None where there is none."""
    query = select(conversations).where(conversations.c.id == id_, conversations.c.city == city)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Conversation(row["id"], row["city"], row["channel"], row["language"]).with_state(row["state"])


def conversation_row(dialect: str, conversation: Conversation, now: datetime) -> Row:
    """Return the statement and values that write a conversation, new or changed, in this dialect of SQL."""
    values = {
        "id": conversation.id, "city": conversation.city, "channel": conversation.channel,
        "language": conversation.language, "state": conversation.state(), "started_at": now, "changed_at": now,
    }  # fmt: skip
    return _UPSERTS[dialect], values


def save_conversation(connection: Connection, conversation: Conversation, now: datetime) -> None:
    """Write a conversation, new or changed."""
    statement, values = conversation_row(connection.dialect.name, conversation, now)
    connection.execute(statement, values)


def erase_conversation(connection: Connection, city: str, id_: str, now: datetime) -> bool:
    """Remove a conversation with its turns, feedback and what its tickets tell; say whether there was one."""
    erase_tickets(connection, city, id_, now)
    ours = select(turns.c.id).where(turns.c.conversation == id_, turns.c.city == city)
    connection.execute(delete(feedback).where(feedback.c.turn.in_(ours)))
    connection.execute(delete(turns).where(turns.c.conversation == id_, turns.c.city == city))
    query = delete(conversations).where(conversations.c.id == id_, conversations.c.city == city)
    return connection.execute(query).rowcount > 0
