"""The audit log: who did what to what, and when. Each row holds the digest of the one before, so that a change shows.

No row holds what a resident or staff wrote. A line of the log is meant for years; residents' texts are not.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.messages import JST
from bot.storage.staff import EVERYWHERE
from bot.storage.staff_sessions import in_japan
from bot.storage.staff_tables import audit, audit_head, staff_roles


@dataclass(frozen=True)
class Event:
    """What is written: who (id and name; empty where nobody is known), in which city, what, to what, and small facts."""

    action: str
    staff: str = ""
    name: str = ""
    city: str = ""
    target: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line of the log. `detail` is JSON as it was written; `before` is the digest of the line before."""

    number: int
    at: datetime
    staff: str
    name: str
    city: str
    action: str
    target: str
    detail: str
    before: str
    digest: str

    def reckoned(self) -> str:
        """Return the digest that this line must have."""
        at = self.at.astimezone(JST).isoformat(timespec="microseconds")
        facts = [self.number, at, self.staff, self.name, self.city, self.action, self.target, self.detail, self.before]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found: `last` is the number of the head, `head` its digest.

    `broken` names the first line that is not as it was written (`missing`, `changed`, or not the one noted: `replaced`).
    """

    lines: int
    last: int
    head: str
    broken: int | None = None
    reason: str = ""


def write_audit(connection: Connection, event: Event, now: datetime) -> Line:
    """Append a line. Whoever appends first takes the row of the head, so that lines never fork."""
    connection.execute(update(audit_head).values(number=audit_head.c.number + 1))
    head = connection.execute(select(audit_head)).mappings().one()
    detail = json.dumps(dict(event.detail), ensure_ascii=False, sort_keys=True)
    bare = Line(head["number"], now, event.staff, event.name[:64], event.city, event.action, event.target[:96], detail,
                head["digest"], "")  # fmt: skip
    line = Line(**{**bare.__dict__, "digest": bare.reckoned()})
    connection.execute(insert(audit), line.__dict__)
    connection.execute(update(audit_head).values(digest=line.digest))
    return line


def audit_lines(
    connection: Connection, *, city: str | None = None, action: str = "", staff: str = "",
    since: datetime | None = None, until: datetime | None = None, below: int | None = None, limit: int = 100,
) -> list[Line]:  # fmt: skip
    """Return lines, the latest first. For a city: its own lines, and those of no city by or about people with a role there."""
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if city is not None:
        ours = select(staff_roles.c.staff).where(staff_roles.c.city.in_((city, EVERYWHERE)))
        theirs = audit.c.staff.in_(ours) | audit.c.target.in_(ours)
        query = query.where((audit.c.city == city) | ((audit.c.city == "") & theirs))
    tests: list[tuple[object, Callable[[], Any]]] = [
        (action, lambda: audit.c.action == action),
        (staff, lambda: audit.c.name.contains(staff, autoescape=True)),
        (since, lambda: audit.c.at >= since),
        (until, lambda: audit.c.at < until),
        (below, lambda: audit.c.number < below),
    ]
    query = query.where(*(test() for given, test in tests if given))
    return [_line(row) for row in connection.execute(query).mappings()]


def verify_audit(connection: Connection, noted: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain. `noted` is a head (number, digest) written down earlier: it must still be in it."""
    head = connection.execute(select(audit_head)).mappings().one()
    number, before, count = head["oldest"] - 1, head["before_oldest"], 0
    for line in _walk(connection):
        if reason := _wrong(line, number + 1, before, noted):
            return Verdict(count, head["number"], head["digest"], number + 1, reason)
        number, before, count = line.number, line.digest, count + 1
    if (number, before) != (head["number"], head["digest"]):
        return Verdict(count, head["number"], head["digest"], number + 1, "missing")
    if noted and noted[0] > number:
        return Verdict(count, head["number"], head["digest"], noted[0], "missing")
    return Verdict(count, number, before)


def expire_audit(connection: Connection, before: datetime) -> int:
    """Remove the lines older than this from the beginning of the chain, which goes on from the first that is kept."""
    query = select(audit).where(audit.c.at < before).order_by(audit.c.number.desc()).limit(1)
    last = connection.execute(query).mappings().first()
    if last is None:
        return 0
    connection.execute(update(audit_head).values(oldest=last["number"] + 1, before_oldest=last["digest"]))
    return connection.execute(delete(audit).where(audit.c.number <= last["number"])).rowcount


def _walk(connection: Connection) -> Iterator[Line]:
    query = select(audit).order_by(audit.c.number).execution_options(yield_per=1000)
    for row in connection.execute(query).mappings():
        yield _line(row)


def _wrong(line: Line, number: int, before: str, noted: tuple[int, str] | None) -> str:
    if line.number != number:
        return "missing"
    if line.before != before or line.digest != line.reckoned():
        return "changed"
    return "replaced" if noted and noted[0] == number and noted[1] != line.digest else ""


def _line(row: Any) -> Line:
    return Line(**{**row, "at": in_japan(row["at"])})
