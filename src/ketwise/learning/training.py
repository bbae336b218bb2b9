"""The loop of optimisers that take steps on parts of the rows, and where it stands; SciPy's is in scipy_training.py."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.checkpoint import Checkpoint, Kept, from_state, to_state
from ketwise.learning.optimizers.landscape import Landscape, Optimizer
from ketwise.learning.progress import Reporter

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

#: ``(theta, rows) -> (loss, gradient)`` on those rows of the training data.
Objective = Callable[[Array, Rows], tuple[float, Array]]
#: ``rows -> Landscape``: the loss on those rows.
Landscapes = Callable[[Rows], Landscape]


@dataclass(frozen=True)
class Stopping:
    """When to stop: after ``max_iter`` passes, or ``patience`` of them without a gain of ``tol``."""

    max_iter: int
    tol: float
    patience: int


class Stage(NamedTuple):
    """The values ``active (n_values,)`` of bool that are trained alone for so many passes, before all are."""

    active: NDArray[np.bool_]
    n_passes: int


@dataclass(frozen=True)
class Training:
    """Where a training stands; enough to go on from there to the same bits.

    Attributes
    ----------
    theta : (n_values,) array
    state : what the optimiser carries from step to step
    losses : loss of each pass over the rows
    scores : validation score after each pass, where rows were held out
    converged : bool
    """

    theta: Array
    state: Any = None
    losses: tuple[float, ...] = ()
    scores: tuple[float, ...] = field(default=())
    converged: bool = False


@dataclass(frozen=True)
class Run:
    """Where one call of :func:`minibatch` stands, between two updates.

    Attributes
    ----------
    training : Training
    passes : int
        Done in this run.
    order, position, total : (n_rows,) array of int, int, float
        Of the pass under way: its order of the rows, how many were used, and the sum of their losses. Between passes
        the position is 0, and the order that of the last one.
    best, best_theta, since : float, array, int
        The best score so far, its values, and passes without a gain since.
    done, finished : bool
        Whether the optimiser says that it has come to its end; whether the run has.
    """

    training: Training
    best_theta: Array
    passes: int = 0
    order: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    position: int = 0
    total: float = 0.0
    best: float = -np.inf
    since: int = 0
    done: bool = False
    finished: bool = False


def landscapes_of(objective: Objective) -> Landscapes:
    """Return the landscapes of a function of the values and the rows."""
    return lambda rows: Landscape.of(lambda theta: objective(theta, rows))


def one_pass(
    training: Training, landscapes: Landscapes, n_rows: int, optimizer: Optimizer, batch_size: int, rng: Any
) -> Training:
    """Return the training after each row was used once, in a random order."""
    training = _with_state(training, optimizer)
    run = _updated(Run(training, training.theta), landscapes, n_rows, optimizer, batch_size, rng)
    while run.position:
        run = _updated(run, landscapes, n_rows, optimizer, batch_size, rng)
    return run.training


def minibatch(
    training: Training,
    landscapes: Landscapes,
    n_rows: int,
    optimizer: Optimizer,
    *,
    batch_size: int,
    stopping: Stopping,
    rng: Any,
    score: Callable[[Array], float] | None = None,
    reporter: Reporter | None = None,
    checkpoint: Checkpoint | None = None,
    stages: Sequence[Stage] = (),
) -> Training:
    """Return the training after passes in random order, until ``stopping`` says so.

    With ``score``, a validation score where more is better, that decides instead of the loss, and the values with
    the best score are kept. An interrupt from the keyboard ends the training with what was reached.

    Parameters
    ----------
    training : Training
        Where to start.
    landscapes : callable
    n_rows, batch_size : int
    optimizer : Optimizer
    stopping : Stopping
    rng : numpy Generator or RandomState
    score : callable, optional
    reporter : Reporter, optional
    checkpoint : Checkpoint, optional
        Asked first: a run that it holds goes on, generator and order of the rows too.
    stages : sequence of Stage
        Come first; patience counts after them.
    """
    if checkpoint is not None and checkpoint.kept is not None:
        run = _restored(checkpoint.kept, optimizer)
        checkpoint.kept.set_generator(rng)
    else:
        run = Run(_with_state(replace(training, converged=False), optimizer), training.theta)
    if not optimizer.takes_batches:
        batch_size = n_rows
    reporter = Reporter(stopping.max_iter) if reporter is None else reporter
    n_staged = sum(stage.n_passes for stage in stages)
    try:
        while not run.finished:
            active = _active(stages, run.passes)
            run = _updated(run, landscapes, n_rows, optimizer, batch_size, rng, active)
            if not run.position:
                run = _judged(run, stopping, n_staged, score, reporter)
            if checkpoint is not None:
                checkpoint.keep(partial(_kept, run), rng, at_once=run.finished)
    except KeyboardInterrupt:
        warn_of_interrupt()
    return run.training if score is None else replace(run.training, theta=run.best_theta)


def _with_state(training: Training, optimizer: Optimizer) -> Training:
    """Return the training with a state of this optimiser's: its own where it has one, else a fresh one."""
    fresh = optimizer.init(training.theta)
    return training if type(training.state) is type(fresh) else replace(training, state=fresh)


