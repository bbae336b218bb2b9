"""The Meyer-Wallach measure on states whose value is known."""

import numpy as np
import pytest
from scipy.stats import unitary_group

import ketwise as kw
from ketwise.blocks.diagnostics.entanglement import entangling_capability, meyer_wallach


def product_state(n_qubits, rng):
    state = np.ones(1)
    for _ in range(n_qubits):
        qubit = rng.normal(size=2) + 1j * rng.normal(size=2)
        state = np.kron(qubit / np.linalg.norm(qubit), state)
    return state


def w_state(n_qubits):
    state = np.zeros(1 << n_qubits)
    state[[1 << q for q in range(n_qubits)]] = 1 / np.sqrt(n_qubits)
    return state


@pytest.mark.parametrize("n_qubits", [1, 2, 3, 6])
def test_a_product_has_none(n_qubits):
    assert meyer_wallach(product_state(n_qubits, np.random.default_rng(n_qubits))) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("n_qubits", [2, 3, 7])
def test_ghz_has_all(n_qubits):
    circuit = kw.Circuit(n_qubits).h(0)
    for q in range(n_qubits - 1):
        circuit.cx(q, q + 1)
    assert meyer_wallach(circuit.compile(kw.State())()) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n_qubits", [2, 3, 4, 9])
def test_w_states(n_qubits):
    assert meyer_wallach(w_state(n_qubits)) == pytest.approx(4 * (n_qubits - 1) / n_qubits**2, abs=1e-12)


def test_local_turns_change_nothing_and_rows_are_for_themselves():
    rng = np.random.default_rng(0)
    states = np.stack([w_state(3), product_state(3, rng)])
    turned = states
    for q in range(3):
        unitary = unitary_group.rvs(2, random_state=q)
        turned = np.einsum("ij,bkjl->bkil", unitary, turned.reshape(2, -1, 2, 1 << q)).reshape(2, -1)
    np.testing.assert_allclose(meyer_wallach(turned), meyer_wallach(states), atol=1e-12)
    assert meyer_wallach(turned).shape == (2,)


@pytest.mark.parametrize("n_qubits", [2, 3, 5])
def test_the_mean_of_random_states(n_qubits):
    rng = np.random.default_rng(n_qubits)
    states = rng.normal(size=(4000, 1 << n_qubits)) + 1j * rng.normal(size=(4000, 1 << n_qubits))
    values = meyer_wallach(states / np.linalg.norm(states, axis=1, keepdims=True))
    error = values.std() / np.sqrt(len(values))
    assert values.mean() == pytest.approx((2**n_qubits - 2) / (2**n_qubits + 1), abs=4 * error)


def test_a_deep_circuit_entangles_as_random_states_do_and_a_bell_pair_always():
    deep = entangling_capability(kw.ansatz.strongly_entangling(4, layers=6), draws=2000, seed=1)
    assert deep.mean == pytest.approx(14 / 17, abs=4 * deep.standard_error)
    assert deep.haar == pytest.approx(14 / 17, abs=1e-15)
    # RY, then CNOT: cos(w/2)|00> + sin(w/2)|11>, whose measure is sin(w)**2, on average 1/2.
    pair = entangling_capability(kw.Circuit(2).ry(kw.params(1)[0], 0).cx(0, 1), draws=4000)
    assert pair.mean == pytest.approx(0.5, abs=4 * pair.standard_error)
    assert pair.sd == pytest.approx(np.sqrt(1 / 8), rel=0.05)


def test_bad_states_are_refused():
    with pytest.raises(ValueError, match=r"states must have shape \(2\*\*n,\) or \(batch, 2\*\*n\), got \(3,\)"):
        meyer_wallach(np.ones(3))
    with pytest.raises(ValueError, match="states must have norm 1, got a squared norm of 2"):
        meyer_wallach(np.ones(2))
