"""Finds the item a resident means: takes the asking words off ("how do I throw away …?"), then searches the names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faq.search.finder import Finder, Hit
from faq.text import WORD_CHARACTER, normalise


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

# Fillers shorter than these are taken off the ends only: inside a text they may be part of a name (はさみ, aquecedor a gás).
_SHORT, _SHORT_LATIN = 3, 3



class AskingWords:
    """The words around an item's name in one language, taken off before the name is looked up.

    `frames` speak of disposal ("how do I throw away"), `fillers` do not ("please", "the").
    """

    def __init__(self, frames: Sequence[str], fillers: Sequence[str]) -> None:
        self._frames = re.compile(_any_of(frames))
        short = [phrase for phrase in fillers if len(phrase) < (_SHORT_LATIN if phrase.isascii() else _SHORT)]
        self._fillers = re.compile(_any_of([phrase for phrase in fillers if phrase not in short]))
        ends = _any_of(short)
        self._ends = re.compile(rf"^(?:{ends}|\s)+|(?:{ends}|\s)+$")

    def readings(self, text: str) -> tuple[list[str], bool]:
        """Return what the name may be, less and less of the question left, and whether disposal was spoken of.

        Where nothing is left in the end there is no name.
        """
        plain = normalise(text).casefold()
        without_frames, found = self._frames.subn(" ", plain)
        without_fillers = _SIGNS.sub(" ", self._fillers.sub(" ", without_frames)).strip()
        readings = (without_fillers, self._ends.sub("", without_fillers))
        spaced = [re.sub(r"\s+", " ", reading).strip() for reading in readings]
        return list(dict.fromkeys(spaced)) if spaced[-1] else [], found > 0


def _any_of(phrases: Sequence[str]) -> str:
    """Return a pattern for any of the phrases, longest first; Latin phrases only as whole words."""
    ordered = sorted({normalise(phrase).casefold() for phrase in phrases if phrase.strip()}, key=len, reverse=True)
    edge = (f"(?<!{WORD_CHARACTER})", f"(?!{WORD_CHARACTER})")
    parts = [f"{edge[0]}{re.escape(p)}{edge[1]}" if p[0] < "\u0e00" else re.escape(p) for p in ordered]
    return "|".join(parts) or r"(?!)"


@dataclass(frozen=True)
class ItemFinder:
    """Looks up items by name in every language. `asking` has the asking words of each language."""

    finder: Finder
    asking: Mapping[str, AskingWords]

    def find(self, text: str, language: str, groups: Sequence[str], top: int = 5, *, settled: bool = False) -> AskedItem:
        """Return the items that a question may mean; no hits where nothing but asking words is there.

        The whole text may itself be a name (ごみ袋, trash can); else the reading with the surest item counts. Where the question
        is `settled` already, only names to the letter and words of disposal make it one about a thing.
        """
        words = self.asking.get(language)
        readings, disposal = words.readings(text) if words else ([normalise(text)], False)
        whole = normalise(text)
        if self._named(whole):
            readings = [whole]
        elif settled and readings and not disposal:
            return AskedItem(readings[-1], disposal, ())
        found = [AskedItem(reading, disposal, tuple(self.finder.find(reading, groups, top))) for reading in readings]
        return max(reversed(found), key=lambda asked: asked.probability, default=AskedItem("", disposal, ()))

    def _named(self, name: str) -> bool:
        return bool(self.finder.index.asked_exactly(name))

    def is_named(self, asked: AskedItem) -> bool:
        """Say whether the bare name is, but for width, case and kana, a name of the first item."""
        if not asked.hits:
            return False
        index = self.finder.index
        return index.rows[asked.hits[0].key] in index.asked_exactly(asked.name)
