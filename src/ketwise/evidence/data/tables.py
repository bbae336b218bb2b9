"""Where the data of a verdict comes from (a CSV file, a set bundled with scikit-learn, arrays), as a clean table."""

import difflib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.csv_file import read_csv

BUNDLED = ("breast_cancer", "diabetes", "digits", "iris", "wine")


@dataclass(frozen=True)
class Table:
    """Columns of float64 (missing: NaN) or of text (missing: None), and a target without gaps.

    ``name`` is what the user typed, ``source`` says in words where it came from, ``notes`` what was done on reading,
    and ``sha256`` is over names and values, whatever file they came from.
    """

    name: str
    source: str
    X: pd.DataFrame
    y: pd.Series
    notes: list[str] = field(default_factory=list)

    @property
    def target(self) -> str:
        """Name of the target column."""
        return str(self.y.name)

    @property
    def sha256(self) -> str:
        """SHA-256 over column names and values, target last."""
        digest = hashlib.sha256()
        for column in [*(self.X[name] for name in self.X.columns), self.y]:
            digest.update(f"{column.name}\0".encode("utf-8", "surrogatepass"))
            if column.dtype.kind == "f":
                digest.update(column.to_numpy("<f8").tobytes())
            else:
                cells = ("\1" if cell is None else str(cell) for cell in column)
                digest.update("\0".join(cells).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def load(data: str, target: str | None = None) -> Table:
    """Read the bundled set of that name, or else the CSV file.

    Raises
    ------
    OSError, ValueError
        One sentence on what is wrong, where, and what to do.
    """
    if data in BUNDLED:
        return _bundled(data, target)
    path = Path(data)
    if "\0" not in data and not path.exists() and not path.suffix:
        near = difflib.get_close_matches(data, BUNDLED, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"bundled are {', '.join(BUNDLED)}"
        raise FileNotFoundError(f"there is no file {data} and no bundled set of that name: {hint}")
    frame = read_csv(path)
    names = list(frame.columns)
    if target is None:
        raise ValueError(f"which column is to be predicted? Name it with --target; {data} has {_listed(names)}")
    if target not in names:
        raise ValueError(f"{data} has no column {target!r}: {_suggest(target, names)}")
    return table(frame.drop(columns=target), frame[target], name=data, source=f"File {os.path.basename(data)}")


def table(X: Any, y: Any, name: str = "X, y", source: str = "Arrays in memory") -> Table:
    """Convert features and target to a :class:`Table`, checking both.

    Parameters
    ----------
    X : (n_rows, n_columns) array or DataFrame
        Numbers, booleans, dates or text; missing values allowed.
    y : (n_rows,) array or Series
        Classes or numbers; no missing values.
    name, source : str

    Raises
    ------
    ValueError
        One sentence on what is wrong, where, and what to do.
    """
    frame, target = _frame(X), _series(y)
    if len(frame) != len(target):
        raise ValueError(
            f"X has {len(frame)} rows and y has {len(target)}: they must have one row each for every sample"
        )
    if isinstance(X, pd.DataFrame) and isinstance(y, pd.Series):
        same = X.index.equals(y.index)
        if not same and X.index.is_unique and y.index.is_unique and set(X.index) == set(y.index):
            raise ValueError("X and y hold the same index in another order: pass y.loc[X.index]")
    notes: list[str] = []
    columns = {column: _column(frame[column], column, notes) for column in frame.columns}
    return Table(name, source, pd.DataFrame(columns), _target(target), notes)


def _bundled(name: str, target: str | None) -> Table:
    import sklearn.datasets

    if target not in (None, "target"):
        raise ValueError(f"the bundled set {name} has one target, named 'target', not {target!r}: leave --target out")
    loaders: dict[str, Callable[..., Any]] = {known: getattr(sklearn.datasets, f"load_{known}") for known in BUNDLED}
    bunch = loaders[name](as_frame=True)
    y = bunch.target
    if name != "diabetes":
        y = pd.Series(np.asarray(bunch.target_names).astype(str)[y.to_numpy()], name="target")
    found = table(bunch.data, y.rename("target"), name=name, source=f"Set {name}, bundled with scikit-learn")
    if Path(name).exists():
        found.notes.append(
            f"{name} means the set bundled with scikit-learn; for the file of that name in this folder write ./{name}."
        )
    return found


def _frame(X: Any) -> pd.DataFrame:
    if hasattr(X, "toarray"):
        raise ValueError("X is a sparse matrix, which the models here cannot take: pass X.toarray()")
    if isinstance(X, pd.DataFrame):
        frame = X.reset_index(drop=True)
        frame.columns = [str(column) for column in X.columns]
    else:
        array = np.asarray(X)
        if array.ndim != 2:
            raise ValueError(f"X must have shape (n_rows, n_columns), got {array.shape}")
        frame = pd.DataFrame(array, columns=[f"x{index}" for index in range(array.shape[1])])
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"two columns of X are named {twice[0]!r}: rename one")
    if not frame.shape[1]:
        raise ValueError("X has no columns: nothing to predict from")
    return frame


def _series(y: Any) -> pd.Series:
    if isinstance(y, pd.Series):
        series = y.reset_index(drop=True)
    else:
        array = np.asarray(y)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim != 1:
            raise ValueError(f"y must have shape (n_rows,), got {array.shape}: one target at a time")
        series = pd.Series(array)
    return series.rename("target" if series.name is None else str(series.name))


def _column(column: pd.Series, name: str, notes: list[str]) -> pd.Series:
    if pd.api.types.is_complex_dtype(column):
        raise ValueError(f"column {name!r} holds complex numbers: pass real and imaginary parts as two columns")
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return _days(column, name, notes)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("Float64") if column.dtype.kind == "b" else column
        values = pd.to_numeric(numbers).to_numpy(dtype=float, na_value=np.nan)
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            raise ValueError(
                f"column {name!r} holds {len(infinite)} infinite value(s), the first in row {infinite[0] + 1}: "
                "replace them by a number, or leave the cells empty"
            )
        return pd.Series(values, name=name)
    missing = column.isna().to_numpy()
    present = column[~missing]
    numbers = pd.to_numeric(present, errors="coerce")
    if (
        len(present)
        and column.dtype == object
        and numbers.notna().all()
        and not any(isinstance(cell, str) for cell in present)
    ):
        return _column(pd.to_numeric(column), name, notes)
    texts = present.astype(str)
    if len(texts) and texts.str.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?").all():
        dates = pd.to_datetime(column, errors="coerce", format="ISO8601")
        if dates.notna().to_numpy()[~missing].all():
            return _days(dates, name, notes)
    if len(present) and numbers.notna().sum() >= 0.9 * len(present):
        odd = texts[numbers.isna()]
        notes.append(
            f"Column {name} is taken as text, because {len(odd)} of its cells are no number, such as {odd.iloc[0]!r}."
        )
    cells = np.full(len(column), None, dtype=object)
    cells[~missing] = texts.to_numpy(dtype=object)
    return pd.Series(cells, name=name, dtype=object)


def _days(dates: pd.Series, name: str, notes: list[str]) -> pd.Series:
    if pd.api.types.is_timedelta64_dtype(dates):
        days = dates.dt.total_seconds() / 86400
    else:
        days = (pd.to_datetime(dates, utc=True) - pd.Timestamp(0, tz="UTC")).dt.total_seconds() / 86400
    notes.append(f"Column {name} holds dates; they are used as a number of days.")
    return pd.Series(days.to_numpy(dtype=float, na_value=np.nan), name=name)


def _target(y: pd.Series) -> pd.Series:
    missing = np.flatnonzero(y.isna().to_numpy())
    if len(missing):
        raise ValueError(
            f"the target {y.name!r} is missing in {len(missing)} of {len(y)} rows, the first is row {missing[0] + 1}: "
            "delete those rows, or fill them in"
        )
    if pd.api.types.is_complex_dtype(y):
        raise ValueError(f"the target {y.name!r} holds complex numbers: only real ones or classes can be predicted")
    if pd.api.types.is_datetime64_any_dtype(y):
        raise ValueError(f"the target {y.name!r} holds dates: turn them into a number, such as days, or into classes")
    if pd.api.types.is_bool_dtype(y) or not pd.api.types.is_numeric_dtype(y):
        return pd.Series(y.astype(str).to_numpy(dtype=object), name=y.name, dtype=object)
    values = y.to_numpy(dtype=float)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise ValueError(f"the target {y.name!r} is infinite in row {infinite[0] + 1}: replace it, or delete the row")
    return pd.Series(values, name=y.name)


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return f"the columns {shown}" + (f" and {len(names) - most} more" if len(names) > most else "")


def _suggest(target: str, names: list[str]) -> str:
    folded = {name.casefold(): name for name in reversed(names)}
    near = difflib.get_close_matches(target.strip().casefold(), folded, 3, 0.6)
    if near:
        return f"did you mean {' or '.join(repr(folded[name]) for name in near)}?"
    return f"it has {_listed(names)}"
