"""The index over all languages: turns a question into one row of features per key (an entry, an intent, an item)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faq.japanese import kana_of_romaji, plain_speech
from faq.languages import EASY_JAPANESE, JAPANESE, Languages
from faq.search.analysis import analyse, looks_japanese
from faq.search.encoder import Encoder
from faq.search.group_index import GroupIndex, build_group
from faq.search.postings import Floats
from faq.search.projection import narrowed
from faq.search.spelling import Speller
from faq.search.spelling_learned import learn_spelling
from faq.search.stretches import Stretches
from faq.search.units import Unit
from faq.search.vectors import TextVectors
from faq.text import fold, hiragana, normalise

# By letters: shares of the question found in the whole entry, in one asked text, in its characters, or to the letter. By meaning:
# likeness to what is asked in the question's own language, in any searched language, in any where the key has no text in the
# question's own, to the answer, and to all together that is asked in one of the searched languages.
FEATURES = ("whole", "words", "grams", "exact", "own", "any", "cross", "answer", "crowd")
_COLUMN = {name: number for number, name in enumerate(FEATURES)}
# Every entry is in Japanese and English, and the model knows these best: questions in other languages are held against them too.
PIVOTS = ("ja", "en")
# Where fewer than one key in so many is allowed (one city of many), only these are looked at.
_FEW = 2
# So many cities at once; what is kept of each is small beside its texts.
_CITIES = 500
_ROMAJI_GROUPS = frozenset({"en", "pt-BR", "vi", "tl", "es", "id"})
_KANJI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
# A word of another language that may be a Japanese one: shosho, nozei; shorter ones are too often neither.
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
# Whole sentences in katakana, as some devices and residents write them.
_KATAKANA_ALONE = re.compile(r"[ァ-ヺー\s、。!?]{4,}")


@dataclass(frozen=True)
class Question:
    """A question to search: its text, and the search groups it may belong to, most likely first."""

    text: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Features:
    """What the index knows of a question. `table` has shape (keys, features); `known` is the share of known words (0–1).

    `rows` (keys,) says which keys the table holds, where it does not hold all.
    """

    table: Floats
    known: float
    length: int
    rows: NDArray[np.int64] | None = None


class SearchIndex(Protocol):
    """What finding needs of an index, in this process or in a database. `keys[row]` names what row `row` stands for."""

    @property
    def keys(self) -> Sequence[str]:
        """What is found: entries, intents, items."""
        ...

    @property
    def rows(self) -> Mapping[str, int]:
        """The row number of each key."""
        ...

    @property
    def encoder(self) -> Encoder | None:
        """The model that made the vectors; None where only words are searched."""
        ...

    @property
    def speller(self) -> Speller | None:
        """What writes Japanese questions as the texts do; None where nothing is Japanese."""
        ...

    @property
    def is_bare(self) -> bool:
        """Whether most keys have but one asked text in a language: a plain FAQ of questions and answers."""
        ...

    def features(self, question: Question, allowed: NDArray[np.bool_] | None = None) -> Features:
        """Return the features of the keys allowed (all when None) for a question; those of others may be missing or 0."""
        ...

    def mask(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rows these keys are, shape (keys,)."""
        ...

    def asked_exactly(self, text: str) -> frozenset[int]:
        """Return the rows asked in any language by exactly this text, but for width, case, kana and punctuation."""
        ...


@dataclass(frozen=True)
class _City:
    """Which `rows` of an index one city answers from, and where they lie in each group; the mask is held while its id counts."""

    allowed: NDArray[np.bool_]
    rows: NDArray[np.int64]
    parts: Mapping[str, Stretches]


