"""How large a gradient is over random parameters, and how many shots it takes to see it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.random_states import draw_params, draw_rows
from ketwise.words.angle import PARAM
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]

#: Points of a grid that are too many.
_MOST_POINTS = 1 << 20


def gradient_variance(
    program: Any,
    sample: Callable[[np.random.Generator], Array] | None = None,
    *,
    features: Any = None,
    draws: int = 200,
    seed: int = 0,
) -> Array:
    """Return the variance of every partial derivative of every output over random parameters.

    Parameters
    ----------
    program : Program
        With real outputs, such as expectations.
    sample : callable (rng) -> (n_params,) array, optional
        Draws parameters. Default: each uniform on [-pi, pi].
    features : (n_rows, n_features) array, optional
        Data; each draw takes one of its rows, at random.
    draws : int
    seed : int

    Returns
    -------
    (n_outputs, n_params) array
        With a relative standard error of about ``sqrt(2 / draws)`` where derivatives are about normal.

    Notes
    -----
    A variance that falls exponentially with the number of qubits is a barren plateau. With RX on each of n qubits the
    cost ``1 - prod cos(w/2)**2`` has ``(1/8) (3/8)**(n - 1)``, and the average of ``1 - cos(w/2)**2`` over the qubits
    ``1 / (8 n**2)``: Cerezo et al., Nature Communications 12, 1791 (2021). Cost: a reverse sweep a draw and output.

    Examples
    --------
    >>> import ketwise as kw
    >>> program = kw.Circuit(1).rx(kw.params(1)[0], 0).compile([kw.Z(0)])  # -sin(w): variance 1/2
    >>> bool(abs(gradient_variance(program, draws=4000)[0, 0] - 0.5) < 0.03)
    True
    """
    draws = positive_int("draws", draws, minimum=2)
    rng = np.random.default_rng(seed)
    params = draw_params(rng, draws, program.n_params, sample, np.pi)
    return np.asarray(program.jacobian(params, draw_rows(rng, draws, features))).var(axis=0)


def exact_gradient_variance(program: Any, features: Any = None) -> Array:
    """Return the variance of every partial derivative over angles uniform on [-pi, pi], without drawing any.

    Parameters
    ----------
    program : Program
        With real outputs. Every trained angle is a sum of whole multiples of parameters, and no rotation with one is
        controlled, so that outputs are trigonometric polynomials.
    features : (n_features,) array, optional
        One row of data.

    Returns
    -------
    (n_outputs, n_params) array

    Raises
    ------
    ValueError
        Where the outputs are no such polynomials, or the grid that this needs is too large: for one rotation a
        parameter, ``3**n_params`` points.

    Notes
    -----
    A polynomial of degree k is averaged exactly by k + 1 equal steps round the circle, and a squared derivative has
    twice the degree of the output.

    Examples
    --------
    >>> import ketwise as kw
    >>> program = kw.Circuit(1).rx(kw.params(1)[0], 0).compile([kw.Z(0)])  # -sin(w)
    >>> exact_gradient_variance(program).round(12)
    array([[0.5]])
    """
    degrees = np.zeros(program.n_params, dtype=int)
    for op in program.circuit.ops:
        for monomial, value in () if op.angle is None else op.angle.terms.items():
            trained = [index for kind, index in monomial if kind == PARAM]
            if not trained:
                continue
            if len(monomial) > 1 or value != round(value) or op.controls:
                raise ValueError(
                    f"the rotation {op.name} by {op.angle} makes no polynomial of whole degree in its parameter: draw "
                    "parameters instead, with gradient_variance"
                )
            degrees[trained[0]] += abs(round(value))
    sizes = 2 * degrees + 1
    n_points = math.prod(int(size) for size in sizes)
    if n_points > _MOST_POINTS:
        raise ValueError(f"the grid has {n_points} points: draw parameters instead, with gradient_variance")
    ticks = [np.arange(size) * (2.0 * np.pi / size) for size in sizes]
    params = np.stack([axis.ravel() for axis in np.meshgrid(*ticks, indexing="ij")], axis=1)
    rows = None if features is None else np.tile(np.asarray(features, dtype=np.float64), (len(params), 1))
    return np.asarray(program.jacobian(params, rows)).var(axis=0)


def haar_gradient_variance(n_qubits: int) -> float:
    """Return the variance of the derivative of a Pauli word by a Pauli rotation between two Haar-random unitaries.

    Parameters
    ----------
    n_qubits : int

    Notes
    -----
    ``d**2 / (2 (d**2 - 1) (d + 1))`` with ``d = 2**n_qubits``, for any words but the identity and any initial state;
    2-designs on both sides are enough. In general it is ``2 Tr(G**2) Tr(O**2) / ((d**2 - 1) (d + 1))`` for a generator
    G and an observable O without trace; here ``G = P / 2`` and ``O = Q``, so that these traces are ``d / 4`` and d.
    After McClean et al., Nature Communications 9, 4812 (2018).

    Examples
    --------
    >>> round(haar_gradient_variance(2), 6)  # 16 / (2 * 15 * 5)
    0.106667
    """
    d = 2.0 ** positive_int("n_qubits", n_qubits)
    return d / (d + 1.0) * (d / ((d - 1.0) * (d + 1.0))) / 2.0


def shots_to_see(variance: float, relative_error: float = 1.0, *, deviation: float = 1.0) -> int | None:
    """Return the shots a circuit with which a derivative by parameter shift has a given relative error.

    Parameters
    ----------
    variance : float
        Mean square of the derivative, in training's units.
    relative_error : float
        Noise over the root of ``variance``; at 1 the derivative is as large as its own noise.
    deviation : float
        Largest standard deviation of one shot: 1 for an observable with eigenvalues -1 and 1, 1/2 for a probability.

    Returns
    -------
    int or None
        None where there is no gradient at all.

    Notes
    -----
    ``(f(+) - f(-)) / 2`` from S shots each has a variance of at most ``deviation**2 / (2 S)``.

    Examples
    --------
    >>> shots_to_see(0.005), shots_to_see(0.005, 0.1)
    (100, 10000)
    """
    if real_number("relative_error", relative_error) <= 0:
        raise ValueError(f"relative_error must be above 0, got {relative_error}")
    if variance <= 1e-30 * deviation**2:
        return None
    return max(1, math.ceil(round(0.5 * (deviation / relative_error) ** 2 / variance, 6)))
