"""The vectors of stored texts in eight bits a number: a quarter of the memory to hold and, for every question, to go through."""

from dataclasses import dataclass

import numpy as np
import simsimd
from numpy.typing import NDArray

from faq.search.postings import Floats

_MOST = 127


@dataclass(frozen=True)
class TextVectors:
    """Vectors as whole numbers, `numbers` (texts, dim), with what they are to be multiplied with, `factors` (texts,).

    A product of two vectors of length 1 is off by .001 or so: too little to see in any figure of accuracy (docs/search.md).
    """

    numbers: NDArray[np.int8]
    factors: Floats

    @classmethod
    def of(cls, vectors: Floats) -> "TextVectors":
        """Round vectors of shape (texts, dim); each keeps its length."""
        steps = np.maximum(np.abs(vectors).max(axis=1, initial=0.0, keepdims=True), 1e-9) / _MOST
        rounded = np.rint(vectors / steps)
        factors = np.linalg.norm(vectors, axis=1) / np.maximum(np.linalg.norm(rounded, axis=1), 1.0)
        return cls(rounded.astype(np.int8), factors.astype(np.float32))

    def floats(self) -> Floats:
        """Return the vectors as they were, but for rounding."""
        found: Floats = self.numbers * self.factors[:, None]
        return found

    def products(self, question: "TextVectors", parts: NDArray[np.int64] | None = None) -> Floats:
        """Return the products of one other vector with all texts, or with those in some parts (first, after last)."""
        spans = [(0, len(self.factors))] if parts is None else parts.tolist()
        found = np.zeros(sum(end - start for start, end in spans), dtype=np.float32)
        place = 0
        for start, end in spans if len(found) else ():
            # Not into `out`: simsimd 6.5 then returns a None that it does not own, and the interpreter dies in the end.
            exact = np.asarray(simsimd.cdist(question.numbers, self.numbers[start:end], "dot", out_dtype="f32"))[0]
            np.multiply(exact, self.factors[start:end], out=found[place : place + end - start])
            place += end - start
        found *= question.factors[0]
        return found
