"""Canned replies: what staff often send, in each language; an editor writes them, an approver lets them be used."""

import re
from dataclasses import replace

from fastapi import Request, Response

from bot.desk.canned import VARIABLES, check
from bot.messages import BotError
from bot.storage.canned import CannedReply, drop_canned, list_canned, save_canned
from connectors.console.gate import console_router, current_staff, record, require
from connectors.console.inbox import labels
from connectors.console.pages import page, redirect
from connectors.console.permissions import Permission, Where, allows
from connectors.console.refusals import Refusal
from connectors.console.sessions import handler_of

router = console_router()
_NAME = re.compile(r"^[a-z0-9-]{1,64}$")


@router.get("/{city}/canned")
async def canned_page(request: Request, city: str) -> Response:
    """List the canned replies of a city."""
    person = current_staff(request)
    rows = await handler_of(request).database.read(lambda connection: list_canned(connection, city))
    shown = [(row, allows(person, Permission.FAQ_EDIT, _place(row)), allows(person, Permission.FAQ_APPROVE, _place(row)))
             for row in rows if allows(person, Permission.FAQ_READ, _place(row))]  # fmt: skip
    writes = allows(person, Permission.FAQ_EDIT, Where(city))
    return page(request, "canned.html", rows=shown, writes=writes, **labels(request, city))


@router.get("/{city}/canned/edit")
async def canned_edit_page(request: Request, city: str) -> Response:
    """Show the form of a canned reply, new or there already (`id`, `language`)."""
    id_, language = request.query_params.get("id", ""), request.query_params.get("language", "")
    row = await _found(request, city, id_, language) if id_ else CannedReply(city, "", "ja", "", "", "", "draft")
    require(request, Permission.FAQ_EDIT, _place(row))
    return _form(request, row)


@router.post("/{city}/canned/edit")
async def canned_save(request: Request, city: str) -> Response:
    """Write a canned reply. It is a draft until somebody approves it."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("id", "language", "department", "title", "text")}
    row = CannedReply(city, typed["id"], typed["language"], typed["department"], typed["title"][:200], typed["text"], "draft")
    if errors := _mistakes(request, city, row):
        return _form(request, row, 422, errors)
    require(request, Permission.FAQ_EDIT, _place(row))
    for old in await handler_of(request).database.read(lambda connection: list_canned(connection, city, row.language)):
        if old.id == row.id:
            require(request, Permission.FAQ_EDIT, _place(old))
    staff, now = current_staff(request).id, handler_of(request).clock()
    await record(
        request, "canned-saved", lambda connection: save_canned(connection, row, staff, now),
        city=city, target=f"{row.id}:{row.language}",
    )  # fmt: skip
    return redirect(f"/console/{city}/canned", "canned-saved")


@router.post("/{city}/canned/approve")
async def canned_approve(request: Request, city: str) -> Response:
    """Let officers use a canned reply."""
    form = await request.form()
    row = await _found(request, city, str(form.get("id", "")), str(form.get("language", "")))
    require(request, Permission.FAQ_APPROVE, _place(row))
    approved = replace(row, state="approved")
    staff, now = current_staff(request).id, handler_of(request).clock()
    await record(
        request, "canned-approved", lambda connection: save_canned(connection, approved, staff, now),
        city=city, target=f"{row.id}:{row.language}",
    )  # fmt: skip
    return redirect(f"/console/{city}/canned", "canned-approved")


@router.post("/{city}/canned/remove")
async def canned_drop(request: Request, city: str) -> Response:
    """Remove a canned reply in one language."""
    form = await request.form()
    row = await _found(request, city, str(form.get("id", "")), str(form.get("language", "")))
    require(request, Permission.FAQ_APPROVE, _place(row))
    await record(
        request, "canned-removed", lambda connection: drop_canned(connection, city, row.id, row.language),
        city=city, target=f"{row.id}:{row.language}",
    )  # fmt: skip
    return redirect(f"/console/{city}/canned", "canned-removed")


def _form(request: Request, row: CannedReply, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    values = labels(request, row.city) | {"row": row, "variables": VARIABLES, "errors": errors or {}}
    return page(request, "canned-edit.html", status, **values)


def _mistakes(request: Request, city: str, row: CannedReply) -> dict[str, str]:
    errors = {} if _NAME.match(row.id) else {"id": "canned.wrong-id"}
    if row.language not in labels(request, city)["tongues"]:
        errors["language"] = "canned.no-language"
    if row.department and row.department not in labels(request, city)["departments"]:
        errors["department"] = "assign.no-department"
    errors |= {} if row.title else {"title": "canned.no-title"}
    if not row.text or len(row.text) > 4000:
        return {**errors, "text": "canned.no-text"}
    try:
        check(row.text)
    except BotError:
        errors["text"] = "canned.wrong-text"
    return errors


async def _found(request: Request, city: str, id_: str, language: str) -> CannedReply:
    rows = await handler_of(request).database.read(lambda connection: list_canned(connection, city, language))
    found = next((row for row in rows if row.id == id_ and row.language == language), None)
    if found is None:
        raise Refusal(404, "nothing")
    return found


def _place(row: CannedReply) -> Where:
    return Where(row.city, row.department or None, row.language)
