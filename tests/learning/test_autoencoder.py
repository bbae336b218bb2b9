"""The autoencoder on states that can be compressed, and the detector on rows that cannot."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import roc_auc_score

import ketwise as kw
from ketwise.learning.autoencoder import QuantumAutoencoder, QuantumOneClass

RNG = np.random.default_rng(0)


def copied(n_rows):
    """Rows whose last two columns never change: their qubits hold nothing."""
    return np.column_stack([RNG.uniform(-1, 1, n_rows), np.full(n_rows, 0.4), np.full(n_rows, -0.9)])


def test_qubits_that_hold_nothing_can_be_left_out():
    model = QuantumAutoencoder(1, n_layers=2, scale=None, random_state=0).fit(copied(20))
    assert model.loss_ < 1e-4
    new = copied(10)
    assert model.score(new) > 0.999
    # One qubit holds it all: its state is pure.
    np.testing.assert_allclose(np.linalg.norm(model.transform(new), axis=1), 1.0, atol=1e-3)


def test_three_independent_values_do_not_fit_into_one_qubit():
    model = QuantumAutoencoder(1, scale=None, random_state=0).fit(RNG.uniform(-1.5, 1.5, (30, 3)))
    assert model.score(RNG.uniform(-1.5, 1.5, (30, 3))) < 0.95


def test_fidelities_are_those_of_the_states():
    """The probability that the left-out qubits are 0, from the state vector; the loss bounds it from below."""
    X = load_iris().data
    model = QuantumAutoencoder(2, n_layers=1, random_state=0).fit(X)
    states = model.encoding_.compile(kw.State())(model.params_, model.preparation_.transform(X))
    expected = (np.abs(states[:, :4]) ** 2).sum(axis=1)  # qubits 2 and 3 are the high bits
    np.testing.assert_allclose(model.score_samples(X), expected, atol=1e-12)
    assert 1 - 2 * model.loss_ <= model.score(X) <= 1 - model.loss_


def test_codes_are_the_bloch_vectors_of_the_kept_qubits():
    X = load_iris().data[:10]
    model = QuantumAutoencoder(2, random_state=0).fit(X)
    states = model.encoding_.compile(kw.State())(model.params_, model.preparation_.transform(X))
    words = [p(q).to_matrix(4) for p in (kw.X, kw.Y, kw.Z) for q in range(2)]
    expected = np.array([[np.vdot(psi, word @ psi).real for word in words] for psi in states])
    np.testing.assert_allclose(model.transform(X), expected, atol=1e-12)


def test_the_detector_finds_rows_of_another_kind():
    X, y = load_iris(return_X_y=True)
    detector = QuantumOneClass(2, random_state=0).fit(X[y == 0][::2])
    rows = np.vstack([X[y == 0][1::2], X[y == 2]])
    assert roc_auc_score(np.repeat([1, 0], [25, 50]), detector.score_samples(rows)) > 0.9


def test_the_share_of_outliers_in_training_is_the_contamination():
    X = RNG.normal(size=(60, 3))
    for contamination in (0.05, 0.2, 0.5):
        detector = QuantumOneClass(contamination=contamination, max_iter=20, random_state=0).fit(X)
        assert (detector.predict(X) == -1).mean() == pytest.approx(contamination, abs=1 / 60)
        np.testing.assert_array_equal(detector.predict(X) == -1, detector.decision_function(X) < 0)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (QuantumAutoencoder(4), "n_kept=4 leaves nothing out"),
        (QuantumAutoencoder(encoding="reuploading"), "must not change while they are compressed"),
        (QuantumOneClass(contamination=0.7), "contamination must be in"),
    ],
)
def test_bad_settings_are_named(model, message):
    with pytest.raises(ValueError, match=message):
        model.fit(load_iris().data)
