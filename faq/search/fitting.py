"""Fits the ranker on the city's own content: each phrasing, left out of the index, is a question whose answer is known.

Two ways of asking are mixed, since both kinds of content are met: entries with other phrasings (folds of them are left out),
and entries that have only a question and an answer. Questions whose entry is not there, and texts that no city answers, teach
when to say "none of these".
"""

import random
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faq.languages import EASY_JAPANESE, JAPANESE, Languages
from faq.metrics import Ranked
from faq.search.encoder import Encoder
from faq.search.index import Index, Question, build_index
from faq.search.ranker import Example, Ranker, calibration_of, example_of, fit_ranker
from faq.search.units import Unit

# How much words and meaning count against each other in a plain FAQ cannot be learned from our phrasings, which avoid the
# words of the entries on purpose: real residents repeat them. The ratio is that of a real city's questions (docs/search.md).
# Nor can how much characters count beside words, since our phrasings hold few typos: readings of both stay in balance.
LETTERS_RATIO = ("whole", "words", "grams")
BARE_RATIO = ("whole", "words", "grams", "own", "any", "answer")
NAMES_RATIO = ("whole", "words", "grams", "own", "any", "cross", "answer")
# One question in so many has its key taken away, to teach what a missing entry looks like.
_TAKEN_AWAY = 12
PRECISIONS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
Step = Callable[[str], None]


@dataclass(frozen=True)
class Labelled:
    """A question for fitting: its text and language, and the key that answers it."""

    text: str
    language: str
    key: str


@dataclass(frozen=True)
class FittingPlan:
    """What to fit on: all searchable texts, those of intents among them (`outside` is what nothing answers).

    `unseen` says of a key whether the embedding model has not learned its texts: only such keys make honest questions, since
    for the others the meaning is known by heart.
    """

    units: Sequence[Unit]
    languages: Languages
    encoder: Encoder | None
    folds: int = 4
    seed: int = 7
    most: int = 6000
    unseen: Callable[[str], bool] = lambda _key: True


def fit_names(plan: FittingPlan, start: Ranker, step: Step = lambda _: None) -> Ranker:
    """Return the ranker for names of things: only its scale is learned, since the model knows all their names by heart."""
    return fit(plan, start, step, NAMES_RATIO)


def fit(plan: FittingPlan, start: Ranker, step: Step = lambda _: None, tied: Sequence[str] = LETTERS_RATIO) -> Ranker:
    """Return the ranker for content with several phrasings: each part of them is left out once and asked."""
    examples: list[Example] = []
    for fold in range(plan.folds):
        step(f"questions left out, part {fold + 1} of {plan.folds}")
        units, questions = left_out(plan, fold)
        examples += examples_for(build_index(units, plan.languages, plan.encoder), questions, plan, start)
    return _fitted(examples, start, step, tied)


