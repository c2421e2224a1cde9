"""Events of LINE: taken in once, handled in order for each resident, each answered or listed as undelivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import JST
from bot.storage.database import Row
from bot.storage.line_tables import line_events as events
from bot.storage.tables import turns
from bot.storage.times import in_japan


class EventState(StrEnum):
    """Where an event stands; the last three are ends."""

    TAKEN_IN = "taken-in"
    HANDLING = "handling"
    ANSWERED = "answered"
    UNDELIVERED = "undelivered"
    IGNORED = "ignored"


OPEN = (EventState.TAKEN_IN, EventState.HANDLING)
_INSERTS = {
    "sqlite": sqlite.insert(events).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(events).on_conflict_do_nothing(),
}


@dataclass(frozen=True)
class StoredEvent:
    """An event as it waits: `body` sealed, `lane` whose order it keeps, `leaving` once a reply may have left us."""

    city: str
    id: str
    lane: str
    kind: str
    message: str
    happened_ms: int
    body: str
    attempts: int = 0
    leaving: bool = False


@dataclass(frozen=True)
class Ending:
    """How an event ended: `way` is reply or push, `detail` the reason where it was not answered."""

    state: EventState
    way: str = ""
    detail: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class StoredUndelivered:
    """An event that was not answered: which, whose conversation, when it happened, why; `text` masked, empty for none."""

    id: str
    conversation: str
    kind: str
    happened_ms: int
    reason: str
    at: datetime
    text: str = ""

    @property
    def happened_at(self) -> datetime:
        """When it happened, in Asia/Tokyo."""
        return datetime.fromtimestamp(self.happened_ms / 1000, JST)


def event_row(dialect: str, event: StoredEvent, now: datetime) -> Row:
    """Return the statement and values that take an event in; one that is there already stays as it is."""
    values = {
        "city": event.city, "id": event.id, "lane": event.lane, "kind": event.kind, "message": event.message,
        "happened_ms": event.happened_ms, "taken_at": now, "state": EventState.TAKEN_IN.value, "body": event.body,
        "leaving": False, "attempts": 0, "way": "", "detail": "", "request_id": "",
    }  # fmt: skip
    return _INSERTS[dialect], values


def claim_events(connection: Connection, worker: str, now: datetime, lease: timedelta, most: int) -> list[StoredEvent]:
    """Take up to `most` events for a worker, the oldest of each lane, where nobody else holds the lane."""
    free = or_(events.c.state == EventState.TAKEN_IN, and_(events.c.state == EventState.HANDLING, events.c.lease_until < now))
    older = events.alias()
    held = and_(older.c.state == EventState.HANDLING, older.c.lease_until >= now)
    before = tuple_(older.c.happened_ms, older.c.id) < tuple_(events.c.happened_ms, events.c.id)
    in_the_way = exists().where(
        older.c.city == events.c.city, older.c.lane == events.c.lane, older.c.state.in_(OPEN), or_(held, before)
    )
    picked = (
        select(events.c.city, events.c.id)
        .where(free, ~in_the_way)
        .order_by(events.c.happened_ms, events.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(events)
        .where(tuple_(events.c.city, events.c.id).in_(picked), free)
        .values(state=EventState.HANDLING, worker=worker, lease_until=now + lease, attempts=events.c.attempts + 1)
        .returning(*(events.c[name] for name in StoredEvent.__dataclass_fields__))
    )
    rows = connection.execute(statement).all()
    return sorted((StoredEvent(**{**row._mapping, "body": row.body or ""}) for row in rows), key=lambda e: e.happened_ms)  # noqa: SLF001


def renew_leases(connection: Connection, worker: str, until: datetime) -> None:
    """Keep what a worker holds."""
    held = and_(events.c.worker == worker, events.c.state == EventState.HANDLING)
    connection.execute(update(events).where(held).values(lease_until=until))


def release_leases(connection: Connection, worker: str) -> None:
    """Give back what a worker holds, so that another may take it at once."""
    held = and_(events.c.worker == worker, events.c.state == EventState.HANDLING)
    connection.execute(update(events).where(held).values(state=EventState.TAKEN_IN, lease_until=None, worker=None))


def mark_leaving(connection: Connection, city: str, id_: str) -> None:
    """Note that from now on a reply may have reached LINE."""
    connection.execute(update(events).where(events.c.city == city, events.c.id == id_).values(leaving=True))


def end_event(connection: Connection, city: str, id_: str, ending: Ending, now: datetime) -> None:
    """Note how an event ended, and delete what it said. An event that has ended stays as it ended."""
    ours = and_(events.c.city == city, events.c.id == id_, events.c.state.in_(OPEN))
    values = {"state": ending.state.value, "way": ending.way, "detail": ending.detail[:64], "request_id": ending.request_id[:64]}
    connection.execute(update(events).where(ours).values(**values, body=None, worker=None, lease_until=None, done_at=now))


def drop_waiting(connection: Connection, city: str, lane: str, before_ms: int, now: datetime) -> int:
    """End a lane's events that nobody handles yet and that are older; return how many there were."""
    waiting = and_(events.c.city == city, events.c.lane == lane, events.c.state == EventState.TAKEN_IN)
    query = update(events).where(waiting, events.c.happened_ms < before_ms)
    return connection.execute(query.values(state=EventState.IGNORED, detail="blocked", body=None, done_at=now)).rowcount


