"""What staff do with a ticket: take, reply, note, assign, close, reopen. Each is a form; each stands in the audit log."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from bot.handoff import Conflict, Officer, Ticket
from bot.messages import BotError
from bot.storage.canned import list_canned
from bot.storage.notes import save_note
from bot.storage.staff import staff_with_id
from bot.storage.tickets import drop_unsent
from connectors.console.gate import console_router, current_staff, record, written
from connectors.console.inbox import all_departments
from connectors.console.pages import redirect
from connectors.console.permissions import Permission, Where, allows
from connectors.console.sessions import handler_of
from connectors.console.ticket import show
from connectors.console.ticket_access import may, officer_of, ticket_for
from connectors.console.ticket_help import asked_of, prepared, suggestion_of
from connectors.console.ticket_talk import language_written
from connectors.console.ticket_translation import below_reply

router = console_router()
LONGEST_NOTE = 4000
DeskStep = Callable[[str, str, Officer, int], Awaitable[Ticket]]


@router.post("/{city}/tickets/{number}/take")
async def ticket_take(request: Request, city: str, number: str) -> Response:
    """Take a ticket: the resident reads who answers now."""
    return await _step(request, city, number, handler_of(request).desk.take, "ticket-taken")


@router.post("/{city}/tickets/{number}/reply")
async def ticket_reply(request: Request, city: str, number: str) -> Response:
    """Send a reply, or show it first, or put a prepared text into it: the button says which."""
    ticket, form = await ticket_for(request, city, number, Permission.DESK_ANSWER), await request.form()
    text, step = str(form.get("text", "")), str(form.get("step", "send"))
    chosen, ticked = _chosen_language(request, form), bool(form.get("translate"))
    kept: dict[str, Any] = {"chosen_language": chosen, "ticked": ticked}
    if step.startswith("insert:"):
        text = "\n\n".join(part for part in (text.strip(), await _prepared(request, ticket, step)) if part)
        return await show(request, city, number, text=text, **kept)
    # Whoever wants a translation from Japanese has written Japanese, also where no kana tells so.
    language = chosen or ("ja" if ticked else language_written(text, ticket.language))
    below = await below_reply(request, ticket, text, language, ticked=ticked)
    if step == "preview" and text.strip():
        seen: dict[str, Any] = {"preview": text.strip(), "preview_language": language, "below": below}
        return await show(request, city, number, text=text, **seen, **kept)
    officer = officer_of(current_staff(request))
    try:
        await handler_of(request).desk.reply(city, number, officer, text, _version(form), language, below.text)
    except BotError as error:
        return await _not_done(request, city, number, error, text=text, **kept)
    facts = {"characters": str(len(text.strip()))} | ({"translated": "yes"} if below.text else {})
    await record(request, "ticket-replied", city=city, target=number, detail=facts)
    return redirect(_address(city, number), "ticket-replied-untranslated" if below.is_missing else "ticket-replied")


@router.post("/{city}/tickets/{number}/unsent")
async def ticket_unsent_drop(request: Request, city: str, number: str) -> Response:
    """Throw away one's own text that could not be sent."""
    await ticket_for(request, city, number, Permission.DESK_ANSWER)
    officer = current_staff(request).id
    await written(request, lambda connection: drop_unsent(connection, city, number, officer))
    return redirect(_address(city, number), "unsent-dropped")


@router.post("/{city}/tickets/{number}/note")
async def ticket_note(request: Request, city: str, number: str) -> Response:
    """Write a note for staff only."""
    await ticket_for(request, city, number, Permission.DESK_ANSWER)
    text = str((await request.form()).get("note", "")).strip()
    if not text or len(text) > LONGEST_NOTE:
        key = "note.too-long" if text else "note.empty"
        return await show(request, city, number, 422, errors={"note": key}, note_text=text)
    officer, now = officer_of(current_staff(request)), handler_of(request).clock()
    await record(
        request, "ticket-noted", lambda connection: save_note(connection, city, number, officer, text, now),
        city=city, target=number,
    )  # fmt: skip
    await handler_of(request).cache.publish(f"desk:{city}", number)
    return redirect(_address(city, number), "noted")


