"""Variances of gradients against published closed forms, within the errors of their draws."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.gradient_variance import gradient_variance, shots_to_see


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
