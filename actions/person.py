"""The resident wants a person: the telephone, or the desk of staff where the city has one."""

from bot.answers import CHOICES_SHOWN, Request, contact
from bot.messages import Block, BlockKind, Choice, Contact, Decision, HandoffState, Outcome, Reply
from faq.text import fold

CANCEL = "say:cancel-handoff"


def person(request: Request, _value: str) -> Reply:
    """Say how to reach a person: at the desk of staff after asking whether the talk may be passed on, else by telephone."""
    role = _recent_department(request)
    if request.release.knowledge.city.desk is None:
        return _by_telephone(request, role or "general")
    return _confirm(request, role) if role else departments(request, "")


def _by_telephone(request: Request, role: str) -> Reply:
    who = contact(request, role)
    key = "person.call" if who.phone else "person.visit"
    text = request.say(key, department=who.department, phone=who.phone, hours=who.hours)
    blocks = (Block(text.strip(), request.language),)
    return Reply(Decision.HANDOFF, Outcome.PERSON_WANTED, request.language, blocks, contact=who)


def _recent_department(request: Request) -> str | None:
    entry = request.release.knowledge.entries.get(request.conversation.recent_entry or "")
    return entry.department if entry else None


def _confirm(request: Request, role: str) -> Reply:
    """Ask whether staff of this department may read the talk (S-19)."""
    who = contact(request, role)
    other = Choice(request.say("choice.other-department"), "say:departments")
    choices = (_department_choice(request, role), other, Choice(request.say("choice.stay-with-bot"), "say:menu"))
    block = Block(request.say("handoff.confirm", department=who.department), request.language)
    blocks = (block, *_or_call(request, who))
    return Reply(Decision.HANDOFF, Outcome.PERSON_WANTED, request.language, blocks, choices, contact=who)


def _or_call(request: Request, who: Contact) -> tuple[Block, ...]:
    """Return the telephone for whoever cannot wait."""
    if not who.phone:
        return ()
    text = request.say("handoff.or-call", department=who.department, phone=who.phone, hours=who.hours)
    return (Block(text.strip(), request.language, BlockKind.NOTICE),)


def departments(request: Request, _value: str) -> Reply:
    """Ask which department the question is for, and say that its staff will read the talk."""
    city = request.release.knowledge.city
    if city.desk is None:
        return _by_telephone(request, "general")
    roles = [role for role in city.desk.departments if role != "general"][:CHOICES_SHOWN]
    choices = tuple(_department_choice(request, role) for role in (*roles, "general"))
    who = contact(request, "general")
    blocks = (Block(request.say("handoff.which"), request.language), *_or_call(request, who))
    return Reply(Decision.HANDOFF, Outcome.PERSON_WANTED, request.language, blocks, choices, contact=who)


def _department_choice(request: Request, role: str) -> Choice:
    return Choice(request.say("choice.ask-department", department=contact(request, role).department), f"desk:{role}")


def hand_off(request: Request, role: str) -> Reply:
    """Pass the talk on to a department. The desk adds the number and what the resident may expect."""
    city = request.release.knowledge.city
    if city.desk is None or role not in (*request.release.topics.departments, "general"):
        return departments(request, "")
    who = contact(request, role)
    block = Block(request.say("handoff.passed-on", department=who.department), request.language)
    return Reply(
        Decision.HANDOFF, Outcome.HANDED_OFF, request.language, (block,), contact=who, handoff=HandoffState.WAITING
    )


def held(request: Request, _value: str) -> Reply:
    """A message while staff are asked or hold the talk: it goes to them; the bot is silent, or ends it where that is wished."""
    conversation, text = request.conversation, request.understanding.text
    if text.strip() == CANCEL or fold(text) == fold(request.say("choice.cancel-handoff")):
        return _cancelled(request)
    blocks: tuple[Block, ...] = ()
    if conversation.handoff is HandoffState.WAITING and not conversation.told:
        blocks = (Block(request.say("handoff.added"), request.language, BlockKind.NOTICE),)
    choices = (Choice(request.say("choice.cancel-handoff"), CANCEL),) if blocks else ()
    return Reply(
        Decision.HANDOFF, Outcome.TO_STAFF, request.language, blocks, choices,
        handoff=conversation.handoff, ticket=conversation.ticket,
    )  # fmt: skip


def _cancelled(request: Request) -> Reply:
    block = Block(request.say("handoff.cancelled"), request.language)
    return Reply(
        Decision.HANDOFF, Outcome.HANDED_BACK, request.language, (block,), (Choice(request.say("choice.menu"), "say:menu"),),
        handoff=HandoffState.CLOSED, ticket=request.conversation.ticket,
    )  # fmt: skip
