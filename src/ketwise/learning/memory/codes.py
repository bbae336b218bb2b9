"""How columns of a table become bits of a pattern and come back: thresholds, strict alphabets, numbers, categories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int

Array = NDArray[np.float64]
Bits = NDArray[np.uint8]

#: A table of code words is kept for each column.
MOST_NUMBERS = 4096
REAL = "real"


@dataclass(frozen=True)
class ColumnCode:
    """The symbols of one column, in increasing order.

    Attributes
    ----------
    symbols : (n_symbols,) array
        What each stands for.
    words : (n_symbols, n_bits) array of bits
    edges : (n_symbols - 1,) array or None
        A value above an edge is the next symbol; None where a value must be a symbol itself.
    """

    symbols: Array
    words: Bits
    edges: Array | None

    def read(self, column: Array) -> NDArray[np.intp]:
        """Return the symbol ``(n_rows,)`` of each value, -1 where it is none of them."""
        if self.edges is not None:
            return np.searchsorted(self.edges, column, side="left")
        place = np.minimum(np.searchsorted(self.symbols, column), len(self.symbols) - 1)
        return np.where(self.symbols[place] == column, place, -1)


@dataclass(frozen=True)
class Code:
    """Codes of all columns: their bits stand one after the other.

    Examples
    --------
    >>> code = learn_code(np.array([[0.2, 5.0], [0.8, 6.0]]))
    >>> code.bits(np.array([[0.9, np.nan]]))
    array([[ 1., nan]])
    >>> code.values(np.array([[1, 0]]))
    array([[0.8, 5. ]])
    """

    columns: tuple[ColumnCode, ...]

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """The bits of each column."""
        ends = np.cumsum([column.words.shape[1] for column in self.columns])
        return tuple(slice(int(end) - c.words.shape[1], int(end)) for end, c in zip(ends, self.columns, strict=True))

    @property
    def n_bits(self) -> int:
        """Bits of a pattern."""
        return self.places[-1].stop

    def bits(self, rows: Array, what: str = "probes") -> Array:
        """Return ``(n_rows, n_bits)`` bits; NaN in a column becomes NaN in all its bits.

        Raises
        ------
        ValueError
            For a value outside a strict alphabet, with its place and what the column may hold.
        """
        found = np.empty((len(rows), self.n_bits))
        for j, (column, place) in enumerate(zip(self.columns, self.places, strict=True)):
            known = ~np.isnan(rows[:, j])
            symbols = column.read(np.where(known, rows[:, j], column.symbols[0]))
            if (symbols < 0).any():
                row = int(np.argmax(symbols < 0))
                raise ValueError(
                    f"{what}: row {row}, column {j} is {rows[row, j]:g}, which is not in the alphabet of that column: "
                    f"{_listed(column.symbols)}; use encoding='threshold' for values of any size, NaN for unknown ones"
                )
            found[:, place] = column.words[symbols]
            found[~known, place] = np.nan
        return found

    def values(self, bits: NDArray[Any]) -> Array:
        """Return ``(n_rows, n_columns)``: what the code word stands for that is nearest to each column's bits."""
        found = np.empty((len(bits), len(self.columns)))
        for j, (column, place) in enumerate(zip(self.columns, self.places, strict=True)):
            if column.words.shape[1] == 1:
                symbols = (bits[:, place][:, 0] != column.words[0, 0]).astype(int)
            else:
                distances = (bits[:, place, np.newaxis] != column.words.T).sum(axis=1)
                symbols = np.argmin(distances, axis=1)
            found[:, j] = column.symbols[np.minimum(symbols, len(column.symbols) - 1)]
        return found


def learn_code(rows: Array, encoding: str = "threshold", n_levels: int = 2) -> Code:
    """Return the code of a table of patterns.

    Parameters
    ----------
    rows : (n_patterns, n_columns) array
        Finite; NaN is left aside.
    encoding : str
        "threshold"
            A bit a column: is the value above the middle of the column's range? With more levels there is a bit for
            each of ``n_levels - 1`` equal steps (a thermometer: two values differ in as many bits as they are steps
            apart); a column of two values needs one bit, one that never varies has a bit that is always 0. A table of
            0 and 1 alone, or of -1 and 1 alone, is taken as it is.
        "bits", "signs"
            Strict: 0 and 1, or -1 and 1, and nothing else.
        "integers"
            Whole numbers from 0 on, in binary, lowest bit first, as many bits as the column's largest needs.
        "categories"
            A bit for every value that the column holds, one of which is 1; one bit where there are two values.
    n_levels : int
        For "threshold".

    Raises
    ------
    ValueError
        For an unknown encoding, and for values outside a strict alphabet.

    Examples
    --------
    >>> learn_code(np.array([[0.0], [3.0], [9.0]]), n_levels=4).bits(np.array([[4.6]]))
    array([[1., 1., 0.]])
    >>> learn_code(np.array([[5.0]]), "integers").bits(np.array([[6.0]]))
    array([[0., 1., 1.]])
    """
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding must be one of {', '.join([*ENCODINGS, REAL])}, got {encoding!r}")
    code = ENCODINGS[encoding](rows, n_levels)
    code.bits(rows, "patterns")  # refuses what a strict alphabet does not hold
    return code


