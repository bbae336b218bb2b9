"""``kw.plan``: what each backend would cost for a program, before anything is run."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketwise.program.planning.device import device_estimate
from ketwise.program.planning.estimate import Plan, planned
from ketwise.program.planning.simulators import FACTOR, native_estimate, reference_estimate
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import as_outputs


def plan(
    circuit: Any,
    outputs: Any,
    shots: int | None = None,
    batch: int = 1,
    *,
    gradient: bool = False,
    precision: float = 0.01,
    params: Any = None,
    features: Any = None,
    dtype: Any = "complex128",
) -> Plan:
    """Return what each backend would cost in memory, time and, for a device, shots; and which one to take.

    Nothing raises because it is too large: a backend that cannot says what it needs, what there is, and the most
    qubits that would fit.

    Parameters
    ----------
    circuit : Circuit, Encoding or Program
    outputs : Observable, sequence of Observable, Expectations, Probabilities, Overlap or State
    shots : int, optional
        Of each circuit on a device. Default: as many as ``precision`` takes.
    batch : int
        Samples of one run, with parameters that they share.
    gradient : bool
        Plan values and gradient: a reverse sweep on a simulator, shifted circuits on a device.
    precision : float
        Standard error wanted of the noisiest output; a gradient's circuits get as many shots each.
    params : (n_params,) array, optional
    features : (n_features,) or (batch, n_features) array, optional
        With both, where the circuit has them, variances are those at these values, worked out on a simulator;
        otherwise the largest there can be.
    dtype : {"complex128", "complex64"}
        Of the native engine.

    Returns
    -------
    Plan
        Prints as a table, in a notebook too; ``plan["native"]`` is an :class:`Estimate`.

    Notes
    -----
    Bytes are those with which the engine's own check would refuse. Seconds of a simulator are a prediction from what
    its passes do and from what this machine was measured to do a moment ago, within a factor of 6. Shots are
    ``variance / precision**2``, with the sum of ``|coefficient|`` of the words that a setting measures, squared, for a
    variance that is not known. A device is a superconducting one with every pair of qubits joined, without errors and
    without waiting: 250 µs a shot, 0.1 µs a layer, 0.30 USD a circuit and 0.0009 USD a shot (the lowest list prices of
    a public cloud in 2025).

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = kw.Circuit(1).ry(kw.params(1)[0], 0)
    >>> kw.plan(circuit, kw.Z(0), params=[np.pi / 6])["device"].shots  # sin(pi/6)**2 / 0.01**2
    2500
    >>> kw.plan(kw.Circuit(50).h(0), kw.Z(0)).pick
    'device'
    """
    given = circuit if isinstance(circuit, Circuit) else getattr(circuit, "circuit", None)
    if not isinstance(given, Circuit):
        raise TypeError(f"a plan needs a Circuit, an Encoding or a Program, got {circuit!r}")
    wanted = as_outputs(outputs)
    wanted.check(given.n_qubits)
    rows = positive_int("batch", batch)
    each = None if shots is None else positive_int("shots", shots)
    error = real_number("precision", precision)
    if not error > 0.0:
        raise ValueError(f"precision must be positive, got {precision!r}")
    kind = np.dtype(dtype)
    if kind not in (np.dtype(np.complex128), np.dtype(np.complex64)):
        raise ValueError(f"dtype must be complex128 or complex64, got {dtype!r}")
    native = native_estimate(given, wanted, rows, gradient=gradient, dtype=kind)
    reference = reference_estimate(given, wanted, rows, gradient=gradient)
    if np.ndim(features) == 2 and len(features) != rows:
        raise ValueError(f"features must have a row for each of batch={rows} samples, got {len(features)} rows")
    known = (params is not None or not given.n_params) and (features is not None or not given.n_features)
    values = (params, features) if known and (native.runs or reference.runs) else None
    device = device_estimate(given, wanted, rows, gradient=gradient, shots=each, precision=error, values=values)
    return planned(
        (native, reference, device),
        n_qubits=given.n_qubits,
        n_operations=len(given),
        batch=rows,
        gradient=bool(gradient),
        settings={"shots": each, "precision": error, "dtype": str(kind), "factor": FACTOR},
    )
