"""Emergencies and crises: runs before everything, in every language at once, with no model (P-24 to P-26)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from faq.names import padded_fold

# In this order: who is in danger of life comes first.
KINDS = ("crisis", "fire", "ambulance", "violence", "child-abuse", "crime", "sea")

# Signs are looked up by so many first letters, so that thousands of them cost no more than a few.
_KEY = 2


class Alarm(Protocol):
    """Signs of an emergency and what only looks like one."""

    @property
    def signs(self) -> Sequence[str]:
        """Phrases that mean it."""

    @property
    def unless(self) -> Sequence[str]:
        """Phrases that only look like it."""


@dataclass(frozen=True)
class SafetyNet:
    """All signs of all languages, folded once. `signs` has (urgency, sign, exceptions) by the first two letters of the sign."""

    signs: Mapping[str, Sequence[tuple[int, str, tuple[str, ...]]]]

    @classmethod
    def knit(cls, alarms: Mapping[str, Mapping[str, Alarm]]) -> "SafetyNet":
        """Make the net from the alarm words of every language."""
        signs: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {}
        for urgency, kind in enumerate(KINDS):
            for found in (words[kind] for words in alarms.values() if kind in words):
                exceptions = tuple(map(padded_fold, found.unless))
                for sign in map(padded_fold, found.signs):
                    signs.setdefault(sign[:_KEY], []).append((urgency, sign, exceptions))
        return cls(signs)

    def emergency(self, text: str) -> str | None:
        """Return the kind of emergency that a text speaks of, or None."""
        padded = padded_fold(text)
        starts = {padded[i : i + _KEY] for i in range(len(padded) - 1)}
        candidates = [row for start in starts for row in self.signs.get(start, ())]
        found = [
            urgency
            for urgency, sign, exceptions in candidates
            if sign in padded and not any(phrase in padded for phrase in exceptions)
        ]
        return KINDS[min(found)] if found else None
