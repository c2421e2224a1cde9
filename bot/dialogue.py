"""Decides what to reply: a literal list of steps, each of which may end the line. READ THIS FIRST.

`decide` gets a message that is already understood, and returns a reply or the action that works one out. It knows no
channel, no database and no clock.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.answers import (
    HINT,
    NEAR,
    SURE_INTENT,
    WORTH_ASKING,
    Act,
    Request,
    answer,
    clarify,
    decline,
    entry_choice,
    entry_is_sure,
    item_choices,
    spoken,
)
from bot.garbage_steps import collection, garbage_item
from bot.messages import Block, BlockKind, Choice, Decision, Outcome, Reply
from faq.names import padded_fold
from faq.release import ENTRY
from faq.text import fold, normalise

CHOICE_VALUE = re.compile(r"^(entry|topic|menu|item|family|district|category|say|language|feedback|desk):[\w.@-]{1,80}$")
FOLLOW_UP_FOR = timedelta(minutes=5)
# So much may stand beside a language's name in a wish to change to it: で, にして, "please", "por favor".
PLEASE, PLEASE_LATIN = 4, 14
PARTICLE = 1
SPOKEN_INTENTS = ("greeting", "thanks", "capabilities", "goodbye", "insult", "affirm", "deny", "privacy")
Step = Callable[[Request], Reply | Act | None]


def decide(request: Request) -> Reply | Act:
    """Return the reply to a message, or the action that makes it: the first step that has something to say."""
    for step in STEPS:
        if (found := step(request)) is not None:
            return found
    return declined(request)


def chosen(request: Request) -> Reply | Act | None:
    """A tapped choice, or its label or number typed by hand (L-32)."""
    value = chosen_value(request.understanding.text, request.conversation.choices)
    return _follow(request, value) if value else None


def chosen_value(text: str, choices: Sequence[Choice]) -> str | None:
    """Return the value of the choice that a text means, if it means one."""
    plain = normalise(text)
    if CHOICE_VALUE.match(plain):
        return plain
    if plain.isdigit() and 1 <= int(plain) <= len(choices):
        return choices[int(plain) - 1].value
    return next((choice.value for choice in choices if fold(choice.label) == fold(text) != ""), None)


def _follow(request: Request, value: str) -> Reply | Act:
    kind, _, id_ = value.partition(":")
    entries = request.release.knowledge.entries
    if kind == "entry" and id_ in entries:
        return answer(request, entries[id_])
    if kind == "language" and id_ in request.release.languages:
        return _switch_language(request, id_)
    if kind == "say":
        return _said(request, id_)
    action = _CHOICE_ACTIONS.get(kind)
    return Act(action, id_) if action else spoken(request, Decision.DECLINE, Outcome.DECLINED, "choice.outdated")


_CHOICE_ACTIONS: Mapping[str, str] = {
    "item": "sort-item", "family": "sort-family", "topic": "menu", "menu": "menu", "district": "collection-days",
    "category": "collection-days", "feedback": "feedback", "desk": "hand-off",
}  # fmt: skip


def _said(request: Request, what: str) -> Reply | Act:
    match what:
        case "menu":
            return Act("menu")
        case "person":
            return Act("person")
        case "departments":
            return Act("departments")
        case "none-of-these":
            return replace(decline(request, key="decline.none-of-these"), probability=None)
        case "collection":
            return Act("collection-days")
        case "sorting":
            return Act("ask-item")
        case "languages":
            return _which_language(request)
        case _:
            return spoken(request, Decision.DECLINE, Outcome.DECLINED, "choice.outdated")


def unreadable(request: Request) -> Reply | None:
    """Nothing to read: empty, signs only, emoji only (J-14)."""
    if re.search(r"\w", normalise(request.understanding.text)):
        return None
    reply = spoken(request, Decision.ACT, Outcome.UNREADABLE, "unreadable")
    return replace(reply, choices=(Choice(request.say("choice.menu"), "say:menu"),))


def another_city(request: Request) -> Reply | None:
    """Another city's name in the question: say which city this is (J-13)."""
    name = request.understanding.slots.other_city
    if name is None:
        return None
    reply = spoken(request, Decision.DECLINE, Outcome.DECLINED, "decline.other-city", other=name)
    near = request.understanding.entries()[:2]
    return replace(reply, choices=tuple(_choices(request, [hit.key for hit in near if hit.probability > WORTH_ASKING])))


def language_wanted(request: Request) -> Reply | None:
    """"English please": switch, and stay there."""
    wanted = request.understanding.slots.language
    besides = _besides_the_name(request, wanted)
    short = len(besides) <= (PLEASE_LATIN if besides.isascii() else PLEASE)
    meant = short or request.understanding.chance_of("language-switch") >= HINT
    elsewhere = entry_is_sure(request) and request.understanding.hits[0].key != f"{ENTRY}language-switch"
    if wanted and (len(besides) <= PARTICLE or (meant and not elsewhere)):
        return _switch_language(request, wanted)
    if request.understanding.intent == "language-switch" and request.understanding.probability >= SURE_INTENT:
        return _which_language(request)
    return None


