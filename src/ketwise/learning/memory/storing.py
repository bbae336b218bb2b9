"""What the estimators do when they store: rows without gaps, their code, their bits, and what the method holds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from ketwise.blocks.memory.patterns import stored_patterns
from ketwise.learning.memory.codes import REAL, Code, learn_code
from ketwise.learning.memory.methods import method_of

Array = NDArray[np.float64]


class Held(NamedTuple):
    """What a memory holds.

    Attributes
    ----------
    code : Code or None
        From columns to bits; None for real numbers.
    bits : (n_patterns, n_bits) array
        Bits, or the real numbers.
    content : object
        What the method made of them.
    seed : int
        For what the method draws.
    trained : object
        The content again, where it took training to make; else None.
    """

    code: Code | None
    bits: NDArray[Any]
    content: Any
    seed: int
    trained: Any


def complete_rows(X: Array) -> NDArray[np.bool_]:
    """Return which rows have no gaps.

    Raises
    ------
    ValueError
        Where none is without.

    Examples
    --------
    >>> complete_rows(np.array([[1.0, np.nan], [0.0, 1.0]]))
    array([False,  True])
    """
    whole = np.logical_not(np.isnan(X).any(axis=1))
    if not whole.any():
        raise ValueError(
            f"none of the {len(X)} rows is complete, and a memory stores complete rows only: leave out the columns "
            "that are hardly ever known"
        )
    return whole


def store_rows(
    estimator: Any,
    rows: Array,
    labels: NDArray[np.uint8] | None = None,
    seed: int | None = None,
    trained: Any = None,
    *,
    strict: bool = False,
) -> Held:
    """Return what the estimator's method holds of rows, by the estimator's encoding.

    Parameters
    ----------
    estimator : object
        With ``method``, ``encoding``, ``n_levels`` and ``random_state``.
    rows : (n_patterns, n_columns) array
        Without gaps.
    labels : (n_patterns, n_more) array of bits, optional
        Stored behind the bits of the columns.
    seed : int, optional
        Default: drawn from the estimator's ``random_state``.
    trained : object, optional
        What a method that trains made of these rows before.
    strict : bool
        Refuse rows that are equal once they are encoded.

    Raises
    ------
    ValueError
        For an unknown method or encoding, values outside a strict alphabet, and real numbers for a method of bits.
    """
    method = method_of(estimator.method)
    code, bits = None, rows
    if estimator.encoding != REAL:
        code = learn_code(rows, estimator.encoding, estimator.n_levels)
        bits = code.bits(rows, "patterns").astype(np.uint8)
    elif not method.takes_real:
        raise ValueError(
            f"encoding='real' is for the methods 'amplitude' and 'kernel'; {estimator.method!r} stores bits: use "
            "encoding='threshold'"
        )
    if strict:
        first_equal(bits, strict=True)
    whole = bits if labels is None else np.hstack([bits, labels])
    if seed is None:
        seed = int(check_random_state(estimator.random_state).randint(np.iinfo(np.int32).max))
    content = method.store(whole, seed) if trained is None else trained
    if trained is not None and trained.n_bits != whole.shape[1]:
        raise ValueError(f"what was trained has {trained.n_bits} bits, the patterns have {whole.shape[1]}")
    return Held(code, bits, content, seed, content if method.trains else None)


def first_equal(bits: Any, *, strict: bool = False) -> NDArray[np.intp]:
    """Return for each row of bits or of real numbers the first one that equals it; with ``strict`` refuse a second.

    Examples
    --------
    >>> first_equal(np.array([[0.5], [0.1], [0.5]]))
    array([0, 1, 0])
    """
    if bits.dtype == np.uint8:
        of_row = stored_patterns(bits, strict=strict).of_row
    else:
        _, place, of_row = np.unique(bits, axis=0, return_index=True, return_inverse=True)
        of_row = of_row.reshape(-1)
        if strict and len(place) < len(bits):
            again = int(np.setdiff1d(np.arange(len(bits)), place)[0])
            raise ValueError(f"pattern {again} equals pattern {place[of_row[again]]}: drop it, or use strict=False")
    first = np.full(int(of_row.max()) + 1, len(of_row))
    np.minimum.at(first, of_row, np.arange(len(of_row)))
    return first[of_row]
