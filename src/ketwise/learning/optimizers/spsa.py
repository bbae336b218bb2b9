"""SPSA and its quantum natural form: descent along random directions, few evaluations whatever the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.one_thread import one_numpy_thread
from ketwise.learning.optimizers.landscape import Landscape, Step

Array = NDArray[np.float64]


class SPSAState(NamedTuple):
    """Number of steps."""

    step: int


class QNSPSAState(NamedTuple):
    """Number of steps, and the mean of the metrics that were seen."""

    step: int
    metric: Array


@dataclass(frozen=True)
class SPSA:
    """Simultaneous perturbation stochastic approximation.

    Parameters
    ----------
    learning_rate, perturbation : float
        Of the first step; both fall as powers of the step.
    stability : float
        Steps until the learning rate begins to fall: a tenth of all is usual.
    learning_decay, perturbation_decay : float

    Notes
    -----
    The gradient is taken as ``(loss(theta + c d) - loss(theta - c d)) / (2 c) * d`` with random signs d. Its mean over
    all signs is the gradient where the loss is quadratic, and else differs by order ``c**2``. Spall, IEEE Trans.
    Automatic Control 37, 332 (1992); its rates are those of Spall, IEEE Trans. Aerospace and Electronic Systems 34, 817
    (1998). Cost: two values of the loss a step.

    Examples
    --------
    >>> from ketwise.learning.optimizers.landscape import Landscape
    >>> parabola = Landscape.of(lambda theta: (float(theta @ theta), 2 * theta))
    >>> rule, theta, rng = SPSA(0.2), np.ones(3), np.random.default_rng(0)
    >>> state = rule.init(theta)
    >>> for _ in range(200):
    ...     theta, state, *_ = rule.update(state, theta, parabola, rng)
    >>> bool(abs(theta).max() < 0.01)
    True
    """

    learning_rate: float = 0.1
    perturbation: float = 0.1
    stability: float = 10.0
    learning_decay: float = 0.602
    perturbation_decay: float = 0.101

    takes_batches: ClassVar[bool] = True

    def init(self, theta: Array) -> SPSAState:
        """Return the state before the first update."""
        return SPSAState(0)

    def update(self, state: SPSAState, theta: Array, landscape: Landscape, rng: Any) -> Step:
        """Return the next values: two values of the loss."""
        rate = self.learning_rate * ((self.stability + 1) / (self.stability + state.step + 1)) ** self.learning_decay
        width = self.perturbation / (state.step + 1) ** self.perturbation_decay
        loss, gradient = simultaneous_gradient(landscape, theta, width, _signs(rng, len(theta)))
        return Step(theta - rate * gradient, SPSAState(state.step + 1), loss)


@dataclass(frozen=True)
class QNSPSA:
    """SPSA whose steps are divided by a metric of the states, itself estimated along random directions.

    Parameters
    ----------
    learning_rate, perturbation : float
    regularization : float
        Added to the metric's diagonal, and the sum scaled back.

    Notes
    -----
    The mean of all metrics so far, a start of the identity among them, made positive by the absolute values of its
    eigenvalues. Gacon, Zoufal, Carleo, Woerner, Quantum 5, 567 (2021). Cost: two values of the loss and four overlaps
    a step.

    Examples
    --------
    >>> import ketwise as kw
    >>> from ketwise.learning.program_landscape import program_landscape
    >>> landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)))
    >>> rule, theta, rng = QNSPSA(), np.array([1.0]), np.random.default_rng(0)
    >>> state = rule.init(theta)
    >>> for _ in range(100):
    ...     theta, state, *_ = rule.update(state, theta, landscape, rng)
    >>> round(float(np.cos(theta[0])), 3), round(float(state.metric[0, 0]), 1)
    (-1.0, 0.3)
    """

    learning_rate: float = 0.02
    perturbation: float = 0.05
    regularization: float = 0.1

    takes_batches: ClassVar[bool] = True

    def init(self, theta: Array) -> QNSPSAState:
        """Return the state before the first update."""
        return QNSPSAState(0, np.eye(len(theta)))

    def update(self, state: QNSPSAState, theta: Array, landscape: Landscape, rng: Any) -> Step:
        """Return the next values: two values of the loss and four overlaps."""
        fidelities = landscape.needs("fidelities", "QNSPSA", "use kw.optimizers.SPSA")
        size = len(theta)
        loss, gradient = simultaneous_gradient(landscape, theta, self.perturbation, _signs(rng, size))
        seen = simultaneous_metric(fidelities, theta, self.perturbation, _signs(rng, size), _signs(rng, size))
        step = state.step + 1
        metric = (step * state.metric + seen) / (step + 1)
        with one_numpy_thread():
            values, vectors = np.linalg.eigh(metric)
            eased = (np.abs(values) + self.regularization) / (1 + self.regularization)
            direction = np.einsum("ij,j->i", vectors, np.einsum("ij,i->j", vectors, gradient) / eased)
        return Step(theta - self.learning_rate * direction, QNSPSAState(step, metric), loss)


def simultaneous_gradient(landscape: Landscape, theta: Array, width: float, signs: Array) -> tuple[float, Array]:
    """Return the mean of the loss at ``theta`` plus and minus ``width * signs``, and the gradient they make."""
    after, before = landscape.losses(np.stack([theta + width * signs, theta - width * signs]))
    return float(0.5 * (after + before)), (after - before) / (2.0 * width) * signs


def simultaneous_metric(fidelities: Any, theta: Array, width: float, first: Array, second: Array) -> Array:
    """Return the metric that four overlaps make along two directions of signs: minus half their second difference."""
    one, two = width * first, width * second
    f = fidelities(theta, np.stack([theta + one + two, theta + one, theta - one + two, theta - one]))
    difference = (f[0] - f[1] - f[2] + f[3]) / (2.0 * width**2)
    product = np.outer(first, second)
    return -0.25 * difference * (product + product.T)


def _signs(rng: Any, size: int) -> Array:
    return np.asarray(rng.choice([-1.0, 1.0], size))
