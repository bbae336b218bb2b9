"""Trainable circuits against the libraries that define them."""

import numpy as np
import pytest

from ketwise.blocks.ansatz import hardware_efficient, strongly_entangling
from ketwise.words.outputs import State


def overlap(a, b):
    return abs(np.vdot(a, b)) ** 2


@pytest.mark.parametrize(("n_qubits", "layers"), [(1, 2), (2, 3), (3, 4), (4, 2)])
def test_strongly_entangling_is_pennylanes(n_qubits, layers):
    qml = pytest.importorskip("pennylane")
    weights = np.random.default_rng(n_qubits).uniform(-3, 3, (layers, n_qubits, 3))

    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def theirs():
        qml.StronglyEntanglingLayers(weights, wires=range(n_qubits))
        return qml.state()

    ours = strongly_entangling(n_qubits, layers).compile(State())(weights.ravel())
    # Their wire 0 is the highest bit of the index, ours the lowest.
    swapped = np.asarray(theirs()).reshape([2] * n_qubits).transpose().reshape(-1)
    assert overlap(ours, swapped) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("layers", [1, 3])
def test_hardware_efficient_is_qiskits_efficient_su2(layers):
    library = pytest.importorskip("qiskit.circuit.library")
    info = pytest.importorskip("qiskit.quantum_info")
    circuit = hardware_efficient(3, layers)
    values = np.random.default_rng(layers).uniform(-3, 3, circuit.n_params)
    theirs = library.efficient_su2(3, entanglement="linear", reps=layers)
    bound = theirs.assign_parameters(values)
    ours = circuit.compile(State())(values)
    assert overlap(ours, info.Statevector(bound).data) == pytest.approx(1, abs=1e-12)


def test_one_qubit_and_other_choices():
    assert hardware_efficient(1, 2).counts() == {"ry": 3, "rz": 3}
    assert hardware_efficient(3, 1, rotations="x", entangler="cz", pairs="all").counts() == {"rx": 6, "cz": 3}
    assert strongly_entangling(1, 2).counts() == {"rz": 4, "ry": 2}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: strongly_entangling(0, 1), "n_qubits"),
        (lambda: strongly_entangling(2, 0), "layers"),
        (lambda: hardware_efficient(2, 1, rotations=("w",)), "rotations"),
        (lambda: hardware_efficient(2, 1, rotations=()), "rotations"),
        (lambda: hardware_efficient(2, 1, entangler="swap"), "entangler"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
