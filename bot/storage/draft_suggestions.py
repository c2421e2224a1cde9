"""Drafts for the FAQ that officers made of their replies; they wait here for the curation room."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.storage.desk_tables import draft_suggestions
from bot.storage.times import in_japan


@dataclass(frozen=True)
class DraftSuggestion:
    """A question and an answer that might become an entry. `nearest` is the entry most like it; `state` is waiting or dropped."""

    id: str
    city: str
    ticket: str
    turn: str
    department: str
    language: str
    question: str
    answer: str
    nearest: str
    staff: str
    staff_name: str
    at: datetime
    state: str = "waiting"


def add_draft(connection: Connection, draft: DraftSuggestion) -> None:
    """Write a new draft."""
    connection.execute(insert(draft_suggestions), vars(draft))


def list_drafts(connection: Connection, city: str, state: str = "waiting", limit: int = 200) -> list[DraftSuggestion]:
    """Return a city's drafts in a state, the newest first."""
    columns = draft_suggestions.c
    query = select(draft_suggestions).where(columns.city == city, columns.state == state)
    rows = connection.execute(query.order_by(columns.id.desc()).limit(limit)).mappings()
    return [DraftSuggestion(**{**row, "at": in_japan(row["at"]) or row["at"]}) for row in rows]


def draft_with_id(connection: Connection, city: str, id_: str) -> DraftSuggestion | None:
    """Return a draft of a city, None where there is none."""
    columns = draft_suggestions.c
    row = connection.execute(select(draft_suggestions).where(columns.city == city, columns.id == id_)).mappings().first()
    return DraftSuggestion(**{**row, "at": in_japan(row["at"]) or row["at"]}) if row else None


def draft_of_turn(connection: Connection, city: str, turn: str) -> str | None:
    """Return the id of the waiting draft that was made of a reply, None where none was."""
    columns = draft_suggestions.c
    query = select(columns.id).where(columns.city == city, columns.turn == turn, columns.state == "waiting")
    return connection.scalar(query)


def set_draft_state(connection: Connection, city: str, id_: str, state: str) -> None:
    """Change the state of a draft."""
    columns = draft_suggestions.c
    connection.execute(update(draft_suggestions).where(columns.city == city, columns.id == id_).values(state=state))