def _updated(
    run: Run,
    landscapes: Landscapes,
    n_rows: int,
    optimizer: Optimizer,
    batch_size: int,
    rng: Any,
    active: NDArray[np.bool_] | None = None,
) -> Run:
    """Return the run after one update; it begins a pass where none is under way, and ends it with its last rows."""
    training = run.training
    order = run.order if run.position else rng.permutation(n_rows)
    rows = order[run.position : run.position + batch_size]
    theta, state, loss, done = optimizer.update(training.state, training.theta, landscapes(rows), rng)
    if active is not None:
        theta = np.where(active, theta, training.theta)
    training = replace(training, theta=theta, state=state)
    total, position = run.total + loss * len(rows), run.position + len(rows)
    if position < n_rows:
        return replace(run, training=training, order=order, position=position, total=total)
    training = replace(training, losses=(*training.losses, total / n_rows))
    return replace(run, training=training, passes=run.passes + 1, order=order, position=0, total=0.0, done=done)


def _judged(
    run: Run, stopping: Stopping, n_staged: int, score: Callable[[Array], float] | None, reporter: Reporter
) -> Run:
    """Return the run after a look at the pass that has ended."""
    training, seen = run.training, None
    reached = -training.losses[-1]
    if score is not None:
        reached = seen = score(training.theta)
        training = replace(training, scores=(*training.scores, reached))
    stop = reporter.passed(run.passes, training.losses[-1], seen, training.theta)
    since = 0 if reached > run.best + stopping.tol or run.passes <= n_staged else run.since + 1
    best, best_theta = (reached, training.theta) if reached > run.best else (run.best, run.best_theta)
    if since >= stopping.patience or (run.done and run.passes > n_staged):
        training = replace(training, converged=True)
    finished = stop or training.converged or run.passes >= n_staged + stopping.max_iter
    return replace(run, training=training, best=best, best_theta=best_theta, since=since, finished=finished)


def _active(stages: Sequence[Stage], passes: int) -> NDArray[np.bool_] | None:
    """Return which values the pass after so many trains; None for all."""
    for stage in stages:
        passes -= stage.n_passes
        if passes < 0:
            return stage.active
    return None


def _kept(run: Run) -> Kept:
    header = {name: getattr(run, name) for name in ("passes", "position", "since", "finished")}
    header["converged"] = run.training.converged
    arrays = to_state(run.training.state) | {
        "theta": run.training.theta,
        "losses": np.array(run.training.losses),
        "scores": np.array(run.training.scores),
        "best_theta": run.best_theta,
        "order": run.order.astype(np.int64),
        "total_and_best": np.array([run.total, run.best]),
    }
    return Kept(header, arrays)


def _restored(kept: Kept, optimizer: Optimizer) -> Run:
    header, arrays = kept.header, kept.arrays
    theta = arrays["theta"]
    training = Training(
        theta,
        from_state(optimizer.init(theta), arrays),
        tuple(arrays["losses"].tolist()),
        tuple(arrays["scores"].tolist()),
        header["converged"],
    )
    total, best = arrays["total_and_best"].tolist()
    counts = {name: header[name] for name in ("passes", "position", "since", "finished")}
    order = arrays["order"].astype(np.intp)
    return Run(training, arrays["best_theta"], order=order, total=total, best=best, **counts)


def warn_of_interrupt() -> None:
    """Say that an interrupt from the keyboard ended a training."""
    warnings.warn("training was interrupted; the model keeps what it reached", stacklevel=4)
