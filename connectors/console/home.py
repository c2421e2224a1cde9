"""The first page after the sign-in: what needs me, city by city."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from bot.storage.staff import count_recovery_codes
from connectors.console.gate import console_router, current_staff
from connectors.console.inbox import inbox_counts
from connectors.console.line_page import line_name, line_troubles
from connectors.console.pages import city_name, language_of, navigation, page
from connectors.console.sessions import handler_of

router = console_router()


@dataclass(frozen=True)
class Card:
    """Something that needs me. Its text is `card.<key>` with the values; it leads to an address."""

    key: str
    address: str
    values: dict[str, Any] = field(default_factory=dict)


async def own_account(request: Request) -> list[Card]:
    """Return what is missing on one's own account: a second factor, or recovery codes that run out."""
    person = current_staff(request)
    if person.password is None:
        return []
    if not person.totp_on:
        return [Card("no-totp", "/console/account/totp")]
    left = await handler_of(request).database.read(lambda connection: count_recovery_codes(connection, person.id))
    return [Card("few-codes", "/console/account/totp", {"count": left})] if left < 3 else []


async def waiting_tickets(request: Request) -> list[Card]:
    """Return in which cities questions wait for somebody like me, and whether residents wrote to me."""
    return [
        Card(key, address, {"city": city_name(request, city, language_of(request)), "count": count})
        for city, counts in (await inbox_counts(request)).items()
        for key, count, address in (
            ("unread", counts["unread"], f"/console/{city}/inbox?whose=mine"),
            ("waiting", counts["waiting"], f"/console/{city}/inbox"),
        )
        if count
    ]  # fmt: skip


async def line_cards(request: Request) -> list[Card]:
    """Return where LINE could not answer, or where its messages run out."""
    return [
        Card(key, f"/console/{city}/line", {"city": line_name(request, city), "count": number})
        for city, key, number in await line_troubles(request)
    ]


# Each gives the cards of the person who asks, over all cities; the most urgent first.
CARDS: tuple[Callable[[Request], Awaitable[list[Card]]], ...] = (waiting_tickets, line_cards, own_account)


@router.get("")
async def home(request: Request) -> Response:
    """Show what needs me, and the rooms of each city that are open to me."""
    person = current_staff(request)
    cards = [card for give in CARDS for card in await give(request)]
    rooms = {city: navigation(person, city) for city in handler_of(request).service.releases}
    return page(request, "home.html", cards=cards, rooms={city: links for city, links in rooms.items() if links})
