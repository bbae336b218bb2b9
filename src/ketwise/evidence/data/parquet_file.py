"""Reading a Parquet file through pyarrow, of the extra ``data``: plain columns only, checked before they are read."""

import os
from pathlib import Path
from typing import Any

import pandas as pd

from ketwise.engine.memory import SHARE, available_bytes, readable
from ketwise.evidence.data.csv_file import check_unique, check_width
from ketwise.evidence.data.names import listed

MAGIC = b"PAR1"
#: Bytes of memory taken for a byte of the columns once they are decompressed.
BYTES_FOR_A_BYTE = 6


def is_parquet(path: str | os.PathLike[str]) -> bool:
    """Whether it is a file, and named or begins like a Parquet file. Pipes are left alone: to open one is to wait."""
    try:
        if not Path(path).is_file():
            return False
        if Path(path).suffix.lower() in (".parquet", ".pq"):
            return True
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):
        return False  # whatever is wrong is said by who reads it


def read_parquet(path: str | os.PathLike[str], least_columns: int = 2) -> tuple[pd.DataFrame, list[str]]:
    """Read a Parquet file.

    Returns
    -------
    DataFrame, list of str
        The table, and notes on how it was read.

    Raises
    ------
    ImportError
        Without pyarrow.
    OSError, MemoryError
        If there is no such file, it cannot be read, or it is too large for the memory there is.
    ValueError
        One sentence: it is no Parquet file or damaged, or which column holds something that cannot be used.
    """
    name = str(path)
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ImportError(f'reading the Parquet file {name} needs pyarrow: pip install "ketwise[data]"') from None
    try:
        file = pyarrow.parquet.ParquetFile(path)
        _check(pyarrow, file, name)
        table = file.read()
        decimals = [
            pyarrow.field(field.name, pyarrow.float64() if pyarrow.types.is_decimal(field.type) else field.type)
            for field in table.schema
        ]
        table = table.cast(pyarrow.schema(decimals))
        frame = table.to_pandas(ignore_metadata=True, date_as_object=False)
    except (pyarrow.ArrowException, OSError, EOFError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{name} is no Parquet file, or a damaged one ({reason}): write it again") from None
    index = [column for column in frame.columns if str(column).startswith("__index_level_")]
    notes = [f"The index that pandas wrote into {name} was left out."] if index else []
    frame = frame.drop(columns=index)
    if not len(frame):
        raise ValueError(f"{name} has column names and no rows: add the data")
    if frame.shape[1] < least_columns:
        raise ValueError(f"{name} has one column only: a target and at least one other column are needed")
    return frame, notes


def _check(pyarrow: Any, file: Any, name: str) -> None:
    """Refuse columns that are no plain values, and tables that are too wide or too large, before any is read."""
    schema = file.schema_arrow
    check_width(len(schema), name)
    check_unique(list(schema.names), name)
    kinds = pyarrow.types
    refused = [
        field.name
        for field in schema
        if kinds.is_nested(field.type)
        or any(
            kind(field.type)
            for kind in (kinds.is_binary, kinds.is_large_binary, kinds.is_fixed_size_binary, kinds.is_interval)
        )
    ]
    if refused:
        raise ValueError(
            f"{name} holds lists, records or bytes in {'column' if len(refused) == 1 else 'the columns'} "
            f"{listed(refused)}: only numbers, dates and text can be used; spread them over plain columns, or leave "
            "them out"
        )
    size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
    # A value that repeats takes next to nothing in the file but 8 bytes in memory.
    needed = BYTES_FOR_A_BYTE * max(size, 8 * file.metadata.num_rows * len(schema))
    budget = int(available_bytes() * SHARE)
    if needed > budget:
        raise MemoryError(
            f"{name} needs about {readable(needed)} of memory, {readable(budget)} can be used: give fewer rows or "
            "columns"
        )
