"""Circuits read from Qiskit and written to it have the same unitary, global phase included."""

import re

import numpy as np
import pytest

import ketwise as kw
from tests.random_circuits import random_circuit

pytest.importorskip("qiskit", reason='Qiskit is not installed: pip install "ketwise[qiskit]"')

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import (
    AnnotatedOperation,
    ControlModifier,
    Gate,
    InverseModifier,
    Parameter,
    ParameterVector,
    PowerModifier,
)
from qiskit.circuit import library as lib
from qiskit.quantum_info import Operator, Pauli, SparseObservable, SparsePauliOp, Statevector, random_unitary

from tests.interop.qiskit.circuits import asymmetric, unitary

TOLERANCE = 1e-10
# SciPy, about how Qiskit calls it in PauliEvolutionGate.to_matrix.
pytestmark = pytest.mark.filterwarnings("ignore:.*CSC.*:scipy.sparse.SparseEfficiencyWarning")


def same(theirs: QuantumCircuit, ours: kw.Circuit, params=None, features=None) -> None:
    np.testing.assert_allclose(unitary(ours, params, features), Operator(theirs).data, rtol=0, atol=TOLERANCE)


def on(n_qubits: int, operation, qubits=None) -> QuantumCircuit:
    """One operation on qubits that are neither sorted nor adjacent, where there are enough."""
    theirs = QuantumCircuit(n_qubits)
    order = list(np.random.default_rng(operation.num_qubits).permutation(n_qubits))
    theirs.append(operation, [int(q) for q in (order[: operation.num_qubits] if qubits is None else qubits)])
    return theirs


def at(circuit: QuantumCircuit, values: dict[str, float]) -> QuantumCircuit:
    return circuit.assign_parameters({p: values[p.name] for p in circuit.parameters})


@pytest.mark.parametrize("number", range(3))
def test_the_same_qubit_both_ways(number):
    theirs, ours = asymmetric()[number]
    same(theirs, kw.from_qiskit(theirs))
    same(kw.to_qiskit(ours), ours)
    assert kw.from_qiskit(theirs) == ours
    np.testing.assert_array_equal(Operator(kw.to_qiskit(ours)).data, Operator(theirs).data)


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_random_circuits_there_and_back(first):
    for seed in range(first, first + 20):
        rng = np.random.default_rng(seed)
        n_qubits = int(rng.integers(1, 6))
        ours = random_circuit(rng, n_qubits, int(rng.integers(1, 20)))
        params, features = rng.normal(size=ours.n_params), rng.normal(size=ours.n_features)
        theirs = kw.to_qiskit(ours)
        values = {f"w[{k}]": v for k, v in enumerate(params)} | {f"x[{k}]": v for k, v in enumerate(features)}
        same(at(theirs, values), ours, params, features)
        # Numbers in place of symbols, and back without any.
        bound = kw.to_qiskit(ours, params=params, features=features)
        same(bound, ours, params, features)
        same(bound, kw.from_qiskit(bound))
        back = kw.from_qiskit(theirs, features=[p for p in theirs.parameters if p.vector.name == "x"])
        used = {kind: [p.index for p in theirs.parameters if p.vector.name == kind] for kind in "wx"}
        same(at(theirs, values), back, params[used["w"]], features[used["x"]])


