"""Remarks about the data, made before anything is trained. Each has a code that docs/verdict.md explains."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import MANY, NUMBER, TWO, Task

_IDENTIFIER_NAMES = {
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
_LEAK = 0.99
_ENOUGH_ROWS = 200
_REPEATED = 0.02
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Alert:
    """One remark: a code, the columns it is about, what was seen and what was done or should be."""

    code: str
    title: str
    text: str
    columns: tuple[str, ...] = ()
    dropped: bool = False


def find(table: Table, task: Task) -> list[Alert]:
    """All alerts of a table. Those with ``dropped`` name columns that must not be used."""
    alerts = [alert for name in table.X.columns if (alert := identifier(table.X[name])) is not None]
    dropped = {name for alert in alerts for name in alert.columns}
    for name in table.X.columns:
        if name not in dropped:
            alerts += [alert for alert in (decides(table.X[name], task), prediction(name, table.target)) if alert]
    alerts += [alert for alert in (imbalance(task), duplicates(table, dropped), few_rows(table)) if alert]
    return sorted(alerts, key=lambda alert: alert.code)


def identifier(column: pd.Series) -> Alert | None:
    """KW001: a row number, or a name that every row has for itself. It is dropped: it can only leak or distract."""
    name = str(column.name)
    values = column.dropna()
    if column.dtype.kind != "f":
        if values.nunique() < max(20, _NEARLY_ALL * len(column)):
            return None
        why = "holds another text in (nearly) every row"
    elif len(values) < len(column) or values.nunique() < len(values):
        return None
    else:
        numbers = values.to_numpy()
        if not np.all(numbers == np.round(numbers)):
            return None
        steps = np.diff(numbers)
        plain = "".join(sign for sign in name.lower() if sign.isalnum())
        if np.ptp(numbers) == len(numbers) - 1:
            why = "numbers the rows"
        elif np.all(steps > 0) or np.all(steps < 0):
            why = "only ever rises or falls from row to row, like a row number"
        elif (
            plain in _IDENTIFIER_NAMES
            or plain.endswith(("rowid", "identifier", "uuid"))
            or name.lower().endswith("_id")
        ):
            why = "is different in every row and is named like an identifier"
        else:
            return None
    text = (
        f"Column {name} {why}. It was dropped: it cannot help with new rows, and where rows are sorted it gives the "
        "answer away."
    )
    return Alert("KW001", "Row number or identifier", text, (name,), dropped=True)


def decides(column: pd.Series, task: Task) -> Alert | None:
    """KW002: one column that nearly decides the target alone. It is kept, and named."""
    from sklearn.metrics import roc_auc_score

    name, missing = str(column.name), column.isna().to_numpy()
    if column.dtype.kind == "f" and task.kind == TWO:
        values = column.fillna(column.median()).to_numpy()
        if np.isnan(values).all() or np.ptp(values) == 0:
            return None
        area = float(roc_auc_score(task.y, values))
        share, measure = max(area, 1 - area), "ROC AUC"
    elif column.dtype.kind == "f" and task.kind == NUMBER:
        if (~missing).sum() < 3:
            return None
        ranks = pd.DataFrame({"column": column.to_numpy(), "y": task.y}).dropna().rank().to_numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            share, measure = abs(float(np.corrcoef(ranks, rowvar=False)[0, 1])), "rank correlation"
    elif task.kind in (TWO, MANY):
        share, measure = _share_decided(column, task.y), "balanced accuracy"
    else:
        return None
    if not share >= _LEAK:
        return None
    text = (
        f"Column {name} alone nearly decides the target ({measure} {share:.3f} by itself). If it would not be known at "
        "the time of prediction, or was made from the target, it is a leak: remove it and run again."
    )
    return Alert("KW002", "One column nearly decides the target", text, (name,))


def _share_decided(column: pd.Series, y: np.ndarray) -> float:
    """Balanced accuracy, out of fold, of a small tree on the column."""
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    if np.bincount(y).min() < 2:
        return 0.0
    if column.dtype.kind == "f":
        values = column.fillna(column.median()).fillna(0.0).to_numpy()
    else:
        # Texts that hardly repeat are identifiers (KW001) long before a tree could tell rows apart by their codes.
        values = pd.factorize(column)[0].astype(float)
        if len(np.unique(values)) > 50:
            return 0.0
    tree = DecisionTreeClassifier(
        max_leaf_nodes=max(8, 2 * (int(y.max()) + 1)), class_weight="balanced", random_state=0
    )
    splits = StratifiedKFold(2, shuffle=True, random_state=0)
    return float(balanced_accuracy_score(y, cross_val_predict(tree, values[:, None], y, cv=splits)))


def prediction(name: str, target: str) -> Alert | None:
    """KW003: a column whose name says that it is somebody's prediction. It is kept, and named."""
    plain = name.lower()
    if not any(word in plain for word in ("predict", "forecast", "y_hat", "yhat")) or "predictor" in plain:
        return None
    text = (
        f"Column {name} is named like a prediction of {target}. If it is one, every model here only refines it: "
        "remove it to see what the other columns can do."
    )
    return Alert("KW003", "A column named like a prediction", text, (name,))


def imbalance(task: Task) -> Alert | None:
    """KW004: a class with less than a twentieth of its even share."""
    if not task.is_classification:
        return None
    rarest = int(np.argmin(task.counts))
    share = task.counts[rarest] / sum(task.counts)
    if share * len(task.counts) >= 0.2:
        return None
    text = (
        f"Only {task.counts[rarest]} of {sum(task.counts)} rows ({share:.1%}) are of class {task.classes[rarest]}. "
        "Accuracy means little here; consider --scoring average_precision where the rare class is the one that matters."
    )
    return Alert("KW004", "Very uneven classes", text)


def duplicates(table: Table, dropped: set[str]) -> Alert | None:
    """KW005: equal rows, which may lie on both sides of a split."""
    used = table.X.drop(columns=list(dropped)).assign(**{"\0target": table.y})
    count = int(used.duplicated().sum())
    if count < _REPEATED * len(used):
        return None
    text = (
        f"{count} of {len(used)} rows repeat another row in every column and the target. Copies on both sides of a "
        "split make every score too good, most of all that of models that memorise: remove them unless they are "
        "separate measurements."
    )
    return Alert("KW005", "Repeated rows", text)


def few_rows(table: Table) -> Alert | None:
    """KW006: so few rows that only a large difference could show."""
    if len(table.y) >= _ENOUGH_ROWS:
        return None
    text = f"{len(table.y)} rows are few: only a large difference between models can be told from chance."
    return Alert("KW006", "Few rows", text)
