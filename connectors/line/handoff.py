"""Staff and LINE: personal matters move to the web chat by a one-time link; LINE says only that an answer is there (P-02)."""

from dataclasses import replace

import structlog
from sqlalchemy import Connection

from bot.handoff import ClosedBy, Conflict
from bot.messages import Author, Block, BlockKind, BotError, Choice, Decision, HandoffState, Outcome, Reply
from bot.storage.deliveries import Delivery, claim_delivery, due_deliveries, fail_delivery, finish_delivery
from bot.storage.line_events import Ending, EventState
from bot.storage.line_residents import Resident, find_resident
from bot.storage.links import make_link
from bot.storage.tickets import tickets_of_conversation
from bot.storage.turns import turn_with_id
from connectors.line.office import Office
from connectors.line.render import text_message
from connectors.line.sending import Outgoing, push

_log = structlog.get_logger("madoguchi.line")
# Residents are told of answers only; that somebody took the ticket, or closed it, costs no paid message.
TOLD = frozenset({"reply"})
_IN_THE_CITY_HALL_ONLY = "say:menu"


async def with_link(office: Office, city: str, conversation: str, reply: Reply) -> Reply:
    """Return a reply fit for LINE: where staff come in, a link to the web chat stands in place of the talk itself."""
    if reply.decision is not Decision.HANDOFF or reply.handoff is HandoffState.CLOSED or office.channels[city].relay:
        return _never_empty(office, city, reply)
    if office.request(city, reply.language).release.knowledge.city.desk is None:
        return _never_empty(office, city, reply)
    address = await link(office, city, conversation)
    if address is None:
        return _never_empty(office, city, reply)
    say = office.sayer(city, reply.language)
    moved = Block(say("line.consult"), reply.language, BlockKind.LINK, address)
    asks = reply.outcome is Outcome.PERSON_WANTED
    blocks = (moved,) if asks else (*reply.blocks, moved)
    menu = (Choice(say("choice.menu"), _IN_THE_CITY_HALL_ONLY),)
    return replace(reply, blocks=blocks, choices=menu if asks else reply.choices)


def _never_empty(office: Office, city: str, reply: Reply) -> Reply:
    """Return a reply that says at least that the message reached staff: on LINE every message gets an answer."""
    if reply.blocks:
        return reply
    return replace(reply, blocks=(Block(office.sayer(city, reply.language)("line.passed-on"), reply.language),))


async def link(office: Office, city: str, conversation: str) -> str | None:
    """Return a new one-time address of the conversation on the web; None where PUBLIC_URL says no address."""
    public = office.settings.public_url.rstrip("/")
    if not public:
        return None
    now, tokens = office.now(), list[str]()
    desk = office.handler.service.release(city).knowledge.city.desk
    hours = desk.link_hours if desk else 72

    def make(connection: Connection) -> None:
        tokens.append(make_link(connection, city, conversation, now, hours))

    await office.handler.database.write(make)
    return f"{public}/{city}/return/{tokens[-1]}"


async def resident_left(office: Office, city: str, conversation: str) -> None:
    """Close the open ticket of a resident who blocked us, for staff to see why (L-51)."""
    found = await office.handler.database.read(lambda connection: tickets_of_conversation(connection, city, conversation))
    for ticket in [ticket for ticket in found if ticket.is_open]:
        try:
            await office.handler.desk.close(city, ticket.number, None, None, ClosedBy.RESIDENT)
        except (BotError, Conflict) as error:
            _log.warning("ticket of a resident who left stays open", city=city, ticket=ticket.number, kind=type(error).__name__)


async def deliver_due(office: Office) -> int:
    """Tell residents on LINE of the answers that wait for them; return how many deliveries were looked at."""
    now = office.now()
    due = await office.database.read(lambda connection: due_deliveries(connection, "line", now))
    ours = [delivery for delivery in due if delivery.city in office.channels]
    for delivery in ours:
        if await _claimed(office, delivery):
            await _deliver(office, replace(delivery, attempts=delivery.attempts + 1))
    return len(ours)


async def _claimed(office: Office, delivery: Delivery) -> bool:
    now, results = office.now(), list[bool]()
    await office.database.write(lambda connection: results.append(claim_delivery(connection, delivery, now)))
    return results[-1]


async def _deliver(office: Office, delivery: Delivery) -> None:
    conversation = delivery.conversation or ""
    resident = await office.database.read(lambda connection: find_resident(connection, delivery.city, conversation))
    if delivery.kind not in TOLD and not office.channels[delivery.city].relay:
        ending = Ending(EventState.IGNORED)
    elif resident is None or not resident.following or not (to := office.keys.open(resident.sealed or "")):
        ending = Ending(EventState.UNDELIVERED, "push", "not-following")
    else:
        ending = await _push(office, delivery, resident, to)
    now, again = office.now(), ending.detail in ("server", "unknown", "rate", "flood")
    if ending.state is EventState.UNDELIVERED:
        await office.database.write(
            lambda connection: fail_delivery(
                connection, delivery.id, delivery.attempts, f"LINE: {ending.detail}", now, for_good=not again
            )
        )
    else:
        await office.database.write(lambda connection: finish_delivery(connection, delivery.id))


async def _push(office: Office, delivery: Delivery, resident: Resident, to: str) -> Ending:
    turn = await office.database.read(lambda connection: turn_with_id(connection, delivery.city, delivery.turn or ""))
    language = turn.reply.language if turn else resident.language or "ja"
    say = office.sayer(delivery.city, language)
    if turn and office.channels[delivery.city].relay:
        text = f"{turn.reply.text}\n\n{say('line.relay-warning')}" if turn.reply.author is Author.STAFF else turn.reply.text
    else:
        address = await link(office, delivery.city, resident.conversation)
        text = f"{say('line.answer-waits')}\n{address}" if address else say("line.answer-waits-call")
    out = Outgoing(delivery.city, delivery.id, resident.conversation, to, [text_message(text)], language, "notice")
    return await push(office, out)
