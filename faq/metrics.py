"""The figures of accuracy, from rankings and labels (names as in sentence-transformers and BEIR). Pure arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RANKING = ("ndcg@10", "recall@10", "mrr@10", "success@1", "success@3", "success@5")


@dataclass(frozen=True)
class Ranked:
    """One answered question: what was found, best first; what is right, graded; and how sure the first is (0–1)."""

    language: str
    found: tuple[str, ...]
    relevant: Mapping[str, float]
    probability: float

    @property
    def correct(self) -> bool:
        """Say whether the first hit is right."""
        return bool(self.found) and self.relevant.get(self.found[0], 0) >= 1


def ranking_figures(results: Sequence[Ranked]) -> dict[str, float]:
    """Return the mean of each RANKING figure over the questions that have an answer, and their number as `queries`."""
    inside = [result for result in results if result.relevant]
    sums = dict.fromkeys(RANKING, 0.0)
    for result in inside:
        for name, value in question_figures(result).items():
            sums[name] += value
    means = {name: round(total / len(inside), 4) if inside else 0.0 for name, total in sums.items()}
    return {**means, "queries": len(inside)}


def question_figures(result: Ranked) -> dict[str, float]:
    """Return each RANKING figure of one question that has an answer."""
    grades = [result.relevant.get(id_, 0.0) for id_ in result.found[:10]]
    hits = [grade >= 1 for grade in grades]
    right = sum(grade >= 1 for grade in result.relevant.values())
    first = hits.index(True) + 1 if any(hits) else 0
    ideal = _gain(sorted(result.relevant.values(), reverse=True)[:10])
    return {
        "ndcg@10": _gain(grades) / ideal if ideal else 0.0,
        "recall@10": sum(hits) / right if right else 0.0,
        "mrr@10": 1 / first if first else 0.0,
        **{f"success@{k}": float(0 < first <= k) for k in (1, 3, 5)},
    }


def _gain(grades: Sequence[float]) -> float:
    """Return the discounted gain with linear grades, as trec_eval and the published figures have it."""
    return sum(grade / math.log2(rank + 2) for rank, grade in enumerate(grades))


def decision_figures(results: Sequence[Ranked], threshold: float) -> dict[str, float]:
    """Return AUROC of in against out of scope, calibration error, and coverage and precision of answers at the threshold."""
    inside = [result.probability for result in results if result.relevant]
    outside = [result.probability for result in results if not result.relevant]
    given = [result for result in results if result.probability >= threshold]
    return {
        "auroc": round(auroc(inside, outside), 4),
        "ece": round(calibration_error(results), 4),
        "coverage": round(sum(bool(result.relevant) for result in given) / len(inside), 4) if inside else 0.0,
        "precision": round(sum(result.correct for result in given) / len(given), 4) if given else 0.0,
        "false_answers": round(sum(not r.relevant for r in given) / len(outside), 4) if outside else 0.0,
        "threshold": round(threshold, 4),
        "coverage_at_95": round(coverage_at(results, 0.95), 4),
    }


def reliability(results: Sequence[Ranked], bins: int = 10) -> list[tuple[float, float, int]]:
    """Return (mean probability, share right, questions) of each bin of probability that holds questions."""
    groups: list[list[Ranked]] = [[] for _ in range(bins)]
    for result in results:
        groups[min(bins - 1, int(result.probability * bins))].append(result)
    return [
        (sum(r.probability for r in group) / len(group), sum(r.correct for r in group) / len(group), len(group))
        for group in groups
        if group
    ]


def coverage_curve(results: Sequence[Ranked]) -> list[tuple[float, float]]:
    """Return (coverage, precision) of given answers for every threshold, the surest answers first.

    Coverage is of the questions in scope; precision counts answers to questions out of scope as wrong.
    """
    ordered, inside = sorted(results, key=lambda result: -result.probability), sum(bool(r.relevant) for r in results)
    points, covered, right = [], 0, 0
    for given, result in enumerate(ordered, start=1):
        covered, right = covered + bool(result.relevant), right + result.correct
        points.append((covered / inside if inside else 0.0, right / given))
    return points


def coverage_at(results: Sequence[Ranked], precision: float) -> float:
    """Return the largest coverage at which given answers still reach a precision."""
    return max((covered for covered, right in coverage_curve(results) if right >= precision), default=0.0)


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Return the chance that a question in scope is surer than one out of scope (0.5 where one side is empty)."""
    if not inside or not outside:
        return 0.5
    ranked = sorted([(value, 1) for value in inside] + [(value, 0) for value in outside])
    total, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        total += (start + end + 1) / 2 * sum(label for _, label in ranked[start:end])
        start = end
    count = len(inside)
    return (total - count * (count + 1) / 2) / (count * len(outside))


def calibration_error(results: Sequence[Ranked], bins: int = 10) -> float:
    """Return the expected calibration error of the first hit's probability, over bins of equal width (Guo 2017)."""
    if not results:
        return 0.0
    groups: list[list[Ranked]] = [[] for _ in range(bins)]
    for result in results:
        groups[min(bins - 1, int(result.probability * bins))].append(result)
    return sum(abs(sum(r.probability - r.correct for r in group)) for group in groups) / len(results)