def _threshold(rows: Array, n_levels: int) -> Code:
    levels = positive_int("n_levels", n_levels, minimum=2)
    known = rows[~np.isnan(rows)]
    for low, high in ((0.0, 1.0), (-1.0, 1.0)):
        if np.isin(known, (low, high)).all():
            one = ColumnCode(np.array([low, high]), _thermometer(2), np.array([(low + high) / 2]))
            return Code((one,) * rows.shape[1])
    return Code(tuple(_steps(column[~np.isnan(column)], levels) for column in rows.T))


def _steps(column: Array, levels: int) -> ColumnCode:
    """Equal steps between the column's ends; a level stands for the mean of what fell on it."""
    distinct = np.unique(column)
    if len(distinct) < 2:  # it never varies, and tells nothing: a bit that is always 0
        return ColumnCode(np.repeat(distinct if len(distinct) else np.zeros(1), 2), _thermometer(2), np.array([np.inf]))
    levels = levels if len(distinct) > 2 else 2
    low, high = float(distinct[0]), float(distinct[-1])
    share = np.arange(levels + 1) / levels
    ends = low * (1 - share) + high * share  # the range itself may be beyond the largest float
    edges = ends[1:-1]
    level = np.searchsorted(edges, column, side="left")
    count = np.bincount(level, minlength=levels)
    middle = ends[1:] / 2 + ends[:-1] / 2
    share_of_level = np.bincount(level, column / np.maximum(count, 1)[level], minlength=levels)
    mean = np.where(count > 0, share_of_level, middle)
    return ColumnCode(mean, _thermometer(levels), edges)


def _thermometer(levels: int) -> Bits:
    return np.tri(levels, levels - 1, -1, dtype=np.uint8)


def _strict(low: float) -> Callable[[Array, int], Code]:
    def code(rows: Array, n_levels: int) -> Code:
        return Code((ColumnCode(np.array([low, 1.0]), _thermometer(2), None),) * rows.shape[1])

    return code


def _integers(rows: Array, n_levels: int) -> Code:
    columns = []
    for j, column in enumerate(rows.T):
        known = column[~np.isnan(column)]
        largest = float(known.max()) if len(known) else 0.0
        if largest >= MOST_NUMBERS:
            raise ValueError(
                f"patterns: column {j} holds {largest:g}; encoding='integers' takes whole numbers from 0 to "
                f"{MOST_NUMBERS - 1}: use encoding='threshold' with n_levels"
            )
        n_bits = max(1, int(max(largest, 0.0)).bit_length())
        numbers = np.arange(1 << n_bits)
        words = (numbers[:, np.newaxis] >> np.arange(n_bits) & 1).astype(np.uint8)
        columns.append(ColumnCode(numbers.astype(np.float64), words, None))
    return Code(tuple(columns))


def _categories(rows: Array, n_levels: int) -> Code:
    columns = []
    for j, column in enumerate(rows.T):
        known = column[~np.isnan(column)]
        symbols = np.unique(known) if len(known) else np.zeros(1)
        if len(symbols) > MOST_NUMBERS:
            raise ValueError(
                f"patterns: column {j} holds {len(symbols)} different values; encoding='categories' takes up to "
                f"{MOST_NUMBERS}: use encoding='threshold' with n_levels"
            )
        words = np.eye(len(symbols), dtype=np.uint8) if len(symbols) != 2 else _thermometer(2)
        columns.append(ColumnCode(symbols, words, None))
    return Code(tuple(columns))


ENCODINGS: dict[str, Callable[[Array, int], Code]] = {
    "threshold": _threshold,
    "bits": _strict(0.0),
    "signs": _strict(-1.0),
    "integers": _integers,
    "categories": _categories,
}


def _listed(symbols: Array) -> str:
    shown = [f"{value:g}" for value in symbols[:8]]
    return ", ".join(shown) + (f", ... {symbols[-1]:g}" if len(symbols) > 8 else "")
