"""Dense associative memory, the modern Hopfield network: a softmax or a power of the overlaps in place of their sum."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.product import fixed_order_product, product_bytes
from ketwise.blocks.memory.classical.polynomial_descent import Descent, polynomial_descent
from ketwise.blocks.memory.kernel_memory import kernel_weights
from ketwise.blocks.memory.patterns import Bits, as_patterns, as_probes
from ketwise.engine.memory import require_count
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]

#: A step that moves no activation by more has arrived.
ARRIVED = 1e-9

#: Probes at a time, so that what is held for each pair of a probe and a pattern stays small.
BLOCK = 128


class DenseRecall(NamedTuple):
    """What a dense memory recalls; without the batch axis for a single probe.

    Attributes
    ----------
    weights : (n_probes, n_patterns) array
        Share of each given row in the last step; they add up to 1.
    activations : (n_probes, n_bits) array
        From -1 to 1; with ``power`` -1, 1, or 0 for an unknown bit that nothing has decided.
    bits : (n_probes, n_bits) uint8 array
        1 where the activation is above 0.
    steps : (n_probes,) int array or int
        Steps made, with the last one, which changed nothing, where ``converged``.
    converged : (n_probes,) bool array or bool
        False where the last step allowed still changed something.
    """

    weights: Array
    activations: Array
    bits: Bits
    steps: Any
    converged: Any

    @property
    def best(self) -> Any:
        """Row ``(n_probes,)`` of the pattern with the largest weight, the first of several."""
        return np.argmax(self.weights, axis=-1)


def dense_recall(
    patterns: Any,
    probes: Any,
    *,
    beta: float | None = None,
    power: float | None = None,
    max_steps: int = 100,
    clamp: bool = False,
) -> DenseRecall:
    """Return where the states of a dense memory come to rest, from each probe.

    With ``beta``, states are continuous: ``s <- S.T @ softmax(beta * S @ s)`` for stored spins S, unknown bits 0. With
    ``power``, states are spins, which turn one after another as long as that lowers ``-sum_k max(x_k, 0)**power``, x
    the overlaps ``S @ s``: see :func:`~ketwise.blocks.memory.classical.polynomial_descent.polynomial_descent`.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        A pattern given twice counts twice.
    probes : (n_bits,) or (n_probes, n_bits) array
        Bits, NaN where unknown.
    beta : float, optional
        Inverse temperature. The weights of the first step are the posterior of the patterns where each known bit is
        flipped with probability ``1 / (1 + exp(2 beta))``. Default 1, if no power is given: the interaction is then
        exp, as Demircigil et al. have it, and the flips are 12 %.
    power : float, optional
        Above 1; 2 stores about as many patterns as a Hopfield network, and ``n_bits**(power - 1)`` is the order of what
        greater ones do.
    max_steps : int
        1 gives a single step, which is what a layer of attention does.
    clamp : bool
        Hold the known bits.

    Returns
    -------
    DenseRecall
        With ``power`` the weights are the slopes ``max(x_k, 0)**(power - 1)`` over their sum.

    Raises
    ------
    ValueError
        For bad patterns or probes, for both or bad values of ``beta`` and ``power``.
    MemoryError
        When the weights do not fit.

    Notes
    -----
    No step raises the energy, with or without ``clamp``. Cost: two matrix products of ``n_probes * n_patterns *
    n_bits`` a step. Ramsauer et al., ICLR (2021); Krotov, Hopfield, NIPS 29 (2016); Demircigil et al., J. Stat. Phys.
    168, 288 (2017).

    Examples
    --------
    >>> patterns = [[1, 1, 1, 1, 0, 0], [0, 1, 0, 1, 0, 1], [0, 0, 0, 0, 0, 0]]
    >>> found = dense_recall(patterns, [1, 1, 1, 0, 0, None])
    >>> found.bits, found.weights.round(3)
    (array([1, 1, 1, 1, 0, 0], dtype=uint8), array([0.997, 0.003, 0.   ]))
    >>> dense_recall(patterns, [1, 1, 1, 0, 0, None], power=3).bits
    array([1, 1, 1, 1, 0, 0], dtype=uint8)
    """
    if beta is not None and power is not None:
        raise ValueError("give beta, for a softmax, or power: not both")
    table = as_patterns(patterns)
    checked = as_probes(probes, table.shape[1])
    limit = positive_int("max_steps", max_steps)
    n_probes, (n_patterns, n_bits) = len(checked.bits), table.shape
    exponent = _beta(beta, n_bits) if power is None else _power(power)
    require_count("probes", n_probes, lambda count: _bytes(count, n_patterns, n_bits))
    stored = 2.0 * table.astype(np.float64) - 1.0
    weights, states = np.empty((n_probes, n_patterns)), np.where(checked.known, 2.0 * checked.bits - 1.0, 0.0)
    steps, converged = np.empty(n_probes, dtype=np.int64), np.empty(n_probes, dtype=bool)
    free = ~checked.known if clamp else np.ones_like(checked.known)
    descend = _softmax_descent if power is None else polynomial_descent
    for start in range(0, n_probes, BLOCK):
        rows = slice(start, start + BLOCK)
        found = descend(stored, states[rows], free[rows], exponent, limit)
        weights[rows], states[rows], steps[rows], converged[rows] = found
    bits = (states > 0).astype(np.uint8)
    if checked.single:
        return DenseRecall(weights[0], states[0], bits[0], int(steps[0]), bool(converged[0]))
    return DenseRecall(weights, states, bits, steps, converged)


def _bytes(n_probes: int, n_patterns: int, n_bits: int) -> int:
    """Return the bytes of what is recalled, of the stored spins, and of what one block holds at a time."""
    rows = min(n_probes, BLOCK)
    products = product_bytes(rows, n_patterns, n_bits) + product_bytes(rows, n_bits, n_patterns)
    return 8 * n_probes * (n_patterns + 3 * n_bits) + 16 * n_patterns * n_bits + 80 * rows * n_patterns + products


def _beta(given: float | None, n_bits: int) -> float:
    beta = 1.0 if given is None else real_number("beta", given)
    if not 0 < beta <= 1e300 / n_bits:
        raise ValueError(f"beta must be above 0 and at most {1e300 / n_bits:g}, got {beta:g}")
    return beta


def _power(given: float) -> float:
    power = real_number("power", given)
    if power <= 1:
        raise ValueError(f"power must be above 1, got {power:g}: with 1 there is nothing to tell patterns apart")
    return power


def _softmax_descent(stored: Array, starts: Array, free: NDArray[np.bool_], beta: float, max_steps: int) -> Descent:
    """Replace states by the mean of the patterns, weighted by their overlaps, until none moves."""
    states, weights = starts.copy(), np.empty((len(starts), len(stored)))
    steps, converged = np.full(len(starts), max_steps), np.zeros(len(starts), dtype=bool)
    moving = np.arange(len(starts))
    for step in range(1, max_steps + 1):
        before = states[moving]
        shares = kernel_weights(fixed_order_product(before, stored), beta=beta)
        # Rounding may lead beyond 1.
        mean = np.clip(fixed_order_product(shares, stored.T), -1.0, 1.0)
        after = np.where(free[moving], mean, before)
        weights[moving], states[moving] = shares, after
        arrived = np.abs(after - before).max(axis=1) <= ARRIVED
        steps[moving[arrived]], converged[moving[arrived]] = step, True
        moving = moving[~arrived]
        if not len(moving):
            break
    return Descent(weights, states, steps, converged)
