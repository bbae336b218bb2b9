"""Geometric difference and complexity against closed forms and the bounds of their paper."""

import numpy as np
import pytest

from ketwise.blocks.diagnostics.geometry import geometric_difference, geometry, model_complexity, standardised


def kernel(rows=15, columns=20, seed=0):
    features = np.random.default_rng(seed).normal(size=(rows, columns))
    K = features @ features.T
    return K * rows / np.trace(K)


def smooth(rows, width, seed=0):
    x = np.sort(np.random.default_rng(seed).uniform(size=rows))
    return np.exp(-(((x[:, None] - x) / width) ** 2)), x


def root(K):
    values, vectors = np.linalg.eigh(K)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


@pytest.mark.parametrize("regularisation", [0.0, 0.1, 3.0])
def test_both_are_the_formulas_of_the_paper(regularisation):
    C, Q = kernel(), kernel(seed=1)
    y = np.random.default_rng(2).normal(size=15)
    inverse = np.linalg.inv(C + regularisation * np.eye(15))
    matrix = root(Q) @ root(C) @ inverse @ inverse @ root(C) @ root(Q)
    expected = np.sqrt(np.linalg.eigvalsh(matrix).max())
    assert geometric_difference(C, Q, regularisation) == pytest.approx(expected, rel=1e-9)
    assert geometric_difference(7 * C, 0.3 * Q, regularisation) == pytest.approx(expected, rel=1e-9)
    found = model_complexity(C, y, regularisation)
    assert found.training == pytest.approx(regularisation**2 * y @ inverse @ inverse @ y, rel=1e-9)
    assert found.weights == pytest.approx(y @ inverse @ C @ inverse @ y, rel=1e-9)


def test_the_complexity_is_what_ridge_regression_leaves_and_weighs():
    from sklearn.kernel_ridge import KernelRidge

    K, y = kernel(), np.random.default_rng(3).normal(size=15)
    ridge = KernelRidge(alpha=0.2, kernel="precomputed").fit(K, y)
    found = model_complexity(K, y, 0.2)
    assert found.training == pytest.approx(((ridge.predict(K) - y) ** 2).sum(), rel=1e-9)
    assert found.weights == pytest.approx(ridge.dual_coef_ @ K @ ridge.dual_coef_, rel=1e-9)


def test_equal_kernels_do_not_differ():
    assert geometric_difference(kernel(), kernel(), 0.0) == pytest.approx(1, abs=1e-6)
    assert geometric_difference(np.eye(4), np.eye(4), 1.0) == pytest.approx(0.5, abs=1e-12)  # 1 / (1 + lambda)


def test_the_complexity_of_the_classical_kernel_is_bounded():
    """s_C <= g**2 s_Q for all labels, without regularisation of the quantum kernel."""
    C, Q = kernel(), kernel(seed=1)
    for seed in range(20):
        y = np.random.default_rng(seed).normal(size=15)
        for regularisation in (0.0, 0.1, 1.0):
            bound = geometric_difference(C, Q, regularisation) ** 2 * model_complexity(Q, y, 0.0).weights
            assert model_complexity(C, y, regularisation).weights <= bound * (1 + 1e-9)


@pytest.mark.parametrize("regularisation", [0.0, 0.01, 1.0, 50.0])
def test_an_identity_kernel_promises_nothing_at_any_regularisation(regularisation):
    y = np.resize([1.0, -1.0, -1.0], 30)
    found = model_complexity(np.eye(30), y, regularisation)
    assert found.total == pytest.approx(30, abs=1e-9)
    assert found.training == pytest.approx(30 * (regularisation / (1 + regularisation)) ** 2, abs=1e-9)


def test_an_identity_kernel_does_not_look_good():
    """Its geometric difference is huge; what is said must not be taken in by that."""
    C, x = smooth(60, 0.5)
    rng = np.random.default_rng(0)
    for y in (rng.choice([-1.0, 1.0], 60), np.sin(3 * x)):
        found = geometry(C, np.eye(60), y)
        assert found.difference[0] > 100
        assert found.s_quantum.min() > 0.95 * 60
        assert found.says.startswith("The quantum kernel promises nothing")
        assert "gain is possible" not in found.says
    for width in (0.02, 0.3):  # random labels are noise to any kernel
        assert geometry(C, smooth(60, width)[0], rng.choice([-1.0, 1.0], 60)).says.startswith("The quantum kernel prom")


def test_what_is_said_follows_the_complexities():
    narrow, x = smooth(80, 0.1)
    wide, _ = smooth(80, 3.0)
    wave = np.sin(15 * x)
    gain = geometry(wide, narrow, wave)
    assert gain.s_quantum.min() < 0.5 * gain.s_classical.min()
    assert "a gain is possible" in gain.says
    # The other way round: what varies quickly is nothing to a wide kernel, and a line is simpler for it.
    assert "promises nothing" in geometry(narrow, wide, wave).says
    assert "a gain is possible" in geometry(narrow, wide, x).says
    assert "no gain is to be expected" in geometry(narrow, narrow, wave).says
    for text in (gain.says, geometry(narrow, narrow, wave).says):
        assert "80 rows" in text
        assert "advantage" not in text


def test_classes_by_columns_are_as_signs():
    C, Q = kernel(), kernel(seed=1)
    y = np.resize([0, 1, 1], 15)
    one_hot = np.stack([y == 0, y == 1], axis=1).astype(float)
    by_columns, by_signs = geometry(C, Q, one_hot), geometry(C, Q, np.where(y, 1.0, -1.0))
    np.testing.assert_allclose(by_columns.s_quantum, by_signs.s_quantum, rtol=1e-9)
    np.testing.assert_allclose(by_columns.s_classical, by_signs.s_classical, rtol=1e-9)
    assert (standardised(one_hot) ** 2).sum() == pytest.approx(15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: geometric_difference(np.eye(2), np.eye(3)), "same rows, got 2 and 3"),
        (lambda: geometric_difference(np.ones((3, 3)), np.eye(3), 0.0), "positive for a kernel that is not invertible"),
        (lambda: geometric_difference(np.eye(3), np.eye(3), -1.0), "regularisation must be positive"),
        (lambda: geometric_difference([[1, 2], [0, 1]], np.eye(2)), "K_classical must be finite and symmetric"),
        (lambda: geometric_difference(np.zeros((2, 2)), np.eye(2)), "K_classical must have a positive trace"),
        (lambda: geometric_difference(np.ones((2, 3)), np.eye(2)), r"K_classical must have shape \(n_rows, n_rows\)"),
        (lambda: model_complexity(np.eye(2), [1.0, np.nan]), "y must be finite"),
        (lambda: model_complexity(np.eye(2), [1.0]), r"of shape \(2,\)"),
        (lambda: geometry(np.eye(3), np.eye(3), np.ones(3)), "one value only"),
        (lambda: geometry(np.eye(3), np.eye(3), [1.0, 2.0, 3.0], [0.0]), "regularisations must be positive"),
        (lambda: geometry(np.ones((3, 3)), np.eye(3), [1.0, 2.0, 3.0]), "K_classical, centred, must have a positive"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
