"""Finds the item a resident means: takes the asking words off ("how do I throw away …?"), then searches the names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faq.search.finder import Finder, Hit
from faq.text import fold, normalise


@dataclass(frozen=True)
class AskedItem:
    """What was asked about a thing: its bare name, whether disposal was spoken of, and the items that may be meant."""

    name: str
    disposal: bool
    hits: tuple[Hit, ...]

    @property
    def probability(self) -> float:
        """How sure the first item is (0–1)."""
        return self.hits[0].probability if self.hits else 0.0


_SIGNS = re.compile(r"[?？!！。、,.:;…「」『』()\[\]\"“”¿¡]+")

_PART_OF_WORDS = 3


class AskingWords:
    """The words around an item's name in one language, taken off before the name is looked up.

    `frames` speak of disposal ("how do I throw away"), `fillers` do not ("please", "the").
    """

    def __init__(self, frames: Sequence[str], fillers: Sequence[str]) -> None:
        self._frames = re.compile(_any_of(frames))
        # Where words are not spaced a short filler such as ん is part of other words: only the ends are cleared of it.
        short = [phrase for phrase in fillers if not phrase.isascii() and len(phrase) < _PART_OF_WORDS]
        self._fillers = re.compile(_any_of([phrase for phrase in fillers if phrase not in short]))
        ends = _any_of(short)
        self._ends = re.compile(rf"^(?:{ends}|\s)+|(?:{ends}|\s)+$")

    def strip(self, text: str) -> tuple[str, bool]:
        """Return what is left of a question, and whether it spoke of disposal."""
        plain = normalise(text).casefold()
        bare, found = self._frames.subn(" ", plain)
        bare = _SIGNS.sub(" ", self._fillers.sub(" ", bare)).strip()
        bare = self._ends.sub("", bare)
        return re.sub(r"\s+", " ", bare).strip(), found > 0


def _any_of(phrases: Sequence[str]) -> str:
    """Return a pattern for any of the phrases, longest first; Latin phrases only as whole words."""
    ordered = sorted({normalise(phrase).casefold() for phrase in phrases if phrase.strip()}, key=len, reverse=True)
    parts = [rf"(?<!\w){re.escape(p)}(?!\w)" if p[0].isascii() or p[0] < "\u0e00" else re.escape(p) for p in ordered]
    return "|".join(parts) or r"(?!)"


@dataclass(frozen=True)
class ItemFinder:
    """Looks up items by name in every language. `asking` has the asking words of each language."""

    finder: Finder
    asking: Mapping[str, AskingWords]

    def find(self, text: str, language: str, groups: Sequence[str], top: int = 5) -> AskedItem:
        """Return the items that a question may mean; no hits where nothing but asking words is there."""
        words = self.asking.get(language)
        bare, disposal = words.strip(text) if words else (normalise(text), False)
        if not bare:
            return AskedItem("", disposal, ())
        return AskedItem(bare, disposal, tuple(self.finder.find(bare, groups, top)))

    def is_named(self, asked: AskedItem) -> bool:
        """Say whether the bare name is, but for width, case and kana, a name of the first item."""
        if not asked.hits:
            return False
        row = self.finder.index.rows[asked.hits[0].key]
        folded = fold(asked.name)
        return any(row in group.exact.get(folded, ()) for group in self.finder.index.groups.values())
