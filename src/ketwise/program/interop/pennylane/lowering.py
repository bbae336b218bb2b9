"""A tape becomes a circuit, once for each structure, and numbers: shared by all samples, or broadcast over them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.operation import Operator, StatePrepBase
from pennylane.ops.op_math import Adjoint, Controlled
from pennylane.tape import QuantumScript
from pennylane.wires import Wires

from ketwise.program.interop.pennylane.gates import TEMPLATES, append, has_rule
from ketwise.program.interop.pennylane.symbols import symbol_array
from ketwise.words.angle import features, params
from ketwise.words.circuit import Circuit

SHARED, BROADCAST, STATE, FIXED = "shared", "broadcast", "state", "fixed"


def qubits_of(wires: Sequence[Hashable]) -> dict[Hashable, int]:
    """Return the qubit of every wire, so that states have the same order: the first wire is PennyLane's highest bit."""
    return {wire: len(wires) - 1 - position for position, wire in enumerate(wires)}


class Place(NamedTuple):
    """Where the numbers of one parameter of a tape go: from ``start`` on in the shared or the broadcast values."""

    kind: str
    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers one sample has."""
        return int(np.prod(self.shape))


class Lowered(NamedTuple):
    """A circuit whose ``params`` are a tape's shared values and whose ``features`` are its broadcast ones.

    ``wires`` are the labels in the order of a PennyLane state; ``places`` has an entry for each parameter of the
    tape's operations, in PennyLane's order.
    """

    wires: tuple[Hashable, ...]
    circuit: Circuit
    places: tuple[Place, ...]


class Bound(NamedTuple):
    """The numbers of one tape: ``params (n_params,)``, ``features (batch, n_features)`` or None, and a first state."""

    params: NDArray[np.float64]
    features: NDArray[np.float64] | None
    initial: NDArray[np.complex128] | None


def has_preparation(tape: QuantumScript) -> bool:
    """Whether the tape begins with a state that is given to the engine as it is."""
    return bool(tape.operations) and isinstance(tape.operations[0], StatePrepBase)


def structure(tape: QuantumScript) -> Hashable:
    """Return a key that equal tapes share whatever their angles."""
    key: list[Hashable] = [tape.wires.labels]
    operations: list[Operator] = tape.operations
    if has_preparation(tape):
        first = operations[0]
        key.append(("state", tuple(np.shape(value) for value in first.data)))
        operations = operations[1:]
    key.extend(map(_structure_of, operations))
    return tuple(key)


def _structure_of(op: Operator) -> Hashable:
    shapes = tuple(np.shape(value) for value in op.data)
    if isinstance(op, (Controlled, Adjoint)):
        inner = _structure_of(op.base)
        values = tuple(map(bool, op.control_values)) if isinstance(op, Controlled) else None
        return ("of", values, op.wires.labels, inner)
    if not has_rule(op):
        matrix = op.data[0] if op.name == "DiagonalQubitUnitary" else op.matrix(op.wires)
        return (op.name, op.wires.labels, np.asarray(qml.math.toarray(matrix), dtype=complex).tobytes())
    if op.name == "PauliRot":
        return (op.name, op.wires.labels, shapes, op.hyperparameters["pauli_word"])
    if op.name in TEMPLATES:
        return (op.name, op.wires.labels, shapes, _frozen(tuple(op.hyperparameters.values())))
    return (op.name, op.wires.labels, shapes)


def _frozen(value: Any) -> Hashable:
    return tuple(map(_frozen, value)) if isinstance(value, (tuple, list, np.ndarray, Wires)) else value


def lower(tape: QuantumScript) -> Lowered:
    """Return the circuit of a tape, with a symbol for every angle."""
    wires = tape.wires.labels
    n, qubits = len(wires), qubits_of(wires)
    circuit = Circuit(n)
    places: list[Place] = []
    sizes = {SHARED: 0, BROADCAST: 0}
    symbols = {SHARED: params, BROADCAST: features}
    for number, op in enumerate(tape.operations):
        if number == 0 and isinstance(op, StatePrepBase):
            places += [Place(STATE, 0, np.shape(value)) for value in op.data]
            continue
        if not has_rule(op):
            places += [Place(FIXED, 0, np.shape(value)) for value in op.data]
            append(circuit, op, op.data, qubits, {})
            continue
        data = []
        for value, dimensions in zip(op.data, _dimensions(op), strict=True):
            broadcast = np.ndim(value) > dimensions
            kind, shape = (BROADCAST, np.shape(value)[1:]) if broadcast else (SHARED, np.shape(value))
            place = Place(kind, sizes[kind], shape)
            places.append(place)
            sizes[kind] += place.size
            data.append(symbol_array(symbols[kind](sizes[kind])[place.start :], shape))
        append(circuit, op, data, qubits, {})
    whole = Circuit(n, n_params=sizes[SHARED], n_features=sizes[BROADCAST]) + circuit
    return Lowered(wires, whole, tuple(places))


def _dimensions(op: Operator) -> tuple[int, ...]:
    while isinstance(op, (Controlled, Adjoint)):
        op = op.base
    return TEMPLATES.get(op.name) or (0,) * len(op.data)


def _numbers(value: Any) -> NDArray[np.float64]:
    array = np.asarray(value)
    if array.dtype.kind == "c":
        # PennyLane writes real angles as complex numbers where it differentiates states.
        if np.any(array.imag):
            raise ValueError(f"an angle must be real, got {value}")
        array = array.real
    return array.astype(np.float64, copy=False)


def _values(tape: QuantumScript) -> Iterator[Any]:
    for op in tape.operations:
        yield from op.data


def bind(tape: QuantumScript, lowered: Lowered) -> Bound:
    """Return the numbers of ``tape`` in the places of its structure.

    Raises
    ------
    ValueError
        If broadcast parameters differ in their batch, or an angle is not real.
    """
    shared: list[Any] = []
    columns: list[NDArray[np.float64]] = []
    for value, place in zip(_values(tape), lowered.places, strict=True):
        if place.kind == SHARED:
            if place.shape:
                shared.extend(_numbers(value).ravel())
            else:
                shared.append(_numbers(value) if np.iscomplexobj(value) else value)
        elif place.kind == BROADCAST:
            numbers = _numbers(value)
            columns.append(numbers.reshape(len(numbers), -1))
    initial = None
    if has_preparation(tape):
        n = lowered.circuit.n_qubits
        state = tape.operations[0].state_vector(wire_order=list(lowered.wires))
        state = state.toarray() if hasattr(state, "toarray") else qml.math.toarray(state)
        batched = tape.operations[0].batch_size is not None
        initial = np.asarray(state, dtype=np.complex128).reshape((-1, 1 << n) if batched else (1 << n,))
    together = np.concatenate(columns, axis=1) if columns else None
    return Bound(np.array(shared, dtype=np.float64), together, initial)
