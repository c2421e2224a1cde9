"""Who may see and answer a ticket: its department and language are theirs, or it was given to them."""

from fastapi import Request

from bot.handoff import Officer, Ticket
from bot.storage.staff import Staff
from connectors.console.gate import current_staff
from connectors.console.permissions import Permission, Where, allows
from connectors.console.refusals import Denied
from connectors.console.sessions import handler_of

# The city hall itself: what nobody's department was named for is everybody's to take and pass on.
NOBODYS = "general"


def place_of(ticket: Ticket) -> Where:
    """Return where a ticket is, as permissions see it."""
    return Where(ticket.city, None if ticket.department == NOBODYS else ticket.department, ticket.language)


def may(person: Staff, permission: Permission, ticket: Ticket) -> bool:
    """Say whether somebody may do this to a ticket: by their role there, or because it is theirs."""
    if ticket.assignee == person.id and allows(person, permission, Where(ticket.city)):
        return True
    return allows(person, permission, place_of(ticket))


async def ticket_for(request: Request, city: str, number: str, permission: Permission) -> Ticket:
    """Return a ticket that the signed-in person may do this to. Raises BotError (404) where there is none, else Denied."""
    ticket = await handler_of(request).desk.ticket(city, number)
    if not may(current_staff(request), permission, ticket):
        raise Denied(permission, place_of(ticket))
    return ticket


def officer_of(person: Staff) -> Officer:
    """Return somebody as the desk knows them."""
    return Officer(person.id, person.name)
