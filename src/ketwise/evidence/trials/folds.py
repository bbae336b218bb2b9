"""The outer folds that all models share, and the inner ones that they are tuned on."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.evidence.data.task import Task

INNER_FOLDS = 3
MOST_ROWS = 1000


@dataclass(frozen=True)
class Fold:
    """One outer fold. ``train`` holds the rows every model learns from, ``train_all`` all that may be learned from."""

    index: int
    train: np.ndarray
    test: np.ndarray
    train_all: np.ndarray
    inner: list[tuple[np.ndarray, np.ndarray]]


def outer_folds(task: Task, cv: Any, seed: int, most_rows: int = MOST_ROWS) -> list[Fold]:
    """Draw the outer folds, and in each the inner ones.

    Parameters
    ----------
    task : Task
    cv : None, int, (folds, repeats), scikit-learn splitter, or list of (train, test)
        None means (5, 2): five folds, twice; stratified by class.
    seed : int
    most_rows : int
        More training rows than this are sampled, the same rows for all models.

    Raises
    ------
    ValueError
        If there are too few rows, in all or in a class, for that many folds.
    """
    splits = _outer_splits(task, (5, 2) if cv is None else cv, seed)
    folds = []
    for index, (train, test) in enumerate(splits):
        used = _sample(task, train, most_rows, seed + index)
        folds.append(Fold(index, used, test, train, _inner_splits(task, used, index, seed)))
    return folds


def _outer_splits(task: Task, cv: Any, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    n_rows = len(task.y)
    if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
        cv = (int(cv), 1)
    if isinstance(cv, tuple) and len(cv) == 2 and all(isinstance(number, (int, np.integer)) for number in cv):
        folds, repeats = cv
        if folds < 2 or repeats < 1:
            raise ValueError(f"at least 2 folds and 1 repeat are needed, got {folds} and {repeats}")
        if 2 * folds > n_rows:
            raise ValueError(
                f"{n_rows} rows are too few for {folds} folds: use at most {n_rows // 2} folds, or find more rows"
            )
        _check_classes(task, folds)
        kind = RepeatedStratifiedKFold if task.is_classification else RepeatedKFold
        cv = kind(n_splits=folds, n_repeats=repeats, random_state=seed)
    if hasattr(cv, "get_n_splits"):
        splits = list(cv.split(np.zeros((n_rows, 1)), task.y))
    else:
        try:
            splits = [(np.asarray(train), np.asarray(test)) for train, test in cv]
        except (TypeError, ValueError):
            raise ValueError(
                f"cv must be folds, (folds, repeats), a splitter or a list of (train, test), got {cv!r}"
            ) from None
    if len(splits) < 2:
        raise ValueError(f"cv gives {len(splits)} fold(s): at least two are needed to know the uncertainty")
    for index, (train, test) in enumerate(splits):
        if not len(train) or not len(test) or np.intersect1d(train, test).size:
            raise ValueError(f"cv: fold {index + 1} has no training rows, no test rows, or rows in both")
        if task.is_classification and len(np.unique(task.y[train])) < len(task.classes):
            raise ValueError(
                f"cv: not every class occurs in the training rows of fold {index + 1}; use stratified folds"
            )
    return splits


def _check_classes(task: Task, folds: int) -> None:
    """Every class must be in every outer test fold, and twice in what is left for tuning."""
    if not task.is_classification:
        return
    rarest = int(np.argmin(task.counts))
    count = task.counts[rarest]
    if count < folds or count - -(-count // folds) < 2:
        most = next((number for number in range(min(folds, count), 1, -1) if count - -(-count // number) >= 2), None)
        way_out = f"use --folds {most}, or leave that class out" if most else "leave that class out, or find more of it"
        raise ValueError(
            f"class {task.classes[rarest]!r} has {count} row{'s' * (count > 1)}, too few for {folds} folds: {way_out}"
        )


def _inner_splits(task: Task, train: np.ndarray, index: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    if not task.is_classification:
        return list(KFold(INNER_FOLDS, shuffle=True, random_state=seed + index).split(train))
    y = task.y[train]
    folds = min(INNER_FOLDS, int(np.bincount(y).min()))
    return list(StratifiedKFold(folds, shuffle=True, random_state=seed + index).split(train, y))


def _sample(task: Task, train: np.ndarray, most_rows: int, seed: int) -> np.ndarray:
    if len(train) <= most_rows:
        return train
    from sklearn.model_selection import train_test_split

    stratify = task.y[train] if task.is_classification else None
    if stratify is not None and np.bincount(stratify).min() * most_rows < 4 * len(train):
        stratify = None  # a class so rare that its share rounds to nothing; checked by the inner folds
    return np.sort(train_test_split(train, train_size=most_rows, stratify=stratify, random_state=seed)[0])
