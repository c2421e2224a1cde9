"""Internal notes on tickets: for staff only. Nothing that a resident or a channel reads may import this module (S-22)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.handoff import Officer
from bot.storage.desk_tables import notes
from bot.storage.ids import new_turn_id
from bot.storage.times import in_japan


@dataclass(frozen=True)
class Note:
    """What staff wrote for each other on a ticket."""

    id: str
    at: datetime
    staff: str
    staff_name: str
    text: str


def save_note(connection: Connection, city: str, ticket: str, officer: Officer, text: str, now: datetime) -> Note:
    """Write a note and return it. Raises IntegrityError where the ticket is not there."""
    note = Note(new_turn_id(now), now, officer.id, officer.name, text)
    connection.execute(insert(notes), {**vars(note), "city": city, "ticket": ticket})
    return note


def notes_of_ticket(connection: Connection, city: str, ticket: str) -> list[Note]:
    """Return the notes on a ticket, oldest first."""
    query = select(notes).where(notes.c.city == city, notes.c.ticket == ticket).order_by(notes.c.id)
    rows = connection.execute(query).mappings()
    return [Note(row["id"], in_japan(row["at"]) or row["at"], row["staff"], row["staff_name"], row["text"]) for row in rows]
