"""What `madoguchi staff` and `madoguchi audit` do. Each change is a line of the audit log, under the name of who ran it."""

import getpass
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.handler import new_id, now_in_japan
from bot.messages import BotError
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.storage.audit import Event, audit_lines, verify_audit, write_audit
from bot.storage.staff import (
    EVERYWHERE,
    Assignment,
    Staff,
    add_assignment,
    add_staff,
    change_staff,
    count_staff,
    list_staff,
    new_role_id,
    remove_assignment,
    replace_recovery_codes,
    staff_with_login,
)
from bot.storage.staff_sessions import end_sessions, make_link
from connectors.console.audit_pages import as_csv
from connectors.console.links import LOGIN
from connectors.console.permissions import LIMITED, ROLES
from faq.city import read_city
from faq.languages import load_languages

T = TypeVar("T")
_out = Console(highlight=False, soft_wrap=True)
_MOST = 10_000_000


@dataclass(frozen=True)
class Wanted:
    """A role as it is asked for."""

    role: str
    city: str
    departments: list[str] | None
    languages: list[str] | None


def add_account(settings: Settings, login: str, name: str, wanted: Wanted, *, identity: str, break_glass: bool) -> None:
    """Make an account and print its link. Raises BotError for a login that is taken or cannot be one."""
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise BotError("login", f"{login!r} cannot be a sign-in name.", "Take 2–64 of: a–z 0–9 . _ - @", 422)
    role = _assignment(settings, wanted)
    person = Staff(new_id(), login, name[:64], break_glass=break_glass, identity=identity or None, assignments=(role,))

    def _add(connection: Connection) -> str:
        add_staff(connection, person, now_in_japan())
        return "" if identity else make_link(connection, "password", person.id, now_in_japan())

    try:
        token = _do(settings, "staff-added", person.id, _add, {"role": wanted.role, "break_glass": str(break_glass)})
    except IntegrityError as error:
        message = f"{login!r} or this identity has an account already."
        raise BotError("login", message, "See: madoguchi staff list", 409) from error
    _print_link(settings, person, token)


def list_accounts(settings: Settings, *, as_json: bool) -> None:
    """Print all accounts; never a hash or a secret."""
    with closing(open_database(settings.database_url)) as database:
        people = database.read_now(list_staff)
    if as_json:
        _out.print_json(json.dumps([_row(one) for one in people], ensure_ascii=False))
        return
    for one in people:
        state = "" if one.active else "  停止中 disabled"
        _out.print(f"{one.login}  {one.name}  {', '.join(_told(role) for role in one.assignments) or '–'}{state}", markup=False)


def set_active(settings: Settings, login: str, *, active: bool) -> None:
    """Enable or disable an account. Raises BotError where there is none such."""
    person = _known(settings, login)

    def _set(connection: Connection) -> None:
        change_staff(connection, person.id, {"active": active})
        end_sessions(connection, person.id)

    _do(settings, "staff-enabled" if active else "staff-disabled", person.id, _set)
    _out.print(f"{person.login}: {'使えます enabled' if active else '停止しました disabled'}", markup=False)


def reset_account(settings: Settings, login: str, *, codes: bool) -> None:
    """Take the password (and one-time codes) away and print a link for a new one. Raises BotError for an unknown login."""
    person = _known(settings, login)

    def _reset(connection: Connection) -> str:
        end_sessions(connection, person.id)
        changes: dict[str, Any] = {"password": None}
        if codes:
            changes |= {"totp": None, "totp_on": False, "totp_step": 0}
            replace_recovery_codes(connection, person.id, [])
        change_staff(connection, person.id, changes)
        return make_link(connection, "password", person.id, now_in_japan())

    _print_link(settings, person, _do(settings, "staff-reset", person.id, _reset, {"codes": str(codes)}))


def change_roles(settings: Settings, login: str, wanted: Wanted | None, remove: str) -> None:
    """Give or take a role, and print what there is then. Raises BotError where something is not known."""
    person = _known(settings, login)
    if wanted:
        role = _assignment(settings, wanted)
        facts = {"role": role.role, "where": role.city}
        _do(settings, "role-added", person.id, lambda connection: add_assignment(connection, person.id, role), facts)
    if remove:
        if remove not in {role.id for role in person.assignments}:
            raise BotError("role", f"{login} has no role {remove}.", f"See: madoguchi staff roles {login}", 404)
        _do(settings, "role-removed", person.id, lambda connection: remove_assignment(connection, person.id, remove))
    for role in _known(settings, login).assignments:
        _out.print(f"{role.id}  {_told(role)}", markup=False)


