"""One FAQ item: what is the same in every language, its texts in each, and what a city filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

NATIONWIDE = "nationwide"
TextState = Literal["original", "machine", "reviewed"]
Blank = Literal[
    "desk", "place", "hours", "phone", "fee", "bring", "amount", "eligibility", "schedule", "how", "online", "url"
]
BLANKS: tuple[Blank, ...] = get_args(Blank)
LIFE_EVENTS = (
    "moving", "birth", "childhood", "school", "marriage", "divorce", "work", "illness", "disability", "old-age",
    "death", "disaster", "arriving-in-japan", "leaving-japan", "housing", "business", "daily-life",
)  # fmt: skip


@dataclass(frozen=True)
class EntryText:
    """What one language says of an entry: the approved answer, and the ways residents ask for it."""

    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    state: TextState = "original"


@dataclass(frozen=True)
class Entry:
    """One FAQ item. `origin` is NATIONWIDE or the id of the city that wrote it.

    `filled` holds, per blank and language, what the city says where the shared text may not (fee, desk, hours …).
    """

    id: str
    topic: str
    texts: Mapping[str, EntryText]
    life_event: str = "daily-life"
    department: str = "general"
    basis: str = ""
    source: str = ""
    confirmed_on: date | None = None
    valid_until: date | None = None
    blanks: tuple[Blank, ...] = ()
    most_asked: bool = False
    confusable: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    follow_up: tuple[str, ...] = ()
    origin: str = NATIONWIDE
    filled: Mapping[Blank, Mapping[str, str]] = field(default_factory=dict)

    def in_force(self, today: date) -> bool:
        """Say whether the entry may answer on this day, Asia/Tokyo (S-04: it stops the day after `valid_until`)."""
        return self.valid_until is None or today <= self.valid_until

    @property
    def unfilled(self) -> tuple[Blank, ...]:
        """The blanks that only the city can fill and has not."""
        return tuple(blank for blank in self.blanks if blank not in self.filled)

    def asked(self) -> Iterator[tuple[str, str]]:
        """Yield (language, text) of every question and phrasing."""
        for language, text in self.texts.items():
            yield language, text.question
            for phrasing in text.phrasings:
                yield language, phrasing
