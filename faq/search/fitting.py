"""Fits the ranker on the city's own content: each phrasing, left out of the index, is a question whose answer is known.

Two ways of asking are mixed, since both kinds of content are met: entries with other phrasings (folds of them are left out),
and entries that have only a question and an answer. Questions whose entry is not there, and texts that no city answers, teach
when to say "none of these".
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from faq.languages import JAPANESE, Languages
from faq.metrics import Ranked
from faq.search.encoder import Encoder
from faq.search.index import Index, Question, build_index
from faq.search.ranker import Example, Ranker, example_of, fit_ranker
from faq.search.units import Unit

PRECISIONS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
Step = Callable[[str], None]


@dataclass(frozen=True)
class Labelled:
    """A question for fitting: its text and language, and the key that answers it (None: nothing does)."""

    text: str
    language: str
    key: str | None


@dataclass(frozen=True)
class FittingPlan:
    """What to fit on. `units` are all searchable texts; `outside` are texts that nothing answers, by language."""

    units: Sequence[Unit]
    outside: Mapping[str, Sequence[str]]
    languages: Languages
    encoder: Encoder | None
    folds: int = 4
    seed: int = 7
    most: int = 6000


def fit(plan: FittingPlan, start: Ranker, step: Step = lambda _: None) -> Ranker:
    """Return the fitted ranker with its measured thresholds."""
    examples: list[Example] = []
    for fold in range(plan.folds):
        step(f"questions left out, part {fold + 1} of {plan.folds}")
        units, questions = left_out(plan, fold)
        examples += examples_for(build_index(units, plan.languages, plan.encoder), questions, plan, start)
    step("questions without phrasings")
    bare, questions = without_phrasings(plan)
    examples += examples_for(build_index(bare, plan.languages, plan.encoder), questions, plan, start)
    step("questions in other languages than the entries")
    japanese, questions = only_japanese(plan)
    examples += examples_for(build_index(japanese, plan.languages, plan.encoder), questions, plan, start)
    step("weights")
    ranker = fit_ranker(examples, start)
    return with_thresholds(ranker, [ranked(ranker, example) for example in examples])


def left_out(plan: FittingPlan, fold: int) -> tuple[list[Unit], list[Labelled]]:
    """Return the units without one part of the asked texts, and that part as questions; every key keeps a text."""
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, no secret
    part = {id(unit): chance.randrange(plan.folds) for unit in plan.units if unit.kind == "asked"}
    firsts = _first_asked(plan.units)
    kept = [unit for unit in plan.units if part.get(id(unit)) != fold or id(unit) in firsts]
    asked = [unit for unit in plan.units if part.get(id(unit)) == fold and id(unit) not in firsts]
    return kept, [Labelled(unit.text, unit.language, unit.key) for unit in asked]


def without_phrasings(plan: FittingPlan) -> tuple[list[Unit], list[Labelled]]:
    """Return only the first question and the answer of each key, and all other asked texts as questions."""
    firsts = _first_asked(plan.units)
    kept = [unit for unit in plan.units if unit.kind == "answer" or id(unit) in firsts]
    asked = [unit for unit in plan.units if unit.kind == "asked" and id(unit) not in firsts]
    return kept, [Labelled(unit.text, unit.language, unit.key) for unit in asked]


def only_japanese(plan: FittingPlan) -> tuple[list[Unit], list[Labelled]]:
    """Return the Japanese units alone, and what is asked in every other language as questions."""
    group = set(plan.languages.in_group(JAPANESE))
    kept = [unit for unit in plan.units if unit.language in group]
    keys = {unit.key for unit in kept}
    asked = [unit for unit in plan.units if unit.kind == "asked" and unit.language not in group and unit.key in keys]
    return kept, [Labelled(unit.text, unit.language, unit.key) for unit in asked]


def _first_asked(units: Iterable[Unit]) -> set[int]:
    firsts: dict[tuple[str, str], int] = {}
    for unit in units:
        if unit.kind == "asked":
            firsts.setdefault((unit.key, unit.language), id(unit))
    return set(firsts.values())


def examples_for(index: Index, questions: Sequence[Labelled], plan: FittingPlan, start: Ranker) -> list[Example]:
    """Return labelled features: a sample of the questions, a fifth of them with their key taken away, and the outside texts."""
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, no secret
    sample = chance.sample(list(questions), min(plan.most // (plan.folds + 1), len(questions)))
    examples = []
    for number, question in enumerate(sample):
        taken_away = number % 5 == 0
        examples.append(_example(index, question, plan.languages, start, taken_away=taken_away))
    for language, texts in plan.outside.items():
        for text in texts:
            outside = Labelled(text, language, None)
            examples.append(_example(index, outside, plan.languages, start, taken_away=False))
    return examples


def _example(index: Index, question: Labelled, languages: Languages, start: Ranker, *, taken_away: bool) -> Example:
    group = languages[question.language].search_group
    features = index.features(Question(question.text, (group,)))
    row = index.rows.get(question.key or "")
    if row is None:
        return example_of(features, (), start)
    if not taken_away:
        return example_of(features, (row,), start)
    allowed = np.ones(len(index.keys), dtype=np.bool_)
    allowed[row] = False
    return example_of(features, (), start, allowed)


def ranked(ranker: Ranker, example: Example) -> Ranked:
    """Return how the ranker judges one labelled question."""
    scores = np.append(example.candidates @ np.asarray(ranker.weights), example.none @ np.asarray(ranker.none_weights))
    powers = np.exp(scores - scores.max())
    shares = powers[:-1] / powers.sum()
    best = int(shares.argmax())
    right = bool(example.right[best])
    return Ranked("", (str(right),), {"True": 1.0} if example.right.any() else {}, float(shares[best]))


def with_thresholds(ranker: Ranker, results: Sequence[Ranked]) -> Ranker:
    """Return the ranker with the lowest probability from which answers reach each precision, measured on these results."""
    ordered = sorted(results, key=lambda result: -result.probability)
    right = np.cumsum([result.correct for result in ordered]) / np.arange(1, len(ordered) + 1)
    thresholds = []
    for precision in PRECISIONS:
        reached = np.nonzero(right >= precision)[0]
        if len(reached):
            thresholds.append((precision, round(ordered[int(reached[-1])].probability, 4)))
    return Ranker(ranker.weights, ranker.none_weights, tuple(thresholds))
