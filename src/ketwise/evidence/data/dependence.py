"""Rows that are not exchangeable: KW008 columns that look like groups, KW009 rows that come in an order of time.

Both are sought only where neither groups nor time were given.
"""

import re
import shlex
from collections.abc import Collection

import numpy as np
import pandas as pd

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.identifiers import named_like_identifier, whole_numbers
from ketwise.evidence.data.names import short
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import NUMBER, Task

_GROUPS = {
    "animal", "batch", "center", "centre", "client", "clinic", "cluster", "company", "compound", "customer",
    "device", "document", "donor", "experiment", "family", "firm", "fold", "group", "hospital", "household",
    "image", "individual", "instrument", "isin", "lab", "laboratory", "lot", "machine", "molecule", "mouse",
    "participant", "patient", "person", "plate", "protein", "sample", "scaffold", "school", "scene", "sensor",
    "series", "session", "site", "speaker", "station", "store", "study", "subject", "symbol", "ticker", "user",
    "video", "writer",
}  # fmt: skip
_TIMES = {"date", "datetime", "day", "epoch", "hour", "month", "period", "quarter", "time", "timestamp", "week", "year"}
_BORN = {"birth", "birthday", "birthdate", "born", "dob"}
_ENDS = {"code", "id", "ids", "index", "key", "label", "name", "no", "nr", "num", "number"}
_MANY_TEXTS = 20
_FEWEST_GROUPS = 5
_MOST_A_GROUP = 20
_MOST_NAMED = 3
_SURE = 4.0
_MOST_COLUMNS = 200


def words(name: str) -> list[str]:
    """The words of a column's name, in lower case.

    Examples
    --------
    >>> words("PatientID"), words("batch_no")
    (['patient', 'id'], ['batch', 'no'])
    """
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def groups(table: Table, task: Task, skipped: Collection[str] = ()) -> list[Alert]:
    """KW008: text or whole numbers that repeat in small groups, which shuffled folds would tear apart."""
    if table.groups is not None or table.time is not None:
        return []
    texts = [name for name in table.X.columns if table.X[name].dtype.kind != "f"]
    found = []
    for name in [*texts, *whole_numbers(table)]:
        column = table.X[name]
        if name in skipped or column.isna().any():
            continue
        counts = column.value_counts()
        why = _looks_grouped(column, counts, name)
        if why is not None:
            found.append((intraclass_correlation(column, task), name, counts, why))
    found.sort(key=lambda item: -item[0])
    return [_torn(name, counts, why, alike) for alike, name, counts, why in found[:_MOST_NAMED]]


def _looks_grouped(column: pd.Series, counts: pd.Series, name: str) -> str | None:
    repeated = counts[counts > 1].sum() / len(column)
    if not _FEWEST_GROUPS <= len(counts) <= len(column) / 2 or repeated < 0.5:
        return None
    spoken = words(name)
    stem = [word for word in spoken if word not in _ENDS]
    named = (bool(stem) and stem[-1] in _GROUPS) or (len(spoken) > 1 and named_like_identifier(name))
    if named:
        return "is named like something that rows belong to"
    if column.dtype.kind != "f":
        small = len(counts) > _MANY_TEXTS and len(column) <= _MOST_A_GROUP * len(counts)
        return "holds many texts that each repeat a few times" if small else None
    values = column.to_numpy()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1])
    numbered = len(starts) == len(counts) and values[0] in (0, 1) and bool(np.all(np.diff(values[starts]) == 1))
    small = len(counts) >= 2 * _FEWEST_GROUPS and len(column) <= _MOST_A_GROUP * len(counts)
    return "numbers runs of rows" if numbered and small else None


def _torn(name: str, counts: pd.Series, why: str, alike: float) -> Alert:
    sizes = counts.to_numpy()
    # A row's fold holds each of the others of its group with probability 1/5.
    met = float((sizes * (1 - 0.2 ** (sizes - 1.0))).sum() / sizes.sum())
    text = (
        f"Column {short(name)} {why}: {len(counts)} values, {np.median(sizes):.0f} rows each at the median, with an "
        f"intraclass correlation of the target of {_signed(alike)}. In shuffled folds {met:.0%} of the test rows meet "
        "their own value in training. If new rows will bring new values, run again with --groups "
        f"{shlex.quote(short(name))}; otherwise leave it."
    )
    return Alert("KW008", "Rows that may belong together", text, (name,))


