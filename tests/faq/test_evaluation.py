"""Comparisons and figures of the evaluation, against hand-made cases."""

from xml.etree import ElementTree as ET

import pytest

from faq.comparison import Interval, compare, interval, is_not_worse
from faq.figures import coverage_svg, reliability_svg
from faq.metrics import Ranked, coverage_at, coverage_curve, reliability

RIGHT, WRONG = Ranked("ja", ("a",), {"a": 1}, 0.9), Ranked("ja", ("b",), {"a": 1}, 0.6)
OUTSIDE = Ranked("ja", ("a",), {}, 0.2)


def test_an_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    """Bounds lie on both sides of the mean; a hundred times the questions makes them narrower."""
    few, many = interval([0.0, 1.0] * 10), interval([0.0, 1.0] * 1000)
    assert few.low < few.mean == many.mean == 0.5 < few.high
    assert many.high - many.low < few.high - few.low


def test_a_comparison_is_over_the_questions_that_both_were_asked() -> None:
    """The difference is after minus before; questions of one side alone do not count."""
    before = [{"language": "ja", "text": "住民票", "ndcg@10": 0.2}, {"language": "ja", "text": "ごみ", "ndcg@10": 0.9}]
    found = compare(before, [{"language": "ja", "text": "住民票", "ndcg@10": 0.7}])
    assert (found["questions"], found["ndcg@10"]["mean"]) == (1, 0.5)


def test_evaluations_of_other_questions_cannot_be_compared() -> None:
    """A comparison of nothing is an error, not a difference of zero."""
    with pytest.raises(ValueError, match="no question in common"):
        compare([{"language": "ja", "text": "住民票"}], [{"language": "en", "text": "trash"}])


@pytest.mark.parametrize(
    ("difference", "passes"),
    [(Interval(0.0, 0.0, 0.0), True), (Interval(-0.001, -0.01, 0.01), True), (Interval(-0.02, -0.05, 0.01), False),
     (Interval(-0.003, -0.004, -0.001), False)],
)  # fmt: skip
def test_the_gate_refuses_what_is_worse(difference: Interval, passes: bool) -> None:
    """A large loss is refused, and a small one that is sure."""
    assert is_not_worse(difference) is passes


def test_the_curve_begins_with_the_surest_answer() -> None:
    """Coverage counts questions in scope; an answer to one out of scope costs precision."""
    assert coverage_curve([OUTSIDE, WRONG, RIGHT]) == [(0.5, 1.0), (1.0, 0.5), (1.0, 1 / 3)]
    assert coverage_at([OUTSIDE, WRONG, RIGHT], 0.95) == 0.5


def test_reliability_leaves_out_empty_bins() -> None:
    """Each bin with questions has its mean probability, the share right and their number."""
    assert reliability([RIGHT, WRONG, WRONG]) == [(0.6, 0.0, 2), (0.9, 1.0, 1)]


def test_figures_are_drawings_that_browsers_read() -> None:
    """They are well-formed XML with their title escaped and one mark a group."""
    drawing = ET.fromstring(reliability_svg("a < b", reliability([RIGHT, WRONG])))  # noqa: S314 - our own drawing
    assert len(drawing.findall("{http://www.w3.org/2000/svg}circle")) == 2
    assert drawing.findtext("{http://www.w3.org/2000/svg}title") == "a < b"
    ET.fromstring(coverage_svg("precision", coverage_curve([RIGHT]), 0.9))  # noqa: S314 - our own drawing
