"""The figures of accuracy, against hand-made cases."""

import math

from faq.metrics import Ranked, auroc, calibration_error, decision_figures, ranking_figures


def test_a_perfect_ranking_scores_one() -> None:
    """All figures are 1 where the best grades come first."""
    figures = ranking_figures([Ranked("ja", ("a", "b", "c"), {"a": 2, "b": 1}, 0.9)])
    assert {figures[name] for name in ("ndcg@10", "recall@10", "mrr@10", "success@1")} == {1.0}


def test_a_late_hit_is_discounted_as_trec_does() -> None:
    """One relevant entry at rank two: gain 1/log2(3)."""
    figures = ranking_figures([Ranked("ja", ("x", "a"), {"a": 1}, 0.5)])
    assert figures["ndcg@10"] == round(1 / math.log2(3), 4)
    assert (figures["mrr@10"], figures["success@1"], figures["success@3"]) == (0.5, 0.0, 1.0)


def test_questions_out_of_scope_do_not_count_as_misses_of_the_ranking() -> None:
    """They count in the decision figures only."""
    results = [Ranked("ja", ("a",), {}, 0.1), Ranked("ja", ("a",), {"a": 1}, 0.8)]
    assert ranking_figures(results)["queries"] == 1
    assert decision_figures(results, 0.5) == {
        "auroc": 1.0, "ece": 0.15, "coverage": 1.0, "precision": 1.0, "false_answers": 0.0, "threshold": 0.5,
        "coverage_at_95": 1.0,
    }  # fmt: skip


def test_auroc_counts_ties_as_half() -> None:
    """Equal scores tell nothing apart."""
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.9, 0.4], [0.5]) == 0.5


def test_a_sure_wrong_answer_costs_calibration() -> None:
    """Certainty 1.0 and wrong is an error of one."""
    assert calibration_error([Ranked("ja", ("x",), {"a": 1}, 1.0)]) == 1.0
