"""Tickets: the record of a conversation passed to staff, its number, its steps, and the text that was not sent."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.handoff import ClosedBy, Conflict, Officer, Ticket, ticket_number
from bot.messages import HandoffState
from bot.storage.desk_tables import (
    deliveries,
    draft_suggestions,
    links,
    notes,
    ticket_events,
    ticket_numbers,
    tickets,
    unsent_replies,
)
from bot.storage.ids import new_turn_id
from bot.storage.times import in_japan

_TIMES = tuple(name for name in tickets.c.keys() if name.endswith("_at"))  # noqa: SIM118 - columns, no mapping


@dataclass(frozen=True)
class TicketEvent:
    """One step of a ticket: opened, taken, replied, assigned, closed, reopened, breached … and who took it."""

    at: datetime
    kind: str
    staff: str | None
    staff_name: str
    detail: str


@dataclass(frozen=True)
class TicketQuery:
    """Which tickets to list. What is empty does not limit; `search` finds a number or words of the question."""

    states: Sequence[HandoffState] = ()
    departments: Sequence[str] = ()
    languages: Sequence[str] = ()
    assignee: str = ""
    search: str = ""
    limit: int = 100


def insert_ticket(connection: Connection, ticket: Ticket) -> Ticket:
    """Write a new ticket and return it with the next number of its city and year."""
    year = ticket.opened_at.year
    insert_ = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = insert_(ticket_numbers).values(city=ticket.city, year=year, last=1)
    again = first.on_conflict_do_update(index_elements=["city", "year"], set_={"last": ticket_numbers.c.last + 1})
    count = connection.execute(again.returning(ticket_numbers.c.last)).scalar_one()
    numbered = replace(ticket, number=ticket_number(year, count))
    connection.execute(insert(tickets), _values(numbered))
    return numbered


def ticket_with_number(connection: Connection, city: str, number: str) -> Ticket | None:
    """Return a ticket of a city, None where there is none."""
    row = connection.execute(select(tickets).where(tickets.c.city == city, tickets.c.number == number)).mappings().first()
    return _ticket(row) if row else None


def tickets_of_conversation(connection: Connection, city: str, conversation: str) -> list[Ticket]:
    """Return the tickets of a conversation, the newest first."""
    query = select(tickets).where(tickets.c.city == city, tickets.c.conversation == conversation)
    return [_ticket(row) for row in connection.execute(query.order_by(tickets.c.number.desc())).mappings()]


def update_ticket(connection: Connection, ticket: Ticket, now: datetime) -> Ticket:
    """Write a step of staff, made from the version that `ticket` carries; return it with the next version.

    Raises Conflict where somebody else has made a step since.
    """
    changed = replace(ticket, version=ticket.version + 1, changed_at=now)
    values = {name: value for name, value in _values(changed).items() if name != "resident_at"}
    query = update(tickets).where(tickets.c.city == ticket.city, tickets.c.number == ticket.number)
    if connection.execute(query.where(tickets.c.version == ticket.version).values(values)).rowcount == 0:
        raise Conflict(ticket_with_number(connection, ticket.city, ticket.number) or ticket)
    return changed


def resident_wrote(connection: Connection, city: str, number: str, now: datetime) -> None:
    """Count one more unread message of the resident; the silence that was warned of is over."""
    query = update(tickets).where(tickets.c.city == city, tickets.c.number == number)
    connection.execute(query.values(unread=tickets.c.unread + 1, resident_at=now, warned_at=None, alerted_at=None))


def mark_ticket(connection: Connection, city: str, number: str, *, only_first: bool = False, **values: Any) -> bool:
    """Write what the desk itself notes on a ticket (unread, alerted_at …) beside its version; say whether it did.

    With `only_first` nothing is written where one of them is there already.
    """
    query = update(tickets).where(tickets.c.city == city, tickets.c.number == number)
    for name in values if only_first else ():
        query = query.where(tickets.c[name].is_(None))
    return connection.execute(query.values(values)).rowcount == 1


def drop_addresses(connection: Connection) -> None:
    """Forget the addresses of closed tickets, once nothing waits to be sent to them."""
    waits = select(deliveries.c.id).where(
        deliveries.c.city == tickets.c.city, deliveries.c.ticket == tickets.c.number,
        deliveries.c.channel == "email", deliveries.c.state == "pending",
    )  # fmt: skip
    done = (tickets.c.state == "closed", tickets.c.sealed_email.is_not(None), ~waits.exists())
    connection.execute(update(tickets).where(*done).values(sealed_email=None))


def waiting_before(connection: Connection, ticket: Ticket) -> int:
    """Return how many tickets of the same department wait longer."""
    query = select(func.count()).where(
        tickets.c.city == ticket.city, tickets.c.department == ticket.department, tickets.c.state == "waiting",
        tickets.c.number < ticket.number,
    )  # fmt: skip
    return int(connection.scalar(query) or 0)


def list_tickets(connection: Connection, city: str, wanted: TicketQuery) -> list[Ticket]:
    """Return tickets of a city, waiting ones first, then by time, the oldest first; closed ones last, newest first."""
    rows = connection.execute(_listed(city, wanted)).mappings()
    found = [_ticket(row) for row in rows]
    order = {HandoffState.WAITING: 0, HandoffState.STAFF: 1, HandoffState.CLOSED: 2}
    return sorted(found, key=lambda t: (order[t.state], t.opened_at.timestamp() * (1 if t.is_open else -1)))


def _listed(city: str, wanted: TicketQuery) -> Select[Any]:
    query = select(tickets).where(tickets.c.city == city)
    for column, values in ((tickets.c.state, wanted.states), (tickets.c.department, wanted.departments)):
        query = query.where(column.in_(values)) if values else query
    if wanted.languages:
        query = query.where(tickets.c.language.in_(wanted.languages))
    if wanted.assignee:
        query = query.where(tickets.c.assignee == wanted.assignee)
    if wanted.search:
        found = tickets.c.number.contains(wanted.search, autoescape=True)
        query = query.where(found | tickets.c.question.contains(wanted.search, autoescape=True))
    return query.order_by(tickets.c.number.desc()).limit(wanted.limit)


def count_tickets(connection: Connection, city: str, departments: Sequence[str] = ()) -> dict[str, int]:
    """Return how many tickets wait and are with staff, and how many messages of residents are `unread`."""
    query = select(tickets.c.state, func.count(), func.sum(tickets.c.unread)).where(tickets.c.city == city)
    if departments:
        query = query.where(tickets.c.department.in_(departments))
    rows = connection.execute(query.where(tickets.c.state != "closed").group_by(tickets.c.state)).all()
    found = {"waiting": 0, "staff": 0, "unread": 0}
    for state, count, unread in rows:
        found[state] = int(count)
        found["unread"] += int(unread or 0)
    return found


def open_tickets(connection: Connection, city: str) -> list[Ticket]:
    """Return every ticket of a city that is not closed, for the desk's own clockwork."""
    query = select(tickets).where(tickets.c.city == city, tickets.c.state != "closed").order_by(tickets.c.number)
    return [_ticket(row) for row in connection.execute(query).mappings()]


