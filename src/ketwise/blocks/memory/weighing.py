"""Weights of stored patterns from their logarithms: what post-selection leaves, and how often it succeeds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Weights(NamedTuple):
    """What is left of a uniform superposition.

    Attributes
    ----------
    posterior : (n_probes, n_patterns) array
        The weights over their sum; equal where all are 0.
    success : (n_probes,) array
        Their mean.
    """

    posterior: Array
    success: Array


def weighed(logarithms: Array) -> Weights:
    """Return the posterior and the success of patterns that pass with these probabilities.

    Parameters
    ----------
    logarithms : (n_probes, n_patterns) array
        Of the probability that each pattern passes; minus infinity for 0. Any real numbers where only the posterior, a
        softmax, is wanted.

    Examples
    --------
    >>> weighed(np.log([[0.75, 0.25]]))
    Weights(posterior=array([[0.75, 0.25]]), success=array([0.5]))
    """
    top = logarithms.max(axis=1, keepdims=True)
    nothing = np.isneginf(top)
    top = np.where(nothing, 0.0, top)
    weights = np.exp(logarithms - top)
    total = weights.sum(axis=1, keepdims=True)
    posterior = np.where(nothing, 1.0, weights) / np.where(nothing, weights.shape[1], total)
    with np.errstate(over="ignore"):  # of a softmax nobody asks for the mean
        success = np.exp(top[:, 0]) * total[:, 0] / weights.shape[1]
    return Weights(posterior, success)