def _which_language(request: Request) -> Reply:
    choices = tuple(Choice(row.name, f"language:{row.code}") for row in request.release.languages)
    return replace(spoken(request, Decision.ACT, Outcome.LANGUAGE_CHANGED, "language.which"), choices=choices)


def _besides_the_name(request: Request, language: str | None) -> str:
    """Return what a message says besides a language's name: nothing much in 日本語で and "english please"."""
    names = [name for name, code in request.release.names.languages.items() if code == language]
    text = padded_fold(request.understanding.text)
    longest = max((name for name in names if name in text), key=len, default="")
    return text.replace(longest, " ", 1).strip() if longest else text


def _switch_language(request: Request, language: str) -> Reply:
    there = request.in_language(language)
    reply = spoken(there, Decision.ACT, Outcome.LANGUAGE_CHANGED, "language.changed")
    return replace(reply, choices=(Choice(there.say("choice.menu"), "say:menu"),))


def outside(request: Request) -> Reply | None:
    """Something that no city hall answers: declined without titles that only sound alike."""
    understanding = request.understanding
    return decline(request) if understanding.intent == "outside" and understanding.probability >= SURE_INTENT else None


def intent(request: Request) -> Reply | Act | None:
    """Something said to the bot itself (a greeting, a person please, feedback), or a topic and no question: 引っ越し, 税金."""
    name = request.understanding.intent
    if name is None or request.understanding.probability < SURE_INTENT:
        return None
    if name in SPOKEN_INTENTS:
        reply = spoken(request, Decision.ACT, Outcome.CONVERSED, f"intent.{name}")
        return replace(reply, choices=_first_choices(request) if name in ("greeting", "capabilities", "insult") else ())
    if topic := request.understanding.topic:
        return Act("menu", topic)
    return Act(_INTENT_ACTIONS[name]) if name in _INTENT_ACTIONS else None


_INTENT_ACTIONS: Mapping[str, str] = {
    "person": "person", "menu": "menu", "garbage-item": "ask-item", "collection-day": "collection-days",
    "feedback-good": "feedback", "feedback-bad": "feedback",
}  # fmt: skip


def _first_choices(request: Request) -> tuple[Choice, ...]:
    choices = (Choice(request.say("choice.menu"), "say:menu"), Choice(request.say("choice.person"), "say:person"))
    if request.release.knowledge.garbage.calendar.districts:
        return (Choice(request.say("choice.collection"), "say:collection"), *choices)
    return choices


def entry_answer(request: Request) -> Reply | None:
    """An entry that is sure enough for the precision that the city wants; one out of force says so (S-04)."""
    if not entry_is_sure(request):
        return None
    hit = request.understanding.hits[0]
    entry = request.release.entry(hit.key)
    if entry is None:
        return None
    if not entry.in_force(request.now.date()):
        return decline(request, key="decline.being-updated")
    return answer(request, entry, round(hit.probability, 4))


def follow_up(request: Request) -> Reply | None:
    """"How much?" right after an answer is about that entry, and the reply shows what was assumed (J-15)."""
    conversation, understanding = request.conversation, request.understanding
    recent = conversation.recent_at is not None and request.now - conversation.recent_at <= FOLLOW_UP_FOR
    if not recent or understanding.intent != "follow-up" or understanding.probability < SURE_INTENT:
        return None
    entry = request.release.knowledge.entries.get(conversation.recent_entry or "")
    if entry is None:
        return None
    title = entry_choice(request, entry).label
    assumed = Block(request.say("answer.assumed", title=title), request.language, BlockKind.NOTICE)
    reply = answer(request, entry)
    return replace(reply, blocks=(assumed, *reply.blocks))


def which(request: Request) -> Reply | None:
    """Not sure enough: ask back with the likeliest titles."""
    hits = [hit for hit in request.understanding.entries() if hit.probability >= NEAR]
    if not hits or hits[0].probability < WORTH_ASKING:
        return None
    choices = _choices(request, [hit.key for hit in hits[:3]])
    return clarify(request, choices, round(request.understanding.probability, 4)) if choices else None


def declined(request: Request) -> Reply:
    """Not found: say so, with the nearest titles, a thing that may be meant (スプレー缶 穴あける？), and the telephone."""
    near = _choices(request, [hit.key for hit in request.understanding.hits if hit.probability >= NEAR])
    return decline(request, [*item_choices(request, request.understanding.item.hits[:1], WORTH_ASKING), *near])


def _choices(request: Request, keys: Sequence[str]) -> list[Choice]:
    entries = (request.release.entry(key) for key in keys if key.startswith(ENTRY))
    return [entry_choice(request, entry) for entry in entries if entry is not None]


STEPS: tuple[Step, ...] = (
    chosen,
    unreadable,
    language_wanted,
    another_city,
    collection,
    garbage_item,
    outside,
    intent,
    follow_up,
    entry_answer,
    which,
)
