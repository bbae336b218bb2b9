"""RBF kernels aligned to quantum ones: widths known in closed form, and scikit-learn's models beneath."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

import ketwise as kw
from ketwise.blocks.diagnostics import alignment
from ketwise.blocks.kernels.gaussian import squared_distances
from ketwise.learning.aligned_rbf import nearest_gaussian

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("kernel", "gamma", "expected"), [("fidelity", 1.0, 0.25), ("projected", 0.6, 0.3)])
def test_many_small_rotations_are_a_gaussian(kernel, gamma, expected):
    """cos(d / 2)**2 is exp(-d**2 / 4) and exp(-gamma (1 - cos d)) is exp(-gamma d**2 / 2), up to d**4."""
    X, y = RNG.normal(size=(80, 20)), RNG.normal(size=80)
    model = kw.AlignedRBFRegressor("angle", n_qubits=20, scale=None, bandwidth=0.3, kernel=kernel, gamma=gamma)
    model.fit(X, y)
    assert model.gamma_ == pytest.approx(expected, rel=0.05)
    assert model.alignment_ > 0.999


@pytest.mark.parametrize("gamma", [1e-3, 0.7, 40.0])
def test_a_gaussian_is_nearest_to_itself(gamma):
    distances = squared_distances(RNG.normal(size=(40, 4)))
    found, reached = nearest_gaussian(np.exp(-gamma * distances), distances)
    assert found == pytest.approx(gamma, rel=0.02)
    assert reached == pytest.approx(1.0, abs=1e-5)


def test_no_width_on_a_fine_grid_is_better_aligned():
    X = RNG.normal(size=(50, 3))
    kernel, distances = kw.kernels.fidelity(kw.encodings.iqp(3, repeats=2), X), squared_distances(X)
    gamma, reached = nearest_gaussian(kernel, distances)
    every = [alignment(kernel, np.exp(-value * distances)) for value in np.logspace(-4, 3, 1500)]
    assert reached == pytest.approx(max(every), abs=1e-4)
    assert alignment(kernel, np.exp(-gamma * distances)) == pytest.approx(reached)


def test_equal_rows_have_any_width():
    X, y = np.ones((20, 2)), np.arange(20.0)
    model = kw.AlignedRBFRegressor(scale=None).fit(X, y)
    assert model.gamma_ == 1.0
    np.testing.assert_allclose(model.predict(X), y.mean())


def test_it_is_an_svc_with_that_width():
    X, X_test, y, y_test = train_test_split(*load_breast_cancer(return_X_y=True), train_size=300, random_state=0)
    model = kw.AlignedRBFClassifier(n_qubits=4, C=2.0, class_weight="balanced").fit(X, y)
    Z, Z_test = model.preparation_.transform(X), model.preparation_.transform(X_test)
    svc = SVC(C=2.0, gamma=model.gamma_, class_weight="balanced").fit(Z, y)
    # The solver stops at a tolerance of 1e-3, and its kernels differ in the last bits.
    np.testing.assert_allclose(model.decision_function(X_test), svc.decision_function(Z_test), atol=1e-2)
    assert model.score(X_test, y_test) > 0.9


def test_it_is_kernel_ridge_with_that_width():
    X, y = load_diabetes(return_X_y=True)
    model = kw.AlignedRBFRegressor(alpha=0.2).fit(X[:200], y[:200])
    Z, Z_test = model.preparation_.transform(X[:200]), model.preparation_.transform(X[200:])
    ridge = KernelRidge(alpha=0.2, kernel="rbf", gamma=model.gamma_).fit(Z, y[:200] - y[:200].mean())
    np.testing.assert_allclose(model.predict(X[200:]), ridge.predict(Z_test) + y[:200].mean(), rtol=1e-8)


def test_labels_have_no_say_in_the_width():
    X, y = load_breast_cancer(return_X_y=True)
    X = X[:100, :4]
    widths = {kw.AlignedRBFClassifier().fit(X, labels[:100]).gamma_ for labels in (y, 1 - y, RNG.permutation(y))}
    assert len(widths) == 1


def test_trained_encodings_are_taken_where_they_start():
    X, y = load_diabetes(return_X_y=True)
    model = kw.AlignedRBFRegressor("reuploading", n_qubits=3, layers=1).fit(X, y)
    assert model.alignment_ > 0.9
    with pytest.raises(ValueError, match="kernel must be one of 'fidelity', 'projected', got 'rbf'"):
        kw.AlignedRBFRegressor(kernel="rbf").fit(X, y)
