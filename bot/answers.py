"""Writes replies from published text and system texts: nothing here composes facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.messages import Block, BlockKind, Choice, Contact, Conversation, Decision, Outcome, Reply
from bot.nlu import Understanding
from bot.system_texts import SystemTexts
from faq.entry import NATIONWIDE, Entry
from faq.garbage.items import Item
from faq.languages import EASY_JAPANESE, JAPANESE
from faq.release import ENTRY, ITEM, Release
from faq.search.finder import Hit

CHOICES_SHOWN = 5
# From these probabilities on an intent is meant, may be meant beside something else that says so, is meant beyond doubt.
SURE_INTENT, HINT, CERTAIN = 0.5, 0.1, 0.9
# Below the first nothing is offered as near; between the second and the city's threshold the bot asks back.
NEAR, WORTH_ASKING = 0.05, 0.3


@dataclass(frozen=True)
class Request:
    """A message understood, and all that is needed to reply to it. `now` is in Asia/Tokyo."""

    understanding: Understanding
    conversation: Conversation
    release: Release
    texts: SystemTexts
    now: datetime

    @property
    def language(self) -> str:
        """The language of the reply."""
        return self.understanding.language

    def say(self, key: str, **values: object) -> str:
        """Return a system text in the reply's language; `{city}` and `{phone}` are always filled."""
        city = self.release.knowledge.city
        name = city.name_in(self.language, self.release.languages)
        return self.texts.say(key, self.language, **{"city": name, "phone": city.phone, **values})

    def in_language(self, language: str) -> "Request":
        """Return the request, to be answered in another language."""
        conversation = replace(self.conversation, language=language)
        return replace(self, understanding=replace(self.understanding, language=language), conversation=conversation)


def spoken(request: Request, decision: Decision, outcome: Outcome, *keys: str, **values: object) -> Reply:
    """Return a reply made of system texts, with the city's contact."""
    blocks = tuple(Block(request.say(key, **values), request.language) for key in keys)
    return Reply(decision, outcome, request.language, blocks, contact=contact(request, "general"))


def contact(request: Request, role: str) -> Contact:
    """Return whom to ask about what a department does; the city's main telephone where it named none."""
    city, languages = request.release.knowledge.city, request.release.languages
    department = city.department(role)
    name = department.name.get(request.language) or department.name.get(_written_alike(request))
    hours = languages.choose(department.hours, request.language)
    known_as = name or f"{city.name_in(request.language, languages)} {_role(request, role)}"
    return Contact(known_as, department.phone, hours[1] if hours else "")


def _written_alike(request: Request) -> str:
    """Return the language whose names serve as well: Japanese for やさしい日本語, else the language itself."""
    return JAPANESE if request.language == EASY_JAPANESE else request.language


def _role(request: Request, role: str) -> str:
    return request.texts.label("department", role, request.language)


def answer(request: Request, entry: Entry, probability: float | None = None) -> Reply:
    """Return the entry's published answer, verbatim, with what the city filled in and where to check it."""
    language, text = request.release.languages.choose(entry.texts, request.language) or ("ja", entry.texts["ja"])
    city = request.release.knowledge.city.name_in(language, request.release.languages)
    blocks = [Block(text.answer.replace("{city}", city), language), *_local_blocks(request, entry)]
    blocks += _notices(request, entry, language)
    if entry.source:
        blocks.append(Block(request.say("answer.source"), request.language, BlockKind.LINK, entry.source))
    return Reply(
        decision=Decision.ANSWER,
        outcome=Outcome.ANSWERED,
        language=request.language,
        blocks=tuple(blocks),
        choices=tuple(_follow_up(request, entry)),
        entry=entry.id,
        version=request.release.number,
        source=entry.source or None,
        contact=contact(request, entry.department),
        confirmed_on=entry.confirmed_on.isoformat() if entry.confirmed_on else None,
        probability=probability,
    )


def _local_blocks(request: Request, entry: Entry) -> Iterable[Block]:
    """Yield what the city filled in, one line each, and one sentence for all that it has not."""
    lines = []
    for blank in entry.blanks:
        found = request.release.languages.choose(entry.filled.get(blank, {}), request.language)
        if found:
            lines.append(request.say("answer.filled", blank=_blank(request, blank), value=found[1]))
    if lines:
        yield Block("\n".join(lines), request.language)
    if entry.unfilled:
        blanks = request.say("answer.list-joiner").join(_blank(request, blank) for blank in entry.unfilled)
        who = contact(request, entry.department)
        key = "answer.unfilled" if who.phone else "answer.unfilled-no-phone"
        text = request.say(key, blanks=blanks, department=who.department, phone=who.phone)
        yield Block(text, request.language, BlockKind.NOTICE)