def events_of_message(connection: Connection, city: str, message: str) -> list[tuple[str, str, str]]:
    """Return (id, kind, state) of the events about a LINE message: the message itself and its unsending."""
    if not message:
        return []
    query = select(events.c.id, events.c.kind, events.c.state).where(events.c.city == city, events.c.message == message)
    return [(row.id, row.kind, row.state) for row in connection.execute(query)]


def expire_bodies(connection: Connection, before: datetime, now: datetime) -> int:
    """End events that waited too long: raw text lives at most so long (P-04). They are listed as undelivered."""
    old = and_(events.c.state.in_(OPEN), events.c.taken_at < before)
    values = {"state": EventState.UNDELIVERED, "detail": "too-old", "body": None, "done_at": now, "worker": None}
    return connection.execute(update(events).where(old).values(**values)).rowcount


def release_event(connection: Connection, city: str, id_: str) -> None:
    """Give an event back to be tried again."""
    ours = and_(events.c.city == city, events.c.id == id_, events.c.state == EventState.HANDLING)
    connection.execute(update(events).where(ours).values(state=EventState.TAKEN_IN, worker=None, lease_until=None))


def delete_ended(connection: Connection, before: datetime) -> int:
    """Delete events that ended so long ago that LINE will not send them again; return how many."""
    return connection.execute(delete(events).where(events.c.done_at < before)).rowcount


def undelivered_events(connection: Connection, city: str, since: datetime, limit: int = 200) -> Sequence[StoredUndelivered]:
    """Return what could not be delivered, newest first, for staff."""
    query = (
        select(
            events.c.id, events.c.lane, events.c.kind, events.c.happened_ms, events.c.detail, events.c.done_at,
            func.coalesce(turns.c.text, ""),
        )
        .outerjoin(turns, and_(turns.c.city == events.c.city, turns.c.client_id == events.c.id))
        .where(events.c.city == city, events.c.state == EventState.UNDELIVERED, events.c.done_at >= since)
        .order_by(events.c.happened_ms.desc())
        .limit(limit)
    )  # fmt: skip
    return [StoredUndelivered(*row) for row in connection.execute(query)]


def waiting_since(connection: Connection, city: str) -> tuple[int, datetime | None]:
    """Return how many events have not ended, and when the oldest of them was taken in."""
    query = select(func.count(), func.min(events.c.taken_at)).where(events.c.city == city, events.c.state.in_(OPEN))
    count, oldest = connection.execute(query).one()
    return int(count), in_japan(oldest)


def count_undelivered(connection: Connection, city: str, since: datetime) -> int:
    """Return how many events could not be answered since then."""
    ours = events.c.city == city, events.c.state == EventState.UNDELIVERED, events.c.done_at >= since
    return int(connection.scalar(select(func.count()).where(*ours)) or 0)


def count_events(connection: Connection, city: str, since: datetime) -> dict[str, int]:
    """Return how many events came since then, by state."""
    query = select(events.c.state, func.count()).where(events.c.city == city, events.c.taken_at >= since)
    return {state: int(count) for state, count in connection.execute(query.group_by(events.c.state))}
