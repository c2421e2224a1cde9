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
from faq.search.decision import INTENT, OUTSIDE, Kinds, chances_of, fit_decision
from faq.search.encoder import Encoder
from faq.search.index import Index, Question, build_index
from faq.search.ranker import Doubles, Example, Ranker, calibration_of, example_of, fit_ranker
from faq.search.units import Unit

# How much words and meaning count against each other cannot be learned from our phrasings, which avoid the words of the entries
# on purpose: real residents repeat them. In a plain FAQ the ratio is that of a real city's questions, elsewhere that of the pairs
# in nlu_data/variants and of the held-out questions that may be looked at (docs/search.md).
LETTERS_RATIO = ("whole", "words", "grams", "any", "crowd")
BARE_RATIO = ("whole", "words", "grams", "own", "any", "answer")
NAMES_RATIO = ("whole", "words", "grams", "own", "any", "cross", "answer")
# One question or one name has no others beside it.
_OF_MANY = ("crowd",)
# One question in so many has its key taken away, to teach what a missing entry looks like.
_TAKEN_AWAY = 12
# So many of all questions are taken to be ones that nothing answers, whatever their share among the texts fitted on. A counter
# hears fewer; a wrong answer costs more than a decline with the telephone number.
OUTSIDE_SHARE = 0.4
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

    `unseen` says of a question whether the embedding model has not learned it: only such ones are honest, since the others are
    known by heart. `typed` gives some questions again as residents type them: kana alone, keywords, romaji, a slip.
    """

    units: Sequence[Unit]
    languages: Languages
    encoder: Encoder | None
    folds: int = 4
    seed: int = 7
    most: int = 6000
    unseen: Callable[[Labelled], bool] = lambda _question: True
    typed: Callable[[Sequence[Labelled]], list[Labelled]] = lambda _questions: []


def fit_names(plan: FittingPlan, start: Ranker, step: Step = lambda _: None) -> Ranker:
    """Return the ranker for names of things: only its scale is learned, since the model knows all their names by heart."""
    return fit(plan, start, step, NAMES_RATIO)


def fit(plan: FittingPlan, start: Ranker, step: Step = lambda _: None, tied: Sequence[str] = LETTERS_RATIO) -> Ranker:
    """Return the ranker for content with several phrasings: each part of them is left out once and asked."""
    examples: list[Example] = []
    for fold in range(plan.folds):
        step(f"questions left out, part {fold + 1} of {plan.folds}")
        units, questions = left_out(plan, fold)
        index = build_index(units, plan.languages, plan.encoder)
        examples += examples_for(index, questions, plan, start)
        typed = plan.typed([question for question in questions if plan.unseen(question)])
        examples += examples_for(index, typed, replace(plan, unseen=lambda _question: True), start)
    return _fitted(examples, start, step, tied, _OF_MANY if tied == NAMES_RATIO else ())


def fit_bare(plan: FittingPlan, start: Ranker, step: Step = lambda _: None) -> Ranker:
    """Return the ranker for content with one question and one answer per entry, perhaps in another language than is asked."""
    step("Japanese questions and answers alone, asked in every language")
    units, questions = bare_japanese(plan)
    examples = examples_for(build_index(units, plan.languages, plan.encoder), questions, plan, start, plan.most // 2)
    return _fitted(examples, start, step, BARE_RATIO, _OF_MANY)


def _fitted(
    examples: Sequence[Example], start: Ranker, step: Step, tied: Sequence[str] = (), absent: Sequence[str] = ()
) -> Ranker:
    step(f"weights, from {len(examples)} questions")
    ranker = replace(fit_ranker(examples, start, tied, absent), calibration=(1.0, 0.0))
    answered = [(result, share) for result, share in (ranked(ranker, example) for example in examples) if result.relevant]
    ranker = replace(ranker, calibration=calibration_of([share for _, share in answered], [r.correct for r, _ in answered]))
    ranker = ranker if absent else with_decision(ranker, examples)
    judged = [(ranked(ranker, example)[0], _weight_kind(example)) for example in examples]
    return with_thresholds(ranker, [result for result, kind in judged if kind], _weights([kind for _, kind in judged if kind]))


def with_decision(ranker: Ranker, examples: Sequence[Example]) -> Ranker:
    """Return the ranker with the decision fitted: whether the likeliest answer is right, of questions in and out of scope."""
    used = [example for example in examples if _weight_kind(example)]
    if not any(_weight_kind(example) == "outside" for example in used):
        return replace(ranker, decision=())
    found = [example.evidence(shares_of(ranker, example)) for example in used]
    right = np.array([bool((e.right & e.answers)[f.first]) for e, f in zip(used, found, strict=True)])
    counts = np.array(_weights([_weight_kind(example) for example in used]))
    return replace(ranker, decision=fit_decision(np.array([evidence.row() for evidence in found]), right, counts))


def _weight_kind(example: Example) -> str:
    """Return `inside` or `outside`; nothing for questions to an intent or with their key taken away, which teach no decision."""
    if (example.right & example.answers).any():
        return "inside"
    return "outside" if example.outside >= 0 and example.right[example.outside] else ""


def _weights(kinds: Sequence[str]) -> list[float]:
    """Return how much each question counts, so that those that nothing answers are OUTSIDE_SHARE of all."""
    outside = kinds.count("outside")
    if not outside or outside == len(kinds):
        return [1.0] * len(kinds)
    heavy = OUTSIDE_SHARE / (1 - OUTSIDE_SHARE) * (len(kinds) - outside) / outside
    return [heavy if kind == "outside" else 1.0 for kind in kinds]


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
    unseen = [question for question in questions if plan.unseen(question)]
    sample = chance.sample(unseen, min(most or plan.most // plan.folds, len(unseen)))
    asked_first = [question for question in unseen if question.key == OUTSIDE and question not in sample]
    kinds = Kinds.of(index.keys)
    return [
        _example(index, question, plan.languages, start, kinds, taken_away=_is_taken_away(question, number))
        for number, question in enumerate([*sample, *asked_first])
    ]


def _is_taken_away(question: Labelled, number: int) -> bool:
    return number % _TAKEN_AWAY == 0 and not question.key.startswith(INTENT)


def _example(
    index: Index, question: Labelled, languages: Languages, start: Ranker, kinds: Kinds, *, taken_away: bool
) -> Example:
    features = index.features(Question(question.text, (languages[question.language].search_group,)))
    row = index.rows[question.key]
    allowed = _in_one_city(index.keys, question.key)
    if not taken_away:
        return example_of(features, (row,), start, kinds, allowed)
    allowed[row] = False
    return example_of(features, (), start, kinds, allowed)


def _in_one_city(keys: Sequence[str], key: str) -> NDArray[np.bool_]:
    """Return which keys compete with this one: no city answers from another one's own entries."""
    city = key.rpartition("@")[2] if "@" in key else ""
    return np.array([other.rpartition("@")[2] == city if "@" in other else True for other in keys], dtype=np.bool_)


