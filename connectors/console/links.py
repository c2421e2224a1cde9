"""One-time links: the one that makes the first account, and those by which somebody sets a password of their own."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from fastapi import Request, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from bot.handler import new_id
from bot.storage.staff import EVERYWHERE, Assignment, Staff, add_staff, change_staff, count_staff, new_role_id, staff_with_id
from bot.storage.staff_sessions import end_sessions, forget_failures, link_owner, use_link
from connectors.console.gate import console_router, record
from connectors.console.pages import language_of, page
from connectors.console.passwords import hash_password, mistakes
from connectors.console.refusals import Refusal
from connectors.console.sessions import handler_of, may_carry_passwords
from connectors.console.signin import enter

router = console_router()
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


@router.get("/first/{token}")
async def first_page(request: Request, token: str) -> Response:
    """Ask for the first administrator. Looking at the page does not use the link up."""
    await _owner(request, token, "first")
    return page(request, "first.html")


@router.post("/first/{token}")
async def first(request: Request, token: str) -> Response:
    """Make the first account, an administrator of all cities, and sign them in."""
    await _owner(request, token, "first")
    form = await request.form()
    login, name = str(form.get("login", "")).strip().lower(), str(form.get("name", "")).strip()[:64]
    errors = account_mistakes(login, name) | password_mistakes(request, form, (login, name))
    if errors:
        return page(request, "first.html", 422, errors=errors, form={"login": login, "name": name})
    stored = await asyncio.to_thread(hash_password, str(form["password"]))
    role = Assignment(new_role_id(), "admin", EVERYWHERE)
    person = Staff(new_id(), login, name, language_of(request), password=stored, assignments=(role,))
    now = handler_of(request).clock()

    def _make(connection: Connection) -> bool:
        good, _ = use_link(connection, token, "first", now)
        if good := good and count_staff(connection) == 0:
            add_staff(connection, person, now)
        return good

    if not await record(request, "first-account", _make, who=person, target=person.id):
        raise Refusal(410, "link-over")
    return await enter(request, person, "password", "/console/account/totp")


@router.get("/password/{token}")
async def password_link_page(request: Request, token: str) -> Response:
    """Ask for a new password. Looking at the page does not use the link up."""
    return page(request, "new-password.html", person=await _owner(request, token, "password"))


@router.post("/password/{token}")
async def password_link(request: Request, token: str) -> Response:
    """Set the password, end all sessions of the account, and sign its owner in."""
    person, form = await _owner(request, token, "password"), await request.form()
    if person is None:
        raise Refusal(410, "link-over")
    if errors := password_mistakes(request, form, (person.login, person.name)):
        return page(request, "new-password.html", 422, person=person, errors=errors)
    stored = await asyncio.to_thread(hash_password, str(form["password"]))
    now = handler_of(request).clock()

    def _set(connection: Connection) -> bool:
        good, owner = use_link(connection, token, "password", now)
        if good and owner == person.id:
            change_staff(connection, person.id, {"password": stored})
            end_sessions(connection, person.id)
            forget_failures(connection, f"account:{person.login}")
        return good

    if not await record(request, "password-set", _set, who=person, target=person.id):
        raise Refusal(410, "link-over")
    return await enter(request, replace(person, password=stored), "password", "/console")


def account_mistakes(login: str, name: str) -> dict[str, str]:
    """Return what is wrong with a new account's name and login, by field."""
    errors = {} if LOGIN.fullmatch(login) else {"login": "account.bad-login"}
    return errors if name else errors | {"name": "account.no-name"}


def password_mistakes(request: Request, form: FormData, personal: Sequence[str]) -> dict[str, str]:
    """Return what is wrong with a new password that was typed twice, by field."""
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    if found := mistakes(password, (*personal, *handler_of(request).service.releases)):
        return {"password": found[0]}
    return {} if password == again else {"again": "password.not-the-same"}


async def _owner(request: Request, token: str, purpose: str) -> Staff | None:
    """Return whose link it is. Raises Refusal where it is over, was used, or the way here is not safe."""
    if not may_carry_passwords(request):
        raise Refusal(403, "not-https")
    now = handler_of(request).clock()

    def _read(connection: Connection) -> tuple[bool, Staff | None]:
        good, owner = link_owner(connection, token, purpose, now)
        return good, staff_with_id(connection, owner) if owner else None

    good, person = await handler_of(request).database.read(_read)
    if not good or (person is not None and not person.active):
        raise Refusal(410, "link-over")
    return person
