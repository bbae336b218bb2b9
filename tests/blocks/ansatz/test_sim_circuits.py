"""The nineteen circuits against the paper's table of costs, and against PennyLane, gate by gate."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.ansatz.sim_circuits import TEMPLATES, sim

#: Table 1 of Sim et al. (2019), for 4 qubits and one layer: parameters and two-qubit gates. Circuit 10 is counted with
#: the four rotations before its first layer.
PUBLISHED = {
    1: (8, 0),
    2: (8, 3),
    3: (11, 3),
    4: (11, 3),
    5: (28, 12),
    6: (28, 12),
    7: (19, 3),
    8: (19, 3),
    9: (4, 3),
    10: (8, 4),
    11: (12, 3),
    12: (12, 3),
    13: (16, 8),
    14: (16, 8),
    15: (8, 8),
    16: (11, 3),
    17: (11, 3),
    18: (12, 4),
    19: (12, 4),
}


@pytest.mark.parametrize("number", TEMPLATES)
def test_costs_are_the_published_ones(number):
    once, thrice = sim(number), sim(number, layers=3)
    assert (once.n_params, once.n_two_qubit()) == PUBLISHED[number]
    before = 4 if number == 10 else 0
    assert thrice.n_params == 3 * (once.n_params - before) + before
    assert thrice.n_two_qubit() == 3 * once.n_two_qubit()


@pytest.mark.parametrize(
    ("number", "of_n"),
    [
        (3, lambda n: 3 * n - 1),
        (5, lambda n: n * n + 3 * n),
        (8, lambda n: 5 * n - 1),
        (11, lambda n: 4 * n - 4),
        (14, lambda n: 3 * n + n // np.gcd(n, 3)),
        (19, lambda n: 3 * n),
    ],
)
@pytest.mark.parametrize("n_qubits", [4, 5, 6, 8])
def test_parameters_grow_with_the_qubits_as_published(number, of_n, n_qubits):
    assert sim(number, n_qubits).n_params == of_n(n_qubits)


@pytest.mark.parametrize("number", TEMPLATES)
@pytest.mark.parametrize("n_qubits", [1, 2, 3])
def test_few_qubits(number, n_qubits):
    circuit = sim(number, n_qubits, layers=2)
    assert circuit.n_qubits == n_qubits
    assert all(len(set(op.support)) == len(op.support) for op in circuit.ops)


def drawn_in_the_figure(qml, number, w):
    """Circuits 6, 11 and 14 from the picture in the paper, wire 0 on top."""
    w = iter(w)

    def each(gate, wires=range(4)):
        for wire in wires:
            gate(next(w), wires=wire)

    if number == 6:
        each(qml.RX), each(qml.RZ)
        for control in (3, 2, 1, 0):
            for target in (3, 2, 1, 0):
                if target != control:
                    qml.CRX(next(w), wires=[control, target])
        each(qml.RX), each(qml.RZ)
    elif number == 11:
        each(qml.RY), each(qml.RZ)
        qml.CNOT([1, 0]), qml.CNOT([3, 2])
        each(qml.RY, (1, 2)), each(qml.RZ, (1, 2))
        qml.CNOT([2, 1])
    else:
        each(qml.RY)
        for control, target in ((3, 0), (2, 3), (1, 2), (0, 1)):
            qml.CRX(next(w), wires=[control, target])
        each(qml.RY)
        for control, target in ((3, 2), (0, 3), (1, 0), (2, 1)):
            qml.CRX(next(w), wires=[control, target])


@pytest.mark.parametrize("number", [6, 11, 14])
def test_the_state_is_that_of_the_figure(number):
    qml = pytest.importorskip("pennylane")
    circuit = sim(number)
    w = np.random.default_rng(number).uniform(0, 2 * np.pi, circuit.n_params)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def theirs():
        drawn_in_the_figure(qml, number, w)
        return qml.state()

    # Their wire 0 is the highest bit of the index, ours the lowest.
    swapped = np.asarray(theirs()).reshape([2] * 4).transpose().reshape(-1)
    assert abs(np.vdot(circuit.compile(kw.State())(w), swapped)) ** 2 == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("number", [0, 20, 1.5, "a"])
def test_other_numbers_are_refused(number):
    with pytest.raises(ValueError, match="number must be"):
        sim(number)
