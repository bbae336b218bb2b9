"""Probabilities: scikit-learn's where its folds can be used, and no rows of one group or later in time behind them."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from ketwise.evidence.data.task import MANY, TWO, Task
from ketwise.evidence.trials.calibration import calibrated, calibration_splits, platt
from ketwise.evidence.trials.folds import Layout


def task_of(y):
    counts = np.bincount(y)
    return Task(TWO if len(counts) == 2 else MANY, y, [f"c{k}" for k in range(len(counts))], counts.tolist(), "")


def data(n_classes, n_rows=150):
    return make_classification(n_rows, 5, n_informative=4, n_redundant=0, n_classes=n_classes, random_state=3)


@pytest.mark.parametrize("make", [LinearSVC, GaussianNB])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_shuffled_folds_give_what_scikit_learn_gives(make, n_classes):
    X, y = data(n_classes)
    splits = calibration_splits(task_of(y), np.arange(150), 7, Layout())
    ours = calibrated(make, X, y, splits, n_classes)
    folds = StratifiedKFold(3, shuffle=True, random_state=7)
    theirs = CalibratedClassifierCV(make(), method="sigmoid", cv=folds, ensemble=False).fit(X, y)
    assert np.allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=2e-4)
    assert (ours.predict(X) == theirs.predict(X)).mean() > 0.99


def test_the_sigmoid_is_that_of_a_logistic_regression_on_smoothed_targets():
    rng = np.random.default_rng(0)
    scores = rng.normal(3, 50, 80)
    positive = scores + rng.normal(0, 40, 80) > 20
    n = int(positive.sum())
    target = np.where(positive, (n + 1) / (n + 2), 1 / (80 - n + 2))
    twice = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(
        np.tile(scores / 50, 2)[:, None], np.repeat([1, 0], 80), np.append(target, 1 - target)
    )
    assert np.allclose(platt(scores, positive), [twice.coef_[0, 0] / 50, twice.intercept_[0]], rtol=1e-4)


class Remembers(ClassifierMixin, BaseEstimator):
    """Knows by heart the rows that it saw, by their first column."""

    def fit(self, X, y):
        self.known = dict(zip(X[:, 0].tolist(), y.tolist(), strict=True))
        return self

    def decision_function(self, X):
        return np.array([2.0 * self.known[name] - 1 if name in self.known else 0.0 for name in X[:, 0].tolist()])


def test_copies_inside_a_group_do_not_make_probabilities_sure():
    """Ten copies of every row: what was learned by heart says nothing about a new group."""
    y = np.repeat(np.arange(30) % 2, 10)
    groups = np.repeat(np.arange(30), 10)
    X, rows, task = groups[:, None].astype(float), np.arange(300), task_of(y)
    torn, whole = (
        calibrated(Remembers, X, y, calibration_splits(task, rows, 0, layout), 2).predict_proba(X).max()
        for layout in (Layout(), Layout(groups=groups))
    )
    assert torn > 0.95
    assert whole == pytest.approx(0.5, abs=0.01)


def test_splits_follow_groups_and_time():
    y = np.arange(120) % 2
    rows = np.arange(10, 120)
    order = np.random.default_rng(1).permutation(120)
    for train, test in calibration_splits(task_of(y), rows, 0, Layout(groups=np.arange(120) // 4)):
        assert not set(rows[train] // 4) & set(rows[test] // 4)
    forward = calibration_splits(task_of(y), rows, 0, Layout(time=order))
    assert forward
    assert all(order[rows[train]].max() < order[rows[test]].min() for train, test in forward)
    # Not every row is tested, which scikit-learn's own calibration would refuse.
    X = np.random.default_rng(2).normal(size=(110, 2))
    assert np.allclose(calibrated(GaussianNB, X, y[rows], forward, 2).predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("y", "layout", "message"),
    [
        ([0] * 19 + [1], Layout(), "of these 20 training rows, and class 'c1' has 1 of them: use fewer folds"),
        ([0] * 16 + [1] * 4, Layout(groups=np.repeat(np.arange(5), 4)), "groups kept whole, .* class 'c1' has 4"),
        ([0] * 16 + [1] * 4, Layout(time=np.arange(20)), "times in order, .* class 'c1' has 4"),
    ],
)
def test_too_few_rows_of_a_class_are_said(y, layout, message):
    with pytest.raises(ValueError, match=f"calibrating probabilities needs every class .*{message}"):
        calibration_splits(task_of(np.array(y)), np.arange(20), 0, layout)


class OnlyPredicts(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.middle = X[y == 1, 0].mean()

    def predict(self, X):
        return (X[:, 0] > self.middle).astype(float)


def test_a_classifier_that_only_predicts_has_probabilities_too():
    X, y = data(2)
    said = calibrated(OnlyPredicts, X, y, calibration_splits(task_of(y), np.arange(150), 0, Layout()), 2)
    assert len(np.unique(said.predict_proba(X)[:, 1])) == 2
    assert said.classes_.tolist() == [0, 1]
