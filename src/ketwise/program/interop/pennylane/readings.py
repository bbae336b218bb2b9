"""What a tape measures as outputs of a program, and the way back: results from values, cotangents to values."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.measurements import ExpectationMP, MeasurementProcess, ProbabilityMP, StateMP, VarianceMP

from ketwise.program.interop.pennylane.lowering import qubits_of
from ketwise.program.interop.pennylane.observables import from_sentence, sentence_of
from ketwise.words.observable import Observable, Z, identity
from ketwise.words.outputs import Expectations, Outputs, Probabilities, State

#: Beside observables, the probabilities of so many wires are expectations of projectors, 4**wires words of Z.
MOST_PROJECTED_WIRES = 4


class Piece(NamedTuple):
    """The columns of one measurement among a program's outputs, and their order where it is not ours."""

    kind: type[MeasurementProcess]
    start: int
    stop: int
    order: NDArray[np.int64] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample's result."""
        return () if self.kind in (ExpectationMP, VarianceMP) else (self.stop - self.start,)

    def result(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return ``(batch,)`` or ``(batch, n)`` from all values ``(batch, n_outputs)``."""
        own = values[:, self.start : self.stop]
        if self.kind is ExpectationMP:
            return own[:, 0]
        if self.kind is VarianceMP:
            return own[:, 0] - own[:, 1] ** 2
        return own if self.order is None else own[:, self.order]

    def cotangent(self, given: NDArray[Any], values: NDArray[Any] | None) -> NDArray[Any]:
        """Return ``(batch, stop - start)`` from the cotangent of :meth:`result`."""
        if self.kind is ExpectationMP:
            return given.reshape(-1, 1)
        if self.kind is VarianceMP:
            assert values is not None
            return np.stack([given, -2 * values[:, self.start + 1] * given], axis=1)
        # PennyLane's cotangent c of a state stands for Re sum(c * state), ours for Re sum(conj(c) * state).
        own = given.conj() if self.kind is StateMP else given
        return own if self.order is None else own[:, np.argsort(self.order)]


class Reading(NamedTuple):
    """A tape's measurements as outputs; ``native`` is False where PennyLane has to read them from the state."""

    outputs: Outputs
    pieces: tuple[Piece, ...]
    native: bool

    @property
    def needs_values(self) -> bool:
        """Whether cotangents depend on the values."""
        return any(piece.kind is VarianceMP for piece in self.pieces)


def key_of(measurements: Sequence[MeasurementProcess]) -> Hashable:
    """Return a key that equal native measurements share; None where PennyLane reads the state."""
    keys: list[Hashable] = []
    for measurement in measurements:
        kind = type(measurement)
        if measurement.mv is not None or kind not in (ExpectationMP, VarianceMP, ProbabilityMP, StateMP):
            return None
        if measurement.obs is not None:
            if kind is ProbabilityMP:
                return None
            keys.append((kind, *_observable_key(measurement.obs)))
        elif measurement._eigvals is not None:
            return None
        else:
            keys.append((kind, measurement.wires.labels))
    return tuple(keys)


def _observable_key(observable: Any) -> tuple[Hashable, ...]:
    if observable.pauli_rep is not None:
        return tuple((word, complex(coefficient)) for word, coefficient in observable.pauli_rep.items())
    if observable.has_matrix and len(observable.wires) <= 4:
        return (observable.wires.labels, np.asarray(qml.math.toarray(observable.matrix()), dtype=complex).tobytes())
    return ("read from the state",)


def is_native(measurements: Sequence[MeasurementProcess]) -> bool:
    """Whether the engine computes these measurements itself, and their derivatives."""
    if any(qml.math.requires_grad(value) for m in measurements if m.obs is not None for value in m.obs.data):
        return False  # by the coefficients of an observable
    if key_of(measurements) is None:
        return False
    if len(measurements) == 1 and measurements[0].obs is None:
        return True
    return all(_has_observables(measurement) for measurement in measurements)


def _has_observables(measurement: MeasurementProcess) -> bool:
    if measurement.obs is None:
        return isinstance(measurement, ProbabilityMP) and 0 < len(measurement.wires) <= MOST_PROJECTED_WIRES
    return measurement.obs.pauli_rep is not None or sentence_of(measurement.obs) is not None


def read(measurements: Sequence[MeasurementProcess], labels: Sequence[Hashable]) -> Reading:
    """Return what to compute for these measurements of a state on these wires."""
    by_state = Reading(State(), (), False)
    if key_of(measurements) is None:
        return by_state
    n_wires, qubits = len(labels), qubits_of(labels)
    first = measurements[0]
    if len(measurements) == 1 and first.obs is None:
        wires = first.wires.labels or tuple(labels)
        if isinstance(first, StateMP):
            if len(wires) != n_wires:
                return by_state
            order = np.arange(1 << n_wires).reshape((2,) * n_wires)
            order = order.transpose([labels.index(wire) for wire in wires]).reshape(-1)
            return Reading(State(), (Piece(StateMP, 0, 1 << n_wires, order),), True)
        # The first wire is the highest bit of the outcome, as it is in a state.
        pieces = (Piece(ProbabilityMP, 0, 1 << len(wires)),)
        return Reading(Probabilities([qubits[wire] for wire in reversed(wires)]), pieces, True)
    observables: list[Observable] = []
    made: list[Piece] = []
    for measurement in measurements:
        found = _observables(measurement, qubits)
        if found is None:
            return by_state
        made.append(Piece(type(measurement), len(observables), len(observables) + len(found)))
        observables += found
    return Reading(Expectations(observables), tuple(made), True)


def _observables(measurement: MeasurementProcess, qubits: dict[Any, int]) -> list[Observable] | None:
    if isinstance(measurement, ProbabilityMP):
        wires = measurement.wires.labels
        return _projectors([qubits[wire] for wire in wires]) if 0 < len(wires) <= MOST_PROJECTED_WIRES else None
    if measurement.obs is None:
        return None
    sentence = sentence_of(measurement.obs)
    if sentence is None:
        return None
    observable = from_sentence(sentence, qubits)
    return [observable] if isinstance(measurement, ExpectationMP) else [observable * observable, observable]


def _projectors(qubits: list[int]) -> list[Observable]:
    """Return a projector for each outcome of ``qubits``, of which the first is the highest bit."""
    found = [identity()]
    for qubit in qubits:
        found = [before * (identity() + sign * Z(qubit)) * 0.5 for before in found for sign in (1, -1)]
    return found


def results(reading: Reading, values: NDArray[Any], broadcast: bool) -> Any:
    """Return what PennyLane expects of a tape: one array, or a tuple of one for each measurement."""
    made = tuple(piece.result(values) for piece in reading.pieces)
    if not broadcast:
        made = tuple(result[0] for result in made)
    return made if len(made) > 1 else made[0]


def cotangents(reading: Reading, given: Sequence[Any], values: NDArray[Any] | None, batch: int) -> NDArray[Any]:
    """Return ``(batch, n_outputs)`` from one cotangent for each measurement."""
    columns = [
        piece.cotangent(np.asarray(part).reshape(batch, *piece.shape), values)
        for piece, part in zip(reading.pieces, given, strict=True)
    ]
    return np.concatenate(columns, axis=1)
