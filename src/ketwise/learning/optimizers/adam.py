"""Adam: gradient descent with running means of the gradient and of its square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.optimizers.landscape import Landscape, Step

Array = NDArray[np.float64]


class AdamState(NamedTuple):
    """Number of steps, and the running means of the gradient and of its square."""

    step: int
    mean: Array
    square: Array


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma, Ba, ICLR 2015).

    Parameters
    ----------
    learning_rate, beta1, beta2, epsilon : float

    Examples
    --------
    >>> from ketwise.learning.optimizers.landscape import Landscape
    >>> parabola = Landscape.of(lambda theta: (float(theta @ theta), 2 * theta))
    >>> rule, theta = Adam(0.1), np.array([1.0])
    >>> state = rule.init(theta)
    >>> for _ in range(200):
    ...     theta, state, loss, _ = rule.update(state, theta, parabola)
    >>> bool(abs(theta[0]) < 1e-2)
    True
    """

    learning_rate: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    takes_batches: ClassVar[bool] = True

    def init(self, theta: Array) -> AdamState:
        """Return the state before the first update."""
        return AdamState(0, np.zeros_like(theta), np.zeros_like(theta))

    def update(self, state: AdamState, theta: Array, landscape: Landscape, rng: Any = None) -> Step:
        """Return the next values: one gradient."""
        loss, gradient = landscape.loss_and_gradient(theta)
        step = state.step + 1
        mean = self.beta1 * state.mean + (1 - self.beta1) * gradient
        square = self.beta2 * state.square + (1 - self.beta2) * gradient**2
        scale = np.sqrt(square / (1 - self.beta2**step)) + self.epsilon
        moved = theta - self.learning_rate / (1 - self.beta1**step) * mean / scale
        return Step(moved, AdamState(step, mean, square), loss)
