"""Every accuracy figure comes from here: rankings of labelled questions over any corpus, with the search that residents use."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faq.comparison import ranking_intervals
from faq.evaluation_files import LabelledQuestion
from faq.garbage.finder import ItemFinder
from faq.languages import Languages
from faq.metrics import Ranked, decision_figures, question_figures, ranking_figures
from faq.search.finder import Finder, Hit
from faq.search.tuning import find_in

Find = Callable[[LabelledQuestion], Sequence[Hit]]


@dataclass(frozen=True)
class Run:
    """The rankings of all questions, and how long they took in seconds."""

    questions: Sequence[LabelledQuestion]
    hits: Sequence[Sequence[Hit]]
    seconds: float

    def ranked(self) -> list[Ranked]:
        """Return each question with what was found and what is right."""
        return [
            Ranked(q.language, tuple(hit.key for hit in hits), q.relevant, hits[0].probability if hits else 0.0)
            for q, hits in zip(self.questions, self.hits, strict=True)
        ]


def run_questions(questions: Sequence[LabelledQuestion], find: Find, step: Callable[[], None] = lambda: None) -> Run:
    """Ask every question; `step` is called after each, for a progress display."""
    started, hits = time.perf_counter(), []
    for question in questions:
        hits.append(find(question))
        step()
    return Run(questions, hits, time.perf_counter() - started)


def find_entries(finder: Finder, languages: Languages) -> Find:
    """Return the search of residents, for questions whose language is known."""

    def find(question: LabelledQuestion) -> Sequence[Hit]:
        return find_in(finder, languages, question)

    return find


def find_items(items: ItemFinder, languages: Languages) -> Find:
    """Return the item search of residents, for questions whose language is known."""

    def find(question: LabelledQuestion) -> Sequence[Hit]:
        return items.find(question.text, question.language, [languages[question.language].search_group], top=10).hits

    return find


def report(run: Run, threshold: float) -> dict[str, Any]:
    """Return the figures of the contract: overall, per language, and of the decision at a threshold."""
    ranked = run.ranked()
    languages = sorted({result.language for result in ranked})
    return {
        "overall": ranking_figures(ranked),
        "languages": {code: ranking_figures([r for r in ranked if r.language == code]) for code in languages},
        "intervals": ranking_intervals(ranked),
        **decision_figures(ranked, threshold),
        "queries_per_second": round(len(run.questions) / run.seconds, 1) if run.seconds else 0.0,
    }


def question_rows(run: Run, threshold: float) -> list[dict[str, Any]]:
    """Return one row a question for a paired comparison: its own figures where it is in scope, else whether it was declined."""
    return [
        {"text": question.text, "language": question.language, "probability": result.probability, **_own(result, threshold)}
        for question, result in zip(run.questions, run.ranked(), strict=True)
    ]


def _own(result: Ranked, threshold: float) -> dict[str, float]:
    return question_figures(result) if result.relevant else {"declined": float(result.probability < threshold)}


def garbage_report(run: Run, categories: Mapping[str, str]) -> dict[str, Any]:
    """Return success of the item and of its category, overall and per language."""
    ranked = run.ranked()
    languages = sorted({result.language for result in ranked})
    return {
        "overall": _garbage_figures(ranked, categories),
        "languages": {code: _garbage_figures([r for r in ranked if r.language == code], categories) for code in languages},
        "queries_per_second": round(len(run.questions) / run.seconds, 1) if run.seconds else 0.0,
    }


def _garbage_figures(ranked: Sequence[Ranked], categories: Mapping[str, str]) -> dict[str, float]:
    inside = [result for result in ranked if result.relevant]
    figures: dict[str, float] = {}
    for k in (1, 3, 5):
        figures[f"success@{k}"] = _share(any(id_ in r.relevant for id_ in r.found[:k]) for r in inside)
    for k in (1, 3):
        figures[f"category_success@{k}"] = _share(_category_found(r, categories, k) for r in inside)
    return {**figures, "queries": len(inside)}


def _category_found(result: Ranked, categories: Mapping[str, str], k: int) -> bool:
    wanted = {categories.get(id_) for id_ in result.relevant}
    return any(categories.get(id_) in wanted for id_ in result.found[:k])


def _share(found: Iterable[bool]) -> float:
    outcomes = list(found)
    return round(sum(outcomes) / len(outcomes), 4) if outcomes else 0.0


def save_run(run: Run, path: Path) -> None:
    """Write the ranking as lines of question id, key, rank and score, for outside scorers."""
    lines = [
        f"{question.id}\t{hit.key}\t{rank}\t{hit.probability:.6f}\n"
        for question, hits in zip(run.questions, run.hits, strict=True)
        for rank, hit in enumerate(hits, start=1)
    ]
    path.write_text("".join(lines), encoding="utf-8")
