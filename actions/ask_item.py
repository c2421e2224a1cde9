"""The resident wants to know how to throw something away, or how garbage works here at all, but has not said what."""

from dataclasses import replace

from bot.answers import WORTH_ASKING, Request, entry_choice, item_choice, spoken
from bot.messages import Choice, Decision, Outcome, Reply
from faq.release import ITEM

# What else a new resident has to know of garbage.
GUIDE = ("bulky-garbage-booking", "garbage-bags", "garbage-station")


def ask_item(request: Request, _value: str) -> Reply:
    """Ask for the thing's name; offer things that may be meant, the days of collection, and what else there is to know."""
    knowledge = request.release.knowledge
    near = [hit.key for hit in request.understanding.item.hits if hit.probability >= WORTH_ASKING and hit.key.startswith(ITEM)]
    choices = [item_choice(request, knowledge.lexicon.items[key.removeprefix(ITEM)]) for key in near]
    if knowledge.garbage.calendar.districts:
        choices.append(Choice(request.say("choice.collection"), "say:collection"))
    entries = (knowledge.entries.get(id_) for id_ in GUIDE)
    choices += [entry_choice(request, entry) for entry in entries if entry and entry.in_force(request.now.date())]
    return replace(spoken(request, Decision.CLARIFY, Outcome.CLARIFIED, "garbage.which-item"), choices=tuple(choices))
