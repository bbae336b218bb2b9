"""States of a circuit at random parameters, in pieces that fit: what averages over a circuit's states are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.words.checks import shape_error
from ketwise.words.outputs import State

Array = NDArray[np.float64]
Sampler = Callable[[np.random.Generator], Array]

#: Amplitudes in one piece.
_AT_ONCE = 1 << 20


def draw_params(rng: np.random.Generator, draws: int, n_params: int, sample: Sampler | None, high: float) -> Array:
    """Return ``(draws, n_params)``: what the caller's sampler gives, by default uniform on ``[high - 2 pi, high]``."""
    if sample is None:
        return rng.uniform(high - 2 * np.pi, high, (draws, n_params))
    drawn = np.stack([np.asarray(sample(rng), dtype=np.float64) for _ in range(draws)])
    if drawn.shape != (draws, n_params):
        raise ValueError(f"sample(rng) must return an array of shape ({n_params},), got {drawn.shape[1:]}")
    return drawn


def draw_rows(rng: np.random.Generator, draws: int, features: Any) -> Array | None:
    """Return ``(draws, n_features)`` rows of the data, drawn with replacement; None where there are no data."""
    if features is None:
        return None
    table = np.asarray(features, dtype=np.float64)
    if table.ndim != 2 or not len(table):
        raise shape_error("features", "(n_rows, n_features)", table.shape)
    return np.asarray(table[rng.integers(0, len(table), draws)])


def random_states(
    circuit: Any, draws: int, sample: Sampler | None, features: Any, rng: np.random.Generator
) -> Iterator[NDArray[np.complex128]]:
    """Yield states ``(some, 2**n)`` of a circuit, ``draws`` in all, at parameters drawn uniformly on [0, 2 pi].

    Parameters
    ----------
    circuit : Circuit, Encoding or Program
    draws : int
    sample : callable (rng) -> (n_params,) array, or None
    features : (n_rows, n_features) array or None
        Each draw takes one of its rows.
    rng : numpy.random.Generator
    """
    bare, premap = circuit_of(circuit)
    program = bare.compile(State())
    piece = max(16, _AT_ONCE >> bare.n_qubits)
    for start in range(0, draws, piece):
        count = min(piece, draws - start)
        params = draw_params(rng, count, bare.n_params, sample, 2 * np.pi)
        rows = draw_rows(rng, count, features)
        inputs = None if rows is None else premap.forward(rows)
        states = np.atleast_2d(program(params if bare.n_params else None, inputs))
        yield np.broadcast_to(states, (count, states.shape[1]))
