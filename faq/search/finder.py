"""Finds what answers a question: the index's features through the ranker, for the keys that a city may answer from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from faq.search.decision import Kinds
from faq.search.index import FEATURES, Features, Question, SearchIndex
from faq.search.ranker import CANDIDATES, Ranker

# A key at least this likely stands for the keys that it takes the place of.
STANDS_IN = 0.005
# A question is about a whole topic from the first probability on; where an entry has the second, only if it is one to the letter.
LIKELY, CERTAIN = 0.6, 0.9
_EXACT = FEATURES.index("exact")


@dataclass(frozen=True)
class Hit:
    """A key that may answer the question, with the probability (0–1) that it does."""

    key: str
    probability: float


@dataclass(frozen=True)
class Finder:
    """An index with the ranker fitted for it. `allowed` (keys,) is which keys may be found; None means all.

    `stands_for` says which keys a key takes the place of where both are likely: a city's own wording of a shared matter.
    """

    index: SearchIndex
    ranker: Ranker
    allowed: NDArray[np.bool_] | None = None
    stands_for: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Kinds:
        """Which rows of the index are entries, and which is `outside`."""
        return Kinds.of(self.index.keys)

    def find(self, text: str, groups: Sequence[str], top: int = 10) -> list[Hit]:
        """Return up to `top` hits, best first, for a question in one of these search groups.

        A topic comes first or not at all: what speaks for it takes nothing from how sure an entry is.
        """
        features = self.index.features(Question(text, tuple(groups)), self.allowed)
        rows, kinds = features.rows, self.kinds
        every = self.allowed if rows is None else None  # else a table of the allowed rows alone
        kinds = kinds if rows is None else kinds.of_rows(rows)
        allowed = kinds.but_topics(every)
        ranked = self.ranker.rank(features, allowed, max(top, CANDIDATES) if self.stands_for else top, kinds)
        hits = self._hits(ranked, rows)
        if pairs := self._standing_in(hits):
            place = {hit.key: row for hit, (row, _) in zip(hits, ranked, strict=True)}
            features, allowed = joined(features, allowed, [(place[own], place[other]) for own, other in pairs])
            hits = self._hits(self.ranker.rank(features, allowed, top, kinds), rows)
        if (topic := self._topic(features, every, kinds, hits)) is not None:
            hits = [topic, *(replace(hit, probability=min(hit.probability, topic.probability)) for hit in hits)]
        return hits[:top]

    def _topic(self, features: Features, allowed: NDArray[np.bool_] | None, kinds: Kinds, hits: Sequence[Hit]) -> Hit | None:
        """Return the topic that a question is about as a whole: likelier than all entries, none of which is certain.

        `allowed` are the rows that compete, topics among them.
        """
        certain = bool(hits) and hits[0].probability >= CERTAIN
        competing = kinds.topics & (features.table[:, _EXACT] > 0) if certain else kinds.topics
        for row, chance in self.ranker.rank(features, allowed, 1) if competing.any() else ():
            if competing[row] and chance >= LIKELY:
                return self._hits([(row, chance)], features.rows)[0]
        return None

    def _hits(self, ranked: Sequence[tuple[int, float]], rows: NDArray[np.int64] | None) -> list[Hit]:
        return [Hit(self.index.keys[row if rows is None else int(rows[row])], chance) for row, chance in ranked]

    def _standing_in(self, hits: Sequence[Hit]) -> list[tuple[str, str]]:
        """Return (key, key that it takes the place of) among the hits."""
        found = {hit.key for hit in hits}
        likely = (hit.key for hit in hits if hit.probability >= STANDS_IN)
        return [(key, other) for key in likely for other in self.stands_for.get(key, ()) if other in found]


def joined(
    features: Features, allowed: NDArray[np.bool_] | None, pairs: Sequence[tuple[int, int]]
) -> tuple[Features, NDArray[np.bool_]]:
    """Return features in which what speaks for the second row of each pair speaks for the first, and without the second.

    They are one matter: left apart, each would make the other less sure.
    """
    table = features.table.copy()
    kept = np.ones(len(table), dtype=np.bool_) if allowed is None else allowed.copy()
    for own, other in pairs:
        table[own] = np.maximum(table[own], table[other])
        kept[other] = False
    return replace(features, table=table), kept