def fit_bare(plan: FittingPlan, start: Ranker, step: Step = lambda _: None) -> Ranker:
    """Return the ranker for content with one question and one answer per entry, perhaps in another language than is asked."""
    step("Japanese questions and answers alone, asked in every language")
    units, questions = bare_japanese(plan)
    examples = examples_for(build_index(units, plan.languages, plan.encoder), questions, plan, start, plan.most // 2)
    return _fitted(examples, start, step, BARE_RATIO)


def _fitted(examples: Sequence[Example], start: Ranker, step: Step, tied: Sequence[str] = ()) -> Ranker:
    step(f"weights, from {len(examples)} questions")
    ranker = replace(fit_ranker(examples, start, tied), calibration=(1.0, 0.0))
    answered = [(result, share) for result, share in (ranked(ranker, example) for example in examples) if result.relevant]
    ranker = replace(ranker, calibration=calibration_of([share for _, share in answered], [r.correct for r, _ in answered]))
    return with_thresholds(ranker, [ranked(ranker, example)[0] for example in examples])


def left_out(plan: FittingPlan, fold: int) -> tuple[list[Unit], list[Labelled]]:
    """Return the units without one part of the asked texts, and that part as questions; every key keeps a text."""
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, no secret
    part = {id(unit): chance.randrange(plan.folds) for unit in plan.units if unit.kind == "asked"}
    firsts = _first_asked(plan.units)
    kept = [
        unit for unit in plan.units if (part.get(id(unit)) != fold or id(unit) in firsts) and not _untranslated(unit, fold)
    ]
    asked = [unit for unit in plan.units if part.get(id(unit)) == fold and id(unit) not in firsts]
    return kept, [Labelled(unit.text, unit.language, unit.key) for unit in asked]


def _untranslated(unit: Unit, fold: int) -> bool:
    """Say whether to act as if a third of the keys had no text in a language: cities translate what they can, as they can."""
    is_translation = unit.language not in (JAPANESE, EASY_JAPANESE, "en")
    return is_translation and zlib.crc32(f"{unit.key}:{unit.language}:{fold}".encode()) % 3 == 0


def bare_japanese(plan: FittingPlan) -> tuple[list[Unit], list[Labelled]]:
    """Return the first Japanese question and the answer of each key, and all other asked texts of any language as questions."""
    firsts = _first_asked(plan.units)
    kept = [unit for unit in plan.units if unit.language == JAPANESE and (unit.kind == "answer" or id(unit) in firsts)]
    keys, indexed = {unit.key for unit in kept}, {id(unit) for unit in kept}
    asked = [unit for unit in plan.units if unit.kind == "asked" and unit.key in keys and id(unit) not in indexed]
    return kept, [Labelled(unit.text, unit.language, unit.key) for unit in asked]


def _first_asked(units: Iterable[Unit]) -> set[int]:
    firsts: dict[tuple[str, str], int] = {}
    for unit in units:
        if unit.kind == "asked":
            firsts.setdefault((unit.key, unit.language), id(unit))
    return set(firsts.values())


def examples_for(
    index: Index, questions: Sequence[Labelled], plan: FittingPlan, start: Ranker, most: int = 0
) -> list[Example]:
    """Return labelled features of a sample of the questions, some with their key taken away."""
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, no secret
    unseen = [question for question in questions if plan.unseen(question.key)]
    sample = chance.sample(unseen, min(most or plan.most // plan.folds, len(unseen)))
    answers = np.array([not key.startswith("intent:") for key in index.keys], dtype=np.bool_)
    return [
        _example(index, question, plan.languages, start, answers, taken_away=number % _TAKEN_AWAY == 0)
        for number, question in enumerate(sample)
    ]


def _example(
    index: Index, question: Labelled, languages: Languages, start: Ranker, answers: NDArray[np.bool_], *, taken_away: bool
) -> Example:
    features = index.features(Question(question.text, (languages[question.language].search_group,)))
    row = index.rows[question.key]
    if not taken_away:
        return example_of(features, (row,), start, answers)
    allowed = np.ones(len(index.keys), dtype=np.bool_)
    allowed[row] = False
    return example_of(features, (), start, answers, allowed)


def ranked(ranker: Ranker, example: Example) -> tuple[Ranked, float]:
    """Return how the ranker judges one labelled question, and the share of its first candidate.

    An intent counts as no answer, with certainty 0.
    """
    scores = np.append(example.candidates @ np.asarray(ranker.weights), example.none @ np.asarray(ranker.none_weights))
    powers = np.exp(scores - scores.max())
    shares = powers[:-1] / powers.sum()
    best = int(shares.argmax())
    certainty = float(ranker.calibrated(shares)[best]) if example.answers[best] else 0.0
    result = Ranked("", (str(bool(example.right[best])),), {"True": 1.0} if example.right.any() else {}, certainty)
    return result, float(shares[best])


def with_thresholds(ranker: Ranker, results: Sequence[Ranked]) -> Ranker:
    """Return the ranker with the lowest probability from which answers reach each precision, measured on these results.

    Questions whose key was taken away are left out: a neighbour that answers them is no mistake.
    """
    ordered = sorted((result for result in results if result.relevant), key=lambda result: -result.probability)
    right = np.cumsum([result.correct for result in ordered]) / np.arange(1, len(ordered) + 1)
    thresholds = []
    for precision in PRECISIONS:
        reached = np.nonzero(right >= precision)[0]
        if len(reached):
            thresholds.append((precision, round(ordered[int(reached[-1])].probability, 4)))
    return replace(ranker, thresholds=tuple(thresholds))
