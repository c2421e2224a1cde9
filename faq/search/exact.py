"""The texts of an index to the letter: which keys are asked by exactly these words, but for width, case, kana, punctuation."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.analysis import Codes, text_code
from faq.text import fold


@dataclass(frozen=True)
class ExactTexts:
    """Codes of folded texts, ascending, each beside a row number of its key: shape (texts,). A text of two keys stands twice."""

    codes: Codes
    rows: NDArray[np.int64]

    def __contains__(self, folded: str) -> bool:
        """Say whether a text in the form of `fold` is there."""
        return bool(self.get(folded))

    def get(self, folded: str, otherwise: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the rows of the keys that are asked by a text in the form of `fold`."""
        code = np.uint64(text_code(folded))
        start = int(self.codes.searchsorted(code))
        if start == len(self.codes) or self.codes[start] != code:
            return otherwise
        return tuple(self.rows[start : self.codes.searchsorted(code, side="right")].tolist())


def exact_texts(texts: Iterable[tuple[str, int]]) -> ExactTexts:
    """Return the exact texts of (text, row number) pairs."""
    pairs = sorted({(text_code(fold(text)), row) for text, row in texts})
    return ExactTexts(np.array([code for code, _ in pairs], dtype=np.uint64), np.array([row for _, row in pairs], dtype=np.int64))
