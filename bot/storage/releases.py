"""Releases: which state of a city's content answered under which number."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.storage.tables import releases


def release_number(connection: Connection, city: str, digest: str, now: datetime) -> int:
    """Return the number of the city's content with this digest; a state not seen before gets the next number."""
    query = select(releases.c.number, releases.c.digest).where(releases.c.city == city).order_by(releases.c.number.desc())
    rows = connection.execute(query).all()
    for number, known in rows:
        if known == digest:
            return int(number)
    number = int(rows[0].number) + 1 if rows else 1
    connection.execute(insert(releases), {"city": city, "number": number, "digest": digest, "published_at": now})
    return number
