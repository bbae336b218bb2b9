"""Alignment and spread against closed forms; where they are drawn, within stated errors."""

import itertools

import numpy as np
import pytest

from ketwise.blocks.diagnostics import (
    alignment,
    kernel_spread,
    projected_errors,
    target_alignment,
)
from ketwise.blocks.encodings import angle
from ketwise.blocks.kernels import fidelity


def kernel(rows=12, columns=3, seed=0):
    features = np.random.default_rng(seed).normal(size=(rows, columns))
    return features @ features.T


def test_alignment_is_a_cosine():
    K, L = kernel(), kernel(seed=1)
    assert alignment(K, 3.0 * K) == pytest.approx(1, abs=1e-12)
    assert alignment(K, L) == pytest.approx(alignment(L, K), abs=1e-12)
    assert alignment(K, L, centred=False) == pytest.approx((K * L).sum() / np.sqrt((K**2).sum() * (L**2).sum()))
    centre = np.eye(12) - 1 / 12
    expected = alignment(centre @ K @ centre, centre @ L @ centre, centred=False)
    assert alignment(K, L) == pytest.approx(expected, abs=1e-12)
    assert alignment(K + 100.0, L) == pytest.approx(expected, abs=1e-12)  # a constant feature is taken out
    assert alignment(K + 100.0, L, centred=False) != pytest.approx(expected, abs=0.1)
    assert alignment(np.ones((12, 12)), L) == 0.0


@pytest.mark.parametrize("n", [4, 10, 50])
def test_an_identity_kernel_is_hardly_aligned_with_any_labels(n):
    y = np.resize([1.0, -1.0], n)
    assert alignment(np.eye(n), np.outer(y, y), centred=False) == pytest.approx(1 / np.sqrt(n), abs=1e-12)
    # Centred: <H, y y'> / (|H| |y y'|) = n / (sqrt(n - 1) n).
    assert target_alignment(np.eye(n), y) == pytest.approx(1 / np.sqrt(n - 1), abs=1e-12)


def test_target_alignment_of_classes():
    y = np.array(["a", "b", "b", "c"] * 3)
    same = (y[:, None] == y).astype(float)
    assert target_alignment(same, y, classes=True) == pytest.approx(1, abs=1e-12)
    two = np.array([0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1])
    signs = np.where(two, 1.0, -1.0)
    assert target_alignment(kernel(), two, classes=True) == pytest.approx(target_alignment(kernel(), signs), abs=1e-12)


@pytest.mark.parametrize("n_qubits", [1, 2, 3])
def test_the_spread_of_a_product_encoding_is_the_closed_form(n_qubits):
    """Angles on a grid of eight integrate the kernel's mean, 2**-n, and mean square, (3/8)**n, exactly."""
    steps = np.arange(8) * 2 * np.pi / 8
    X = np.array(list(itertools.product(steps, repeat=n_qubits)))
    spread = kernel_spread(fidelity(angle(n_qubits), X), shots=100)
    n = len(X)
    pairs = n * (n - 1)
    mean = (n * n * 0.5**n_qubits - n) / pairs  # without the diagonal, which is 1
    square = (n * n * 0.375**n_qubits - n) / pairs
    assert spread.mean == pytest.approx(mean, abs=1e-12)
    assert spread.sd == pytest.approx(np.sqrt(square - mean**2), abs=1e-12)
    assert spread.shot_noise == pytest.approx(np.sqrt((mean - square) / 100), abs=1e-12)
    assert (spread.least, spread.most) == pytest.approx((0, np.cos(np.pi / 8) ** 2), abs=1e-12)


def test_the_spread_of_random_angles_is_the_closed_form_within_its_error():
    """400 random samples: the standard error of the mean kernel is below 3 %, of the mean square below 6 %."""
    X = np.random.default_rng(0).uniform(-np.pi, np.pi, (400, 4))
    spread = kernel_spread(fidelity(angle(4), X))
    assert spread.mean == pytest.approx(2.0**-4, rel=0.09)
    assert spread.sd**2 + spread.mean**2 == pytest.approx(0.375**4, rel=0.18)


def test_shares_below_the_noise():
    assert kernel_spread(np.full((5, 5), 0.5), 10).share_below_noise == 1.0
    two = np.array([[1, 0.2, 0.8], [0.2, 1, 0.2], [0.8, 0.2, 1]])  # mean 0.4
    assert kernel_spread(two, 1000).share_below_noise == 0.0
    assert kernel_spread(two, 2).share_below_noise == pytest.approx(2 / 3)  # errors 0.28, at distances 0.2 and 0.4


def test_the_errors_of_a_projected_kernel_are_those_of_measured_bloch_vectors():
    """Against 4000 draws of binomial counts, whose standard deviations are known to 1.1 %."""
    bloch = np.array([[0.3, -0.2, 0.9], [0.5, 0.5, -0.1], [-0.4, 0.1, 0.2], [0.3, -0.2, 0.9]])  # two alike
    gamma, shots = 0.7, 2000
    rng = np.random.default_rng(0)
    measured = 2 * rng.binomial(shots, (1 + bloch) / 2, (4000, 4, 3)) / shots - 1
    kernels = np.exp(-gamma / 2 * np.square(measured[:, :, None] - measured[:, None]).sum(axis=-1))
    off_diagonal = ~np.eye(4, dtype=bool)
    expected = kernels.std(axis=0)[off_diagonal]
    np.testing.assert_allclose(projected_errors(bloch, gamma, shots)[off_diagonal], expected, rtol=0.05)
    exact = np.exp(-gamma / 2 * np.square(bloch[:, None] - bloch).sum(axis=-1))
    spread = kernel_spread(exact, errors=projected_errors(bloch, gamma, shots))
    assert spread.shot_noise == pytest.approx(np.sqrt((expected**2).mean()), rel=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: alignment(np.eye(2), np.eye(3)), "same rows, got 2 and 3"),
        (lambda: alignment(np.ones((2, 3)), np.eye(3)), r"K must have shape \(n_rows, n_rows\), got \(2, 3\)"),
        (lambda: alignment(np.eye(2), np.full((2, 2), np.nan)), "L must be finite"),
        (lambda: target_alignment(np.eye(2), [[1], [2]]), r"y must have shape \(n_rows,\)"),
        (lambda: kernel_spread(np.eye(1)), "at least 2 rows"),
        (lambda: kernel_spread(2 * np.eye(3)), "values from 0 to 1"),
        (lambda: kernel_spread(np.eye(3), 0), "shots must be a whole number"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
