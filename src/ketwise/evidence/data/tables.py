"""Where the data of a verdict come from (a file, a set bundled with scikit-learn, arrays), as a clean table."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.arrays import as_frame, as_series, check_index
from ketwise.evidence.data.files import Read, check_same_columns, joined, read_file
from ketwise.evidence.data.kinds import DATES, Converted, convert
from ketwise.evidence.data.names import quoted, suggestion
from ketwise.evidence.data.sources import find_data, find_held_out
from ketwise.evidence.data.structure import check_groups, check_time
from ketwise.evidence.data.target import convert_target, join_targets
from ketwise.evidence.data.task import recognise


@dataclass(frozen=True)
class Table:
    """Columns of float64 (missing: NaN) or of text (missing: None), and a target without gaps.

    ``name`` is what the user typed, ``source`` says in words where it came from, ``notes`` what was done on reading.
    ``groups`` (text or float64) and ``time`` (float64; dates as days since 1970) have no gaps. The last ``held_out``
    rows came from the file ``test``. ``dates`` names the columns that held dates. ``given`` is the target of the rows
    learned from, as it was given. ``sha256`` is over names and values, whatever file they came from.
    """

    name: str
    source: str
    X: pd.DataFrame
    y: pd.Series
    notes: list[str] = field(default_factory=list)
    groups: pd.Series | None = None
    time: pd.Series | None = None
    held_out: int = 0
    test: str | None = None
    dates: tuple[str, ...] = ()
    given: np.ndarray | None = None

    @property
    def target(self) -> str:
        """Name of the target column."""
        return str(self.y.name)

    @property
    def sha256(self) -> str:
        """SHA-256 over column names and values, target last; then groups, time and the held-out rows, where given."""
        digest = hashlib.sha256()
        roles = [("groups", self.groups), ("time", self.time)]
        columns = [(str(name), self.X[name]) for name in self.X.columns] + [(self.target, self.y)]
        columns += [(f"{role}\1{column.name}", column) for role, column in roles if column is not None]
        for name, column in columns:
            digest.update(f"{name}\0".encode("utf-8", "surrogatepass"))
            if column.dtype.kind == "f":
                digest.update(column.to_numpy("<f8").tobytes())
            else:
                cells = ("\1" if cell is None else str(cell) for cell in column)
                digest.update("\0".join(cells).encode("utf-8", "surrogatepass"))
        if self.held_out:
            digest.update(f"held out\1{self.held_out}".encode())
        return digest.hexdigest()

    def training(self) -> "Table":
        """The rows that may be learned from: all but the held-out ones."""
        if not self.held_out:
            return self
        n_rows = len(self.y) - self.held_out
        return replace(
            self,
            X=self.X.iloc[:n_rows],
            y=self.y.iloc[:n_rows],
            groups=None if self.groups is None else self.groups.iloc[:n_rows],
            time=None if self.time is None else self.time.iloc[:n_rows],
            held_out=0,
        )


def load(
    data: str,
    target: str | None = None,
    *,
    groups: str | None = None,
    time: str | None = None,
    test: str | None = None,
) -> Table:
    """Read the bundled set of that name, or else the CSV or Parquet file.

    Parameters
    ----------
    data : str
    target, groups, time : str, optional
        Columns: what to predict (bundled sets know theirs), which rows belong together, and when each was taken. The
        last two leave the features; at most one of them can be given.
    test : str, optional
        A second file with the same columns, whose rows no model learns from.

    Raises
    ------
    ImportError, OSError, MemoryError, ValueError
        One sentence on what is wrong, where, and what to do.
    """
    learned, source, target = find_data(data, target)
    names = list(learned.frame.columns)
    _check_roles(names, {"target": target, "groups": groups, "time": time}, data)
    held_out = None
    if test is not None:
        held_out = find_held_out(data, test)
        check_same_columns(learned, held_out, target)
    y = _joined_target(learned, held_out, target)
    others = [name for name in names if name != target]
    if held_out is None:
        columns = {name: convert(learned.frame[name], name) for name in others}
    else:
        columns = joined(learned, held_out, others)
    structure = {role: columns.pop(name) for role, name in (("groups", groups), ("time", time)) if name is not None}
    if not columns:
        roles = " and ".join(["target", *structure])
        raise ValueError(f"{data} has no column beside the {roles}: add columns to predict from")
    notes = learned.notes + ([] if held_out is None else held_out.notes)
    n_held_out = 0 if held_out is None else len(held_out.frame)
    given = learned.frame[target].to_numpy()
    found = _table(data, source, columns, y, structure, notes, n_held_out, test, given)
    if held_out is not None:
        recognise(found.y, found.held_out)  # a class that occurs only there is said before anything else is done
    return found


def table(
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    time: Any = None,
    name: str = "X, y",
    source: str = "Arrays in memory",
) -> Table:
    """Convert features and target to a :class:`Table`, checking both.

    Parameters
    ----------
    X : (n_rows, n_columns) array or DataFrame
        Numbers, booleans, dates or text; missing values allowed.
    y : (n_rows,) array or Series
        Classes or numbers; no missing values.
    groups : (n_rows,) array or Series, optional
        Which rows belong together: text or numbers; no missing values.
    time : (n_rows,) array or Series, optional
        When each row was taken: dates or numbers; no missing values. Not together with ``groups``.
    name, source : str

    Raises
    ------
    ValueError
        One sentence on what is wrong, where, and what to do.

    Examples
    --------
    >>> found = table([[1.0, 2.0], [3.0, 4.0]], ["no", "yes"], groups=["a", "b"])
    >>> list(found.X.columns), found.target, found.groups.tolist()
    (['x0', 'x1'], 'target', ['a', 'b'])
    """
    frame = as_frame(X)
    series = {
        role: as_series(given, argument, role)
        for role, argument, given in (("target", "y", y), ("groups", "groups", groups), ("time", "time", time))
        if given is not None or role == "target"
    }
    for role, column in series.items():
        argument = "y" if role == "target" else role
        if len(frame) != len(column):
            raise ValueError(
                f"X has {len(frame)} rows and {argument} has {len(column)}: they must have one row each for every "
                "sample"
            )
        check_index(X, {"target": y, "groups": groups, "time": time}[role], argument)
    if "groups" in series and "time" in series:
        raise ValueError(_ONE_OF_BOTH)
    converted = convert_target(series.pop("target"))
    columns = {column: convert(frame[column], column) for column in frame.columns}
    structure = {role: convert(column, str(column.name)) for role, column in series.items()}
    given = y.to_numpy() if isinstance(y, pd.Series) else np.asarray(y).ravel()
    return _table(name, source, columns, converted, structure, [], 0, None, given)


_ONE_OF_BOTH = (
    "groups and time were both given: give the one that new rows will differ in, groups if they come from new groups, "
    "time if they come later"
)


def _table(
    name: str,
    source: str,
    columns: dict[str, Converted],
    y: pd.Series,
    structure: dict[str, Converted],
    notes: list[str],
    held_out: int,
    test: str | None,
    given: np.ndarray,
) -> Table:
    def place(row: int) -> str:
        above = len(y) - held_out
        return f"row {row + 1}" if row < above else f"row {row - above + 1} of {test}"

    notes = notes + [column.note for column in columns.values() if column.note]
    groups = time = None
    if "groups" in structure:
        groups, note = check_groups(structure["groups"], place)
        notes.append(note)
    if "time" in structure:
        time, note = check_time(structure["time"], place)
        notes.append(note)
    # Numbered first: pandas would try to keep the names as Arrow's strings, which cannot hold every name.
    X = pd.DataFrame({index: column.values for index, column in enumerate(columns.values())})
    X.columns = pd.Index(list(columns), dtype=object)
    dates = tuple(name for name, column in columns.items() if column.kind == DATES)
    return Table(name, source, X, y, notes, groups, time, held_out, test, dates, given)


def _check_roles(names: list[str], roles: dict[str, str | None], data: str) -> None:
    for role, name in roles.items():
        if name is not None and name not in names:
            raise ValueError(f"{data} has no column {quoted(name)}: {suggestion(name, names)}")
        if role != "target" and name is not None and name == roles["target"]:
            raise ValueError(f"column {quoted(name)} is the target and cannot be the {role} too: name another column")
    if roles["groups"] is not None and roles["time"] is not None:
        raise ValueError(_ONE_OF_BOTH)


def _joined_target(learned: Read, held_out: Read | None, target: str) -> pd.Series:
    above = convert_target(learned.frame[target])
    if held_out is None:
        return above
    column = held_out.frame[target]
    if above.dtype == object and pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        column = read_file(held_out.name, [target]).frame[target]
    below = convert_target(column, f" of {held_out.name}")
    return join_targets(above, below, (learned.name, held_out.name))
