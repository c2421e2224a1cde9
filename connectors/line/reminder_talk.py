"""The talk about garbage days on LINE: consent, district, time and bins, step by step; and what is kept of it. No network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answers import Request
from bot.dialogue import chosen_value
from bot.messages import Block, Choice, Conversation, Decision, Outcome, Reply
from bot.storage.line_reminders import Wish
from connectors.line.reminder_texts import EVENING, MORNING, NEVER, bin_names, district_name, slot_name
from faq.text import fold

# The version of the text that residents agree to; raise it when `line.reminders.consent` says something new.
CONSENT = "2026-11"
PREFIX = "remind:"
START, STOP = "remind:start", "remind:stop"
_ALL = "all"


@dataclass(frozen=True)
class Step:
    """What is replied, and what is kept: a wish to write, or all of it to forget."""

    reply: Reply
    wish: Wish | None = None
    forget: bool = False


def words(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return what starts and stops the talk, by the folded word, in every language at once."""
    meant = {"line.menu.reminders": START, "line.reminders.stop": STOP}
    return {fold(said[key]): value for said in texts.values() for key, value in meant.items() if key in said}


def value_of(text: str, conversation: Conversation, known: Mapping[str, str]) -> str:
    """Return what a message means to this talk: a tapped or typed choice of it, or a word of `known`; empty for nothing."""
    if text.startswith(PREFIX):
        return text
    chosen = chosen_value(text, conversation.choices) or ""
    return chosen if chosen.startswith(PREFIX) else known.get(fold(text), "")


def asks_district(conversation: Conversation) -> bool:
    """Say whether the talk has just asked for the district, which may be answered by a town's name."""
    return any(choice.value.startswith(f"{PREFIX}district:") for choice in conversation.choices)


def step(request: Request, value: str, wish: Wish | None, now: datetime, *, offered: bool) -> Step:
    """Return the next step. `offered` says whether the city sends reminders at all; stopping works always."""
    if value == STOP:
        return Step(_said(request, "line.reminders.stopped" if wish else "line.reminders.nothing-to-stop"), forget=True)
    if not offered or not request.release.knowledge.garbage.calendar.districts:
        return Step(_said(request, "line.reminders.off"))
    kind, _, rest = value.removeprefix(PREFIX).partition(":")
    match kind:
        case "agree" | "change":
            return Step(_which_district(request))
        case "district" if _known(request, rest):
            return Step(_when(request, rest))
        case "slot":
            return _slot(request, *rest.partition(":")[::2], wish, now)
        case "bins":
            return _bins(request, rest, wish, now)
        case "disagree":
            return Step(_said(request, "line.reminders.not-agreed"))
        case _:
            return Step(_settings(request, wish) if wish else _consent(request))


def _consent(request: Request) -> Reply:
    choices = [Choice(request.say(f"line.reminders.{id_}"), f"{PREFIX}{id_}") for id_ in ("agree", "disagree")]
    return _said(request, "line.reminders.consent", choices, stop=request.say("line.reminders.stop"))


def _settings(request: Request, wish: Wish) -> Reply:
    choices = [Choice(request.say("line.reminders.change"), f"{PREFIX}change"), Choice(request.say("line.reminders.stop"), STOP)]
    return _said(request, "line.reminders.settings", choices, **_worded(request, wish))


def _which_district(request: Request) -> Reply:
    districts = request.release.knowledge.garbage.calendar.districts
    choices = [Choice(district_name(request, id_), f"{PREFIX}district:{id_}") for id_ in districts]
    return _said(request, "line.reminders.which-district", choices)


def _when(request: Request, district: str) -> Reply:
    choices = [Choice(slot_name(request, slot), f"{PREFIX}slot:{district}:{slot}") for slot in (EVENING, MORNING, NEVER)]
    return _said(request, "line.reminders.when", choices)


def _slot(request: Request, district: str, slot: str, wish: Wish | None, now: datetime) -> Step:
    if not _known(request, district) or slot not in (EVENING, MORNING, NEVER):
        return Step(_which_district(request))
    if slot == NEVER:
        return _done(request, _wish(request, district, slot, (), wish, now), "line.reminders.remembered")
    categories = request.release.knowledge.garbage.calendar.districts[district].schedules
    value = f"{PREFIX}bins:{district}:{slot}:"
    choices = [Choice(request.say("line.reminders.all"), f"{value}{_ALL}")]
    choices += [Choice(bin_names(request, (name,)), f"{value}{name}") for name in categories]
    return Step(_said(request, "line.reminders.which-bins", choices))


def _bins(request: Request, rest: str, wish: Wish | None, now: datetime) -> Step:
    district, slot, bins = ([*rest.split(":", 2), "", ""])[:3]
    known = _known(request, district) and slot in (EVENING, MORNING)
    if not known or (bins != _ALL and bins not in request.release.knowledge.garbage.calendar.districts[district].schedules):
        return Step(_which_district(request))
    chosen = () if bins == _ALL else (bins,)
    return _done(request, _wish(request, district, slot, chosen, wish, now), "line.reminders.done")


def _wish(request: Request, district: str, slot: str, bins: Sequence[str], old: Wish | None, now: datetime) -> Wish:
    """Return the wish; a consent to this very text that was given before keeps its time."""
    talk = request.conversation
    given = old.consented_at if old and old.consent == CONSENT else now
    return Wish(talk.city, talk.id, district, slot, tuple(bins), request.language, CONSENT, given)


def _done(request: Request, wish: Wish, key: str) -> Step:
    return Step(_said(request, key, (), **_worded(request, wish)), wish)


def _worded(request: Request, wish: Wish) -> dict[str, str]:
    return {
        "district": district_name(request, wish.district), "when": slot_name(request, wish.slot),
        "bins": bin_names(request, wish.bins), "stop": request.say("line.reminders.stop"),
    }  # fmt: skip


def _known(request: Request, district: str) -> bool:
    return district in request.release.knowledge.garbage.calendar.districts


def _said(request: Request, key: str, choices: Sequence[Choice] = (), **values: str) -> Reply:
    block = Block(request.say(key, **values), request.language)
    outcome = Outcome.CLARIFIED if choices else Outcome.CONVERSED
    decision = Decision.CLARIFY if choices else Decision.ACT
    return Reply(decision, outcome, request.language, (block,), tuple(choices), version=request.release.number)


def with_offer(request: Request, reply: Reply) -> Reply:
    """Return a reply about collection days with the offer to be reminded of them."""
    return replace(reply, choices=(*reply.choices, Choice(request.say("line.menu.reminders"), START)))
