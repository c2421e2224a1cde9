"""The resident wants to know how to throw something away, or how garbage works here at all, but has not said what."""

from dataclasses import replace

from bot.answers import WORTH_ASKING, Request, entry_choice, item_choices, spoken
from bot.messages import Choice, Decision, Outcome, Reply

# What else a new resident has to know of garbage.
GUIDE = ("bulky-garbage-booking", "garbage-bags", "garbage-station")


def ask_item(request: Request, _value: str) -> Reply:
    """Ask for the thing's name; offer things that may be meant, the days of collection, and what else there is to know."""
    knowledge = request.release.knowledge
    choices = item_choices(request, request.understanding.item.hits, WORTH_ASKING)
    if knowledge.garbage.calendar.districts:
        choices.append(Choice(request.say("choice.collection"), "say:collection"))
    entries = (knowledge.entries.get(id_) for id_ in GUIDE)
    choices += [entry_choice(request, entry) for entry in entries if entry and entry.in_force(request.now.date())]
    return replace(spoken(request, Decision.CLARIFY, Outcome.CLARIFIED, "garbage.which-item"), choices=tuple(choices))
