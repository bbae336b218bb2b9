"""The estimator on a design, its descent, and the presets of it."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.multiclass import OneVsRestClassifier

import ketwise as kw
from ketwise.learning import presets
from ketwise.learning.circuit_classifier import CircuitClassifier
from ketwise.learning.descent import descend, flat
from ketwise.learning.networks.circuits import DataReuploading, SeparableVariational
from ketwise.learning.networks.network import Network, whole_turns
from ketwise.learning.networks.readouts import SteepLogistic
from ketwise.learning.optimizers.adam import Adam


def two_flowers(first=0):
    X, y = load_iris(return_X_y=True)
    kept = (y == first) | (y == first + 1)
    return X[kept], np.array(["setosa", "versicolor", "virginica"])[y[kept]]


@pytest.mark.parametrize(
    "model",
    [
        presets.circuit_centric(n_copies=1, n_layers=4, learning_rate=0.1),
        presets.data_reuploading(n_layers=2),
        presets.dressed_circuit(n_layers=1, learning_rate=0.05),
        presets.iqp_variational(n_layers=3, learning_rate=0.05),
        presets.separable_variational(learning_rate=0.05),
        presets.boltzmann_machine(learning_rate=0.05, temperature=2.0),
        presets.boltzmann_machine(learning_rate=0.05, temperature=2.0, entangled=False),
    ],
    ids=lambda model: repr(model.design),
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # on such data the loss falls for ever
def test_every_design_tells_two_flowers_apart(model):
    X, y = two_flowers()
    model.set_params(random_state=0, max_steps=600).fit(X[::2], y[::2])
    assert model.score(X[1::2], y[1::2]) > 0.9
    assert model.loss_curve_[-50:].mean() < model.loss_curve_[:50].mean()
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    np.testing.assert_array_equal(model.classes_[np.argmax(proba, axis=1)], model.predict(X))


def test_more_classes_one_against_the_rest():
    X, y = load_iris(return_X_y=True)
    model = CircuitClassifier(SeparableVariational(2), learning_rate=0.05, random_state=0)
    with pytest.raises(ValueError, match="Only binary classification is supported.*OneVsRestClassifier"):
        model.fit(X, y)
    assert OneVsRestClassifier(model).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.85


def test_your_own_design():
    class Own:
        scale = "minmax"

        def build(self, n_columns):
            x, w = kw.features(n_columns), kw.params(2)
            circuit = kw.Circuit(1, n_features=n_columns).ry(w[0] * x[2] + w[1], 0)
            return Network(circuit.compile(kw.Z(0)), 2, SteepLogistic(), whole_turns(2))

    X, y = two_flowers()
    assert CircuitClassifier(Own(), learning_rate=0.05, random_state=0).fit(X, y).score(X, y) > 0.8


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    X, y = two_flowers(1)
    fits = [
        CircuitClassifier(DataReuploading(1), convergence_interval=20, random_state=seed).fit(X, y).theta_
        for seed in (3, 3, 4)
    ]
    np.testing.assert_array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])


def test_too_few_steps_are_said():
    X, y = two_flowers(1)
    with pytest.warns(ConvergenceWarning, match="not flat after max_steps=20 steps: raise max_steps"):
        model = CircuitClassifier(max_steps=20, random_state=0).fit(X, y)
    assert (model.converged_, model.n_iter_, len(model.loss_curve_)) == (False, 20, 20)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"design": DataReuploading}, TypeError, "design must be a value such as DataReuploading"),
        ({"design": "iqp"}, TypeError, "design must be a value"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be positive"),
        ({"batch_size": 0}, ValueError, "batch_size must be"),
        ({"bandwidth": -1.0}, ValueError, "bandwidth must be positive"),
    ],
)
def test_bad_settings_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        CircuitClassifier(**settings).fit(*two_flowers())


def test_flat_is_the_published_criterion():
    """Half the standard error of the last interval: std / sqrt(n) / 2, with n = 4 and std = 1 a quarter."""
    last = np.array([1.0, -1.0, 1.0, -1.0])
    for shift, expected in ((0.24, True), (0.26, False), (-0.24, True), (-0.26, False)):
        assert flat(np.concatenate([last + shift, last]), 4) is expected
        assert flat(np.concatenate([[99.0], last + shift, last]), 4) is expected


def test_descent_stops_no_sooner_than_two_intervals():
    rng = np.random.RandomState(0)
    found = descend(
        np.zeros(2),
        lambda theta, rows: (1.0, np.zeros(2)),
        5,
        Adam(0.1),
        batch_size=3,
        interval=10,
        max_steps=100,
        rng=rng,
    )
    assert found.converged
    assert len(found.losses) == 22  # step 21, counted from 0, is the first that is looked at


def test_batches_are_drawn_with_replacement_from_all_rows():
    seen = []

    def objective(theta, rows):
        seen.append(rows.copy())
        return float(len(seen)), np.zeros(1)

    descend(np.zeros(1), objective, 6, Adam(0.1), batch_size=5, interval=50, max_steps=60, rng=np.random.RandomState(0))
    assert {len(rows) for rows in seen} == {5}
    assert set(np.concatenate(seen)) == set(range(6))
    assert any(len(set(rows)) < 5 for rows in seen)
