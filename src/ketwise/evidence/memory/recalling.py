"""One method asked with some probes: how near and how often right its likeliest answer is, and one run of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.evidence.memory.probing import Memory
from ketwise.learning.memory.answers import Weighed, repetitions
from ketwise.learning.memory.method import Method

Array = NDArray[np.float64]

#: Operations, by a method's own classical form, that its answers to one set of probes may take: 2 seconds at most.
OPERATIONS = 2e8
#: One-sided 95 % of a normal distribution.
SURE = 1.645


def probes_for(method: Method, patterns: Any, n_probes: int) -> int:
    """Return how many of the probes a method is asked: fewer, but two, where its answers take long."""
    return max(min(2, n_probes), min(n_probes, int(OPERATIONS / max(1.0, method.cost(patterns).operations))))


def recall_measures(method: Method, held: Any, memory: Memory, probes: Array) -> dict[str, float]:
    """Return means over the probes.

    Parameters
    ----------
    method : Method
    held : object
        What the method holds of the memory's patterns.
    memory : Memory
    probes : (n_probes, n_bits) array
        Made of the first of its rows.

    Returns
    -------
    dict of str -> float
        ``overlap``
            Of the likeliest answer with the true pattern, ``1 - 2 d / n`` at distance d.
        ``exact``
            Share of probes whose likeliest answer is the true pattern.
        ``read``
            Probability that a single successful run reads the true pattern; by its bits, as if they were independent,
            where a method makes a pattern.
        ``success``
            P0, that a run succeeds.
        ``repetitions``
            ``1 / P0``, the mean; infinite where a probe can never succeed.
        ``runs``
            Successful runs until the likeliest answer leads the second with 95 %, the median over the probes; NaN
            where the method's runs do not read a stored pattern.
    """
    n_probes = len(probes)
    answer = method.answer(held, probes, memory.seed)
    truth = memory.truth[:n_probes]
    if isinstance(answer, Weighed):
        distinct, _, of_row = memory.stored
        shares = np.zeros((n_probes, len(distinct)))
        np.add.at(shares.T, of_row, answer.posterior.T)
        right = of_row[memory.rows[:n_probes]]
        # Each pattern for how often it was stored: as AssociativeMemory.recall answers.
        best = np.argmax(shares / np.bincount(of_row), axis=1)
        bits, read = distinct[best], shares[np.arange(n_probes), right]
        runs = float(np.median(runs_to_tell(shares))) if method.quantum else 1.0
    else:
        bits = answer.bits
        read = answer.probabilities(truth)
        runs = math.nan if method.quantum else 1.0
    wrong = np.count_nonzero(bits != truth, axis=1)
    return {
        "overlap": float(np.mean(1.0 - 2.0 * wrong / truth.shape[1])),
        "exact": float(np.mean(wrong == 0)),
        "read": float(np.mean(read)),
        "success": float(np.mean(answer.success)),
        "repetitions": float(np.mean(repetitions(answer.success))),
        "runs": runs,
    }


def runs_to_tell(shares: Array) -> Array:
    """Return after how many samples the likeliest of each row leads the second with 95 %; infinite where they tie.

    Parameters
    ----------
    shares : (n_rows, n_outcomes) array
        Probabilities.

    Notes
    -----
    The count of the first minus that of the second has mean ``a - b`` and variance ``a + b - (a - b)**2`` a sample; as
    a normal variable it is above 0 with 95 % after ``1.645**2`` times variance over mean squared.

    Examples
    --------
    >>> runs_to_tell(np.array([[1.0, 0.0], [0.6, 0.4], [0.5, 0.5]]))
    array([ 1., 65., inf])
    """
    if shares.shape[1] < 2:
        return np.ones(len(shares))
    second, first = np.sort(shares, axis=1)[:, -2:].T
    lead = first - second
    lead[lead <= 1e-12 * first] = 0.0  # what rounding leaves of a tie
    variance = np.maximum(first + second - lead**2, 0.0)
    needed = np.divide(SURE**2 * variance, lead**2, out=np.full(len(lead), math.inf), where=lead > 0)
    found: Array = np.maximum(1.0, np.ceil(needed))
    return found
