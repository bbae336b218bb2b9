"""Random patterns, and probes with a fixed number of flipped or unknown bits; one generator for each memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import Bits, Stored, stored_patterns
from ketwise.engine.sampling import seed_key

Array = NDArray[np.float64]

NONE, FLIPPED, UNKNOWN = "none", "flipped", "unknown"


class Memory(NamedTuple):
    """What is stored, and which of it is asked for with which bits to break first.

    Attributes
    ----------
    patterns : (n_patterns, n_bits) array of bits
    stored : Stored
        The different ones among them.
    rows : (n_probes,) int array
        The true pattern of each probe.
    orders : (n_probes, n_bits) int array
        The bits of each probe in the order in which they are broken, so that more broken bits hold fewer.
    seed : int
        For a method that draws.
    """

    patterns: Bits
    stored: Stored
    rows: NDArray[np.intp]
    orders: NDArray[np.intp]
    seed: int

    @property
    def truth(self) -> Bits:
        """The true patterns ``(n_probes, n_bits)``."""
        return self.patterns[self.rows]

    def probes(self, damage: str, n_broken: int) -> Array:
        """Return the probes ``(n_probes, n_bits)`` with so many bits flipped, or unknown."""
        found = self.truth.astype(np.float64)
        places = np.arange(len(found))[:, np.newaxis], self.orders[:, :n_broken]
        if damage == FLIPPED:
            found[places] = 1.0 - found[places]
        elif damage == UNKNOWN:
            found[places] = np.nan
        return found


def random_memory(seed: int, n_patterns: int, n_bits: int, repeat: int, n_probes: int) -> Memory:
    """Return a memory of independent fair bits; the same arguments give the same one.

    Examples
    --------
    >>> memory = random_memory(0, 4, 10, repeat=0, n_probes=9)
    >>> memory.patterns.shape, memory.probes("flipped", 3).shape
    ((4, 10), (4, 10))
    """
    rng = _generator(seed, n_patterns, n_bits, repeat)
    return _asked_for(rng.integers(0, 2, (n_patterns, n_bits)).astype(np.uint8), rng, n_probes)


def part_of(patterns: Bits, seed: int, n_patterns: int, repeat: int, n_probes: int) -> Memory:
    """Return a memory of some rows of a table, drawn without replacement, in the table's order."""
    rng = _generator(seed, *patterns.shape, n_patterns, repeat)
    chosen = np.sort(rng.permutation(len(patterns))[:n_patterns])
    return _asked_for(patterns[chosen], rng, n_probes)


def _generator(seed: int, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([seed_key(seed), *numbers])


def _asked_for(patterns: Bits, rng: Any, n_probes: int) -> Memory:
    rows = rng.permutation(len(patterns))[:n_probes]
    orders = np.array([rng.permutation(patterns.shape[1]) for _ in rows])
    return Memory(patterns, stored_patterns(patterns), rows, orders, int(rng.integers(1 << 31)))
