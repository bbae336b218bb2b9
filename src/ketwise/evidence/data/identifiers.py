"""KW001: columns that number or name the rows. They are dropped: they can only leak or distract."""

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.names import short
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import NUMBER, TWO, Task

_NAMES = {
    "",
    "id",
    "ids",
    "index",
    "idx",
    "row",
    "rowid",
    "rownumber",
    "num",
    "no",
    "nr",
    "number",
    "key",
    "uuid",
    "guid",
}
_MOST_ROWS = 3000


def identifiers(table: Table, task: Task, skipped: Collection[str] = ()) -> list[Alert]:
    """A KW001 for every column of whole numbers, all different, that numbers the rows or is named like an id."""
    found: list[Alert] = []
    for name in whole_numbers(table):
        why = None if name in skipped else _why(table.X[name].to_numpy(), name)
        if why is not None:
            text = (
                f"Column {short(name)} {why}. It was dropped: it cannot help with new rows, and where rows are sorted "
                f"it gives the answer away.{_by_itself(table.X[name], task) if len(found) < 3 else ''}"
            )
            found.append(Alert("KW001", "Row number or identifier", text, (name,), dropped=True))
    return found


def whole_numbers(table: Table) -> list[str]:
    """Columns of whole numbers without gaps."""
    names = [name for name in table.X.columns if table.X[name].dtype.kind == "f"]
    found = []
    for start in range(0, len(names), 256):
        some = names[start : start + 256]
        values = table.X[some].to_numpy()
        whole = np.all(values == np.round(values), axis=0)
        found += [name for name, is_whole in zip(some, whole, strict=True) if is_whole]
    return found


def named_like_identifier(name: str) -> bool:
    """Whether a name is one that identifiers have."""
    plain = re.sub(r"[\W_]", "", name.lower())
    return plain in _NAMES or plain.endswith(("rowid", "identifier", "uuid")) or name.lower().endswith(("_id", " id"))


def _why(numbers: np.ndarray, name: str) -> str | None:
    steps = np.diff(numbers)
    one_way = bool(np.all(steps > 0) or np.all(steps < 0))
    if not one_way and len(pd.unique(numbers)) < len(numbers):
        return None
    if np.ptp(numbers) == len(numbers) - 1:
        return "numbers the rows"
    if one_way:
        return "only ever rises or falls from row to row, like a row number"
    if named_like_identifier(name):
        return "is different in every row and is named like an identifier"
    return None


def _by_itself(column: pd.Series, task: Task) -> str:
    """How well gradient boosting does with the number alone, in shuffled folds; empty for many classes."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
    from threadpoolctl import threadpool_limits

    rows = np.arange(len(task.y))
    if len(rows) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, _MOST_ROWS, replace=False))
    X, y = column.to_numpy()[rows, None], task.y[rows]
    if task.kind == TWO and np.bincount(y, minlength=2).min() >= 5:
        splits = StratifiedKFold(5, shuffle=True, random_state=0)
        model, scoring, label = HistGradientBoostingClassifier(random_state=0), "roc_auc", "ROC AUC"
    elif task.kind == NUMBER and len(rows) >= 20:
        splits = KFold(5, shuffle=True, random_state=0)
        model, scoring, label = HistGradientBoostingRegressor(random_state=0), "r2", "R²"
    else:
        return ""
    with threadpool_limits(1):
        score = float(np.mean(cross_val_score(model, X, y, cv=splits, scoring=scoring)))
    number = f"{score:.3f}".replace("-", "−")
    said = f" By itself it scores {label} {number} in shuffled folds"
    if score < (0.6 if task.kind == TWO else 0.1):
        return f"{said}, which is next to nothing."
    return (
        f"{said}: rows that stand near each other in the file are alike. If that comes from how they were collected, "
        "in groups or over time, give --groups or --time."
    )
