"""The menu: from groups of topics to a topic to its questions, without typing."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answers import Request, entry_choice, spoken
from bot.messages import Choice, Decision, Outcome, Reply


def menu(request: Request, value: str) -> Reply:
    """Show the groups, the topics of a group, or the questions of a topic, whichever `value` names."""
    topics = request.release.topics
    if value in topics.menus:
        return _shown(request, "menu.topics", _topics(request, topics.in_menu(value)))
    if value in topics.menu_of:
        entries = request.release.knowledge.by_topic.get(value, [])
        return _shown(request, "menu.questions", [entry_choice(request, entry) for entry in entries])
    groups = [Choice(request.texts.label("menu", group, request.language), f"menu:{group}") for group in topics.menus]
    if request.release.knowledge.garbage.calendar.districts:
        groups.insert(0, Choice(request.say("choice.collection"), "say:collection"))
    return _shown(request, "menu.groups", groups)


def _topics(request: Request, topics: Sequence[str]) -> list[Choice]:
    filled = [topic for topic in topics if request.release.knowledge.by_topic.get(topic)]
    return [Choice(request.texts.label("topic", topic, request.language), f"topic:{topic}") for topic in filled]


def _shown(request: Request, key: str, choices: Sequence[Choice]) -> Reply:
    return replace(spoken(request, Decision.ACT, Outcome.MENU, key), choices=tuple(choices))
