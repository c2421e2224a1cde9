"""The index over all languages: turns a question into one row of features per key (an entry, an intent, an item)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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

# By letters: shares of the question found in the whole entry, in one asked text, in its characters, or to the letter. By meaning:
# likeness to what is asked in the question's own language, in any searched language, in any where the key has no text in the
# question's own, and to the answer.
FEATURES = ("whole", "words", "grams", "exact", "own", "any", "cross", "answer")
_COLUMN = {name: number for number, name in enumerate(FEATURES)}
# Every entry is in Japanese and English, and the model knows these best: questions in other languages are held against them too.
PIVOTS = ("ja", "en")
_ROMAJI_GROUPS = frozenset({"en", "pt-BR", "vi", "tl", "es", "id"})


@dataclass(frozen=True)
class Question:
    """A question to search: its text, and the search groups it may belong to, most likely first."""

    text: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Features:
    """What the index knows of a question. `table` has shape (keys, features); `known` is the share of known words (0–1)."""

    table: Floats
    known: float
    length: int


@dataclass(frozen=True)
class Index:
    """All searchable texts of a deployment. `keys[row]` names what row `row` of the features stands for."""

    keys: tuple[str, ...]
    rows: Mapping[str, int]
    groups: Mapping[str, GroupIndex]
    encoder: Encoder | None

    def features(self, question: Question) -> Features:
        """Return the features of every key for this question."""
        table = np.zeros((len(FEATURES), len(self.keys)), dtype=np.float32)
        vector = self.encoder.encode([question.text])[0] if self.encoder else None
        known, length = 0.0, 0
        for group, text in self._readings(question):
            known_here, length_here = self._lexical(table, self.groups[group], text)
            if known_here >= known:
                known, length = known_here, length_here
        if vector is not None:
            self._meaning(table, vector, question.groups)
        return Features(table.T, known, length)

    @property
    def is_bare(self) -> bool:
        """Say whether most keys have but one asked text in a language: a plain FAQ of questions and answers."""
        texts = [np.diff(group.asked_starts) for group in self.groups.values() if len(group.asked_starts) > 1]
        return not texts or float(np.median(np.concatenate(texts))) < 2

    def mask(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rows these keys are, shape (keys,)."""
        mask = np.zeros(len(self.keys), dtype=np.bool_)
        mask[[self.rows[key] for key in keys]] = True
        return mask

    def _readings(self, question: Question) -> list[tuple[str, str]]:
        """Return (group, text) for every way to read the question: its languages, Japanese by its letters, romaji as kana."""
        readings = [(group, question.text) for group in question.groups if group in self.groups]
        if "ja" in self.groups and "ja" not in question.groups:
            if looks_japanese(question.text):
                readings.append(("ja", question.text))
            elif _ROMAJI_GROUPS & set(question.groups) and (kana := kana_of_romaji(question.text)):
                readings.append(("ja", kana))
        elif "ja" in question.groups and (kana := kana_of_romaji(question.text)) and kana != question.text:
            readings.append(("ja", kana))
        return readings

    def _lexical(self, table: Floats, group: GroupIndex, text: str) -> tuple[float, int]:
        terms = analyse(text, group.group)
        for name, scores in zip(("whole", "words", "grams"), group.lexical(terms), strict=True):
            _raise(table, name, group.keys, scores)
        table[_COLUMN["exact"], list(group.exact_keys(text))] = 1.0
        return group.words.known_share(terms.words), len(terms.words)

    def _meaning(self, table: Floats, vector: Floats, groups: Sequence[str]) -> None:
        has_own = np.zeros(len(self.keys), dtype=np.bool_)
        for name in dict.fromkeys((*groups, *PIVOTS)) if groups[0] != PIVOTS[0] else groups:
            group = self.groups.get(name)
            if group is None or group.asked_vectors is None or group.answer_vectors is None:
                continue
            asked = group.best_asked(group.asked_vectors @ vector)
            _raise(table, "any", group.keys, asked)
            _raise(table, "answer", group.keys, group.answer_vectors @ vector)
            if name in groups:
                _raise(table, "own", group.keys, asked)
                has_own[group.keys] = True
        np.copyto(table[_COLUMN["cross"]], table[_COLUMN["any"]], where=~has_own)


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