STANDARD = [
    *(kind() for kind in (lib.HGate, lib.SGate, lib.SdgGate, lib.TGate, lib.TdgGate, lib.SXGate, lib.SXdgGate)),
    *(kind() for kind in (lib.XGate, lib.YGate, lib.ZGate, lib.IGate, lib.ECRGate, lib.DCXGate, lib.iSwapGate)),
    *(kind() for kind in (lib.SwapGate, lib.CHGate, lib.CSGate, lib.CSdgGate, lib.CSXGate, lib.CSwapGate, lib.CCZGate)),
    *(kind() for kind in (lib.CXGate, lib.CYGate, lib.CZGate, lib.CCXGate, lib.RCCXGate, lib.C3SXGate, lib.RC3XGate)),
    *(kind(0.7) for kind in (lib.RXGate, lib.RYGate, lib.RZGate, lib.PhaseGate, lib.U1Gate, lib.CPhaseGate)),
    *(
        kind(0.7)
        for kind in (lib.RXXGate, lib.RYYGate, lib.RZZGate, lib.RZXGate, lib.CRXGate, lib.CRYGate, lib.CRZGate)
    ),
    lib.RGate(0.3, 0.4),
    lib.RVGate(0.3, 0.4, 0.5),
    lib.U2Gate(0.3, 0.4),
    lib.U3Gate(0.3, 0.4, 0.5),
    lib.UGate(0.3, 0.4, 0.5),
    lib.CUGate(0.3, 0.4, 0.5, 0.6),
    lib.CUGate(0.3, 0.4, 0.5, 0.6, ctrl_state=0),
    lib.CU1Gate(0.3),
    lib.CU3Gate(0.3, 0.4, 0.5),
    lib.XXMinusYYGate(0.3, 0.4),
    lib.XXPlusYYGate(0.3, 0.4),
    lib.MCXGate(4),
    lib.MCXGate(3, ctrl_state="010"),
    lib.MCPhaseGate(0.3, 3),
    lib.PauliGate("XYZI"),
    lib.PermutationGate([2, 0, 3, 1]),
    lib.DiagonalGate(list(np.exp(1j * np.arange(8.0)))),
    lib.UnitaryGate(random_unitary(8, seed=1)),
    lib.UnitaryGate(random_unitary(4, seed=2)).control(2, ctrl_state="01", annotated=False),
    lib.GlobalPhaseGate(0.3),
    lib.StatePreparation(np.arange(1, 9) / np.linalg.norm(np.arange(1, 9))),
    lib.StatePreparation("+r0"),
    lib.QFTGate(4),
    lib.MCMTGate(lib.ZGate(), 2, 2),
    lib.UCRYGate([0.1, 0.2, 0.3, 0.4]),
]


@pytest.mark.parametrize("gate", STANDARD, ids=lambda gate: f"{gate.name}-{gate.num_qubits}")
def test_standard_gates(gate):
    theirs = on(5, gate)
    same(theirs, kw.from_qiskit(theirs))


@pytest.mark.parametrize("gate", [lib.HGate(), lib.RXGate(0.3), lib.RYYGate(0.4), lib.UGate(0.1, 0.2, 0.3)], ids=repr)
@pytest.mark.parametrize("annotated", [True, False])
@pytest.mark.parametrize("state", range(4))
def test_every_control_state(gate, state, annotated):
    theirs = on(4, gate.control(2, ctrl_state=state, annotated=annotated))
    same(theirs, kw.from_qiskit(theirs))


def test_a_unitary_too_wide_for_one_matrix():
    theirs = on(6, lib.UnitaryGate(random_unitary(64, seed=3)))
    same(theirs, kw.from_qiskit(theirs))


def test_an_initialisation_at_the_start():
    theirs = QuantumCircuit(3)
    amplitudes = np.arange(1, 9) + 1j
    theirs.initialize(amplitudes, [2, 0, 1], normalize=True)
    state = kw.from_qiskit(theirs).compile(kw.State())()
    np.testing.assert_allclose(state, Statevector(theirs).data, atol=TOLERANCE)


def test_modifiers():
    for modifiers in (
        [ControlModifier(2, 1), InverseModifier()],
        [InverseModifier(), ControlModifier(1, 0), PowerModifier(3), ControlModifier(1, 1)],
        [PowerModifier(-2)],
        [PowerModifier(0), ControlModifier(1)],
    ):
        theirs = on(5, AnnotatedOperation(lib.RZXGate(0.7), modifiers))
        same(theirs, kw.from_qiskit(theirs))


