"""The accounts of a city: who there is, a new one, changes, one-time links, sessions. For its administrators."""

from typing import Any

from fastapi import Request, Response
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.handler import new_id
from bot.storage.staff import Staff, add_staff, change_staff, list_staff, replace_recovery_codes
from bot.storage.staff_sessions import end_sessions, make_link
from connectors.console.accounts import account_page_of, governed, is_chief, is_seen, seen, shared
from connectors.console.gate import console_router, current_staff, record
from connectors.console.links import account_mistakes
from connectors.console.pages import page, redirect
from connectors.console.sessions import base_url, handler_of
from connectors.console.staff_roles import role_of
from connectors.console.texts import chosen

router = console_router()


@router.get("/{city}/staff")
async def staff_list(request: Request, city: str) -> Response:
    """List who has a role in this city; administrators of all cities also see accounts without any role."""
    people = await handler_of(request).database.read(list_staff)
    shown = [one for one in people if is_seen(request, one, city)]
    return page(request, "staff-list.html", people=shown, **shared(request, city))


@router.get("/{city}/staff/new")
async def staff_new_page(request: Request, city: str) -> Response:
    """Ask for a new account."""
    return page(request, "staff-new.html", **shared(request, city))


@router.post("/{city}/staff/new")
async def staff_new(request: Request, city: str) -> Response:
    """Make an account with its first role, and show the link by which its owner sets a password."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("login", "name", "identity", "role")}
    login, identity = typed["login"].lower(), typed["identity"][:256] or None
    assignment, errors = role_of(form, city, handler_of(request).service, may_everywhere=is_chief(request))
    errors = account_mistakes(login, typed["name"]) | errors
    if errors or assignment is None:
        return page(request, "staff-new.html", 422, errors=errors, form=typed, **shared(request, city))
    person = Staff(
        new_id(), login, typed["name"][:64], chosen(str(form.get("language", ""))), identity=identity, assignments=(assignment,),
        break_glass=is_chief(request) and "break_glass" in form,
    )  # fmt: skip
    now = handler_of(request).clock()

    def _make(connection: Connection) -> str:
        add_staff(connection, person, now)
        return "" if identity else make_link(connection, "password", person.id, now)

    facts = {"role": assignment.role, "break_glass": str(person.break_glass)}
    try:
        token = await record(request, "staff-added", _make, city=city, target=person.id, detail=facts)
    except IntegrityError:
        return page(request, "staff-new.html", 422, errors={"login": "account.taken"}, form=typed, **shared(request, city))
    return _show_link(request, person, token) if token else redirect(f"/console/{city}/staff/{person.id}", "staff-added")


@router.get("/{city}/staff/{person}")
async def staff_page(request: Request, city: str, person: str) -> Response:
    """Show one account."""
    return await account_page_of(request, city, await seen(request, city, person))


@router.post("/{city}/staff/{person}")
async def staff_save(request: Request, city: str, person: str) -> Response:
    """Change an account: name, language, key at the sign-in service, whether it works at all."""
    account, form = await governed(request, city, person), await request.form()
    name, active = str(form.get("name", "")).strip()[:64], "active" in form
    errors = {} if name else {"name": "account.no-name"}
    if account.id == current_staff(request).id and not active:
        errors["active"] = "staff.not-yourself"
    if errors:
        return await account_page_of(request, city, account, 422, errors)
    changes: dict[str, Any] = {"name": name, "language": chosen(str(form.get("language", ""))), "active": active}
    changes["identity"] = str(form.get("identity", "")).strip()[:256] or None
    if is_chief(request):
        changes["break_glass"] = "break_glass" in form

    def _change(connection: Connection) -> None:
        change_staff(connection, account.id, changes)
        if not active:
            end_sessions(connection, account.id)

    action = "staff-changed" if active == account.active else "staff-enabled" if active else "staff-disabled"
    changed = ",".join(sorted(name for name, value in changes.items() if value != getattr(account, name)))
    try:
        await record(request, action, _change, city=city, target=account.id, detail={"changed": changed})
    except IntegrityError:
        return await account_page_of(request, city, account, 422, {"identity": "account.identity-taken"})
    return redirect(f"/console/{city}/staff/{account.id}", "saved")


@router.post("/{city}/staff/{person}/link")
async def staff_link(request: Request, city: str, person: str) -> Response:
    """Make a link by which the owner sets a new password; on request without one-time codes. All their sessions end."""
    account, form = await governed(request, city, person), await request.form()
    now = handler_of(request).clock()

    def _reset(connection: Connection) -> str:
        end_sessions(connection, account.id)
        changes: dict[str, Any] = {"password": None}
        if "codes" in form:
            changes |= {"totp": None, "totp_on": False, "totp_step": 0}
            replace_recovery_codes(connection, account.id, [])
        change_staff(connection, account.id, changes)
        return make_link(connection, "password", account.id, now)

    token = await record(request, "staff-reset", _reset, city=city, target=account.id, detail={"codes": str("codes" in form)})
    return _show_link(request, account, token or "")


@router.post("/{city}/staff/{person}/sessions")
async def staff_sessions_end(request: Request, city: str, person: str) -> Response:
    """End all sessions of an account."""
    account = await governed(request, city, person)
    await record(request, "sessions-ended", lambda connection: end_sessions(connection, account.id), city=city, target=account.id)
    return redirect(f"/console/{city}/staff/{account.id}", "sessions-ended")


def _show_link(request: Request, account: Staff, token: str) -> Response:
    """The link is shown once, in the answer to the form: nothing else knows it."""
    return page(request, "staff-link.html", account=account, address=f"{base_url(request)}/console/password/{token}")
