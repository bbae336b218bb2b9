"""The state of random circuits against Qulacs, global phase included.

Qulacs is little-endian too. Its RX, RY and RZ turn the other way; RotX, RotY and RotZ are exp(-i angle/2 P).
"""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.words.circuit import Op
from ketwise.words.gates import pauli_matrix
from tests.random_circuits import random_circuit

pytest.importorskip("qulacs", reason="Qulacs is not installed: pip install qulacs")

from qulacs import Observable, QuantumCircuit, QuantumState, gate

TOLERANCE = 1e-10
FIXED = {
    "x": gate.X,
    "y": gate.Y,
    "z": gate.Z,
    "h": gate.H,
    "s": gate.S,
    "sdg": gate.Sdag,
    "t": gate.T,
    "tdg": gate.Tdag,
    "sx": gate.sqrtX,
    "sxdg": gate.sqrtXdag,
    "swap": gate.SWAP,
}
ROTATIONS = {"rx": gate.RotX, "ry": gate.RotY, "rz": gate.RotZ}
CODES = {"X": 1, "Y": 2, "Z": 3}


def number(op: Op, params, features) -> float:
    """The angle of an operation, from its polynomial."""
    at = (features, params)
    return math.fsum(c * math.prod(at[kind][i] for kind, i in monomial) for monomial, c in op.angle.terms.items())


def add(theirs, op: Op, params, features) -> None:
    angle = None if op.angle is None else number(op, params, features)
    qubits, row = list(op.qubits), op.gate
    controls = list(op.controls)
    if row.name == "gphase":
        # exp(-i angle/2) where the controls hold: on the last of them, or everywhere.
        qubit, value = controls.pop() if controls else (0, None)
        phase = np.exp(-0.5j * angle)
        made = gate.DenseMatrix(
            qubit, np.diag([phase if value in (0, None) else 1.0, phase if value in (1, None) else 1.0])
        )
    elif row.name in ROTATIONS:
        made = ROTATIONS[row.name](*qubits, angle)
    elif row.pauli is not None:
        made = gate.PauliRotation(qubits, [CODES[letter] for letter in row.pauli], -angle)
    elif row.name in FIXED:
        made = FIXED[row.name](*qubits)
    elif row.matrix is not None:
        made = gate.DenseMatrix(qubits, row.matrix)
    elif row.diagonal is not None:
        made = gate.DenseMatrix(qubits, np.diag(row.diagonal))
    else:
        table = np.zeros((len(row.permutation),) * 2)
        table[row.permutation, np.arange(len(row.permutation))] = 1
        made = gate.DenseMatrix(qubits, table)
    if controls:
        made = gate.to_matrix_gate(made)
        for qubit, value in controls:
            made.add_control_qubit(qubit, value)
    theirs.add_gate(made)


def their_state(circuit: kw.Circuit, params, features):
    theirs = QuantumCircuit(circuit.n_qubits)
    for op in circuit.ops:
        add(theirs, op, params, features)
    state = QuantumState(circuit.n_qubits)
    theirs.update_quantum_state(state)
    return state


def test_signs_of_their_rotations():
    """What this file takes for granted, by the definition exp(-i angle/2 P)."""
    for made, word, sign in [
        (gate.RotX(0, 0.3), "X", 1),
        (gate.RotY(0, 0.3), "Y", 1),
        (gate.RotZ(0, 0.3), "Z", 1),
        (gate.RX(0, 0.3), "X", -1),
    ]:
        expected = math.cos(0.15) * np.eye(2) - 1j * sign * math.sin(0.15) * pauli_matrix(word)
        np.testing.assert_allclose(made.get_matrix(), expected, atol=1e-15)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_300_random_circuits(first):
    for seed in range(first, first + 50):
        rng = np.random.default_rng(80_000 + seed)
        n_qubits = int(rng.integers(1, 8))
        circuit = random_circuit(rng, n_qubits, 25, dense=seed % 3 != 0)
        params, features = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
        ours = circuit.compile(kw.State())(params, features)
        theirs = their_state(circuit, params, features).get_vector()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE, err_msg=f"seed {seed}\n{circuit}")


@pytest.mark.parametrize("qubit", [0, 1, 2])
def test_a_single_excited_qubit_has_the_same_index(qubit):
    state = QuantumState(3)
    gate.X(qubit).update_quantum_state(state)
    np.testing.assert_array_equal(kw.Circuit(3).x(qubit).compile(kw.State())(), state.get_vector())


def test_an_ry_ladder():
    ours, theirs = kw.Circuit(5), QuantumCircuit(5)
    for q in range(5):
        ours.ry(0.3 * q + 0.1, q)
        theirs.add_gate(gate.RotY(q, 0.3 * q + 0.1))
    for q in range(4):
        ours.cx(q, q + 1)
        theirs.add_CNOT_gate(q, q + 1)
    state = QuantumState(5)
    theirs.update_quantum_state(state)
    np.testing.assert_allclose(ours.compile(kw.State())(), state.get_vector(), atol=1e-14)
    for q in range(5):
        chance = state.get_zero_probability(q)
        np.testing.assert_allclose(ours.compile(kw.Probabilities([q]))(), [chance, 1 - chance], atol=1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_expectations(seed):
    rng = np.random.default_rng(90_000 + seed)
    circuit = random_circuit(rng, 5, 25, dense=False)
    params, features = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
    ours, theirs = 0 * kw.identity(), Observable(5)
    for c in rng.normal(size=6):
        letters = rng.choice(list("IXYZ"), 5)
        ours = ours + c * kw.Observable("".join(letters[::-1]))
        theirs.add_operator(float(c), " ".join(f"{letter} {q}" for q, letter in enumerate(letters) if letter != "I"))
    expected = theirs.get_expectation_value(their_state(circuit, params, features))
    np.testing.assert_allclose(circuit.compile(ours)(params, features), [expected], atol=TOLERANCE)
