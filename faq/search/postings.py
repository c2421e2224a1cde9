"""An inverted index with BM25 weights, kept as flat arrays so that one question costs microseconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.analysis import Codes

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Documents = NDArray[np.uint16 | np.int32]
# So many documents can be told apart by two bytes, and repetition beyond the second number changes no weight.
_FEW, _OFTEN = 2**16, 255


@dataclass(frozen=True)
class Postings:
    """For each term the documents that hold it, and how often.

    `terms` (t,) are the codes of all terms, ascending; `starts` (t + 1,) are offsets into `documents` and `counts`, of which most
    of an index is, so they are as short as they can be. `damping` is one value per document, `idf` one per term, and
    `unknown_idf` is what a term that no document holds counts in a question.
    """

    terms: Codes
    starts: NDArray[np.int32]
    documents: Documents
    counts: NDArray[np.uint8]
    damping: Floats
    idf: Floats
    unknown_idf: float

    def numbers(self, codes: Codes) -> Numbers:
        """Return the places in `terms` of those codes that are there."""
        if not len(self.terms):
            return np.zeros(0, dtype=np.int64)
        places = self.terms.searchsorted(codes)
        places[places == len(self.terms)] = 0
        found: Numbers = places[self.terms[places] == codes]
        return found

    def shares(self, numbers: Numbers, asked: int, parts: Numbers | None = None) -> Floats:
        """Return per document how much (0–1) of a question of `asked` different terms it holds.

        `numbers` are the places of those terms that are known. The whole is the highest BM25 score that the question could
        reach, unknown terms counted. With `parts` (first, after last) only the documents in them have a place in the result.
        """
        size = len(self.damping) if parts is None else int(np.diff(parts).sum())
        ceiling = float(self.idf[numbers].sum()) + self.unknown_idf * (asked - len(numbers))
        if not len(numbers):
            return np.zeros(size, dtype=np.float32)
        documents, weights = self.held(numbers) if parts is None else self._held_in(numbers, parts)
        scores = np.bincount(documents, weights, minlength=size) / max(ceiling, 1e-9)
        return scores.astype(np.float32)

    def held(self, numbers: Numbers) -> tuple[Documents, Floats]:
        """Return the documents that hold the terms at these places, term by term, and what each counts there (BM25)."""
        starts, ends = self.starts[numbers], self.starts[numbers + 1]
        return self._weighed(numbers, starts.tolist(), ends.tolist())

    def _weighed(self, numbers: Numbers, starts: Sequence[int], ends: Sequence[int]) -> tuple[Documents, Floats]:
        """Return what `held` does for one stretch of each term's list."""
        spans = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        documents = np.concatenate([self.documents[span] for span in spans])
        counts = np.concatenate([self.counts[span] for span in spans]).astype(np.float32)
        weights = np.repeat(self.idf[numbers], np.subtract(ends, starts)) * counts
        weights /= counts + self.damping[documents]
        return documents, weights

    def _held_in(self, numbers: Numbers, parts: Numbers) -> tuple[Numbers, Floats]:
        """Return what `held` does for the documents in some parts, which are numbered through from 0."""
        lists = [(number, int(self.starts[number]), int(self.starts[number + 1])) for number in numbers.tolist()]
        cuts = np.array([start + self.documents[start:end].searchsorted(parts.ravel()) for _, start, end in lists])
        found, before = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))], 0
        for place, (first, after) in enumerate(parts.tolist()):
            documents, weights = self._weighed(numbers, cuts[:, 2 * place].tolist(), cuts[:, 2 * place + 1].tolist())
            found.append((documents.astype(np.int64) + (before - first), weights))
            before += after - first
        every, weighing = zip(*found, strict=True)
        return np.concatenate(every), np.concatenate(weighing)

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
    return Postings(
        terms=terms,
        starts=np.concatenate([[0], np.cumsum(frequency)]).astype(np.int32),
        documents=rows.astype(np.uint16) if total <= _FEW else rows.astype(np.int32),
        counts=np.minimum(counted, _OFTEN).astype(np.uint8),
        damping=damping.astype(np.float32),
        idf=idf,
        unknown_idf=float(np.log(1 + (total + 0.5) / 0.5)) if total else 1.0,
    )
