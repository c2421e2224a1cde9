"""Published questions as a resident types towards them: by the beginnings of words, in Japanese by sound as well."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from faq.entry import Entry
from faq.japanese import analyse_japanese, kana_of_romaji
from faq.text import fold, kana_skeleton

_HALF_A_SYLLABLE = re.compile(r"[b-df-hj-np-tv-z]+$", re.IGNORECASE)
# Writing without spaces, or (Korean) with particles: a word may begin anywhere.
_NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
# A single kana is the beginning of far too much.
_LEAST_SOUND = 2


@dataclass(frozen=True)
class Title:
    """One published question. `letters` is its folded text; `sound` the skeleton of its reading, empty where not Japanese."""

    entry: str
    question: str
    letters: str
    sound: str

    def match(self, typed: "Typed") -> int:
        """Return how well it goes with what is typed: 3 it begins so, 2 words of it do, 1 it sounds so, 0 not."""
        if self.letters.startswith(typed.letters):
            return 3
        if all((word if _NO_SPACES.search(word) else f" {word}") in f" {self.letters}" for word in typed.letters.split()):
            return 2
        return 1 if any(sound in self.sound for sound in typed.sounds) else 0


@dataclass(frozen=True)
class Typed:
    """What stands in the field so far: folded, and (for Japanese titles) what it may sound like.

    `is_cut` says that it is romaji and breaks off within a syllable, so that a search would find what only looks like it.
    """

    letters: str
    sounds: tuple[str, ...]
    is_cut: bool = False

    @classmethod
    def of(cls, text: str, *, japanese: bool) -> "Typed":
        """Read half a text: kana and kanji by their sound, letters as romaji without the syllable that is not finished."""
        if not japanese:
            return cls(fold(text), ())
        whole = kana_of_romaji(text)
        begun = None if whole else kana_of_romaji(_HALF_A_SYLLABLE.sub("", text.strip()))
        return cls(fold(text), tuple(_sounds(whole or begun or text)), is_cut=begun is not None)


def _sounds(text: str) -> Iterable[str]:
    sounds = {kana_skeleton(fold(text).replace(" ", "")), analyse_japanese(text).sound}
    return (sound for sound in sounds if len(sound) >= _LEAST_SOUND)


def titles_of(entries: Iterable[Entry], language: str, *, japanese: bool) -> list[Title]:
    """Return the questions of these entries that exist in a language."""
    texts = [(entry.id, entry.texts[language].question) for entry in entries if language in entry.texts]
    return [Title(id_, text, fold(text), analyse_japanese(text).sound if japanese else "") for id_, text in texts]


def titles_towards(titles: Sequence[Title], typed: Typed) -> list[tuple[Title, int]]:
    """Return the titles that go with what is typed, best first, each with its `match`; otherwise in their own order."""
    if not typed.letters:
        return []
    found = [(title, title.match(typed)) for title in titles]
    return sorted(((title, match) for title, match in found if match), key=lambda pair: -pair[1])
