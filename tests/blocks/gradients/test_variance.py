"""Variances of gradients against published closed forms, within the errors of their draws."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.gradients.variance import (
    exact_gradient_variance,
    gradient_variance,
    haar_gradient_variance,
    shots_to_see,
)


def rotations(n_qubits):
    circuit = kw.Circuit(n_qubits)
    for q, w in enumerate(kw.params(n_qubits)):
        circuit.rx(w, q)
    return circuit


DRAWS = 20_000


@pytest.mark.parametrize("n_qubits", [1, 2, 4])
def test_the_gradient_of_a_global_cost_fades_as_published(n_qubits):
    """1 - prod cos(w/2)**2 is one minus the overlap with the zero state."""
    zero = np.zeros(1 << n_qubits)
    zero[0] = 1
    found = gradient_variance(rotations(n_qubits).compile(kw.Overlap(zero)), draws=DRAWS)
    assert found.shape == (1, n_qubits)
    # The derivative's kurtosis is 1.5 (35/18)**(n - 1), so the relative error of a variance is 2 % at four qubits.
    assert found == pytest.approx(np.full((1, n_qubits), (1 / 8) * (3 / 8) ** (n_qubits - 1)), rel=0.08)


@pytest.mark.parametrize("n_qubits", [1, 2, 4, 8])
def test_the_gradient_of_a_local_cost_fades_as_published(n_qubits):
    cost = sum(((0.5 / n_qubits) * kw.Z(q) for q in range(1, n_qubits)), (0.5 / n_qubits) * kw.Z(0))
    found = gradient_variance(rotations(n_qubits).compile([cost]), draws=DRAWS, seed=1)
    assert found == pytest.approx(np.full((1, n_qubits), 1 / (8 * n_qubits**2)), rel=0.03)  # error 0.5 %


def test_draws_are_the_callers_and_rows_are_drawn():
    x, w = kw.features(1), kw.params(1)
    program = kw.Circuit(1).ry(x[0] + w[0], 0).compile([kw.Z(0)])  # derivative -sin(x + w)
    at_zero = gradient_variance(program, lambda rng: np.zeros(1), features=[[0.0], [np.pi / 2]], draws=4000)
    assert at_zero[0, 0] == pytest.approx(0.25, abs=0.01)  # 0 or -1, each half the time
    fixed = gradient_variance(program, lambda rng: np.full(1, 0.3), features=[[0.4]], draws=10)
    assert fixed[0, 0] == pytest.approx(0, abs=1e-15)
    outside_the_cone = gradient_variance(rotations(2).compile([kw.Z(0)]))[0, 1]
    assert outside_the_cone == pytest.approx(0, abs=1e-30)
    assert shots_to_see(outside_the_cone) is None


def test_shots_to_see():
    assert shots_to_see(0.5) == 1
    assert shots_to_see(1 / 8 * (3 / 8) ** 9) == math.ceil(4 * (8 / 3) ** 9)
    assert shots_to_see(0.0) is None


def test_what_makes_no_sense_is_refused():
    trained, fed = (kw.Circuit(1).rx(symbols(1)[0], 0).compile([kw.Z(0)]) for symbols in (kw.params, kw.features))
    with pytest.raises(ValueError, match="draws must be a whole number of at least 2"):
        gradient_variance(trained, draws=1)
    with pytest.raises(ValueError, match=r"features must have shape \(n_rows, n_features\)"):
        gradient_variance(fed, features=[1.0])


@pytest.mark.parametrize("n_qubits", [1, 2, 3, 5, 8])
def test_the_published_toy_costs_are_met_exactly(n_qubits):
    """Cerezo et al. (2021): global (1/8) (3/8)**(n - 1), local 1 / (8 n**2), for every parameter, without a draw."""
    circuit = rotations(n_qubits)
    zero = np.eye(1 << n_qubits)[0]
    found = exact_gradient_variance(circuit.compile(kw.Overlap(zero)))
    np.testing.assert_allclose(found, np.full((1, n_qubits), (1 / 8) * (3 / 8) ** (n_qubits - 1)), rtol=1e-12)
    cost = sum(((0.5 / n_qubits) * kw.Z(q) for q in range(1, n_qubits)), (0.5 / n_qubits) * kw.Z(0))
    found = exact_gradient_variance(circuit.compile([cost]))
    np.testing.assert_allclose(found, np.full((1, n_qubits), 1 / (8 * n_qubits**2)), rtol=1e-12)


def test_the_grid_is_fine_enough_for_shared_and_scaled_parameters():
    """RY(w) three times and RY(2 w): -5 sin(5 w), 25/2 on average; a grid for one rotation would fold it."""
    w = kw.params(1)[0]
    program = kw.Circuit(1).ry(w, 0).ry(w, 0).ry(2 * w, 0).ry(w + 0.3, 0).compile([kw.Z(0), kw.X(0)])
    np.testing.assert_allclose(exact_gradient_variance(program), [[12.5], [12.5]], rtol=1e-12)
    twice = kw.Circuit(1).ry(w, 0).ry(w, 0).compile(kw.Z(0))  # four steps round the circle would see sin(2 w) as 0
    np.testing.assert_allclose(exact_gradient_variance(twice), [[2.0]], rtol=1e-12)


def test_the_grid_agrees_with_draws_and_takes_data():
    circuit = kw.encodings.angle(2).circuit + kw.ansatz.hardware_efficient(2, 1, rotations="y")
    program = circuit.compile([kw.Z(0), kw.X(1)])
    x = np.array([0.4, 1.1])
    drawn = gradient_variance(program, features=[x], draws=DRAWS)
    np.testing.assert_allclose(exact_gradient_variance(program, x), drawn, atol=4 * 0.5 * np.sqrt(2 / DRAWS))


def random_unitaries(count, size, rng):
    """Haar random: the QR decomposition of Gaussian matrices, the phases put right (Mezzadri, 2007)."""
    gaussian = rng.normal(size=(count, size, size)) + 1j * rng.normal(size=(count, size, size))
    q, r = np.linalg.qr(gaussian)
    phases = np.diagonal(r, axis1=1, axis2=2)
    return q * (phases / np.abs(phases))[:, np.newaxis]


@pytest.mark.parametrize("n_qubits", [1, 2, 3])
def test_between_two_random_unitaries_the_variance_is_the_closed_form(n_qubits):
    """d**2 / (2 (d**2 - 1) (d + 1)): a rotation by X on qubit 0, and Z on the last one.

    The mean of N squares has a standard error of sqrt(Var(square) / N); four of these, estimated from the draws, are
    allowed, a bound that chance passes in all but 1 of 16,000 cases.
    """
    rng, n_draws = np.random.default_rng(n_qubits), 1500
    before, after = random_unitaries(n_draws, 1 << n_qubits, rng), random_unitaries(n_draws, 1 << n_qubits, rng)
    w, qubits = kw.params(1)[0], range(n_qubits)
    squares = np.empty(n_draws)
    for k in range(n_draws):
        program = kw.Circuit(n_qubits).unitary(before[k], *qubits).rx(w, 0).unitary(after[k], *qubits)
        squares[k] = program.compile(kw.Z(n_qubits - 1)).jacobian([0.0])[0, 0] ** 2
    error = squares.std() / np.sqrt(n_draws)
    assert error < 0.08 * haar_gradient_variance(n_qubits)
    assert squares.mean() == pytest.approx(haar_gradient_variance(n_qubits), abs=4 * error)


@pytest.mark.parametrize(("n_qubits", "expected"), [(1, 4 / 18), (2, 16 / 150), (3, 64 / 1134)])
def test_the_closed_form_is_d_squared_over_two_d_squared_minus_one_d_plus_one(n_qubits, expected):
    assert haar_gradient_variance(n_qubits) == pytest.approx(expected, rel=1e-14)
    assert haar_gradient_variance(500) > 0  # 2**1000 is still a number


def test_shots_to_a_relative_error_give_that_error():
    """The noise of a parameter shift from that many shots, over the derivative, is the error that was asked for."""
    w, error = 0.8, 0.25
    slope = -np.sin(w)
    shots = shots_to_see(slope**2, error)
    plus, minus = np.cos(w + np.pi / 2), np.cos(w - np.pi / 2)
    variance = ((1 - plus**2) + (1 - minus**2)) / (4 * shots)
    assert np.sqrt(variance) / abs(slope) <= error
    assert shots == math.ceil(0.5 / error**2 / slope**2)
    assert shots_to_see(slope**2, error, deviation=2.0) == math.ceil(2 / error**2 / slope**2)


@pytest.mark.parametrize(
    ("circuit", "message"),
    [
        (kw.Circuit(2).crx(kw.params(1)[0], 0, 1), "the rotation crx by .* makes no polynomial"),
        (kw.Circuit(1).rx(0.5 * kw.params(1)[0], 0), "makes no polynomial"),
        (kw.Circuit(1).rx(kw.params(2)[0] * kw.params(2)[1], 0), "makes no polynomial"),
        (rotations(14), "the grid has 4782969 points: draw parameters instead"),
    ],
)
def test_what_has_no_exact_average_is_refused(circuit, message):
    with pytest.raises(ValueError, match=message):
        exact_gradient_variance(circuit.compile(kw.Z(0)))
    with pytest.raises(ValueError, match="relative_error must be above 0"):
        shots_to_see(0.1, 0.0)
