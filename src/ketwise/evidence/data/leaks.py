"""How far each column gets alone. KW002: one nearly decides the target. KW003: one is named like a prediction of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.names import short
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import NUMBER, TWO, Task

_LEAK = 0.99
_CLOSE = 0.9
_MOST_ROWS = 4000
_MOST_TEXTS = 50
_AT_ONCE = 256


@dataclass(frozen=True)
class Alone:
    """What one column does by itself: ``share`` of what can be reached, by which measure.

    ``ranking`` is what a ranking by the column alone reaches: ROC AUC for two classes, the size of the rank correlation
    for numbers, 0 elsewhere.
    """

    share: float
    measure: str
    ranking: float = 0.0


def leaks(table: Table, alone: dict[str, Alone]) -> list[Alert]:
    """KW002 and KW003 of all columns that were tried alone. All are kept, and named."""
    found = []
    for name, seen in alone.items():
        if seen.share >= _LEAK:
            text = (
                f"Column {short(name)} alone nearly decides the target ({seen.measure} {seen.share:.3f} by itself). If "
                "it would not be known at the time of prediction, or was made from the target, it is a leak: remove it "
                "and run again."
            )
            found.append(Alert("KW002", "One column nearly decides the target", text, (name,)))
        alert = _prediction(name, table.target, seen)
        found += [alert] if alert else []
    return found


def _prediction(name: str, target: str, seen: Alone) -> Alert | None:
    plain = name.lower()
    named = any(word in plain for word in ("predict", "forecast", "y_hat", "yhat")) and "predictor" not in plain
    if not named and not (seen.share >= _CLOSE and _shares_words(name, target)):
        return None
    like = "a prediction of " if named else ""
    alone = f" ({seen.measure} {seen.share:.3f} by itself)" if seen.measure and seen.share else ""
    text = (
        f"Column {short(name)} is named like {like}{short(target)}{alone}. If it was made from it or for it, every "
        "model here only refines it: remove it to see what the other columns can do."
    )
    return Alert("KW003", "A column named like a prediction", text, (name,))


def _shares_words(name: str, target: str) -> bool:
    words, wanted = (set(re.findall(r"[a-z]{3,}", text.lower())) for text in (name, target))
    return bool(wanted) and len(words & wanted) >= 0.6 * len(wanted)


def tried_alone(table: Table, task: Task, names: Sequence[str]) -> dict[str, Alone]:
    """Try every column alone, on at most 4,000 rows; columns that come near to deciding the target on all rows."""
    rows = _sample(task)
    y = task.y[rows]
    numbers = [name for name in names if table.X[name].dtype.kind == "f"]
    found: dict[str, Alone] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        values = table.X[some].to_numpy()[rows]
        tried = _numbers_for_number(values, y) if task.kind == NUMBER else _numbers_for_classes(values, y, task)
        found |= dict(zip(some, tried, strict=True))
    for name in names:
        if name not in found and table.X[name].nunique() <= _MOST_TEXTS:
            # Texts that hardly repeat are identifiers long before a tree could tell rows apart by their codes.
            codes = pd.factorize(table.X[name])[0].astype(float)
            found[name] = _text(codes[rows], y, task)
    return {name: found[name] for name in names if name in found}


def _sample(task: Task) -> np.ndarray:
    """Rows in random order, so that ties say nothing; of classes equally many, which changes none of the measures."""
    random = np.random.default_rng(0)
    rows = random.permutation(len(task.y))
    if len(rows) <= _MOST_ROWS:
        return rows
    if task.kind == NUMBER:
        return rows[:_MOST_ROWS]
    most = max(2, _MOST_ROWS // len(task.classes))
    return np.concatenate([rows[task.y[rows] == code][:most] for code in range(len(task.classes))])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of every column, ties shared; gaps take the column's median."""
    from scipy.stats import rankdata

    gaps = np.isnan(values)
    if gaps.any():
        filled = np.where(gaps.all(axis=0), 0.0, values)
        values = np.where(np.isnan(filled), np.nanmedian(filled, axis=0), filled)
    return np.asarray(rankdata(values, axis=0))


