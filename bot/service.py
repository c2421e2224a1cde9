"""Opens the content and answers from it: safety, understanding, decision, action. No channel, no database, no clock."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from actions import ACTIONS
from bot.answers import Act, Request, contact
from bot.city_tuning import current_model, release_digest, tuned_release
from bot.dialogue import chosen_value, decide
from bot.messages import Block, BlockKind, BotError, Conversation, Decision, Message, Outcome, Reply
from bot.nlu import Engine, Understanding
from bot.nlu.language import open_detector
from bot.nlu.own import OwnEngine
from bot.nlu.vocabulary import Vocabulary, load_vocabulary
from bot.privacy import mask
from bot.safety import SafetyNet
from bot.settings import Settings
from bot.system_texts import SystemTexts, load_system_texts
from faq.data_files import DataFiles
from faq.garbage.finder import AskedItem
from faq.languages import JAPANESE, Languages
from faq.loader import Knowledge, load_knowledge
from faq.release import OpenIndex, Release, Shelf, build_shelf
from faq.search.encoder import Encoder, load_encoder
from faq.search.ranker import load_rankers
from faq.search.threads import one_thread_per_question

_log = logging.getLogger(__name__)
# Kana, so that everything a Japanese question may need is read.
_FIRST_QUESTION = "じゅうみんひょうがほしい"
NumberRelease = Callable[[str, str], int]


@dataclass(frozen=True)
class Answered:
    """A reply with what was understood, what is remembered next, and what may be stored of the message."""

    reply: Reply
    conversation: Conversation
    masked_text: str
    understanding: Understanding | None = None


@dataclass(frozen=True)
class Service:
    """Everything a deployment answers with. `releases` by city id."""

    releases: Mapping[str, Release]
    languages: Languages
    texts: SystemTexts
    engine: Engine
    safety: SafetyNet
    max_text: int

    def release(self, city: str) -> Release:
        """Return a city's release. Raises BotError for a city that is not served."""
        if city not in self.releases:
            known = ", ".join(sorted(self.releases))
            raise BotError("unknown_city", f"There is no city {city!r} here.", f"Cities served: {known}", 404)
        return self.releases[city]

    def respond(self, message: Message, conversation: Conversation, now: datetime) -> Answered:
        """Return the reply to a message. `now` is in Asia/Tokyo. Never raises: what fails becomes a polite reply."""
        release = self.release(message.city)
        masked, kinds = mask(message.text, _own_numbers(release))
        conversation = self._in_wanted_language(conversation, message)
        request = self._unread(message.text, conversation, release, now)
        try:
            understanding, reply = self._reply(message, conversation, release, now)
        except Exception:  # noqa: BLE001 - whatever broke, the resident gets the telephone number
            _log.exception("a message of %s could not be answered", message.city)
            understanding, reply = None, self.failed(request)
        if conversation.handoff and reply.handoff is None:  # an emergency, or something broke: staff still hold the talk
            reply = replace(reply, handoff=conversation.handoff, ticket=conversation.ticket)
        if kinds:
            notice = Block(request.say("masked"), reply.language, BlockKind.WARNING)
            reply = replace(reply, blocks=(notice, *reply.blocks))
        remembered = replace(conversation, language=conversation.language or reply.language)
        if reply.outcome is Outcome.LANGUAGE_CHANGED:
            remembered = replace(remembered, language=reply.language)
        slots = remembered_slots(message.text, conversation, understanding, reply)
        return Answered(reply, remembered.after(reply, now, slots), masked, understanding)

    def greeting(self, release: Release, language: str, now: datetime) -> Request:
        """Return an empty request, for texts and menus outside a talk."""
        return self._unread("", Conversation("", release.id, language=language), release, now)

    def failed(self, request: Request) -> Reply:
        """Return the polite reply when something broke: the city's telephone number, outcome `error`."""
        who = contact(request, "general")
        text = request.say("error" if who.phone else "error-no-phone")
        return Reply(Decision.DECLINE, Outcome.ERROR, request.language, (Block(text, request.language),), contact=who)

    def _in_wanted_language(self, conversation: Conversation, message: Message) -> Conversation:
        wanted = self.languages.resolve(message.language)
        return replace(conversation, language=wanted) if wanted else conversation

    def _unread(self, text: str, conversation: Conversation, release: Release, now: datetime) -> Request:
        understanding = Understanding(text, conversation.language or "ja", (), AskedItem("", disposal=False, hits=()))
        return Request(understanding, conversation, release, self.texts, now)

    def _reply(
        self, message: Message, conversation: Conversation, release: Release, now: datetime
    ) -> tuple[Understanding | None, Reply]:
        text, held = message.text, conversation.language if message.chosen else None
        unread = self._unread(text, conversation, release, now)
        if len(text) > self.max_text:
            block = Block(unread.say("too-long", limit=self.max_text), unread.language)
            reply = Reply(Decision.DECLINE, Outcome.UNREADABLE, unread.language, (block,), contact=contact(unread, "general"))
            return None, reply
        if kind := self.safety.emergency(text):
            return None, self._emergency(self._read(unread, held), kind)
        if conversation.handoff:
            return None, ACTIONS["held"](unread, text)
        tapped = chosen_value(text, conversation.choices)
        request = unread if tapped and conversation.language else self._read(unread, held)
        decided = decide(request)
        reply = ACTIONS[decided.action](request, decided.value) if isinstance(decided, Act) else decided
        return request.understanding, reply

    def _read(self, unread: Request, held: str | None) -> Request:
        """Read the text; a language that is `held` is answered in, whichever the text is read by."""
        text, today = unread.understanding.text, unread.now.date()
        found = self.engine.understand(text, unread.conversation, unread.release, today)
        return replace(unread, understanding=replace(found, language=held or found.language))

    def _emergency(self, request: Request, kind: str) -> Reply:
        text = request.say(f"emergency.{kind}")
        return Reply(
            Decision.EMERGENCY, Outcome.EMERGENCY_SHOWN, request.language,
            (Block(text, request.language, BlockKind.WARNING),), version=request.release.number,
        )  # fmt: skip


