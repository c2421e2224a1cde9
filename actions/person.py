"""The resident wants a person: the telephone and hours of the city hall (the desk itself is a later room)."""

from bot.answers import Request, contact
from bot.messages import Block, Decision, Outcome, Reply


def person(request: Request, _value: str) -> Reply:
    """Say how to reach a person: by telephone where the city gave one, else at the city hall."""
    role = _recent_department(request)
    who = contact(request, role)
    key = "person.call" if who.phone else "person.visit"
    text = request.say(key, department=who.department, phone=who.phone, hours=who.hours)
    blocks = (Block(text.strip(), request.language),)
    return Reply(Decision.HANDOFF, Outcome.PERSON_WANTED, request.language, blocks, contact=who)


def _recent_department(request: Request) -> str:
    entry = request.release.knowledge.entries.get(request.conversation.recent_entry or "")
    return entry.department if entry else "general"
