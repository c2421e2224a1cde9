"""Finds what answers a question: the index's features through the ranker, for the keys that a city may answer from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.index import Index, Question
from faq.search.ranker import Ranker


@dataclass(frozen=True)
class Hit:
    """A key that may answer the question, with the probability (0–1) that it does."""

    key: str
    probability: float


@dataclass(frozen=True)
class Finder:
    """An index with the ranker fitted for it. `allowed` (keys,) is which keys may be found; None means all."""

    index: Index
    ranker: Ranker
    allowed: NDArray[np.bool_] | None = None

    def find(self, text: str, groups: Sequence[str], top: int = 10) -> list[Hit]:
        """Return up to `top` hits, best first, for a question in one of these search groups."""
        features = self.index.features(Question(text, tuple(groups)))
        return [Hit(self.index.keys[row], chance) for row, chance in self.ranker.rank(features, self.allowed, top)]
