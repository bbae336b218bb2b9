"""Curves, matrices and bins of both champions, against scikit-learn, SciPy and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from ketwise.evidence.report.classes import brier, confused_most, confusion, confusion_picture, reliability
from ketwise.evidence.report.portraits import leading_columns, learning_lines, learning_picture, portrait_facts
from ketwise.evidence.report.ranking import GRID, _thinned, ranking
from ketwise.evidence.report.regression import regression_facts
from ketwise.evidence.wording import percent, significant
from tests.evidence.report.example_verdict import example


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_the_area_under_the_drawn_curves_is_the_area_that_is_stated(rng):
    truth = rng.integers(0, 2, 4000)
    values = rng.normal(1.1 * truth, 1.0)[:, None]
    found = ranking(truth, values, np.zeros(4000, dtype=int))
    assert found.roc_area == roc_auc_score(truth, values)
    assert found.average_precision == average_precision_score(truth, values)
    assert np.trapezoid(found.roc, GRID) == pytest.approx(found.roc_area, abs=2e-3)
    assert found.precision[1:].mean() == pytest.approx(found.average_precision, abs=5e-3)


def test_scores_of_different_folds_are_never_compared(rng):
    truth, fold = rng.integers(0, 2, 600), np.arange(600) % 3
    values = rng.normal(truth, 1.0)
    moved = values + 100.0 * fold
    one, other = (ranking(truth, v[:, None], fold) for v in (values, moved))
    np.testing.assert_array_equal(one.roc, other.roc)
    expected = np.mean([roc_auc_score(truth[fold == k], values[fold == k]) for k in range(3)])
    assert one.roc_area == pytest.approx(expected, abs=1e-12)


def test_many_classes_are_averaged_one_against_the_rest(rng):
    truth = rng.integers(0, 4, 500)
    values = rng.dirichlet(np.ones(4), 500) + np.eye(4)[truth]
    values /= values.sum(axis=1, keepdims=True)
    found = ranking(truth, values, np.zeros(500, dtype=int))
    assert found.roc_parts.shape == (4, len(GRID))
    assert found.roc_area == pytest.approx(roc_auc_score(truth, values, multi_class="ovr"), abs=1e-12)
    assert found.average_precision == pytest.approx(average_precision_score(truth, values), abs=1e-12)


def test_folds_of_one_class_and_one_row_are_passed_over(rng):
    truth = np.array([0, 1] * 10)
    values = rng.normal(truth, 1.0)[:, None]
    alone = ranking(truth, values, np.arange(20))
    assert alone.roc_area == roc_auc_score(truth, values)
    assert ranking(np.zeros(20, dtype=int), values, np.zeros(20, dtype=int)) is None


def test_thinning_moves_a_line_by_less_than_a_unit(rng):
    x = np.linspace(0, 300, 400)
    y = np.round(np.cumsum(rng.random(400)), 1)
    kept = np.array(_thinned(list(zip(x, y, strict=True))))
    assert len(kept) < 400
    assert np.abs(np.interp(x, kept[:, 0], kept[:, 1]) - y).max() < 1.0


def test_confusion(rng):
    truth, labels = rng.integers(0, 5, 300), rng.integers(0, 5, 300)
    counts = confusion(truth, labels, 5)
    np.testing.assert_array_equal(counts, confusion_matrix(truth, labels))
    ((was, taken, count), *_) = confused_most(counts, "abcde")
    wrong = counts - np.diag(np.diag(counts))
    assert count == wrong.max() == counts["abcde".index(was), "abcde".index(taken)]
    assert confused_most(np.diag([3, 4]), "ab") == []


@pytest.mark.parametrize("n_classes", [2, 3, 4, 10, 11, 25, 60])
def test_any_number_of_classes_can_be_drawn(rng, n_classes):
    counts = rng.integers(0, 9, (n_classes, n_classes))
    drawn = str(confusion_picture(counts, [f"class number {k}" for k in range(n_classes)], "quantum"))
    assert len(drawn) < 600_000
    assert ('class="count right"' in drawn) == (n_classes <= 10)


def test_bins_hold_every_row_and_wilson_intervals_are_scipys(rng):
    stated = np.append(rng.random(500), [0.0, 1.0])
    happened = rng.random(502) < stated
    bins = reliability(stated, happened)
    assert sum(one["rows"] for one in bins) == 502
    for one in bins:
        inside = (stated >= one["bin"] / 10) & ((stated < (one["bin"] + 1) / 10) | (one["bin"] == 9))
        assert one["rows"] == inside.sum()
        low, high = binomtest(int(happened[inside].sum()), int(inside.sum())).proportion_ci(method="wilson")
        assert (one["low"], one["high"]) == pytest.approx((low, high), abs=1e-6)
        assert one["stated"] == pytest.approx(stated[inside].mean())


def test_briers_score_is_scikit_learns(rng):
    truth, right = rng.integers(0, 2, 200), rng.random(200)
    both = np.column_stack([1 - right, right])
    assert brier(both, truth) == pytest.approx(brier_score_loss(truth, right), abs=1e-12)
    three = rng.dirichlet(np.ones(3), 200)
    truth = rng.integers(0, 3, 200)
    assert brier(three, truth) == pytest.approx(((three - np.eye(3)[truth]) ** 2).sum(axis=1).mean(), abs=1e-12)


def test_errors_of_a_regression_are_scikit_learns():
    verdict = example("regression")
    rows = dict(regression_facts(verdict)["rows"])
    truth = verdict.predictions["truth"]
    for side in ("quantum", "classical"):
        values = verdict.predictions[side]["values"][:, 0]
        assert rows["root mean squared error"][side] == significant(root_mean_squared_error(truth, values))
        assert rows["mean absolute error"][side] == significant(mean_absolute_error(truth, values))
        assert rows["share of the variance explained"][side] == percent(r2_score(truth, values))


def test_columns_that_either_would_miss_lead():
    importance = {
        "quantum": {"columns": ["a", "b"], "drops": np.array([[0.1, 0.3], [0.0, 0.0]])},
        "classical": {"columns": ["b", "c"], "drops": np.array([[0.5, 0.7], [0.3, 0.3]])},
    }
    assert leading_columns(importance) == ["b", "c", "a"]
    assert leading_columns(importance, 1) == ["b"]


def test_learning_intervals_are_corrected_for_overlap():
    # Nadeau and Bengio: variance of the mean s^2 (1/2 + test/train); with one degree t(0.975) = tan(0.475 pi).
    learning = {"rows": np.array([50, 100]), "scores": np.array([[0.7, 0.9], [0.9, np.nan]])}
    first, second = learning_lines(learning, n_test=25.0, most=None)
    half = np.tan(0.475 * np.pi) * np.sqrt(0.02 * (0.5 + 0.5))
    assert (first["low"], first["high"]) == pytest.approx((0.8 - half, 0.8 + half), abs=1e-9)
    assert (second["mean"], second["low"], second["high"]) == (0.9, 0.9, 0.9)
    assert learning_lines(learning, n_test=25.0, most=1.0)[0]["high"] == 1.0
    assert "nan" not in learning_picture({"quantum": [first], "classical": [first, second]}, "score")


def test_curves_of_two_classes_seek_the_rarer_one():
    """Once they sought the second in the alphabet, and a precision of 0.98 was drawn where the score said 0.45."""
    rng = np.random.default_rng(2)
    truth = (rng.random(300) > 0.1).astype(int)  # class 0 is rare
    values = truth + rng.normal(0, 0.8, 300)
    fold = np.arange(300) % 3
    found = ranking(truth, values[:, None], fold, positive=0)
    folds = [average_precision_score(truth[fold == f] == 0, -values[fold == f]) for f in range(3)]
    assert found.average_precision == pytest.approx(np.mean(folds), abs=1e-12)
    areas = [roc_auc_score(truth[fold == f], values[fold == f]) for f in range(3)]
    assert found.roc_area == pytest.approx(np.mean(areas), abs=1e-12)


def test_learning_curves_count_the_rows_that_were_tested():
    """Once they took them from a ratio to all rows and the number of sampled ones, which do not go together."""
    record = example("two")
    sampled = replace(record, settings=record.settings | {"test_to_train": 0.05, "n_train": [1000]})
    assert portrait_facts(sampled)["learning"] == portrait_facts(record)["learning"]
