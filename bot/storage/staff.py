"""Staff accounts: who they are, how they prove it, and what they may do where."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.storage.staff_tables import staff, staff_recovery_codes, staff_roles

# An assignment to this city holds for every city.
EVERYWHERE = "*"


@dataclass(frozen=True)
class Assignment:
    """A role in a city (`*`: in all). `departments` and `languages` limit it; None means all of them."""

    id: str
    role: str
    city: str
    departments: frozenset[str] | None = None
    languages: frozenset[str] | None = None


@dataclass(frozen=True)
class Staff:
    """Somebody who works for a city. `identity` is their key at the city's sign-in service, never an e-mail address.

    `password` is an argon2 hash, None where they sign in elsewhere; `totp` is sealed; `totp_step` is the last step used.
    """

    id: str
    login: str
    name: str
    language: str = "ja"
    active: bool = True
    break_glass: bool = False
    password: str | None = None
    totp: str | None = None
    totp_on: bool = False
    totp_step: int = 0
    identity: str | None = None
    assignments: tuple[Assignment, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles that they have anywhere."""
        return frozenset(one.role for one in self.assignments)

    @property
    def cities(self) -> frozenset[str]:
        """The cities that they have a role in; `*` stands for all."""
        return frozenset(one.city for one in self.assignments)


_COLUMNS = tuple(name for name in staff.c.keys() if name != "made_at")  # noqa: SIM118 - a column collection is no dict


def new_role_id() -> str:
    """Return an id for a role: one that can be typed after an option of a command."""
    return secrets.token_hex(8)


def add_staff(connection: Connection, person: Staff, now: datetime) -> None:
    """Write a new account with its roles. Raises IntegrityError where the login or the identity is taken."""
    connection.execute(insert(staff), {**{name: getattr(person, name) for name in _COLUMNS}, "made_at": now})
    for assignment in person.assignments:
        add_assignment(connection, person.id, assignment)


def change_staff(connection: Connection, id_: str, changes: Mapping[str, Any]) -> None:
    """Change columns of an account."""
    connection.execute(update(staff).where(staff.c.id == id_).values(**changes))


def use_totp_step(connection: Connection, id_: str, step: int) -> bool:
    """Mark a step of the one-time codes as used; False where it, or a later one, has been used already."""
    query = update(staff).where(staff.c.id == id_, staff.c.totp_step < step).values(totp_step=step)
    return connection.execute(query).rowcount == 1


def add_assignment(connection: Connection, id_: str, assignment: Assignment) -> None:
    """Give a role."""
    limits = {name: _listed(getattr(assignment, name)) for name in ("departments", "languages")}
    row = {"id": assignment.id, "staff": id_, "role": assignment.role, "city": assignment.city, **limits}
    connection.execute(insert(staff_roles), row)


def remove_assignment(connection: Connection, id_: str, assignment: str) -> None:
    """Take a role away."""
    connection.execute(delete(staff_roles).where(staff_roles.c.staff == id_, staff_roles.c.id == assignment))


def staff_with_id(connection: Connection, id_: str) -> Staff | None:
    """Return an account."""
    return _first(connection, staff.c.id == id_)


def staff_with_login(connection: Connection, login: str) -> Staff | None:
    """Return the account that signs in with this name, in any case."""
    return _first(connection, staff.c.login == login.strip().lower())


def staff_with_identity(connection: Connection, identity: str) -> Staff | None:
    """Return the account that the city's sign-in service knows under this key."""
    return _first(connection, staff.c.identity == identity)


def list_staff(connection: Connection) -> list[Staff]:
    """Return all accounts by login, with their roles."""
    roles = _roles(connection, None)
    rows = connection.execute(select(staff).order_by(staff.c.login)).mappings()
    return [_staff(row, roles.get(row["id"], ())) for row in rows]


def count_staff(connection: Connection) -> int:
    """Return how many accounts there are."""
    return int(connection.scalar(select(func.count()).select_from(staff)) or 0)


def replace_recovery_codes(connection: Connection, id_: str, digests: Sequence[str]) -> None:
    """Make these the only recovery codes of an account."""
    connection.execute(delete(staff_recovery_codes).where(staff_recovery_codes.c.staff == id_))
    if digests:
        connection.execute(insert(staff_recovery_codes), [{"digest": digest, "staff": id_} for digest in digests])


def use_recovery_code(connection: Connection, id_: str, digest: str) -> bool:
    """Use up a recovery code; False where there is none such."""
    ours = (staff_recovery_codes.c.staff == id_, staff_recovery_codes.c.digest == digest)
    return connection.execute(delete(staff_recovery_codes).where(*ours)).rowcount == 1


def count_recovery_codes(connection: Connection, id_: str) -> int:
    """Return how many recovery codes are left."""
    query = select(func.count()).select_from(staff_recovery_codes).where(staff_recovery_codes.c.staff == id_)
    return int(connection.scalar(query) or 0)


def _first(connection: Connection, condition: Any) -> Staff | None:
    row = connection.execute(select(staff).where(condition)).mappings().first()
    return _staff(row, _roles(connection, row["id"]).get(row["id"], ())) if row else None


def _roles(connection: Connection, id_: str | None) -> dict[str, tuple[Assignment, ...]]:
    query = select(staff_roles).order_by(staff_roles.c.city, staff_roles.c.role, staff_roles.c.id)
    found: dict[str, tuple[Assignment, ...]] = {}
    for row in connection.execute(query if id_ is None else query.where(staff_roles.c.staff == id_)).mappings():
        limits = (None if row[name] is None else frozenset(row[name]) for name in ("departments", "languages"))
        one = Assignment(row["id"], row["role"], row["city"], *limits)
        found[row["staff"]] = (*found.get(row["staff"], ()), one)
    return found


def _staff(row: Mapping[Any, Any], assignments: tuple[Assignment, ...]) -> Staff:
    return Staff(**{name: row[name] for name in _COLUMNS}, assignments=assignments)


def _listed(limit: frozenset[str] | None) -> list[str] | None:
    return None if limit is None else sorted(limit)
