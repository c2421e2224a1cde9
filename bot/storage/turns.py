"""Turns: one message with its reply, the text masked before it comes here."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select

from bot.messages import JST, Turn
from bot.storage.database import Row
from bot.storage.replies import reply_from_json, reply_to_json
from bot.storage.tables import turns

_INSERT = insert(turns)


def save_turn(connection: Connection, turn: Turn) -> None:
    """Write a turn. Raises IntegrityError where the city already has a turn of this client id."""
    statement, values = turn_row(turn)
    connection.execute(statement, values)


def turn_row(turn: Turn) -> Row:
    """Return the statement and values that write a turn."""
    reply = turn.reply
    values = {
        "id": turn.id, "conversation": turn.conversation, "city": turn.city, "channel": turn.channel, "at": turn.at,
        "client_id": turn.client_id, "text": turn.masked_text, "language": reply.language, "decision": reply.decision.value,
        "outcome": reply.outcome.value, "entry": reply.entry, "version": reply.version, "probability": reply.probability,
        "reply": reply_to_json(reply), "milliseconds": turn.milliseconds,
    }  # fmt: skip
    return _INSERT, values


def turn_of_client(connection: Connection, city: str, client_id: str) -> Turn | None:
    """Return the turn that a client's message became, None where it has not come before."""
    query = select(turns).where(turns.c.city == city, turns.c.client_id == client_id)
    row = connection.execute(query).mappings().first()
    return _turn(row) if row else None


def turn_with_id(connection: Connection, city: str, id_: str) -> Turn | None:
    """Return a turn of a city, None where there is none."""
    row = connection.execute(select(turns).where(turns.c.city == city, turns.c.id == id_)).mappings().first()
    return _turn(row) if row else None


def turns_after(connection: Connection, city: str, conversation: str, last: str, limit: int = 100) -> list[Turn]:
    """Return the turns of a conversation after the one with id `last` (all with an empty `last`), oldest first."""
    query = (
        select(turns)
        .where(turns.c.city == city, turns.c.conversation == conversation, turns.c.id > last)
        .order_by(turns.c.id)
        .limit(limit)
    )
    return [_turn(row) for row in connection.execute(query).mappings()]


def _turn(row: RowMapping) -> Turn:
    at: datetime = row["at"]
    return Turn(
        row["id"], row["conversation"], row["city"], row["channel"], at if at.tzinfo else at.replace(tzinfo=JST),
        row["text"], reply_from_json(row["reply"]), row["milliseconds"], row["client_id"],
    )  # fmt: skip
