"""The memory that every other one has to beat: the stored pattern with the least Hamming distance."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.distances import BLOCK, distance_blocks
from ketwise.blocks.memory.patterns import as_patterns, as_probes
from ketwise.engine.memory import require_count
from ketwise.engine.sparse import packed
from ketwise.words.checks import positive_int


class NearestRecall(NamedTuple):
    """What lies nearest to each probe; without the batch axis for a single one.

    Attributes
    ----------
    posterior : (n_probes, n_patterns) array
        Equal over the given rows that are nearest, 0 for all others.
    distance : (n_probes,) int array or int
        Known bits in which the nearest rows differ from the probe.
    """

    posterior: NDArray[np.float64]
    distance: Any

    @property
    def best(self) -> Any:
        """Row ``(n_probes,)`` of a nearest pattern, the first of several."""
        return np.argmax(self.posterior, axis=-1)


def nearest_recall(patterns: Any, probes: Any, *, n_neighbors: int = 1) -> NearestRecall:
    """Return which stored patterns are nearest to each probe in its known bits.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        Rows that are equal share what falls to them, as all rows at the least distance do.
    probes : (n_bits,) or (n_probes, n_bits) array
        Bits, NaN where unknown.
    n_neighbors : int
        All patterns as near as the one in that place count alike, so that the order of the patterns does not matter;
        all patterns where there are fewer.

    Returns
    -------
    NearestRecall

    Raises
    ------
    ValueError
        For bad patterns or probes.
    MemoryError
        When the posterior does not fit.

    Notes
    -----
    The maximum of the likelihood where every known bit flips by itself with one probability below 1/2, and the limit of
    the probabilistic memory for many control qubits. Cost: ``n_bits / 64`` words a pair.

    Examples
    --------
    >>> nearest_recall([[0, 0, 0], [0, 1, 1], [1, 1, 1]], [None, 1, 1])
    NearestRecall(posterior=array([0. , 0.5, 0.5]), distance=0)
    """
    table = as_patterns(patterns)
    checked = as_probes(probes, table.shape[1])
    n_probes = len(checked.bits)
    last = min(positive_int("n_neighbors", n_neighbors), len(table)) - 1
    require_count("probes", n_probes, lambda count: 8 * count * len(table) + 6 * BLOCK)
    posterior, distance = np.empty((n_probes, len(table))), np.empty(n_probes, dtype=np.int64)
    for rows, block in distance_blocks(packed(table), packed(checked.bits), packed(checked.known)):
        distance[rows] = block.min(axis=1)
        nearest = block <= (distance[rows, None] if last == 0 else np.partition(block, last, axis=1)[:, last, None])
        np.divide(nearest, np.count_nonzero(nearest, axis=1)[:, None], out=posterior[rows])
    if checked.single:
        return NearestRecall(posterior[0], int(distance[0]))
    return NearestRecall(posterior, distance)
