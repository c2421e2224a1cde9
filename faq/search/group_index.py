"""Searches the texts of one search group (Japanese, Chinese, or one other language) by words, characters and meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faq.search.analysis import Codes, Terms, analyse
from faq.search.encoder import Encoder, encode_passages
from faq.search.exact import ExactTexts, exact_texts
from faq.search.postings import Floats, Postings, build_postings
from faq.search.stretches import Stretches, stretches, whole
from faq.search.texts_of_keys import TextsOfKeys
from faq.search.units import Unit
from faq.search.vectors import TextVectors
from faq.text import fold

# BM25 over question and answer in one field: k1 1.5, b 0.6 measured best on localgovFAQ. Among phrasings the one that says no
# more than the question is meant: 転出届を出したい is not about who filed one and stayed.
_WHOLE = {"k1": 1.5, "b": 0.6}
_ASKED = {"k1": 1.2, "b": 0.8}
# How much the likest of a key's texts outweighs its others in `crowd`; 15 to 25 found as much on left-out phrasings.
SHARPNESS = 20.0


class Likeness(NamedTuple):
    """How alike in meaning a question is to each key's best asked text, to all of them, and to its answer: shape (keys,)."""

    asked: Floats
    crowd: Floats
    answer: Floats


@dataclass(frozen=True)
class GroupIndex:
    """The texts of one group, in row order of their keys. `keys` (k,) are row numbers of the whole index, ascending.

    `asked_keys` (texts,) says which of the `keys` each asked text belongs to, ascending. `whole` and `words` share their terms.
    """

    group: str
    keys: NDArray[np.int64]
    asked_keys: NDArray[np.int64]
    whole: Postings
    words: Postings
    grams: Postings
    exact: ExactTexts
    asked_vectors: TextVectors | None
    answer_vectors: TextVectors | None

    @cached_property
    def everything(self) -> Stretches:
        """All of the group."""
        return whole(self.keys, self.asked_keys)

    def of_city(self, rows: NDArray[np.int64]) -> Stretches:
        """Return the parts in which these rows of the index lie."""
        return stretches(self.keys, self.asked_keys, rows)

    def alike(self, question: TextVectors, parts: Stretches) -> Likeness | None:
        """Return how alike in meaning each key of some parts is to a question, one vector; None without a model."""
        if self.asked_vectors is None or self.answer_vectors is None:
            return None
        asked = self.asked_vectors.products(question, parts.texts)
        best = np.maximum(parts.asked_texts.best(asked), np.float32(0))
        return Likeness(best, _crowd(asked, parts.asked_texts), self.answer_vectors.products(question, parts.keys))

    def lexical(self, terms: Terms, parts: Stretches) -> tuple[Floats, Floats, Floats, float]:
        """Return the shares (0–1) of the question found in the whole entry, in one asked text, in its characters.

        Each has the shape (keys of the parts,). Last comes how much of the question's words (0–1) any asked text knows.
        """
        words, grams = np.unique(terms.words), np.unique(terms.grams)
        known = self.whole.numbers(words)
        return (
            self.whole.shares(known, len(words), parts.keys),
            parts.asked_texts.best(self.words.shares(known, len(words), parts.texts)),
            parts.asked_texts.best(self.grams.shares(self.grams.numbers(grams), len(grams), parts.texts)),
            self.words.known_share(known, len(words)),
        )

    def exact_keys(self, question: str) -> tuple[int, ...]:
        """Return the keys one of whose asked texts is this question but for width, case, kana and punctuation."""
        return self.exact.get(fold(question))


def _crowd(scores: Floats, texts: TextsOfKeys) -> Floats:
    """Return the soft maximum per key, shape (k,): above the best score where other texts of the key are near it, too."""
    return np.asarray(np.log(texts.total(np.exp(np.float32(SHARPNESS) * scores))) / SHARPNESS, dtype=np.float32)


def build_group(group: str, units: Sequence[Unit], rows: Mapping[str, int], encoder: Encoder | None) -> GroupIndex:
    """Index the units of one group; `rows` gives the row number of each key."""
    ordered = sorted(units, key=lambda unit: rows[unit.key])
    keys = np.array(sorted({rows[unit.key] for unit in ordered}), dtype=np.int64)
    askable = {unit.key for unit in ordered if unit.kind == "asked"}
    is_asked = [unit.kind == "asked" or unit.key not in askable for unit in ordered]
    asked = [unit for unit, is_one in zip(ordered, is_asked, strict=True) if is_one]
    asked_rows = np.array([rows[unit.key] for unit in asked], dtype=np.int64)
    terms = [analyse(unit.text, group) for unit in ordered]
    asked_terms = [found for found, is_one in zip(terms, is_asked, strict=True) if is_one]
    documents = _whole_documents(terms, np.array([rows[unit.key] for unit in ordered], dtype=np.int64), keys)
    words, grams = _distinct(documents), _distinct([found.grams for found in asked_terms])
    return GroupIndex(
        group=group,
        keys=keys,
        asked_keys=np.searchsorted(keys, asked_rows).astype(np.int64),
        whole=build_postings(documents, words, **_WHOLE),
        words=build_postings([found.words for found in asked_terms], words, **_ASKED),
        grams=build_postings([found.grams for found in asked_terms], grams, **_ASKED),
        exact=exact_texts((unit.text, rows[unit.key]) for unit in asked),
        asked_vectors=_vectors(encoder, [unit.text for unit in asked]),
        answer_vectors=_vectors(encoder, _whole_texts(ordered, rows, keys)),
    )


def _vectors(encoder: Encoder | None, texts: Sequence[str]) -> TextVectors | None:
    return TextVectors.of(encode_passages(encoder, texts)) if encoder else None


def _whole_documents(terms: Sequence[Terms], rows: NDArray[np.int64], keys: NDArray[np.int64]) -> list[Codes]:
    """Return the words of all texts of each key; `rows` (ascending) says whose each text is."""
    ends = rows.searchsorted(keys, side="right").tolist()
    starts = [0, *ends[:-1]]
    return [np.concatenate([found.words for found in terms[start:end]]) for start, end in zip(starts, ends, strict=True)]


def _distinct(documents: Sequence[Codes]) -> Codes:
    return np.unique(np.concatenate(documents)) if documents else np.zeros(0, dtype=np.uint64)


def _whole_texts(units: Sequence[Unit], rows: Mapping[str, int], keys: NDArray[np.int64]) -> list[str]:
    """Return one text per key for its meaning: the answer, or what is asked where there is no answer."""
    texts: dict[int, list[str]] = {int(key): [] for key in keys}
    for unit in sorted(units, key=lambda unit: unit.kind != "answer"):
        row = rows[unit.key]
        if unit.kind == "answer" or not texts[row]:
            texts[row].append(unit.text)
    return ["\n".join(parts) for parts in texts.values()]