def _blank(request: Request, blank: str) -> str:
    return request.texts.label("blank", blank, request.language)


def _notices(request: Request, entry: Entry, language: str) -> Iterable[Block]:
    """Yield what must be said of the text itself: another language, a machine's translation, a made-up city."""
    if language != request.language:
        name = request.release.languages[language].name
        yield Block(request.say("answer.other-language", language=name), request.language, BlockKind.NOTICE)
    elif entry.texts[language].state == "machine":
        yield Block(request.say("answer.machine-translated"), request.language, BlockKind.NOTICE)
    if request.release.knowledge.city.fictional and (entry.origin != NATIONWIDE or entry.filled):
        yield Block(request.say("answer.fictional"), request.language, BlockKind.NOTICE)


def _follow_up(request: Request, entry: Entry) -> Iterable[Choice]:
    entries = request.release.knowledge.entries
    for id_ in entry.follow_up:
        if id_ in entries:
            yield entry_choice(request, entries[id_])


def entry_choice(request: Request, entry: Entry) -> Choice:
    """Return the choice that leads to an entry, labelled with its question."""
    found = request.release.languages.choose(entry.texts, request.language)
    return Choice(found[1].question if found else entry.id, f"entry:{entry.id}")


def item_name(request: Request, item: Item) -> str:
    """Return the item's name in the reply's language."""
    found = request.release.languages.choose(item.names, request.language)
    return found[1][0] if found and found[1] else item.id


def item_choice(request: Request, item: Item) -> Choice:
    """Return the choice that leads to where a thing goes, labelled with its name."""
    return Choice(item_name(request, item), f"{ITEM}{item.id}")


def item_choices(request: Request, hits: Iterable[Hit], least: float = 0.0) -> list[Choice]:
    """Return the choices of those hits that are things, from a probability (0–1) on."""
    items = request.release.knowledge.lexicon.items
    likely = (hit.key.removeprefix(ITEM) for hit in hits if hit.key.startswith(ITEM) and hit.probability >= least)
    return [item_choice(request, items[id_]) for id_ in likely]


def clarify(request: Request, choices: Sequence[Choice], probability: float | None = None) -> Reply:
    """Return the question back: which of these do you mean?"""
    none_of_these = Choice(request.say("choice.none-of-these"), "say:none-of-these")
    block = Block(request.say("clarify.which"), request.language)
    shown = (*choices[: CHOICES_SHOWN - 1], none_of_these)
    number = request.release.number
    return Reply(
        Decision.CLARIFY, Outcome.CLARIFIED, request.language, (block,), shown,
        version=number, probability=probability, contact=contact(request, "general"),
    )  # fmt: skip


def _surest_entry(request: Request) -> float:
    """Return how likely the likeliest entry was, for whoever asks why it was not given."""
    entries = request.understanding.entries()
    return round(entries[0].probability, 4) if entries else 0.0


def decline(request: Request, near: Sequence[Choice] = (), key: str = "decline.not-found") -> Reply:
    """Return the honest "not found" with the nearest titles and the telephone (P-22)."""
    who = contact(request, "general")
    if not who.phone:
        key = f"{key}-no-phone"
    blocks = [Block(request.say(key, department=who.department, phone=who.phone, hours=who.hours), request.language)]
    if near:
        blocks.append(Block(request.say("decline.nearest"), request.language, BlockKind.NOTICE))
    choices = (*near[:3], Choice(request.say("choice.menu"), "say:menu"))
    if request.conversation.declined:  # the second time in a row
        choices = (*choices, Choice(request.say("choice.person"), "say:person"))
    number = request.release.number
    return Reply(
        Decision.DECLINE, Outcome.DECLINED, request.language, tuple(blocks), choices,
        version=number, contact=who, probability=_surest_entry(request),
    )  # fmt: skip


@dataclass(frozen=True)
class Act:
    """The dialogue wants an action to reply: its name in `actions.ACTIONS`, and the value it is about."""

    action: str
    value: str = ""


def entry_is_sure(request: Request) -> bool:
    """Say whether the likeliest of all is an entry, and as sure as the city wants its answers to be."""
    first = request.understanding.hits[:1]
    threshold = request.release.finder.ranker.threshold(request.release.knowledge.city.precision_wanted)
    return bool(first) and first[0].key.startswith(ENTRY) and first[0].probability >= threshold
