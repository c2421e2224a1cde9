"""One ticket: the talk, what the bot tried, who has it, what helps to answer. The steps are in `ticket_steps.py`."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Connection

from bot.handoff import Ticket
from bot.messages import Turn
from bot.storage.canned import CannedReply, list_canned
from bot.storage.notes import Note, notes_of_ticket
from bot.storage.staff import Staff, list_staff
from bot.storage.tickets import TicketEvent, events_of_ticket, unsent_of
from bot.storage.turns import turns_after
from connectors.console.gate import console_router, current_staff, record
from connectors.console.inbox import labels
from connectors.console.inbox_presence import forget_presence, note_presence, present
from connectors.console.inbox_rows import due_of
from connectors.console.pages import language_of, page
from connectors.console.permissions import Permission, Where, allows
from connectors.console.sessions import handler_of
from connectors.console.ticket_access import NOBODYS, may, officer_of, ticket_for
from connectors.console.ticket_help import asked_of, prepared, suggestions
from connectors.console.ticket_talk import Talk, talk_of
from connectors.console.ticket_translation import in_japanese, translator_for

router = console_router()
_TURNS = 500


@dataclass(frozen=True)
class Folder:
    """All that is stored about a ticket, read at one moment."""

    ticket: Ticket
    turns: list[Turn]
    events: list[TicketEvent]
    notes: list[Note]
    canned: list[CannedReply]
    unsent: str
    people: list[Staff]


@router.get("/{city}/tickets/{number}")
async def ticket_page(request: Request, city: str, number: str) -> Response:
    """Show a ticket. That somebody read a talk stands in the audit log."""
    ticket = await ticket_for(request, city, number, Permission.DESK_READ)
    await record(request, "ticket-read", city=city, target=number)
    person = current_staff(request)
    await note_presence(handler_of(request), city, number, officer_of(person), typing=False)
    if ticket.assignee == person.id and ticket.unread:
        await handler_of(request).desk.seen(city, number)
    return await show(request, city, number)


@router.get("/{city}/tickets/{number}/live")
async def ticket_live(request: Request, city: str, number: str) -> Response:
    """Show it to a page that is open and has heard of news; it does not keep the session awake."""
    await ticket_for(request, city, number, Permission.DESK_READ)
    return await show(request, city, number, helping=False)


@router.post("/{city}/tickets/{number}/here")
async def ticket_here(request: Request, city: str, number: str) -> Response:
    """Note that an open page shows the ticket, or does no more (`left`). Whose it is has read it then."""
    ticket, person = await ticket_for(request, city, number, Permission.DESK_READ), current_staff(request)
    form, handler = await request.form(), handler_of(request)
    if form.get("left"):
        await forget_presence(handler, city, number, officer_of(person))
        return Response(status_code=204)
    await note_presence(handler, city, number, officer_of(person), typing=False)
    if ticket.assignee == person.id and ticket.unread:
        await handler.desk.seen(city, number)
    return Response(status_code=204)


@router.post("/{city}/tickets/{number}/typing")
async def ticket_typing(request: Request, city: str, number: str) -> Response:
    """Note that somebody is writing a reply; this keeps their session awake."""
    await ticket_for(request, city, number, Permission.DESK_ANSWER)
    await note_presence(handler_of(request), city, number, officer_of(current_staff(request)), typing=True)
    return Response(status_code=204)


@router.post("/{city}/tickets/{number}/translate")
async def ticket_translate(request: Request, city: str, number: str) -> Response:
    """Show it with one message of the resident translated by machine. The translation is shown, never stored."""
    ticket, form = await ticket_for(request, city, number, Permission.DESK_READ), await request.form()
    turn = str(form.get("turn", ""))
    text = await in_japanese(request, ticket, await talk_of_ticket(request, ticket), turn)
    return await show(request, city, number, translations={turn: text})


async def show(
    request: Request, city: str, number: str, status: int = 200, *, helping: bool = True, **more: Any
) -> Response:
    """Return the page of a ticket. `more` is what a step wants to be seen: a preview, a conflict, mistakes, a text.

    Without `helping` no answers are looked for: an open page that asks again has them already.
    """
    handler, person = handler_of(request), current_staff(request)
    ticket = await handler.desk.ticket(city, number)
    folder = await handler.database.read(lambda connection: _read(connection, ticket, person.id))
    watched = await present(handler, city)
    others = [one for one in watched.get(number, []) if one.id != person.id]
    values = {**_content(request, folder, helping=helping), **labels(request, city), "others": others}
    values["path"] = f"/console/{city}/inbox/{number}"  # the inbox is where one is
    values |= {"text": folder.unsent, "conflict": None, "preview": "", "chosen_language": "", "note_text": ""}
    values |= {"translates": translator_for(request, ticket) is not None, "translations": {}, "ticked": False, "below": None}
    return page(request, "ticket.html", status, **(values | more))


def _read(connection: Connection, ticket: Ticket, person: str) -> Folder:
    city, number = ticket.city, ticket.number
    turns = turns_after(connection, city, ticket.conversation, "", _TURNS) if ticket.conversation else []
    department = "" if ticket.department == NOBODYS else ticket.department
    return Folder(
        ticket, turns, events_of_ticket(connection, city, number), notes_of_ticket(connection, city, number),
        list_canned(connection, city, ticket.language, department), unsent_of(connection, city, number, person),
        list_staff(connection),
    )  # fmt: skip


def _content(request: Request, folder: Folder, *, helping: bool) -> dict[str, Any]:
    handler, person, ticket = handler_of(request), current_staff(request), folder.ticket
    service, now = handler.service, handler.clock()
    asked, talk = asked_of(service, ticket, now), _talk(request, folder)
    searched = request.query_params.get("q", "").strip()[:200]
    answers = may(person, Permission.DESK_ANSWER, ticket)
    return {
        "ticket": ticket, "talk": talk, "events": folder.events, "notes": folder.notes, "now": now, "searched": searched,
        "due": due_of(ticket, service.release(ticket.city).knowledge, now), "answers": answers,
        "assigns": may(person, Permission.DESK_ASSIGN, ticket),
        "officers": [one for one in folder.people if one.active and allows(one, Permission.DESK_ANSWER, Where(ticket.city))],
        "suggested": suggestions(asked, searched or talk.last_question or ticket.question) if helping and answers else [],
        "canned": prepared(asked, folder.canned, ticket) if helping else [], "closing": asked.say("handoff.closed"),
        "machine_marker": asked.say("handoff.machine-translated"),
        "relay": _relays(request, ticket.city), "label": lambda key: service.texts.label("outcome", key, language_of(request)),
    }  # fmt: skip


async def talk_of_ticket(request: Request, ticket: Ticket) -> Talk:
    """Return the talk of a ticket, as staff read it."""
    folder = await handler_of(request).database.read(lambda connection: _read(connection, ticket, ""))
    return _talk(request, folder)


def _talk(request: Request, folder: Folder) -> Talk:
    release = handler_of(request).service.release(folder.ticket.city)
    names = {event.at: event.staff_name for event in folder.events if event.kind == "reply"}

    def _title(entry: str) -> str:
        found = release.knowledge.entries.get(entry)
        text = release.languages.choose(found.texts, language_of(request)) if found else None
        return text[1].question if text else entry

    return talk_of(folder.turns, folder.ticket.language, names, _title)


def _relays(request: Request, city: str) -> bool:
    """Say whether the city lets staff's own words go out on LINE; the LINE room, where it is open, knows."""
    office = getattr(request.app.state, "line", None)
    channel = office.channels.get(city) if office else None
    return bool(channel and channel.relay)
