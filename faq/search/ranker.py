"""Turns features into the probability that a key answers the question, with "none of them" as a candidate of its own.

A conditional logit: each candidate scores a weighted sum of its features, "none" scores by how well the question is known
at all, and the probabilities of all of them add up to one. So a close second lowers the first, and the same number orders
the answers, decides whether to answer, and is what the resident's city sets its wanted precision against.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.errors import ContentError, Problem
from faq.search.decision import Evidence, Kinds, chances_of, sigmoid
from faq.search.index import FEATURES, Features
from faq.search.postings import Floats

CANDIDATES = 30
NONE_FEATURES = ("constant", "known", "length")
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Ranker:
    """Weights of a fitted ranker: one per feature, and one per feature of "none of them".

    `calibration` (slope, shift) turns the share of the first candidate into the probability that it is right (Platt 1999).
    `thresholds` are (precision, probability) pairs measured when it was fitted: answers at or above the probability were
    right in that share of cases. `decision` are weights of `decision.DECISION_FEATURES`; without them shares alone decide.
    """

    weights: tuple[float, ...]
    none_weights: tuple[float, ...]
    calibration: tuple[float, float] = (1.0, 0.0)
    thresholds: tuple[tuple[float, float], ...] = ()
    decision: tuple[float, ...] = ()

    def threshold(self, precision: float) -> float:
        """Return the probability (0–1) from which answers reach the precision wanted; 0.5 where nothing was measured."""
        reaching = [probability for measured, probability in self.thresholds if measured >= precision]
        return min(reaching, default=0.95 if self.thresholds else 0.5)

    def rank(
        self, features: Features, allowed: NDArray[np.bool_] | None = None, top: int = 10, kinds: Kinds | None = None
    ) -> list[tuple[int, float]]:
        """Return up to `top` (row, probability), best first; rows not allowed do not compete.

        `kinds` says which rows are entries: the first of them is judged by all the evidence, not by its share alone.
        """
        scores = features.table @ np.asarray(self.weights, dtype=np.float32)
        if allowed is not None:
            scores = np.where(allowed, scores, -np.inf)
        rows = _best(scores, max(CANDIDATES, top))
        none = none_features(features)
        shares = _softmax(np.append(scores[rows].astype(np.float64), float(none @ np.asarray(self.none_weights))))
        chances = self.calibrated(shares[:-1])
        if kinds is not None and self.decision and (entries := kinds.answers[rows]).any():
            outside = np.flatnonzero(rows == kinds.outside)
            place = int(outside[0]) if len(outside) else -1
            evidence = Evidence(shares, features.table[rows], entries, place, float(none[1]), float(none[2]))
            chances = chances_of(self.decision, evidence, chances)
        return [(int(row), float(chance)) for row, chance in zip(rows[:top], chances, strict=False)]


    def calibrated(self, shares: Doubles) -> Doubles:
        """Return probabilities of being right for shares of candidates, in the same order of size."""
        slope, shift = self.calibration
        clipped = np.clip(shares, 1e-9, 1 - 1e-9)
        return sigmoid(slope * np.log(clipped / (1 - clipped)) + shift)


def calibration_of(shares: Sequence[float], right: Sequence[bool], penalty: float = 1e-3) -> tuple[float, float]:
    """Return (slope, shift) of the logistic curve from shares of first candidates to being right (Newton).

    `penalty` holds it to the curve that changes nothing, (1, 0).
    """
    clipped = np.clip(np.array(shares), 1e-6, 1 - 1e-6)
    inputs = np.stack([np.log(clipped / (1 - clipped)), np.ones(len(clipped))], axis=1)
    wanted, line = np.array(right, dtype=np.float64), np.array([1.0, 0.0])

    def loss(line: Doubles) -> float:
        odds = inputs @ line
        return float((np.logaddexp(0.0, odds) - wanted * odds).sum() + penalty / 2 * ((line - [1.0, 0.0]) ** 2).sum())

    for _ in range(25):
        found = sigmoid(inputs @ line)
        curvature = (inputs * (found * (1 - found))[:, None]).T @ inputs + penalty * np.eye(2)
        step = np.linalg.solve(curvature, inputs.T @ (wanted - found) - penalty * (line - [1.0, 0.0]))
        # A whole step overshoots where nearly all is certain and right.
        while (worse := loss(line + step) > loss(line)) and np.abs(step).max() > 1e-9:
            step = step / 2
        line = line if worse else line + step
    return float(line[0]), float(line[1])


def _best(scores: Floats, count: int) -> NDArray[np.int64]:
    if len(scores) > count:
        rows = np.argpartition(-scores, count)[:count]
        rows = rows[np.argsort(-scores[rows], kind="stable")]
    else:
        rows = np.argsort(-scores, kind="stable")
    return rows[np.isfinite(scores[rows])]


def none_features(features: Features) -> Doubles:
    """Return what speaks for "none of them": shape (3,)."""
    return np.array([1.0, features.known, np.log1p(features.length)])


def _softmax(scores: Doubles) -> Doubles:
    powers = np.exp(scores - scores.max())
    shares: Doubles = powers / powers.sum()
    return shares


@dataclass(frozen=True)
class Example:
    """A labelled question for fitting: features of its candidates (n, features), which of them are right, and `none`'s.

    `answers` says which candidates would be given as an answer, which an intent is not; `outside` is the candidate of that
    intent, -1 where it is not among them.
    """

    candidates: Floats
    right: NDArray[np.bool_]
    none: Doubles
    answers: NDArray[np.bool_]
    outside: int

    def evidence(self, shares: Doubles) -> Evidence:
        """Return what speaks for the likeliest answer, given the shares of the candidates with that of "none" last."""
        return Evidence(shares, self.candidates, self.answers, self.outside, float(self.none[1]), float(self.none[2]))


def example_of(
    features: Features, right: Iterable[int], start: Ranker, kinds: Kinds, allowed: NDArray[np.bool_] | None = None
) -> Example:
    """Keep the best candidates by a starting ranker, and the right ones, of one labelled question."""
    rows = [row for row, _ in start.rank(features, allowed, top=CANDIDATES)]
    wanted = set(right)
    rows += [row for row in wanted if row not in rows]
    is_right = np.array([row in wanted for row in rows], dtype=np.bool_)
    outside = rows.index(kinds.outside) if kinds.outside in rows else -1
    return Example(features.table[rows], is_right, none_features(features), kinds.answers[rows], outside)


def fit_ranker(
    examples: Sequence[Example],
    start: Ranker,
    tied: Sequence[str] = (),
    absent: Collection[str] = (),
    steps: int = 1500,
    penalty: float = 1e-4,
) -> Ranker:
    """Return the ranker under which the labels are likeliest: Adam on the mean log-likelihood with an L2 penalty.

    Weights of features never turn negative: what is more alike is never less likely. Features in `tied` keep the ratio that
    they have in `start`; only their common scale is learned. Features in `absent` weigh nothing.
    """
    padded, split = _Padded.of(examples), len(FEATURES)
    spread = _spread(start, tied, absent)
    free = np.ones(spread.shape[1])
    first, second = np.zeros_like(free), np.zeros_like(free)
    # A question left out is never there to the letter, so the weight of an exact match cannot be learned: it stays.
    learned = ~spread[FEATURES.index("exact")].astype(np.bool_)
    positive = np.flatnonzero(spread[:split].any(axis=0))
    for step in range(1, steps + 1):
        gradient = np.where(learned, spread.T @ (padded.gradient(spread @ free) - penalty * (spread @ free)), 0.0)
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        free += 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
        free[positive] = np.maximum(free[positive], 0.0)
    weights = spread @ free
    return Ranker(tuple(map(float, weights[:split])), tuple(map(float, weights[split:])))


def _spread(start: Ranker, tied: Sequence[str], absent: Collection[str]) -> Doubles:
    """Return the matrix from free parameters, all 1 at the start, to weights: one column each, and one for all that are tied."""
    weights = np.array([*start.weights, *start.none_weights], dtype=np.float64)
    weights[weights == 0.0] = 1.0
    names = (*FEATURES, *NONE_FEATURES)
    weights[[name in absent for name in names]] = 0.0
    free = [name for name in names if name not in tied and name not in absent]
    columns = [np.where([name == other for other in names], weights, 0.0) for name in free]
    if tied:
        columns.append(np.where([name in tied for name in names], weights, 0.0))
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class _Padded:
    """All examples in one array (questions, candidates + none, features + none features), so that a step is one product."""

    table: Doubles
    right: NDArray[np.bool_]
    real: NDArray[np.bool_]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "_Padded":
        width = max(len(example.right) for example in examples) + 1
        table = np.zeros((len(examples), width, len(FEATURES) + len(NONE_FEATURES)))
        right = np.zeros((len(examples), width), dtype=np.bool_)
        real = np.zeros_like(right)
        for number, example in enumerate(examples):
            size = len(example.right)
            table[number, :size, : len(FEATURES)] = example.candidates
            table[number, width - 1, len(FEATURES) :] = example.none
            right[number, :size] = example.right
            right[number, width - 1] = not example.right.any()
            real[number, :size] = real[number, width - 1] = True
        return cls(table, right, real)

    def gradient(self, weights: Doubles) -> Doubles:
        """Return the gradient of the mean log-likelihood that a right candidate (or, without one, none) is chosen."""
        scores = np.where(self.real, self.table @ weights, -np.inf)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        wanted = np.where(self.right, chances, 0.0)
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
        gradient: Doubles = np.einsum("qc,qcf->f", wanted - chances, self.table) / len(self.table)
        return gradient


def ranker_for(rankers: Mapping[str, Ranker], *, meaning: bool, bare: bool) -> Ranker:
    """Return the ranker fitted for an index: with or without meaning, with or without phrasings."""
    return rankers[f"{'bare-' if bare else ''}{'meaning' if meaning else 'words'}"]


def save_rankers(path: Path, rankers: dict[str, Ranker]) -> None:
    """Write fitted rankers by name, with the names of their features, as JSON."""
    content = {
        "features": FEATURES, "none_features": NONE_FEATURES,
        "rankers": {name: asdict(ranker) for name, ranker in rankers.items()},
    }  # fmt: skip
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load_rankers(path: Path) -> dict[str, Ranker]:
    """Read fitted rankers. Raises ContentError where the file is broken or was fitted for other features."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if tuple(content["features"]) != FEATURES or tuple(content["none_features"]) != NONE_FEATURES:
            raise ValueError(f"its features are {content['features']}, this version has {list(FEATURES)}")
        return {
            name: Ranker(
                tuple(found["weights"]),
                tuple(found["none_weights"]),
                (found["calibration"][0], found["calibration"][1]),
                tuple((precision, threshold) for precision, threshold in found["thresholds"]),
                tuple(found.get("decision", ())),
            )
            for name, found in content["rankers"].items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"the ranker cannot be used: {error}; fit it anew with `madoguchi train ranker`"
        raise ContentError([Problem(path, 1, message)]) from error