def ranked(ranker: Ranker, example: Example) -> tuple[Ranked, float]:
    """Return how the ranker judges one labelled question, and the share of its first candidate.

    An intent counts as no answer, with certainty 0.
    """
    shares = shares_of(ranker, example)
    best = int(shares[:-1].argmax())
    certainty = _certainty(ranker, example, shares) if example.answers[best] else 0.0
    result = Ranked("", (str(bool(example.right[best])),), {"True": 1.0} if example.right.any() else {}, certainty)
    return result, float(shares[best])


def _certainty(ranker: Ranker, example: Example, shares: Doubles) -> float:
    evidence = example.evidence(shares)
    plain = ranker.calibrated(shares[:-1])
    return float((chances_of(ranker.decision, evidence, plain) if ranker.decision else plain)[evidence.first])


def shares_of(ranker: Ranker, example: Example) -> Doubles:
    """Return the shares of the candidates, with that of "none" last."""
    scores = np.append(example.candidates @ np.asarray(ranker.weights), example.none @ np.asarray(ranker.none_weights))
    powers = np.exp(scores - scores.max())
    shares: Doubles = powers / powers.sum()
    return shares


def with_thresholds(ranker: Ranker, results: Sequence[Ranked], weights: Sequence[float] = ()) -> Ranker:
    """Return the ranker with the lowest probability from which answers reach each precision, measured on these results.

    Questions whose key was taken away must be left out: a neighbour that answers them is no mistake. `weights` (questions,) is
    how much each result counts.
    """
    pairs = sorted(zip(results, weights or [1.0] * len(results), strict=True), key=lambda pair: -pair[0].probability)
    ordered, counts = [result for result, _ in pairs], np.array([weight for _, weight in pairs])
    right = np.cumsum(counts * [result.correct and result.probability > 0 for result in ordered]) / np.cumsum(counts)
    thresholds = []
    for precision in PRECISIONS:
        reached = np.nonzero(right >= precision)[0]
        if len(reached):
            thresholds.append((precision, round(ordered[int(reached[-1])].probability, 4)))
    return replace(ranker, thresholds=tuple(thresholds))
