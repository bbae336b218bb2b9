"""Arrays, frames and series as a user passes them, brought to one form before anything is converted."""

from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.csv_file import check_width
from ketwise.evidence.data.names import quoted, storable


def as_frame(X: Any) -> pd.DataFrame:
    """Features as a frame, rows counted from 0, with names of its own for the columns of an array.

    Raises
    ------
    ValueError
        For sparse matrices, other shapes, no column, too many, or two of one name.
    """
    if hasattr(X, "toarray"):
        raise ValueError("X is a sparse matrix, which the models here cannot take: pass X.toarray()")
    if isinstance(X, pd.DataFrame):
        frame = X.reset_index(drop=True)
        frame.columns = pd.Index([storable(column) for column in X.columns], dtype=object)
    else:
        array = np.asarray(X)
        if array.ndim != 2:
            raise ValueError(f"X must have shape (n_rows, n_columns), got {array.shape}")
        names = pd.Index([f"x{index}" for index in range(array.shape[1])], dtype=object)
        frame = pd.DataFrame(array, columns=names)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"two columns of X are named {quoted(twice[0])}: rename one")
    if not frame.shape[1]:
        raise ValueError("X has no columns: nothing to predict from")
    check_width(frame.shape[1], "X")
    return frame


def as_series(given: Any, argument: str, default: str) -> pd.Series:
    """One value a row, named ``default`` where it has no name; ValueError for another shape."""
    if isinstance(given, pd.Series):
        series = given.reset_index(drop=True)
    else:
        array = np.asarray(given)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim != 1:
            raise ValueError(f"{argument} must have shape (n_rows,), got {array.shape}: one number or text a row")
        series = pd.Series(array)
    return series.rename(default if series.name is None else storable(series.name))


def check_index(X: Any, given: Any, argument: str) -> None:
    """Refuse features and target that hold the same index in another order."""
    if not isinstance(X, pd.DataFrame) or not isinstance(given, pd.Series) or X.index.equals(given.index):
        return
    if X.index.is_unique and given.index.is_unique and set(X.index) == set(given.index):
        raise ValueError(f"X and {argument} hold the same index in another order: pass {argument}.loc[X.index]")
