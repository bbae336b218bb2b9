"""Dense memory with a polynomial interaction: spins that lower the energy one after another."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.blocks.memory.kernel_memory import kernel_weights

Array = NDArray[np.float64]


class Descent(NamedTuple):
    """Where the states of a dense memory have come to rest.

    Attributes
    ----------
    weights : (n_probes, n_patterns) array
        They add up to 1.
    states : (n_probes, n_bits) array
        From -1 to 1.
    steps : (n_probes,) int array
    converged : (n_probes,) bool array
    """

    weights: Array
    states: Array
    steps: NDArray[np.int64]
    converged: NDArray[np.bool_]


def polynomial_descent(stored: Array, starts: Array, free: NDArray[np.bool_], power: float, max_steps: int) -> Descent:
    """Turn free spins, one after another, as long as that lowers ``-sum_k max(x_k, 0)**power``, ``x = stored @ spins``.

    Spin j turns to the sign of ``sum_k F(x_k') - F(x_k'')``, x' with the spin at 1 and x'' with it at -1, for
    ``F(x) = max(x, 0)**power``: what the spin itself is does not enter. Each step finds all spins that are not at
    their sign, and visits these in the order of the bits, with what has turned before taken into account.

    Parameters
    ----------
    stored : (n_patterns, n_bits) array of -1 and 1
    starts : (n_probes, n_bits) array of -1, 0 and 1
        0 is no spin: it becomes one when it is visited, unless the sum is 0.
    free : (n_probes, n_bits) bool array
        False for spins to hold.
    power : float
        Above 1.
    max_steps : int

    Returns
    -------
    Descent
        With the slopes ``max(x_k, 0)**(power - 1)`` over their sum as weights.

    Raises
    ------
    ValueError
        For a power that overflows.

    Notes
    -----
    Cost: a matrix product of ``n_probes * n_patterns * n_bits`` a step, and ``n_patterns`` a visit; unknown spins are
    all visited. Krotov, Hopfield, NIPS 29 (2016), with the rectified polynomial.

    Examples
    --------
    >>> stored = np.array([[1.0, 1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0]])
    >>> polynomial_descent(stored, np.array([[1.0, -1.0, 1.0, 0.0]]), np.ones((1, 4), dtype=bool), 3.0, 9).states
    array([[ 1.,  1.,  1., -1.]])
    """
    n_bits = stored.shape[1]
    digits = math.log2(n_bits + 2)
    if power * digits > 1000:
        raise ValueError(f"power={power:g} overflows with {n_bits} bits: give at most {int(1000 / digits)}, or beta")
    zero = n_bits + 1  # where the table holds what an overlap of 0 gives
    powers = np.maximum(np.arange(-zero - 1, zero + 2), 0).astype(np.float64) ** power
    rise = powers[2:] - powers[:-2]
    columns = np.ascontiguousarray(stored.T)
    states = starts.copy()
    overlaps = (states @ columns).astype(np.intp) + zero  # whole numbers: nothing is rounded
    steps, converged = np.full(len(states), max_steps), np.zeros(len(states), dtype=bool)
    moving = np.arange(len(states))
    for step in range(1, max_steps + 1):
        spins = states[moving]
        visits = free[moving] & _unstable(spins, overlaps, rise, columns)
        changed = np.zeros(len(moving), dtype=bool)
        for j in np.flatnonzero(visits.any(axis=0)):
            rows = np.flatnonzero(visits[:, j])
            spin, column = spins[rows, j].astype(np.intp), columns[j].astype(np.intp)
            without = overlaps[rows] - np.multiply.outer(spin, column)
            sign = np.sign((rise[without] * columns[j]).sum(axis=1)).astype(np.intp)
            turned = np.where(sign == 0, spin, sign)
            overlaps[rows] = without + np.multiply.outer(turned, column)
            spins[rows, j] = turned
            changed[rows] |= turned != spin
        states[moving] = spins
        steps[moving[~changed]], converged[moving[~changed]] = step, True
        moving, overlaps = moving[changed], overlaps[changed]
        if not len(moving):
            break
    weights = kernel_weights(np.maximum(states @ columns, 0.0), power=power - 1.0)
    return Descent(weights, states, steps, converged)


def _unstable(spins: Array, overlaps: NDArray[np.intp], rise: Array, columns: Array) -> NDArray[np.bool_]:
    """Return which spins are 0 or against their field.

    The field of spin j is the sum of ``stored_kj * rise(x_k - stored_kj spin_j)``. That argument is ``x_k - 1`` where
    the two agree and ``x_k + 1`` where not: two sums over the patterns give the fields of all spins at once.
    """
    agree, differ = rise[overlaps - 1], rise[overlaps + 1]
    own = (agree - differ).sum(axis=1, keepdims=True)
    fields = fixed_order_product(agree + differ, columns) + spins * own  # twice the fields
    unstable: NDArray[np.bool_] = (spins == 0) | (fields * spins < 0)
    return unstable
