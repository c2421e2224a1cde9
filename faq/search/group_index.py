"""Searches the texts of one search group (Japanese, Chinese, or one other language) by words, characters and meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.analysis import Terms, analyse
from faq.search.encoder import Encoder, encode_passages
from faq.search.postings import Floats, Postings, build_postings
from faq.search.units import Unit
from faq.text import fold

# BM25 over question and answer in one field: k1 1.5, b 0.6 measured best on localgovFAQ; short questions want less b.
_WHOLE = {"k1": 1.5, "b": 0.6}
_ASKED = {"k1": 1.2, "b": 0.3}


@dataclass(frozen=True)
class GroupIndex:
    """The texts of one group, in row order of their keys. `keys` (k,) are row numbers of the whole index, ascending.

    `asked_starts` (k,) are the offsets of each key's asked texts in the asked postings and vectors.
    """

    group: str
    keys: NDArray[np.int64]
    asked_starts: NDArray[np.int64]
    whole: Postings
    words: Postings
    grams: Postings
    exact: Mapping[str, tuple[int, ...]]
    asked_vectors: Floats | None
    answer_vectors: Floats | None

    def best_asked(self, scores: Floats) -> Floats:
        """Return the best score per key, shape (k,), from one score per asked text."""
        return np.maximum.reduceat(scores, self.asked_starts) if len(scores) else scores

    def lexical(self, terms: Terms) -> tuple[Floats, Floats, Floats]:
        """Return the shares (0–1, shape (k,)) of the question found in the whole entry, in one asked text, in its characters."""
        whole = self.whole.scores(terms.words) / max(self.whole.ceiling(terms.words), 1e-9)
        words = self.best_asked(self.words.scores(terms.words)) / max(self.words.ceiling(terms.words), 1e-9)
        grams = self.best_asked(self.grams.scores(terms.grams)) / max(self.grams.ceiling(terms.grams), 1e-9)
        return whole, words, grams

    def exact_keys(self, question: str) -> tuple[int, ...]:
        """Return the keys one of whose asked texts is this question but for width, case, kana and punctuation."""
        return self.exact.get(fold(question), ())


def build_group(group: str, units: Sequence[Unit], rows: Mapping[str, int], encoder: Encoder | None) -> GroupIndex:
    """Index the units of one group; `rows` gives the row number of each key."""
    ordered = sorted(units, key=lambda unit: rows[unit.key])
    keys = np.array(sorted({rows[unit.key] for unit in ordered}), dtype=np.int64)
    askable = {unit.key for unit in ordered if unit.kind == "asked"}
    asked = [unit for unit in ordered if unit.kind == "asked" or unit.key not in askable]
    asked_rows = np.array([rows[unit.key] for unit in asked], dtype=np.int64)
    terms = [analyse(unit.text, group) for unit in asked]
    return GroupIndex(
        group=group,
        keys=keys,
        asked_starts=np.searchsorted(asked_rows, keys).astype(np.int64),
        whole=build_postings(_whole_documents(group, ordered, rows, keys), **_WHOLE),
        words=build_postings([t.words for t in terms], **_ASKED),
        grams=build_postings([t.grams for t in terms], **_ASKED),
        exact=_exact(asked, rows),
        asked_vectors=encode_passages(encoder, [unit.text for unit in asked]) if encoder else None,
        answer_vectors=encode_passages(encoder, _whole_texts(ordered, rows, keys)) if encoder else None,
    )


def _whole_documents(
    group: str, units: Sequence[Unit], rows: Mapping[str, int], keys: NDArray[np.int64]
) -> list[list[str]]:
    documents: dict[int, list[str]] = {int(key): [] for key in keys}
    for unit in units:
        documents[rows[unit.key]] += analyse(unit.text, group).words
    return list(documents.values())


def _whole_texts(units: Sequence[Unit], rows: Mapping[str, int], keys: NDArray[np.int64]) -> list[str]:
    """Return one text per key for its meaning: the answer, or what is asked where there is no answer."""
    texts: dict[int, list[str]] = {int(key): [] for key in keys}
    for unit in sorted(units, key=lambda unit: unit.kind != "answer"):
        row = rows[unit.key]
        if unit.kind == "answer" or not texts[row]:
            texts[row].append(unit.text)
    return ["\n".join(parts) for parts in texts.values()]


def _exact(asked: Sequence[Unit], rows: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for unit in asked:
        found.setdefault(fold(unit.text), set()).add(rows[unit.key])
    return {text: tuple(sorted(keys)) for text, keys in found.items()}
