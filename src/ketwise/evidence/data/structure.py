"""How rows belong together, in groups or in time: columns that decide how rows are split and predict nothing."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ketwise.evidence.data.kinds import DATES, TEXT, Converted
from ketwise.evidence.data.names import quoted, short

Place = Callable[[int], str]


def check_groups(given: Converted, place: Place) -> tuple[pd.Series, str]:
    """Groups without gaps, and a note on them.

    Parameters
    ----------
    given : Converted
    place : callable
        Where a row is, in words, from its number.

    Raises
    ------
    ValueError
        For a gap: which group a row is in must be known.
    """
    groups = given.values
    name = quoted(groups.name)
    _check_gaps(groups, "groups", "fill in which group those rows are in, or delete them", place)
    counts = groups.value_counts()
    if len(counts) == 1:
        raise ValueError(
            f"the column of groups {name} holds {quoted(groups.iloc[0])} in every row: at least two groups are needed, "
            "better ten; leave it out if rows do not belong together"
        )
    if len(counts) == len(groups):
        size = "every row is one of its own, so that they change nothing"
    else:
        size = f"of {counts.min()} to {counts.max()} rows"
    note = f"{len(counts)} groups{_column(groups, 'groups')}, {size}; they are not used to predict."
    return groups, note


def check_time(given: Converted, place: Place) -> tuple[pd.Series, str]:
    """Times as numbers (dates as days since 1970) without gaps, and a note on them.

    Raises
    ------
    ValueError
        For a gap, for text that is no date, and for a time that is the same in every row.
    """
    time = given.values
    name = quoted(time.name)
    _check_gaps(time, "time", "fill in the time of those rows, or delete them", place)
    if given.kind == TEXT:
        row = next((row for row, cell in enumerate(time) if not _is_date(cell)), 0)
        raise ValueError(
            f"the column of time {name} holds text that is no date, such as {quoted(time.iloc[row])} in {place(row)}: "
            "write dates as 2024-01-31 or 2024-01-31 13:30, or give a number"
        )
    if time.nunique() == 1:
        raise ValueError(f"the column of time {name} is the same in every row: there is no order in it; leave it out")
    first, last = (_written(value, given.kind) for value in (time.min(), time.max()))
    note = f"The time{_column(time, 'time')} runs from {first} to {last}; it is not used to predict."
    return time, note


def _check_gaps(column: pd.Series, role: str, remedy: str, place: Place) -> None:
    missing = np.flatnonzero(column.isna().to_numpy())
    if len(missing):
        raise ValueError(
            f"the column of {role} {quoted(column.name)} is empty in {len(missing)} of {len(column)} rows, the first "
            f"is {place(int(missing[0]))}: {remedy}"
        )


def _column(column: pd.Series, role: str) -> str:
    return "" if str(column.name) == role else f" (column {short(column.name)})"


def _is_date(cell: object) -> bool:
    return bool(pd.notna(pd.to_datetime(str(cell), errors="coerce", format="ISO8601")))


def _written(value: float, kind: str) -> str:
    if kind == DATES:
        return str(pd.Timestamp(0) + pd.Timedelta(days=value))[:16].removesuffix(" 00:00")
    return f"{value:g}"
