"""Samples of basis states, from a generator keyed by the seed and the row: neighbours do not change a row's draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.memory import require_count

Seed = int | np.random.Generator | None


def draw(probabilities: NDArray[Any], shots: int, seed: Seed) -> NDArray[np.int64]:
    """Return ``(batch, shots)`` indices drawn from the rows of ``probabilities (batch, n_states)``."""
    rows, n_states = probabilities.shape
    # Indices of all rows, uniform numbers and indices of one row before they are cut to the range.
    require_count("shots", shots, lambda count: 8 * (count * (rows + 2) + rows * n_states))
    cumulative = np.cumsum(np.asarray(probabilities, dtype=np.float64), axis=1)
    key = seed_key(seed)
    drawn = np.empty((len(cumulative), shots), dtype=np.int64)
    for row, steps in enumerate(cumulative):
        uniform = np.random.Generator(np.random.Philox(key=np.array([key, row], dtype=np.uint64))).random(shots)
        # The last step is the sum of rounded numbers: scale to it, so that no draw falls off the end.
        uniform *= steps[-1]
        drawn[row] = np.searchsorted(steps, uniform, side="right")
    return np.minimum(drawn, n_states - 1, out=drawn)


def seed_key(seed: Seed) -> int:
    """Return 64 bits from a seed: an int gives the same ones each time, a generator moves on, None is fresh."""
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(0, 1 << 63))
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0):
        raise ValueError(f"seed must be a whole number of at least 0, a numpy Generator or None, got {seed!r}")
    return int(np.random.SeedSequence(None if seed is None else int(seed)).generate_state(1, np.uint64)[0])
