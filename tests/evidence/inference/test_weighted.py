"""Scores of resamples: the fast ways against scikit-learn with weights, and any other score row by row."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from ketwise.evidence.data.task import MANY, NUMBER, TWO, Score, Task, deciding_score, other_scores
from ketwise.evidence.inference import weighted
from ketwise.evidence.inference.resampling import block_counts, row_counts
from ketwise.evidence.inference.weighted import resampled_scores
from ketwise.evidence.trials.recorded import Recorded

N = 60


def task_of(kind, y):
    n_classes = {TWO: 2, MANY: 4, NUMBER: 0}[kind]
    counts = np.bincount(y, minlength=n_classes).tolist() if n_classes else []
    return Task(kind, y, [str(code) for code in range(n_classes)], counts, "")


def recorded_of(kind, seed=0):
    """Recorded answers, with ties, in an order other than that of the rows asked for."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(N) + 500
    if kind == NUMBER:
        truth = rng.normal(3, 2, N)
        guess = truth + rng.standard_normal(N)
        return Recorded(rows, guess, guess[:, None], None, 0), truth, rows
    n_classes = 2 if kind == TWO else 4
    truth = np.append(np.arange(n_classes), rng.integers(0, n_classes, N - n_classes))
    values = np.round(rng.standard_normal((N, 1 if kind == TWO else n_classes)) + 0.5 * (truth[:, None] == 1), 1)
    labels = (values[:, 0] > 0.3).astype(int) if kind == TWO else values.argmax(axis=1)
    return Recorded(rows, labels, values, None, n_classes), truth, rows


def sorted_rows(rows, truth):
    order = np.argsort(rows)
    return pd.DataFrame({"x": rows[order].astype(float)}, index=rows[order]), truth[order]


@pytest.fixture
def not_one_by_one(monkeypatch):
    """Only the resamples that are checked may be scored one by one."""
    slow = weighted._one_by_one
    monkeypatch.setattr(weighted, "_one_by_one", lambda *args: slow(*args) if len(args[4]) < 3 else pytest.fail("slow"))


# name -> the score, by scikit-learn, from truth, labels (or numbers), values and weights
BY_SKLEARN = {
    (TWO, "roc_auc"): lambda y, label, value, w: metrics.roc_auc_score(y, value, sample_weight=w),
    (TWO, "accuracy"): lambda y, label, value, w: metrics.accuracy_score(y, label, sample_weight=w),
    (TWO, "balanced_accuracy"): lambda y, label, value, w: metrics.balanced_accuracy_score(y, label, sample_weight=w),
    (MANY, "balanced_accuracy"): lambda y, label, value, w: metrics.balanced_accuracy_score(y, label, sample_weight=w),
    (MANY, "accuracy"): lambda y, label, value, w: metrics.accuracy_score(y, label, sample_weight=w),
    (NUMBER, "r2"): lambda y, label, value, w: metrics.r2_score(y, label, sample_weight=w),
    (NUMBER, "neg_mean_absolute_error"): lambda y, label, value, w: (
        -metrics.mean_absolute_error(y, label, sample_weight=w)
    ),
    (NUMBER, "neg_mean_squared_error"): lambda y, label, value, w: (
        -metrics.mean_squared_error(y, label, sample_weight=w)
    ),
    (NUMBER, "neg_root_mean_squared_error"): lambda y, label, value, w: (
        -metrics.root_mean_squared_error(y, label, sample_weight=w)
    ),
}


@pytest.mark.parametrize(("kind", "name"), BY_SKLEARN, ids=lambda value: value)
def test_the_fast_ways_equal_scikit_learn(kind, name, not_one_by_one):
    recorded, truth, rows = recorded_of(kind)
    frame, ordered = sorted_rows(rows, truth)
    counts = row_counts(truth if kind != NUMBER else None, N, 40, 1)
    by_hand = [
        BY_SKLEARN[kind, name](ordered, recorded.predict(frame), recorded.decision_function(frame), count)
        for count in counts
    ]
    found = resampled_scores(deciding_score(task_of(kind, truth), name), recorded, frame, ordered, counts)
    assert found == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("rarer", [0, 1])
def test_average_precision_of_the_rarer_class(rarer, not_one_by_one):
    recorded, _, rows = recorded_of(TWO)
    truth = (np.arange(N) % 4 == 0).astype(int) if rarer else (np.arange(N) % 4 > 0).astype(int)
    frame, ordered = sorted_rows(rows, truth)
    counts = row_counts(ordered, N, 40, 1)
    values = recorded.decision_function(frame) * (1 if rarer else -1)
    by_hand = [metrics.average_precision_score(ordered == rarer, values, sample_weight=count) for count in counts]
    score = deciding_score(task_of(TWO, truth), "average_precision")
    assert resampled_scores(score, recorded, frame, ordered, counts) == pytest.approx(by_hand, abs=1e-12)