def test_composite_gates_and_several_registers():
    a, b = Parameter("a"), Parameter("b")
    inner = QuantumCircuit(2, global_phase=a / 3)
    inner.ry(2 * a, 0)
    inner.cp(a * b, 1, 0)
    outer = QuantumCircuit(QuantumRegister(2, "p"), QuantumRegister(2, "q"), ClassicalRegister(1), global_phase=b)
    outer.append(inner.to_gate(), [3, 1])
    outer.append(inner.to_gate().control(2, ctrl_state="01", annotated=False), [2, 0, 1, 3])
    outer.append(inner.to_gate().control(1, ctrl_state=0, annotated=True), [2, 0, 1])
    outer.barrier()
    outer.delay(10, 0)
    values = {"a": 0.4, "b": -1.1}
    same(at(outer, values), kw.from_qiskit(outer), [0.4, -1.1])


def test_a_controlled_composite_gate_whose_parameter_was_replaced():
    """Qiskit leaves the old parameter in the base gate's definition; the new one is meant."""
    a, b = Parameter("a"), Parameter("b")
    inner = QuantumCircuit(1)
    inner.ry(2 * a, 0)
    inner.rz(a, 0)
    outer = QuantumCircuit(2)
    outer.append(inner.to_gate().control(1, annotated=False), [0, 1])
    renamed = outer.assign_parameters({a: b * b})
    same(at(renamed, {"b": 0.8}), kw.from_qiskit(renamed), [0.8])
    bound = outer.assign_parameters({a: 0.5})
    same(bound, kw.from_qiskit(bound))


def test_expressions_are_polynomials():
    x, y, z = (Parameter(name) for name in "xyz")
    expressions = [
        2 * (np.pi - x) * (np.pi - y),
        (x + y - z) ** 3 / 4 - 1,
        -x * y,
        2 - (x - (y - z)) * 0.5,
        (x + y).subs({x: 2 * z}),
        (x * y + z).assign(y, 3.0),
        (x**3).gradient(x) + y,
        x - x + y,
        x * 0 + 1.0,
    ]
    values = {"x": 0.3, "y": -0.7, "z": 1.9}
    for expression in expressions:
        theirs = QuantumCircuit(2)
        theirs.rx(expression, 0)
        theirs.p(expression, 1)
        order = [values[p.name] for p in theirs.parameters]
        same(at(theirs, values), kw.from_qiskit(theirs), order)


@pytest.mark.parametrize("expression", ["x.sin()", "1 / x", "x ** 0.5", "x.abs()", "2 ** x"])
def test_what_is_no_polynomial_is_refused(expression):
    theirs = QuantumCircuit(1)
    theirs.rx(eval(expression, {"x": Parameter("x")}), 0)
    with pytest.raises(ValueError, match="not a polynomial in its parameters: bind its parameters, or replace"):
        kw.from_qiskit(theirs)


def test_which_parameters_are_features():
    x, w = ParameterVector("x", 12), ParameterVector("w", 2)
    s = Parameter("s")
    theirs = QuantumCircuit(2)
    for k in range(12):
        theirs.ry(x[k], k % 2)
    theirs.rz(w[0] * s, 0)
    theirs.rz(w[1], 1)
    values = {p.name: 0.1 * k for k, p in enumerate(theirs.parameters)}
    assert kw.from_qiskit(theirs).n_params == 15
    for chosen in (x, "x", list(x)):
        ours = kw.from_qiskit(theirs, features=chosen)
        assert (ours.n_features, ours.n_params) == (12, 3)
        same(at(theirs, values), ours, [values[n] for n in ("s", "w[0]", "w[1]")], [values[p.name] for p in x])
    ours = kw.from_qiskit(theirs, features=["w[1]", s])
    rest = [values[p.name] for p in theirs.parameters if p.name not in ("w[1]", "s")]
    same(at(theirs, values), ours, rest, [values["w[1]"], values["s"]])
    with pytest.raises(ValueError, match=re.escape("features names v, which is not a parameter of the circuit")):
        kw.from_qiskit(theirs, features=["v"])
    with pytest.raises(ValueError, match="twice"):
        kw.from_qiskit(theirs, features=["w", "w[0]"])