def verify_log(settings: Settings, noted: str, *, as_json: bool) -> int:
    """Check the chain and print what was found; return the exit code. Raises BotError for a note that cannot be read."""
    number, _, digest = noted.partition(":")
    if noted and not (number.isdecimal() and digest):
        raise BotError("noted", f"{noted!r} is no NUMBER:DIGEST.", "Copy it from an earlier check.", 422)
    with closing(open_database(settings.database_url)) as database:
        found = database.read_now(lambda connection: verify_audit(connection, (int(number), digest) if noted else None))
    if as_json:
        _out.print_json(json.dumps(found.__dict__))
    elif found.broken is None:
        _out.print(f"{found.lines} 行、すべて書かれたままです。All {found.lines} lines are as they were written.", markup=False)
        _out.print(f"控え / note for next time: {found.last}:{found.head}", markup=False)
    else:
        told = f"{found.broken} 行目が{_WRONG[found.reason]} Line {found.broken}: {found.reason}."
        _out.print(told, style="red", markup=False)
    return 0 if found.broken is None else 1


_WRONG = {"missing": "ありません。", "changed": "書き換えられています。", "replaced": "控えと違います。"}


def export_log(settings: Settings, file: Path, city: str) -> None:
    """Write the log as CSV; the export is a line of the log itself."""
    with closing(open_database(settings.database_url)) as database:
        lines = database.read_now(lambda connection: audit_lines(connection, city=city or None, limit=_MOST))
    file.write_bytes(as_csv(lines[::-1]))
    _do(settings, "audit-exported", city, lambda _connection: None, {"lines": str(len(lines))})
    _out.print(f"{file}: {len(lines)}", markup=False)


def first_link(database: Database, base: str) -> str | None:
    """Return the link that makes the first administrator; None where there is an account. An earlier link is void."""

    def _make(connection: Connection) -> str | None:
        if count_staff(connection):
            return None
        write_audit(connection, Event("first-link"), now_in_japan())
        return f"{base}/console/first/{make_link(connection, 'first', None, now_in_japan())}"

    return database.write_now(_make)


def _do(settings: Settings, action: str, target: str, work: Callable[[Connection], T], facts: dict[str, str] | None = None) -> T:
    """Do the work and write the line, both or neither."""
    event = Event(action, name=f"madoguchi ({getpass.getuser()})", target=target, detail=facts or {})

    def _both(connection: Connection) -> T:
        result = work(connection)
        write_audit(connection, event, now_in_japan())
        return result

    with closing(open_database(settings.database_url)) as database:
        return database.write_now(_both)


def _known(settings: Settings, login: str) -> Staff:
    with closing(open_database(settings.database_url)) as database:
        person = database.read_now(lambda connection: staff_with_login(connection, login))
    if person is None:
        raise BotError("login", f"There is no account {login!r}.", "See: madoguchi staff list", 404)
    return person


def _assignment(settings: Settings, wanted: Wanted) -> Assignment:
    """Return the role asked for. Raises BotError for a role, city, department or language that is not there."""
    _require({wanted.role}, set(ROLES), "role")
    _require({wanted.city}, {EVERYWHERE, *settings.files.city_ids()}, "city")
    _require(set(wanted.languages or ()), {row.code for row in load_languages(settings.files)}, "language")
    if wanted.departments and wanted.city != EVERYWHERE:
        city = read_city(settings.faq_dir / "cities" / wanted.city / "city.yaml")
        _require(set(wanted.departments), set(city.departments), "department")
    if (wanted.departments or wanted.languages) and wanted.role not in LIMITED:
        raise BotError("role", f"{wanted.role} is for the whole city.", "Leave --department and --language out.", 422)
    limits = [frozenset(limit) if limit else None for limit in (wanted.departments, wanted.languages)]
    return Assignment(new_role_id(), wanted.role, wanted.city, *limits)


def _require(given: set[str], known: set[str], what: str) -> None:
    if unknown := given - known:
        hint = f"There are: {', '.join(sorted(known))}"
        raise BotError(what, f"There is no {what} {', '.join(sorted(unknown))}.", hint, 422)


def _told(role: Assignment) -> str:
    limits = [",".join(sorted(limit)) for limit in (role.departments, role.languages) if limit is not None]
    return f"{role.role}@{role.city}" + (f" [{'; '.join(limits)}]" if limits else "")


def _row(one: Staff) -> dict[str, Any]:
    roles = [{name: _listed(getattr(role, name)) for name in Assignment.__dataclass_fields__} for role in one.assignments]
    facts = {"login": one.login, "name": one.name, "active": one.active, "break_glass": one.break_glass, "codes": one.totp_on}
    return {"id": one.id, **facts, "identity": one.identity, "roles": roles}


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _print_link(settings: Settings, person: Staff, token: str) -> None:
    if not token:
        _out.print(f"{person.login}: 認証サービスでサインインできます signs in with the sign-in service", markup=False)
        return
    base = settings.public_url.rstrip("/") or f"http://localhost:{settings.port}"
    _out.print(f"{person.login} さんに渡してください（72時間以内に1回だけ使えます）:", markup=False)
    _out.print(f"Give this to {person.login} (works once, within 72 hours):", markup=False)
    _out.print(f"\n  {base}/console/password/{token}\n", markup=False)
