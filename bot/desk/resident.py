"""The resident's half of the desk: their turn opens a ticket, adds to it, or ends it, in the transaction that stores it."""

from dataclasses import replace

from sqlalchemy import Connection

from bot import handoff
from bot.desk import words
from bot.handoff import ClosedBy, Ticket
from bot.messages import Conversation, HandoffState, Turn
from bot.service import Service
from bot.storage.conversations import save_conversation
from bot.storage.deliveries import notify_staff
from bot.storage.tickets import insert_ticket, resident_wrote, save_event, ticket_with_number, update_ticket, waiting_before
from bot.storage.turns import save_turn, turns_after

# So many turns are looked through for the question; the officer reads all of them anyway.
_TURNS_READ = 200


def store(connection: Connection, service: Service, turn: Turn, conversation: Conversation) -> tuple[Turn, Conversation]:
    """Write a resident's turn with what it does to their ticket; return both as they were written."""
    number = turn.reply.ticket
    if number is None:
        turn, conversation = _opened(connection, service, turn, conversation)
    elif turn.reply.handoff is HandoffState.CLOSED:
        _cancel(connection, turn, number)
    else:
        resident_wrote(connection, turn.city, number, turn.at)
    save_conversation(connection, conversation, turn.at)
    save_turn(connection, turn)
    return turn, conversation


def _opened(connection: Connection, service: Service, turn: Turn, conversation: Conversation) -> tuple[Turn, Conversation]:
    request = service.greeting(service.release(turn.city), conversation.language or turn.reply.language, turn.at)
    role = conversation.slots.get("department") or "general"
    question = words.question_of(turns_after(connection, turn.city, conversation.id, "", _TURNS_READ))
    asked = Ticket(
        turn.city, "", conversation.id, conversation.channel, request.language, role, question, turn.at, turn.at,
        promised_at=words.promise(request, role, turn.at),
    )  # fmt: skip
    ticket = insert_ticket(connection, asked)
    save_event(connection, ticket, "opened", turn.at)
    notify_staff(connection, ticket, "opened", turn.at)
    reply = words.opened(request, ticket, waiting_before(connection, ticket), turn.reply)
    held = replace(conversation, handoff=HandoffState.WAITING, ticket=ticket.number, choices=reply.choices)
    return replace(turn, reply=reply), held


def _cancel(connection: Connection, turn: Turn, number: str) -> None:
    ticket = ticket_with_number(connection, turn.city, number)
    if ticket and ticket.is_open:
        update_ticket(connection, handoff.closed(ticket, ClosedBy.RESIDENT, turn.at), turn.at)
        save_event(connection, ticket, "closed", turn.at, detail=ClosedBy.RESIDENT.value)
