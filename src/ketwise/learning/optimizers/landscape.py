"""What an optimiser may ask about a loss, and what it answers: the contract between losses and optimisers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Sampled(NamedTuple):
    """A gradient from shots: estimate and variance of one shot, ``(n_values,)`` each, and all shots that were spent."""

    gradient: Array
    variance: Array
    spent: int


@dataclass(frozen=True)
class Landscape:
    """A loss as an optimiser sees it. What is None cannot be asked of this loss.

    Attributes
    ----------
    loss_and_gradient : callable
        ``theta (n_values,) -> (loss, gradient (n_values,))``.
    losses : callable
        ``thetas (k, n_values) -> (k,)``.
    metric : callable, optional
        ``(theta, approx) -> (n_values, n_values)``, positive semi-definite: the Fubini-Study metric of the circuit's
        parameters, and the identity for values that belong to no circuit.
    fidelities : callable, optional
        ``(theta, thetas (k, n_values)) -> (k,)``: squared overlaps of the circuit's states, averaged over rows.
    sampled_gradient : callable, optional
        ``(theta, shots (n_values,), rng) -> Sampled``: by parameter shift, so many shots a circuit.
    not_sinusoidal : str or None
        What keeps the loss from being a sinusoid in each value; None where it is one.
    """

    loss_and_gradient: Callable[[Array], tuple[float, Array]]
    losses: Callable[[Array], Array]
    metric: Callable[[Array, str], Array] | None = None
    fidelities: Callable[[Array, Array], Array] | None = None
    sampled_gradient: Callable[[Array, NDArray[np.int64], Any], Sampled] | None = None
    not_sinusoidal: str | None = "this loss is not known to be a sum of expectations"

    @classmethod
    def of(cls, loss_and_gradient: Callable[[Array], tuple[float, Array]]) -> Landscape:
        """Return the landscape of a function that can do nothing else.

        Examples
        --------
        >>> parabola = Landscape.of(lambda theta: (float(theta @ theta), 2 * theta))
        >>> parabola.losses(np.array([[1.0, 2.0], [0.0, 3.0]]))
        array([5., 9.])
        """
        return cls(loss_and_gradient, lambda thetas: np.array([loss_and_gradient(theta)[0] for theta in thetas]))

    def needs(self, what: str, who: str, instead: str) -> Any:
        """Return what is asked for, or raise TypeError naming who needs it and what to do."""
        found = getattr(self, what)
        if found is None:
            raise TypeError(f"{who} needs {what.replace('_', ' ')}, which this loss does not have: {instead}")
        return found


class Step(NamedTuple):
    """What an update returns.

    Attributes
    ----------
    theta : (n_values,) array
        The new values.
    state : named tuple
    loss : float
        As it was seen on the way: at the values before, or near them.
    done : bool
        Whether more updates are of no use.
    """

    theta: Array
    state: Any
    loss: float
    done: bool = False


class Optimizer(Protocol):
    """A rule of descent: a value that holds settings only."""

    #: Whether it may see another part of the rows at every update.
    takes_batches: ClassVar[bool]

    def init(self, theta: Array) -> Any:
        """Return the state before the first update: a named tuple of numbers and arrays."""

    def update(self, state: Any, theta: Array, landscape: Landscape, rng: Any) -> Step:
        """Return the next values and state. ``rng`` is a numpy Generator or RandomState, used only to draw."""
