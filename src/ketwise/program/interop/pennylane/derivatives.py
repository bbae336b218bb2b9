"""Derivatives as PennyLane asks for them: vector-Jacobian products and Jacobians of tapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pennylane.exceptions import DeviceError
from pennylane.measurements import VarianceMP
from pennylane.tape import QuantumScript

from ketwise.program.interop.pennylane.execution import Batch, Engine, pull_back, require_unitary
from ketwise.program.interop.pennylane.lowering import SHARED, has_preparation
from ketwise.program.interop.pennylane.readings import Piece, cotangents
from ketwise.words.outputs import State


class Products(tuple[Any, ...]):
    """The gradients of one tape, of any shapes.

    PennyLane's torch interface asks ``numpy.squeeze`` of them whether there are any, which NumPy refuses for a plain
    tuple of arrays of different shapes. It takes an object's own ``squeeze`` where there is one.
    """

    def squeeze(self, axis: Any = None) -> NDArray[Any]:
        """Return an array with one entry for each gradient."""
        return np.zeros(len(self))


def vjp(engine: Engine, tape: QuantumScript, given: Any) -> Products:
    """Return the vector-Jacobian products of one tape by its trainable parameters.

    ``given`` is shaped as the tape's result, or has a leading axis of several cotangents, as the products then have.
    Parameters of observables are not differentiated: their products are 0.
    """
    (batch,) = engine.batches([tape])
    n_own = len(batch.compiled.lowered.places)
    own = [i for i in tape.trainable_params if i < n_own]
    parameters = tape.get_parameters(trainable_only=False)
    values = batch.run() if batch.compiled.reading.needs_values else None
    rows, several = _rows(batch, given)
    made = []
    for row in rows:
        weights = cotangents(batch.compiled.reading, row, values, batch.rows)
        found = dict(zip(own, pull_back(batch, weights, own), strict=True))
        made.append(
            [
                _of_parameter(tape, i, found[i]) if i in found else np.zeros(np.shape(parameters[i]))
                for i in tape.trainable_params
            ]
        )
    return Products(np.stack(column) for column in zip(*made, strict=True)) if several else Products(made[0])


def _rows(batch: Batch, given: Any) -> tuple[list[tuple[Any, ...]], bool]:
    """Return the cotangents, each with a part for every measurement, and whether there is an axis of several."""
    pieces = batch.compiled.reading.pieces
    listed = isinstance(given, (tuple, list))
    parts = [np.asarray(part) for part in (given if listed and len(given) == len(pieces) else [given])]
    lead = (batch.rows,) if batch.broadcast else ()
    expected = [(*lead, *piece.shape) for piece in pieces]
    if all(part.ndim <= len(shape) for part, shape in zip(parts, expected, strict=True)):
        return [tuple(parts)], False
    counts = {len(part) for part in parts}
    wrong = any(part.shape[1:] != shape for part, shape in zip(parts, expected, strict=True))
    if wrong or len(counts) != 1:
        raise ValueError(f"cotangents must have shapes {expected}, with one more axis or none; got {parts}")
    return [tuple(part[k] for part in parts) for k in range(counts.pop())], True


def _of_parameter(tape: QuantumScript, index: int, derivative: NDArray[Any]) -> NDArray[Any]:
    """Return a derivative by the whole first state as one by the amplitudes that a preparation was given."""
    if index or not has_preparation(tape):
        return derivative
    preparation = tape.operations[0]
    wires = preparation.wires.labels
    grid = derivative.reshape(*derivative.shape[:-1], *(2,) * len(tape.wires))
    part = grid[(..., *(slice(None) if wire in wires else 0 for wire in tape.wires.labels))]
    # What is left stands in the order of the tape's wires, the parameter in that of the operation.
    lead = part.ndim - len(wires)
    left = [wire for wire in tape.wires.labels if wire in wires]
    order = [lead + left.index(wire) for wire in wires]
    part = np.transpose(part, (*range(lead), *order)).reshape(*derivative.shape[:-1], -1)
    return part.conj() if np.iscomplexobj(preparation.data[0]) else part.real


def jacobians(batch: Batch, tapes: Sequence[QuantumScript]) -> list[Any]:
    """Return the Jacobians of the tapes of a batch that is not broadcast, each in PennyLane's form.

    One array for a single measurement and a single parameter, else a tuple over parameters, in one over measurements.
    """
    require_unitary(batch)
    reading = batch.compiled.reading
    whole = _state_jacobian(batch) if isinstance(reading.outputs, State) else _real_jacobian(batch)
    values = batch.run() if reading.needs_values else None
    made = []
    for row, index in enumerate(batch.tapes):
        trained, given = tapes[index].trainable_params, None if values is None else values[row]
        each = [_one_or_all([_entry(batch, piece, whole[row], given, i) for i in trained]) for piece in reading.pieces]
        made.append(_one_or_all(each))
    return made


def _one_or_all(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else tuple(parts)


def _entry(batch: Batch, piece: Piece, rows: NDArray[Any], values: NDArray[Any] | None, index: int) -> NDArray[Any]:
    """Return the derivative of one measurement by one parameter from the Jacobian ``(n_outputs, n_params)``."""
    places = batch.compiled.lowered.places
    if index >= len(places):
        return np.zeros(piece.shape)
    place = places[index]
    if place.kind != SHARED:
        raise DeviceError("ketwise.qubit has no Jacobian by the entries of a state or a matrix: use device_vjp=True")
    part = rows[piece.start : piece.stop, place.start : place.start + place.size]
    if piece.kind is VarianceMP:
        assert values is not None
        part = part[:1] - 2 * values[piece.start + 1] * part[1:]
    elif piece.order is not None:
        part = part[piece.order]
    return part.reshape((*piece.shape, *place.shape))


def _real_jacobian(batch: Batch) -> NDArray[Any]:
    found = batch.compiled.program.jacobian(batch.params, None, batch.initial)
    return np.array(np.broadcast_to(found, (batch.rows, *found.shape[-2:])))


def _state_jacobian(batch: Batch) -> NDArray[Any]:
    """Return ``(rows, 2**n, n_params)``: the real parts from cotangents 1, the imaginary ones from cotangents i."""
    program = batch.compiled.program
    size = 1 << program.n_qubits
    weights = np.concatenate([np.eye(size), 1j * np.eye(size)])
    made = []
    for row in range(batch.rows):
        params, initial = (
            None if given is None else np.tile(given if given.ndim == 1 else given[row], (2 * size, 1))
            for given in (batch.params, batch.initial)
        )
        _, d_params, _ = program.vjp(params, None, weights, initial, wanted=("params",))
        made.append(d_params[:size] + 1j * d_params[size:])
    return np.stack(made)
