"""Reading a CSV file strictly: whatever would be guessed or padded in silence is an error that says where."""

import csv
import io
import os
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from ketwise.engine.memory import SHARE, available_bytes, readable
from ketwise.evidence.data.decimals import read_decimals
from ketwise.evidence.data.decoding import decode
from ketwise.evidence.data.names import plural, quoted, short

#: More columns than this are refused: every model gets all of them, and a verdict would take days.
MOST_COLUMNS = 10_000
#: Bytes of memory taken for a byte of the file while it is read.
BYTES_FOR_A_BYTE = 12

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def read_csv(
    path: str | os.PathLike[str], texts: Collection[str] = (), least_columns: int = 2
) -> tuple[pd.DataFrame, list[str]]:
    """Read a CSV file with one line of column names.

    The delimiter (comma, semicolon, tab or bar) is taken from the first line; encoding and decimal sign are recognised,
    and said where they are not the usual ones.

    Parameters
    ----------
    path : str or path
    texts : names of columns
        Read as text, whatever they hold.
    least_columns : int
        Fewer are refused.

    Returns
    -------
    DataFrame, list of str
        The table, and notes on how it was read.

    Raises
    ------
    OSError, MemoryError
        If there is no such file, it cannot be read, or it is too large for the memory there is.
    ValueError
        One sentence on what is wrong with its content, with the line where there is one, and what to do.
    """
    name = str(path)
    text, notes = decode(read_bytes(path), name)
    if not text.strip():
        raise ValueError(f"{name} is empty: it needs a line of column names and at least ten rows")
    lines = list(io.StringIO(text, newline=""))
    delimiter = _delimiter(next(line for line in lines if line.strip()))
    names, header_lines, n_rows = _check_shape(lines, delimiter, name, least_columns)
    if n_rows == 0:
        raise ValueError(f"{name} has a line of column names and no rows: add the data")
    body = "".join(lines[header_lines:])

    def read(as_text: Collection[str]) -> pd.DataFrame:
        return pd.read_csv(
            io.StringIO(body),
            sep=delimiter,
            header=None,
            names=names,
            index_col=False,
            skipinitialspace=True,
            low_memory=False,
            float_precision="round_trip",  # otherwise some numbers come out with another last digit
            dtype=dict.fromkeys(as_text, object),
        )

    frame = read(texts)
    if len(frame) != n_rows:
        raise ValueError(f"{name}: {n_rows} rows were counted and {len(frame)} read; check its line ends and quotes")
    notes += read_decimals(
        frame, name, lambda: read(names), lambda row: _line_of(lines, delimiter, row), skipped=set(texts)
    )
    return frame, notes


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """All bytes of a file.

    Raises
    ------
    OSError, MemoryError, ValueError
        One sentence: there is no such file, it is none, it may not be read, is empty or too large.
    """
    name, place = str(path), Path(path)
    if "\0" in name:
        raise ValueError(f"{quoted(name)} is no name of a file: it holds a NUL byte")
    try:
        if place.is_dir():
            raise IsADirectoryError(f"{name} is a folder: give a CSV or Parquet file in it")
        if not place.exists():
            raise FileNotFoundError(f"there is no file {name}: check the name")
        if not place.is_file():
            raise OSError(f"{name} is a device or a pipe: write the data to a file first")
        needed, budget = place.stat().st_size * BYTES_FOR_A_BYTE, int(available_bytes() * SHARE)
        if needed > budget:
            raise MemoryError(
                f"{name} needs about {readable(needed)} of memory, {readable(budget)} can be used: give fewer rows or "
                "columns; at most 1,000 rows of a fold are learned from anyway"
            )
        content = place.read_bytes()
    except PermissionError:
        raise PermissionError(f"no permission to read {name}: ask its owner, or try chmod u+r") from None
    except OSError as error:
        if error.strerror is None:
            raise
        raise OSError(f"{quoted(name)} cannot be read: {error.strerror}; check the name and the disk") from None
    if not content.strip():
        raise ValueError(f"{name} is empty: it needs a line of column names and at least ten rows")
    return content


def _delimiter(first: str) -> str:
    def cells(sign: str) -> int:
        try:
            return len(next(csv.reader([first], delimiter=sign, skipinitialspace=True), []))
        except csv.Error:  # a cell beyond the reader's limit: not this sign
            return 0

    return max(_DELIMITERS, key=cells)


def _check_shape(lines: list[str], delimiter: str, name: str, least_columns: int) -> tuple[list[str], int, int]:
    """Names of the columns, lines up to there, and number of rows; every row has as many cells as there are names."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    names: list[str] = []
    header_lines = n_rows = 0
    try:
        for cells in reader:
            if len(names) == 1 and not lines[reader.line_num - 1].strip():
                raise ValueError(
                    f"{name}, line {reader.line_num}: an empty line, which may stand for a row with a missing value or "
                    'for nothing: write "" for a missing value, or delete the line'
                )
            if not cells or (not names and not "".join(cells).strip()):
                continue
            if not names:
                names, header_lines = _check_names(cells, name, least_columns), reader.line_num
            elif len(cells) != len(names):
                raise ValueError(
                    f"{name}, line {reader.line_num}: {len(cells)} cells, but line {header_lines} names "
                    f"{plural(len(names), 'column')} (separated by {_DELIMITERS[delimiter]}): quote text that holds "
                    "the sign, or complete the row"
                )
            else:
                n_rows += 1
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}; check the quotes in that line") from None
    return names, header_lines, n_rows


def _check_names(cells: list[str], name: str, least_columns: int) -> list[str]:
    names = [cell.strip() or f"column {index}" for index, cell in enumerate(cells, 1)]
    if len(names) < least_columns:
        raise ValueError(
            f"{name} has one column only, {quoted(names[0])} (cells are separated by comma, semicolon, tab or bar): "
            "a target and at least one other column are needed"
        )
    check_width(len(names), name)
    if all(_is_number(cell) for cell in names):
        shown = ", ".join(short(cell) for cell in names[:3])
        raise ValueError(f"{name}: line 1 holds numbers ({shown}, ...), not names: add a line of column names")
    check_unique(names, name)
    return names


def check_width(n_columns: int, name: str) -> None:
    """Refuse a table that no verdict could be given on in a sensible time."""
    if n_columns > MOST_COLUMNS + 1:
        raise ValueError(
            f"{name} has {n_columns:,} columns; at most {MOST_COLUMNS:,} beside the target can be used: keep those "
            "that vary most or that you expect to matter, or replace them by principal components"
        )


def check_unique(names: list[str], name: str) -> None:
    """Refuse two columns of one name."""
    seen: dict[str, int] = {}
    for index, column in enumerate(names, 1):
        if column in seen:
            raise ValueError(f"{name}: columns {seen[column]} and {index} are both named {quoted(column)}: rename one")
        seen[column] = index


def _line_of(lines: list[str], delimiter: str, row: int) -> int:
    """Line of the file on which a row (from 0) ends."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    named = False
    for cells in reader:
        if not cells or (not named and not "".join(cells).strip()):
            continue
        if named and row == 0:
            return reader.line_num
        row -= named
        named = True
    return len(lines)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
