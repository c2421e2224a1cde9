"""What a message means: its language, what it wants of the bot, the values in it, and what may answer it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from bot.messages import Conversation
from faq.garbage.finder import AskedItem
from faq.release import Release
from faq.search.decision import TOPIC
from faq.search.finder import Hit


@dataclass(frozen=True)
class When:
    """A day or span that a message names. `kind`: `day` (with `day`), `week`, `next`; `word` is what was assumed, if a day."""

    kind: str
    day: date | None = None


@dataclass(frozen=True)
class Slots:
    """The values found in a message. `category` and `district` are ids of the city."""

    when: When | None = None
    category: str | None = None
    district: str | None = None
    language: str | None = None
    other_city: str | None = None


@dataclass(frozen=True)
class Understanding:
    """What a message means. `hits` are entries and intents together, so that they compete honestly."""

    text: str
    language: str
    hits: tuple[Hit, ...]
    item: AskedItem
    slots: Slots = field(default_factory=Slots)

    @property
    def intent(self) -> str | None:
        """The intent, where one is the likeliest of all hits."""
        first = self.hits[0].key if self.hits else ""
        return first.removeprefix("intent:") if first.startswith("intent:") else None

    @property
    def topic(self) -> str | None:
        """The topic, where the likeliest of all hits is a question that only a whole topic answers."""
        first = self.hits[0].key if self.hits else ""
        return first.removeprefix(TOPIC) if first.startswith(TOPIC) else None

    @property
    def probability(self) -> float:
        """How sure the first hit is (0–1)."""
        return self.hits[0].probability if self.hits else 0.0

    def entries(self) -> tuple[Hit, ...]:
        """Return the hits that are entries."""
        return tuple(hit for hit in self.hits if hit.key.startswith("entry:"))

    def chance_of(self, intent: str) -> float:
        """Return the probability of an intent (0–1)."""
        return next((hit.probability for hit in self.hits if hit.key == f"intent:{intent}"), 0.0)


class Engine(Protocol):
    """Whatever understands messages: ours, or Rasa behind the same door."""

    def understand(self, text: str, conversation: Conversation, release: Release, today: date) -> Understanding:
        """Return what the text means in this talk with this city on this day (Asia/Tokyo)."""
        ...
