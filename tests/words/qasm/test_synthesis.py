"""Matrices, diagonals, permutations and controls as gates: exact, with the phase, in the hard corners too."""

import itertools
import math

import numpy as np
import pytest
from scipy.linalg import expm

import ketwise as kw
from ketwise.words.angle import Angle
from ketwise.words.gates import TABLE, Gate, pauli_matrix
from ketwise.words.qasm.controls import flip, phases, without_controls
from ketwise.words.qasm.ladders import word_as_ladder
from ketwise.words.qasm.matrices import common_eigenvectors, one_qubit, two_qubits
from ketwise.words.qasm.operations import fixed
from tests.random_circuits import random_unitary
from tests.words.qasm.unitaries import unitary

RNG = np.random.default_rng(5)
NEARLY = (0.0, 1e-15, 1e-8, 1e-3)


def matrix_of(ops, n_qubits):
    circuit = kw.Circuit(n_qubits)
    for op in ops:
        circuit.append(op.gate, op.qubits, op.angle, dict(op.controls))
    return unitary(circuit)


def near(matrix, distance):
    hermitian = RNG.normal(size=matrix.shape) + 1j * RNG.normal(size=matrix.shape)
    return matrix @ expm(1j * distance * (hermitian + hermitian.conj().T))


ONE = [pauli_matrix(word) * f for word in "IXYZ" for f in (1, -1, 1j)] + [
    gate.to_matrix(angle) for gate in TABLE.values() if gate.n_qubits == 1 for angle in (0.3, np.pi, 2 * np.pi)
]
TWO = [
    *(np.eye(4)[list(order)] * f for order in itertools.permutations(range(4)) for f in (1, -1, np.exp(0.3j))),
    *(np.kron(random_unitary(RNG, 2), random_unitary(RNG, 2)) for _ in range(5)),
    *(np.diag(np.exp(1j * RNG.normal(size=4))) for _ in range(5)),
    *(gate.to_matrix(angle) for gate in TABLE.values() if gate.n_qubits == 2 for angle in (0.3, np.pi)),
    expm(0.7j * (pauli_matrix("XX") + pauli_matrix("YY") + pauli_matrix("ZZ"))),
    np.array([[1, 1, 1, 1], [1, 1j, -1, -1j], [1, -1, 1, -1], [1, -1j, -1, 1j]]) / 2,
]


@pytest.mark.parametrize("distance", NEARLY)
def test_one_qubit_matrices(distance):
    for matrix in [*ONE, *(random_unitary(RNG, 2) for _ in range(10))]:
        given = near(matrix, distance)
        np.testing.assert_allclose(matrix_of(one_qubit(given, 0), 1), given, rtol=0, atol=2e-14)


@pytest.mark.parametrize("distance", NEARLY)
def test_two_qubit_matrices(distance):
    for matrix in [*TWO, *(random_unitary(RNG, 4) for _ in range(10))]:
        given = near(matrix, distance)
        ops = two_qubits(given, (0, 1))
        np.testing.assert_allclose(matrix_of(ops, 2), given, rtol=0, atol=2e-14)
        assert sum(len(op.controls) for op in ops) <= 3


def test_pauli_words_of_any_length():
    for word in ["".join(letters) for k in (1, 2, 3) for letters in itertools.product("XYZ", repeat=k)]:
        qubits = tuple(int(q) for q in RNG.permutation(4)[: len(word)])
        letters = [{"X": kw.X, "Y": kw.Y, "Z": kw.Z}[letter](q) for letter, q in zip(word, qubits, strict=True)]
        controls = tuple((q, k % 2) for k, q in enumerate(set(range(4)) - set(qubits)))
        wanted = kw.Circuit(4).rotation(math.prod(letters[1:], start=letters[0]), 0.7, dict(controls))
        found = word_as_ladder(word, Angle.of(0.7), qubits, controls)
        np.testing.assert_allclose(matrix_of(found, 4), unitary(wanted), rtol=0, atol=1e-14)


def test_two_qubit_matrices_with_controls():
    """Where the controls do not hold nothing happens, although NOTs stand around the turns."""
    for matrix in [*TWO, *(random_unitary(RNG, 4) for _ in range(10))]:
        ops = two_qubits(matrix, (2, 0), ((1, 0), (3, 1)))
        wanted = unitary(kw.Circuit(4).unitary(matrix, 2, 0, controls={1: 0, 3: 1}))
        np.testing.assert_allclose(matrix_of(ops, 4), wanted, rtol=0, atol=2e-14)


