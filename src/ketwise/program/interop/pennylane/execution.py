"""Tapes on the engine: compiled once for each structure, and all tapes of one structure as the rows of one call."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pennylane.exceptions import DeviceError
from pennylane.tape import QuantumScript

from ketwise.program.interop.pennylane.gates import is_unitary
from ketwise.program.interop.pennylane.lowering import BROADCAST, SHARED, STATE, Bound, Lowered, bind, lower, structure
from ketwise.program.interop.pennylane.readings import Reading, key_of, read
from ketwise.program.program import Program
from ketwise.words.outputs import State

#: Tapes of one structure run together until their states would take this much.
MOST_BYTES = 1 << 28
#: Programs that are kept, the ones used last.
MOST_COMPILED = 256


class Compiled(NamedTuple):
    """What tapes of one structure have in common."""

    lowered: Lowered
    reading: Reading
    program: Program
    unitary: bool


class Batch(NamedTuple):
    """Tapes of one structure, or one broadcast tape, as the arguments of one call of its program."""

    compiled: Compiled
    tapes: tuple[int, ...]
    params: NDArray[np.float64]
    features: NDArray[np.float64] | None
    initial: NDArray[np.complex128] | None
    broadcast: bool

    @property
    def rows(self) -> int:
        """How many samples there are."""
        if not self.broadcast:
            return len(self.tapes)
        given = self.initial if self.features is None else self.features
        assert given is not None
        return len(given)

    def run(self) -> NDArray[Any]:
        """Return the outputs ``(rows, n_outputs)``."""
        values = np.atleast_2d(self.compiled.program(self.params, self.features, self.initial))
        return values if len(values) == self.rows else np.repeat(values, self.rows, axis=0)


class Engine:
    """Programs for tapes, kept by their structure.

    Parameters
    ----------
    dtype : numpy dtype
        complex128 or complex64.
    """

    def __init__(self, dtype: np.dtype[Any]):
        self.dtype = dtype
        self._compiled: dict[Hashable, Compiled] = {}

    def compiled(self, tape: QuantumScript) -> tuple[Hashable, Compiled]:
        """Return the program of a tape, and the key that tapes of its structure share."""
        measured = None if tape.shots else key_of(tape.measurements)
        key = (structure(tape), measured)
        found = self._compiled.pop(key, None)
        if found is None:
            lowered = lower(tape)
            reading = Reading(State(), (), False) if measured is None else read(tape.measurements, lowered.wires)
            program = lowered.circuit.compile(reading.outputs, dtype=self.dtype)
            found = Compiled(lowered, reading, program, is_unitary(lowered.circuit))
        self._compiled[key] = found
        for oldest in list(self._compiled)[:-MOST_COMPILED]:
            self._compiled.pop(oldest, None)
        return key, found

    def batches(self, tapes: Sequence[QuantumScript]) -> Iterator[Batch]:
        """Yield the calls that ``tapes`` take."""
        alike: dict[Hashable, tuple[Compiled, list[tuple[int, Bound]]]] = {}
        for index, tape in enumerate(tapes):
            key, compiled = self.compiled(tape)
            bound = bind(tape, compiled.lowered)
            if bound.features is not None or (bound.initial is not None and bound.initial.ndim == 2):
                yield Batch(compiled, (index,), *bound, broadcast=True)
            else:
                alike.setdefault(key, (compiled, []))[1].append((index, bound))
        for compiled, several in alike.values():
            most = max(1, MOST_BYTES // (16 << compiled.lowered.circuit.n_qubits))
            for start in range(0, len(several), most):
                yield _together(compiled, several[start : start + most])


def _together(compiled: Compiled, several: list[tuple[int, Bound]]) -> Batch:
    indices = tuple(index for index, _ in several)
    bounds = [bound for _, bound in several]
    if len(several) == 1:
        return Batch(compiled, indices, *bounds[0], broadcast=False)
    rows = np.stack([bound.params for bound in bounds])
    initial = None if bounds[0].initial is None else np.stack([b.initial for b in bounds if b.initial is not None])
    # Without numbers of their own, all rows are one.
    return Batch(compiled, indices, rows if rows.shape[1] else rows[0], None, initial, broadcast=False)


def pull_back(batch: Batch, cotangent: NDArray[Any], trainable: Sequence[int]) -> list[NDArray[Any]]:
    """Return the gradient of ``sum(cotangent * outputs)`` by the trainable parameters of one tape, in their shapes.

    Raises
    ------
    DeviceError
        If a matrix of the tape is not unitary, or is a parameter to be trained.
    """
    require_unitary(batch)
    places = [batch.compiled.lowered.places[i] for i in trainable]
    kinds = {place.kind for place in places}
    wanted = [name for name, kind in (("params", SHARED), ("features", BROADCAST)) if kind in kinds]
    program, arguments = batch.compiled.program, (batch.params, batch.features)
    d_initial = None
    if STATE in kinds:
        _, residual = program.forward(*arguments, batch.initial)
        weights = cotangent if batch.broadcast else cotangent[0]
        d_params, d_features, d_initial = program.backward(residual, weights)
    else:
        weights = cotangent if batch.broadcast else cotangent[0]
        _, d_params, d_features = program.vjp(*arguments, weights, batch.initial, wanted=tuple(wanted))
    found: list[NDArray[Any]] = []
    for place in places:
        if place.kind == SHARED:
            found.append(d_params[place.start : place.start + place.size].reshape(place.shape))
        elif place.kind == BROADCAST:
            part = d_features[:, place.start : place.start + place.size]
            found.append(part.reshape(-1, *place.shape))
        elif place.kind == STATE:
            assert d_initial is not None
            found.append(d_initial)
        else:
            raise DeviceError("ketwise.qubit does not differentiate by the entries of a matrix: decompose it")
    return found


def require_unitary(batch: Batch) -> None:
    """Refuse to differentiate what cannot be undone."""
    if not batch.compiled.unitary:
        raise DeviceError("a matrix of the circuit is not unitary, so that ketwise.qubit cannot differentiate it")
