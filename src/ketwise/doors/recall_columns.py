"""The two tables of ``ketwise recall`` as numbers: patterns without gaps, and probes with the same columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketwise.evidence.data.files import Read, read_file
from ketwise.evidence.data.kinds import NUMBERS, TEXT, Converted, convert
from ketwise.evidence.data.names import listed, quoted, suggestion

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PatternColumn:
    """A column of the patterns.

    Attributes
    ----------
    name : str
    cells : Series
        As they came from the file.
    numbers : (n_patterns,) array
        The cells, or for text the place of each in ``texts``.
    texts : list of str or None
        The different ones in alphabetical order; None for a column of numbers.
    note : str or None
        What a reader should know of how the column was taken.
    """

    name: str
    cells: pd.Series
    numbers: Array
    texts: list[str] | None
    note: str | None

    def written(self, values: Array, rows: NDArray[np.intp]) -> pd.Series:
        """Return what was recalled, ``(n_probes,)``, as it stands in the patterns.

        Parameters
        ----------
        values : (n_probes,) array
            As numbers.
        rows : (n_probes,) int array
            Which pattern each is, -1 for none. A number that no pattern has stays whole in a column of whole numbers,
            if all are.
        """
        if self.texts is not None:
            first = np.unique(self.numbers, return_index=True)[1]
            return self.cells.iloc[first[values.astype(np.intp)]].reset_index(drop=True)
        if (rows >= 0).all():
            return self.cells.iloc[rows].reset_index(drop=True)
        whole = pd.api.types.is_integer_dtype(self.cells) or pd.api.types.is_bool_dtype(self.cells)
        found = pd.Series(values)
        return found.astype(self.cells.dtype) if whole and (values == np.round(values)).all() else found


def pattern_columns(read: Read, label: str | None) -> list[PatternColumn]:
    """Return the columns of the patterns: all but the label.

    Raises
    ------
    ValueError
        For no columns, and for an empty cell, with its place.
    """
    names = [name for name in read.frame.columns if name != label]
    if not names:
        raise ValueError(f"{read.name} has no column beside the label {quoted(label)}: add what is to be stored")
    return [_pattern_column(read, name) for name in names]


def _pattern_column(read: Read, name: str) -> PatternColumn:
    found = _converted(read, name)
    _refuse_gap(read, name, "a pattern must be complete: fill the cell in, or leave the row out")
    cells = read.frame[name]
    if found.kind == NUMBERS:
        return PatternColumn(name, cells, found.values.to_numpy(), None, None)
    written = [str(cell) for cell in cells]
    texts = sorted(set(written))
    place = {text: float(k) for k, text in enumerate(texts)}
    return PatternColumn(
        name, cells, np.array([place[text] for text in written]), texts, found.note if found.kind == TEXT else None
    )


def labels_of(read: Read, label: str) -> NDArray[Any]:
    """Return the labels ``(n_patterns,)``, text or whole numbers.

    Raises
    ------
    ValueError
        For no such column, an empty cell, and a number that is not whole.
    """
    if label not in read.frame.columns:
        raise ValueError(f"{read.name} has no column {quoted(label)}: {suggestion(label, list(read.frame.columns))}")
    found, cells = _converted(read, label), read.frame[label]
    _refuse_gap(read, label, "give every pattern its label, or leave the row out")
    if found.kind != NUMBERS or pd.api.types.is_bool_dtype(cells):
        return np.array([str(cell) for cell in cells], dtype=object)
    numbers = found.values.to_numpy()
    odd = (numbers != np.round(numbers)) | (np.abs(numbers) >= 1 << 53)
    if odd.any():
        row = int(np.argmax(odd))
        raise ValueError(
            f"{read.name}, row {row + 1}: the label {quoted(label)} is {numbers[row]:g}, and labels are text or whole "
            "numbers: choose another column"
        )
    return numbers.astype(np.int64)


def read_probes(path: str, columns: Sequence[PatternColumn], patterns: str, label: str | None) -> Read:
    """Read the probes, with the columns that are text among the patterns as text.

    Raises
    ------
    ImportError, OSError, MemoryError, ValueError
        As :func:`~ketwise.evidence.data.files.read_file`, and for a column that is missing or not expected.
    """
    read = read_file(path, least_columns=1)
    expected, names = [column.name for column in columns], list(read.frame.columns)
    missing = [name for name in expected if name not in set(names)]
    extra = [name for name in names if name not in {*expected, label}]
    if missing:
        hint = suggestion(missing[0], names)
        raise ValueError(f"{read.name} has no column {listed(missing, 5)}, which {patterns} has: {hint}")
    if extra:
        raise ValueError(
            f"{read.name} has a column {listed(extra, 5)}, which {patterns} has not: check that it is the right file, "
            "then leave the column out"
        )
    texts = [column.name for column in columns if column.texts is not None]
    written = [name for name in texts if pd.api.types.is_numeric_dtype(read.frame[name])]
    return Read(read.name, read_file(path, written, least_columns=1).frame, read.notes) if written else read


def probe_values(read: Read, columns: Sequence[PatternColumn], patterns: str) -> Array:
    """Return numbers ``(n_probes, n_columns)`` in the order of the patterns' columns, NaN where unknown.

    Raises
    ------
    ValueError
        For text among numbers, text that no pattern has, and a probe of which nothing is known; with its place.
    """
    found = np.column_stack(
        [_numbers(read, each, patterns) if each.texts is None else _places(read, each) for each in columns]
    )
    blank = np.isnan(found).all(axis=1)
    if blank.any():
        raise ValueError(
            f"{read.name}, row {int(np.argmax(blank)) + 1}: nothing is known of this probe, and every pattern is "
            "equally near: fill in a cell, or leave the row out"
        )
    return found


def _numbers(read: Read, column: PatternColumn, patterns: str) -> Array:
    found, cells = _converted(read, column.name), read.frame[column.name]
    if found.kind == NUMBERS:
        return found.values.to_numpy(dtype=np.float64)
    known = cells.notna().to_numpy()
    texts = cells.astype(object).map(str, na_action="ignore")
    odd = known & pd.to_numeric(texts, errors="coerce").isna().to_numpy()
    row = int(np.argmax(odd if odd.any() else known))
    raise ValueError(
        f"{read.name}, row {row + 1}: column {quoted(column.name)} holds {quoted(cells.iloc[row])}, and numbers in "
        f"{patterns}: write both in one way"
    )


def _places(read: Read, column: PatternColumn) -> Array:
    """Return the place of each text among those of the patterns."""
    cells = read.frame[column.name]
    place = {text: float(k) for k, text in enumerate(column.texts or [])}
    found = np.full(len(cells), np.nan)
    for row in np.flatnonzero(cells.notna()):
        text = str(cells.iloc[row])
        if text not in place:
            raise ValueError(
                f"{read.name}, row {row + 1}: column {quoted(column.name)} holds {quoted(text)}, which no pattern has "
                "there: correct the cell, or leave it empty"
            )
        found[row] = place[text]
    return found


def refuse_outside(
    name: str, table: Array, columns: Sequence[PatternColumn], alphabets: Sequence[Any], encoding: str
) -> None:
    """Refuse a value that is not in the alphabet of its column.

    Parameters
    ----------
    name : str
        Of the file.
    table : (n_rows, n_columns) array
        NaN is left aside.
    alphabets : sequence of arrays
        What each column may hold, in increasing order.

    Raises
    ------
    ValueError
        With the place of the first.
    """
    for j, (column, symbols) in enumerate(zip(columns, alphabets, strict=True)):
        outside = ~np.isnan(table[:, j]) & ~np.isin(table[:, j], symbols)
        if outside.any():
            row = int(np.argmax(outside))
            shown = ", ".join(f"{value:.15g}" for value in symbols[:4])
            shown += f", ... {symbols[-1]:.15g}" if len(symbols) > 4 else ""
            raise ValueError(
                f"{name}, row {row + 1}: column {quoted(column.name)} holds {table[row, j]:.15g}, and the encoding "
                f"{encoding} takes {shown} there: correct the cell, or choose another encoding"
            )


def _converted(read: Read, name: str) -> Converted:
    try:
        return convert(read.frame[name], name, as_text=True)
    except ValueError as error:
        raise ValueError(f"{read.name}: {error}") from None


def _refuse_gap(read: Read, name: str, remedy: str) -> None:
    gaps = read.frame[name].isna().to_numpy()
    if gaps.any():
        raise ValueError(f"{read.name}, row {int(np.argmax(gaps)) + 1}: column {quoted(name)} is empty; {remedy}")
