"""One's own account: language, password, one-time codes, sessions."""

import asyncio
import hmac

from fastapi import Request, Response
from sqlalchemy import Connection

from bot.storage.staff import change_staff, count_recovery_codes, replace_recovery_codes
from bot.storage.staff_sessions import Session, end_session, end_sessions, sessions_of
from connectors.console.codes import (
    address_of,
    new_recovery_codes,
    new_secret,
    picture_of,
    recovery_digest,
    seal,
    step_of,
    unseal,
)
from connectors.console.gate import console_router, current_session, current_staff, record
from connectors.console.links import password_mistakes
from connectors.console.pages import page, redirect
from connectors.console.passwords import fits, hash_password
from connectors.console.sessions import handler_of, settings_of
from connectors.console.signin import code_is_good, proven
from connectors.console.texts import chosen

router = console_router()


@router.get("/account")
async def account_page(request: Request) -> Response:
    """Show one's own account."""
    return await _account(request)


@router.post("/account")
async def account_save(request: Request) -> Response:
    """Change one's name and language."""
    person, form = current_staff(request), await request.form()
    name, language = str(form.get("name", "")).strip()[:64], chosen(str(form.get("language", "")))
    if not name:
        return await _account(request, 422, {"name": "account.no-name"})
    changes = {"name": name, "language": language}
    await record(request, "account-changed", lambda connection: change_staff(connection, person.id, changes), target=person.id)
    return redirect("/console/account", "saved")


@router.post("/account/password")
async def password_save(request: Request) -> Response:
    """Change one's password with the old one. All other sessions end."""
    person, session, form = current_staff(request), current_session(request), await request.form()
    old = str(form.get("old", ""))
    if not await proven(request, person, lambda: asyncio.to_thread(fits, old, person.password)):
        return await _account(request, 422, {"old": "password.old-wrong"})
    if errors := password_mistakes(request, form, (person.login, person.name)):
        return await _account(request, 422, errors)
    stored = await asyncio.to_thread(hash_password, str(form["password"]))

    def _change(connection: Connection) -> None:
        change_staff(connection, person.id, {"password": stored})
        end_sessions(connection, person.id, but=session.id)

    await record(request, "password-changed", _change, target=person.id)
    return redirect("/console/account", "password-changed")


@router.get("/account/totp")
async def totp_page(request: Request) -> Response:
    """Show how one-time codes are set up, or that they are."""
    return await _totp(request)


@router.get("/account/totp.svg")
async def totp_picture(request: Request) -> Response:
    """Show the code that an authenticator reads; only while codes are being set up."""
    person = current_staff(request)
    if person.totp is None or person.totp_on:
        return Response(status_code=404)
    secret = unseal(settings_of(request), person.totp)
    return Response(picture_of(address_of(secret, person.login)), media_type="image/svg+xml")


@router.post("/account/totp")
async def totp_save(request: Request) -> Response:
    """Take the steps to one-time codes: make a secret, then prove it with a code; or make new recovery codes with one."""
    person, form = current_staff(request), await request.form()
    if form.get("step") == "begin" and not person.totp_on:
        sealed = seal(settings_of(request), new_secret())
        changes = {"totp": sealed, "totp_step": 0}
        await record(request, "totp-begun", lambda connection: change_staff(connection, person.id, changes), target=person.id)
        return redirect("/console/account/totp")
    if person.totp is None:
        return redirect("/console/account/totp")
    given = str(form.get("code", ""))
    if person.totp_on:
        good = await proven(request, person, lambda: code_is_good(request, person, given))
        changes = {}
    else:
        step = step_of(unseal(settings_of(request), person.totp), given, handler_of(request).clock())
        good, changes = step is not None, {"totp_on": True, "totp_step": step}
    if not good:
        return await _totp(request, 422, {"code": "code.wrong"})
    codes = new_recovery_codes()

    def _on(connection: Connection) -> None:
        if changes:
            change_staff(connection, person.id, changes)
            end_sessions(connection, person.id, but=current_session(request).id)
        replace_recovery_codes(connection, person.id, [recovery_digest(code) for code in codes])

    await record(request, "totp-on" if changes else "recovery-codes-made", _on, target=person.id)
    return page(request, "recovery-codes.html", codes=codes)


@router.post("/account/totp/off")
async def totp_off(request: Request) -> Response:
    """Do without one-time codes, given one; not for the break-glass account."""
    person, form = current_staff(request), await request.form()
    if person.break_glass:
        return await _totp(request, 422, {"off-code": "totp.must-stay"})
    given = str(form.get("code", ""))
    if person.totp is None or not await proven(request, person, lambda: code_is_good(request, person, given)):
        return await _totp(request, 422, {"off-code": "code.wrong"})

    def _off(connection: Connection) -> None:
        change_staff(connection, person.id, {"totp": None, "totp_on": False, "totp_step": 0})
        replace_recovery_codes(connection, person.id, [])

    await record(request, "totp-off", _off, target=person.id)
    return redirect("/console/account", "totp-off")


@router.post("/account/sessions")
async def session_end(request: Request) -> Response:
    """End one of one's own sessions, or all others."""
    person, session, form = current_staff(request), current_session(request), await request.form()
    wanted = str(form.get("session", ""))

    def _end(connection: Connection) -> None:
        if wanted == "others":
            end_sessions(connection, person.id, but=session.id)
        elif not hmac.compare_digest(wanted.encode(), session.id.encode()):
            end_session(connection, person.id, wanted)

    await record(request, "session-ended", _end, target=person.id)
    return redirect("/console/account", "session-ended")


async def _account(request: Request, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    person, now_used = current_staff(request), current_session(request)

    def _read(connection: Connection) -> tuple[list[Session], int]:
        return sessions_of(connection, person.id), count_recovery_codes(connection, person.id)

    sessions, codes = await handler_of(request).database.read(_read)
    return page(request, "account.html", status, sessions=sessions, now_used=now_used.id, codes=codes, errors=errors or {})


async def _totp(request: Request, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    person = current_staff(request)
    secret = unseal(settings_of(request), person.totp) if person.totp and not person.totp_on else ""
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    left = await handler_of(request).database.read(lambda connection: count_recovery_codes(connection, person.id))
    return page(request, "totp.html", status, secret=grouped, left=left, errors=errors or {})
