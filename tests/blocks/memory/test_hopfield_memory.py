"""The Hopfield network as a linear system: SciPy's answers, the constrained minimum, and the circuit."""

import numpy as np
import pytest
from scipy.linalg import pinv
from scipy.optimize import minimize

import ketwise as kw
from ketwise.blocks.memory import hopfield_circuit, hopfield_recall, hopfield_system


def random_problem(seed, n_bits=8, n_patterns=3):
    rng = np.random.default_rng(seed)
    probe = rng.integers(0, 2, n_bits).astype(float)
    probe[rng.permutation(n_bits)[: n_bits // 2]] = np.nan
    return rng.integers(0, 2, (n_patterns, n_bits)), probe, rng.normal(size=n_bits)


@pytest.mark.parametrize("seed", range(8))
def test_the_solution_is_scipys_pseudo_inverse(seed):
    patterns, probe, thresholds = random_problem(seed)
    system = hopfield_system(patterns, probe, gamma=1.3, thresholds=thresholds)
    found = hopfield_recall(patterns, probe, gamma=1.3, thresholds=thresholds)
    expected = pinv(system.matrix, rtol=1e-10) @ system.right
    np.testing.assert_allclose(np.concatenate([found.activations, found.multipliers]), expected, atol=1e-12)
    known = ~np.isnan(probe)
    np.testing.assert_allclose(found.activations[known], 2 * probe[known] - 1, atol=1e-12)
    np.testing.assert_array_equal(found.recalled[known], probe[known])


@pytest.mark.parametrize("seed", range(4))
def test_the_solution_is_the_minimum_of_the_energy(seed):
    """SciPy minimises the energy over the free spins, written here from the patterns alone."""
    patterns, probe, thresholds = random_problem(seed)
    spins = 2.0 * patterns - 1
    n, known = len(probe), ~np.isnan(probe)
    weights = spins.T @ spins / spins.size - np.eye(n) / n

    def energy(free):
        s = np.where(known, 2 * probe - 1, 0.0)
        s[~known] = free
        return -0.5 * s @ weights @ s + thresholds @ s + 0.5 * s @ s

    found = hopfield_recall(patterns, probe, thresholds=thresholds)
    lowest = minimize(energy, np.zeros((~known).sum()), tol=1e-12)
    np.testing.assert_allclose(found.activations[~known], lowest.x, atol=1e-5)


def test_a_stored_pattern_is_completed():
    rng = np.random.default_rng(9)
    patterns = rng.integers(0, 2, (3, 60))
    for pattern in patterns:
        probe = pattern.astype(float)
        probe[rng.permutation(60)[:25]] = np.nan
        np.testing.assert_array_equal(hopfield_recall(patterns, probe).recalled, pattern)


def test_the_circuit_is_exact_where_eigenvalues_are_ticks_of_the_clock():
    """Four orthogonal patterns of four bits leave no weights: with gamma 3/2 all eigenvalues are -2 and 1/2."""
    patterns, probe = [[1, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 1]], [1, 0, 0, 1]
    system = hopfield_system(patterns, probe, gamma=1.5)
    np.testing.assert_allclose(np.linalg.eigvalsh(system.matrix), [-2] * 4 + [0.5] * 4, atol=1e-14)
    made = hopfield_circuit(patterns, probe, gamma=1.5, n_clock=3, span=2.0)
    state = made.circuit.compile(kw.State())()
    np.testing.assert_allclose(made.solution(state), pinv(system.matrix) @ system.right, atol=1e-12)
    found = hopfield_recall(patterns, probe, gamma=1.5)
    succeeded = np.abs(state[1 << made.ancilla :]) ** 2
    assert succeeded.sum() == pytest.approx(found.success, abs=1e-12)
    assert succeeded[len(made.solution(state)) :].sum() < 1e-24  # the clock reads 0
    assert found.condition == pytest.approx(4)
    assert found.repetitions == pytest.approx(1 / found.success)
    assert found.system_qubits == len(made.system) == 3


@pytest.mark.parametrize("thresholds", [None, [0.1, -0.2, 0.3]])
def test_the_circuit_converges_to_the_pseudo_inverse(thresholds):
    """Three bits, padded to eight amplitudes; unknown ones leave eigenvalues 0, which are not inverted."""
    patterns, probe = [[1, 1, 0], [0, 1, 0]], [1, None, None]
    found = hopfield_recall(patterns, probe, thresholds=thresholds)
    exact = np.concatenate([found.activations, found.multipliers])
    errors = []
    for n_clock in (4, 6, 8):
        made = hopfield_circuit(patterns, probe, thresholds=thresholds, n_clock=n_clock)
        solution = made.solution(made.circuit.compile(kw.State())())
        np.testing.assert_allclose(solution[6:], 0, atol=1e-12)
        errors.append(np.abs(solution[:6] - exact).max())
    assert errors[2] < errors[0] / 4
    assert errors[2] < 0.02


def test_a_cutoff_leaves_small_eigenvalues_out():
    patterns, probe, _ = random_problem(1)
    system = hopfield_system(patterns, probe)
    values, vectors = np.linalg.eigh(system.matrix)
    kept = np.abs(values) > 0.9
    expected = vectors[:, kept] @ ((vectors[:, kept].T @ system.right) / values[kept])
    found = hopfield_recall(patterns, probe, cutoff=0.9)
    np.testing.assert_allclose(np.concatenate([found.activations, found.multipliers]), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hopfield_recall([], [0]), "the memory is empty"),
        (lambda: hopfield_recall([[0, 1]], [None, None]), "nothing is known"),
        (lambda: hopfield_recall([[0, 1]], [[0, 1]]), "one probe at a time"),
        (lambda: hopfield_recall([[0, 1]], [0, 1], thresholds=[1.0]), r"thresholds must have shape \(2,\)"),
        (lambda: hopfield_recall([[0, 1]], [0, 1], thresholds=[1.0, np.nan]), "thresholds must be finite"),
        (lambda: hopfield_recall([[0, 1]], [0, 1], cutoff=100), "no eigenvalue is larger than cutoff=100"),
        (lambda: hopfield_circuit([[0] * 17], [0] * 17), "16 neurons; use hopfield_recall"),
        (lambda: hopfield_circuit([[0, 1]], [0, 1], span=0.1), "span=0.1 is too small"),
        (lambda: hopfield_circuit([[0, 1]], [0, 1], cutoff=100), "no eigenvalue is larger than cutoff=100"),
        (lambda: hopfield_circuit([[0, 1]], [0, 1], n_clock=1), "n_clock must be a whole number of at least 2"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