def remembered_slots(
    text: str, conversation: Conversation, understanding: Understanding | None, reply: Reply
) -> dict[str, str]:
    """Return the slots to keep: the district for good, the day and bin while the district is being asked for."""
    kept = {}
    tapped = chosen_value(text, conversation.choices) or ""
    if tapped.startswith("desk:"):
        kept["department"] = tapped.removeprefix("desk:")
    if tapped.startswith("district:") and tapped != "district:other":
        kept["district"] = tapped.removeprefix("district:")
    elif understanding and understanding.slots.district:
        kept["district"] = understanding.slots.district
    if reply.outcome is Outcome.CALENDAR:
        return {**kept, "day": "", "category": ""}
    if understanding and any(choice.value.startswith("district:") for choice in reply.choices):
        when = understanding.slots.when
        kept["day"] = when.day.isoformat() if when and when.day else ""
        kept["category"] = understanding.slots.category or ""
    return kept


def _own_numbers(release: Release) -> Iterable[str]:
    city = release.knowledge.city
    return [city.phone, *(department.phone for department in city.departments.values())]


def open_service(
    settings: Settings,
    cities: Iterable[str] | None = None,
    number: NumberRelease | None = None,
    elsewhere: OpenIndex | None = None,
) -> Service:
    """Load all content, index it, and return the service. Content with mistakes is left out with a warning each.

    `number` gives a city's state of content (digest) its release number; without one the digest stands for it.
    `elsewhere` opens the indexes where they are not kept in the folder of the settings.
    """
    one_thread_per_question()
    files = settings.files
    encoder = open_encoder(settings)  # first: what reading it needs for a moment, everything else then takes up
    knowledge = load_knowledge(files, cities)
    for problem in knowledge.problems:
        _log.warning("%s", problem)
    vocabulary = load_vocabulary(files, knowledge.languages)
    shelf = build_shelf(knowledge, vocabulary.utterances, encoder, settings.var_dir / "index", elsewhere)
    service = assemble(settings, shelf, vocabulary, number or (lambda _city, digest: int(digest[:8], 16)))
    for release in list(service.releases.values())[:1]:  # the dictionary loads now, and not while the first resident waits
        release.finder.find(_FIRST_QUESTION, [JAPANESE])
    return service


def assemble(settings: Settings, shelf: Shelf, vocabulary: Vocabulary, number: NumberRelease) -> Service:
    """Return the service over an index that is already built."""
    files, knowledge = settings.files, shelf.knowledge
    rankers = load_rankers(files.nlu_data / "ranker.json")
    digest = content_digest(files)
    learned = {city: current_model(knowledge.languages, settings.var_dir / "models", city) for city in knowledge.cities}
    releases = {
        city: tuned_release(
            shelf.release(city, f"r{number(city, release_digest(digest, model))}", rankers, vocabulary.asking),
            shelf, vocabulary.utterances, model, settings.var_dir / "index",
        )
        for city, model in learned.items()
    }  # fmt: skip
    detector = open_detector(settings.var_dir / "index", knowledge.languages, texts_by_language(knowledge, vocabulary))
    engine = OwnEngine(detector, vocabulary.dates)
    texts = load_system_texts(files, knowledge.languages)
    safety = SafetyNet.knit(vocabulary.alarms)
    return Service(releases, knowledge.languages, texts, engine, safety, settings.max_text)


def open_encoder(settings: Settings) -> Encoder | None:
    """Return the encoder that the settings name: the shipped model, another one, or none at all."""
    if settings.embedding_model == "none":
        return None
    return load_encoder(settings.embedding_model or settings.nlu_data_dir / "model", cache=settings.var_dir / "vectors")


def texts_by_language(knowledge: Knowledge, vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Return what residents write in each language, for learning to tell languages apart."""
    texts: dict[str, list[str]] = {language.code: [] for language in knowledge.languages}
    for entry in knowledge.nationwide.values():
        for language, text in entry.asked():
            texts[language].append(text)
    for by_language in vocabulary.utterances.values():
        for language, utterances in by_language.items():
            texts[language] += utterances
    for item in knowledge.lexicon.items.values():
        for language, names in item.names.items():
            texts[language] += names
    return texts


def content_digest(files: DataFiles) -> str:
    """Return a digest of all content, the same on every machine: the same digest, the same answers.

    Of the model, which is named by its own digest in the index, only the size counts.
    """
    digest = hashlib.sha256()
    for path in content_files(files):
        digest.update(f"{path.name}:{path.stat().st_size};".encode())
        if path.suffix != ".safetensors":
            digest.update(path.read_bytes())
    return digest.hexdigest()


def content_files(files: DataFiles) -> list[Path]:
    """Return every file that an answer can depend on, in a fixed order."""
    roots = (files.nationwide, files.cities, files.nlu_data)
    kinds = {".yaml", ".csv", ".json", ".safetensors"}
    return sorted(path for root in roots for path in root.rglob("*") if path.suffix in kinds)
