"""Gradients for qiskit-machine-learning, from reverse sweeps over all bindings at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.providers import Options
from qiskit_machine_learning.gradients import (
    BaseEstimatorGradient,
    BaseSamplerGradient,
    EstimatorGradientResult,
    SamplerGradientResult,
)

from ketwise.program.interop.qiskit.batched import Circuits, Floats, Prepared, pieces, stacked
from ketwise.program.interop.qiskit.estimator import Estimator
from ketwise.program.interop.qiskit.observables import observable
from ketwise.program.interop.qiskit.sampler import Sampler, registers
from ketwise.words.outputs import Probabilities


class EstimatorGradient(BaseEstimatorGradient):
    """Gradients of expectation values, exact, for ``EstimatorQNN(gradient=...)``.

    One forward and one reverse sweep for all bindings of a circuit and an observable, whatever the number of
    parameters; the parameter-shift rule of qiskit-machine-learning makes two circuits for each binding, observable
    and gate with an angle.

    Examples
    --------
    >>> import ketwise as kw
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> from qiskit.quantum_info import SparsePauliOp
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0)
    >>> job = kw.qiskit.EstimatorGradient().run([circuit], [SparsePauliOp("Z")], [[1.0]])
    >>> job.result().gradients[0].round(6)
    array([-0.841471])
    """

    def __init__(self, options: Any = None):
        super().__init__(Estimator(), options)

    def _run(
        self,
        circuits: Sequence[QuantumCircuit],
        observables: Sequence[Any],
        parameter_values: Sequence[Sequence[float]] | Floats,
        parameters: Sequence[Sequence[Parameter]],
        **options: Any,
    ) -> EstimatorGradientResult:
        known = Circuits()
        operators: dict[int, Any] = {id(o): (o, observable(o)) for o in {id(o): o for o in observables}.values()}
        groups: dict[Hashable, list[int]] = {}
        for place, (circuit, operator) in enumerate(zip(circuits, observables, strict=True)):
            key = (id(known[circuit]), operators[id(operator)][1].key)
            groups.setdefault(key, []).append(place)
        slopes: list[Any] = [None] * len(circuits)
        for places in groups.values():
            wanted = [operators[id(observables[places[0]])][1]]
            found = _jacobians(known[circuits[places[0]]], wanted, [parameter_values[p] for p in places])
            for place, row in zip(places, found, strict=True):
                slopes[place] = row[0]
        columns = _Columns()
        gradients = [
            row[columns(circuit, chosen)] for row, circuit, chosen in zip(slopes, circuits, parameters, strict=True)
        ]
        metadata = [{"parameters": chosen} for chosen in parameters]
        return EstimatorGradientResult(gradients=gradients, metadata=metadata, options=Options(**options))


class SamplerGradient(BaseSamplerGradient):
    """Gradients of the probabilities of measured bit strings, exact, for ``SamplerQNN(gradient=...)``.

    One forward and ``2**m`` reverse sweeps for all bindings of a circuit with ``m`` measured qubits. The circuit has
    one classical register.

    Examples
    --------
    >>> import ketwise as kw
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0), circuit.measure_all()
    >>> (row,) = kw.qiskit.SamplerGradient().run([circuit], [[1.0]]).result().gradients
    >>> {state: round(slope, 6) for state, slope in row[0].items()}
    {0: -0.420735, 1: 0.420735}
    """

    def __init__(self, options: Any = None):
        super().__init__(Sampler(default_shots=None), options)

    def _run(
        self,
        circuits: Sequence[QuantumCircuit],
        parameter_values: Sequence[Sequence[float]],
        parameters: Sequence[Sequence[Parameter]],
        **options: Any,
    ) -> SamplerGradientResult:
        known = Circuits()
        groups: dict[Hashable, list[int]] = {}
        for place, circuit in enumerate(circuits):
            groups.setdefault(id(known[circuit]), []).append(place)
        gradients: list[Any] = [None] * len(circuits)
        columns = _Columns()
        for places in groups.values():
            circuit = circuits[places[0]]
            prepared = known[circuit]
            states = _states(circuit, prepared)
            wanted = Probabilities(sorted(set(prepared.measured.values())))
            found = _jacobians(prepared, wanted, [parameter_values[p] for p in places])
            for place, table in zip(places, found, strict=True):
                wanted_columns = columns(circuits[place], parameters[place])
                gradients[place] = [_by_state(states, table[:, column]) for column in wanted_columns]
        metadata = [{"parameters": chosen} for chosen in parameters]
        return SamplerGradientResult(gradients=gradients, metadata=metadata, options=Options(**options))


def _jacobians(prepared: Prepared, outputs: Any, values: Sequence[Any]) -> list[Floats]:
    """Return ``(n_outputs, n_parameters)`` for every binding."""
    rows, where = stacked([np.asarray(row, dtype=float).reshape(1, -1) for row in values])
    program = prepared.circuit.compile(outputs)
    table = np.empty((len(rows), program.n_outputs, program.n_params))
    for piece in pieces(len(rows), program.n_outputs * program.n_params):
        inputs = prepared.inputs(rows[piece])
        table[piece] = program.jacobian(*inputs)
        if prepared.functions:
            table[piece] += prepared.pull_back(rows[piece], program.feature_jacobian(*inputs))
    return [table[at[0]] for at in where]


class _Columns:
    """Where parameters stand among those of a circuit; asking Qiskit for their order takes as long as a sample."""

    def __init__(self) -> None:
        self._known: dict[int, dict[Parameter, int]] = {}

    def __call__(self, circuit: QuantumCircuit, chosen: Sequence[Parameter]) -> list[int]:
        if id(circuit) not in self._known:
            self._known[id(circuit)] = {parameter: k for k, parameter in enumerate(circuit.parameters)}
        order = self._known[id(circuit)]
        return [order[parameter] for parameter in chosen]


def _states(circuit: QuantumCircuit, prepared: Prepared) -> list[int]:
    """Return the value of the classical register for each index over the measured qubits."""
    held = registers(circuit, prepared)
    if len(held) != 1:
        raise ValueError(
            f"a sampler gradient needs one classical register, the circuit has {len(held)}: measure into one"
        )
    (bits,) = held.values()
    n_states = 1 << len(set(prepared.measured.values()))
    return [
        sum((index >> source & 1) << k for k, source in enumerate(bits) if source is not None)
        for index in range(n_states)
    ]


def _by_state(states: list[int], slopes: Floats) -> dict[int, float]:
    found: dict[int, float] = {}
    for state, slope in zip(states, slopes.tolist(), strict=True):
        found[state] = found.get(state, 0.0) + slope
    return found
