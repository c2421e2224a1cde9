"""Finds what answers a question: the index's features through the ranker, for the keys that a city may answer from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from faq.search.decision import Kinds
from faq.search.index import Question, SearchIndex
from faq.search.ranker import Ranker


@dataclass(frozen=True)
class Hit:
    """A key that may answer the question, with the probability (0–1) that it does."""

    key: str
    probability: float


@dataclass(frozen=True)
class Finder:
    """An index with the ranker fitted for it. `allowed` (keys,) is which keys may be found; None means all."""

    index: SearchIndex
    ranker: Ranker
    allowed: NDArray[np.bool_] | None = None

    @cached_property
    def kinds(self) -> Kinds:
        """Which rows of the index are entries, and which is `outside`."""
        return Kinds.of(self.index.keys)

    def find(self, text: str, groups: Sequence[str], top: int = 10) -> list[Hit]:
        """Return up to `top` hits, best first, for a question in one of these search groups."""
        features = self.index.features(Question(text, tuple(groups)), self.allowed)
        rows, allowed, kinds = features.rows, self.allowed, self.kinds
        if rows is not None:  # a table of the allowed rows alone
            allowed, kinds = None, kinds.of_rows(rows)
        ranked = self.ranker.rank(features, allowed, top, kinds)
        return [Hit(self.index.keys[row if rows is None else int(rows[row])], chance) for row, chance in ranked]
