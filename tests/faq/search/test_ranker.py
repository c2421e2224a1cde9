"""The ranker's probability: evidence decides how sure the first entry is, and never turns the order around."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faq.errors import ContentError
from faq.metrics import Ranked
from faq.search.decision import DECISION_FEATURES, OUTSIDE, Kinds, fit_decision
from faq.search.fitting import with_thresholds
from faq.search.index import FEATURES, Features
from faq.search.ranker import Ranker, calibration_of, load_rankers, save_rankers

PLAIN = Ranker((4.0,) * len(FEATURES), (1.0, 0.0, 0.0))
KINDS = Kinds.of(["entry:a", "entry:b", OUTSIDE])


def features(*likeness: float) -> Features:
    """Features of three keys that are each as like the question everywhere as given."""
    return Features(np.tile(np.array(likeness, dtype=np.float32)[:, None], (1, len(FEATURES))), 1.0, 3)


def decided(**weights: float) -> Ranker:
    """Return a ranker whose decision looks at these features alone."""
    return replace(PLAIN, decision=tuple(weights.get(name, 0.0) for name in DECISION_FEATURES))


def test_evidence_says_how_sure_the_first_entry_is() -> None:
    """What is like the question is sure, what is unlike it is not, at the same share."""
    ranker = decided(any=8.0, constant=-4.0)
    sure, unsure = (ranker.rank(features(level, 0.0, 0.0), kinds=KINDS)[0][1] for level in (0.9, 0.2))
    assert sure > 0.9
    assert unsure < 0.2


def test_outside_near_by_makes_an_answer_less_sure() -> None:
    """The same entry is less sure when a question that nothing answers is nearly as like."""
    ranker = decided(outside=-1.0)
    alone, beside = (ranker.rank(features(0.9, 0.0, near), kinds=KINDS)[0][1] for near in (0.0, 0.85))
    assert beside < alone


def test_no_candidate_is_surer_than_one_before_it() -> None:
    """An intent that leads keeps the entries below it, however sure the evidence."""
    ranked = decided(constant=9.0).rank(features(0.5, 0.4, 0.55), kinds=KINDS)
    chances = [chance for _, chance in ranked]
    assert [row for row, _ in ranked] == [2, 0, 1]
    assert chances == sorted(chances, reverse=True)


def test_without_a_decision_the_share_decides() -> None:
    """Rankers that were fitted without one rank and judge as they did."""
    assert PLAIN.rank(features(0.9, 0.1, 0.0), kinds=KINDS) == PLAIN.rank(features(0.9, 0.1, 0.0))


def test_a_lead_over_the_other_entries_makes_an_answer_surer() -> None:
    """The same entry is less sure when another entry is nearly as like; an intent near by is no other entry."""
    ranker = decided(**{"any-lead": 8.0, "constant": -2.0})
    others = ((0.0, 0.0), (0.85, 0.0), (0.0, 0.85))
    led, near, intent = (ranker.rank(features(0.9, *other), kinds=KINDS)[0][1] for other in others)
    assert near < 0.5 < led
    assert intent == pytest.approx(led)


def test_a_curve_is_found_where_nearly_all_is_certain_and_right() -> None:
    """A thousand sure and right answers and a few wrong ones: the surer the likelier, no slope that runs away."""
    shares = [0.9999] * 1000 + [0.1, 0.2, 0.3, 0.4, 0.5]
    slope, _ = calibration_of(shares, [True] * 997 + [False] * 8)
    assert 0 < slope < 10


def test_a_decision_is_learned_from_what_was_right() -> None:
    """The feature that goes with being right gets a weight, noise hardly any."""
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(800, 3))
    rows[:, -1] = 1.0
    weights = fit_decision(rows, rows[:, 0] + 0.3 * chance.normal(size=800) > 0.5, np.ones(800))
    assert weights[0] > 2
    assert abs(weights[1]) < 0.5


def test_thresholds_count_questions_as_they_are_weighed() -> None:
    """A wrong answer that stands for many raises the threshold above it."""
    results = [Ranked("", ("k",), {"k": 1}, 0.9), Ranked("", ("x",), {"k": 1}, 0.6), Ranked("", ("k",), {"k": 1}, 0.5)]
    assert with_thresholds(PLAIN, results, [1.0, 0.1, 1.0]).threshold(0.9) == 0.5
    assert with_thresholds(PLAIN, results, [1.0, 5.0, 1.0]).threshold(0.9) == 0.9


def test_a_ranker_survives_its_file(tmp_path: Path) -> None:
    """Weights, thresholds and the decision come back as they were written."""
    ranker = replace(decided(any=2.0), thresholds=((0.9, 0.7),), calibration=(0.8, 0.1))
    save_rankers(tmp_path / "ranker.json", {"meaning": ranker})
    assert load_rankers(tmp_path / "ranker.json") == {"meaning": ranker}


def test_a_broken_ranker_says_how_to_fit_it_anew(tmp_path: Path) -> None:
    """The error names the file and the command."""
    (tmp_path / "ranker.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ContentError, match=r"ranker\.json:1 .*madoguchi train ranker"):
        load_rankers(tmp_path / "ranker.json")
