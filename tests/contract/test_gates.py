"""Every row of the gate table: what it says about itself holds, and agrees with SciPy and Qiskit."""

import numpy as np
import pytest
from scipy.linalg import expm

import ketwise as kw
from ketwise.words.gates import TABLE, Gate, pauli_matrix, rotation

ROWS = pytest.mark.parametrize("gate", TABLE.values(), ids=TABLE.keys())
ROTATIONS = pytest.mark.parametrize("gate", [g for g in TABLE.values() if g.is_rotation], ids=lambda g: g.name)
FIXED = pytest.mark.parametrize("gate", [g for g in TABLE.values() if not g.is_rotation], ids=lambda g: g.name)
ANGLES = (0.0, 0.3, -1.7, np.pi, 2 * np.pi, 5.9)

R = np.sqrt(0.5)
#: The textbook matrices, typed here a second time; the first qubit is the lowest bit.
TEXTBOOK = {
    "x": [[0, 1], [1, 0]],
    "y": [[0, -1j], [1j, 0]],
    "z": [[1, 0], [0, -1]],
    "h": [[R, R], [R, -R]],
    "s": [[1, 0], [0, 1j]],
    "sdg": [[1, 0], [0, -1j]],
    "t": [[1, 0], [0, np.exp(0.25j * np.pi)]],
    "tdg": [[1, 0], [0, np.exp(-0.25j * np.pi)]],
    "sx": [[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]],
    "sxdg": [[0.5 - 0.5j, 0.5 + 0.5j], [0.5 + 0.5j, 0.5 - 0.5j]],
    "swap": [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]],
    "iswap": [[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]],
}


@ROWS
def test_a_row_is_stored_under_its_name_and_is_exactly_one_kind(gate):
    assert TABLE[gate.name] is gate
    kinds = [gate.pauli is not None, *(a is not None for a in (gate.matrix, gate.diagonal, gate.permutation))]
    assert sum(kinds) == 1
    assert gate.is_rotation == (gate.pauli is not None)
    assert gate.doc
    assert gate.to_matrix().shape == (1 << gate.n_qubits, 1 << gate.n_qubits)


@ROWS
@pytest.mark.parametrize("angle", ANGLES)
def test_the_matrix_is_unitary(gate, angle):
    matrix = gate.to_matrix(angle)
    np.testing.assert_allclose(matrix.conj().T @ matrix, np.eye(len(matrix)), atol=1e-15)


@ROWS
@pytest.mark.parametrize("control", [False, True])
def test_an_operation_is_called_diagonal_where_its_matrix_is(gate, control):
    circuit = kw.Circuit(gate.n_qubits + 1)
    angle = 0.7 if gate.is_rotation else None
    circuit.append(gate, range(gate.n_qubits), angle, [gate.n_qubits] if control else ())
    matrix = gate.to_matrix(0.7)
    assert circuit.ops[0].is_diagonal == (not np.abs(matrix - np.diag(np.diag(matrix))).any())


@FIXED
def test_the_matrix_is_the_textbook_one(gate):
    np.testing.assert_allclose(gate.to_matrix(), TEXTBOOK[gate.name], atol=1e-15)


@FIXED
def test_the_inverse_row_really_inverts(gate):
    undo = gate.inverse()
    np.testing.assert_allclose(undo.to_matrix() @ gate.to_matrix(), np.eye(1 << gate.n_qubits), atol=1e-15)
    assert undo.inverse() == gate
    if gate.inverse_name:
        assert undo is TABLE[gate.inverse_name]


@ROTATIONS
@pytest.mark.parametrize("angle", ANGLES)
def test_a_rotation_is_the_exponential_of_its_generator(gate, angle):
    word = pauli_matrix(gate.pauli)
    np.testing.assert_allclose(gate.to_matrix(angle), expm(-0.5j * angle * word), atol=1e-14)
    np.testing.assert_allclose(gate.to_matrix(angle) @ gate.to_matrix(-angle), np.eye(len(word)), atol=1e-15)


