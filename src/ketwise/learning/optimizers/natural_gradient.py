"""The quantum natural gradient: steps measured by how far the state moves, not the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.one_thread import one_numpy_thread
from ketwise.learning.optimizers.landscape import Landscape, Step

Array = NDArray[np.float64]


class NaturalGradientState(NamedTuple):
    """Number of steps."""

    step: int


@dataclass(frozen=True)
class NaturalGradient:
    """Descent along the gradient divided by the Fubini-Study metric of the circuit's states.

    Parameters
    ----------
    learning_rate : float
    approx : {"block", "full", "diagonal"}
        Of the metric; "block" leaves out what joins layers.
    regularization : float
        Added to the metric's diagonal: the metric is singular where a parameter does not move the state.

    Notes
    -----
    ``theta - learning_rate * (metric + regularization)**-1 gradient``; Stokes, Izaac, Killoran, Carleo, Quantum 4, 269
    (2020). The metric of data is the mean over rows. Cost beside the gradient: a batched call a row of data, with a
    state for every rotation; on a device, circuits for every pair of parameters.

    Examples
    --------
    >>> import ketwise as kw
    >>> from ketwise.learning.program_landscape import program_landscape
    >>> landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)))
    >>> rule, theta = NaturalGradient(0.1, regularization=0.0), np.array([1.0])
    >>> theta, *_ = rule.update(rule.init(theta), theta, landscape)
    >>> bool(np.isclose(theta[0], 1.0 + 0.4 * np.sin(1.0)))  # the metric of one rotation is 1/4
    True
    """

    learning_rate: float = 0.05
    approx: str = "block"
    regularization: float = 1e-2

    takes_batches: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.approx not in ("full", "block", "diagonal"):
            raise ValueError(f"approx must be 'full', 'block' or 'diagonal', got {self.approx!r}")
        if not self.regularization >= 0:
            raise ValueError(f"regularization must not be negative, got {self.regularization}")

    def init(self, theta: Array) -> NaturalGradientState:
        """Return the state before the first update."""
        return NaturalGradientState(0)

    def update(self, state: NaturalGradientState, theta: Array, landscape: Landscape, rng: Any = None) -> Step:
        """Return the next values: one gradient and one metric."""
        metric = landscape.needs("metric", "NaturalGradient", "use kw.optimizers.Adam")(theta, self.approx)
        loss, gradient = landscape.loss_and_gradient(theta)
        with one_numpy_thread():
            try:
                direction = np.linalg.solve(metric + self.regularization * np.eye(len(theta)), gradient)
            except np.linalg.LinAlgError:
                raise ValueError("the metric is singular here: set regularization, such as 1e-2") from None
        return Step(theta - self.learning_rate * direction, NaturalGradientState(state.step + 1), loss)
