"""Deliveries: what must still go out beside the web stream (LINE, e-mail, notices to staff), whatever restarts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from bot.handoff import Ticket
from bot.storage.desk_tables import deliveries
from bot.storage.ids import new_turn_id
from bot.storage.times import in_japan

# After so many failures a delivery is given up; between them the wait doubles from one minute.
MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class Delivery:
    """One thing to deliver. `channel` is line or email (to the resident), mail or webhook (a notice to staff).

    `kind` is taken, reply, warning, assigned, reopened or closed to residents; opened, breached or unread to staff.
    """

    id: str
    channel: str
    city: str
    conversation: str | None
    ticket: str
    turn: str | None
    kind: str
    attempts: int
    due_at: datetime


def add_delivery(
    connection: Connection, ticket: Ticket, channel: str, kind: str, now: datetime, turn: str | None = None, wait: int = 0
) -> None:
    """Write what is to be delivered, due after `wait` seconds."""
    values = {
        "id": new_turn_id(now), "channel": channel, "city": ticket.city, "conversation": ticket.conversation,
        "ticket": ticket.number, "turn": turn, "kind": kind, "state": "pending", "attempts": 0,
        "due_at": now + timedelta(seconds=wait), "created_at": now, "error": "",
    }  # fmt: skip
    connection.execute(insert(deliveries), values)


def notify_staff(connection: Connection, ticket: Ticket, kind: str, now: datetime) -> None:
    """Write the notices to staff: by mail and by webhook, each delivered on its own."""
    for channel in ("mail", "webhook"):
        add_delivery(connection, ticket, channel, kind, now)


def due_deliveries(connection: Connection, channel: str, now: datetime, limit: int = 50) -> list[Delivery]:
    """Return what is due on a channel, oldest first."""
    columns = deliveries.c
    query = select(deliveries).where(columns.channel == channel, columns.state == "pending", columns.due_at <= now)
    return [_delivery(row) for row in connection.execute(query.order_by(columns.id).limit(limit)).mappings()]


def claim_delivery(connection: Connection, delivery: Delivery, now: datetime, seconds: int = 120) -> bool:
    """Take a delivery for so many seconds, so that no other worker sends it too; say whether it was still to be had."""
    columns = deliveries.c
    query = update(deliveries).where(
        columns.id == delivery.id, columns.state == "pending", columns.attempts == delivery.attempts, columns.due_at <= now
    )
    taken = query.values(attempts=delivery.attempts + 1, due_at=now + timedelta(seconds=seconds))
    return connection.execute(taken).rowcount == 1


def finish_delivery(connection: Connection, id_: str) -> None:
    """Note that it went out."""
    connection.execute(update(deliveries).where(deliveries.c.id == id_).values(state="done", error=""))


def fail_delivery(connection: Connection, id_: str, attempts: int, error: str, now: datetime, *, for_good: bool = False) -> None:
    """Note that it failed: due again later, or given up after too many attempts or `for_good`."""
    state = "failed" if for_good or attempts >= MOST_ATTEMPTS else "pending"
    due_at = now + timedelta(minutes=2 ** max(attempts - 1, 0))
    connection.execute(
        update(deliveries).where(deliveries.c.id == id_).values(state=state, error=error[:200], due_at=due_at, attempts=attempts)
    )


def pending_of(connection: Connection, city: str, ticket: str, channel: str) -> int:
    """Return how many deliveries of a ticket still wait on a channel."""
    columns = deliveries.c
    query = select(func.count()).where(columns.city == city, columns.ticket == ticket, columns.channel == channel)
    return int(connection.scalar(query.where(columns.state == "pending")) or 0)


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        row["id"], row["channel"], row["city"], row["conversation"], row["ticket"], row["turn"], row["kind"], row["attempts"],
        in_japan(row["due_at"]) or row["due_at"],
    )  # fmt: skip
