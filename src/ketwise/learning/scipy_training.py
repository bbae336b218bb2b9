"""Training by SciPy's minimisers on all rows at once, with the same stopping, progress and checkpoints as other loops.

SciPy keeps its state to itself. It is a function of the losses and gradients it was told, though: what goes into a
checkpoint is these, and going on means telling them again, without computing them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ketwise.learning.checkpoint import Checkpoint, Kept
from ketwise.learning.optimizers.landscape import Landscape
from ketwise.learning.optimizers.scipy_methods import SciPy
from ketwise.learning.progress import Reporter
from ketwise.learning.training import Stage, Stopping, Training, warn_of_interrupt

Array = NDArray[np.float64]


class _StopError(Exception):
    """Ends the training from within SciPy's loop."""


class _StageOverError(Exception):
    """Ends a stage of a method that does not count its own steps."""


class _Evaluations:
    """Losses, and gradients where the method asks for them, at the points in SciPy's order.

    Parameters
    ----------
    landscape : Landscape
    with_gradients : bool
    kept : Kept, optional
        Evaluations of a run that was cut off. They are told again as long as the same points are asked for: another
        version of SciPy may take another way, and then they are computed from there on.
    """

    def __init__(self, landscape: Landscape, with_gradients: bool, kept: Kept | None):
        self._landscape, self._with_gradients = landscape, with_gradients
        arrays = {} if kept is None else kept.arrays
        self._told: list[Array] = list(arrays.get("thetas", ()))
        self._losses: list[float] = [float(loss) for loss in arrays.get("told", ())]
        self._gradients: list[Array] = list(arrays.get("gradients", ()))
        self._asked = 0
        self._loss_at: dict[bytes, float] = {}

    def __call__(self, theta: Array) -> tuple[float, Array | None]:
        """Return the loss and, where it is asked for, the gradient."""
        k = self._asked
        if k < len(self._told) and self._told[k].tobytes() != theta.tobytes():
            del self._told[k:], self._losses[k:], self._gradients[k:]
        if k == len(self._told):
            if self._with_gradients:
                loss, gradient = self._landscape.loss_and_gradient(theta)
                self._gradients.append(gradient)
            else:
                loss = float(self._landscape.losses(theta[np.newaxis])[0])
            self._told.append(theta.copy())
            self._losses.append(loss)
        self._asked += 1
        self._loss_at[theta.tobytes()] = self._losses[k]
        return self._losses[k], self._gradients[k].copy() if self._with_gradients else None

    @property
    def again(self) -> bool:
        """Whether the next evaluation is one that is told again."""
        return self._asked < len(self._told)

    def loss_at(self, theta: Array) -> float:
        """Return the loss at a point that was asked for, or ask for it."""
        found = self._loss_at.get(theta.tobytes())
        return self(theta)[0] if found is None else found

    def arrays(self) -> dict[str, Array]:
        """Return them all, for a checkpoint."""
        size = len(self._told[0]) if self._told else 0
        return {
            "thetas": np.array(self._told).reshape(-1, size),
            "told": np.array(self._losses),
            "gradients": np.array(self._gradients).reshape(-1, size),
        }


def scipy_training(
    training: Training,
    landscape: Landscape,
    method: SciPy,
    *,
    stopping: Stopping,
    rng: Any = None,
    score: Callable[[Array], float] | None = None,
    reporter: Reporter | None = None,
    checkpoint: Checkpoint | None = None,
    stages: Sequence[Stage] = (),
) -> Training:
    """Return the training after SciPy's minimiser; an interrupt ends it with what was reached.

    Parameters
    ----------
    training : Training
        Where to start.
    landscape : Landscape
        The loss on all rows.
    method : SciPy
    stopping : Stopping
        ``tol`` is the method's own; ``patience`` counts steps without a better ``score``.
    rng : numpy Generator or RandomState, optional
        Kept in the checkpoint; SciPy draws nothing.
    score, reporter, checkpoint, stages
        As for :func:`ketwise.learning.training.minibatch`.
    """
    kept = None if checkpoint is None else checkpoint.kept
    if kept is not None and kept.header["finished"]:
        kept.set_generator(rng)
        return _finished(kept)
    evaluations = _Evaluations(landscape, method.uses_gradients, kept)
    reporter = Reporter(stopping.max_iter) if reporter is None else reporter
    loop = _Loop(training, evaluations, method, stopping, rng, score, reporter, checkpoint)
    every = np.ones(len(training.theta), dtype=bool)
    try:
        for stage in (*stages, Stage(every, stopping.max_iter)):
            if stage.active.any():
                loop.run(stage)
    except _StopError:
        pass
    except KeyboardInterrupt:
        warn_of_interrupt()
        return loop.best_reached()
    loop.keep(finished=True)
    return loop.best_reached()


