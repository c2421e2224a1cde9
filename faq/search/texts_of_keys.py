"""Scores of texts become scores of the keys that they belong to: the best of each key, or the sum."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from faq.search.postings import Floats

# With fewer texts than this to a key one step for the first text of each, one for the second … is quicker than key by key.
_FEW = 6


@dataclass(frozen=True)
class TextsOfKeys:
    """Which key each text belongs to: `keys` (texts,) are places of keys, ascending from 0 without a gap."""

    keys: NDArray[np.int64]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """Where the texts of each key begin; every key has one."""
        count = int(self.keys[-1]) + 1 if len(self.keys) else 0
        return self.keys.searchsorted(np.arange(count)).astype(np.int64)

    @cached_property
    def _is_few(self) -> bool:
        return len(self.keys) < _FEW * len(self._starts)

    @cached_property
    def _steps(self) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
        """The keys by how many texts they have, most first, and the places of their first texts, their second ones …"""
        counts = np.diff(np.append(self._starts, len(self.keys)))
        order = np.argsort(-counts, kind="stable")
        firsts, counts = self._starts[order], counts[order]
        return order, [firsts[: np.count_nonzero(counts > step)] + step for step in range(int(counts.max(initial=0)))]

    def best(self, scores: Floats) -> Floats:
        """Return the best score of each key's texts, shape (keys,)."""
        if not self._is_few:
            found: Floats = np.maximum.reduceat(scores, self._starts) if len(scores) else scores
            return found
        order, (first, *others) = self._steps
        sorted_ = scores[first]
        for places in others:
            np.maximum(sorted_[: len(places)], scores[places], out=sorted_[: len(places)])
        best = np.empty_like(sorted_)
        best[order] = sorted_
        return best

    def total(self, values: Floats) -> Floats:
        """Return the sum over each key's texts, shape (keys,)."""
        if self._is_few:
            return np.bincount(self.keys, values, minlength=len(self._starts)).astype(np.float32)
        found: Floats = np.add.reduceat(values, self._starts)
        return found
