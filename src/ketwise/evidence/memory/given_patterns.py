"""Patterns of a user's table as bits, read as the associative memory reads them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketwise.blocks.memory.patterns import Bits, as_patterns
from ketwise.learning.memory.associative_memory import AssociativeMemory


def bits_of(table: Any) -> Bits:
    """Return the bits ``(n_patterns, n_bits)`` that :class:`AssociativeMemory` makes of a table.

    Parameters
    ----------
    table : (n_patterns, n_columns) array or DataFrame
        Numbers without gaps: 0 and 1, or -1 and 1, or any others, cut at the middle of a column's range.

    Raises
    ------
    ValueError
        For no patterns, for gaps and for what is no number; for a single bit, of which nothing can be broken.

    Examples
    --------
    >>> bits_of([[0.1, 5.0, 2.0], [0.9, 3.0, 2.5]])
    array([[0, 1, 0],
           [1, 0, 1]], dtype=uint8)
    """
    memory = AssociativeMemory("nearest").fit(table)
    assert memory.code_ is not None
    bits = as_patterns(memory.code_.bits(memory.patterns_).astype(np.uint8))
    if bits.shape[1] < 2:
        raise ValueError("patterns have a single bit: give at least two, so that one can be broken and one be known")
    return bits
