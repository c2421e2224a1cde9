"""The inbox: which questions wait for a person, the oldest first; it follows what happens without being asked."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from bot.handoff import Ticket
from bot.messages import HandoffState
from bot.storage.tickets import TicketQuery, list_tickets
from connectors.console.gate import console_router, current_staff
from connectors.console.inbox_events import HEADERS, desk_news
from connectors.console.inbox_presence import present
from connectors.console.inbox_rows import CHANNELS, MOST_SHOWN, STATES, WHOSE, Line, Wish, due_of
from connectors.console.pages import department_names, language_of, page
from connectors.console.permissions import Permission, cities_of
from connectors.console.sessions import handler_of
from connectors.console.ticket_access import NOBODYS, may

router = console_router()
_OPEN = TicketQuery((HandoffState.WAITING, HandoffState.STAFF), limit=2000)


@router.get("/{city}/inbox")
async def inbox_page(request: Request, city: str) -> Response:
    """Show the tickets that the signed-in person may see."""
    return await _inbox(request, city)


@router.get("/{city}/inbox/live")
async def inbox_live(request: Request, city: str) -> Response:
    """Show the same to a page that is open and has heard of news; it does not keep the session awake."""
    return await _inbox(request, city)


@router.get("/{city}/inbox/events")
async def desk_events(request: Request, city: str) -> Response:
    """Tell an open page that something has changed (of one ticket: `ticket`). It then asks for itself again."""
    news = desk_news(handler_of(request), city, request.query_params.get("ticket", ""))
    return StreamingResponse(news, media_type="text/event-stream", headers=HEADERS)


async def _inbox(request: Request, city: str) -> Response:
    handler, person = handler_of(request), current_staff(request)
    wish, now = Wish.of(request.query_params), handler.clock()

    def _read(connection: Connection) -> tuple[list[Ticket], list[Ticket]]:
        found = [ticket for query in wish.queries() for ticket in list_tickets(connection, city, query)]
        return found, list_tickets(connection, city, _OPEN)

    found, open_ = await handler.database.read(_read)
    seen = [ticket for ticket in open_ if may(person, Permission.DESK_READ, ticket)]
    watched = await present(handler, city)
    knowledge = handler.service.release(city).knowledge
    fitting = [ticket for ticket in found if wish.fits(ticket, person)]
    lines = [
        Line(ticket, due_of(ticket, knowledge, now), tuple(one for one in watched.get(ticket.number, []) if one.id != person.id))
        for ticket in fitting[:MOST_SHOWN]
    ]  # fmt: skip
    return page(
        request, "inbox.html", lines=lines, more=len(fitting) - len(lines),
        wish=wish, now=now, counts=_counts(seen, person.id), **labels(request, city),
        states=list(STATES), whose=WHOSE, channels=CHANNELS, query=str(request.url.query),
    )  # fmt: skip


async def inbox_counts(request: Request) -> dict[str, dict[str, int]]:
    """Return what waits for the signed-in person, by city."""
    person, handler = current_staff(request), handler_of(request)
    cities = cities_of(person, Permission.DESK_ANSWER, list(handler.service.releases))

    def _read(connection: Connection) -> dict[str, list[Ticket]]:
        return {city: list_tickets(connection, city, _OPEN) for city in cities}

    found = await handler.database.read(_read)
    return {
        city: _counts([ticket for ticket in tickets if may(person, Permission.DESK_READ, ticket)], person.id)
        for city, tickets in found.items()
    }


def labels(request: Request, city: str) -> dict[str, Any]:
    """Return how pages name departments, languages and moments."""
    language, service = language_of(request), handler_of(request).service
    names = all_departments(request, city)
    return {
        "departments": names, "tongues": {row.code: row.name for row in service.languages},
        "department_name": lambda role: names.get(role, role), "moment": partial(moment, language=language),
    }  # fmt: skip


def all_departments(request: Request, city: str) -> Mapping[str, str]:
    """Return every department that a ticket may be with, by its role: the city's own, then the city hall itself."""
    language, service = language_of(request), handler_of(request).service
    own = department_names(request, city, language)
    more = service.release(city).topics.departments
    named = {role: service.texts.label("department", role, language) for role in (*more, NOBODYS)}
    return {**own, **{role: name for role, name in named.items() if role not in own}}


def moment(at: Any, language: str) -> str:
    """Return a day and time, such as 11月24日（火）12:30 or Tue 24 Nov 12:30."""
    if language == "ja":
        return f"{at.month}月{at.day}日（{'月火水木金土日'[at.weekday()]}）{at:%H:%M}"
    return f"{at:%a} {at.day} {at:%b %H:%M}"


def _counts(tickets: list[Ticket], person: str) -> dict[str, int]:
    return {
        "waiting": sum(ticket.state is HandoffState.WAITING for ticket in tickets),
        "mine": sum(ticket.assignee == person for ticket in tickets),
        "unread": sum(ticket.unread for ticket in tickets if ticket.assignee == person),
        "late": sum(bool(ticket.breached_at) and ticket.first_reply_at is None for ticket in tickets),
    }
