"""Qiskit's estimator on our engine: all bindings of a circuit in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives import BaseEstimatorV2, DataBin, PrimitiveJob, PrimitiveResult, PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub, ObservablesArray

from ketwise.program.interop.qiskit.batched import Circuits, Floats, Prepared, pieces, stacked
from ketwise.program.interop.qiskit.observables import observable
from ketwise.words.observable import Observable


@dataclass(frozen=True, eq=False)
class _Pub:
    """One pub, converted: observables as places in a list that all pubs share."""

    circuit: QuantumCircuit
    observables: NDArray[np.int64]
    values: Floats
    shape: tuple[int, ...]
    precision: float


class Estimator(BaseEstimatorV2):
    """Expectation values as ``qiskit.primitives.StatevectorEstimator`` gives them, computed in batches.

    All bindings of a pub, and all pubs whose circuits have the same structure, are one call of the engine; compiled
    circuits are kept. Measurements at the end of a circuit are left out.

    Parameters
    ----------
    default_precision : float
        Standard deviation of the normal noise that is added where ``run`` and the pub give none; 0 is exact.
    seed : int, numpy Generator or None
        Of that noise. The same seed gives the same noise as ``StatevectorEstimator``: every pub starts anew from an
        int, a Generator moves on.

    Notes
    -----
    Unlike the stock primitive it refuses resets and measurements within a circuit, and takes projectors such as
    ``"0"`` and ``"+"`` in observables.

    Examples
    --------
    >>> import ketwise as kw
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0)
    >>> job = kw.qiskit.Estimator().run([(circuit, ["Z"], [[0.0], [1.0], [3.141592653589793]])])
    >>> job.result()[0].data.evs.round(6)
    array([ 1.      ,  0.540302, -1.      ])
    """

    def __init__(self, *, default_precision: float = 0.0, seed: np.random.Generator | int | None = None):
        self._default_precision = default_precision
        self._seed = seed

    @property
    def default_precision(self) -> float:
        """Precision where none is given."""
        return self._default_precision

    @property
    def seed(self) -> np.random.Generator | int | None:
        """Seed of the noise."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> PrimitiveJob[PrimitiveResult[PubResult]]:
        """Return a job for pubs ``(circuit, observables, values, precision)``; its result is one for each pub.

        Parameters
        ----------
        pubs : iterable
            As Qiskit defines them; observables and values broadcast.
        precision : float, optional
            For pubs that give none.
        """
        wanted = self._default_precision if precision is None else precision
        reader = _Pubs(wanted)
        converted = [reader.convert(pub) for pub in pubs]
        job = PrimitiveJob(self._run, converted, reader.observables)
        job._submit()
        return job

    def _run(self, pubs: list[_Pub], observables: list[Observable]) -> PrimitiveResult[PubResult]:
        results = []
        for pub, values in zip(pubs, _expectations(pubs, observables), strict=True):
            if pub.precision:
                values = np.random.default_rng(self._seed).normal(values, pub.precision)
            # Qiskit returns arrays of shape () where nothing was swept.
            evs = np.asarray(values, dtype=np.float64).reshape(pub.shape)
            data = DataBin(evs=evs, stds=np.zeros(pub.shape), shape=pub.shape)
            metadata = {"target_precision": pub.precision, "circuit_metadata": pub.circuit.metadata}
            results.append(PubResult(data, metadata=metadata))
        return PrimitiveResult(results, metadata={"version": 2})


