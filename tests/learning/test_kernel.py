"""Kernel estimators beyond the contract: their kernels, and a user's own circuits."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

import ketwise as kw


@pytest.fixture(scope="module")
def cancer():
    return train_test_split(*load_breast_cancer(return_X_y=True), train_size=300, random_state=0)


def test_it_is_an_svc_on_the_fidelity_kernel(cancer):
    X, X_test, y, _ = cancer
    model = kw.QuantumKernelClassifier(n_qubits=4, C=2.0, bandwidth=0.7, repeats=2).fit(X, y)
    Z, Z_test = model.preparation_.transform(X), model.preparation_.transform(X_test)
    svc = SVC(kernel="precomputed", C=2.0).fit(kw.kernels.fidelity(kw.encodings.iqp(4, repeats=2), Z), y)
    expected = svc.decision_function(kw.kernels.fidelity(kw.encodings.iqp(4, repeats=2), Z_test, Z))
    np.testing.assert_allclose(model.decision_function(X_test), expected, atol=1e-12)


def test_it_is_kernel_ridge_about_the_mean():
    X, y = load_diabetes(return_X_y=True)
    model = kw.QuantumKernelRegressor(alpha=0.2).fit(X[:200], y[:200])
    Z, Z_test = model.preparation_.transform(X[:200]), model.preparation_.transform(X[200:])
    encoding = kw.encodings.iqp(10)
    ridge = KernelRidge(alpha=0.2, kernel="precomputed").fit(kw.kernels.fidelity(encoding, Z), y[:200] - y[:200].mean())
    expected = ridge.predict(kw.kernels.fidelity(encoding, Z_test, Z)) + y[:200].mean()
    np.testing.assert_allclose(model.predict(X[200:]), expected, rtol=1e-9)


def test_defaults_are_good(cancer):
    X, X_test, y, y_test = cancer
    with pytest.warns(kw.ReductionWarning):
        assert kw.QuantumKernelClassifier().fit(X, y).score(X_test, y_test) > 0.94
    X, y = load_diabetes(return_X_y=True)
    assert kw.QuantumKernelRegressor().fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.45


def test_a_users_own_circuit_and_its_twin(cancer):
    X, X_test, y, y_test = cancer
    x = kw.features(3)
    circuit = kw.Circuit(3).ry(x[0], 0).ry(x[1], 1).ry(x[2], 2).cx(0, 1).rx(x[0] * x[2], 1)
    model = kw.QuantumKernelClassifier(circuit, n_qubits=3).fit(X, y)
    assert model.score(X_test, y_test) > 0.85
    twin = kw.QuantumKernelClassifier(circuit, n_qubits=3, entangled=False).fit(X, y)
    assert twin.encoding_.circuit.n_two_qubit() == 0
    assert (twin.decision_function(X_test) != model.decision_function(X_test)).any()


def test_trained_parameters_are_refused(cancer):
    X, _, y, _ = cancer
    with pytest.raises(ValueError, match="'reuploading' has 38 trained parameters and a kernel trains none"):
        kw.QuantumKernelClassifier(kw.encodings.reuploading(4, 2)).fit(X[:, :4], y)


def test_only_support_vectors_are_kept(cancer):
    X, X_test, y, _ = cancer
    model = kw.QuantumKernelClassifier(n_qubits=4).fit(X, y)
    assert len(model.support_features_) < len(X)
    assert model.predict(X_test[:1]).shape == (1,)


def test_projected_kernels_under_the_same_estimators(cancer):
    X, X_test, y, y_test = cancer
    model = kw.QuantumKernelClassifier(n_qubits=4, kernel="projected", gamma=0.5, C=2.0, bandwidth=0.7).fit(X, y)
    Z, Z_test = model.preparation_.transform(X), model.preparation_.transform(X_test)
    encoding = kw.encodings.iqp(4)
    svc = SVC(kernel="precomputed", C=2.0).fit(kw.kernels.projected(encoding, Z, gamma=0.5), y)
    expected = svc.decision_function(kw.kernels.projected(encoding, Z_test, Z, gamma=0.5))
    np.testing.assert_allclose(model.decision_function(X_test), expected, atol=1e-12)
    assert model.score(X_test, y_test) > 0.8
    X, y = load_diabetes(return_X_y=True)
    ridge = kw.QuantumKernelRegressor(kernel="projected", gamma=0.5, n_qubits=4).fit(X[:200], y[:200])
    Z, Z_test = ridge.preparation_.transform(X[:200]), ridge.preparation_.transform(X[200:])
    inner = KernelRidge(alpha=0.1, kernel="precomputed")
    inner.fit(kw.kernels.projected(encoding, Z, gamma=0.5), y[:200] - y[:200].mean())
    expected = inner.predict(kw.kernels.projected(encoding, Z_test, Z, gamma=0.5)) + y[:200].mean()
    np.testing.assert_allclose(ridge.predict(X[200:]), expected, rtol=1e-9)


def test_unknown_kernels_and_widths_are_refused(cancer):
    X, _, y, _ = cancer
    with pytest.raises(ValueError, match="kernel must be one of 'fidelity', 'projected', got 'rbf'"):
        kw.QuantumKernelClassifier(n_qubits=2, kernel="rbf").fit(X, y)
    with pytest.raises(ValueError, match="gamma must be positive"):
        kw.QuantumKernelClassifier(n_qubits=2, kernel="projected", gamma=0.0).fit(X, y)


def test_gamma_belongs_to_the_projected_kernel(cancer):
    X, X_test, y, _ = cancer
    for kernel, same in (("fidelity", True), ("projected", False)):
        values = [
            kw.QuantumKernelClassifier(n_qubits=2, kernel=kernel, gamma=g).fit(X, y).decision_function(X_test)
            for g in (0.5, 2.0)
        ]
        assert np.array_equal(*values) is same
