"""Conversations: what is remembered between turns."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import Conversation
from bot.storage.tables import conversations, feedback, turns


def load_conversation(connection: Connection, city: str, id_: str) -> Conversation | None:
    """Return a conversation of a city, None where there is none."""
    query = select(conversations).where(conversations.c.id == id_, conversations.c.city == city)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Conversation(row["id"], row["city"], row["channel"], row["language"]).with_state(row["state"])


def save_conversation(connection: Connection, conversation: Conversation, now: datetime) -> None:
    """Write a conversation, new or changed."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values: dict[str, Any] = {
        "id": conversation.id, "city": conversation.city, "channel": conversation.channel,
        "language": conversation.language, "state": conversation.state(), "started_at": now, "changed_at": now,
    }  # fmt: skip
    changed = {name: values[name] for name in ("language", "state", "changed_at")}
    connection.execute(insert(conversations).values(values).on_conflict_do_update(index_elements=["id"], set_=changed))


def erase_conversation(connection: Connection, city: str, id_: str) -> bool:
    """Remove a conversation with its turns and feedback; say whether there was one."""
    ours = select(turns.c.id).where(turns.c.conversation == id_, turns.c.city == city)
    connection.execute(delete(feedback).where(feedback.c.turn.in_(ours)))
    connection.execute(delete(turns).where(turns.c.conversation == id_, turns.c.city == city))
    query = delete(conversations).where(conversations.c.id == id_, conversations.c.city == city)
    return connection.execute(query).rowcount > 0