@router.post("/{city}/tickets/{number}/assign")
async def ticket_assign(request: Request, city: str, number: str) -> Response:
    """Give a ticket to another department or officer, with a note for them."""
    ticket, form = await ticket_for(request, city, number, Permission.DESK_ASSIGN), await request.form()
    department, note = str(form.get("department", "")) or ticket.department, str(form.get("note", "")).strip()[:LONGEST_NOTE]
    assignee, wrong = await _assignee(request, city, str(form.get("officer", "")))
    errors = {"officer": "assign.no-officer"} if wrong else {}
    if department not in all_departments(request, city):
        errors["department"] = "assign.no-department"
    if not errors and department == ticket.department and (assignee.id if assignee else None) == ticket.assignee:
        errors["department"] = "assign.nothing"
    if errors:
        return await show(request, city, number, 422, errors=errors)
    officer = officer_of(current_staff(request))
    try:
        after = await handler_of(request).desk.assign(city, number, officer, _version(form), department, assignee)
    except BotError as error:
        return await _not_done(request, city, number, error)

    def _note(connection: Connection) -> None:
        if note:
            save_note(connection, city, number, officer, note, handler_of(request).clock())

    facts = {"department": department, "assignee": assignee.id if assignee else ""}
    await record(request, "ticket-assigned", _note, city=city, target=number, detail=facts)
    still = may(current_staff(request), Permission.DESK_READ, after)
    return redirect(_address(city, number) if still else f"/console/{city}/inbox", "ticket-assigned")


@router.post("/{city}/tickets/{number}/close")
async def ticket_close(request: Request, city: str, number: str) -> Response:
    """End a hand-off: the bot answers again, and says so."""
    return await _step(request, city, number, handler_of(request).desk.close, "ticket-closed")


@router.post("/{city}/tickets/{number}/reopen")
async def ticket_reopen(request: Request, city: str, number: str) -> Response:
    """Take up a closed ticket again."""
    return await _step(request, city, number, handler_of(request).desk.reopen, "ticket-reopened")


async def _step(request: Request, city: str, number: str, step: DeskStep, done: str) -> Response:
    """Make a step of the desk at the version that the form shows; `done` names it in the audit log and to the officer."""
    await ticket_for(request, city, number, Permission.DESK_ANSWER)
    officer, form = officer_of(current_staff(request)), await request.form()
    try:
        await step(city, number, officer, _version(form))
    except BotError as error:
        return await _not_done(request, city, number, error)
    await record(request, done, city=city, target=number)
    return redirect(_address(city, number), done)


async def _not_done(request: Request, city: str, number: str, error: BotError, **more: Any) -> Response:
    """Show the ticket as it stands now with what went wrong; a text that was not sent is in the form."""
    if isinstance(error, Conflict):
        return await show(request, city, number, 409, conflict=error.ticket, **more)
    if error.status >= 500 or error.status == 404:
        raise error
    return await show(request, city, number, error.status, mistake=error.code, **more)


async def _prepared(request: Request, ticket: Ticket, step: str) -> str:
    """Return the text that a button `insert:entry:<id>` or `insert:canned:<id>` stands for; empty for an unknown one."""
    handler, (_, kind, id_) = handler_of(request), (*step.split(":", 2), "", "")[:3]
    asked = asked_of(handler.service, ticket, handler.clock())
    if kind == "entry":
        found = suggestion_of(asked, id_)
        return found.text if found else ""
    rows = await handler.database.read(lambda connection: list_canned(connection, ticket.city, ticket.language))
    return next((one.text for one in prepared(asked, [row for row in rows if row.id == id_], ticket)), "")


async def _assignee(request: Request, city: str, id_: str) -> tuple[Officer | None, bool]:
    """Return the officer of a form, None for none; and whether it names somebody who may not answer here."""
    if not id_:
        return None, False
    person = await handler_of(request).database.read(lambda connection: staff_with_id(connection, id_))
    if person is None or not person.active or not allows(person, Permission.DESK_ANSWER, Where(city)):
        return None, True
    return officer_of(person), False


def _chosen_language(request: Request, form: FormData) -> str:
    chosen = str(form.get("language", ""))
    return chosen if chosen in {row.code for row in handler_of(request).service.languages} else ""


def _version(form: FormData) -> int:
    given = str(form.get("version", ""))
    return int(given) if given.isdigit() and len(given) < 9 else 0


def _address(city: str, number: str) -> str:
    return f"/console/{city}/tickets/{number}"