@dataclass(frozen=True)
class Index:
    """All searchable texts of a deployment, in this process. `keys[row]` names what row `row` of the features stands for."""

    keys: tuple[str, ...]
    rows: Mapping[str, int]
    groups: Mapping[str, GroupIndex]
    encoder: Encoder | None
    speller: Speller | None = None
    _cities: dict[int, _City] = field(default_factory=dict, compare=False, repr=False)

    def features(self, question: Question, allowed: NDArray[np.bool_] | None = None) -> Features:
        """Return the features of every key for this question; with few `allowed`, of these keys alone."""
        city = self._city(allowed) if allowed is not None and _FEW * int(allowed.sum()) < len(allowed) else None
        table = np.zeros((len(FEATURES), len(self.keys) if city is None else len(city.rows)), dtype=np.float32)
        known, length = 0.0, 0
        asked = readings(question, self.groups, self.speller)
        for group, text in asked:
            known_here, length_here = self._lexical(table, self.groups[group], text, city)
            if counts_as_question(length_here, length) and known_here >= known:
                known, length = known_here, length_here
        exact = [row for group, text in to_the_letter(question, asked) for row in self._exact_keys(group, text)]
        table[_COLUMN["exact"], np.flatnonzero(np.isin(city.rows, exact)) if city else exact] = 1.0
        if self.encoder:
            for vector in self.encoder.encode(meant(question, asked)):
                self._meaning(table, TextVectors.of(vector[None]), question.groups, city)
        return Features(table.T, known, length, city.rows if city else None)

    @property
    def is_bare(self) -> bool:
        """Say whether most keys have but one asked text in a language: a plain FAQ of questions and answers."""
        texts = [np.bincount(group.asked_keys) for group in self.groups.values() if len(group.keys) > 1]
        return not texts or float(np.median(np.concatenate(texts))) < 2

    def mask(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rows these keys are, shape (keys,)."""
        mask = np.zeros(len(self.keys), dtype=np.bool_)
        mask[[self.rows[key] for key in keys]] = True
        return mask

    def asked_exactly(self, text: str) -> frozenset[int]:
        """Return the rows asked in any language by exactly this text, but for width, case, kana and punctuation."""
        folded = fold(text)
        return frozenset(row for group in self.groups.values() for row in group.exact.get(folded))

    def _city(self, allowed: NDArray[np.bool_]) -> "_City":
        """Return where the keys allowed lie; worked out once for each mask, which is that of one city as long as it serves."""
        found = self._cities.get(id(allowed))
        if found is None:
            rows = np.flatnonzero(allowed)
            found = _City(allowed, rows, {name: group.of_city(rows) for name, group in self.groups.items()})
            if len(self._cities) >= _CITIES:
                self._cities.pop(next(iter(self._cities)), None)
            self._cities[id(allowed)] = found
        return found

    def _exact_keys(self, group: str, text: str) -> tuple[int, ...]:
        return self.groups[group].exact_keys(text) if group in self.groups else ()

    def _lexical(self, table: Floats, group: GroupIndex, text: str, city: "_City | None") -> tuple[float, int]:
        terms, parts = analyse(text, group.group), _parts(group, city)
        *fields, known = group.lexical(terms, parts)
        for name, scores in zip(("whole", "words", "grams"), fields, strict=True):
            _raise(table, name, parts, scores)
        return known, len(terms.words)

    def _meaning(self, table: Floats, vector: TextVectors, groups: Sequence[str], city: "_City | None") -> None:
        has_own = np.zeros(table.shape[1], dtype=np.bool_)
        for name in searched_by_meaning(groups):
            if (group := self.groups.get(name)) is None:
                continue
            parts = _parts(group, city)
            if (found := group.alike(vector, parts)) is None:
                continue
            for feature, scores in (("any", found.asked), ("crowd", found.crowd), ("answer", found.answer)):
                _raise(table, feature, parts, scores)
            if name in groups:
                _raise(table, "own", parts, found.asked)
                has_own[parts.rows] = True
        np.copyto(table[_COLUMN["cross"]], table[_COLUMN["any"]], where=~has_own)


def _parts(group: GroupIndex, city: _City | None) -> Stretches:
    """Return where to look in a group: at what one city has there, or at all of it."""
    return city.parts[group.group] if city else group.everything


def readings(question: Question, groups: Collection[str], speller: Speller | None) -> list[tuple[str, str]]:
    """Return (group, text) for every way to read the question: its languages, Japanese by its letters, romaji as kana.

    A Japanese question is read as the texts of the index would write it, too; instead, where no kanji is in it (J-02 to J-08).
    """
    found = [(group, question.text) for group in question.groups if group in groups and group != JAPANESE]
    if JAPANESE in groups:
        found += [(JAPANESE, text) for text in _japanese(question, speller)]
    return found


def _japanese(question: Question, speller: Speller | None) -> list[str]:
    text, sure = question.text, JAPANESE in question.groups
    if not sure and not looks_japanese(text):
        return _guessed(text, speller) if _ROMAJI_GROUPS & set(question.groups) else []
    kana = "" if speller and speller.knows(normalise(text)) else _as_kana(text)
    spelled = speller.spelled(plain_speech(kana or text)) if speller else kana
    if not spelled or spelled == normalise(text):
        return [text]
    return [spelled] if kana or not _KANJI.search(text) else [text, spelled]


def _guessed(text: str, speller: Speller | None) -> list[str]:
    """Return what a text in another language may be in Japanese: all of it romaji, or Japanese words within it.

    Real words of other languages can be read as romaji too; so only well known words of the index are taken for Japanese ones.
    """
    terms = "".join(speller.term(kana) for word in _LONG_WORD.findall(text) if (kana := kana_of_romaji(word))) if speller else ""
    kana = kana_of_romaji(text)
    return [found for found in (terms, kana) if found]


def _as_kana(text: str) -> str:
    """Return in hiragana what is typed in romaji or katakana alone; nothing where it is neither."""
    plain = normalise(text)
    if "ヲ" in plain or _KATAKANA_ALONE.fullmatch(plain):
        return hiragana(plain)
    return (kana_of_romaji(text) or "").replace(" ", "") if _LATIN.search(plain) else ""


def to_the_letter(question: Question, asked: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the (group, text) that a text of the index may be to the letter: all `readings`, and what was typed."""
    return list(dict.fromkeys([*asked, *((group, question.text) for group in question.groups)]))


def counts_as_question(words: int, length: int) -> bool:
    """Say whether a reading of so many words stands for a question of `length` words, or only for some words in it."""
    return 2 * words > length


def meant(question: Question, asked: Sequence[tuple[str, str]]) -> list[str]:
    """Return the texts whose meaning is looked at, given all `readings`: romaji that was guessed means nothing."""
    texts = [text for group, text in asked if group != JAPANESE or JAPANESE in question.groups]
    return list(dict.fromkeys(texts)) or [question.text]


def searched_by_meaning(groups: Sequence[str]) -> tuple[str, ...]:
    """Return the groups whose meanings a question is held against: its own, and pivots where it is not Japanese."""
    return tuple(dict.fromkeys((*groups, *PIVOTS))) if groups[0] != PIVOTS[0] else tuple(groups)


def _raise(table: Floats, name: str, parts: Stretches, scores: Floats) -> None:
    row, chosen = table[_COLUMN[name]], scores[parts.chosen]
    if len(parts.rows) == len(row):
        np.maximum(row, chosen, out=row)
    else:
        row[parts.rows] = np.maximum(row[parts.rows], chosen)


def build_index(units: Sequence[Unit], languages: Languages, encoder: Encoder | None) -> Index:
    """Index the units of all languages."""
    keys = tuple(dict.fromkeys(unit.key for unit in units))
    rows = {key: number for number, key in enumerate(keys)}
    by_group: dict[str, list[Unit]] = {}
    for unit in units:
        by_group.setdefault(languages[unit.language].search_group, []).append(unit)
    narrow = narrowed(encoder, [unit.text for unit in units]) if encoder else None
    groups = {group: build_group(group, found, rows, narrow) for group, found in by_group.items()}
    asked = [unit for unit in by_group.get(JAPANESE, ()) if unit.kind == "asked"]
    japanese = [(unit.text, unit.language == EASY_JAPANESE) for unit in asked]
    return Index(keys, rows, groups, narrow, learn_spelling(japanese) if japanese else None)
