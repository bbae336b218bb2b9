"""Optimisers as pairs of functions and the loops that run them: minibatches, and L-BFGS on all rows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]

#: ``(theta, rows) -> (loss, gradient)`` on those rows of the training data.
Objective = Callable[[Array, NDArray[np.intp]], tuple[float, Array]]


class Optimizer(NamedTuple):
    """A rule of descent: ``init(theta) -> state`` and ``update(state, gradient, theta) -> (state, theta)``."""

    init: Callable[[Array], Any]
    update: Callable[[Any, Array, Array], tuple[Any, Array]]


class AdamState(NamedTuple):
    """Number of steps, and the running means of the gradient and of its square."""

    step: int
    mean: Array
    square: Array


def adam(learning_rate: float, *, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Optimizer:
    """Return Adam (Kingma, Ba, ICLR 2015).

    Examples
    --------
    >>> import numpy as np
    >>> rule, theta = adam(0.1), np.array([1.0])
    >>> state = rule.init(theta)
    >>> for _ in range(200):
    ...     state, theta = rule.update(state, 2 * theta, theta)
    >>> bool(abs(theta[0]) < 1e-2)
    True
    """

    def init(theta: Array) -> AdamState:
        return AdamState(0, np.zeros_like(theta), np.zeros_like(theta))

    def update(state: AdamState, gradient: Array, theta: Array) -> tuple[AdamState, Array]:
        step = state.step + 1
        mean = beta1 * state.mean + (1 - beta1) * gradient
        square = beta2 * state.square + (1 - beta2) * gradient**2
        scale = np.sqrt(square / (1 - beta2**step)) + epsilon
        return AdamState(step, mean, square), theta - learning_rate / (1 - beta1**step) * mean / scale

    return Optimizer(init, update)


@dataclass(frozen=True)
class Stopping:
    """When to stop: after ``max_iter`` passes, or ``patience`` of them without a gain of ``tol``."""

    max_iter: int
    tol: float
    patience: int
    verbose: bool = False


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


def one_pass(
    training: Training, objective: Objective, n_rows: int, optimizer: Optimizer, batch_size: int, rng: Any
) -> Training:
    """Return the training after each row was used once, in a random order."""
    theta, state, total = training.theta, training.state, 0.0
    if state is None:
        state = optimizer.init(theta)
    for rows in _batches(rng.permutation(n_rows), batch_size):
        loss, gradient = objective(theta, rows)
        total += loss * len(rows)
        state, theta = optimizer.update(state, gradient, theta)
    return replace(training, theta=theta, state=state, losses=(*training.losses, total / n_rows))


def minibatch(
    training: Training,
    objective: Objective,
    n_rows: int,
    optimizer: Optimizer,
    *,
    batch_size: int,
    stopping: Stopping,
    rng: Any,
    score: Callable[[Array], float] | None = None,
) -> Training:
    """Return the training after passes in random order, until ``stopping`` says so.

    With ``score``, a validation score where more is better, that decides instead of the loss, and the values with
    the best score are kept. An interrupt from the keyboard ends the training with what was reached.
    """
    training = replace(training, converged=False)
    best, best_theta, since, start = -np.inf, training.theta, 0, time.monotonic()
    for iteration in range(stopping.max_iter):
        try:
            training = one_pass(training, objective, n_rows, optimizer, batch_size, rng)
        except KeyboardInterrupt:
            _warn_of_interrupt()
            break
        reached = -training.losses[-1]
        if score is not None:
            reached = score(training.theta)
            training = replace(training, scores=(*training.scores, reached))
        if stopping.verbose:
            _report(iteration + 1, stopping.max_iter, training, time.monotonic() - start)
        since = 0 if reached > best + stopping.tol else since + 1
        if reached > best:
            best, best_theta = reached, training.theta
        if since >= stopping.patience:
            training = replace(training, converged=True)
            break
    return training if score is None else replace(training, theta=best_theta)


def lbfgs(training: Training, objective: Objective, n_rows: int, *, stopping: Stopping) -> Training:
    """Return the training after SciPy's L-BFGS-B on all rows at once; an interrupt ends it with what was reached."""
    rows, start, reached = np.arange(n_rows), time.monotonic(), replace(training, converged=False)

    def after(intermediate_result: Any) -> None:
        nonlocal reached
        losses = (*reached.losses, float(intermediate_result.fun))
        reached = replace(reached, theta=intermediate_result.x.copy(), losses=losses)
        if stopping.verbose:
            _report(len(losses) - len(training.losses), stopping.max_iter, reached, time.monotonic() - start)

    try:
        found = minimize(
            lambda theta: objective(theta, rows),
            training.theta,
            jac=True,
            method="L-BFGS-B",
            callback=after,
            options={"maxiter": stopping.max_iter, "ftol": stopping.tol, "gtol": stopping.tol},
        )
    except KeyboardInterrupt:
        _warn_of_interrupt()
        return reached
    return replace(reached, theta=found.x, converged=bool(found.success))


def _warn_of_interrupt() -> None:
    warnings.warn("training was interrupted; the model keeps what it reached", stacklevel=4)


def _batches(order: NDArray[np.intp], batch_size: int) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def _report(iteration: int, of: int, training: Training, seconds: float) -> None:
    score = f"  validation {training.scores[-1]:.4f}" if training.scores else ""
    print(f"pass {iteration:4d} of {of}  loss {training.losses[-1]:.6f}{score}  {seconds:.1f} s")
