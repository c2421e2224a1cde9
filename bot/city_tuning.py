"""Lets a city learn from its labelled questions: measure honestly, pass the gate, keep, and serve what was learned."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.messages import BotError
from faq.city_models import CityModel, CityModels
from faq.comparison import Interval, interval, is_not_worse
from faq.errors import ContentError, Problem
from faq.evaluation_files import LabelledQuestion
from faq.held_out import HeldOut
from faq.languages import Languages
from faq.metrics import Ranked, decision_figures, question_figures, ranking_figures
from faq.release import ENTRY, Release, Shelf, Utterances, all_units, entry_key
from faq.search.adaptation import Adaptation
from faq.search.encoder import Encoder
from faq.search.finder import Finder
from faq.search.index_file import open_index
from faq.search.projection import NarrowEncoder
from faq.search.ranker import Ranker
from faq.search.tuning import Corpus, adapted, cross_validated, find_in, judged, learned_units, recalibrated
from faq.search.units import Unit

FEWEST_LABELS, FOLDS, SEED = 20, 5, 7
Step = Callable[[str, int, int], None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tuned:
    """What a training run found: the ranker, what changed in the model, figures before and after, and the gate's refusals."""

    ranker: Ranker
    adaptation: Adaptation | None
    figures: Mapping[str, Any]
    refusals: Sequence[str]


def city_units(shelf: Shelf, utterances: Utterances, city: str) -> list[Unit]:
    """Return every text that this city's residents can find."""
    keys = {entry_key(entry) for entry in shelf.knowledge.cities[city].entries.values()}
    return [unit for unit in all_units(shelf.knowledge, utterances) if unit.key in keys or not unit.key.startswith(ENTRY)]


def whole_encoder(shelf: Shelf) -> Encoder | None:
    """Return the encoder of an index as the settings name it, before it was narrowed to that index."""
    encoder = shelf.entries.encoder
    return encoder.encoder if isinstance(encoder, NarrowEncoder) else encoder


def labels_of(release: Release, questions: Sequence[LabelledQuestion], path: Path) -> list[LabelledQuestion]:
    """Return the labels with index keys for ids of entries. Raises ContentError for ids that the city does not have."""
    keys = {entry.id: entry_key(entry) for entry in release.knowledge.entries.values()}
    wrong = [
        Problem(path, number, f"there is no entry {id_!r} in {release.id}; name an id of its entries, or leave `relevant` empty")
        for number, question in enumerate(questions, start=1)
        for id_ in question.relevant
        if _id(id_) not in keys
    ]
    if wrong:
        raise ContentError(wrong)
    return [replace(q, relevant={keys[_id(id_)]: grade for id_, grade in q.relevant.items()}) for q in questions]


def _id(key: str) -> str:
    return key.removeprefix(ENTRY).split("@")[0]


def tune(corpus: Corpus, labels: Sequence[LabelledQuestion], protected: HeldOut, wanted: float, step: Step) -> Tuned:
    """Learn from the labels and hold the result against them (other parts only) and the protected questions.

    It is tried with the embedding model learning as well, and with the labels as texts alone: what passes the gate and finds the
    labels of other parts better is kept.
    `wanted` is the city's precision. Raises BotError where there are too few labels to measure anything.
    """
    if len(labels) < FEWEST_LABELS:
        hint = f"Label at least {FEWEST_LABELS} questions, one JSON object a line: {{query, language, relevant: {{id: grade}}}}"
        raise BotError("too_few_labels", f"There are {len(labels)} labelled questions.", hint)
    before = _Before.of(corpus, labels, [*protected.entries, *protected.outside])
    adaptation = corpus.adaptation(labels)
    ways = (adaptation, None) if adaptation else (None,)
    tried = [_tried(before, labels, wanted, way, step) for way in ways]
    return min(tried, key=lambda tuned: (bool(tuned.refusals), -tuned.figures["labels"]["ndcg@10"]["mean"]))


@dataclass(frozen=True)
class _Before:
    """What is found with nothing learned: for the labels, and for the protected questions."""

    corpus: Corpus
    protected: Sequence[LabelledQuestion]
    of_labels: Sequence[Ranked]
    of_protected: Sequence[Ranked]

    @classmethod
    def of(cls, corpus: Corpus, labels: Sequence[LabelledQuestion], protected: Sequence[LabelledQuestion]) -> "_Before":
        finder = corpus.finder()
        found = (judged(asked, [find_in(finder, corpus.languages, q) for q in asked]) for asked in (labels, protected))
        return cls(corpus, protected, *found)


