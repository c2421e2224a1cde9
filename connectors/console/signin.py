"""The door: sign in with name and password, give the one-time code, sign out. Failed tries wait longer and longer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog
from fastapi import Request, Response
from sqlalchemy import Connection

from bot.storage.staff import Staff, staff_with_login, use_recovery_code, use_totp_step
from bot.storage.staff_sessions import (
    Session,
    add_failure,
    add_session,
    close_door,
    closed_until,
    end_session,
    forget_failures,
    session_with_token,
)
from connectors.console.codes import recovery_digest, step_of, unseal
from connectors.console.gate import console_router, current_session, record, written
from connectors.console.pages import page, redirect
from connectors.console.passwords import fits
from connectors.console.refusals import Refusal, SignInNeeded
from connectors.console.sessions import (
    address_range,
    cookie_name,
    drop_cookie,
    handler_of,
    may_carry_passwords,
    new_session,
    put_cookie,
    safe_next,
    settings_of,
)

router = console_router()
_log = structlog.get_logger("madoguchi.console")
# After so many failures in a day each further one closes the door, for twice as long each time, up to the longest.
_FREE_TRIES = {"account": 5, "address": 40}
_LONGEST = timedelta(minutes=15)
# Checking a password takes 64 MiB for a moment: two at a time are enough for a city, and all that an attacker gets.
_checks = asyncio.Semaphore(2)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the door."""
    if request.state.staff is not None:
        return redirect("/console")
    return _door(request, next_=safe_next(request.query_params.get("next", "")))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check name and password. With one-time codes the session waits for one; otherwise it is whole."""
    form = await request.form()
    login, next_ = str(form.get("login", "")).strip().lower()[:64], safe_next(str(form.get("next", "")))
    if not may_carry_passwords(request):
        raise Refusal(403, "not-https")
    keys = _keys(request, login)
    if until := await _closed(request, keys):
        return _door(request, 429, login, next_, until=until)
    handler = handler_of(request)
    person = await handler.database.read(lambda connection: staff_with_login(connection, login))
    async with _checks:
        good = await asyncio.to_thread(fits, str(form.get("password", "")), person.password if person else None)
    if person is None or not good or not person.active:
        return _door(request, 401, login, next_, until=await failed(request, keys, person), wrong=True)
    return await enter(request, person, "password", next_)


@router.get("/sign-in/code")
async def code_page(request: Request) -> Response:
    """Ask for the one-time code."""
    _waiting(request)
    return page(request, "code.html", next=safe_next(request.query_params.get("next", "")), until=None)


@router.post("/sign-in/code")
async def code(request: Request) -> Response:
    """Check the one-time code, or a recovery code. A code is good once."""
    person, form = _waiting(request), await request.form()
    keys, next_ = _keys(request, person.login), safe_next(str(form.get("next", "")))
    until, given = await _closed(request, keys), str(form.get("code", ""))
    if until is None and await code_is_good(request, person, given):
        return await _whole(request, person, "password", next_)
    until = until or await failed(request, keys, person)
    return page(request, "code.html", 401, next=next_, until=until, errors={"code": "code.wrong"})


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End this session."""
    session = current_session(request)
    await record(request, "signed-out", lambda connection: end_session(connection, session.staff, session.id))
    response = redirect("/console/sign-in", "signed-out")
    drop_cookie(request, response)
    return response


async def enter(request: Request, person: Staff, method: str, next_: str, roles: tuple[str, ...] | None = None) -> Response:
    """Begin a session for somebody whose first factor is good. A session that the browser had before ends."""
    if method == "password" and person.totp_on:
        response = redirect("/console/sign-in/code?" + urlencode({"next": next_}))
        token, session = new_session(request, person, method, "totp")
        await written(request, lambda connection: _replace(connection, request, token, session))
        put_cookie(request, response, token)
        return response
    return await _whole(request, person, method, next_, roles)


async def _whole(request: Request, person: Staff, method: str, next_: str, roles: tuple[str, ...] | None = None) -> Response:
    token, session = new_session(request, person, method, "full", roles)

    def _begin(connection: Connection) -> None:
        _replace(connection, request, token, session)
        forget_failures(connection, _keys(request, person.login)[0])

    action = "break-glass" if person.break_glass else "signed-in"
    await record(request, action, _begin, who=person, detail={"method": method, "address": address_range(request)})
    if person.break_glass:
        _log.warning("BREAK-GLASS ACCOUNT SIGNED IN", staff=person.id, address=address_range(request))
    response = redirect(next_)
    put_cookie(request, response, token)
    return response


async def code_is_good(request: Request, person: Staff, given: str) -> bool:
    """Say whether this is a one-time code or recovery code of the person, and use it up."""
    secret = unseal(settings_of(request), person.totp or "")
    step = step_of(secret, given, handler_of(request).clock())
    if step is not None:
        return await written(request, lambda connection: use_totp_step(connection, person.id, step))
    wanted = recovery_digest(given)
    if not await written(request, lambda connection: use_recovery_code(connection, person.id, wanted)):
        return False
    await record(request, "recovery-code-used", who=person)
    return True


async def failed(request: Request, keys: tuple[str, str], person: Staff | None) -> datetime | None:
    """Count a failure, and return until when the door is closed now. The log names an account only if there is one."""
    now = handler_of(request).clock()

    def _count(connection: Connection) -> datetime | None:
        for key in keys:
            over = add_failure(connection, key, now) - _FREE_TRIES[key.split(":")[0]]
            if over >= 0:
                close_door(connection, key, now + min(timedelta(minutes=1) * 2 ** min(over, 10), _LONGEST))
        return closed_until(connection, keys, now)

    target = person.id if person else ""
    return await record(request, "sign-in-failed", _count, target=target, detail={"address": address_range(request)})


async def proven(request: Request, person: Staff, check: Callable[[], Awaitable[bool]]) -> bool:
    """Say whether somebody signed in proves it again; failures count as at the door, so that a stolen session cannot guess."""
    keys = _keys(request, person.login)
    if await _closed(request, keys):
        return False
    if await check():
        return True
    await failed(request, keys, person)
    return False


async def _closed(request: Request, keys: tuple[str, str]) -> datetime | None:
    now = handler_of(request).clock()
    return await handler_of(request).database.read(lambda connection: closed_until(connection, keys, now))


def _keys(request: Request, login: str) -> tuple[str, str]:
    return f"account:{login}", f"address:{address_range(request)}"


def _replace(connection: Connection, request: Request, token: str, session: Session) -> None:
    if old := session_with_token(connection, request.cookies.get(cookie_name(request), "")):
        end_session(connection, old.staff, old.id)
    add_session(connection, token, session)


def _waiting(request: Request) -> Staff:
    person: Staff | None = request.state.waiting
    if person is None:
        raise SignInNeeded
    return person


def _door(
    request: Request, status: int = 200, login: str = "", next_: str = "/console", *, until: datetime | None = None,
    wrong: bool = False,
) -> Response:  # fmt: skip
    return page(
        request, "sign-in.html", status, next=next_, until=until, wrong=wrong, form={"login": login},
        oidc=bool(settings_of(request).oidc_issuer), safe=may_carry_passwords(request),
    )  # fmt: skip
