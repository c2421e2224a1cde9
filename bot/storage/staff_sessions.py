"""Sessions of staff, one-time links, and how often a sign-in failed. Only digests of secrets are kept."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.messages import JST
from bot.storage.staff_tables import staff_failures, staff_links, staff_sessions

# How long a one-time link is good: that of the first administrator, and one by which somebody sets a password.
LINK_LIVES: Mapping[str, timedelta] = {"first": timedelta(hours=1), "password": timedelta(hours=72)}


@dataclass(frozen=True)
class Session:
    """A session. `stage` is `totp` until the second factor is given, `full` after; `method` is password or oidc.

    `id` may be shown; the token that opens the session is known to the browser only. `roles` are those that the city's
    sign-in service granted; None where the account alone says them.
    """

    id: str
    staff: str
    csrf: str
    method: str
    stage: str
    device: str
    started_at: datetime
    seen_at: datetime
    roles: tuple[str, ...] | None = None


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret of 256 random bits, which is all that is stored of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def in_japan(at: datetime) -> datetime:
    """Return a stored time in Japan's zone: SQLite keeps no zone, PostgreSQL answers in its own."""
    return at.astimezone(JST) if at.tzinfo else at.replace(tzinfo=JST)


def add_session(connection: Connection, token: str, session: Session) -> None:
    """Write a new session."""
    roles = None if session.roles is None else list(session.roles)
    connection.execute(insert(staff_sessions), {**session.__dict__, "digest": digest(token), "roles": roles})


def session_with_token(connection: Connection, token: str) -> Session | None:
    """Return the session that this token opens."""
    row = connection.execute(select(staff_sessions).where(staff_sessions.c.digest == digest(token))).mappings().first()
    return _session(row) if row else None


def sessions_of(connection: Connection, staff: str) -> list[Session]:
    """Return the sessions of a person, the latest first."""
    query = select(staff_sessions).where(staff_sessions.c.staff == staff).order_by(staff_sessions.c.seen_at.desc())
    return [_session(row) for row in connection.execute(query).mappings()]


def touch_session(connection: Connection, id_: str, now: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(staff_sessions).where(staff_sessions.c.id == id_).values(seen_at=now))


def end_session(connection: Connection, staff: str, id_: str) -> bool:
    """End a session of this person; False where there is none such."""
    ours = (staff_sessions.c.staff == staff, staff_sessions.c.id == id_)
    return connection.execute(delete(staff_sessions).where(*ours)).rowcount == 1


def end_sessions(connection: Connection, staff: str, *, but: str = "") -> int:
    """End all sessions of a person but one, and return how many ended."""
    return connection.execute(delete(staff_sessions).where(staff_sessions.c.staff == staff, staff_sessions.c.id != but)).rowcount


def sweep(connection: Connection, idle_before: datetime, started_before: datetime, now: datetime) -> None:
    """Remove sessions, links and counts of failures whose time is over."""
    over = (staff_sessions.c.seen_at < idle_before) | (staff_sessions.c.started_at < started_before)
    connection.execute(delete(staff_sessions).where(over))
    connection.execute(delete(staff_links).where(staff_links.c.until < now))
    connection.execute(delete(staff_failures).where(staff_failures.c.last_at < now - timedelta(days=1)))


def make_link(connection: Connection, purpose: str, staff: str | None, now: datetime) -> str:
    """Return the token (256 bits) of a new one-time link. An earlier one of the same purpose and person is void."""
    token, until = secrets.token_urlsafe(32), now + LINK_LIVES[purpose]
    ours = staff_links.c.staff.is_(None) if staff is None else staff_links.c.staff == staff
    connection.execute(delete(staff_links).where(staff_links.c.purpose == purpose, ours))
    connection.execute(insert(staff_links), {"digest": digest(token), "purpose": purpose, "staff": staff, "until": until})
    return token


def link_owner(connection: Connection, token: str, purpose: str, now: datetime) -> tuple[bool, str | None]:
    """Return whether the link is good, and whose it is (None for the link that makes the first account)."""
    query = select(staff_links).where(staff_links.c.digest == digest(token), staff_links.c.purpose == purpose)
    row = connection.execute(query).mappings().first()
    return (False, None) if row is None or in_japan(row["until"]) < now else (True, row["staff"])


def use_link(connection: Connection, token: str, purpose: str, now: datetime) -> tuple[bool, str | None]:
    """Use a link up; of two that try at once one gets it."""
    good, staff = link_owner(connection, token, purpose, now)
    gone = connection.execute(delete(staff_links).where(staff_links.c.digest == digest(token))).rowcount
    return (good and gone == 1, staff)


def add_failure(connection: Connection, key: str, now: datetime) -> int:
    """Count a failed sign-in under a key (an account or a range of addresses) and return how many there were in a day."""
    wanted = staff_failures.c.digest == digest(key)
    connection.execute(delete(staff_failures).where(wanted, staff_failures.c.last_at < now - timedelta(days=1)))
    values: dict[Any, Any] = {"failures": staff_failures.c.failures + 1, "last_at": now}
    if connection.execute(update(staff_failures).where(wanted).values(values)).rowcount == 0:
        connection.execute(insert(staff_failures), {"digest": digest(key), "failures": 1, "last_at": now})
    return int(connection.scalar(select(staff_failures.c.failures).where(wanted)) or 0)


def close_door(connection: Connection, key: str, until: datetime) -> None:
    """Refuse sign-ins under a key for a while."""
    connection.execute(update(staff_failures).where(staff_failures.c.digest == digest(key)).values(closed_until=until))


def closed_until(connection: Connection, keys: tuple[str, ...], now: datetime) -> datetime | None:
    """Return until when sign-ins under any of these keys are refused, None where they are not."""
    query = select(func.max(staff_failures.c.closed_until)).where(staff_failures.c.digest.in_([digest(key) for key in keys]))
    found = connection.scalar(query)
    until = in_japan(found) if found else None
    return until if until and until > now else None


def forget_failures(connection: Connection, key: str) -> None:
    """Start counting anew."""
    connection.execute(delete(staff_failures).where(staff_failures.c.digest == digest(key)))


def _session(row: Any) -> Session:
    values = {name: row[name] for name in Session.__dataclass_fields__}
    roles = None if row["roles"] is None else tuple(row["roles"])
    return Session(**values | {name: in_japan(row[name]) for name in ("started_at", "seen_at")} | {"roles": roles})
