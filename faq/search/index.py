"""The index over all languages: turns a question into one row of features per key (an entry, an intent, an item)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faq.japanese import kana_of_romaji
from faq.languages import Languages
from faq.search.analysis import analyse, looks_japanese
from faq.search.encoder import Encoder
from faq.search.group_index import GroupIndex, build_group
from faq.search.postings import Floats
from faq.search.projection import narrowed
from faq.search.units import Unit
from faq.text import fold, hiragana, normalise

# By letters: shares of the question found in the whole entry, in one asked text, in its characters, or to the letter. By meaning:
# likeness to what is asked in the question's own language, in any searched language, in any where the key has no text in the
# question's own, and to the answer.
FEATURES = ("whole", "words", "grams", "exact", "own", "any", "cross", "answer")
_COLUMN = {name: number for number, name in enumerate(FEATURES)}
# Every entry is in Japanese and English, and the model knows these best: questions in other languages are held against them too.
PIVOTS = ("ja", "en")
# Where fewer than one key in so many is allowed (one city of many), only their meanings are looked at.
_FEW = 4
_ROMAJI_GROUPS = frozenset({"en", "pt-BR", "vi", "tl", "es", "id"})
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
class Index:
    """All searchable texts of a deployment, in this process. `keys[row]` names what row `row` of the features stands for."""

    keys: tuple[str, ...]
    rows: Mapping[str, int]
    groups: Mapping[str, GroupIndex]
    encoder: Encoder | None

    def features(self, question: Question, allowed: NDArray[np.bool_] | None = None) -> Features:
        """Return the features of every key for this question; with few `allowed`, the meaning of others is not looked at."""
        table = np.zeros((len(FEATURES), len(self.keys)), dtype=np.float32)
        known, length = 0.0, 0
        for group, text in readings(question, self.groups):
            known_here, length_here = self._lexical(table, self.groups[group], text)
            if known_here >= known:
                known, length = known_here, length_here
        if self.encoder:
            few = allowed if allowed is not None and _FEW * int(allowed.sum()) < len(allowed) else None
            for vector in self.encoder.encode([question.text, *sounded(question)]):
                self._meaning(table, vector, question.groups, few)
        return Features(table.T, known, length)

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

    def _lexical(self, table: Floats, group: GroupIndex, text: str) -> tuple[float, int]:
        terms = analyse(text, group.group)
        *fields, known = group.lexical(terms)
        for name, scores in zip(("whole", "words", "grams"), fields, strict=True):
            _raise(table, name, group.keys, scores)
        table[_COLUMN["exact"], list(group.exact_keys(text))] = 1.0
        return known, len(terms.words)

    def _meaning(self, table: Floats, vector: Floats, groups: Sequence[str], few: NDArray[np.bool_] | None) -> None:
        has_own = np.zeros(len(self.keys), dtype=np.bool_)
        for name in searched_by_meaning(groups):
            group = self.groups.get(name)
            found = group.alike(vector, group.spans(few) if few is not None else None) if group else None
            if group is None or found is None:
                continue
            asked, answer = found
            _raise(table, "any", group.keys, asked)
            _raise(table, "answer", group.keys, answer)
            if name in groups:
                _raise(table, "own", group.keys, asked)
                has_own[group.keys] = True
        np.copyto(table[_COLUMN["cross"]], table[_COLUMN["any"]], where=~has_own)


def readings(question: Question, groups: Collection[str]) -> list[tuple[str, str]]:
    """Return (group, text) for every way to read the question: its languages, Japanese by its letters, romaji as kana."""
    found = [(group, question.text) for group in question.groups if group in groups]
    if "ja" in groups and "ja" not in question.groups:
        if looks_japanese(question.text):
            found.append(("ja", question.text))
        elif _ROMAJI_GROUPS & set(question.groups) and (kana := kana_of_romaji(question.text)):
            found.append(("ja", kana))
    return found + [("ja", kana) for kana in sounded(question) if "ja" in groups]


def sounded(question: Question) -> list[str]:
    """Return a Japanese question in hiragana too where it was typed in romaji or katakana alone (J-02, J-08)."""
    if "ja" not in question.groups:
        return []
    plain = normalise(question.text)
    kana = hiragana(plain) if _KATAKANA_ALONE.fullmatch(plain) else kana_of_romaji(question.text)
    return [kana] if kana and kana != question.text else []


def searched_by_meaning(groups: Sequence[str]) -> tuple[str, ...]:
    """Return the groups whose meanings a question is held against: its own, and pivots where it is not Japanese."""
    return tuple(dict.fromkeys((*groups, *PIVOTS))) if groups[0] != PIVOTS[0] else tuple(groups)


def _raise(table: Floats, name: str, keys: NDArray[np.int64], scores: Floats) -> None:
    row = table[_COLUMN[name]]
    if len(keys) == len(row):
        np.maximum(row, scores, out=row)
    else:
        row[keys] = np.maximum(row[keys], scores)


def build_index(units: Sequence[Unit], languages: Languages, encoder: Encoder | None) -> Index:
    """Index the units of all languages."""
    keys = tuple(dict.fromkeys(unit.key for unit in units))
    rows = {key: number for number, key in enumerate(keys)}
    by_group: dict[str, list[Unit]] = {}
    for unit in units:
        by_group.setdefault(languages[unit.language].search_group, []).append(unit)
    narrow = narrowed(encoder, [unit.text for unit in units]) if encoder else None
    groups = {group: build_group(group, found, rows, narrow) for group, found in by_group.items()}
    return Index(keys, rows, groups, narrow)
