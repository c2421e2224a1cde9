"""An inverted index with BM25 weights, kept as flat arrays so that one question costs microseconds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Postings:
    """For each term the documents that hold it, with its BM25 weight there.

    `starts` has len(vocabulary) + 1 offsets into `documents` and `weights`; `idf` one value per term. `unknown_idf` is
    what a term that no document holds counts in `ceiling`.
    """

    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    weights: Floats
    idf: Floats
    size: int
    unknown_idf: float
    saturation: float

    def scores(self, terms: Sequence[str]) -> Floats:
        """Return one BM25 score per document, shape (size,), for the set of these terms."""
        out = np.zeros(self.size, dtype=np.float32)
        for term in dict.fromkeys(terms):
            number = self.vocabulary.get(term)
            if number is not None:
                start, end = self.starts[number], self.starts[number + 1]
                out[self.documents[start:end]] += self.weights[start:end]
        return out

    def ceiling(self, terms: Sequence[str]) -> float:
        """Return the highest score these terms could reach, unknown ones counted, so that scores become shares of it."""
        numbers = (self.vocabulary.get(term) for term in dict.fromkeys(terms))
        return self.saturation * sum(self.unknown_idf if n is None else float(self.idf[n]) for n in numbers)

    def known_share(self, terms: Sequence[str]) -> float:
        """Return how much of the question's weight (0–1) lies in terms that some document holds."""
        numbers = [self.vocabulary.get(term) for term in dict.fromkeys(terms)]
        known = sum(float(self.idf[n]) for n in numbers if n is not None)
        total = known + self.unknown_idf * sum(n is None for n in numbers)
        return known / total if total else 0.0


def build_postings(documents: Sequence[Sequence[str]], k1: float, b: float) -> Postings:
    """Index documents given as terms. `k1` is how fast repetition saturates, `b` how much length counts (Robertson 1994)."""
    counts = [Counter(terms) for terms in documents]
    lengths = np.array([max(1, len(terms)) for terms in documents], dtype=np.float32)
    vocabulary = {term: i for i, term in enumerate(sorted({term for count in counts for term in count}))}
    triples = [(vocabulary[t], d, n) for d, count in enumerate(counts) for t, n in count.items()]
    table = np.array(triples, dtype=np.int64).reshape(-1, 3)
    table = table[np.argsort(table[:, 0], kind="stable")]
    frequency = np.bincount(table[:, 0], minlength=len(vocabulary))
    total = len(documents)
    idf = np.log(1 + (total - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    damping = k1 * (1 - b + b * lengths / (lengths.mean() if total else 1.0))
    occurrences = table[:, 2].astype(np.float32)
    weights = idf[table[:, 0]] * occurrences * (k1 + 1) / (occurrences + damping[table[:, 1]])
    return Postings(
        vocabulary=vocabulary,
        starts=np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
        documents=table[:, 1].astype(np.int32),
        weights=weights.astype(np.float32),
        idf=idf,
        size=total,
        unknown_idf=float(np.log(1 + (total + 0.5) / 0.5)) if total else 1.0,
        saturation=k1 + 1,
    )