def intraclass_correlation(column: pd.Series, task: Task) -> float:
    """How alike the target is in rows of one value: ICC(1) of one-way analysis of variance, over all classes at once.

    Notes
    -----
    (MSB − MSW) / (MSB + (k0 − 1) MSW): Shrout and Fleiss, Psychol. Bull. 86, 420 (1979), with k0 for groups of unequal
    size: Donner, Int. Stat. Rev. 54, 67 (1986).
    """
    codes, _ = pd.factorize(column)
    y = task.y[:, None].astype(float) if task.kind == NUMBER else np.eye(len(task.classes))[task.y]
    sizes = np.bincount(codes).astype(float)
    n_groups, n_rows = len(sizes), len(y)
    if n_groups < 2 or n_groups == n_rows:
        return 0.0
    sums = np.stack([np.bincount(codes, weights=one) for one in y.T], axis=1)
    means = sums / sizes[:, None]
    between = float((sizes[:, None] * (means - y.mean(axis=0)) ** 2).sum()) / (n_groups - 1)
    within = float(((y - means[codes]) ** 2).sum()) / (n_rows - n_groups)
    size = (n_rows - (sizes**2).sum() / n_rows) / (n_groups - 1)
    whole = between + (size - 1) * within
    return (between - within) / whole if whole > 0 else 0.0


def time_order(table: Table, task: Task) -> list[Alert]:
    """KW009: a column of dates, or one named like a time by which the rows are sorted, along which things change."""
    if table.groups is not None or table.time is not None:
        return []
    found = []
    for name in table.X.columns:
        spoken = set(words(name))
        is_date = name in table.dates
        if table.X[name].dtype.kind != "f" or spoken & _BORN or not (is_date or spoken & _TIMES):
            continue
        values = table.X[name].to_numpy()
        if np.isnan(values).any() or np.ptp(values) == 0:
            continue
        steps = np.diff(values)
        is_sorted = bool(np.all(steps >= 0) or np.all(steps <= 0))
        changes = _changes(values, table, task, name) if is_date or is_sorted else []
        if changes or (is_date and is_sorted):
            own = is_sorted and bool(np.all(steps != 0)) and bool(np.all(values == np.round(values)))
            found.append(_in_time(name, is_date, is_sorted, changes, own))
    return found


def _changes(time: np.ndarray, table: Table, task: Task, name: str) -> list[str]:
    """What changes along the time, in words; each beyond four standard errors of none."""
    from scipy.stats import rankdata

    n_rows = len(time)
    limit = _SURE / np.sqrt(max(1, n_rows - 1))
    y = task.y.astype(float) if len(task.classes) <= 2 else (task.y == np.argmax(task.shares)).astype(float)
    said = []
    trend = _correlation(rankdata(time), rankdata(y))
    if abs(trend) > limit:
        said.append(f"the target drifts (rank correlation {_signed(trend)})")
    in_order = y[np.argsort(time, kind="stable")]
    memory = _correlation(in_order[:-1], in_order[1:])
    if memory > limit:
        said.append(f"rows that follow each other have similar targets (autocorrelation {_signed(memory)})")
    numbers = [other for other in table.X.columns if other != name and table.X[other].dtype.kind == "f"]
    some = numbers[:: max(1, len(numbers) // _MOST_COLUMNS)]
    drifting = [other for other in some if abs(_correlation(rankdata(time), _filled_ranks(table.X[other]))) > limit]
    if some and len(drifting) >= 0.1 * len(some):
        said.append(f"{len(drifting)} of {len(some)} number columns drift, such as {short(drifting[0])}")
    return said


def _filled_ranks(column: pd.Series) -> np.ndarray:
    ranks = column.rank()
    return ranks.fillna(ranks.mean()).fillna(0.0).to_numpy()


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _in_time(name: str, is_date: bool, is_sorted: bool, changes: list[str], own: bool) -> Alert:
    kind = "holds dates" if is_date else "is named like a time"
    order = ", by which the rows are sorted" if is_sorted else ""
    along = f"; along it {' and '.join(changes)}" if changes else ""
    dropped = " The column was dropped, because it numbers the rows." if own else ""
    text = (
        f"Column {short(name)} {kind}{order}{along}. Shuffled folds let models learn from later rows to predict "
        f"earlier ones. If new rows will come later than these, run again with --time "
        f"{shlex.quote(short(name))}.{dropped}"
    )
    return Alert("KW009", "Rows that come in an order of time", text, (name,), dropped=own)


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
