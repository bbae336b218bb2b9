"""Minimising a sum of a program's outputs: the loop of the estimators without an estimator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.preparation.premap import PreMappedProgram
from ketwise.learning.checkpoint import Checkpoint, digest, probe
from ketwise.learning.optimizers import STEPPERS, Adam, Optimizer, SciPy
from ketwise.learning.optimizers.landscape import Landscape
from ketwise.learning.program_landscape import program_landscape
from ketwise.learning.progress import Progress, Reporter
from ketwise.learning.scipy_training import scipy_training
from ketwise.learning.training import Stopping, Training, minibatch
from ketwise.program.program import Program
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Minimum:
    """What a minimisation came to.

    Attributes
    ----------
    params : (n_params,) array
    value : float
        Of the loss there, exact.
    losses : (n_iter,) array
        As the optimiser saw them, step by step.
    converged : bool
        Whether it ended before ``max_iter``.
    shots : int or None
        That a device would have taken, of an optimiser that counts them.
    """

    params: Array
    value: float
    losses: Array
    converged: bool
    shots: int | None = None

    def __repr__(self) -> str:
        shots = "" if self.shots is None else f", {self.shots:,} shots"
        return f"Minimum({self.value:.10g} after {len(self.losses)} steps, converged={self.converged}{shots})"


def minimize(
    loss: Any,
    params: Any,
    *,
    features: Any = None,
    weights: Any = None,
    optimizer: str | Optimizer | SciPy = "lbfgs",
    max_iter: int = 200,
    tol: float = 1e-9,
    patience: int = 10,
    seed: int | np.random.Generator | None = None,
    callbacks: Callable[[Progress], Any] | Iterable[Callable[[Progress], Any]] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    verbose: bool = False,
) -> Minimum:
    """Minimise the mean over rows of ``sum(weights * outputs)`` of a program, or a loss of your own.

    Parameters
    ----------
    loss : Program, or callable ``theta -> (value, gradient)``
    params : (n_params,) array
        Where to start, such as one of ``kw.initial_points``.
    features : (n_features,) or (n_rows, n_features) array, optional
    weights : (n_outputs,) array, optional
        Default: 1 each.
    optimizer : {"lbfgs", "adam"}, or one of ``kw.optimizers``
    max_iter : int
        Most steps.
    tol : float
        SciPy's own, for its methods; else it ends where ``patience`` steps gained less.
    patience : int
    seed : int, numpy.random.Generator or None
        For optimisers that draw.
    callbacks : callable or sequence of callable, optional
        Called with a :class:`~ketwise.learning.progress.Progress` after every step; one that returns True ends it.
    checkpoint : path, optional
        A file in which it keeps where it stands, and from which the same call goes on to the same bits.
    verbose : bool
        Print a line a step.

    Returns
    -------
    Minimum

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = kw.ansatz.hardware_efficient(2, layers=1)
    >>> energy = kw.Z(0) * kw.Z(1) + 0.5 * kw.X(0) + 0.5 * kw.X(1)
    >>> start = np.random.default_rng(0).uniform(-1, 1, circuit.n_params)
    >>> round(minimize(circuit.compile(energy), start).value, 6)  # -sqrt(2)
    -1.414214
    """
    theta = np.array(params, dtype=np.float64)
    if theta.ndim != 1 or not np.isfinite(theta).all():
        raise ValueError(f"params must be a finite array of shape (n_params,), got shape {theta.shape}")
    if not (of_program := isinstance(loss, (Program, PreMappedProgram))):
        if not callable(loss):
            raise TypeError(f"a compiled program or a function theta -> (value, gradient) is needed, got {loss!r}")
        if features is not None or weights is not None:
            raise ValueError("features and weights belong to a program; a function has its own")
    landscape = program_landscape(loss, features, weights) if of_program else Landscape.of(loss)
    method = _optimizer(optimizer)
    stopping = Stopping(positive_int("max_iter", max_iter), real_number("tol", tol), positive_int("patience", patience))
    rng = np.random.default_rng(seed)
    kept = None
    if checkpoint is not None:
        settings = {"optimizer": method, "stopping": stopping, "seed": seed if isinstance(seed, int) else None}
        kept = Checkpoint(checkpoint, settings)
        kept.begin(rng)
        rows = np.zeros(0) if features is None else np.asarray(features, dtype=np.float64)
        kept.claim(digest(rows), probe(landscape, theta))
    shared: dict[str, Any] = {
        "stopping": stopping,
        "rng": rng,
        "reporter": Reporter(max_iter, verbose, callbacks),
        "checkpoint": kept,
    }
    if isinstance(method, SciPy):
        done = scipy_training(Training(theta), landscape, method, **shared)
    else:
        done = minibatch(Training(theta), lambda rows: landscape, 1, method, batch_size=1, **shared)
    value = float(landscape.losses(done.theta[np.newaxis])[0])
    return Minimum(done.theta, value, np.array(done.losses), done.converged, getattr(done.state, "spent", None))


def _optimizer(given: Any) -> Optimizer | SciPy:
    if given == "lbfgs":
        return SciPy("L-BFGS-B")
    if given == "adam":
        return Adam()
    if isinstance(given, SciPy) or type(given) in STEPPERS:
        made: Optimizer | SciPy = given
        return made
    names = ", ".join(cls.__name__ for cls in STEPPERS)
    raise ValueError(f"optimizer must be 'lbfgs', 'adam', or out of kw.optimizers {names} or SciPy; got {given!r}")