def test_errors_over_the_spread_of_the_target(not_one_by_one):
    recorded, truth, rows = recorded_of(NUMBER)
    frame, ordered = sorted_rows(rows, truth)
    squared, absolute, _ = other_scores(task_of(NUMBER, truth))
    counts = row_counts(None, N, 30, 2)
    errors = recorded.predict(frame) - ordered
    by_hand = [-np.sqrt(np.average(errors**2, weights=count)) / truth.std() for count in counts]
    assert resampled_scores(squared, recorded, frame, ordered, counts) == pytest.approx(by_hand, abs=1e-12)
    by_hand = [-np.average(np.abs(errors), weights=count) / truth.std() for count in counts]
    assert resampled_scores(absolute, recorded, frame, ordered, counts) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_the_chunks_change_nothing(size, monkeypatch):
    recorded, truth, rows = recorded_of(TWO)
    frame, ordered = sorted_rows(rows, truth)
    counts, score = row_counts(truth, N, 50, 3), deciding_score(task_of(TWO, truth), "roc_auc")
    before = resampled_scores(score, recorded, frame, ordered, counts)
    monkeypatch.setattr(weighted, "_CHUNK", size * N)
    assert (resampled_scores(score, recorded, frame, ordered, counts) == before).all()


def test_any_other_score_is_computed_row_by_row():
    recorded, truth, rows = recorded_of(TWO)
    frame, ordered = sorted_rows(rows, truth)
    counts = row_counts(truth, N, 12, 4)
    found = resampled_scores(deciding_score(task_of(TWO, truth), "f1"), recorded, frame, ordered, counts)
    by_hand = [metrics.f1_score(ordered, recorded.predict(frame), sample_weight=count) for count in counts]
    assert found == pytest.approx(by_hand, abs=1e-12)


def test_a_score_may_look_at_the_columns():
    recorded, truth, rows = recorded_of(NUMBER)
    frame, ordered = sorted_rows(rows, truth)
    score = Score("cost", "cost", "", lambda model, X, y: float(np.mean(X["x"] * model.predict(X)) - y.sum()))
    counts = row_counts(None, N, 5, 5)
    products = frame["x"].to_numpy() * recorded.predict(frame)
    by_hand = [np.average(products, weights=count) - count @ ordered for count in counts]
    assert resampled_scores(score, recorded, frame, ordered, counts) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "accuracy", "balanced_accuracy"])
def test_a_namesake_is_not_taken_for_the_known_score(name):
    recorded, truth, rows = recorded_of(TWO)
    frame, ordered = sorted_rows(rows, truth)
    score = Score(name, name, "", lambda model, X, y: float(np.mean(model.predict(X) == y)) ** 3)
    counts = row_counts(truth, N, 9, 6)
    right = recorded.predict(frame) == ordered
    by_hand = [np.average(right, weights=count) ** 3 for count in counts]
    assert resampled_scores(score, recorded, frame, ordered, counts) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "f1"])
def test_resamples_without_a_class(name):
    recorded, _, rows = recorded_of(TWO)
    rare = np.zeros(N, dtype=int)
    rare[10:13] = 1
    frame = pd.DataFrame(index=np.sort(rows))
    counts = block_counts(N, 6, 200, 7)
    lacking = counts[:, 10:13].sum(axis=1) == 0
    assert lacking.any()
    found = resampled_scores(deciding_score(task_of(TWO, rare), name), recorded, frame, rare, counts)
    if name != "f1":  # scikit-learn gives F1 a value there
        assert np.isnan(found).tolist() == lacking.tolist()
    assert np.isfinite(found[~lacking]).all()


def test_balanced_accuracy_of_the_classes_that_are_there(not_one_by_one):
    recorded, truth, rows = recorded_of(MANY)
    frame, ordered = sorted_rows(rows, truth)
    score = deciding_score(task_of(MANY, truth), None)
    counts = np.where(ordered == 2, 0, 1)[None].astype(np.uint8)
    there = ordered != 2
    recall = [np.mean(recorded.predict(frame)[ordered == code] == code) for code in (0, 1, 3)]
    found = resampled_scores(score, recorded, frame, ordered, np.vstack([counts, counts, counts]))
    assert found == pytest.approx(np.mean(recall), abs=1e-12)
    assert there.sum() < N


def test_r2_of_equal_numbers_is_undefined():
    error, truth = np.ones(4), np.array([2.0, 2.0, 5.0, 7.0])
    weights = np.array([[1.0, 3.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    found = weighted.r2(error, truth)(weights)
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(metrics.r2_score(truth, truth + error), abs=1e-12)


def test_a_score_that_fails_on_the_rows_themselves_says_so():
    recorded, truth, rows = recorded_of(TWO)
    frame, ordered = sorted_rows(rows, truth)

    def broken(model, X, y):
        raise RuntimeError("no such column")

    with pytest.raises(RuntimeError, match="no such column"):
        resampled_scores(Score("broken", "", "", broken), recorded, frame, ordered, row_counts(None, N, 3, 0))