class _Loop:
    """SciPy's minimiser under way: where it stands, and what is done after each of its steps."""

    def __init__(
        self,
        start: Training,
        evaluations: _Evaluations,
        method: SciPy,
        stopping: Stopping,
        rng: Any,
        score: Callable[[Array], float] | None,
        reporter: Reporter,
        checkpoint: Checkpoint | None,
    ):
        self._reached = replace(start, state=None, converged=False)
        self._evaluations, self._method, self._stopping, self._rng = evaluations, method, stopping, rng
        self._score, self._reporter, self._checkpoint = score, reporter, checkpoint
        self._before, self._best, self._best_theta, self._since = len(start.losses), -np.inf, start.theta, 0

    def best_reached(self) -> Training:
        """Return the training, at its best score where there is one."""
        return self._reached if self._score is None else replace(self._reached, theta=self._best_theta)

    def keep(self, *, finished: bool = False) -> None:
        """Write the checkpoint, where there is one."""
        if self._checkpoint is not None:
            reached = self.best_reached() if finished else self._reached
            self._checkpoint.keep(partial(_kept, reached, self._evaluations, finished), self._rng, at_once=finished)

    def run(self, stage: Stage) -> None:
        """Minimise over the values of one stage."""
        base, steps, self._since = self._reached.theta, 0, 0
        options = self._method.options_for(stage.n_passes, self._stopping.tol)

        def whole(part: Array) -> Array:
            theta = base.copy()
            theta[stage.active] = part
            return theta

        def objective(part: Array) -> Any:
            loss, gradient = self._evaluations(whole(part))
            return loss if gradient is None else (loss, gradient[stage.active])

        def step(xk: Array) -> None:
            nonlocal steps
            self._after(whole(xk))
            steps += 1
            if steps == stage.n_passes and not self._method.counts_steps:
                raise _StageOverError

        try:
            found = minimize(
                objective,
                base[stage.active],
                jac=self._method.uses_gradients or None,
                method=self._method.method,
                callback=step,
                options=options,
            )
        except _StageOverError:
            return
        self._reached = replace(self._reached, theta=whole(found.x), converged=bool(found.success))

    def _after(self, theta: Array) -> None:
        loss, seen = self._evaluations.loss_at(theta), None
        self._reached = replace(self._reached, theta=theta, losses=(*self._reached.losses, loss))
        if self._score is not None:
            seen = self._score(theta)
            self._reached = replace(self._reached, scores=(*self._reached.scores, seen))
            self._since = 0 if seen > self._best + self._stopping.tol else self._since + 1
            if seen > self._best:
                self._best, self._best_theta = seen, theta
        if not self._evaluations.again:
            self.keep()
            if self._reporter.passed(len(self._reached.losses) - self._before, loss, seen, theta):
                raise _StopError
        if self._score is not None and self._since >= self._stopping.patience:
            self._reached = replace(self._reached, converged=True)
            raise _StopError


def _kept(reached: Training, evaluations: _Evaluations, finished: bool) -> Kept:
    header = {"finished": finished, "converged": reached.converged}
    arrays = {"theta": reached.theta, "losses": np.array(reached.losses), "scores": np.array(reached.scores)}
    return Kept(header, arrays if finished else arrays | evaluations.arrays())


def _finished(kept: Kept) -> Training:
    losses, scores = (tuple(kept.arrays[name].tolist()) for name in ("losses", "scores"))
    return Training(kept.arrays["theta"], None, losses, scores, kept.header["converged"])