def _tried(
    before: _Before, labels: Sequence[LabelledQuestion], wanted: float, adaptation: Adaptation | None, step: Step
) -> Tuned:
    """Learn with or without the embedding model; return what came of it."""
    corpus, how = before.corpus, "labels of other parts" if adaptation else "the same, without the embedding model"
    hits = cross_validated(
        corpus, labels, FOLDS, SEED, lambda done, all_: step(how, done, all_), adapting=adaptation is not None
    )  # fmt: skip
    after = judged(labels, hits)
    ranker = recalibrated(corpus.ranker, after)
    finder = replace(corpus, ranker=ranker).finder(labels, adaptation)
    step("protected questions", 0, 1)
    guarded = judged(before.protected, [find_in(finder, corpus.languages, question) for question in before.protected])
    step("protected questions", 1, 1)
    thresholds = (corpus.ranker.threshold(wanted), ranker.threshold(wanted))
    gain, protection = _gains(before.of_labels, after), _losses(before.of_protected, guarded, thresholds)
    figures = {
        "labels": {"before": ranking_figures(before.of_labels), "after": ranking_figures(after), "ndcg@10": gain.as_json()},
        "protected": {
            "before": {**ranking_figures(before.of_protected), **decision_figures(before.of_protected, thresholds[0])},
            "after": {**ranking_figures(guarded), **decision_figures(guarded, thresholds[1])},
            **{name: difference.as_json() for name, difference in protection.items()},
        },
    }  # fmt: skip
    return Tuned(ranker, adaptation, figures, list(_refusals(gain, protection)))


def _gains(before: Sequence[Ranked], after: Sequence[Ranked]) -> Interval:
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if old.relevant]
    return interval([question_figures(new)["ndcg@10"] - question_figures(old)["ndcg@10"] for old, new in pairs])


def _losses(before: Sequence[Ranked], after: Sequence[Ranked], thresholds: tuple[float, float]) -> dict[str, Interval]:
    """Return the paired differences on the protected questions: ranking of those in scope, declines of those out of it."""
    outside = [(old, new) for old, new in zip(before, after, strict=True) if not old.relevant]
    declines = [float(old.probability >= thresholds[0]) - float(new.probability >= thresholds[1]) for old, new in outside]
    return {"ndcg@10": _gains(before, after), "declined": interval(declines)}


def _refusals(gain: Interval, protection: Mapping[str, Interval]) -> Sequence[str]:
    refusals = [] if gain.mean > 0 else [f"the labels of other parts did not help: nDCG@10 {gain.mean:+.4f}"]
    names = {"ndcg@10": "protected questions are found worse: nDCG@10", "declined": "fewer questions out of scope are declined:"}
    return [*refusals, *(f"{names[n]} {d.mean:+.4f}" for n, d in protection.items() if not is_not_worse(d))]


def release_digest(digest: str, model: CityModel | None) -> str:
    """Return the digest of a city's state of content together with what was learned for it."""
    return hashlib.sha256(f"{digest}{model.digest}".encode()).hexdigest() if model else digest


def current_model(languages: Languages, folder: Path, city: str) -> CityModel | None:
    """Return what was learned for a city; a broken model is left out with a warning, and the shipped one serves."""
    try:
        return CityModels(folder, city).load(languages)
    except ContentError as error:
        _log.warning("what was learned for %s cannot be used: %s", city, error)
        return None


def tuned_release(release: Release, shelf: Shelf, utterances: Utterances, model: CityModel | None, folder: Path) -> Release:
    """Return the release with an index of its own that holds the labelled questions, and with the ranker fitted with them."""
    if model is None:
        return release
    units = [*city_units(shelf, utterances, release.id), *learned_units(model.labels)]
    index = open_index(folder, f"tuned-{release.id}", units, release.languages, _encoder_of(shelf, model, release.id))
    return replace(release, finder=Finder(index, model.ranker, stands_for=release.finder.stands_for))


def _encoder_of(shelf: Shelf, model: CityModel, city: str) -> Encoder | None:
    """Return the embedding model with what the city taught it; without that where it was taught to another model."""
    whole, taught = whole_encoder(shelf), model.manifest.get("encoder")
    if model.adaptation is None or (whole and whole.name == taught):
        return adapted(whole, model.adaptation)
    hint = f"train again: madoguchi train city {city}"
    _log.warning(
        "%s: the embedding model is not %s, which its labels were learned with; they serve as texts alone; %s", city, taught, hint
    )
    return whole
