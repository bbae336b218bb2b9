"""What a device would need for a program: circuits, shots, seconds and money, under assumptions that are said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.program.planning.estimate import Estimate
from ketwise.program.program import compile_circuit
from ketwise.program.shift import FOUR_TERMS, TWO_TERMS
from ketwise.words.circuit import Circuit
from ketwise.words.measurement import n_settings, settings
from ketwise.words.observable import Observable
from ketwise.words.outputs import Expectations, Outputs, State

#: Of a superconducting device: a shot with reset and read-out, and a layer of gates.
SECONDS_A_SHOT, SECONDS_A_LAYER = 250e-6, 0.1e-6
#: The lowest public list prices of a cloud in 2025, in USD, for a circuit and for a shot.
MONEY_A_TASK, MONEY_A_SHOT = 0.30, 0.0009
#: Words of a square that are worth working out; beyond, the bound on a variance is taken.
MOST_WORDS = 4096


def shots_for(variance: float, precision: float) -> int:
    """Return the shots after which a mean has that standard error: ``variance / precision**2``, rounded up.

    Examples
    --------
    >>> shots_for(1.0, 0.01), shots_for(0.0, 0.01)
    (10000, 1)
    """
    # What rounding alone adds is no shot.
    return max(1, math.ceil(variance / precision**2 * (1.0 - 1e-12)))


def device_estimate(
    circuit: Circuit, outputs: Outputs, batch: int, *, gradient: bool, shots: int | None, precision: float, values: Any
) -> Estimate:
    """Return what a device would cost; ``values`` are params and features to take variances at, or None for bounds."""
    if isinstance(outputs, State):
        return Estimate(backend="device", runs=False, says="a device has no state to give: ask for expectations")
    variance, exact = _variance(circuit, outputs, values)
    of_a_row = n_settings(outputs)
    shifted = n_shifted(circuit) if gradient else 0
    circuits = batch * of_a_row * (1 + shifted)
    each = shots_for(variance, precision) if shots is None else shots
    seconds = circuits * each * (SECONDS_A_SHOT + circuit.depth() * SECONDS_A_LAYER)
    where = "at these values" if exact else "at most"
    parts = [
        f"{of_a_row:,} setting{'s' * (of_a_row > 1)} a row",
        f"variance of a shot {where} {variance:.4g}",
        f"{circuit.n_two_qubit():,} operations on several qubits",
    ]
    if shifted:
        parts.insert(1, f"{shifted:,} shifted circuits for a gradient")
    return Estimate(
        backend="device",
        runs=True,
        seconds=seconds,
        circuits=circuits,
        shots=circuits * each,
        shots_a_circuit=each,
        standard_error=math.sqrt(variance / each),
        money=circuits * (MONEY_A_TASK + each * MONEY_A_SHOT),
        says="; ".join(parts),
    )


def n_shifted(circuit: Circuit) -> int:
    """Return the circuits that a gradient by parameter shift takes beside the circuit itself.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(2)
    >>> n_shifted(kw.Circuit(2).rx(w[0], 0).crx(w[1], 0, 1).rz(kw.features(1)[0], 0))
    6
    """
    trained = [op for op in circuit.ops if op.angle is not None and op.angle.sizes()[1]]
    return sum(2 * len(FOUR_TERMS if op.controls else TWO_TERMS) for op in trained)


def _variance(circuit: Circuit, outputs: Outputs, values: Any) -> tuple[float, bool]:
    """Return the largest variance of one shot a setting, over rows and outputs, and whether it is no mere bound."""
    if not isinstance(outputs, Expectations):
        if values is None:
            return 0.25, False
        chances = np.atleast_2d(compile_circuit(circuit, outputs)(*values)).astype(np.float64)
        return float((chances * (1.0 - chances)).max(initial=0.0)), True
    found = [_of_observable(circuit, o, k, outputs, values) for k, o in enumerate(outputs.observables)]
    return max(value for value, _ in found), all(exact for _, exact in found)


def _of_observable(
    circuit: Circuit, observable: Observable, place: int, outputs: Expectations, values: Any
) -> tuple[float, bool]:
    """Variances of independent settings add up; words that share one are correlated, and measured as their sum."""
    parts = [setting.part(observable, place) for setting in settings(outputs.observables)]
    parts = [part for part in parts if part.n_terms]
    if values is None or any(part.n_terms**2 > MOST_WORDS for part in parts):
        return float(sum(part.norm1() ** 2 for part in parts)), False
    if not parts:
        return 0.0, True
    squares = [part * part for part in parts]
    means = np.atleast_2d(compile_circuit(circuit, [*parts, *squares])(*values)).astype(np.float64)
    first, second = means[:, : len(parts)], means[:, len(parts) :]
    variances: NDArray[np.float64] = np.maximum(second - first**2, 0.0).sum(axis=1)
    return float(variances.max()), True
