"""What a resident is told at each step of a hand-off, in their language (S-18, S-19, S-23). Pure."""

from collections.abc import Sequence
from datetime import datetime

from actions.days import day_text
from actions.person import CANCEL
from bot.answers import Request, contact
from bot.dialogue import CHOICE_VALUE
from bot.handoff import ClosedBy, Ticket
from bot.messages import Author, Block, BlockKind, Choice, Decision, HandoffState, Outcome, Reply, Turn
from bot.office_hours import hours_of
from faq.languages import EASY_JAPANESE

_CLOSED_KEYS = {
    ClosedBy.STAFF: "handoff.closed", ClosedBy.SILENCE: "handoff.closed-by-silence", ClosedBy.RESIDENT: "handoff.cancelled",
    ClosedBy.ERASED: "handoff.cancelled",
}  # fmt: skip


def promise(request: Request, role: str, now: datetime) -> datetime | None:
    """Return by when a first reply is promised; None where the city has given no hours or no desk."""
    knowledge = request.release.knowledge
    hours, rules = hours_of(knowledge, role), knowledge.city.desk
    return hours.add_business_time(now, rules.first_reply_minutes) if hours and rules else None


def moment(request: Request, at: datetime) -> str:
    """Return a day and time such as 11月24日（火）12:30."""
    return request.say("handoff.moment", day=day_text(request, at.date()), time=_clock(request, at))


def _clock(request: Request, at: datetime) -> str:
    """Return a time of day; やさしい日本語 knows no 24 hours (W-24)."""
    if request.language != EASY_JAPANESE:
        return f"{at:%H:%M}"
    half = "昼の " if at.hour == 12 else "午前" if at.hour < 12 else "午後"
    hour = at.hour if at.hour <= 12 else at.hour - 12
    return f"{half}{hour}時" + (f"{at.minute}分" if at.minute else "")


def opened(request: Request, ticket: Ticket, before: int, passed_on: Reply) -> Reply:
    """Return the reply that opens a ticket: who will answer, its number, the queue or the hours, the promise, how to get it."""
    lines = [request.say("handoff.number", ticket=ticket.number), *_expectation(request, ticket, before)]
    lines.append(request.say("handoff.write-here"))
    blocks = (*passed_on.blocks, Block("\n".join(lines), request.language))
    if ticket.channel == "web":
        address = f"/{ticket.city}/receive?lang={request.language}"
        how = Block(request.say("handoff.how-web"), request.language)
        blocks = (*blocks, how, Block(request.say("receive.title"), request.language, BlockKind.LINK, address))
    return Reply(
        Decision.HANDOFF, Outcome.HANDED_OFF, request.language, blocks, (Choice(request.say("choice.cancel-handoff"), CANCEL),),
        contact=passed_on.contact, handoff=HandoffState.WAITING, ticket=ticket.number,
    )  # fmt: skip


def _expectation(request: Request, ticket: Ticket, before: int) -> list[str]:
    """Return what the resident may expect: the queue within office hours, and a promise only where one can be kept."""
    hours = hours_of(request.release.knowledge, ticket.department)
    lines = []
    if hours and hours.is_open(request.now):
        lines.append(request.say("handoff.queue", count=before) if before else request.say("handoff.first"))
        lines.append(request.say("handoff.no-estimate"))
    elif hours:
        lines.append(request.say("handoff.outside"))
    if ticket.promised_at:
        lines.append(request.say("handoff.promise", when=moment(request, ticket.promised_at)))
    else:
        lines.append(request.say("handoff.no-promise"))
    return lines


def news(request: Request, ticket: Ticket, key: str, **values: object) -> Reply:
    """Return what the bot tells of a ticket: taken, passed to another department, a warning. `{department}` is filled."""
    who = contact(request, ticket.department)
    block = Block(request.say(key, department=who.department, **values), request.language, BlockKind.NOTICE)
    return Reply(
        Decision.HANDOFF, Outcome.STAFF_NEWS, request.language, (block,), contact=who, handoff=ticket.state, ticket=ticket.number
    )


def from_staff(request: Request, ticket: Ticket, text: str, language: str, translated: str = "") -> Reply:
    """Return what staff wrote, as they wrote it, in `language`; below it what a machine made of it, marked as such (S-24)."""
    blocks: tuple[Block, ...] = (Block(text, language),)
    if translated:
        marker = Block(request.say("handoff.machine-translated"), request.language, BlockKind.NOTICE)
        blocks = (*blocks, marker, Block(translated, request.language))
    return Reply(
        Decision.HANDOFF, Outcome.STAFF_REPLIED, request.language, blocks,
        contact=contact(request, ticket.department), author=Author.STAFF, handoff=HandoffState.STAFF, ticket=ticket.number,
    )  # fmt: skip


def handed_back(request: Request, ticket: Ticket, by: ClosedBy) -> Reply:
    """Return the words with which the bot answers again."""
    block = Block(request.say(_CLOSED_KEYS[by]), request.language, BlockKind.NOTICE)
    menu = Choice(request.say("choice.menu"), "say:menu")
    return Reply(
        Decision.HANDOFF, Outcome.HANDED_BACK, request.language, (block,), (menu,),
        handoff=HandoffState.CLOSED, ticket=ticket.number,
    )  # fmt: skip


def question_of(turns: Sequence[Turn]) -> str:
    """Return the resident's own words that led to the hand-off: the last ones that are no tap and no wish for a person."""
    for turn in reversed(turns):
        if turn.masked_text and turn.reply.decision is not Decision.HANDOFF and not CHOICE_VALUE.match(turn.masked_text):
            return turn.masked_text
    return ""
