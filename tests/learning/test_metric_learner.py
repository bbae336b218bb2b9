"""The metric learner: its losses from density matrices, their gradients, and what it predicts."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

import ketwise as kw
from ketwise.learning.metric_learner import QuantumMetricLearner, class_overlap

RNG = np.random.default_rng(0)
ENCODING = kw.encodings.qaoa(2, layers=1, more_qubits=1)
BY_CLASS = [RNG.normal(size=(n, 2)) for n in (4, 5, 3)]
THETA = RNG.normal(size=ENCODING.n_params)
ROWS = np.array([0, 7, 2])


def kets(rows):
    return ENCODING.compile(kw.State())(THETA, rows)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_all_overlaps_are_the_distance_of_the_mixtures(n_classes):
    mixtures = []
    for each in BY_CLASS[:n_classes]:
        states = kets(each[ROWS % len(each)])
        mixtures.append(np.einsum("bi,bj->ij", states, states.conj()) / len(states))
    pairs = [(a, b) for b in range(n_classes) for a in range(b)]
    expected = np.mean([1 - 0.5 * np.linalg.norm(mixtures[a] - mixtures[b]) ** 2 for a, b in pairs])
    value, _ = class_overlap(ENCODING, BY_CLASS[:n_classes], within=True)(THETA, ROWS)
    assert value == pytest.approx(expected, abs=1e-12)


def test_pairs_are_fidelities_of_rows_one_to_one():
    left, right = (kets(each[ROWS % len(each)]) for each in BY_CLASS[:2])
    expected = np.mean([abs(np.vdot(a, b)) ** 2 for a, b in zip(left, right, strict=True)])
    value, _ = class_overlap(ENCODING, BY_CLASS[:2], within=False)(THETA, ROWS)
    assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("within", [True, False])
def test_gradients_are_finite_differences(within):
    objective = class_overlap(ENCODING, BY_CLASS, within=within)
    _, gradient = objective(THETA, ROWS)
    for k in range(len(THETA)):
        e = 1e-6 * np.eye(len(THETA))[k]
        difference = (objective(THETA + e, ROWS)[0] - objective(THETA - e, ROWS)[0]) / 2e-6
        assert gradient[k] == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("overlaps", ["all", "pairs"])
def test_it_learns_and_predicts_by_the_largest_mean_fidelity(overlaps):
    X, y = load_iris(return_X_y=True)
    model = QuantumMetricLearner(n_layers=2, overlaps=overlaps, learning_rate=0.05, random_state=0)
    model.fit(X[::2], y[::2])
    assert model.score(X[1::2], y[1::2]) > 0.85
    features = model.preparation_.transform(X[:5])
    fidelities = kw.kernels.fidelity(model.encoding_, features, model.examples_, params=model.params_)
    means = np.stack([fidelities[:, model.example_codes_ == c].mean(axis=1) for c in range(3)], axis=1)
    np.testing.assert_array_equal(model.predict(X[:5]), np.argmax(means, axis=1))
    assert len(model.examples_) == 3 * 25


def test_examples_are_rows_of_their_class():
    X, y = load_iris(return_X_y=True)
    model = QuantumMetricLearner(n_layers=1, n_examples=4, random_state=0).fit(X, y)
    features = model.preparation_.transform(X)
    for example, code in zip(model.examples_, model.example_codes_, strict=True):
        assert y[np.argmin(np.abs(features - example).sum(axis=1))] == code


def test_bad_settings_are_named():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="overlaps must be 'all' or 'pairs', got 'some'"):
        QuantumMetricLearner(overlaps="some").fit(X, y)
    with pytest.raises(ValueError, match="at least 2 classes"):
        QuantumMetricLearner().fit(X, np.zeros(150))
