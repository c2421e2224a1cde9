"""The vectors of stored texts in eight bits a number: a quarter of the memory to hold and, for every question, to go through."""

from collections.abc import Iterable
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

    def products(self, question: "TextVectors") -> Floats:
        """Return the products with one other vector: shape (texts,)."""
        return self.products_in(question, [(0, len(self.factors))])

    def products_in(self, question: "TextVectors", parts: Iterable[tuple[int, int]]) -> Floats:
        """Return the products of the texts in some parts, (first, after last), with one vector, and 0 for all others."""
        found = np.zeros(len(self.factors), dtype=np.float32)
        for start, end in parts if len(self.factors) else ():
            # Not into `out`: simsimd 6.5 then returns a None that it does not own, and the interpreter dies in the end.
            exact = np.asarray(simsimd.cdist(question.numbers, self.numbers[start:end], "dot", out_dtype="f32"))[0]
            np.multiply(exact, self.factors[start:end], out=found[start:end])
        found *= question.factors[0]
        return found
