"""Gradient descent that buys as many shots for each derivative as its noise is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.optimizers.landscape import Landscape, Step
from ketwise.words.checks import positive_int

Array = NDArray[np.float64]


class ShotAdaptiveState(NamedTuple):
    """Number of steps, shots of the next one, all spent so far, and running means of gradients and variances."""

    step: int
    shots: NDArray[np.int64]
    spent: int
    mean: Array
    variance: Array


@dataclass(frozen=True)
class ShotAdaptive:
    """iCANS: a number of shots of its own for each derivative, from its size and its noise in the steps before.

    Parameters
    ----------
    learning_rate : float
        Below ``2 / lipschitz``.
    lipschitz : float
        Bound on the second derivatives of the loss: for angles of one rotation, the sum of the absolute coefficients of
        what is measured.
    least_shots : int
        Shots that a circuit always gets.
    budget : int, optional
        It is done when so many were spent.
    memory : float
        Share of the running means that is kept from step to step.
    bias : float
        Keeps the first steps from asking for ever more shots.

    Notes
    -----
    Algorithm iCANS1 of Kübler, Arrasmith, Cincio, Coles, Quantum 4, 263 (2020). Here shots are simulated: a derivative
    is drawn from the normal distribution with its exact value and its exact variance at that many shots, and ``spent``
    counts what a device would have taken. The loss in the history is exact, and not counted.

    Examples
    --------
    >>> import ketwise as kw
    >>> from ketwise.learning.program_landscape import program_landscape
    >>> landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)))
    >>> rule, theta, rng = ShotAdaptive(0.5), np.array([1.0]), np.random.default_rng(0)
    >>> state = rule.init(theta)
    >>> for _ in range(30):
    ...     theta, state, *_ = rule.update(state, theta, landscape, rng)
    >>> round(float(np.cos(theta[0])), 1), state.spent >= 30 * 2 * 10
    (-1.0, True)
    """

    learning_rate: float = 0.1
    lipschitz: float = 1.0
    least_shots: int = 10
    budget: int | None = None
    memory: float = 0.99
    bias: float = 1e-6

    takes_batches: ClassVar[bool] = False

    def __post_init__(self) -> None:
        positive_int("least_shots", self.least_shots, minimum=2)
        if not 0 < self.learning_rate * self.lipschitz < 2:
            raise ValueError(
                f"learning_rate must be above 0 and below 2 / lipschitz = {2 / self.lipschitz:g}, got "
                f"{self.learning_rate}"
            )

    def init(self, theta: Array) -> ShotAdaptiveState:
        """Return the state before the first update."""
        zero = np.zeros_like(theta)
        return ShotAdaptiveState(0, np.full(len(theta), self.least_shots, dtype=np.int64), 0, zero, zero)

    def update(self, state: ShotAdaptiveState, theta: Array, landscape: Landscape, rng: Any) -> Step:
        """Return the next values: a gradient from shots."""
        sampled = landscape.needs("sampled_gradient", "ShotAdaptive", "use it with kw.minimize on a program")
        found = sampled(theta, state.shots, rng)
        mean = self.memory * state.mean + (1 - self.memory) * found.gradient
        variance = self.memory * state.variance + (1 - self.memory) * found.variance
        step, spent = state.step + 1, state.spent + found.spent
        weight = 1 - self.memory**step
        shots = self._shots(mean / weight, variance / weight, state.step)
        loss = float(landscape.losses(theta[np.newaxis])[0])
        moved = theta - self.learning_rate * found.gradient
        done = self.budget is not None and spent >= self.budget
        return Step(moved, ShotAdaptiveState(step, shots, spent, mean, variance), loss, done)

    def _shots(self, gradient: Array, variance: Array, step: int) -> NDArray[np.int64]:
        """Return the shots of the next step: those with the largest expected gain a shot bound all others."""
        rate, bound = self.learning_rate, self.lipschitz
        factor = 2 * bound * rate / (2 - bound * rate)
        wanted = np.ceil(factor * variance / (gradient**2 + self.bias * self.memory**step))
        wanted = np.clip(np.nan_to_num(wanted, nan=self.least_shots), self.least_shots, 1 << 40)
        gain = ((rate - bound * rate**2 / 2) * gradient**2 - bound * rate**2 / (2 * wanted) * variance) / wanted
        most = wanted[np.argmax(gain)] if len(gain) else self.least_shots
        return np.clip(wanted, self.least_shots, max(most, self.least_shots)).astype(np.int64)
