"""Losses: mean over weighted rows, and the derivative by the scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: ``(scores, targets, weights) -> (loss, d_scores)``, all arrays with the rows first.
Loss = Callable[[Array, Array, Array], tuple[float, Array]]


def cross_entropy(scores: Array, targets: Array, weights: Array) -> tuple[float, Array]:
    """Softmax cross-entropy; with one column of scores, the logistic loss of the second class.

    Parameters
    ----------
    scores : (n_rows, n_classes) or (n_rows, 1) array
    targets : the same shape
        One in the column of the row's class; with one column, one for the second class.
    weights : (n_rows,) array

    Examples
    --------
    >>> import numpy as np
    >>> round(cross_entropy(np.zeros((1, 2)), np.array([[1.0, 0.0]]), np.ones(1))[0], 6)
    0.693147
    """
    if scores.shape[1] == 1:
        losses = np.logaddexp(0.0, scores) - targets * scores
    else:
        losses = np.logaddexp.reduce(scores, axis=1, keepdims=True) - (targets * scores).sum(axis=1, keepdims=True)
    difference = probabilities(scores)[:, -scores.shape[1] :] - targets
    return _weighted(losses[:, 0], difference, weights)


def squared_error(scores: Array, targets: Array, weights: Array) -> tuple[float, Array]:
    """Half the squared difference."""
    difference = scores - targets
    return _weighted(0.5 * (difference**2).sum(axis=1), difference, weights)


def probabilities(scores: Array) -> Array:
    """Return ``(n_rows, n_classes)`` probabilities; one column of scores stands for two classes."""
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _weighted(losses: Array, gradient: Array, weights: Array) -> tuple[float, Array]:
    n_rows = len(losses)
    return float((weights * losses).sum() / n_rows), weights[:, np.newaxis] * gradient / n_rows
