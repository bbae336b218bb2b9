"""Every PennyLane gate that has a rule here has PennyLane's own matrix, controlled and undone as well."""

import numpy as np
import pytest

qml = pytest.importorskip("pennylane", reason="PennyLane is an extra")

import ketwise as kw  # noqa: E402
from ketwise.program.interop.pennylane import gates, preprocessing  # noqa: E402

WIRES = 5
WORD = "XIZY"
#: Wires that are not in order, so that a wrong order shows.
ORDER = (3, 0, 4, 1, 2)


def made(name: str, values: np.ndarray) -> qml.operation.Operator:
    kind = getattr(qml, name)
    if name == "PauliRot":
        return kind(values[0], WORD, wires=ORDER[: len(WORD)])
    n_wires = 3 if name in ("MultiRZ", "GlobalPhase", "Identity") else kind.num_wires
    return kind(*values[: kind.num_params], wires=ORDER[:n_wires])


def unitary(circuit: kw.Circuit, *numbers: np.ndarray | None) -> np.ndarray:
    """The matrix of a circuit with PennyLane's order of basis states."""
    size = 1 << circuit.n_qubits
    columns = circuit.compile(kw.State())(*numbers, initial_state=np.eye(size)).T
    backwards = [int(f"{i:0{circuit.n_qubits}b}"[::-1], 2) for i in range(size)]
    return columns[np.ix_(backwards, backwards)]


def agree(op: qml.operation.Operator) -> None:
    circuit = kw.from_pennylane(qml.tape.QuantumScript([op]), wires=range(WIRES))
    numbers = np.array(op.data) if circuit.n_params else None
    np.testing.assert_allclose(unitary(circuit, numbers), qml.matrix(op, wire_order=range(WIRES)), atol=1e-12)


@pytest.mark.parametrize("name", gates.RULES)
def test_a_gate_has_the_matrix_of_pennylane(name: str) -> None:
    agree(made(name, np.random.default_rng(1).normal(size=3)))


@pytest.mark.parametrize("name", gates.RULES)
def test_a_gate_undone(name: str) -> None:
    agree(qml.adjoint(made(name, np.random.default_rng(2).normal(size=3))))


@pytest.mark.parametrize("name", [name for name in gates.RULES if name != "DoubleExcitation"])
def test_a_gate_with_controls_of_both_values(name: str) -> None:
    op = made(name, np.random.default_rng(3).normal(size=3))
    free = [wire for wire in range(WIRES) if wire not in op.wires]
    agree(qml.ctrl(op, control=free, control_values=[True, False, True, False][: len(free)]))


@pytest.mark.parametrize(
    "op",
    [
        qml.CRot(0.1, 0.2, 0.3, wires=[4, 1]),
        qml.Toffoli([4, 0, 2]),
        qml.CSWAP([1, 3, 0]),
        qml.CCZ([0, 2, 3]),
        qml.CH([3, 1]),
        qml.MultiControlledX([4, 2, 0, 1], control_values=[True, False, False]),
        qml.adjoint(qml.ctrl(qml.U3(0.3, 0.4, 0.5, wires=2), control=[0, 4], control_values=[0, 1])),
        qml.QubitUnitary(np.diag(np.exp(1j * np.arange(8))) @ np.eye(8)[::-1], wires=[2, 4, 0]),
        qml.ctrl(qml.QubitUnitary(np.eye(4)[[1, 3, 0, 2]], wires=[3, 1]), control=[0]),
        qml.DiagonalQubitUnitary(np.exp(1j * np.arange(8)), wires=[4, 0, 3]),
        qml.QFT([3, 0, 2]),
        qml.ECR([2, 1]),
        qml.SISWAP([4, 1]),
        qml.FermionicSWAP(0.4, wires=[1, 2]),
        qml.OrbitalRotation(0.7, wires=[3, 1, 0, 2]),
        qml.DoubleExcitationPlus(0.7, wires=[3, 1, 0, 2]),
        qml.PCPhase(0.6, dim=3, wires=[2, 0]),
        qml.pow(qml.RX(0.7, 2), 3),
        qml.exp(qml.X(0) @ qml.Y(3), 0.4j),
        qml.prod(qml.S(1), qml.X(4)),
        qml.BasisState([1, 0, 1], wires=[4, 1, 0]),
    ],
    ids=lambda op: op.name,
)
def test_what_has_no_rule_of_its_own(op: qml.operation.Operator) -> None:
    if isinstance(op, qml.BasisState):
        found = unitary(kw.from_pennylane(qml.tape.QuantumScript([op]), wires=range(WIRES)))[:, 0]
        np.testing.assert_allclose(np.abs(found), op.state_vector(range(WIRES)).ravel(), atol=1e-12)
    else:
        agree(op)


TEMPLATES = {
    "AngleEmbedding": lambda rng: [qml.AngleEmbedding(rng.normal(size=5), wires=ORDER, rotation=r) for r in "XYZ"],
    "IQPEmbedding": lambda rng: [
        qml.IQPEmbedding(rng.normal(size=5), wires=ORDER, n_repeats=2),
        qml.IQPEmbedding(rng.normal(size=5), wires=ORDER, pattern=[[3, 4], [0, 1]]),
    ],
    "QAOAEmbedding": lambda rng: [
        qml.QAOAEmbedding(rng.normal(size=4), rng.normal(size=(2, 10)), wires=ORDER, local_field=qml.RX)
    ],
    "BasicEntanglerLayers": lambda rng: [
        qml.BasicEntanglerLayers(rng.normal(size=(2, 5)), wires=ORDER, rotation=r) for r in (None, qml.RZ)
    ],
    "SimplifiedTwoDesign": lambda rng: [
        qml.SimplifiedTwoDesign(rng.normal(size=5), rng.normal(size=(2, 4, 2)), wires=ORDER)
    ],
    "StronglyEntanglingLayers": lambda rng: [
        qml.StronglyEntanglingLayers(rng.normal(size=(2, 5, 3)), wires=ORDER, ranges=r, imprimitive=g)
        for r, g in ((None, None), ([2, 3], qml.CZ))
    ],
}


@pytest.mark.parametrize("name", gates.TEMPLATES)
def test_a_template_with_symbols_is_the_template_with_numbers(name: str) -> None:
    for op in TEMPLATES[name](np.random.default_rng(4)):
        assert gates.has_rule(op)
        numbers = np.concatenate([value.ravel() for value in op.data])
        circuit = kw.from_pennylane(qml.tape.QuantumScript([op]), wires=range(WIRES))
        assert circuit.n_params == len(numbers)
        np.testing.assert_allclose(unitary(circuit, numbers), qml.matrix(op, wire_order=range(WIRES)), atol=1e-12)


def test_a_template_of_gates_that_have_no_rule_is_left_to_pennylane() -> None:
    op = qml.StronglyEntanglingLayers(np.zeros((1, 3, 3)), wires=range(3), imprimitive=qml.ECR)
    assert not gates.has_rule(op)
    assert not preprocessing.runs(op)


def test_what_is_no_gate_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="no unitary gate"):
        kw.from_pennylane(qml.tape.QuantumScript([qml.AmplitudeDamping(0.1, wires=0)]))
