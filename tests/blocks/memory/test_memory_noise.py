"""Trajectories against density matrices, and a noisy recall between its two ends."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.memory import (
    amplitude_recall,
    depolarised,
    grover_circuit,
    grover_recall,
    noisy_readout,
    noisy_recall,
    probabilistic_recall,
    swap_test_memory,
    ventura_martinez_storage,
)

PATTERNS, PROBE = [[0, 0, 1], [1, 1, 0], [1, 1, 0]], [0, 1, 1]


def density_after(circuit, rate):
    """The noisy state, written out with Kronecker products: qubit 0 is the lowest bit."""
    n = circuit.n_qubits
    rho = np.zeros((1 << n, 1 << n), dtype=complex)
    rho[0, 0] = 1
    paulis = [np.eye(2), [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]
    for op in circuit.ops:
        alone = kw.Circuit(n).append(op.gate, op.qubits, op.angle, dict(op.controls)).compile(kw.State())
        matrix = np.array([alone(None, None, row) for row in np.eye(1 << n)]).T
        rho = matrix @ rho @ matrix.conj().T
        mixed = rho
        for q in op.support:
            each = [np.kron(np.eye(1 << (n - q - 1)), np.kron(p, np.eye(1 << q))) for p in paulis]
            mixed = sum(p @ mixed @ p.conj().T for p in each) / 4
        rho = (1 - rate) * rho + rate * mixed
    return rho


def test_the_mean_of_trajectories_is_the_noisy_state():
    circuit = kw.Circuit(3).h(0).cx(0, 1).ry(0.7, 2).ccx(0, 2, 1).cry(0.4, 1, 0)
    exact = np.diag(density_after(circuit, 0.2)).real
    rng = np.random.default_rng(0)
    runs = [np.abs(depolarised(circuit, 0.2, rng).compile(kw.State())()) ** 2 for _ in range(1500)]
    error = np.std(runs, axis=0) / np.sqrt(len(runs))
    assert (np.abs(np.mean(runs, axis=0) - exact) < 4.5 * error).all()
    assert np.abs(np.mean(runs, axis=0) - np.diag(density_after(circuit, 0.0)).real).max() > 10 * error.max()


def test_without_noise_it_is_the_closed_form():
    found = noisy_recall(PATTERNS, PROBE, 0.0, n_controls=2, trajectories=2)
    closed = probabilistic_recall(PATTERNS, PROBE, n_controls=2)
    assert found.success == pytest.approx(closed.success, abs=1e-12)
    np.testing.assert_allclose(found.posterior, closed.posterior, atol=1e-12)
    assert found.spurious == pytest.approx(0, abs=1e-12)
    assert found.success_error < 1e-12


def test_noise_after_every_gate_leaves_nothing():
    """Each control ends with an H and is then mixed, and so is each memory qubit: 2**-2, and 2**-3 a string."""
    found = noisy_recall(PATTERNS, PROBE, 1.0, n_controls=2, trajectories=600)
    assert abs(found.success - 0.25) < 4 * found.success_error
    expected = np.array([1, 0.5, 0.5]) / 8  # the string that was given twice is shared by two rows
    assert (np.abs(found.posterior - expected) < 4 * found.posterior_error).all()
    assert abs(found.spurious - 6 / 8) < 4 * found.spurious_error


def test_a_recall_is_the_density_matrix_s():
    from ketwise.blocks.memory import probabilistic_retrieval, probabilistic_storage

    options = {"n_controls": 1, "pattern_register": False}
    circuit = probabilistic_storage([[0, 1], [1, 1]], toffoli=True, **options)
    circuit = circuit + probabilistic_retrieval([0, 1], **options)
    weight = np.diag(density_after(circuit, 0.03)).real
    passed = weight[:16].reshape(4, 4).sum(axis=0)  # control 0, by the memory's two bits
    found = noisy_recall([[0, 1], [1, 1]], [0, 1], 0.03, trajectories=800)
    assert abs(found.success - passed.sum()) < 4 * found.success_error
    shares = passed[[2, 3]] / passed.sum()
    assert (np.abs(found.posterior - shares) < 4 * found.posterior_error).all()
    assert abs(found.spurious - passed[[0, 1]].sum() / passed.sum()) < 4 * found.spurious_error
    assert found.spurious > 10 * found.spurious_error


def grover(patterns, probe, steps):
    storage = ventura_martinez_storage(patterns)
    return storage + grover_circuit(probe, steps, n_qubits=storage.n_qubits)


def test_grover_recall_without_noise_is_its_closed_form():
    found = noisy_readout(grover(PATTERNS, PROBE, 2), PATTERNS, 0.0, trajectories=2)
    closed = grover_recall(PATTERNS, PROBE, 2)
    np.testing.assert_allclose(found.posterior, closed.posterior, atol=1e-12)
    assert found.spurious == pytest.approx(closed.spurious[-1] + closed.other[-1], abs=1e-12)
    assert found.success == pytest.approx(1.0, abs=1e-12)


def test_noisy_grover_recall_is_the_density_matrix_s():
    circuit = grover([[0, 1], [1, 1]], [0, 1], 1)
    weight = np.diag(density_after(circuit, 0.05)).real.reshape(-1, 4).sum(axis=0)
    found = noisy_readout(circuit, [[0, 1], [1, 1]], 0.05, trajectories=800)
    assert (np.abs(found.posterior - weight[[2, 3]]) < 4 * found.posterior_error).all()
    assert abs(found.spurious - weight[[0, 1]].sum()) < 4 * found.spurious_error


def test_a_swap_test_memory_without_noise_is_its_closed_form():
    rows, probe = [[1.0, 0.0], [0.6, 0.8]], [0.0, 1.0]
    circuit = swap_test_memory(rows, probe)
    found = noisy_readout(circuit, [[0], [1]], 0.0, qubits=[1], given={circuit.n_qubits - 1: 0}, trajectories=2)
    closed = amplitude_recall(rows, probe)
    assert found.success == pytest.approx(closed.success, abs=1e-12)
    np.testing.assert_allclose(found.posterior, closed.posterior, atol=1e-12)


def test_a_recall_that_cannot_succeed_gives_the_memory():
    found = noisy_recall([[0, 1], [0, 1]], [1, 0], 0.0, trajectories=2)
    assert (found.success, found.spurious, found.posterior.tolist()) == (0.0, 0.0, [0.5, 0.5])


def test_the_seed_decides():
    one, two, other = (noisy_recall(PATTERNS, PROBE, 0.05, trajectories=20, seed=seed) for seed in (1, 1, 2))
    assert one.success == two.success
    assert one.success != other.success


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: noisy_recall(PATTERNS, PROBE, 1.5), "rate must be from 0 to 1, got 1.5"),
        (lambda: depolarised(kw.Circuit(1), -0.1), "rate must be from 0 to 1"),
        (
            lambda: noisy_recall(PATTERNS, PROBE, 0.1, trajectories=1),
            "trajectories must be a whole number of at least 2",
        ),
        (lambda: noisy_recall([], PROBE, 0.1), "the memory is empty"),
        (
            lambda: noisy_readout(kw.Circuit(3), PATTERNS, 0.1, qubits=[0]),
            "of 3 bits are read from as many qubits, got 1",
        ),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