def save_event(
    connection: Connection, ticket: Ticket, kind: str, now: datetime, officer: Officer | None = None, detail: str = ""
) -> None:
    """Write a step of a ticket into its history."""
    values = {
        "id": new_turn_id(now), "city": ticket.city, "ticket": ticket.number, "at": now, "kind": kind,
        "staff": officer.id if officer else None, "staff_name": officer.name if officer else "", "detail": detail,
    }  # fmt: skip
    connection.execute(insert(ticket_events), values)


def events_of_ticket(connection: Connection, city: str, number: str) -> list[TicketEvent]:
    """Return the history of a ticket, oldest first."""
    query = select(ticket_events).where(ticket_events.c.city == city, ticket_events.c.ticket == number)
    rows = connection.execute(query.order_by(ticket_events.c.id)).mappings()
    return [
        TicketEvent(in_japan(row["at"]) or row["at"], row["kind"], row["staff"], row["staff_name"], row["detail"]) for row in rows
    ]


def keep_unsent(connection: Connection, ticket: Ticket, officer: Officer, text: str, now: datetime) -> None:
    """Keep the text that an officer could not send; a later one replaces it."""
    drop_unsent(connection, ticket.city, ticket.number, officer.id)
    values = {"city": ticket.city, "ticket": ticket.number, "staff": officer.id, "at": now, "text": text}
    connection.execute(insert(unsent_replies), values)


def unsent_of(connection: Connection, city: str, number: str, staff: str) -> str:
    """Return the text that an officer could not send; empty where there is none."""
    columns = unsent_replies.c
    query = select(columns.text).where(columns.city == city, columns.ticket == number, columns.staff == staff)
    return str(connection.scalar(query) or "")


def drop_unsent(connection: Connection, city: str, number: str, staff: str) -> None:
    """Forget the text that an officer could not send."""
    columns = unsent_replies.c
    connection.execute(delete(unsent_replies).where(columns.city == city, columns.ticket == number, columns.staff == staff))


def erase_tickets(connection: Connection, city: str, conversation: str, now: datetime) -> None:
    """Erase what the tickets of a conversation tell, with notes, drafts, deliveries and links; number and dates stay."""
    connection.execute(delete(links).where(links.c.city == city, links.c.conversation == conversation))
    for ticket in tickets_of_conversation(connection, city, conversation):
        for table in (notes, unsent_replies, deliveries, ticket_events, draft_suggestions):
            connection.execute(delete(table).where(table.c.city == city, table.c.ticket == ticket.number))
        emptied = replace(
            ticket, conversation=None, question="", sealed_email=None, unread=0, state=HandoffState.CLOSED,
            closed_at=ticket.closed_at or now, closed_by=ClosedBy.ERASED,
        )  # fmt: skip
        update_ticket(connection, emptied, now)


def _values(ticket: Ticket) -> dict[str, Any]:
    """Return the columns of a ticket; its states as plain words."""
    closed_by = ticket.closed_by.value if ticket.closed_by else None
    return {**vars(ticket), "state": ticket.state.value, "closed_by": closed_by}


def _ticket(row: RowMapping) -> Ticket:
    values = {field.name: row[field.name] for field in fields(Ticket)}
    values |= {name: in_japan(row[name]) for name in _TIMES}
    values["state"] = HandoffState(row["state"])
    values["closed_by"] = ClosedBy(row["closed_by"]) if row["closed_by"] else None
    return Ticket(**values)
