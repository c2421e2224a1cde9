"""A thing that the lexicon does not have: said honestly, with the nearest items."""

from bot.answers import Request, contact, item_choices
from bot.messages import Block, Decision, Outcome, Reply


def unknown_item(request: Request, _value: str) -> Reply:
    """Say that there is no entry of this name, offer similar items, and whom to ask."""
    asked = request.understanding.item
    who = contact(request, "environment")
    key = "garbage.unknown" if who.phone else "garbage.unknown-no-phone"
    text = request.say(key, item=asked.name, department=who.department, phone=who.phone)
    choices = tuple(item_choices(request, asked.hits)[:4])
    return Reply(
        Decision.CLARIFY, Outcome.CLARIFIED, request.language, (Block(text, request.language),), choices,
        version=request.release.number, contact=who,
    )  # fmt: skip
