"""PennyLane's gates in ketwise's words: rotations about Pauli words, fixed gates, controls, and a few templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.operation import Operator
from pennylane.ops.op_math import Adjoint, Controlled

from ketwise.words.angle import Angle
from ketwise.words.circuit import Circuit
from ketwise.words.gates import MAX_MATRIX_QUBITS, TABLE, UNITARY_TOLERANCE, Gate, rotation

Qubits = Mapping[Any, int]
#: Appends one operation: circuit, qubits in the order of the wires, angles, controls, the operation itself.
Rule = Callable[[Circuit, list[int], Sequence[Any], dict[int, int], Operator], Any]


def _fixed(name: str) -> Rule:
    return lambda c, q, a, k, op: c.append(TABLE[name], q, None, k)


def _about(word: str) -> Rule:
    return lambda c, q, a, k, op: c.append(rotation(word), q, a[0], k)


def _pauli_rotation(c: Circuit, q: list[int], a: Sequence[Any], k: dict[int, int], op: Operator) -> None:
    word = op.hyperparameters["pauli_word"] if op.name == "PauliRot" else "Z" * len(q)
    chosen = [qubit for qubit, letter in zip(q, word, strict=True) if letter != "I"]
    c.append(rotation(word.replace("I", "")), chosen, a[0], k)


def _phase_where(*values: int) -> Rule:
    return lambda c, q, a, k, op: c.gphase(a[0], k | dict(zip(q, values, strict=True)))


def _u3(c: Circuit, q: list[int], a: Sequence[Any], k: dict[int, int], op: Operator) -> None:
    theta, phi, delta = a if len(a) == 3 else (np.pi / 2, *a)
    c.rot(delta, theta, phi, q[0], k).gphase((phi + delta) / 2, k)


def _ising_xy(c: Circuit, q: list[int], a: Sequence[Any], k: dict[int, int], op: Operator) -> None:
    c.rxx(-a[0] / 2, q[0], q[1], k).ryy(-a[0] / 2, q[0], q[1], k)


def _fermionic_swap(c: Circuit, q: list[int], a: Sequence[Any], k: dict[int, int], op: Operator) -> None:
    half = a[0] / 2
    c.rxx(half, q[0], q[1], k).ryy(half, q[0], q[1], k).rz(half, q[0], k).rz(half, q[1], k).gphase(half, k)


def _phase_swap(c: Circuit, q: list[int], a: Sequence[Any], k: dict[int, int], op: Operator) -> None:
    c.swap(q[0], q[1], k).rzz(a[0], q[0], q[1], k).gphase(a[0] / 2, k)


def _excitation(phase: int) -> Rule:
    """A rotation that takes half of the wires up and the others down, with ``exp(+-i a/2)`` elsewhere for one pair.

    ``|1..0..><0..1..|`` is a product of ``(X -+ iY)/2``; what is left of it minus its adjoint are the words with an
    odd number of Y, and they commute.
    """

    def append(c: Circuit, q: list[int], a: Sequence[Any], k: dict[int, int], op: Operator) -> None:
        half = len(q) // 2
        for letters in product("XY", repeat=2 * half):
            factors = [1 if letter == "X" else (-1j if i < half else 1j) for i, letter in enumerate(letters)]
            weight = complex(np.prod(factors)).imag
            if weight:
                c.append(rotation("".join(letters)), q, a[0] * (-2 * weight / 4**half), k)
        if phase:
            c.gphase(a[0] * (phase / 4), k).rzz(a[0] * (-phase / 2), q[0], q[1], k)

    return append


RULES: dict[str, Rule] = {
    "Identity": lambda c, q, a, k, op: None,
    "PauliX": _fixed("x"),
    "PauliY": _fixed("y"),
    "PauliZ": _fixed("z"),
    "Hadamard": _fixed("h"),
    "S": _fixed("s"),
    "T": _fixed("t"),
    "SX": _fixed("sx"),
    "SWAP": _fixed("swap"),
    "ISWAP": _fixed("iswap"),
    "RX": _about("X"),
    "RY": _about("Y"),
    "RZ": _about("Z"),
    "IsingXX": _about("XX"),
    "IsingYY": _about("YY"),
    "IsingZZ": _about("ZZ"),
    "IsingXY": _ising_xy,
    "PauliRot": _pauli_rotation,
    "MultiRZ": _pauli_rotation,
    "GlobalPhase": lambda c, q, a, k, op: c.gphase(-a[0], k),
    "PhaseShift": _phase_where(1),
    "U1": _phase_where(1),
    "U2": _u3,
    "U3": _u3,
    "Rot": lambda c, q, a, k, op: c.rot(a[0], a[1], a[2], q[0], k),
    "CPhaseShift00": _phase_where(0, 0),
    "CPhaseShift01": _phase_where(0, 1),
    "CPhaseShift10": _phase_where(1, 0),
    "PSWAP": _phase_swap,
    "FermionicSWAP": _fermionic_swap,
    "SingleExcitation": _excitation(0),
    "SingleExcitationPlus": _excitation(1),
    "SingleExcitationMinus": _excitation(-1),
    "DoubleExcitation": _excitation(0),
}

#: Templates whose own decomposition does nothing with angles but index and multiply them, which it does with symbols
#: as well; with the dimensions of their arrays.
TEMPLATES = {
    "AngleEmbedding": (1,),
    "IQPEmbedding": (1,),
    "QAOAEmbedding": (1, 2),
    "BasicEntanglerLayers": (2,),
    "SimplifiedTwoDesign": (1, 3),
    "StronglyEntanglingLayers": (3,),
}
#: What a template may be told to use as its gates.
_CHOICES = ("rotation", "imprimitive", "local_field")


def _gate_class(chosen: Any) -> bool:
    return isinstance(chosen, type) and (issubclass(chosen, Controlled) or chosen.__name__ in RULES)


def has_rule(op: Operator, templates: bool = True) -> bool:
    """Whether the angles of ``op`` stay angles: any values of them run on one compiled program."""
    while isinstance(op, (Controlled, Adjoint)):
        op = op.base
    if op.name in TEMPLATES:
        chosen = [op.hyperparameters[key] for key in _CHOICES if key in op.hyperparameters]
        return templates and all(map(_gate_class, chosen))
    return op.name in RULES


def _holds_symbols(value: Any) -> bool:
    return isinstance(value, Angle) or (isinstance(value, np.ndarray) and value.dtype.kind == "O")


def is_fixed(op: Operator) -> bool:
    """Whether ``op`` can be taken as a matrix of numbers."""
    while isinstance(op, (Controlled, Adjoint)):
        op = op.base
    if any(map(_holds_symbols, op.data)) or any(map(qml.math.requires_grad, op.data)) or op.batch_size is not None:
        return False
    if op.name == "DiagonalQubitUnitary":
        return True
    if len(op.wires) > MAX_MATRIX_QUBITS or not op.has_matrix:
        return False
    # With angles of its own, a decomposition keeps them angles: a new matrix would be a new program.
    return op.num_params == 0 or op.name == "QubitUnitary" or not op.has_decomposition


def append(circuit: Circuit, op: Operator, data: Sequence[Any], qubits: Qubits, controls: dict[int, int]) -> None:
    """Append ``op`` with ``data`` in place of its own parameters; ``qubits`` maps wires to qubits.

    Raises
    ------
    ValueError
        If there is no rule for it and it is no matrix either.
    """
    if isinstance(op, Controlled):
        held = {qubits[wire]: int(value) for wire, value in zip(op.control_wires, op.control_values, strict=True)}
        append(circuit, op.base, data, qubits, controls | held)
    elif isinstance(op, Adjoint):
        forward = Circuit(circuit.n_qubits)
        append(forward, op.base, data, qubits, controls)
        for undone in forward.inverse().ops:
            circuit.append(undone.gate, undone.qubits, undone.angle, dict(undone.controls))
    elif op.name in RULES:
        # Some templates leave arrays without axes around single symbols.
        angles = [value.item() if isinstance(value, np.ndarray) and not value.ndim else value for value in data]
        RULES[op.name](circuit, [qubits[wire] for wire in op.wires], angles, controls, op)
    elif has_rule(op):
        with qml.QueuingManager.stop_recording():
            parts = type(op).compute_decomposition(*data, wires=op.wires, **op.hyperparameters)
        for part in parts:
            append(circuit, part, part.data, qubits, controls)
    elif is_fixed(op):
        # The first wire is the highest bit of a PennyLane matrix, the first qubit the lowest of ours.
        circuit.append(_as_gate(op), [qubits[wire] for wire in reversed(op.wires)], None, controls)
    else:
        raise ValueError(f"{op} is no gate that ketwise knows, and no matrix on {MAX_MATRIX_QUBITS} qubits or fewer")


def _as_gate(op: Operator) -> Gate:
    if op.name == "DiagonalQubitUnitary":
        return Gate("diagonal", len(op.wires), diagonal=np.array(op.data[0], dtype=np.complex128))
    matrix = np.array(qml.math.toarray(op.matrix(op.wires)), dtype=np.complex128)
    return Gate("unitary", len(op.wires), matrix=matrix)


def is_unitary(circuit: Circuit) -> bool:
    """Whether all matrices can be undone: PennyLane checks none of those it is given."""
    for gate in {op.gate for op in circuit.ops}:
        if gate.diagonal is not None:
            error = np.abs(np.abs(gate.diagonal) - 1.0).max()
        elif gate.matrix is not None:
            error = np.abs(gate.matrix.conj().T @ gate.matrix - np.eye(len(gate.matrix))).max()
        else:
            continue
        if not error <= UNITARY_TOLERANCE:
            return False
    return True
