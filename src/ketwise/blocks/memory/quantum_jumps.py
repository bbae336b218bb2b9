"""Quantum-jump trajectories of any model that can evolve without a jump, jump, and say how likely it was not to jump.

Many trajectories advance together; each draws from its own generator, so that its neighbours do not change it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class JumpModel(Protocol):
    """What a trajectory needs of a model; states are normalised, with the trajectories as leading axis."""

    def evolved(self, states: Array, spans: Array) -> tuple[Array, Array]:
        """Return states after ``spans``, ``(1,)`` or ``(rows,)``, without a jump, and log-probabilities ``(rows,)``."""

    def jumped(self, states: Array, uniforms: Array) -> Array:
        """Return states after one jump each, chosen by numbers from 0 (included) to 1 (excluded)."""


def generators(key: int, rows: range) -> list[np.random.Generator]:
    """Return the generator of each trajectory, from the seed's key and its number."""
    return [np.random.Generator(np.random.Philox(key=np.array([key, row], dtype=np.uint64))) for row in rows]


def jump_trajectories(
    model: JumpModel, states: Array, rngs: Sequence[np.random.Generator], times: Array, step: float
) -> Iterator[tuple[Array, NDArray[np.int64]]]:
    """Yield the states, and how often each has jumped so far, at each of the times, the first being the start.

    Parameters
    ----------
    model : JumpModel
    states : (rows, ...) array
        At the first time; not changed.
    rngs : (rows,) sequence of generators
    times : (n_times,) array
        Increasing.
    step : float
        The longest step.

    Notes
    -----
    A trajectory jumps when the probability that it has not, since its last jump, falls to a random number: the
    integrated rate of jumps reaches an exponential one. The time of a jump inside a step is found by taking the rate in
    the step as constant, which is off by the square of the step; the rest of the step starts from the state after the
    jump, so that there may be any number of jumps in a step. With an evolution of second order the whole is of second
    order in the step. Dalibard, Castin, Mølmer, PRL 68, 580 (1992); Plenio, Knight, RMP 70, 101 (1998).
    """
    states = states.copy()
    jumps = np.zeros(len(states), dtype=np.int64)
    budgets = np.array([-rng.standard_exponential() for rng in rngs])
    yield states, jumps
    for span in np.diff(times):
        n_steps = max(1, math.ceil(span / step - 1e-9))
        for _ in range(n_steps):
            _advance(model, states, rngs, budgets, jumps, span / n_steps)
        yield states, jumps


def _advance(
    model: JumpModel,
    states: Array,
    rngs: Sequence[np.random.Generator],
    budgets: Array,
    jumps: NDArray[np.int64],
    step: float,
) -> None:
    """Move all trajectories on by one step, in place, with the jumps that fall into it."""
    active, left = np.arange(len(states)), np.array([step])
    while True:
        ended, decay = model.evolved(states[active], left)
        hit = decay < budgets[active]
        states[active[~hit]] = ended[~hit]
        budgets[active[~hit]] -= decay[~hit]
        if not hit.any():
            return
        left = np.broadcast_to(left, active.shape)[hit]
        active = active[hit]
        spans = left * (budgets[active] / decay[hit])
        landed, _ = model.evolved(states[active], spans)
        drawing = [rngs[row] for row in active.tolist()]
        states[active] = model.jumped(landed, np.array([rng.random() for rng in drawing]))
        budgets[active] = [-rng.standard_exponential() for rng in drawing]
        jumps[active] += 1
        left = left - spans


def chosen(weights: Array, uniforms: Array) -> NDArray[np.intp]:
    """Return the channel ``(rows,)`` drawn from each row of ``weights (rows, n_channels)``; never one of weight 0."""
    steps = np.cumsum(weights, axis=1)
    targets = (1.0 - uniforms) * steps[:, -1]  # above 0, so that the first step that reaches it has a weight
    return np.argmax(steps >= targets[:, None], axis=1)
