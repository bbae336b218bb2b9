"""Kernel memory: recall as a mean of the stored patterns, weighted by how alike each is to the probe.

With fidelities of states it is the quantum reading of modern Hopfield networks, with dot products it is theirs.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.weighing import weighed
from ketwise.words.checks import real_number, shape_error

Array = NDArray[np.float64]


class KernelRecall(NamedTuple):
    """What a kernel memory recalls; without the batch axis for a single probe.

    Attributes
    ----------
    weights : (n_probes, n_patterns) array
        They add up to 1.
    recalled : (n_probes, n_features) array
        The weighted mean of the patterns; for bits, the probability that each is 1.
    """

    weights: Array
    recalled: Array

    @property
    def best(self) -> Any:
        """Row ``(n_probes,)`` of the pattern with the largest weight, the first of several."""
        return np.argmax(self.weights, axis=-1)


def kernel_weights(similarities: Any, *, beta: float | None = None, power: float | None = None) -> Array:
    """Return weights that add up to 1: ``exp(beta s)``, or ``s**power``, over their sum.

    Parameters
    ----------
    similarities : (n_patterns,) or (n_probes, n_patterns) array
        Any real numbers for ``beta``; at least 0 for ``power``.
    beta : float, optional
        Inverse temperature of a softmax.
    power : float, optional
        Above 0.

    Returns
    -------
    array of the shape of ``similarities``
        Where all are 0, a power has nothing to weigh by: the weights are equal.

    Raises
    ------
    ValueError
        For similarities that are not finite, for negative ones with ``power``, and for none or both of the exponents.

    Notes
    -----
    What a device would do. For a whole power b of fidelities: store ``sum_k |k> |a_k>`` with b copies of each state,
    undo the probe's preparation on every copy, and repeat until all qubits of the copies read 0, ``1 / P0`` times with
    ``P0`` the mean of ``s**b``; each success is one sample of k with these weights, and each takes a new storage. For a
    softmax: estimate each fidelity by itself, from ``n_patterns / error**2`` circuits, and weigh classically. Ramsauer
    et al., ICLR (2021), for the softmax; Krotov, Hopfield, NIPS 29 (2016), for powers.

    Examples
    --------
    >>> kernel_weights([1.0, 0.5, 0.0], power=2).round(6)
    array([0.8, 0.2, 0. ])
    """
    table = np.array(similarities, dtype=np.float64)
    if table.ndim not in (1, 2) or not table.shape[-1]:
        raise shape_error("similarities", "(n_patterns,) or (n_probes, n_patterns)", table.shape)
    if not np.isfinite(table).all():
        raise ValueError("similarities must be finite")
    if (beta is None) == (power is None):
        raise ValueError("give beta, for a softmax, or power: one of the two")
    if beta is not None:
        exponents = real_number("beta", beta) * table
    else:
        factor = real_number("power", power)
        if factor <= 0:
            raise ValueError(f"power must be above 0, got {factor}")
        if table.min() < 0:
            raise ValueError(f"similarities must be at least 0 for a power, got {table.min():.6g}: use beta")
        logarithms = np.log(table, out=np.full(table.shape, -math.inf), where=table > 0)
        exponents = factor * logarithms
    posterior = weighed(np.atleast_2d(exponents)).posterior
    return posterior[0] if table.ndim == 1 else posterior


def kernel_recall(
    patterns: Any, similarities: Any, *, beta: float | None = None, power: float | None = None
) -> KernelRecall:
    """Return the patterns' mean, weighted by their similarity to each probe.

    Parameters
    ----------
    patterns : (n_patterns, n_features) array
        What is recalled: bits, real numbers, or labels one by one in columns.
    similarities : (n_patterns,) or (n_probes, n_patterns) array
        Of amplitude-encoded rows from ``similarities``; of any encoding from ``ketwise.kernels.fidelity``, called with
        the encoding, the probes and the patterns.
    beta, power : float
        As for :func:`kernel_weights`.

    Returns
    -------
    KernelRecall

    Notes
    -----
    An exact reduction: fidelities are computed, not sampled. With ``beta`` and dot products this is one step of a
    modern Hopfield network: Ramsauer et al., ICLR (2021). What a device would do is in :func:`kernel_weights`.

    Examples
    --------
    >>> from ketwise.blocks.memory.amplitude_memory import similarities
    >>> patterns = [[1.0, 0.0], [0.0, 1.0]]
    >>> kernel_recall(patterns, similarities(patterns, [2.0, 1.0]), power=1).recalled.round(6)
    array([0.8, 0.2])
    """
    weights = kernel_weights(similarities, beta=beta, power=power)
    table = np.array(patterns, dtype=np.float64)
    if table.ndim != 2 or len(table) != weights.shape[-1]:
        raise shape_error("patterns", f"({weights.shape[-1]}, n_features)", table.shape)
    if not np.isfinite(table).all():
        raise ValueError("patterns must be finite")
    return KernelRecall(weights, weights @ table)
