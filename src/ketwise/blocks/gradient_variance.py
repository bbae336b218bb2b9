"""How large a gradient is over random parameters, and how many shots it takes to see it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int, shape_error

Array = NDArray[np.float64]


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
    if sample is None:
        params = rng.uniform(-np.pi, np.pi, (draws, program.n_params))
    else:
        params = np.stack([sample(rng) for _ in range(draws)])
    rows = None
    if features is not None:
        table = np.asarray(features, dtype=np.float64)
        if table.ndim != 2 or not len(table):
            raise shape_error("features", "(n_rows, n_features)", table.shape)
        rows = table[rng.integers(0, len(table), draws)]
    return np.asarray(program.jacobian(params, rows)).var(axis=0)


def shots_to_see(variance: float) -> int | None:
    """Return the shots a circuit with which a derivative by parameter shift is as large as its own noise.

    Parameters
    ----------
    variance : float
        Of the derivative of an observable with eigenvalues -1 and 1.

    Returns
    -------
    int or None
        None where there is no gradient at all.

    Notes
    -----
    ``(f(+) - f(-)) / 2`` from S shots each has a variance of at most ``1 / (2 S)``.

    Examples
    --------
    >>> shots_to_see(0.005)
    100
    """
    return math.ceil(round(0.5 / variance, 6)) if variance > 1e-30 else None
