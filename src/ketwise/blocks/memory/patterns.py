"""Patterns and probes of an associative memory: tables of bits, checked; equal patterns counted; unknown bits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.sparse import packed
from ketwise.words.checks import positive_int, shape_error

Bits = NDArray[np.uint8]


class Stored(NamedTuple):
    """Different patterns with how often each was given.

    Attributes
    ----------
    patterns : (n_distinct, n_bits) array
        In the order in which they first came.
    counts : (n_distinct,) int array
    of_row : (n_rows,) int array
        Which of them each given row is.
    """

    patterns: Bits
    counts: NDArray[np.int64]
    of_row: NDArray[np.intp]

    @property
    def weights(self) -> NDArray[np.float64]:
        """Shares ``(n_distinct,)`` of the rows, which add up to 1."""
        return self.counts / len(self.of_row)


class Probes(NamedTuple):
    """Probes with what is known of them.

    Attributes
    ----------
    bits : (n_probes, n_bits) array
        0 where the bit is unknown.
    known : (n_probes, n_bits) bool array
    single : bool
        Whether one probe was given, without the batch axis.
    """

    bits: Bits
    known: NDArray[np.bool_]
    single: bool

    @property
    def n_known(self) -> NDArray[np.int64]:
        """Known bits ``(n_probes,)`` of each."""
        return np.count_nonzero(self.known, axis=1).astype(np.int64)


def as_patterns(patterns: Any) -> Bits:
    """Return ``(n_patterns, n_bits)`` bits; column j is bit j of a pattern, and qubit j of a memory.

    Raises
    ------
    ValueError
        For no patterns, for lengths that differ, and for values other than 0 and 1; with the place of the first.

    Examples
    --------
    >>> as_patterns([[0, 1], [True, False]])
    array([[0, 1],
           [1, 0]], dtype=uint8)
    """
    table = as_table("patterns", patterns)
    if not len(table):
        raise ValueError("the memory is empty: give at least one pattern")
    if table.ndim != 2 or not table.shape[1]:
        raise shape_error("patterns", "(n_patterns, n_bits)", table.shape)
    _refuse_other(table, np.zeros(table.shape, dtype=bool), "patterns", "0 or 1")
    return np.ascontiguousarray(table, dtype=np.uint8)


def as_probes(probes: Any, n_bits: int) -> Probes:
    """Return the probes of a memory of ``n_bits``: bits, with NaN or None for one that is not known.

    Raises
    ------
    ValueError
        For a wrong length, for values other than 0, 1 and NaN, and for a probe of which nothing is known.

    Examples
    --------
    >>> as_probes([0, 1, None], 3).known
    array([[ True,  True, False]])
    """
    table = as_table("probes", probes)
    single = table.ndim == 1
    if table.ndim not in (1, 2) or table.shape[-1] != n_bits:
        raise shape_error("probes", f"({n_bits},) or (n_probes, {n_bits})", table.shape)
    table = np.atleast_2d(table)
    unknown = np.isnan(table) if table.dtype.kind == "f" else np.zeros(table.shape, dtype=bool)
    _refuse_other(table, unknown, "probes", "0, 1, or NaN for unknown")
    blank = np.flatnonzero(unknown.all(axis=1))
    if len(blank):
        raise ValueError(
            f"nothing is known of probe {blank[0]}: every pattern is equally near; give at least one bit, or sample "
            "the memory without a probe"
        )
    bits = np.where(unknown, 0, table).astype(np.uint8)
    return Probes(np.ascontiguousarray(bits), ~unknown, single)


def as_probe(probe: Any, n_bits: int) -> dict[int, int]:
    """Return the known bits of one probe by their place."""
    checked = as_probes(probe, n_bits)
    if len(checked.bits) != 1:
        raise ValueError(f"a circuit takes one probe, got {len(checked.bits)}: make a circuit for each")
    return {int(j): int(checked.bits[0, j]) for j in np.flatnonzero(checked.known[0])}


def stored_patterns(patterns: Any, *, strict: bool = False) -> Stored:
    """Return the different patterns and how often each was given.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    strict : bool
        Refuse a pattern that comes twice, where it would otherwise count twice.

    Raises
    ------
    ValueError
        As :func:`as_patterns` does; with ``strict`` for the first pattern that comes again.

    Examples
    --------
    >>> stored_patterns([[1, 0], [0, 0], [1, 0]]).counts
    array([2, 1])
    """
    table = as_patterns(patterns)
    _, first, inverse = np.unique(packed(table).T, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    of_row = place[inverse.reshape(-1)]
    if strict and len(order) < len(table):
        again = next(row for row in range(len(table)) if first[order[of_row[row]]] != row)
        raise ValueError(
            f"pattern {again} equals pattern {first[order[of_row[again]]]}: drop it, or use strict=False, where a "
            "pattern given twice counts twice"
        )
    return Stored(table[first[order]], np.bincount(of_row).astype(np.int64), of_row)


def from_integers(numbers: Any, n_bits: int) -> Bits:
    """Return ``(n_patterns, n_bits)`` patterns from whole numbers; bit j of a number is column j.

    Raises
    ------
    ValueError
        For numbers that do not fit into ``n_bits``.

    Examples
    --------
    >>> from_integers([6], 4)
    array([[0, 1, 1, 0]], dtype=uint8)
    """
    n_bits = positive_int("n_bits", n_bits)
    rows = []
    for number in numbers:
        value = positive_int("a pattern", number, minimum=0)
        if value >> n_bits:
            raise ValueError(f"pattern {value} does not fit into {n_bits} bits: the greatest is {(1 << n_bits) - 1}")
        rows.append([value >> j & 1 for j in range(n_bits)])
    return as_patterns(rows)


def as_table(name: str, given: Any) -> NDArray[Any]:
    """Return numbers as an array; None becomes NaN.

    Raises
    ------
    ValueError
        For rows of different lengths, and for what is no number.

    Examples
    --------
    >>> as_table("probes", [0, None])
    array([ 0., nan])
    """
    try:
        table = np.asarray(given)
    except ValueError:
        table = np.asarray(given, dtype=object)
    if table.dtype.kind == "O":
        lengths = sorted({len(row) for row in given if hasattr(row, "__len__")})
        if len(lengths) > 1:
            raise ValueError(f"{name} must all have the same length, got lengths {lengths[0]} to {lengths[-1]}")
        try:
            table = np.array(given, dtype=np.float64)  # None becomes NaN
        except (TypeError, ValueError):
            raise ValueError(f"{name} must be an array of bits, got values that are no numbers") from None
    if table.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of bits, got {table.dtype}: write 0110 as [0, 1, 1, 0]")
    return table


def _refuse_other(table: NDArray[Any], allowed: NDArray[np.bool_], name: str, expected: str) -> None:
    if table.dtype.kind in "bu" and (not table.size or table.max() <= 1):
        return
    wrong = ~allowed & (table != 0) & (table != 1)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(f"{name} must be {expected}: row {row}, column {column} is {table[row, column]}")
