"""Surrogates: exact where the spectrum is small, the product kernel where it is drawn, linear models beneath."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split

import ketwise as kw
from ketwise.learning import surrogate

RNG = np.random.default_rng(0)


def with_trained_parts(uploads, n_qubits, rng):
    """A circuit whose uploads alternate with random trained layers, and an observable on all of its qubits."""
    circuit = kw.Circuit(n_qubits)
    for upload in [*uploads, None]:
        circuit += kw.ansatz.strongly_entangling(n_qubits).shift(params=circuit.n_params)
        if upload is not None:
            upload(circuit)
    observable = kw.Z(0) - 0.7 * kw.X(n_qubits - 1) + 0.4 * kw.Y(0) * kw.Z(n_qubits - 1)
    return circuit, rng.normal(size=circuit.n_params), observable


def uploads_of(kind):
    x = kw.features(2)
    return {
        "angles": [lambda c: c.ry(x[0], 0).rx(x[1], 1)] * 2,
        "products": [lambda c: c.rz(x[0], 0).rzz(x[0] * x[1], 0, 1).ry(0.5 * x[1], 1)] * 2,
        "controlled": [lambda c: c.crx(x[0], 0, 1).ry(x[1], 0).p(0.7 * x[0], 1)],
    }[kind]


@pytest.mark.parametrize("kind", ["angles", "products", "controlled"])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_any_expectation_of_a_circuit_with_few_frequencies(kind, seed):
    """Trained on values of a random trained circuit it predicts that circuit anywhere, to rounding."""
    rng = np.random.default_rng(seed)
    circuit, theta, observable = with_trained_parts(uploads_of(kind), 2, rng)
    encoding = kw.Encoding("trained", circuit)
    X, X_test = rng.uniform(-20, 20, (600, 2)), rng.uniform(-20, 20, (100, 2))
    program = circuit.compile(observable)
    y, y_test = program(theta, X)[:, 0], program(theta, X_test)[:, 0]
    assert y.std() > 0.05
    model = kw.SpectrumSurrogateRegressor(encoding, scale=None, bandwidth=1.0, alpha=1e-12).fit(X, y)
    assert model.exact_
    np.testing.assert_allclose(model.predict(X_test), y_test, atol=1e-9)


def test_it_is_not_the_expectation_of_a_circuit_with_more_frequencies():
    rng = np.random.default_rng(0)
    circuit, theta, observable = with_trained_parts(uploads_of("angles"), 2, rng)
    X = rng.uniform(-np.pi, np.pi, (600, 2))
    y = circuit.compile(observable)(theta, X)[:, 0]
    once = kw.SpectrumSurrogateRegressor(kw.encodings.angle(2), scale=None, bandwidth=1.0, alpha=1e-12).fit(X, y)
    assert once.score(X, y) < 0.99


@pytest.mark.parametrize(("n_frequencies", "exact", "tolerance"), [(10_000, True, 1e-12), (3_000, False, 0.06)])
def test_products_of_waves_are_the_product_kernel_of_the_uploads(n_frequencies, exact, tolerance):
    X, y = RNG.uniform(-1, 1, (30, 3)), RNG.normal(size=30)
    model = kw.SpectrumSurrogateRegressor(
        kw.encodings.iqp(3, repeats=2), scale=None, bandwidth=1.0, n_frequencies=n_frequencies, random_state=0
    ).fit(X, y)
    assert model.exact_ is exact
    waves = surrogate._waves(model, X)
    turns = np.column_stack([X, X[:, 0] * X[:, 1], X[:, 0] * X[:, 2], X[:, 1] * X[:, 2]])
    kernel = np.prod(np.cos((turns[:, np.newaxis] - turns) / 2) ** 4, axis=2)
    np.testing.assert_allclose(waves @ waves.T, kernel, atol=tolerance)
    np.testing.assert_allclose((waves**2).sum(axis=1), 1.0)


def test_it_is_scikit_learns_logistic_regression_on_the_waves():
    X, X_test, y, _ = train_test_split(*load_breast_cancer(return_X_y=True), train_size=300, random_state=0)
    model = kw.SpectrumSurrogateClassifier(n_qubits=4, C=3.0, class_weight="balanced", random_state=1).fit(X, y)
    inner = LogisticRegression(C=3.0, class_weight="balanced", max_iter=2000).fit(surrogate._waves(model, X), y)
    waves = surrogate._waves(model, X_test)
    np.testing.assert_allclose(model.predict_proba(X_test), inner.predict_proba(waves), atol=1e-6)
    np.testing.assert_allclose(model.decision_function(X_test), inner.decision_function(waves), atol=1e-5)


def test_it_is_scikit_learns_ridge_on_the_waves():
    X, y = load_diabetes(return_X_y=True)
    model = kw.SpectrumSurrogateRegressor(alpha=0.3, random_state=0).fit(X[:200], y[:200])
    inner = Ridge(alpha=0.3).fit(surrogate._waves(model, X[:200]), y[:200])
    np.testing.assert_allclose(model.predict(X[200:]), inner.predict(surrogate._waves(model, X[200:])), rtol=1e-8)


def test_draws_follow_the_random_state_and_all_frequencies_need_none():
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:100], y[:100]
    few = [kw.SpectrumSurrogateRegressor("angle", n_qubits=4, random_state=s).fit(X, y).predict(X) for s in (0, 1)]
    np.testing.assert_array_equal(few[0], few[1])
    many = [kw.SpectrumSurrogateRegressor(n_frequencies=50, random_state=s).fit(X, y).predict(X) for s in (0, 0, 1)]
    np.testing.assert_array_equal(many[0], many[1])
    assert (many[0] != many[2]).any()


def test_trained_encodings_are_taken_where_they_start():
    X, y = load_diabetes(return_X_y=True)
    model = kw.SpectrumSurrogateRegressor("reuploading", n_qubits=2, layers=2).fit(X, y)
    assert model.exact_
    assert len(model.spectrum_.frequencies) == 13  # (-2 .. 2) squared, one of each pair
    x, w = kw.features(1)[0], kw.params(1)[0]
    with pytest.raises(ValueError, match="'circuit' has no frequencies where its training starts"):
        kw.SpectrumSurrogateRegressor(kw.Circuit(1).rx(w * x, 0), n_qubits=1).fit(X[:, :1], y)


def test_more_frequencies_than_wanted_are_drawn():
    X, y = load_diabetes(return_X_y=True)
    exact = kw.SpectrumSurrogateRegressor("angle", n_qubits=4, n_frequencies=41).fit(X, y)
    drawn = kw.SpectrumSurrogateRegressor("angle", n_qubits=4, n_frequencies=40, random_state=0).fit(X, y)
    assert (exact.exact_, len(exact.spectrum_.frequencies)) == (True, 41)
    assert not drawn.exact_
    assert len(drawn.spectrum_.frequencies) <= 40
    with pytest.raises(ValueError, match="n_frequencies must be a whole number"):
        kw.SpectrumSurrogateRegressor(n_frequencies=0).fit(X, y)
