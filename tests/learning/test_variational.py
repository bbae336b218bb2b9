"""Variational estimators beyond the contract: training, circuits of one's own, going on."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_moons
from sklearn.model_selection import train_test_split

import ketwise as kw
from ketwise.learning.losses import cross_entropy
from ketwise.learning.optimizers import QNSPSA, SPSA, Adam, NaturalGradient, Rotosolve, SciPy
from ketwise.learning.trainability import BarrenPlateauWarning


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(200, noise=0.15, random_state=0)
    return X, y


def test_defaults_are_good():
    X, X_test, y, y_test = train_test_split(*load_breast_cancer(return_X_y=True), train_size=300, random_state=0)
    with pytest.warns(kw.ReductionWarning):
        model = kw.VariationalClassifier(max_iter=50, random_state=0).fit(X, y)
    assert model.score(X_test, y_test) > 0.94
    X, y = load_diabetes(return_X_y=True)
    assert kw.VariationalRegressor(max_iter=50, random_state=0).fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.45


def test_it_bends_where_its_twin_cannot(moons):
    X, y = moons
    # One qubit a feature and no entanglement: a sum of functions of one feature each.
    scores = [
        kw.VariationalClassifier(entangled=entangled, random_state=0).fit(X, y).score(X, y)
        for entangled in (True, False)
    ]
    assert scores[0] > 0.97
    assert scores[0] > scores[1] + 0.05


def test_several_classes_and_probabilities():
    X, y = load_iris(return_X_y=True)
    model = kw.VariationalClassifier(layers=2, random_state=0).fit(X, y)
    probabilities = model.predict_proba(X)
    assert model.weights_.shape == (3, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))
    scores = model.decision_function(X)
    np.testing.assert_allclose(np.log(probabilities) - np.log(probabilities[:, :1]), scores - scores[:, :1], atol=1e-10)


def test_the_score_of_two_classes_is_the_log_odds(moons):
    X, y = moons
    model = kw.VariationalClassifier(max_iter=20, random_state=0).fit(X, y)
    p = model.predict_proba(X)
    np.testing.assert_allclose(model.decision_function(X), np.log(p[:, 1] / p[:, 0]), atol=1e-10)


def test_a_users_own_circuit_and_observables(moons):
    X, y = moons
    circuit = kw.encodings.iqp(2) + kw.ansatz.strongly_entangling(2, layers=3)
    model = kw.VariationalClassifier(circuit, kw.Z(0), bandwidth=1.0, random_state=0).fit(X, y)
    assert (model.params_.shape, model.weights_.shape) == ((18,), (1, 1))
    assert model.score(X, y) > 0.8
    several = kw.VariationalClassifier(circuit, [kw.Z(0), kw.X(0) * kw.X(1), kw.Z(0) + kw.Y(1)], max_iter=5)
    assert several.fit(X, y).weights_.shape == (1, 3)
    plain = kw.VariationalRegressor(circuit.circuit, random_state=0, max_iter=5).fit(X, y)
    assert plain.params_.shape == (18,)
    with pytest.raises(ValueError, match="acts on qubit 2"):
        kw.VariationalClassifier(circuit, [kw.Z(2)]).fit(X, y)
    with pytest.raises(TypeError, match="observables"):
        kw.VariationalClassifier(circuit, ["Z"]).fit(X, y)
    with pytest.raises(ValueError, match="layers belongs to an encoding that is given by name"):
        kw.VariationalClassifier(circuit, layers=3).fit(X, y)


@pytest.mark.parametrize("settings", [{}, {"optimizer": "adam", "max_iter": 15}, {"dtype": "complex64"}])
def test_training_lowers_the_loss_and_is_the_same_again(moons, settings):
    X, y = moons
    models = [kw.VariationalClassifier(random_state=3, **settings).fit(X, y) for _ in range(2)]
    assert models[0].loss_curve_[-1] < 0.7 * models[0].loss_curve_[0]
    assert len(models[0].loss_curve_) == models[0].n_iter_
    np.testing.assert_array_equal(models[0].params_, models[1].params_)
    other = kw.VariationalClassifier(random_state=4, **settings).fit(X, y)
    assert (other.params_ != models[0].params_).any()


def test_early_stopping_holds_rows_out(moons):
    X, y = moons
    model = kw.VariationalClassifier(
        optimizer="adam", learning_rate=0.1, early_stopping=True, n_iter_no_change=3, random_state=0
    ).fit(X, y)
    assert model.converged_
    assert model.n_iter_ < 100
    assert len(model.validation_scores_) == model.n_iter_
    np.testing.assert_array_equal(model.history_["validation_score"], model.validation_scores_)


@pytest.mark.parametrize("settings", [{"optimizer": "adam", "learning_rate": 0.3}, {}, {"optimizer": SciPy("BFGS")}])
def test_early_stopping_keeps_the_best(moons, settings):
    X, y = moons
    reached = []
    model = kw.VariationalClassifier(
        early_stopping=True, n_iter_no_change=5, tol=0.0, random_state=0, callbacks=reached.append, **settings
    ).fit(X, y)
    best = int(np.argmax(model.validation_scores_))
    assert best < model.n_iter_ - 1
    np.testing.assert_array_equal(model.params_, reached[best].theta[: len(model.params_)])
    assert model.n_iter_ == best + 6
    assert model.converged_


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_warm_start_goes_on(moons, optimizer):
    X, y = moons
    model = kw.VariationalClassifier(optimizer=optimizer, max_iter=5, tol=0.0, warm_start=True, random_state=0)
    first = model.fit(X, y).loss_curve_[-1]
    again = model.fit(X, y)
    assert again.n_iter_ == 10
    assert again.loss_curve_[-1] < first
    with pytest.raises(ValueError, match="warm_start goes on with the classes"):
        model.fit(X, y + 1)
    with pytest.raises(ValueError, match="warm_start goes on with the same circuit"):
        model.set_params(layers=1).fit(X, y)


def test_adam_goes_on_to_the_same_bits(moons):
    X, y = moons
    settings = {"optimizer": "adam", "tol": 0.0, "n_iter_no_change": 100, "random_state": 0}
    whole = kw.VariationalClassifier(max_iter=6, **settings).fit(X, y)
    parts = kw.VariationalClassifier(max_iter=3, warm_start=True, **settings).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(parts.params_, whole.params_)


def test_partial_fit_learns_from_pieces(moons):
    X, y = moons
    model = kw.VariationalClassifier(random_state=0)
    with pytest.raises(ValueError, match="classes must be given"):
        model.partial_fit(X[:50], y[:50])
    for _ in range(15):
        for start in range(0, 200, 50):
            rows = slice(start, start + 50)
            model.partial_fit(X[rows], y[rows], classes=[0, 1])
    assert model.score(X, y) > 0.85
    assert model.n_iter_ == 60
    with pytest.raises(ValueError, match=r"y holds \[2\]"):
        model.partial_fit(X[:3], [0, 1, 2])
    with pytest.raises(ValueError, match="differ from those of the first call"):
        model.partial_fit(X[:2], [0, 1], classes=[0, 1, 2])
    with pytest.raises(ValueError, match="'balanced' needs all rows"):
        model.set_params(class_weight="balanced").partial_fit(X, y)


def test_the_regressor_learns_from_pieces_too():
    X, y = load_diabetes(return_X_y=True)
    model = kw.VariationalRegressor(n_qubits=4, random_state=0)
    for _ in range(10):
        for start in range(0, 400, 100):
            model.partial_fit(X[start : start + 100], y[start : start + 100])
    assert model.score(X, y) > 0.35


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "sgd"}, "optimizer must be one of 'lbfgs', 'adam', or out of kw.optimizers one of Adam, Nat"),
        ({"optimizer": Rotosolve()}, "optimizer must be one of .* got Rotosolve"),
        ({"loss": "log"}, "loss must be one of 'cross_entropy', 'hinge', 'squared' or a function: 'log'"),
        (
            {"init": "zeros"},
            "init must be one of 'normal', 'uniform', 'small_angle', 'gaussian', 'identity_blocks', an array or",
        ),
        ({"init": np.zeros(3)}, r"init must have shape \(\d+,\), got \(3,\)"),
        ({"layerwise": 0}, "layerwise must be a whole number of at least 1"),
        ({"learning_rate": -1.0}, "learning_rate must not be negative"),
        ({"alpha": np.nan}, "alpha must be finite"),
        ({"max_iter": 0}, "max_iter must be a whole number of at least 1"),
        ({"batch_size": 1.5}, "batch_size must be a whole number"),
        ({"dtype": "float16"}, "dtype must be complex128 or complex64"),
    ],
)
def test_bad_settings_are_named(moons, settings, message):
    with pytest.raises(ValueError, match=message):
        kw.VariationalClassifier(**settings).fit(*moons)


def test_progress_is_printed(moons, capsys):
    kw.VariationalClassifier(verbose=True, max_iter=3, random_state=0).fit(*moons)
    assert len(capsys.readouterr().out.splitlines()) == 3


OTHERS = {
    "natural gradient": {"optimizer": NaturalGradient(0.2), "batch_size": 100, "max_iter": 8},
    "SPSA": {"optimizer": SPSA(0.3), "max_iter": 30},
    "QN-SPSA": {"optimizer": QNSPSA(0.05), "max_iter": 15},
    "conjugate gradient": {"optimizer": SciPy("CG"), "max_iter": 30},
    "COBYLA": {"optimizer": SciPy("COBYLA"), "max_iter": 200},
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_optimiser_learns_and_is_the_same_again(moons, name):
    X, y = moons
    models = [kw.VariationalClassifier(layers=1, random_state=0, **OTHERS[name]).fit(X, y) for _ in range(2)]
    assert models[0].loss_curve_[-1] < 0.6
    assert models[0].score(X, y) > 0.75
    np.testing.assert_array_equal(models[0].params_, models[1].params_)


def test_adam_as_a_value_is_adam_by_name(moons):
    X, y = moons
    shared = {"max_iter": 3, "random_state": 0}
    named = kw.VariationalClassifier(optimizer="adam", learning_rate=0.02, **shared).fit(X, y)
    given = kw.VariationalClassifier(optimizer=Adam(0.02), **shared).fit(X, y)
    np.testing.assert_array_equal(named.params_, given.params_)


def test_callbacks_see_every_pass_and_can_end_it(moons):
    X, y = moons
    seen = []
    for optimizer in ("adam", "lbfgs"):
        model = kw.VariationalClassifier(
            optimizer=optimizer, max_iter=8, random_state=0, callbacks=[seen.append, lambda now: now.iteration == 4]
        ).fit(X, y)
        assert model.n_iter_ == 4
    assert [now.iteration for now in seen] == 2 * [1, 2, 3, 4]
    np.testing.assert_array_equal([now.loss for now in seen[4:]], model.history_["loss"])
    np.testing.assert_array_equal(seen[-1].theta[: len(model.params_)], model.params_)
    with pytest.raises(TypeError, match="a callback must be callable"):
        kw.VariationalClassifier(callbacks=[3]).fit(X, y)


def test_a_loss_of_ones_own_is_the_same_as_by_name(moons):
    X, y = moons
    shared = {"max_iter": 5, "random_state": 0}
    named = kw.VariationalClassifier(**shared).fit(X, y)
    given = kw.VariationalClassifier(loss=lambda *arguments: cross_entropy(*arguments), **shared).fit(X, y)
    np.testing.assert_array_equal(named.params_, given.params_)


def test_hinge_makes_margins_and_no_probabilities(moons):
    X, y = moons
    model = kw.VariationalClassifier(loss="hinge", optimizer="adam", max_iter=60, alpha=1e-3, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.8
    assert not hasattr(model, "predict_proba")
    np.testing.assert_array_equal(model.predict(X), (model.decision_function(X) > 0).astype(int))
    X, y = load_iris(return_X_y=True)
    several = kw.VariationalClassifier(loss="hinge", optimizer="adam", max_iter=40, random_state=0).fit(X, y)
    assert several.score(X, y) > 0.9


def test_starts(moons):
    X, y = moons
    own = kw.encodings.reuploading(2).start_params()
    for init, most in (("small_angle", 0.1), ("uniform", np.pi), ("gaussian", 1.0), (own, 0.0), (lambda rng: own, 0.0)):
        first = []
        kw.VariationalClassifier(
            init=init, max_iter=1, random_state=0, tol=0.0, learning_rate=0.0, optimizer="adam", callbacks=first.append
        ).fit(X, y)
        distance = np.abs(first[0].theta[: len(own)] - own).max()
        assert distance <= most
        assert distance >= most / 5


def test_layers_are_trained_one_after_another(moons):
    X, y = moons
    thetas = []
    model = kw.VariationalClassifier(
        layers=3,
        layerwise=2,
        optimizer="adam",
        max_iter=3,
        random_state=0,
        callbacks=lambda now: thetas.append(now.theta),
    ).fit(X, y)
    n_params = len(model.params_)
    moved = [np.flatnonzero(after != before) for before, after in pairwise(thetas)]
    layers = [set(indices[indices < n_params]) for indices in moved]
    # Two passes a layer, seen from the second on; the rotations after the last upload are a layer too.
    assert layers[0].isdisjoint(layers[1])
    assert layers[1] == layers[2]
    assert layers[3] == layers[4]
    assert layers[5] == layers[6]
    assert layers[-1] == set(range(n_params)) == layers[0] | layers[1] | layers[3] | layers[5]
    assert all((indices >= n_params).any() for indices in moved)  # the readout always
    assert model.n_iter_ == 4 * 2 + 3
    by_steps = kw.VariationalClassifier(layers=3, layerwise=5, max_iter=20, random_state=0).fit(X, y)
    assert by_steps.n_iter_ > 15
    assert by_steps.loss_curve_[-1] < 0.7 * by_steps.loss_curve_[0]


def test_a_gradient_that_a_device_would_not_see_is_told_with_numbers_and_a_way_out(moons):
    X, y = moons
    w, x = kw.params(1), kw.features(2)
    # Z after RY(w) has the derivative -sin(w), whatever the phases that the data make.
    circuit = kw.Circuit(2).rz(x[0], 0).rz(x[1], 1).ry(w[0], 0)
    model = kw.VariationalClassifier(circuit, kw.Z(0), init=[1e-3], max_iter=1, random_state=0)
    told = (
        r"mean square of 1\.0e-06 ± .* on 2 qubits, and on a device a step takes about 5,555,\d+ shots a circuit: a "
        r"barren plateau.*init='uniform' makes it .* times as large.*preflight=False"
    )
    with pytest.warns(BarrenPlateauWarning, match=told):
        model.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.set_params(preflight=False).fit(X, y)
        model.set_params(preflight=True, init=[0.5]).fit(X, y)


def test_a_gradient_of_exactly_nothing_has_a_way_out_too(moons):
    w, x = kw.params(1), kw.features(2)
    circuit = kw.Circuit(2).rz(x[0], 0).rz(x[1], 1).ry(w[0], 0)
    with pytest.warns(BarrenPlateauWarning, match="no number of shots shows it.*init='uniform' makes one that is seen"):
        kw.VariationalClassifier(circuit, kw.Z(0), init=[0.0], max_iter=1, random_state=0).fit(*moons)


def test_a_preflight_changes_no_bit(moons):
    X, y = moons
    with_it, without = (
        kw.VariationalClassifier(max_iter=5, random_state=0, preflight=look).fit(X, y) for look in (True, False)
    )
    np.testing.assert_array_equal(with_it.params_, without.params_)
