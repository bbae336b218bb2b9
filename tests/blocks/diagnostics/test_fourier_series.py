"""Fourier series of models: closed forms, Parseval, and what degree a circuit can reach."""

import numpy as np
import pytest
from scipy.optimize import least_squares

import ketwise as kw
from ketwise.blocks.diagnostics.fourier_series import fourier_series


def reuploading(layers):
    """One qubit, ``layers`` times RX(x), general rotations between: frequencies up to ``layers``."""
    w, x = kw.params(3 * (layers + 1)), kw.features(1)[0]
    circuit = kw.Circuit(1).rot(w[0], w[1], w[2], 0)
    for layer in range(1, layers + 1):
        circuit.rx(x, 0).rot(*w[3 * layer : 3 * layer + 3], 0)
    return circuit.compile(kw.Z(0))


def test_a_series_of_two_features_and_outputs():
    def model(X):
        return np.stack([np.cos(2 * X[:, 0] - X[:, 1]), 0.5 + 3 * np.sin(X[:, 1])], axis=1)

    series = fourier_series(model, 2, n_features=2)
    expected = np.zeros((5, 5, 2), dtype=complex)
    expected[4, 1, 0] = expected[0, 3, 0] = 0.5
    expected[2, 2, 1] = 0.5
    expected[2, 3, 1], expected[2, 1, 1] = -1.5j, 1.5j
    np.testing.assert_allclose(series.coefficients, expected, atol=1e-14)
    assert series.residual < 1e-13
    np.testing.assert_allclose(series.power(), [0.25, 4.5, 0.5], atol=1e-14)
    X = np.random.default_rng(0).normal(size=(20, 2))
    np.testing.assert_allclose(series(X), model(X), atol=1e-13)


def test_another_period():
    series = fourier_series(lambda X: np.cos(np.pi * X[:, 0]), 1, period=2.0)
    np.testing.assert_allclose(series.coefficients, [0.5, 0, 0.5], atol=1e-15)
    assert series.residual < 1e-14


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_a_circuit_has_the_frequencies_of_its_uploads_and_no_more(layers):
    program = reuploading(layers)
    w = np.random.default_rng(layers).uniform(-3, 3, program.n_params)
    series = fourier_series(lambda X: program(w, X), layers)
    assert series.residual < 1e-13
    assert series.power()[layers] > 1e-8
    too_few = fourier_series(lambda X: program(w, X), layers - 1)
    # What is missing is a wave of this amplitude, and it folds into a lower one.
    assert too_few.residual > np.sqrt(series.power()[layers])
    values = program(w, np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None])
    assert series.power().sum() == pytest.approx((values**2).mean(), rel=1e-12)


def fitted(layers, X, y, tries=12):
    """The least mean squared error over several starts."""
    program = reuploading(layers)
    best = np.inf
    for seed in range(tries):
        start = np.random.default_rng(seed).uniform(-np.pi, np.pi, program.n_params)
        found = least_squares(
            lambda w: program(w, X)[:, 0] - y,
            start,
            jac=lambda w: program.jacobian(np.tile(w, (len(X), 1)), X)[:, 0],
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
            max_nfev=300,
        )
        best = min(best, 2 * found.cost / len(X))
        if best < 1e-24:
            break
    return best


def test_a_target_is_fitted_to_machine_precision_only_if_the_layers_suffice():
    """A target of degree 3; on equal steps, what a smaller degree misses is its power, by Parseval."""
    degree, X = 3, np.linspace(0, 2 * np.pi, 16, endpoint=False)[:, None]
    teacher = reuploading(degree)
    w = np.random.default_rng(28).uniform(-np.pi, np.pi, teacher.n_params)
    series = fourier_series(lambda X: teacher(w, X), degree)
    y = teacher(w, X)[:, 0]
    for layers in (1, 2):
        missed = series.power()[layers + 1 :].sum()
        assert missed > 0.1
        assert fitted(layers, X, y, tries=3) >= missed * (1 - 1e-9)
    for layers in (3, 4):
        assert fitted(layers, X, y) < 1e-24


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fourier_series(np.cos, -1), "degree must be a whole number of at least 0"),
        (lambda: fourier_series(np.cos, 1, period=0), "period must be above 0"),
        (lambda: fourier_series(lambda X: X.sum(), 1), "model must return a row for each of 3 samples"),
        (lambda: fourier_series(lambda X: np.where(X > 1, np.nan, X)[:, 0], 1), "model must return finite values"),
        (lambda: fourier_series(lambda X: np.where(X > 1, np.nan, X), 1), "model must return finite values"),
        (lambda: fourier_series(lambda X: np.hstack([X, X + np.inf]), 1), "model must return finite values"),
        (lambda: fourier_series(np.cos, 10, n_features=6), r"a grid of 21\*\*6 points is too many"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
