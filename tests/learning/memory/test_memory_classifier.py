"""The memory as a classifier: labels of the recalled patterns, by hand and by the methods that make labels of bits."""

import math

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

import ketwise as kw
from ketwise.learning.memory.methods import METHODS

PATTERNS = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 0, 1, 0]])
LABELS = np.array(["near", "near", "far", "far"])
PROBE = [[0, 0, 0, 1]]


def test_a_class_has_the_probability_of_its_patterns():
    """Two patterns at distance 1 and two at distance 3 of 4 bits."""
    model = kw.AssociativeMemoryClassifier(kw.memory.Probabilistic(n_controls=2)).fit(PATTERNS, LABELS)
    near, far = math.cos(math.pi / 8) ** 4, math.cos(3 * math.pi / 8) ** 4
    assert list(model.classes_) == ["far", "near"]
    np.testing.assert_allclose(model.predict_proba(PROBE), [[far / (near + far), near / (near + far)]], atol=1e-12)
    assert list(model.predict(PROBE)) == ["near"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_recalls_the_labels_of_what_it_stored(method):
    rng = np.random.default_rng(2)
    patterns = rng.integers(0, 2, (2, 9))
    model = kw.AssociativeMemoryClassifier(method, random_state=0).fit(patterns, ["a", "b"])
    assert list(model.predict(patterns)) == ["a", "b"]
    np.testing.assert_allclose(model.predict_proba(patterns).sum(axis=1), 1.0)
    gaps = patterns.astype(float)
    gaps[:, 4:6] = np.nan
    assert list(model.predict(gaps)) == ["a", "b"]


def test_the_nearest_method_is_scikit_learns_neighbour():
    X, y = load_digits(return_X_y=True)
    X = (X > 8).astype(float)
    model = kw.AssociativeMemoryClassifier("nearest").fit(X[:600], y[:600])
    distances = np.abs(X[600:, np.newaxis] - X[:600]).sum(axis=2)
    clear = np.sort(distances, axis=1)[:, 0] < np.sort(distances, axis=1)[:, 1]  # one nearest row, not several
    expected = KNeighborsClassifier(1, metric="hamming").fit(X[:600], y[:600]).predict(X[600:])
    np.testing.assert_array_equal(model.predict(X[600:])[clear], expected[clear])


def test_it_learns_real_columns_by_levels():
    X, y = load_breast_cancer(return_X_y=True)
    model = kw.AssociativeMemoryClassifier(n_levels=8)
    assert cross_val_score(model, X[:, :8], y, cv=3, scoring="roc_auc").mean() > 0.95


def test_a_grid_over_methods():
    X, y = load_digits(return_X_y=True)
    grid = {"method": [kw.memory.Probabilistic(n_controls=b) for b in (1, 64)]}
    search = GridSearchCV(kw.AssociativeMemoryClassifier(), grid, cv=2, n_jobs=2).fit(X[:300], y[:300])
    assert search.best_params_["method"].n_controls == 64


def test_rows_with_gaps_are_not_stored():
    X = np.vstack([PATTERNS, [[1, np.nan, 0, 0]]])
    model = kw.AssociativeMemoryClassifier().fit(X, [*LABELS, "far"])
    assert len(model.patterns_) == len(model.labels_) == 4
    with pytest.raises(ValueError, match="none of the 2 rows is complete"):
        kw.AssociativeMemoryClassifier().fit([[np.nan, 1], [0, np.nan]], [0, 1])


def test_a_row_of_nothing_but_gaps_has_the_probabilities_of_the_memory():
    model = kw.AssociativeMemoryClassifier().fit(PATTERNS, ["a", "b", "b", "b"])
    np.testing.assert_allclose(model.predict_proba(np.full((1, 4), np.nan)), [[0.25, 0.75]])


def test_growing_row_by_row_is_the_same_as_all_at_once():
    X, y = load_digits(return_X_y=True)
    whole = kw.AssociativeMemoryClassifier().fit(X[:60], y[:60])
    grown = kw.AssociativeMemoryClassifier().partial_fit(X[:5], y[:5], classes=range(10))
    for start in range(5, 60, 11):
        grown.partial_fit(X[start : min(start + 11, 60)], y[start : min(start + 11, 60)])
    np.testing.assert_array_equal(grown.predict_proba(X[60:90]), whole.predict_proba(X[60:90]))
    with pytest.raises(ValueError, match="the label .*12.* is not among the classes of the first call"):
        grown.partial_fit(X[:1], [12])


def test_weights_of_classes_multiply_their_probabilities():
    plain = kw.AssociativeMemoryClassifier().fit(PATTERNS, LABELS).predict_proba(PROBE)[0]
    model = kw.AssociativeMemoryClassifier(class_weight={"near": 1.0, "far": 3.0}).fit(PATTERNS, LABELS)
    expected = plain * [3.0, 1.0]
    np.testing.assert_allclose(model.predict_proba(PROBE)[0], expected / expected.sum())
    rare = kw.AssociativeMemoryClassifier(class_weight="balanced").fit(PATTERNS, ["a", "b", "b", "b"])
    np.testing.assert_allclose(rare.class_weight_, [2.0, 2 / 3])


def test_targets_that_are_no_classes_are_refused():
    with pytest.raises(ValueError, match="Unknown label type"):
        kw.AssociativeMemoryClassifier().fit(PATTERNS, [0.1, 0.2, 0.3, 0.4])
