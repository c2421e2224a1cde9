"""Emergencies and crises: runs before everything, in every language at once, with no model (P-24 to P-26)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from faq.text import fold

# In this order: who is in danger of life comes first.
KINDS = ("crisis", "fire", "ambulance", "violence", "child-abuse", "crime", "sea")


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
    """All signs of all languages, folded once. `signs` has (kind, sign, exceptions) in order of urgency."""

    signs: tuple[tuple[str, str, tuple[str, ...]], ...]

    @classmethod
    def knit(cls, alarms: Mapping[str, Mapping[str, Alarm]]) -> "SafetyNet":
        """Make the net from the alarm words of every language."""
        rows = [
            (kind, _padded(sign), tuple(map(_padded, found[kind].unless)))
            for kind in KINDS
            for found in alarms.values()
            if kind in found
            for sign in found[kind].signs
        ]
        return cls(tuple(rows))

    def emergency(self, text: str) -> str | None:
        """Return the kind of emergency that a text speaks of, or None."""
        padded = _padded(text)
        for kind, sign, exceptions in self.signs:
            if sign in padded and not any(phrase in padded for phrase in exceptions):
                return kind
        return None


def _padded(text: str) -> str:
    """Return folded text; where words are divided by spaces a sign matches whole words only."""
    folded = fold(text)
    return f" {folded} " if folded.isascii() else folded
