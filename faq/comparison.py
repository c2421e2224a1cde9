"""Says whether one configuration is better than another: bootstrap intervals, alone and over paired questions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from faq.metrics import RANKING, Ranked, question_figures

DRAWS, SEED = 2000, 11


@dataclass(frozen=True)
class Interval:
    """A mean with the bounds that hold it in 95 of 100 draws of the questions."""

    mean: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Return the three numbers, rounded to four places."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def interval(values: Sequence[float], draws: int = DRAWS, seed: int = SEED) -> Interval:
    """Return the mean of one value per question with its bootstrap bounds (percentiles); all 0 without questions."""
    if not values:
        return Interval(0.0, 0.0, 0.0)
    numbers = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(seed).integers(0, len(numbers), (draws, len(numbers)))
    low, high = np.percentile(numbers[chosen].mean(axis=1), [2.5, 97.5])
    return Interval(float(numbers.mean()), float(low), float(high))


def ranking_intervals(results: Sequence[Ranked]) -> dict[str, dict[str, float]]:
    """Return each RANKING figure of the questions in scope with its bounds."""
    figures = [question_figures(result) for result in results if result.relevant]
    return {name: interval([figure[name] for figure in figures]).as_json() for name in RANKING}


def compare(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the differences (after − before) over the questions that both were asked, as `report` lists them, by figure.

    Raises ValueError where they have no question in common.
    """
    first, second = ({(row["language"], row["text"]): row for row in rows} for rows in (before, after))
    common = [question for question in first if question in second]
    if not common:
        raise ValueError("the two evaluations have no question in common")
    differences: dict[str, Any] = {"questions": len(common)}
    for name in (*RANKING, "declined"):
        pairs = [(first[question].get(name), second[question].get(name)) for question in common]
        values = [new - old for old, new in pairs if old is not None and new is not None]
        if values:
            differences[name] = interval(values).as_json()
    return differences


def is_not_worse(difference: Interval, most: float = 0.005) -> bool:
    """Say whether a paired difference is no loss: less than `most` in the mean, and not surely below nothing."""
    return difference.mean >= -most and difference.high >= 0
