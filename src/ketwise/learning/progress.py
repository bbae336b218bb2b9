"""How a long fit is going: what callbacks get, and the line that is printed, with the loss and the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Progress:
    """Where a fit stands after a pass over the rows, or a step over all of them.

    Attributes
    ----------
    iteration, max_iter : int
        Passes done, and at most to do.
    loss : float
        Of this pass.
    validation_score : float or None
        Minus the loss of the rows held out, where some are.
    theta : (n_values,) array
        A copy of all values that are trained.
    seconds, seconds_left : float
        Since this process began; and at most to go, if passes take as long as they did.
    """

    iteration: int
    max_iter: int
    loss: float
    validation_score: float | None
    theta: Array
    seconds: float
    seconds_left: float

    def __str__(self) -> str:
        held_out = "" if self.validation_score is None else f"  validation {self.validation_score:.4f}"
        left = f", at most {spoken(self.seconds_left)} left" if self.iteration < self.max_iter else ""
        head = f"pass {self.iteration:4d} of {self.max_iter}  loss {self.loss:.6f}{held_out}"
        return f"{head}  {spoken(self.seconds)}{left}"


Callback = Callable[[Progress], Any]


def spoken(seconds: float) -> str:
    """Return a duration in words.

    Examples
    --------
    >>> spoken(0.25), spoken(75), spoken(9000)
    ('0.2 s', '75 s', '2.5 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class Reporter:
    """Prints and calls back after every pass, for one run of one fit.

    Parameters
    ----------
    max_iter : int
    verbose : bool
        Print a line a pass.
    callbacks : callable or iterable of callable, optional
        Each is called with a :class:`Progress`; one that returns True ends the training.
    """

    def __init__(self, max_iter: int, verbose: bool = False, callbacks: Callback | Iterable[Callback] | None = None):
        self._max_iter, self._verbose = max_iter, verbose
        self._callbacks = as_callbacks(callbacks)
        self._start, self._done = time.monotonic(), 0

    def passed(self, iteration: int, loss: float, score: float | None, theta: Array) -> bool:
        """Tell that a pass is done; return whether a callback wants to stop."""
        self._done += 1
        if not self._verbose and not self._callbacks:
            return False
        seconds = time.monotonic() - self._start
        left = seconds / self._done * (self._max_iter - iteration)
        now = Progress(iteration, self._max_iter, loss, score, theta.copy(), seconds, left)
        if self._verbose:
            print(now, flush=True)
        answers = [callback(now) for callback in self._callbacks]  # every one is told, also where one before stops
        return any(answer is True for answer in answers)


def as_callbacks(given: Callback | Iterable[Callback] | None) -> tuple[Callback, ...]:
    """Return callbacks as a tuple; refuse what cannot be called."""
    if given is None:
        return ()
    made = (given,) if callable(given) else tuple(given) if isinstance(given, Iterable) else (given,)
    for callback in made:
        if not callable(callback):
            raise TypeError(f"a callback must be callable with a Progress, got {callback!r}")
    return made
