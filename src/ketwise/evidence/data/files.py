"""A table from a file, CSV or Parquet, and a second, held-out one brought to the same columns and kinds."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketwise.evidence.data.csv_file import read_csv
from ketwise.evidence.data.kinds import NUMBERS, TEXT, Converted, convert
from ketwise.evidence.data.names import listed, quoted
from ketwise.evidence.data.parquet_file import is_parquet, read_parquet


@dataclass(frozen=True)
class Read:
    """A file as it was read: its name as given, its columns as they came, and notes."""

    name: str
    frame: pd.DataFrame
    notes: list[str]


def read_file(path: str | os.PathLike[str], texts: Collection[str] = (), *, least_columns: int = 2) -> Read:
    """Read a CSV or Parquet file; ``texts`` are columns to take as text, whatever they hold.

    Fewer columns than ``least_columns`` are refused: two, a target and one to predict it from, to learn from; a model
    that takes one can be applied to one.

    Raises
    ------
    ImportError, OSError, MemoryError, ValueError
        One sentence on what is wrong, where, and what to do.
    """
    if is_parquet(path):
        frame, notes = read_parquet(path, least_columns)
        for name in texts:
            frame[name] = frame[name].astype(object).map(str, na_action="ignore")
    else:
        frame, notes = read_csv(path, texts, least_columns)
    # Names stay Python's own: pandas would keep them as Arrow's strings, which cannot hold every file's names.
    frame.columns = pd.Index([str(column) for column in frame.columns], dtype=object)
    return Read(str(path), frame, notes)


def check_same_columns(learned: Read, held_out: Read, target: str) -> None:
    """Refuse a held-out file whose columns are not those of the data.

    Raises
    ------
    ValueError
        Names what is missing or not expected.
    """
    there, expected = set(held_out.frame.columns), set(learned.frame.columns)
    if target not in there:
        raise ValueError(
            f"{held_out.name} has no column {quoted(target)}, the target: without it no score can be computed; "
            "give the file with the answers"
        )
    missing = [name for name in learned.frame.columns if name not in there]
    extra = [name for name in held_out.frame.columns if name not in expected]
    faults = [f"has no column {listed(missing, 5)}"] if missing else []
    faults += [f"has a column {listed(extra, 5)} that {learned.name} has not"] if extra else []
    if faults:
        raise ValueError(f"{held_out.name} {' and '.join(faults)}: both files must have the same columns")


def joined(learned: Read, held_out: Read, columns: Sequence[str]) -> dict[str, Converted]:
    """Columns of both files, one below the other, each of the kind that it has in the data learned from.

    Raises
    ------
    ValueError
        Where a column is of another kind in the held-out file.
    """
    first = {name: convert(learned.frame[name], name) for name in columns}
    texts = [name for name in columns if first[name].kind == TEXT]
    # Categories such as 1, 2 and A, of which only 1 and 2 were held out, look like numbers there.
    written = [name for name in texts if pd.api.types.is_numeric_dtype(held_out.frame[name])]
    below = read_file(held_out.name, written).frame if written else held_out.frame
    second = {}
    for name in columns:
        try:
            second[name] = convert(below[name], name, as_text=first[name].kind == TEXT)
        except ValueError as error:
            raise ValueError(f"{held_out.name}: {error}") from None
    return {name: _one_below_the_other(first[name], second[name], name, learned, held_out) for name in columns}


def _one_below_the_other(above: Converted, below: Converted, name: str, learned: Read, held_out: Read) -> Converted:
    kind, upper, lower = above.kind, above.values, below.values
    if upper.isna().all() or lower.isna().all():
        # Nothing can be learned from a column that is empty in the data, whatever the other file holds.
        filler = None if kind == TEXT else np.nan
        lower = pd.Series([filler] * len(lower), dtype=upper.dtype)
    elif kind != below.kind:
        row = int(np.flatnonzero(lower.notna())[0])
        if below.kind == TEXT:
            row = next(
                index
                for index, cell in enumerate(lower)
                if cell is not None and (kind != NUMBERS or pd.isna(pd.to_numeric(cell, errors="coerce")))
            )
        shown = quoted(held_out.frame[name].iloc[row])
        raise ValueError(
            f"column {quoted(name)} holds {kind} in {learned.name} and {below.kind} in {held_out.name}, such as "
            f"{shown} in row {row + 1}: write both in one way"
        )
    return Converted(pd.concat([upper, lower], ignore_index=True).rename(name), kind, above.note)
