"""Losses against their definitions, scikit-learn and differences."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import hinge_loss, log_loss

import ketwise as kw
from ketwise.learning.losses import cross_entropy, hinge, probabilities, squared_error, squared_margin

RNG = np.random.default_rng(0)
CASES = {
    "two classes": (cross_entropy, RNG.normal(size=(7, 1)), RNG.integers(0, 2, (7, 1)).astype(float)),
    "three classes": (cross_entropy, RNG.normal(size=(7, 3)), np.eye(3)[RNG.integers(0, 3, 7)]),
    "hinge of two": (hinge, RNG.normal(size=(7, 1)), RNG.integers(0, 2, (7, 1)).astype(float)),
    "hinge of three": (hinge, RNG.normal(size=(7, 3)), np.eye(3)[RNG.integers(0, 3, 7)]),
    "squared margin of two": (squared_margin, RNG.normal(size=(7, 1)), RNG.integers(0, 2, (7, 1)).astype(float)),
    "squared": (squared_error, RNG.normal(size=(7, 2)), RNG.normal(size=(7, 2))),
}


@pytest.mark.parametrize("case", CASES)
def test_derivatives_against_central_differences(case):
    loss, scores, targets = CASES[case]
    weights = RNG.uniform(0.5, 2, 7)
    gradient = loss(scores, targets, weights)[1]
    for place in np.ndindex(scores.shape):
        step = np.zeros_like(scores)
        step[place] = 1e-6
        slope = (loss(scores + step, targets, weights)[0] - loss(scores - step, targets, weights)[0]) / 2e-6
        assert gradient[place] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("case", ["two classes", "three classes"])
def test_cross_entropy_is_scikit_learns(case):
    loss, scores, targets = CASES[case]
    labels = targets[:, 0] if targets.shape[1] == 1 else targets.argmax(axis=1)
    classes = max(2, scores.shape[1])
    expected = log_loss(labels, probabilities(scores), labels=range(classes))
    assert loss(scores, targets, np.ones(7))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("case", ["hinge of two", "hinge of three"])
def test_hinge_is_scikit_learns(case):
    loss, scores, targets = CASES[case]
    labels = targets[:, 0] if targets.shape[1] == 1 else targets.argmax(axis=1)
    weights = RNG.uniform(0.5, 2, 7)
    columns = scores[:, 0] if scores.shape[1] == 1 else scores
    expected = hinge_loss(labels, columns, labels=range(max(2, scores.shape[1])), sample_weight=weights)
    assert loss(scores, targets, weights / weights.mean())[0] == pytest.approx(expected, rel=1e-12)


def test_large_scores_stay_finite():
    value, gradient = cross_entropy(np.array([[900.0], [-900.0]]), np.array([[0.0], [0.0]]), np.ones(2))
    assert value == pytest.approx(450)
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(probabilities(np.array([[900.0, -900.0]])), [[1.0, 0.0]])


def test_squared_error_by_hand():
    value, _ = squared_error(np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]]), np.array([1.0, 2.0]))
    assert value == (0.5 * 1 + 2 * 0.5 * 9) / 2


def test_squared_margins_are_least_squares_of_signs_and_part_two_classes():
    """One qubit read out by Z, linear scores: the fit is that of scikit-learn's ridge classifier without a penalty."""
    rng = np.random.default_rng(1)
    X = rng.uniform(-1.4, 1.4, (40, 1))
    y = (np.cos(X[:, 0]) + 0.1 * rng.normal(size=40) > 0.8).astype(int)
    model = kw.VariationalClassifier(
        kw.encodings.angle(1).circuit + kw.Circuit(1).rz(kw.params(1)[0], 0),
        kw.Z(0),
        loss="squared",
        alpha=0.0,
        tol=1e-14,
        scale=None,
        bandwidth=1.0,
        max_iter=500,
        preflight=False,
    ).fit(X, y)
    theirs = RidgeClassifier(alpha=1e-10).fit(np.cos(X), y)
    np.testing.assert_allclose(model.decision_function(X), theirs.decision_function(np.cos(X)), atol=1e-4)
    assert set(model.predict(X)) == {0, 1}
