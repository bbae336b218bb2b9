"""Powers of products of operations, for ``pow(k) @``: repeated for whole k, principal values for other ones."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketwise.words.circuit import Op
from ketwise.words.gates import MAX_MATRIX_QUBITS, TABLE, unitary
from ketwise.words.qasm.controls import PHASES
from ketwise.words.qasm.operations import on_ones, phase, undone
from ketwise.words.qasm.values import Budget

#: Eigenvalues this near to -1 count as -1, whose argument is pi.
BRANCH = 1e-12


def power(ops: list[Op], exponent: int | float, budget: Budget) -> list[Op]:
    """Return the power of a product of operations.

    Raises
    ------
    ValueError
        For a power that is not whole where an angle is an input, or on more than five qubits.
    """
    if len(ops) == 1 and ops[0].angle is not None and (turned := _of_turn(ops[0], exponent)) is not None:
        return [turned]
    if exponent == int(exponent):
        times = abs(int(exponent))
        if len(ops) == 1 and ops[0].gate.inverse() == ops[0].gate and ops[0].angle is None:
            times %= 2
        budget.spend(times * len(ops))
        return (undone(ops) if exponent < 0 else ops) * times
    if any(op.angle is not None and not op.angle.is_constant for op in ops):
        raise ValueError(
            f"pow({exponent}) of a gate that depends on an input is no polynomial in it; write the angle as such"
        )
    if len(ops) == 1 and ops[0].gate.name in PHASES:
        op = ops[0]
        return [phase(PHASES[op.gate.name] * exponent, (*op.controls, *on_ones(op.qubits)))]
    return _of_matrix(ops, exponent, budget)


def _of_turn(op: Op, exponent: int | float) -> Op | None:
    """Multiply the angle, where that gives the principal value."""
    assert op.angle is not None
    half = op.angle.terms.get((), 0.0) / 2 if op.angle.is_constant else math.inf
    # A phase of pi is its own principal value; half a circle of another turn has -1 twice, with one argument.
    if exponent == int(exponent) or abs(half) < math.pi or (op.gate.pauli == "" and half == -math.pi):
        return replace(op, angle=op.angle * exponent)
    return None


def _of_matrix(ops: list[Op], exponent: float, budget: Budget) -> list[Op]:
    qubits = tuple(dict.fromkeys(qubit for op in ops for qubit in op.qubits + tuple(q for q, _ in op.controls)))
    if len(qubits) > MAX_MATRIX_QUBITS:
        raise ValueError(
            f"pow({exponent}) is read for gates on up to {MAX_MATRIX_QUBITS} qubits, this one has {len(qubits)}: "
            "define the power as a gate"
        )
    if len(ops) == 1:
        # Controls stay controls: what they leave alone has eigenvalue 1.
        controls, matrix, qubits = ops[0].controls, ops[0].gate.to_matrix(_angle(ops[0])), ops[0].qubits
    else:
        budget.spend(len(ops) << 2 * len(qubits))
        controls, matrix = (), matrix_of(ops, qubits)
    if not qubits:
        return [phase(exponent * float(np.angle(matrix[0, 0])), controls)]
    # A unitary matrix is normal: eigenvectors of a generic mixture of its two Hermitian parts are its own.
    mixture = (matrix + matrix.conj().T) + 1j * math.sqrt(0.5) * (matrix.conj().T - matrix)
    vectors = np.linalg.eigh(mixture)[1]
    arguments = np.angle(np.diag(vectors.conj().T @ matrix @ vectors))
    arguments[np.abs(arguments) > math.pi - BRANCH] = math.pi
    result = vectors * np.exp(1j * exponent * arguments) @ vectors.conj().T
    rows = [row for row in TABLE.values() if row.n_qubits == len(qubits) and not row.is_rotation]
    known = [row for row in rows if np.allclose(row.to_matrix(), result, rtol=0, atol=1e-12)]
    return [Op(known[0] if known else unitary(result), qubits, None, controls)]


def _angle(op: Op) -> float:
    return op.angle.terms.get((), 0.0) if op.angle is not None else 0.0


def matrix_of(ops: list[Op], qubits: tuple[int, ...]) -> NDArray[np.complex128]:
    """Return the matrix of operations without inputs; ``qubits[k]`` is bit ``k`` of its index."""
    index = np.arange(1 << len(qubits))
    bit = {qubit: (index >> k) & 1 for k, qubit in enumerate(qubits)}
    total = np.eye(len(index), dtype=complex)
    for op in ops:
        gate = op.gate.to_matrix(_angle(op))
        mask = sum(1 << qubits.index(qubit) for qubit in op.qubits)
        local = sum((bit[qubit] << k for k, qubit in enumerate(op.qubits)), np.zeros_like(index))
        same = np.equal.outer(index & ~mask, index & ~mask)
        acts = np.all([bit[qubit] == value for qubit, value in op.controls] or [index == index], axis=0)
        total = np.where(acts[:, None] & acts, gate[np.ix_(local, local)] * same, np.eye(len(index))) @ total
    return total
