"""What a city's own labelled questions teach: they are found like phrasings, words move in meaning, probabilities are checked.

A label is worth most as a text: the next resident asks in words nearer to those of a resident than to those of an entry. What
its words mean here is learned by the shipped model. The weights stay those of the shipped ranker, which were fitted on far more
questions than one city has (docs/search.md §8).
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from faq.evaluation_files import LabelledQuestion
from faq.languages import JAPANESE, Languages
from faq.metrics import Ranked
from faq.search.adaptation import Adaptation, AdaptedEncoder, Lesson, adapt
from faq.search.decision import INTENT, OUTSIDE
from faq.search.encoder import Encoder, StaticEncoder
from faq.search.finder import Finder, Hit
from faq.search.fitting import with_thresholds
from faq.search.index import build_index
from faq.search.ranker import Ranker, calibration_of
from faq.search.units import Unit

# Only labels that are a sample of what residents ask say how sure to be: enough of them, and some that nothing answers. Measured
# on answerable questions alone, everything would look safe to answer.
ENOUGH_INSIDE, ENOUGH_OUTSIDE = 80, 20
# Fewer entries than these say nothing of how words differ in meaning.
FEWEST_KEYS = 8
# So many characters of an answer say what it is about.
_READ = 200
# The curve that was shipped counts as so many questions beside the city's own.
_SHIPPED_COUNTS = 5.0
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Corpus:
    """Everything that is searched for one city, or one file of entries, and how."""

    units: Sequence[Unit]
    languages: Languages
    encoder: Encoder | None
    ranker: Ranker

    def finder(self, labels: Sequence[LabelledQuestion] = (), adaptation: Adaptation | None = None) -> Finder:
        """Return a finder over these texts and the labelled questions, with what these changed in the model."""
        encoder = adapted(self.encoder, adaptation)
        return Finder(build_index([*self.units, *learned_units(labels)], self.languages, encoder), self.ranker)

    def adaptation(self, labels: Sequence[LabelledQuestion]) -> Adaptation | None:
        """Return what the labels change in the model; None where it is no static one, or where they name too few entries."""
        found = lessons(self.units, labels) if isinstance(self.encoder, StaticEncoder) else []
        if not isinstance(self.encoder, StaticEncoder) or len({lesson.key for lesson in found}) < FEWEST_KEYS:
            return None
        return adapt(self.encoder, found)


def adapted(encoder: Encoder | None, adaptation: Adaptation | None) -> Encoder | None:
    """Return a model with what was learned for a city; as it is where nothing was, or where it is of another kind."""
    return AdaptedEncoder(encoder, adaptation) if adaptation and isinstance(encoder, StaticEncoder) else encoder


def lessons(units: Sequence[Unit], labels: Sequence[LabelledQuestion]) -> list[Lesson]:
    """Return each label beside what its entries ask, in its own language or in Japanese, and beside the answers that are best."""
    texts: dict[tuple[str, str, str], str] = {}
    for unit in units:
        texts.setdefault((unit.key, unit.kind, unit.language), unit.text)
    found = []
    for label in labels:
        best = max(label.relevant.values(), default=0.0)
        for key, grade in label.relevant.items():
            for kind in ("asked", "answer")[: 1 if grade < best else 2]:
                told = texts.get((key, kind, label.language)) or texts.get((key, kind, JAPANESE))
                found += [Lesson(label.text, told[:_READ], key)] if told and grade >= 1 else []
    return found


def learned_units(labels: Sequence[LabelledQuestion]) -> list[Unit]:
    """Return each labelled question as a text of the entries that answer it, or as one that nothing answers."""
    return [
        Unit(key, label.language, "asked", label.text)
        for label in labels
        for key in ([key for key, grade in label.relevant.items() if grade >= 1] or [OUTSIDE])
    ]


def find_in(finder: Finder, languages: Languages, question: LabelledQuestion) -> list[Hit]:
    """Return up to ten entries for a question whose language is known, best first."""
    hits = finder.find(question.text, [languages[question.language].search_group], top=15)
    return [hit for hit in hits if not hit.key.startswith(INTENT)][:10]


def cross_validated(
    corpus: Corpus, labels: Sequence[LabelledQuestion], folds: int = 5, seed: int = 7, step: Step = lambda _done, _all: None,
    *, adapting: bool = True,
) -> list[list[Hit]]:  # fmt: skip
    """Return the hits of each label, found with the labels of the other parts only; `step` is told (done, all).

    With `adapting` the model learns from those, too.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    parts = [number % folds for number in range(len(labels))]
    chance.shuffle(parts)
    hits: list[list[Hit]] = [[] for _ in labels]
    for fold in range(folds):
        others = [label for label, part in zip(labels, parts, strict=True) if part != fold]
        finder = corpus.finder(others, corpus.adaptation(others) if adapting else None)
        for number, label in enumerate(labels):
            if parts[number] == fold:
                hits[number] = find_in(finder, corpus.languages, label)
        step(fold + 1, folds)
    return hits


def judged(labels: Sequence[LabelledQuestion], hits: Sequence[Sequence[Hit]]) -> list[Ranked]:
    """Return each label with what was found and what is right."""
    return [
        Ranked(label.language, tuple(hit.key for hit in found), label.relevant, found[0].probability if found else 0.0)
        for label, found in zip(labels, hits, strict=True)
    ]


def recalibrated(ranker: Ranker, results: Sequence[Ranked]) -> Ranker:
    """Return the ranker with its probabilities and thresholds held against honest results, where these can say how sure to be."""
    outside = sum(not result.relevant for result in results)
    if outside < ENOUGH_OUTSIDE or len(results) - outside < ENOUGH_INSIDE:
        return ranker
    chances = [result.probability for result in results]
    slope, shift = calibration_of(chances, [result.correct for result in results], _SHIPPED_COUNTS)
    line = (slope * ranker.calibration[0], slope * ranker.calibration[1] + shift)
    decision = tuple(slope * weight for weight in ranker.decision)
    found = replace(ranker, calibration=line, decision=(*decision[:-1], decision[-1] + shift) if decision else ())
    moved = [replace(result, probability=_moved(result.probability, slope, shift)) for result in results]
    return with_thresholds(found, moved)


def _moved(chance: float, slope: float, shift: float) -> float:
    clipped = min(max(chance, 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(-(slope * math.log(clipped / (1 - clipped)) + shift)))