EVOLVED = [
    SparsePauliOp(["XX", "ZZ", "YY"], [0.3, -0.4, 0.5]),
    SparsePauliOp(["XIZ", "ZZI", "III", "IYX"], [0.3, -0.4, 0.5, 0.9]),
    SparsePauliOp(["ZZZZ", "IZIZ", "ZIII"], [1.0, 2.0, 3.0]),
    Pauli("XYZ"),
    SparseObservable.from_list([("01X", 0.7), ("11Z", 0.2), ("0II", -0.3)]),
    SparseObservable.from_list([("0X", 0.7), ("1Z", 0.2)]),
    SparseObservable.from_list([("+rZ", 0.7), ("lII", 0.2)]),
    [SparsePauliOp(["XX", "YY"], [0.3, 0.2]), SparsePauliOp(["ZZ"], [0.9])],
]


@pytest.mark.parametrize("operator", EVOLVED, ids=range(len(EVOLVED)))
def test_evolution_is_exact_with_time_as_parameter_and_under_control(operator):
    t = Parameter("t")
    for gate, number in (
        (lib.PauliEvolutionGate(operator, time=t), lib.PauliEvolutionGate(operator, time=0.6)),
        (
            lib.PauliEvolutionGate(operator, time=t).control(1, ctrl_state=0),
            lib.PauliEvolutionGate(operator, time=0.6).control(1, ctrl_state=0),
        ),
    ):
        theirs = on(5, number)
        same(theirs, kw.from_qiskit(on(5, gate)), [0.6])
        same(theirs, kw.from_qiskit(theirs))


def test_evolution_too_wide_to_be_exact_is_refused_with_a_way_out():
    ring = SparsePauliOp.from_sparse_list([("ZZ", [k, k + 1], 1.0) for k in range(6)] + [("X", [0], 1.0)], 7)
    theirs = on(7, lib.PauliEvolutionGate(ring, time=0.1))
    with pytest.raises(ValueError, match=re.escape("circuit.decompose(gates_to_decompose='PauliEvolution')")):
        kw.from_qiskit(theirs)
    product = theirs.decompose(gates_to_decompose="PauliEvolution")
    same(product, kw.from_qiskit(product))


def test_measurements_at_the_end_are_left_out():
    theirs = QuantumCircuit(2, 3)
    theirs.h(0)
    theirs.measure(0, 2)
    theirs.x(1)
    theirs.measure([0, 1], [0, 1])
    assert kw.from_qiskit(theirs) == kw.Circuit(2).h(0).x(1)


def late_gate() -> QuantumCircuit:
    theirs = QuantumCircuit(2, 1)
    theirs.measure(0, 0)
    theirs.cx(0, 1)
    return theirs


def late_reset() -> QuantumCircuit:
    theirs = QuantumCircuit(1)
    theirs.h(0)
    theirs.reset(0)
    return theirs


def feed_forward() -> QuantumCircuit:
    theirs = QuantumCircuit(1, 1)
    theirs.measure(0, 0)
    with theirs.if_test((theirs.clbits[0], 1)):
        theirs.x(0)
    return theirs


def opaque() -> QuantumCircuit:
    theirs = QuantumCircuit(1)
    theirs.append(Gate("mystery", 1, []), [0])
    return theirs


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        (late_gate, "qubit 0 is measured and then acted on by cx"),
        (late_reset, "a reset of qubit 0 within the circuit"),
        (feed_forward, r"control flow \(if_else\) cannot be read"),
        (opaque, "mystery has no definition in gates"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(theirs, message):
    with pytest.raises(ValueError, match=message) as caught:
        kw.from_qiskit(theirs())
    assert re.search("Measure at the end only|decompose", str(caught.value))


def test_a_fractional_power_is_refused():
    theirs = on(1, AnnotatedOperation(lib.HGate(), [PowerModifier(0.5)]))
    with pytest.raises(ValueError, match="to the power 0.5"):
        kw.from_qiskit(theirs)


def test_wrong_kinds():
    with pytest.raises(TypeError, match="takes a QuantumCircuit"):
        kw.from_qiskit(kw.Circuit(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes a Circuit"):
        kw.to_qiskit(QuantumCircuit(1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="params must hold 1 parameters or numbers, got 2"):
        kw.to_qiskit(kw.Circuit(1).rx(kw.params(1)[0], 0), params=[1.0, 2.0])
