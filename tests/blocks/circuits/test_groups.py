"""Taking a circuit apart where no operation joins its qubits."""

import numpy as np
import pytest

from ketwise.blocks.ansatz import strongly_entangling
from ketwise.blocks.circuits.groups import independent_groups
from ketwise.blocks.encodings import iqp
from ketwise.words.angle import features, params
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import State


def scattered():
    """Five groups on ten qubits, joined by controls, by two-qubit rotations, through a third qubit, and not at all."""
    x, w = features(2), params(2)
    circuit = Circuit(10)
    for qubit in range(10):
        circuit.ry(0.3 + 0.1 * qubit, qubit)
    circuit.rzz(x[0] * x[1], 7, 0).rx(w[0], 9, controls=[4]).cx(1, 8).x(1, controls={3: 0}).cz(3, 5)
    return circuit.rx(x[1] + w[1], 2).swap(0, 7).rz(x[0], 6)


def test_small_circuits_and_joined_ones_stay_whole():
    small = iqp(8, pairs="none").circuit
    assert independent_groups(small) == [small]
    joined = strongly_entangling(9)
    assert independent_groups(joined)[0] is joined


@pytest.mark.parametrize(("most", "sizes"), [(1, [2, 4, 1, 2, 1]), (4, [2, 4, 4]), (5, [2, 5, 3]), (8, [7, 3])])
def test_groups_are_packed_up_to_the_limit_and_never_torn(most, sizes):
    assert [group.n_qubits for group in independent_groups(scattered(), most)] == sizes


@pytest.mark.parametrize("most", [1, 4, 8])
def test_the_parts_multiply_to_the_whole(most):
    X, theta = np.random.default_rng(0).normal(size=(6, 2)), [0.4, -1.1]
    circuit = scattered()
    whole = circuit.compile(State())(theta, X)
    parts = [group.compile(State())(theta, X) for group in independent_groups(circuit, most)]
    product = np.ones((6, 6))
    for part in parts:
        assert part.shape[1] < whole.shape[1]
        product = product * np.abs(part @ part.conj().T) ** 2
    np.testing.assert_allclose(product, np.abs(whole @ whole.conj().T) ** 2, atol=1e-13)


def test_a_global_phase_belongs_to_no_group():
    circuit = iqp(9, pairs="none").circuit
    circuit.gphase(0.3)
    assert sum(len(group) for group in independent_groups(circuit)) == 18
