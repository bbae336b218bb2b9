"""Rotosolve: each parameter in turn goes to the lowest point of the sinusoid that the loss is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.optimizers.landscape import Landscape, Step

Array = NDArray[np.float64]


class RotosolveState(NamedTuple):
    """Number of sweeps."""

    step: int


@dataclass(frozen=True)
class Rotosolve:
    """Exact minimisation over one parameter after the other; an update is a sweep over all.

    For sums of expectations in which every parameter is the angle of one rotation, alone and with a factor of 1 or -1;
    others are refused by name. It never raises the loss.

    Parameters
    ----------
    tol : float
        It is done where a sweep gains less.

    Notes
    -----
    Along one angle the loss is ``a + b cos + c sin``, known from three values. Ostaszewski, Grant, Benedetti, Quantum
    5, 391 (2021). Cost of a sweep: three values a parameter, no gradient.

    Examples
    --------
    >>> import ketwise as kw
    >>> from ketwise.learning.program_landscape import program_landscape
    >>> landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)))
    >>> rule, theta = Rotosolve(), np.array([0.3])
    >>> theta, *_ = rule.update(rule.init(theta), theta, landscape)
    >>> bool(np.isclose(abs(theta[0]), np.pi))
    True
    """

    tol: float = 1e-12

    takes_batches: ClassVar[bool] = False

    def init(self, theta: Array) -> RotosolveState:
        """Return the state before the first update."""
        return RotosolveState(0)

    def update(self, state: RotosolveState, theta: Array, landscape: Landscape, rng: Any = None) -> Step:
        """Return the values after a sweep."""
        if landscape.not_sinusoidal is not None:
            raise TypeError(
                "Rotosolve needs a sum of expectations in which each parameter is the angle of one rotation, and "
                f"{landscape.not_sinusoidal}: use another of kw.optimizers, such as Adam"
            )
        best = start = float(landscape.losses(theta[np.newaxis])[0])
        for place in range(len(theta)):
            turned = np.repeat(theta[np.newaxis], 2, axis=0)
            turned[:, place] += [np.pi / 2, -np.pi / 2]
            after, before = landscape.losses(turned)
            middle, sine = 0.5 * (after + before), 0.5 * (after - before)
            cosine = best - middle
            if cosine == 0.0 and sine == 0.0:
                continue
            moved = theta.copy()
            moved[place] += np.arctan2(-sine, -cosine)
            # Keeps angles within a turn of 0, where they are as exact as they can be.
            moved[place] = (moved[place] + np.pi) % (2 * np.pi) - np.pi
            found = float(landscape.losses(moved[np.newaxis])[0])
            if found < best:  # at the minimum already, rounding decides
                theta, best = moved, found
        return Step(theta, RotosolveState(state.step + 1), best, done=start - best < self.tol)
