"""What a device would have to see of a gradient: its mean square by groups of parameters, beside the noise of shots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import angle_derivatives, circuit_of
from ketwise.blocks.circuits.light_cone import LightCone, global_from, light_cones
from ketwise.blocks.circuits.random_states import Sampler, draw_params, draw_rows
from ketwise.words.angle import PARAM
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable
from ketwise.words.outputs import Expectations, Outputs

Array = NDArray[np.float64]

#: Variance of a derivative from one shot a circuit, over that of the output: shift rules of two terms and of four.
_TWO_TERMS, _FOUR_TERMS = 0.5, 0.375
#: Squares of derivatives below this, in units of the output's bound, are rounding.
ROUNDING = 1e-26


@dataclass(frozen=True)
class Signal:
    """The mean square of every parameter's derivative over random starts, by the output that shows it best.

    Attributes
    ----------
    of_params : (n_params,) array
        0 for a parameter that no output depends on.
    mean, standard_error : float
        Over the parameters inside a light cone, and of that mean from the draws.
    seen : tuple of int
        The parameters inside a light cone.
    noise : float
        What one shot a circuit adds to the mean square, in the mean over the same parameters.
    circuits : int
        Shifted circuits for the gradient of one row.
    cones : tuple of LightCone
        One for each observable.
    """

    of_params: Array
    mean: float
    standard_error: float
    seen: tuple[int, ...]
    noise: float
    circuits: int
    cones: tuple[LightCone, ...]


def gradient_signal(
    program: Any, sample: Sampler | None, features: Any, draws: int, seed: int, only: NDArray[np.intp] | None = None
) -> Signal:
    """Return the mean square of the derivatives at random starts, and what shots add to it.

    Parameters
    ----------
    program : Program
    sample : callable (rng) -> (n_params,) array, or None
        Default: uniform on [-pi, pi].
    features : (n_rows, n_features) array or None
    draws, seed : int
    only : (some,) array of int, optional
        The parameters that are trained; default all.
    """
    rng = np.random.default_rng(seed)
    circuit, premap = circuit_of(program)
    params = draw_params(rng, draws, circuit.n_params, sample, np.pi)
    rows = draw_rows(rng, draws, features)
    squares = np.square(np.asarray(program.jacobian(params, rows), dtype=np.float64))
    of_a_shot = np.square(shot_deviations(program.outputs, circuit.n_qubits))
    squares[squares < ROUNDING * of_a_shot.max(initial=1.0)] = 0.0
    cones = light_cones(circuit, program.outputs)
    trained = set(range(circuit.n_params) if only is None else only.tolist())
    seen = sorted(trained.intersection(p for cone in cones for p in cone.params))
    of_params = np.zeros(circuit.n_params)
    if not seen:
        return Signal(of_params, 0.0, 0.0, (), 0.0, 0, cones)
    means = squares.mean(axis=0)
    best = means.argmax(axis=0)
    of_params[seen] = means[best[seen], seen]
    shown = squares[:, best[seen], seen].mean(axis=1)
    inputs = np.zeros((draws, 0)) if rows is None else np.asarray(premap.forward(rows), dtype=np.float64)
    noise, circuits = _noise(circuit, cones, params, inputs)
    return Signal(
        of_params,
        float(shown.mean()),
        float(shown.std(ddof=1) / np.sqrt(draws)),
        tuple(seen),
        float((noise * of_a_shot[best])[seen].mean()),
        circuits,
        cones,
    )


def shot_deviations(outputs: Outputs, n_qubits: int) -> Array:
    """Return, for each output, the largest standard deviation of one shot.

    Examples
    --------
    >>> import ketwise as kw
    >>> shot_deviations(kw.Expectations([kw.Z(0), 0.5 * kw.X(0) + 0.25 * kw.Z(1) + 3]), 2)
    array([1.  , 0.75])
    >>> shot_deviations(kw.Overlap([1, 0]), 1)
    array([0.5])
    """
    if not isinstance(outputs, Expectations):
        return np.full(outputs.count(n_qubits), 0.5)
    return np.array([np.abs(o.coefficients[(o.x | o.z).any(axis=1)]).sum() for o in outputs.observables])


def parameter_groups(circuit: Circuit) -> dict[tuple[int, str], list[int]]:
    """Return the parameters by layer and gate: a layer counts how often that gate was on those qubits before.

    Examples
    --------
    >>> import ketwise as kw
    >>> parameter_groups(kw.ansatz.hardware_efficient(2, layers=1, rotations="y"))
    {(1, 'ry'): [0, 1], (2, 'ry'): [2, 3]}
    """
    places: dict[tuple[str, tuple[int, ...]], int] = {}
    groups: dict[tuple[int, str], list[int]] = {}
    known: set[int] = set()
    for op in circuit.ops:
        indices = () if op.angle is None else {i for m in op.angle.terms for kind, i in m if kind == PARAM}
        if not indices:
            continue
        layer = places[op.name, op.support] = places.get((op.name, op.support), 0) + 1
        groups.setdefault((layer, op.name), []).extend(sorted(set(indices) - known))
        known |= set(indices)
    return {key: found for key, found in sorted(groups.items()) if found}


def _noise(circuit: Circuit, cones: tuple[LightCone, ...], params: Array, inputs: Array) -> tuple[Array, int]:
    """Return what one shot a circuit adds to each squared derivative, and the circuits that a row takes."""
    inside = {number for cone in cones for number in cone.ops}
    ops = [op for k, op in enumerate(circuit.ops) if k in inside and op.angle is not None and op.angle.sizes()[PARAM]]
    slopes = np.square(angle_derivatives([op.angle for op in ops if op.angle is not None], params, inputs)).mean(axis=0)
    weights = np.array([_FOUR_TERMS if op.controls else _TWO_TERMS for op in ops])
    return weights @ slopes, sum(4 if op.controls else 2 for op in ops)


def local_outputs(outputs: Outputs, n_qubits: int) -> Expectations | None:
    """Return local outputs in place of global ones, the mean of single-qubit letters; None where all are local already.

    Examples
    --------
    >>> import ketwise as kw
    >>> local_outputs(kw.Expectations(kw.Z(0) * kw.Z(1) * kw.Z(2)), 3).observables
    (0.333333*ZII + 0.333333*IZI + 0.333333*IIZ,)
    """
    if not isinstance(outputs, Expectations):
        z = np.eye(n_qubits, dtype=bool)
        return Expectations(Observable.from_arrays(np.zeros_like(z), z, np.full(n_qubits, 1.0 / n_qubits)))
    made = []
    for observable in outputs.observables:
        weights = (observable.x | observable.z).sum(axis=1)
        if not len(weights) or weights.max() < global_from(n_qubits):
            made.append(observable)
            continue
        terms, qubits = np.nonzero(observable.x | observable.z)
        x, z = np.zeros((2, len(terms), observable.n_qubits), dtype=bool)
        at = np.arange(len(terms))
        x[at, qubits], z[at, qubits] = observable.x[terms, qubits], observable.z[terms, qubits]
        made.append(Observable.from_arrays(x, z, observable.coefficients[terms] / weights[terms]))
    return Expectations(made) if tuple(made) != outputs.observables else None