def _numbers_for_number(values: np.ndarray, y: np.ndarray) -> list[Alone]:
    """Rank correlation, and the share of the variance that neighbours in the column have in common."""
    ranks, wanted = _ranks(values), _ranks(y[:, None])
    ranks, wanted = ranks - ranks.mean(axis=0), wanted - wanted.mean()
    spread = np.sqrt((ranks**2).sum(axis=0) * (wanted**2).sum())
    rho = np.abs(np.divide((ranks * wanted).sum(axis=0), spread, out=np.zeros(len(spread)), where=spread > 0))
    steps = np.diff(y[np.argsort(values, axis=0, kind="stable")], axis=0)
    # von Neumann's ratio: half the mean squared step between neighbours is what the column leaves unexplained.
    rest = (steps**2).mean(axis=0) / (2 * np.var(y))
    found = []
    for correlation, left in zip(rho, rest, strict=True):
        by_neighbours = float(np.sqrt(max(0.0, 1 - left))) if len(y) >= 30 else 0.0
        if by_neighbours >= _LEAK > correlation:
            found.append(Alone(by_neighbours, "correlation with a curve through it", float(correlation)))
        else:
            found.append(Alone(float(correlation), "rank correlation", float(correlation)))
    return found


def _numbers_for_classes(values: np.ndarray, y: np.ndarray, task: Task) -> list[Alone]:
    areas = np.zeros(values.shape[1])
    if task.kind == TWO:
        positive = y == 1
        n_positive = int(positive.sum())
        pairs = n_positive * (len(y) - n_positive)
        areas = (_ranks(values)[positive].sum(axis=0) - n_positive * (n_positive + 1) / 2) / pairs
        areas = np.maximum(areas, 1 - areas)
    found = []
    by_class = np.argsort(y, kind="stable")
    order = np.argsort(values[by_class], axis=0, kind="stable")
    changes = (np.diff(y[by_class][order], axis=0) != 0).sum(axis=0)
    # A tree of so many leaves that is right in 99 of 100 rows meets no more changes of class along the column.
    most = 2 * _leaves(task) + 0.02 * len(task.classes) * len(y)
    for column, (area, changed) in enumerate(zip(areas, changes, strict=True)):
        seen = Alone(float(area), "ROC AUC" if task.kind == TWO else "", float(area))
        if area < _LEAK and changed <= most and _bound(values[:, column], y, task) >= _LEAK:
            share = _by_a_tree(values[:, column], y, task)
            seen = Alone(share, "balanced accuracy", float(area)) if share >= max(_LEAK, area) else seen
        found.append(seen)
    return found


def _text(codes: np.ndarray, y: np.ndarray, task: Task) -> Alone:
    if task.kind != NUMBER:
        share = _by_a_tree(codes, y, task) if _bound(codes, y, task) >= _LEAK else 0.0
        return Alone(share, "balanced accuracy")
    means = pd.Series(y).groupby(codes).transform("mean").to_numpy()
    repeated = pd.Series(y).groupby(codes).transform("size").to_numpy() > 1
    left = float(np.mean((y - means)[repeated] ** 2) / np.var(y)) if repeated.mean() > 0.9 else 1.0
    return Alone(float(np.sqrt(max(0.0, 1 - left))), "correlation with the mean of its values")


def _bound(values: np.ndarray, y: np.ndarray, task: Task) -> float:
    """No rule on the column's values alone has a larger balanced accuracy on these rows."""
    n_classes = len(task.classes)
    _, kinds = np.unique(values, return_inverse=True)
    table = np.bincount(kinds * n_classes + y, minlength=(int(kinds.max()) + 1) * n_classes).reshape(-1, n_classes)
    there = np.bincount(y, minlength=n_classes)
    return float((table / np.maximum(there, 1)).max(axis=1).sum() / (there > 0).sum())


def _leaves(task: Task) -> int:
    return max(8, 2 * len(task.classes))


def _by_a_tree(values: np.ndarray, y: np.ndarray, task: Task) -> float:
    """Balanced accuracy, out of fold, of a small tree on the column."""
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    if np.bincount(y).min() < 2:
        return 0.0
    tree = DecisionTreeClassifier(max_leaf_nodes=_leaves(task), class_weight="balanced", random_state=0)
    splits = StratifiedKFold(2, shuffle=True, random_state=0)
    return float(balanced_accuracy_score(y, cross_val_predict(tree, values[:, None], y, cv=splits)))
