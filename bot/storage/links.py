"""One-time links back to a conversation: 256 random bits, of which only the hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from bot.storage.desk_tables import links


def make_link(connection: Connection, city: str, conversation: str, now: datetime, hours: int) -> str:
    """Return the token of a new link to a conversation, good once within so many hours."""
    token = secrets.token_urlsafe(32)
    values = {"hash": _hash(city, token), "city": city, "conversation": conversation, "created_at": now}
    connection.execute(insert(links), {**values, "expires_at": now + timedelta(hours=hours)})
    return token


def take_link(connection: Connection, city: str, token: str, now: datetime) -> str | None:
    """Use up a link and return its conversation; None where it was used, has run out or never was."""
    mine = (links.c.hash == _hash(city, token), links.c.city == city)
    fresh = update(links).where(*mine, links.c.used_at.is_(None), links.c.expires_at > now).values(used_at=now)
    if connection.execute(fresh).rowcount == 0:
        return None
    return str(connection.scalar(select(links.c.conversation).where(*mine)))


def _hash(city: str, token: str) -> str:
    return hashlib.sha256(f"{city}:{token}".encode()).hexdigest()
