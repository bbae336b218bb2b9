"""Losses of scores against targets: mean over weighted rows, and the derivative by the scores.

A loss of your own has the same contract, and is given as ``loss=`` to a variational estimator. Losses of a program's
outputs that need no targets are in ``output_losses.py``, and their names here too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.output_losses import infidelity, kernel_alignment, mmd, negative_alignment, of_outputs

__all__ = [
    "Loss",
    "cross_entropy",
    "hinge",
    "squared_error",
    "squared_margin",
    "probabilities",
    "infidelity",
    "kernel_alignment",
    "mmd",
    "negative_alignment",
    "of_outputs",
]

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


def squared_margin(scores: Array, targets: Array, weights: Array) -> tuple[float, Array]:
    """Half the squared difference of scores from 1 for the row's own class and -1 for others.

    Parameters
    ----------
    scores, targets, weights : as for :func:`cross_entropy`

    Examples
    --------
    >>> import numpy as np
    >>> squared_margin(np.array([[0.5]]), np.array([[0.0]]), np.ones(1))
    (1.125, array([[1.5]]))
    """
    return squared_error(scores, 2.0 * targets - 1.0, weights)


def hinge(scores: Array, targets: Array, weights: Array) -> tuple[float, Array]:
    """Hinge loss of margins; with several columns, of the own class's score over the largest other one's.

    Parameters
    ----------
    scores, targets, weights : as for :func:`cross_entropy`

    Notes
    -----
    ``max(0, 1 - margin)``, and a derivative of 0 where the margin is exactly 1. Several classes: Crammer, Singer, JMLR
    2, 265 (2001).

    Examples
    --------
    >>> import numpy as np
    >>> hinge(np.array([[0.25]]), np.array([[1.0]]), np.ones(1))
    (0.75, array([[-1.]]))
    """
    if scores.shape[1] == 1:
        signs = 2.0 * targets - 1.0
        short = 1.0 - signs * scores
        return _weighted(np.maximum(short[:, 0], 0.0), np.where(short > 0, -signs, 0.0), weights)
    rows, own = np.arange(len(scores)), targets.argmax(axis=1)
    others = scores.copy()
    others[rows, own] = -np.inf
    rival = others.argmax(axis=1)
    short = 1.0 - scores[rows, own] + scores[rows, rival]
    gradient = np.zeros_like(scores)
    gradient[rows, rival] += short > 0
    gradient[rows, own] -= short > 0
    return _weighted(np.maximum(short, 0.0), gradient, weights)


def probabilities(scores: Array) -> Array:
    """Return ``(n_rows, n_classes)`` probabilities; one column of scores stands for two classes."""
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _weighted(losses: Array, gradient: Array, weights: Array) -> tuple[float, Array]:
    n_rows = len(losses)
    return float((weights * losses).sum() / n_rows), weights[:, np.newaxis] * gradient / n_rows
