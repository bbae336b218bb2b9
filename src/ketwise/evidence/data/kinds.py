"""Turns one column of whatever was given into numbers (float64, missing NaN), days, or text (missing None)."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from ketwise.evidence.data.names import quoted, short

NUMBERS, DATES, TEXT = "numbers", "dates", "text"

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?")
_MOSTLY = 0.9


class Converted(NamedTuple):
    """A column as it is used, its kind, and a remark where a reader should know how it was taken."""

    values: pd.Series
    kind: str
    note: str | None = None


def convert(column: pd.Series, name: str, as_text: bool = False) -> Converted:
    """Recognise the kind of a column and convert it; ``as_text`` takes it as text where it holds any.

    Raises
    ------
    ValueError
        For complex or infinite numbers, and for cells that hold lists or other nested things.
    """
    if pd.api.types.is_complex_dtype(column):
        raise ValueError(f"column {quoted(name)} holds complex numbers: pass real and imaginary parts as two columns")
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return _days(column, name)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return Converted(_numbers(column, name), NUMBERS)
    missing = column.isna().to_numpy()
    present = list(column.to_numpy(dtype=object)[~missing])
    if not any(isinstance(cell, str) for cell in present):
        return _objects(column, present, name)
    texts = [str(cell) for cell in present]
    if not as_text and all(_ISO_DATE.fullmatch(text) for text in texts):
        dates = pd.to_datetime(pd.Series(texts, dtype=object), errors="coerce", format="ISO8601", utc=True)
        if dates.notna().all():
            spread = pd.Series(pd.NaT, index=range(len(column)), dtype=dates.dtype)
            spread[~missing] = dates.to_numpy()
            return _days(spread, name)
    return Converted(_spread(texts, missing, name), TEXT, _remark(texts, name))


def _objects(column: pd.Series, present: list[object], name: str) -> Converted:
    """A column of Python objects without a text among them: numbers, dates, or something that cannot be used."""
    nested = next((cell for cell in present if isinstance(cell, (list, tuple, dict, set, np.ndarray, bytes))), None)
    if nested is not None:
        raise ValueError(
            f"column {quoted(name)} holds a {type(nested).__name__} in a cell: only numbers, dates and text can be "
            "used; spread it over several columns"
        )
    numbers = pd.to_numeric(pd.Series(present, dtype=object), errors="coerce")
    missing = column.isna().to_numpy()
    if numbers.notna().all() and not pd.api.types.is_complex_dtype(numbers):
        spread = np.full(len(column), np.nan)
        spread[~missing] = numbers.to_numpy(dtype=float)
        return Converted(_numbers(pd.Series(spread), name), NUMBERS)
    return Converted(_spread([str(cell) for cell in present], missing, name), TEXT)


def _numbers(column: pd.Series, name: str) -> pd.Series:
    if column.dtype.kind == "b":
        column = column.astype("Float64")
    values = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise ValueError(
            f"column {quoted(name)} holds {len(infinite)} infinite value(s), the first in row {infinite[0] + 1}: "
            "replace them by a number, or leave the cells empty"
        )
    return pd.Series(values, name=name)


def _days(dates: pd.Series, name: str) -> Converted:
    if pd.api.types.is_timedelta64_dtype(dates):
        days = dates.dt.total_seconds() / 86400
    else:
        days = (pd.to_datetime(dates, utc=True) - pd.Timestamp(0, tz="UTC")).dt.total_seconds() / 86400
    values = pd.Series(days.to_numpy(dtype=float, na_value=np.nan), name=name)
    return Converted(values, DATES, f"Column {short(name)} holds dates; they are used as a number of days.")


def _spread(texts: list[str], missing: np.ndarray, name: str) -> pd.Series:
    cells = np.full(len(missing), None, dtype=object)
    cells[~missing] = np.array([*texts, None], dtype=object)[:-1]
    return pd.Series(cells, name=name, dtype=object)


def _remark(texts: list[str], name: str) -> str | None:
    """Text that is nearly all numbers, or numbers with a unit, is taken as text: that must be said."""
    odd = [text for text in texts if not _is_number(text)]
    if not texts:
        return None
    if not odd:
        return (
            f"Column {short(name)} is taken as text, although all its cells are numbers written as text: convert it "
            "to numbers to have it used as such."
        )
    if len(odd) <= (1 - _MOSTLY) * len(texts):
        return (
            f"Column {short(name)} is taken as text, because {len(odd)} of its cells are no number, "
            f"such as {quoted(odd[0])}."
        )
    with_unit = sum(bool(re.fullmatch(r"[^\w+-]?\s?[+-]?\d+([.,]\d+)?\s?[^\d\s.,-]{0,4}", text)) for text in odd)
    if odd and with_unit + len(texts) - len(odd) >= _MOSTLY * len(texts) and len(set(odd)) > 2:
        return (
            f"Column {short(name)} is taken as text, because its cells hold more than a number, such as "
            f"{quoted(odd[0])}: write the numbers alone to have them used as numbers."
        )
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