class _Pubs:
    """Turns pubs into arrays. What many pubs share, the same circuit and operator objects, is converted once."""

    def __init__(self, precision: Any):
        self._precision = precision
        self.observables: list[Observable] = []
        self._places: dict[Any, int] = {}
        self._operators: dict[int, tuple[Any, int, NDArray[np.int64]]] = {}
        self._sizes: dict[int, tuple[QuantumCircuit, int]] = {}

    def convert(self, pub: Any) -> _Pub:
        """Return a pub as arrays; what is odd in any way goes through Qiskit's own checks, which name the fault."""
        return self._plain(pub) or self._checked(EstimatorPub.coerce(pub, self._precision))

    def _plain(self, pub: Any) -> _Pub | None:
        """Return the usual pub: a circuit, one operator, and numbers for all its parameters."""
        if not isinstance(pub, tuple) or len(pub) != 3 or not isinstance(pub[0], QuantumCircuit):
            return None
        circuit, operator, given = pub
        if not isinstance(self._precision, float) or self._precision < 0 or isinstance(operator, (Mapping, list, str)):
            return None
        if not isinstance(given, (list, np.ndarray)):
            return None
        if id(circuit) not in self._sizes:
            self._sizes[id(circuit)] = (circuit, circuit.num_parameters)
        n_parameters = self._sizes[id(circuit)][1]
        values = np.asarray(given, dtype=float)
        # One parameter may stand with or without an axis of its own: Qiskit decides that.
        if n_parameters < 2 or not values.ndim or values.shape[-1] != n_parameters:
            return None
        if id(operator) not in self._operators:
            array = ObservablesArray.coerce(operator)
            self._operators[id(operator)] = (operator, array.num_qubits, self._listed(array))
        _, n_qubits, places = self._operators[id(operator)]
        if n_qubits != circuit.num_qubits or places.ndim:
            return None
        return _Pub(circuit, places, values, values.shape[:-1], self._precision)

    def _checked(self, pub: EstimatorPub) -> _Pub:
        values = pub.parameter_values.as_array(pub.circuit.parameters)
        return _Pub(pub.circuit, self._listed(pub.observables), values, pub.shape, pub.precision)

    def _listed(self, array: ObservablesArray) -> NDArray[np.int64]:
        operators = array.sparse_observables_array()
        places = np.empty(operators.shape, dtype=np.int64)
        for index in np.ndindex(operators.shape):
            made = observable(operators[index])
            places[index] = self._places.setdefault(made.key, len(self.observables))
            if places[index] == len(self.observables):
                self.observables.append(made)
        return places


def _expectations(pubs: list[_Pub], observables: list[Observable]) -> list[Floats]:
    """Return the values of every pub, of its shape."""
    found: list[Any] = [None] * len(pubs)
    circuits = Circuits()
    groups: dict[int, tuple[Prepared, list[int]]] = {}
    for place, pub in enumerate(pubs):
        prepared = circuits[pub.circuit]
        groups.setdefault(id(prepared), (prepared, []))[1].append(place)
    for prepared, places in groups.values():
        rows, where = stacked([pubs[p].values for p in places])
        # Every pair of a row and an observable that some pub asks for, the rows of a pub broadcast to its shape.
        pairs = []
        for p, at in zip(places, where, strict=True):
            pub = pubs[p]
            at_row, at_observable = np.broadcast_arrays(at.reshape(pub.values.shape[:-1]), pub.observables)
            pairs.append((at_row, at_observable))
        values = _table(prepared, rows, pairs, observables)
        for p, (at_row, at_observable) in zip(places, pairs, strict=True):
            found[p] = values[at_row, at_observable]
    return found


def _table(
    prepared: Prepared,
    rows: Floats,
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    observables: list[Observable],
) -> Floats:
    """Return ``(n_rows, n_observables)`` with the wanted pairs filled: rows that need the same observables together."""
    wanted = np.zeros((len(rows), len(observables)), dtype=bool)
    for at_row, at_observable in pairs:
        wanted[at_row, at_observable] = True
    table = np.full(wanted.shape, np.nan)
    if not len(rows):
        return table
    kinds, kind_of_row = np.unique(wanted, axis=0, return_inverse=True)
    kind_of_row = kind_of_row.reshape(-1)
    for kind, needed in enumerate(kinds):
        columns = np.flatnonzero(needed)
        chosen = np.flatnonzero(kind_of_row == kind)
        if not len(columns):
            continue
        program = prepared.circuit.compile([observables[c] for c in columns])
        for piece in pieces(len(chosen), len(columns)):
            part = chosen[piece]
            values = np.atleast_2d(program(*prepared.inputs(rows[part])))
            table[np.ix_(part, columns)] = values
    return table
