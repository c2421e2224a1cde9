"""A thing that the lexicon does not have: said honestly, with the nearest items."""

from bot.answers import Request, contact, item_choice
from bot.messages import Block, Decision, Outcome, Reply
from faq.release import ITEM


def unknown_item(request: Request, _value: str) -> Reply:
    """Say that there is no entry of this name, offer similar items, and whom to ask."""
    asked, lexicon = request.understanding.item, request.release.knowledge.lexicon
    similar = [lexicon.items[hit.key.removeprefix(ITEM)] for hit in asked.hits if hit.key.startswith(ITEM)][:4]
    who = contact(request, "environment")
    key = "garbage.unknown" if who.phone else "garbage.unknown-no-phone"
    text = request.say(key, item=asked.name, department=who.department, phone=who.phone)
    choices = tuple(item_choice(request, item) for item in similar)
    return Reply(
        Decision.CLARIFY, Outcome.CLARIFIED, request.language, (Block(text, request.language),), choices,
        version=request.release.number, contact=who,
    )  # fmt: skip
