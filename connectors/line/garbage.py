"""Answers residents on LINE beside the dialogue: labels of the rich menu, reminders, and a district kept only as agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.answers import Request
from bot.handler import Handler
from bot.messages import Conversation, Message, Outcome, Turn
from bot.service import Answered, Service
from bot.storage.database import Row
from bot.storage.line_reminders import Wish, find_wish, forget_rows, set_wish_language, wish_row
from connectors.line.menus import load_menu, values
from connectors.line.reminder_talk import PREFIX, Step, asks_district, step, value_of, with_offer, words
from faq.data_files import DataFiles
from faq.text import fold

# Without consent a district is remembered for the talk at hand, so that "and tomorrow?" is understood, and no longer.
TALK = timedelta(hours=24)
_UNTIL = "district_until"


@dataclass
class GarbageAside:
    """One message of one resident: `wish` is what they agreed to, `labels` and `known` what words mean."""

    service: Service
    labels: Mapping[str, str]
    known: Mapping[str, str]
    wish: Wish | None
    offered: bool
    _step: Step | None = field(default=None, init=False)

    def respond(self, message: Message, conversation: Conversation, now: datetime) -> Answered:
        """Return the reply to a message; whatever is not ours, the service answers with the district that it may know."""
        conversation = _with_district(conversation, self.wish, now)
        request = self._request(message, conversation, now)
        value = "" if conversation.handoff else self._value(message.text, conversation, request)
        if value:
            return self._stepped(request, message, value, now)
        meant = "" if conversation.handoff else self.labels.get(fold(message.text), "")
        if meant and conversation.language is None:  # the label tells the language, what it stands for does not
            read = self.service.engine.understand(message.text, conversation, request.release, now.date())
            conversation = replace(conversation, language=read.language)
        answered = self.service.respond(replace(message, text=meant or message.text), conversation, now)
        if meant:
            answered = replace(answered, masked_text=message.text)
        return self._kept(request, answered, now)

    def rows(self, dialect: str, now: datetime) -> Sequence[Row]:
        """Return what is written with the turn: the wish, or that it is forgotten."""
        if self._step is None or (self._step.wish is None and not self._step.forget):
            return ()
        wish = self._step.wish
        talk = self._talk
        return [wish_row(dialect, wish, now)] if wish else forget_rows(talk.city, talk.id)

    def _request(self, message: Message, conversation: Conversation, now: datetime) -> Request:
        language = self.service.languages.resolve(message.language) or conversation.language or "ja"
        request = self.service.greeting(self.service.release(message.city), language, now)
        self._talk = conversation
        return replace(request, conversation=conversation)

    def _value(self, text: str, conversation: Conversation, request: Request) -> str:
        if found := value_of(text, conversation, self.known):
            return found
        if not asks_district(conversation):
            return ""
        understood = self.service.engine.understand(text, conversation, request.release, request.now.date())
        return f"{PREFIX}district:{understood.slots.district}" if understood.slots.district else ""

    def _stepped(self, request: Request, message: Message, value: str, now: datetime) -> Answered:
        self._step = step(request, value, self.wish, now, offered=self.offered)
        talk = request.conversation
        if self._step.forget:
            talk = _without_district(talk)
        slots = {"district": self._step.wish.district} if self._step.wish else {}
        remembered = replace(talk, language=request.language).after(self._step.reply, now, slots)
        shown = next((choice.label for choice in talk.choices if choice.value == value), value)
        return Answered(self._step.reply, remembered, shown)

    def _kept(self, request: Request, answered: Answered, now: datetime) -> Answered:
        """Return the answer with an offer of reminders below collection days, and an end to a district without consent."""
        reply, talk = answered.reply, answered.conversation
        if reply.outcome is Outcome.CALENDAR and self.offered and self.wish is None:
            there = request.in_language(reply.language)
            reply = with_offer(there, reply)
            talk = replace(talk, choices=reply.choices)
        if self.wish is None and talk.slots.get("district") and not talk.slots.get(_UNTIL):
            talk = replace(talk, slots={**talk.slots, _UNTIL: (now + TALK).isoformat()})
        return replace(answered, reply=reply, conversation=talk)


def _with_district(talk: Conversation, wish: Wish | None, now: datetime) -> Conversation:
    """Return the talk with the district agreed to; one told without consent is dropped when its time is over."""
    if wish:
        return replace(talk, slots={"district": wish.district, **talk.slots})
    return _without_district(talk) if talk.slots.get(_UNTIL, "9") <= now.isoformat() else talk


def _without_district(talk: Conversation) -> Conversation:
    return replace(talk, slots={name: value for name, value in talk.slots.items() if name not in ("district", _UNTIL)})


@dataclass
class GarbageTalk:
    """Handles residents' messages on LINE: the handler with our aside. `offering` are the cities that send reminders."""

    handler: Handler
    files: DataFiles
    offering: frozenset[str]

    def __post_init__(self) -> None:
        texts = self.handler.service.texts
        self._labels = values(load_menu(self.files.nlu_data / "line_menu.yaml"), texts)
        self._known = words(texts.texts)

    async def handle(self, message: Message) -> Turn:
        """Return the stored turn of a message, as `Handler.handle` does; raises what it raises."""
        wish = await self._wish(message)
        offered = message.city in self.offering
        turn = await self.handler.handle(message, GarbageAside(self.handler.service, self._labels, self._known, wish, offered))
        if wish and turn.reply.outcome is Outcome.LANGUAGE_CHANGED and turn.reply.language != wish.language:
            city, talk, language = wish.city, wish.conversation, turn.reply.language
            await self.handler.database.write(lambda connection: set_wish_language(connection, city, talk, language))
        return turn

    async def _wish(self, message: Message) -> Wish | None:
        talk = message.conversation or ""
        return await self.handler.database.read(lambda connection: find_wish(connection, message.city, talk))