def test_products_need_no_gate_on_two_qubits():
    for _ in range(20):
        ops = two_qubits(np.kron(random_unitary(RNG, 2), random_unitary(RNG, 2)), (0, 1))
        assert all(len(op.support) < 2 for op in ops)


def test_the_order_of_qubits_of_a_matrix():
    """A NOT on the matrix's lower bit, where that is the circuit's higher qubit."""
    ops = two_qubits(np.kron(np.eye(2), pauli_matrix("X")), (1, 0))
    np.testing.assert_allclose(matrix_of(ops, 2), np.kron(pauli_matrix("X"), np.eye(2)), atol=1e-14)


def test_common_eigenvectors_of_degenerate_matrices():
    for values in ([1, 1, 1, 1], [1, 1, -1, -1], [1, 1, 1, -1], [0, 1, 2, 3]):
        for others in ([2, 2, 2, 2], [5, -5, 5, -5], [1, 2, 2, 1]):
            basis = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
            a, b = basis @ np.diag(values) @ basis.T, basis @ np.diag(others) @ basis.T
            found = common_eigenvectors(a, b)
            np.testing.assert_allclose(found.T @ found, np.eye(4), atol=1e-14)
            for matrix in (a, b):
                turned = found.T @ matrix @ found
                np.testing.assert_allclose(turned, np.diag(np.diag(turned)), atol=1e-13)


@pytest.mark.parametrize("n_ones", range(8))
@pytest.mark.parametrize("n_idle", [0, 1, 2, 3])
def test_flips_and_phases_with_many_controls(n_ones, n_idle):
    """All numbers of borrowed qubits: none, too few for the ladder, enough; they come back as they were."""
    n_qubits = n_ones + 1 + n_idle
    if n_qubits > 9:
        n_qubits, n_idle = 9, 9 - n_ones - 1
    order = [int(q) for q in RNG.permutation(n_qubits)]
    ones, target = order[:n_ones], order[n_ones]
    flips = flip(ones, target, n_qubits)
    assert all(op.gate.name in ("x", "h", "gphase") and len(op.controls) <= 2 for op in flips)
    wanted = unitary(kw.Circuit(n_qubits).x(target, ones))
    np.testing.assert_allclose(matrix_of(flips, n_qubits), wanted, atol=1e-12)
    turns = phases(0.7, [*ones, target], n_qubits)
    assert all(op.gate.name in ("x", "h", "gphase") and len(op.controls) <= 2 for op in turns)
    wanted = unitary(kw.Circuit(n_qubits).gphase(0.7, [*ones, target]))
    np.testing.assert_allclose(matrix_of(turns, n_qubits), wanted, atol=1e-12)


def test_borrowed_qubits_keep_the_cost_linear():
    """Barenco et al. (1995), Lemma 7.2: 4 (k - 2) Toffoli gates; Lemma 7.3 with one borrowed qubit: linear too."""
    for k in range(3, 30):
        assert len(flip(range(k), k, 2 * k)) == 4 * (k - 2)
        assert len(flip(range(k), k, k + 2)) <= 8 * k
        assert len(phases(1.0, range(k), k)) <= 16 * k * k


@pytest.mark.parametrize("name", [name for name, gate in TABLE.items() if gate.qasm or name == "sxdg"])
@pytest.mark.parametrize("values", [(), (1,), (0,), (1, 0), (0, 1, 1)], ids=str)
def test_every_gate_without_its_controls(name, values):
    gate = TABLE[name]
    controls = {gate.n_qubits + k: value for k, value in enumerate(values)}
    circuit = kw.Circuit(max(gate.n_qubits + len(values), 1))
    circuit.append(gate, range(gate.n_qubits), 0.7 if gate.is_rotation else None, controls)
    plain = without_controls(circuit.ops[0], circuit.n_qubits)
    np.testing.assert_allclose(matrix_of(plain, circuit.n_qubits), unitary(circuit), atol=1e-14)
    for op in plain:
        allowed = {"x": 2, "gphase": 2}.get(op.gate.name, 0)
        assert len(op.controls) <= allowed
        assert all(value == 1 for _, value in op.controls)


def test_a_row_that_nobody_thought_of_loses_its_controls_by_its_matrix():
    gate = Gate("new", 1, matrix=random_unitary(RNG, 2), qasm="new")
    circuit = kw.Circuit(4).append(gate, [1], None, {0: 1, 3: 0})
    plain = without_controls(circuit.ops[0], 4)
    np.testing.assert_allclose(matrix_of(plain, 4), unitary(circuit), atol=1e-14)


def test_a_flip_without_controls_is_a_not():
    assert flip([], 0, 3) == [fixed("x", 0)]
