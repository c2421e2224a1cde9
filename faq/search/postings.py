"""An inverted index with BM25 weights, kept as flat arrays so that one question costs microseconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.analysis import Codes

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Postings:
    """For each term the documents that hold it, with its BM25 weight there.

    `terms` (t,) are the codes of all terms, ascending; `starts` (t + 1,) are offsets into `documents` and `weights`; `idf` is
    one value per term. `unknown_idf` is what a term that no document holds counts in a question.
    """

    terms: Codes
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    weights: Floats
    idf: Floats
    size: int
    unknown_idf: float
    saturation: float

    def numbers(self, codes: Codes) -> Numbers:
        """Return the places in `terms` of those codes that are there."""
        if not len(self.terms):
            return np.zeros(0, dtype=np.int64)
        places = self.terms.searchsorted(codes)
        places[places == len(self.terms)] = 0
        found: Numbers = places[self.terms[places] == codes]
        return found

    def shares(self, numbers: Numbers, asked: int) -> Floats:
        """Return per document, shape (size,), how much (0–1) of a question of `asked` different terms it holds.

        `numbers` are the places of those terms that are known. The whole is the highest BM25 score that the question could
        reach, unknown terms counted.
        """
        ceiling = self.saturation * (float(self.idf[numbers].sum()) + self.unknown_idf * (asked - len(numbers)))
        if not len(numbers):
            return np.zeros(self.size, dtype=np.float32)
        starts, ends = self.starts[numbers].tolist(), self.starts[numbers + 1].tolist()
        spans = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        documents = np.concatenate([self.documents[span] for span in spans])
        weights = np.concatenate([self.weights[span] for span in spans])
        scores = np.bincount(documents, weights, minlength=self.size) / max(ceiling, 1e-9)
        return scores.astype(np.float32)

    def known_share(self, numbers: Numbers, asked: int) -> float:
        """Return how much of the question's weight (0–1) lies in terms that some document holds."""
        held = numbers[self.starts[numbers + 1] > self.starts[numbers]]
        known = float(self.idf[held].sum())
        total = known + self.unknown_idf * (asked - len(held))
        return known / total if total else 0.0


def build_postings(documents: Sequence[Codes], terms: Codes, k1: float, b: float) -> Postings:
    """Index documents given as codes of `terms`. `k1` is how fast repetition saturates, `b` how much length counts.

    (Robertson 1994.) Terms that none of the documents holds may be among `terms`.
    """
    total = len(documents)
    sizes = np.array([len(codes) for codes in documents], dtype=np.int64)
    lengths = np.maximum(sizes, 1).astype(np.float32)
    held = np.concatenate(documents) if total else np.zeros(0, dtype=np.uint64)
    pairs = terms.searchsorted(held).astype(np.int64) * total + np.repeat(np.arange(total), sizes)
    pairs, counted = np.unique(pairs, return_counts=True)
    numbers, rows = np.divmod(pairs, max(total, 1))
    frequency = np.bincount(numbers, minlength=len(terms))
    idf = np.log(1 + (total - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    damping = k1 * (1 - b + b * lengths / (lengths.mean() if total else 1.0))
    occurrences = counted.astype(np.float32)
    weights = idf[numbers] * occurrences * (k1 + 1) / (occurrences + damping[rows])
    return Postings(
        terms=terms,
        starts=np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
        documents=rows.astype(np.int32),
        weights=weights.astype(np.float32),
        idf=idf,
        size=total,
        unknown_idf=float(np.log(1 + (total + 0.5) / 0.5)) if total else 1.0,
        saturation=k1 + 1,
    )
