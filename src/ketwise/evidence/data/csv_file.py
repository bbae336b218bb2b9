"""Reading a CSV file strictly: whatever would be guessed or padded in silence is an error that says where."""

import csv
import io
import os
import re
from pathlib import Path

import pandas as pd

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BYTE_ORDER_MARKS = [
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
]
_MAGIC = [
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"PAR1", "a Parquet file", "convert it: pandas.read_parquet(...).to_csv(..., index=False)"),
    (b"\x1f\x8b", "compressed with gzip", "decompress it first: gunzip"),
]


def read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a CSV file with one line of column names.

    The delimiter (comma, semicolon, tab or bar) is taken from the first line; a decimal comma is understood where the
    delimiter is another sign.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        One sentence on what is wrong with its content, with the line where there is one, and what to do.
    """
    name = str(path)
    text = _decode(_read_bytes(Path(path), name), name)
    lines = list(io.StringIO(text, newline=""))
    delimiter = _delimiter(next(line for line in lines if line.strip()))
    names, header_lines, n_rows = _check_shape(lines, delimiter, name)
    if n_rows == 0:
        raise ValueError(f"{name} has a line of column names and no rows: add the data")
    # A number with a comma can only be one where the comma does not separate cells.
    decimal = "," if delimiter != "," and re.search(r"(?<![\d.])-?\d+,\d+(?![\d.,])", text) else "."
    return pd.read_csv(
        io.StringIO("".join(lines[header_lines:])),
        sep=delimiter,
        decimal=decimal,
        header=None,
        names=names,
        index_col=False,
        skipinitialspace=True,
        low_memory=False,
    )


def _read_bytes(path: Path, name: str) -> bytes:
    if "\0" in name:
        raise ValueError(f"{name!r} is no name of a file: it holds a NUL byte")
    if path.is_dir():
        raise IsADirectoryError(f"{name} is a folder: give a CSV file in it")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {name}: check the name")
    try:
        content = path.read_bytes()
    except PermissionError:
        raise PermissionError(f"no permission to read {name}: ask its owner, or try chmod u+r") from None
    if not content.strip():
        raise ValueError(f"{name} is empty: it needs a line of column names and at least ten rows")
    return content


def _decode(content: bytes, name: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            raise ValueError(f"{name} is {encoding}, not UTF-8: convert it with iconv -f {encoding} -t UTF-8")
    for magic, what, remedy in _MAGIC:
        if content.startswith(magic):
            raise ValueError(f"{name} is {what}, not CSV: {remedy}")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise ValueError(
            f"{name} holds a NUL byte in line {line}: it is no text file, or is UTF-16 without a mark; save it as UTF-8"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name} is not UTF-8 (byte 0x{content[error.start]:02x} in line {line}): "
            "convert it, for example with iconv -f WINDOWS-1252 -t UTF-8"
        ) from None


def _delimiter(first: str) -> str:
    return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))


def _check_shape(lines: list[str], delimiter: str, name: str) -> tuple[list[str], int, int]:
    """Names of the columns, lines up to there, and number of rows; every row has as many cells as there are names."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    names: list[str] = []
    header_lines = n_rows = 0
    try:
        for cells in reader:
            if not cells or (not names and not "".join(cells).strip()):
                continue
            if not names:
                names, header_lines = _check_names(cells, name, delimiter), reader.line_num
            elif len(cells) != len(names):
                raise ValueError(
                    f"{name}, line {reader.line_num}: {len(cells)} cells, but line {header_lines} names "
                    f"{len(names)} columns (separated by {_DELIMITERS[delimiter]}): quote text that holds the sign, "
                    "or complete the row"
                )
            else:
                n_rows += 1
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}; check the quotes in that line") from None
    return names, header_lines, n_rows


def _check_names(cells: list[str], name: str, delimiter: str) -> list[str]:
    names = [cell.strip() or f"column {index}" for index, cell in enumerate(cells, 1)]
    if len(names) == 1:
        raise ValueError(
            f"{name} has one column only, {names[0]!r} (cells are separated by comma, semicolon, tab or bar): "
            "a target and at least one other column are needed"
        )
    if all(_is_number(cell) for cell in names):
        raise ValueError(
            f"{name}: line 1 holds numbers ({', '.join(names[:3])}, ...), not names: add a line of column names"
        )
    seen: dict[str, int] = {}
    for index, column in enumerate(names, 1):
        if column in seen:
            raise ValueError(f"{name}: columns {seen[column]} and {index} are both named {column!r}: rename one")
        seen[column] = index
    return names


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
