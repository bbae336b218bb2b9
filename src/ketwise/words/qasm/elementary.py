"""Any operation as gates that OpenQASM's libraries name, still with controls."""

from __future__ import annotations

from ketwise.words.circuit import Op
from ketwise.words.gates import TABLE
from ketwise.words.qasm.ladders import diagonal_as_turns, permutation_as_flips, word_as_ladder
from ketwise.words.qasm.matrices import one_qubit, two_qubits
from ketwise.words.qasm.operations import cx, fixed


def is_elementary(op: Op) -> bool:
    """Whether OpenQASM has the gate itself, or its inverse."""
    return bool(op.gate.qasm or op.gate.inverse().qasm)


def elementary(op: Op) -> list[Op]:
    """Return operations of rows with an OpenQASM name, whose product is ``op`` with its phase.

    Raises
    ------
    ValueError
        For a matrix on three or more qubits, and for diagonals and permutations on more than ten.
    """
    gate = op.gate
    if is_elementary(op):
        return [op]
    if gate.pauli is not None:
        assert op.angle is not None
        return word_as_ladder(gate.pauli, op.angle, op.qubits, op.controls)
    if gate.diagonal is not None:
        return diagonal_as_turns(gate.diagonal, op.qubits, op.controls)
    if gate.permutation is not None:
        return permutation_as_flips(gate.permutation, op.qubits, op.controls)
    assert gate.matrix is not None
    if gate == TABLE["iswap"] and not op.controls:  # as everybody writes it
        a, b = op.qubits
        return [fixed("s", a), fixed("s", b), fixed("h", a), cx(a, b), cx(b, a), fixed("h", b)]
    if gate.n_qubits == 1:
        return one_qubit(gate.matrix, op.qubits[0], op.controls)
    if gate.n_qubits == 2:
        return two_qubits(gate.matrix, (op.qubits[0], op.qubits[1]), op.controls)
    raise ValueError(
        f"{gate.name} on qubits {op.qubits} is a matrix on {gate.n_qubits} qubits, and OpenQASM has no matrices: write "
        "it as matrices on one and two qubits, rotations, a diagonal or a permutation"
    )
