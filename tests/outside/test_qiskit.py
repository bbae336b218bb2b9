"""The state of random circuits against Qiskit's, global phase included: both are little-endian."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.words.circuit import Op
from tests.random_circuits import random_circuit

pytest.importorskip("qiskit", reason="Qiskit is not installed: pip install qiskit")

from qiskit import QuantumCircuit
from qiskit.circuit.library import (
    DiagonalGate,
    HGate,
    RXGate,
    RXXGate,
    RYGate,
    RYYGate,
    RZGate,
    RZZGate,
    SdgGate,
    SGate,
    SwapGate,
    SXdgGate,
    SXGate,
    TdgGate,
    TGate,
    UnitaryGate,
    XGate,
    YGate,
    ZGate,
    iSwapGate,
)
from qiskit.quantum_info import Pauli, SparsePauliOp, Statevector
from scipy.linalg import expm

TOLERANCE = 1e-10
FIXED = {
    "x": XGate,
    "y": YGate,
    "z": ZGate,
    "h": HGate,
    "s": SGate,
    "sdg": SdgGate,
    "t": TGate,
    "tdg": TdgGate,
    "sx": SXGate,
    "sxdg": SXdgGate,
    "swap": SwapGate,
    "iswap": iSwapGate,
}
ROTATIONS = {"rx": RXGate, "ry": RYGate, "rz": RZGate, "rxx": RXXGate, "ryy": RYYGate, "rzz": RZZGate}


def number(op: Op, params, features) -> float:
    """The angle of an operation, from its polynomial."""
    at = (features, params)
    return math.fsum(c * math.prod(at[kind][i] for kind, i in monomial) for monomial, c in op.angle.terms.items())


def their_gate(op: Op, angle: float):
    gate = op.gate
    if gate.name in ROTATIONS:
        return ROTATIONS[gate.name](angle)
    if gate.pauli is not None:
        return UnitaryGate(expm(-0.5j * angle * Pauli(gate.pauli[::-1]).to_matrix()))
    if gate.name in FIXED:
        return FIXED[gate.name]()
    if gate.matrix is not None:
        return UnitaryGate(gate.matrix)
    if gate.diagonal is not None:
        return DiagonalGate(list(gate.diagonal))
    table = np.zeros((len(gate.permutation),) * 2)
    table[gate.permutation, np.arange(len(gate.permutation))] = 1
    return UnitaryGate(table)


def add(theirs: QuantumCircuit, op: Op, params, features) -> None:
    angle = None if op.angle is None else number(op, params, features)
    qubits = list(op.qubits)
    controls = [q for q, _ in op.controls]
    pattern = "".join(str(v) for _, v in reversed(op.controls))
    if op.gate.name == "gphase":
        if not controls:
            theirs.global_phase += -angle / 2
            return
        # exp(-i angle/2) where the controls hold: a diagonal over them.
        values = np.ones(1 << len(controls), dtype=complex)
        values[int(pattern, 2)] = np.exp(-0.5j * angle)
        theirs.append(DiagonalGate(list(values)), controls)
        return
    gate = their_gate(op, angle)
    if controls:
        gate = gate.control(len(controls), ctrl_state=pattern, annotated=False)
    theirs.append(gate, controls + qubits)


def their_circuit(circuit: kw.Circuit, params, features) -> QuantumCircuit:
    theirs = QuantumCircuit(circuit.n_qubits)
    for op in circuit.ops:
        add(theirs, op, params, features)
    return theirs


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_300_random_circuits(first):
    for seed in range(first, first + 50):
        rng = np.random.default_rng(70_000 + seed)
        n_qubits = int(rng.integers(1, 6))
        circuit = random_circuit(rng, n_qubits, 15, dense=seed % 3 == 0)
        params, features = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
        ours = circuit.compile(kw.State())(params, features)
        theirs = Statevector(their_circuit(circuit, params, features)).data
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE, err_msg=f"seed {seed}\n{circuit}")


def test_the_random_circuits_hold_every_row_of_the_table():
    """Otherwise agreement would say little."""
    seen, controlled = set(), 0
    for seed in range(300):
        rng = np.random.default_rng(70_000 + seed)
        circuit = random_circuit(rng, int(rng.integers(1, 6)), 15, dense=seed % 3 == 0)
        seen |= {op.gate.name for op in circuit.ops}
        controlled += sum(bool(op.controls) for op in circuit.ops)
    assert {*FIXED, *ROTATIONS, "gphase", "unitary", "diagonal", "permutation"} <= seen
    assert controlled > 300


@pytest.mark.parametrize("qubit", [0, 1, 2])
def test_a_single_excited_qubit_has_the_same_index(qubit):
    theirs = QuantumCircuit(3)
    theirs.x(qubit)
    np.testing.assert_array_equal(kw.Circuit(3).x(qubit).compile(kw.State())(), Statevector(theirs).data)


def test_an_ry_ladder():
    ours, theirs = kw.Circuit(4), QuantumCircuit(4)
    for q in range(4):
        ours.ry(0.3 * q + 0.1, q)
        theirs.ry(0.3 * q + 0.1, q)
    for q in range(3):
        ours.cx(q, q + 1)
        theirs.cx(q, q + 1)
    state = Statevector(theirs)
    np.testing.assert_allclose(ours.compile(kw.State())(), state.data, atol=1e-14)
    np.testing.assert_allclose(
        ours.compile(kw.Probabilities([2, 0]))(), state.probabilities([2, 0]), rtol=0, atol=1e-14
    )


@pytest.mark.parametrize("seed", range(10))
def test_expectations_of_printed_words(seed):
    """Qiskit's labels have qubit 0 rightmost too."""
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, 4, 20, dense=False)
    params, features = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
    words = ["".join(rng.choice(list("IXYZ"), 4)) for _ in range(5)]
    coefficients = rng.normal(size=5)
    theirs = Statevector(their_circuit(circuit, params, features)).expectation_value(SparsePauliOp(words, coefficients))
    total = sum(c * kw.Observable(word) for c, word in zip(coefficients, words, strict=True))
    np.testing.assert_allclose(circuit.compile(total)(params, features), [theirs.real], atol=TOLERANCE)
    np.testing.assert_allclose(total.to_matrix(4), SparsePauliOp(words, coefficients).to_matrix(), atol=1e-14)
