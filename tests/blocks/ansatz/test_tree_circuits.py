"""Tree tensor networks against PennyLane; convolutional networks by their cones and what their blocks can do."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.ansatz.tree_circuits import qcnn, tree_tensor, two_qubit_unitary
from ketwise.blocks.circuits.light_cone import light_cone
from ketwise.blocks.diagnostics.lie_algebra import lie_algebra
from ketwise.blocks.gradients.metric_tensor import metric_tensor


@pytest.mark.parametrize("n_qubits", [2, 4, 8])
def test_the_tree_is_that_of_the_benchmark(n_qubits):
    """The circuit of Bowles et al. (2024): RY on what is left, CNOT from each second qubit, and a last RY."""
    qml = pytest.importorskip("pennylane")
    w = np.random.default_rng(n_qubits).uniform(-3, 3, 2 * n_qubits - 1)

    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def theirs():
        values = iter(w)
        for level in range(n_qubits.bit_length() - 1):
            for q in range(0, n_qubits, 2**level):
                qml.RY(next(values), wires=q)
            for q in range(0, n_qubits, 2 ** (level + 1)):
                qml.CNOT(wires=[q + 2**level, q])
        qml.RY(next(values), wires=0)
        return qml.expval(qml.PauliZ(0))

    circuit = tree_tensor(n_qubits)
    assert circuit.n_params == len(w)
    np.testing.assert_allclose(circuit.compile(kw.Z(0))(w), [theirs()], atol=1e-12)


def test_one_qubit_and_odd_sizes():
    assert tree_tensor(1).counts() == {"ry": 1}
    with pytest.raises(ValueError, match="n_qubits must be a power of 2 for a tree, got 6"):
        tree_tensor(6)
    assert len(qcnn(1)) == 0
    assert [qcnn(n).n_params for n in (2, 3, 4, 5, 8, 9)] == [17, 34, 34, 51, 51, 68]


def test_a_block_reaches_every_two_qubit_unitary():
    """Its generators span su(4), and the map from 15 angles to unitaries is locally one to one."""
    block = two_qubit_unitary(kw.Circuit(2), kw.params(15)[:], 0, 1)
    assert lie_algebra(block).controllable
    # The unitary as a state: it acts on one half of two Bell pairs.
    pairs = kw.Circuit(4).h(0).cx(0, 2).h(1).cx(1, 3)
    whole = two_qubit_unitary(pairs, kw.params(15)[:], 0, 1)
    metric = metric_tensor(whole, np.random.default_rng(0).uniform(-3, 3, 15))
    assert np.linalg.matrix_rank(metric, tol=1e-9) == 15
    with pytest.raises(ValueError, match="has 15 angles, got 3"):
        two_qubit_unitary(kw.Circuit(2), kw.params(3)[:], 0, 1)


@pytest.mark.parametrize("n_qubits", [4, 6, 8])
def test_every_qubit_reaches_the_readout_through_few_levels(n_qubits):
    circuit = qcnn(n_qubits, shared=False)
    cone = light_cone(circuit, kw.Z(0))
    assert cone.qubits == tuple(range(n_qubits))
    deepest = 17 * int(np.ceil(np.log2(n_qubits)))
    assert qcnn(n_qubits).n_params == deepest < circuit.n_params
    used = {i for op in circuit.ops if op.angle is not None for m in op.angle.terms for _, i in m}
    assert used == set(range(circuit.n_params))


def test_pooling_moves_a_bit():
    """RX(pi) of the first where the second is 0: Z of the first becomes minus Z Z of both."""
    circuit = kw.Circuit(2).ry(1.1, 0).ry(0.4, 1) + qcnn(2)
    w = np.zeros(17)
    w[16] = np.pi
    expected = -np.cos(1.1) * np.cos(0.4)
    np.testing.assert_allclose(circuit.compile(kw.Z(0))(w), [expected], atol=1e-12)
