"""Stochastic descent until the loss is flat: the training, and the criterion of convergence, of Bowles et al."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from ketwise.learning.optimizers.landscape import Optimizer
from ketwise.learning.training import Objective, landscapes_of

Array = NDArray[np.float64]


class Descent(NamedTuple):
    """Where the descent ended: values, the loss of each step's batch, and whether the criterion was met."""

    theta: Array
    losses: Array
    converged: bool


def descend(
    theta: Array,
    objective: Objective,
    n_rows: int,
    optimizer: Optimizer,
    *,
    batch_size: int,
    interval: int,
    max_steps: int,
    rng: Any,
) -> Descent:
    """Return the descent on batches drawn with replacement, until the loss is flat.

    Flat: with more than ``2 * interval`` steps done, the mean losses of the last ``interval`` steps and of those before
    differ by no more than half the standard error of the last, ``std / sqrt(interval) / 2``.

    Parameters
    ----------
    theta : (n_values,) array
    objective : callable
    n_rows, batch_size, interval, max_steps : int
    optimizer : Optimizer
    rng : RandomState

    Notes
    -----
    Bowles, Ahmed, Schuld, arXiv:2403.07059 (2024). The criterion looks after every step, so that it is met by chance
    sooner or later even while the loss still falls slowly.

    Examples
    --------
    >>> import numpy as np
    >>> from ketwise.learning.optimizers.adam import Adam
    >>> rng = np.random.RandomState(0)
    >>> noisy = lambda theta, rows: (float((theta**2).sum() + rng.normal()), 2 * theta)
    >>> found = descend(np.ones(1), noisy, 9, Adam(0.1), batch_size=4, interval=50, max_steps=900, rng=rng)
    >>> found.converged, len(found.losses) > 100
    (True, True)
    """
    landscapes, state, losses = landscapes_of(objective), optimizer.init(theta), np.empty(max_steps)
    for step in range(max_steps):
        rows = rng.randint(n_rows, size=batch_size)
        moved = optimizer.update(state, theta, landscapes(rows), rng)
        theta, state, losses[step] = moved.theta, moved.state, moved.loss
        if step > 2 * interval and flat(losses[: step + 1], interval):
            return Descent(theta, losses[: step + 1].copy(), True)
    return Descent(theta, losses, False)


def flat(losses: Array, interval: int) -> bool:
    """Return whether the last ``interval`` losses and those before them have the same mean, to their noise.

    Examples
    --------
    >>> import numpy as np
    >>> flat(np.array([1.0, 3.0, 3.0, 1.0]), 2), flat(np.array([1.0, 2.0, 5.0, 6.0]), 2)
    (True, False)
    """
    last, before = losses[-interval:], losses[-2 * interval : -interval]
    mean = last.sum() / interval
    spread = np.sqrt(((last - mean) ** 2).sum() / interval)
    return bool(abs(before.sum() / interval - mean) <= spread / np.sqrt(interval) / 2)


def warn_unless_flat(reached: Descent, max_steps: int) -> None:
    """Warn where :func:`descend`, called by an estimator's ``fit``, did not come to its end."""
    if not reached.converged:
        warnings.warn(
            f"the loss was not flat after max_steps={max_steps} steps: raise max_steps or learning_rate",
            ConvergenceWarning,
            stacklevel=3,
        )
