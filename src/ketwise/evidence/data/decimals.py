"""Numbers as people write them, with a comma or a point before the decimals and signs between thousands.

What can be read in one way only is read so, and said; what can be read in two ways is an error that says where.
"""

import re
from collections.abc import Callable, Collection
from typing import NoReturn

import numpy as np
import pandas as pd

from ketwise.evidence.data.names import listed, quoted

_SPACES = "[ '\u00a0\u2009\u202f\u2019]"
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*[.,]?|[.,]\d+)([eE][+-]?\d+)?")
_SPACED = re.compile(rf"[+-]?\d{{1,3}}({_SPACES}\d{{3}})+([.,]\d+)?")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_ONE = re.compile(r"[+-]?\d*[.,]\d*([eE][+-]?\d+)?")
_THOUSANDS = {
    ",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)|[+-]?\d{1,3}(\.\d{3}){2,}"),  # 1.234,5 and 1.234.567
    ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)|[+-]?\d{1,3}(,\d{3}){2,}"),  # 1,234.5 and 1,234,567
}
_MOSTLY = 0.9
_SAID = {",": "a decimal comma", ".": "a decimal point"}


def read_decimals(
    frame: pd.DataFrame,
    name: str,
    as_text: Callable[[], pd.DataFrame],
    line_of: Callable[[int], int],
    skipped: Collection[str] = (),
) -> list[str]:
    """Turn the text columns that hold numbers with commas or thousands into numbers, in place; returns notes.

    Parameters
    ----------
    frame : DataFrame
        As read with a decimal point.
    name : str
        Of the file, for the sentence.
    as_text : callable
        Reads the same file with every cell as text; called only where a comma was found in a number.
    line_of : callable
        The line of the file that holds a row.
    skipped : names of columns
        Left as they are.

    Raises
    ------
    ValueError
        Where a column can be read in two ways, such as 1,234 (1.234 or 1234), with the line.
    """
    texts = [column for column in _text_columns(frame) if column not in skipped]
    found = {column: cells for column in texts if (cells := _numeric_cells(frame[column])) is not None}
    if not found:
        return []
    marks = {column: _mark(cells, column, name, line_of) for column, cells in found.items()}
    if "," in marks.values() or None in marks.values():
        points = _points(frame, as_text())
        clear = {*marks.values(), *(["."] if any(_EITHER.fullmatch(cell) is None for cell in points.values()) else [])}
        for column, cells in found.items():
            if marks[column] is None and clear != {",", None}:
                row = next(int(str(row)) for row, cell in cells.items() if "," in cell)
                _refuse(cells[row], column, name, line_of(row))
            marks[column] = marks[column] or ","
        for (column, row), cell in points.items():
            if _EITHER.fullmatch(cell):
                _refuse(cell, column, name, line_of(row))
    for column, cells in found.items():
        _replace(frame, column, cells, str(marks[column]))
    with_comma = [column for column, mark in marks.items() if mark == ","]
    with_point = [column for column, mark in marks.items() if mark == "."]
    return [
        f"Numbers with {_SAID[mark]}" + (" and signs between thousands" if mark == "." else "") + " were recognised in "
        f"column{'s' * (len(columns) > 1)} {listed(columns, 6)}."
        for mark, columns in ((",", with_comma), (".", with_point))
        if columns
    ]


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name, kind in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]


def _numeric_cells(column: pd.Series) -> pd.Series | None:
    """Cells of a column that is nearly all numbers, some with a comma or thousands; without spaces between those."""
    present = column.dropna()
    cells = pd.Series([str(cell).strip() for cell in present], index=present.index, dtype=object)
    spaced = np.array([bool(_SPACED.fullmatch(cell)) for cell in cells], dtype=bool)
    cells = cells.where(~spaced, cells.map(lambda cell: re.sub(_SPACES, "", cell)))
    numeric = np.array([bool(_NUMBER.fullmatch(cell)) for cell in cells], dtype=bool)
    if not len(cells) or numeric.sum() < _MOSTLY * len(cells):
        return None
    cells = cells[numeric]
    written = [cell for cell in cells if not _plain(cell)]
    if not all(_ONE.fullmatch(cell) or any(kind.fullmatch(cell) for kind in _THOUSANDS.values()) for cell in written):
        return None  # such as 31.12.2024 or a version: no number
    return cells if spaced.any() or written else None


def _plain(cell: str) -> bool:
    return "," not in cell and cell.count(".") <= 1


def _mark(cells: pd.Series, column: str, name: str, line_of: Callable[[int], int]) -> str | None:
    """The decimal sign of a column; None where every cell can be read with either."""
    first: dict[str, int] = {}
    for row, cell in cells.items():
        if _EITHER.fullmatch(cell):
            continue
        for mark, thousands in _THOUSANDS.items():
            if thousands.fullmatch(cell) or (_ONE.fullmatch(cell) and mark in cell):
                first.setdefault(mark, int(str(row)))
    if len(first) == 2:
        comma, point = first[","], first["."]
        raise ValueError(
            f"{name}, column {quoted(column)}: {cells[comma]} in line {line_of(comma)} has a decimal comma and "
            f"{cells[point]} in line {line_of(point)} a decimal point: write all numbers in one way"
        )
    if first:
        return next(iter(first))
    either = [cell for cell in cells if _EITHER.fullmatch(cell)]
    return None if either and any("," in cell for cell in either) else "."


def _refuse(cell: str, column: str, name: str, line: int) -> NoReturn:
    sign = "," if "," in cell else "."
    raise ValueError(
        f"{name}, line {line}, column {quoted(column)}: {cell} can be read as {cell.replace(sign, '.')} or as "
        f"{cell.replace(sign, '')}: write it in one of these ways"
    )


def _points(frame: pd.DataFrame, texts: pd.DataFrame) -> dict[tuple[str, int], str]:
    """Of every column read as numbers, the first cell with a point that cannot be thousands; else the first with one.

    In a file with decimal commas, 1.234 in another column may be a thousand and more.
    """
    found = {}
    for column in map(str, frame.columns):
        if pd.api.types.is_float_dtype(frame[column]):
            cells = texts[column].dropna().map(str.strip)
            points = cells[np.array(["." in cell for cell in cells], dtype=bool)]
            clear = points[np.array([_EITHER.fullmatch(cell) is None for cell in points], dtype=bool)]
            if len(points):
                first = clear if len(clear) else points
                found[column, int(first.index[0])] = str(first.iloc[0])
    return found


def _replace(frame: pd.DataFrame, column: str, cells: pd.Series, mark: str) -> None:
    """Write the cells with a decimal point; where all are numbers, make the column one of numbers."""
    other = "." if mark == "," else ","
    plain = cells.map(lambda cell: cell.replace(other, "").replace(mark, "."))
    if len(plain) == int(frame[column].notna().sum()):
        values = np.full(len(frame), np.nan)
        values[plain.index.to_numpy()] = [float(cell) for cell in plain]
        frame[column] = values
    else:
        written = frame[column].astype(object)
        written[plain.index] = plain
        frame[column] = written
