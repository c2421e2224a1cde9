"""The unbroken runs of kanji or katakana in the texts of an index, and which of them a mistyped one may be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from marisa_trie import Trie
from numpy.typing import NDArray

Letters = NDArray[np.uint32]


@dataclass(frozen=True)
class Runs:
    """Runs with how often each stands in the texts: `counts` (runs,) by its place in `texts`."""

    texts: Trie
    counts: NDArray[np.int32]

    @classmethod
    def of(cls, counted: Mapping[str, int]) -> "Runs":
        """Return runs given with their counts."""
        texts = Trie(list(counted))
        return cls(texts, np.array([counted[texts.restore_key(place)] for place in range(len(texts))], dtype=np.int32))

    def count(self, run: str) -> int:
        """Return how often a run stands in the texts."""
        place = self.texts.get(run, -1)
        return int(self.counts[place]) if place >= 0 else 0

    def near(self, run: str) -> list[str]:
        """Return the runs that differ from this one by one character; in katakana one may be missing or too much, too."""
        letters = np.array([ord(letter) for letter in run], dtype=np.uint32)
        found = self._of_length(len(run), lambda rows: (rows != letters).sum(axis=1) == 1)
        if "ァ" <= run[0] <= "ー":
            for at in range(len(run)):
                shorter = np.delete(letters, at)
                found += self._of_length(len(shorter), lambda rows: (rows == shorter).all(axis=1))  # noqa: B023 - called here
            for at in range(len(run) + 1):
                found += self._of_length(len(run) + 1, lambda rows: (np.delete(rows, at, axis=1) == letters).all(axis=1))  # noqa: B023
        return list(dict.fromkeys(found))

    def _of_length(self, size: int, wanted: Callable[[Letters], NDArray[np.bool_]]) -> list[str]:
        rows = self._by_length.get(size)
        return ["".join(map(chr, row)) for row in rows[wanted(rows)].tolist()] if rows is not None else []

    @cached_property
    def _by_length(self) -> dict[int, Letters]:
        lengths: dict[int, list[str]] = {}
        for run in self.texts.iterkeys():
            lengths.setdefault(len(run), []).append(run)
        return {size: np.array([[*map(ord, run)] for run in runs], dtype=np.uint32) for size, runs in lengths.items()}