@pytest.mark.parametrize("word", ["", "X", "ZY", "YXZ", "ZZXY"])
def test_the_rotation_of_any_word_is_the_exponential_of_its_kronecker_product(word):
    letters = {"X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}
    generator = np.eye(1)
    for letter in word:  # character k is bit k, so that later ones are the slower bits
        generator = np.kron(letters[letter], generator)
    np.testing.assert_array_equal(pauli_matrix(word), generator)
    np.testing.assert_allclose(rotation(word).to_matrix(0.7), expm(-0.35j * generator), atol=1e-14)
    assert rotation(word) is rotation(word)


def test_rotations_with_a_row_are_that_row():
    for gate in TABLE.values():
        if gate.is_rotation:
            assert rotation(gate.pauli) is gate


@ROWS
def test_the_circuit_method_applies_the_matrix_of_the_row(gate):
    angle = 0.9
    circuit = kw.Circuit(max(1, gate.n_qubits)).append(gate, range(gate.n_qubits), angle if gate.is_rotation else None)
    columns = circuit.compile(kw.State())(None, None, np.eye(1 << circuit.n_qubits)).T
    expected = gate.to_matrix(angle) if gate.n_qubits else gate.to_matrix(angle)[0, 0] * np.eye(2)
    np.testing.assert_allclose(columns, expected, atol=1e-15)


@ROWS
def test_rows_cannot_be_changed(gate):
    for array in (gate.matrix, gate.diagonal, gate.permutation):
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    with pytest.raises(AttributeError):
        gate.name = "other"


# -- OpenQASM names, by Qiskit's matrices


@pytest.mark.parametrize("gate", [g for g in TABLE.values() if g.qasm], ids=lambda g: g.name)
@pytest.mark.parametrize("angle", [0.3, -2.1])
def test_a_qasm_name_means_the_same_matrix_in_qiskit(gate, angle):
    pytest.importorskip("qiskit", reason="Qiskit is not installed")
    from qiskit.circuit.library import GlobalPhaseGate, get_standard_gate_name_mapping

    if gate.qasm == "gphase":
        # OpenQASM's gphase(a) is exp(i a); the row's angle a is exp(-i a/2).
        np.testing.assert_allclose(gate.to_matrix(-2 * angle), GlobalPhaseGate(angle).to_matrix(), atol=1e-15)
        return
    theirs = get_standard_gate_name_mapping()[gate.qasm]
    if gate.is_rotation:
        theirs = type(theirs)(angle)
    np.testing.assert_allclose(gate.to_matrix(angle), theirs.to_matrix(), atol=1e-15)


def test_names_that_qiskit_shares_mean_the_same_matrix():
    pytest.importorskip("qiskit", reason="Qiskit is not installed")
    from qiskit.circuit.library import get_standard_gate_name_mapping

    known = get_standard_gate_name_mapping()
    shared = [gate for gate in TABLE.values() if gate.name in known and gate.n_qubits]
    assert len(shared) >= 16
    for gate in shared:
        theirs = type(known[gate.name])(0.7) if gate.is_rotation else known[gate.name]
        np.testing.assert_allclose(gate.to_matrix(0.7), theirs.to_matrix(), atol=1e-15, err_msg=gate.name)


# -- gates from arrays


def test_a_permutation_sends_each_state_to_its_entry():
    table = [2, 0, 3, 1]  # neither its own inverse nor symmetric
    matrix = Gate("permutation", 2, permutation=np.array(table)).to_matrix()
    for start, end in enumerate(table):
        np.testing.assert_array_equal(matrix @ np.eye(4)[start], np.eye(4)[end])


def test_inverses_of_user_arrays():
    u = np.linalg.qr(np.arange(16).reshape(4, 4) + 1j * np.eye(4))[0]
    for gate in (
        Gate("unitary", 2, matrix=u),
        Gate("diagonal", 2, diagonal=np.exp(1j * np.arange(4))),
        Gate("permutation", 2, permutation=np.array([2, 0, 3, 1])),
    ):
        undo = gate.inverse()
        np.testing.assert_allclose(undo.to_matrix() @ gate.to_matrix(), np.eye(4), atol=1e-15)
        assert undo != gate
        assert undo.inverse() == gate
        assert hash(undo.inverse()) == hash(gate)
