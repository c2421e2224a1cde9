"""How sure the first entry is: what speaks for it beside its share turns into the probability that it is right.

The share says how an entry stands against the others. Whether it is the answer at all depends on more: how much of the question
it explains, whether `outside` is near, and how much of the question is known to anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.index import FEATURES
from faq.search.postings import Floats

Doubles = NDArray[np.float64]
OUTSIDE, INTENT, TOPIC = "intent:outside", "intent:", "intent:topic-"
# Features of the first entry that count by themselves, by how far it leads the best other entry, and by how far `outside`.
_COMPARED = ("own", "any", "whole", "words", "grams", "crowd")
# Shares of the first entry, of "none of them", of `outside` and of the second entry as log-odds; what is known of the question;
# its length as a logarithm.
DECISION_FEATURES = (
    "share", "none", "outside", "second", *_COMPARED, *(f"{name}-lead" for name in _COMPARED),
    *(f"{name}-outside" for name in _COMPARED), "answer", "known", "length", "constant",
)  # fmt: skip
_COLUMNS = [FEATURES.index(name) for name in _COMPARED]
_ANSWER = FEATURES.index("answer")
_LEAST = 1e-6


@dataclass(frozen=True)
class Kinds:
    """What the rows of an index are: `answers` (keys,) says which are no intents, `outside` is the row of that intent or -1.

    `topics` (keys,) says which are intents of a question that only a whole topic answers.
    """

    answers: NDArray[np.bool_]
    outside: int
    topics: NDArray[np.bool_]

    @classmethod
    def of(cls, keys: Sequence[str]) -> "Kinds":
        """Return the kinds of these keys."""
        answers = np.array([not key.startswith(INTENT) for key in keys], dtype=np.bool_)
        topics = np.array([key.startswith(TOPIC) for key in keys], dtype=np.bool_)
        return cls(answers, keys.index(OUTSIDE) if OUTSIDE in keys else -1, topics)

    def but_topics(self, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Return the rows allowed (all when None) without topics."""
        if not self.topics.any():
            return allowed
        return ~self.topics if allowed is None else allowed & ~self.topics

    def of_rows(self, rows: NDArray[np.int64]) -> "Kinds":
        """Return the kinds of a table that holds only these rows, in this order."""
        place = np.flatnonzero(rows == self.outside)
        return Kinds(self.answers[rows], int(place[0]) if len(place) else -1, self.topics[rows])


@dataclass(frozen=True)
class Evidence:
    """What is known when the first entry is judged.

    `shares` (candidates + 1,) end with that of "none"; `table` (candidates, features) is in the order of the index; `answers`
    (candidates,) says which are entries, at least one; `outside` is the place of that intent or -1; `length` is a logarithm.
    """

    shares: Doubles
    table: Floats
    answers: NDArray[np.bool_]
    outside: int
    known: float
    length: float

    @property
    def first(self) -> int:
        """The place of the likeliest entry."""
        return int(np.where(self.answers, self.shares[:-1], -1.0).argmax())

    def row(self) -> Doubles:
        """Return the values of DECISION_FEATURES, shape (26,)."""
        first, others = self.first, self.answers.copy()
        others[first] = False
        rest = self.table[:, _COLUMNS]
        lead = rest[first] - (rest[others].max(axis=0) if others.any() else 0.0)
        beyond = rest[first] - (rest[self.outside] if self.outside >= 0 else 0.0)
        second = self.shares[:-1][others].max() if others.any() else 0.0
        outside = self.shares[self.outside] if self.outside >= 0 else 0.0
        odds = _log_odds(np.array([self.shares[first], self.shares[-1], outside, second]))
        own = (float(self.table[first, _ANSWER]), self.known, self.length, 1.0)
        return np.array([*odds, *rest[first], *lead, *beyond, *own], dtype=np.float64)


def chances_of(weights: Sequence[float], evidence: Evidence, plain: Doubles) -> Doubles:
    """Return the probability of each candidate, best first: the first entry's from the evidence, other entries' in proportion.

    `plain` (candidates,) are probabilities from shares alone, which intents keep; no candidate is surer than one before it.
    """
    sure = float(sigmoid(evidence.row() @ np.asarray(weights)))
    ratio = evidence.shares[:-1] / max(float(evidence.shares[evidence.first]), 1e-12)
    found: Doubles = np.minimum.accumulate(np.where(evidence.answers, sure * ratio, plain))
    return found


def fit_decision(rows: Doubles, right: NDArray[np.bool_], counts: Doubles, penalty: float = 1.0) -> tuple[float, ...]:
    """Return the weights of DECISION_FEATURES that make `right` likeliest: Newton on standardised rows with an L2 penalty.

    `counts` (questions,) is how much each question weighs.
    """
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    middle[-1], spread[-1] = 0.0, 1.0
    inputs, wanted = (rows - middle) / spread, right.astype(np.float64)
    ridge, weights = penalty * np.eye(rows.shape[1]), np.zeros(rows.shape[1])
    ridge[-1, -1] = _LEAST
    for _ in range(30):
        found = sigmoid(inputs @ weights)
        curvature = (inputs * (counts * found * (1 - found))[:, None]).T @ inputs + ridge
        weights += np.linalg.solve(curvature, inputs.T @ (counts * (wanted - found)) - ridge @ weights)
    plain = weights / spread
    plain[-1] -= float(middle @ plain)
    return tuple(map(float, plain))


def sigmoid(values: Doubles | float) -> Doubles:
    """Return 1 / (1 + e^-values)."""
    found: Doubles = 1 / (1 + np.exp(-np.asarray(values, dtype=np.float64)))
    return found


def _log_odds(shares: Doubles) -> Doubles:
    clipped = np.clip(shares, _LEAST, 1 - _LEAST)
    found: Doubles = np.log(clipped / (1 - clipped))
    return found
