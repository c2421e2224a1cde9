"""How sure the first entry is: what speaks for it beside its share turns into the probability that it is right.

The share says how an entry stands against the others. Whether it is the answer at all depends on more: how much of the question
it explains, whether `outside` is near, and how much of the question is known to anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.search.postings import Floats

Doubles = NDArray[np.float64]
OUTSIDE, INTENT = "intent:outside", "intent:"
# Shares of the first entry, of "none of them" and of `outside` as log-odds; features of the first entry; what is known of the
# question; its length as a logarithm.
DECISION_FEATURES = ("share", "none", "outside", "any", "whole", "words", "grams", "known", "length", "constant")
_LEAST = 1e-6


@dataclass(frozen=True)
class Kinds:
    """What the rows of an index are: `answers` (keys,) says which are no intents, `outside` is the row of that intent or -1."""

    answers: NDArray[np.bool_]
    outside: int

    @classmethod
    def of(cls, keys: Sequence[str]) -> "Kinds":
        """Return the kinds of these keys."""
        answers = np.array([not key.startswith(INTENT) for key in keys], dtype=np.bool_)
        return cls(answers, keys.index(OUTSIDE) if OUTSIDE in keys else -1)

    def of_rows(self, rows: NDArray[np.int64]) -> "Kinds":
        """Return the kinds of a table that holds only these rows, in this order."""
        place = np.flatnonzero(rows == self.outside)
        return Kinds(self.answers[rows], int(place[0]) if len(place) else -1)


@dataclass(frozen=True)
class Evidence:
    """What is known when the first entry is judged: all shares, with that of "none" last, and the question's own figures.

    `features` (6,) are whole, words, grams, exact, own, any, … of the first entry in the order of the index; `length` is a
    logarithm.
    """

    shares: Doubles
    first: int
    outside: float
    features: Floats
    known: float
    length: float

    def row(self) -> Doubles:
        """Return the values of DECISION_FEATURES, shape (10,)."""
        whole, words, grams, _, _, any_ = (float(value) for value in self.features[:6])
        odds = _log_odds(np.array([self.shares[self.first], self.shares[-1], self.outside]))
        return np.array([*odds, any_, whole, words, grams, self.known, self.length, 1.0])


def chances_of(weights: Sequence[float], evidence: Evidence, plain: Doubles, entries: NDArray[np.bool_]) -> Doubles:
    """Return the probability of each candidate, best first: the first entry's from the evidence, other entries' in proportion.

    `plain` (candidates,) are probabilities from shares alone, which intents keep; no candidate is surer than one before it.
    """
    sure = float(sigmoid(evidence.row() @ np.asarray(weights)))
    ratio = evidence.shares[:-1] / max(float(evidence.shares[evidence.first]), 1e-12)
    found: Doubles = np.minimum.accumulate(np.where(entries, sure * ratio, plain))
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
