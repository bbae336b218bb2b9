"""Hamming distances between many patterns and many probes: 64 bits a word, exclusive or, and a count of ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import as_patterns, as_probes
from ketwise.engine.memory import require_count
from ketwise.engine.sparse import packed

#: Bytes of one block of distances, so that it and what it is made from stay in the cache.
BLOCK = 1 << 20


def hamming_distances(patterns: Any, probes: Any) -> NDArray[np.int64]:
    """Return in how many known bits every probe differs from every pattern.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    probes : (n_bits,) or (n_probes, n_bits) array
        Bits, NaN where unknown.

    Returns
    -------
    (n_patterns,) or (n_probes, n_patterns) int array

    Raises
    ------
    MemoryError
        When the table of distances does not fit.

    Notes
    -----
    Cost: ``n_probes * n_patterns * n_bits / 64`` words.

    Examples
    --------
    >>> hamming_distances([[0, 0, 0], [1, 1, 1]], [0, 1, None])
    array([1, 1])
    """
    table = as_patterns(patterns)
    checked = as_probes(probes, table.shape[1])
    n_probes = len(checked.bits)
    require_count("probes", n_probes, lambda count: 8 * count * len(table) + 3 * BLOCK)
    distances = np.empty((n_probes, len(table)), dtype=np.int64)
    for rows, block in distance_blocks(packed(table), packed(checked.bits), packed(checked.known)):
        distances[rows] = block
    return distances[0] if checked.single else distances


def distance_blocks(
    patterns: NDArray[np.uint64], probes: NDArray[np.uint64], known: NDArray[np.uint64]
) -> Iterator[tuple[slice, NDArray[np.int32]]]:
    """Yield rows of probes and their distances ``(rows, n_patterns)``, from packed bits ``(n_words, n_rows)``.

    The distances stand where the next ones will: copy what is to be kept.
    """
    n_patterns = patterns.shape[1]
    step = min(max(1, BLOCK // (8 * n_patterns)), probes.shape[1])
    # One piece of memory for all blocks: taking it anew costs as much as filling it.
    block = np.empty((step, n_patterns), dtype=np.int32)
    differing, count = np.empty((step, n_patterns), dtype=np.uint64), np.empty((step, n_patterns), dtype=np.uint8)
    for start in range(0, probes.shape[1], step):
        rows = slice(start, min(start + step, probes.shape[1]))
        n = rows.stop - rows.start
        block[:n] = 0
        for word, probe, mask in zip(patterns, probes[:, rows], known[:, rows], strict=True):
            np.bitwise_xor(probe[:, None], word, out=differing[:n])
            np.bitwise_and(differing[:n], mask[:, None], out=differing[:n])
            np.bitwise_count(differing[:n], out=count[:n])
            block[:n] += count[:n]
        yield rows, block[:n]
