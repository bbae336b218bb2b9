"""The outer folds that all models share, and the inner ones that they are tuned on.

Shuffled and stratified; whole groups with ``groups``; forward in time with ``time``; one fold with held-out rows.
"""

import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import Task

INNER_FOLDS = 3
MOST_ROWS = 1000
FOLDS_AND_REPEATS = (5, 5)

Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Fold:
    """One outer fold. ``train`` holds the rows every model learns from, ``train_all`` all that may be learned from."""

    index: int
    train: np.ndarray
    test: np.ndarray
    train_all: np.ndarray
    inner: list[Split]


@dataclass(frozen=True)
class Layout:
    """What ties rows together: ``groups`` (n,) codes, ``time`` (n,) ranks without gaps, rows held out at the end."""

    groups: np.ndarray | None = None
    time: np.ndarray | None = None
    held_out: int = 0

    @classmethod
    def of(cls, table: Table) -> "Layout":
        """Read from a table."""
        groups = None if table.groups is None else np.unique(table.groups.to_numpy(), return_inverse=True)[1]
        time = None if table.time is None else np.unique(table.time.to_numpy(), return_inverse=True)[1]
        return cls(groups, time, table.held_out)

    @property
    def kind(self) -> str:
        """One of "held-out", "time", "groups" or "shuffled"."""
        if self.held_out:
            return "held-out"
        if self.time is not None:
            return "time"
        return "shuffled" if self.groups is None else "groups"


def outer_folds(
    task: Task, cv: Any, seed: int, layout: Layout | None = None, most_rows: int | None = None
) -> list[Fold]:
    """Draw the outer folds, and in each the inner ones.

    Parameters
    ----------
    task : Task
    cv : None, int, (folds, repeats), scikit-learn splitter, or list of (train, test)
        None means five folds, five times. With ``time`` folds follow each other and are not repeated; with held-out
        rows there is one fold and ``cv`` must be None.
    seed : int
    layout : Layout
    most_rows : int
        More training rows than this are sampled, the same rows for all models.

    Raises
    ------
    ValueError
        If there are too few rows, groups or points in time, in all or in a class, for that many folds.
    """
    layout = Layout() if layout is None else layout
    most_rows = MOST_ROWS if most_rows is None else most_rows
    folds = []
    for index, (train, test) in enumerate(_outer_splits(task, cv, seed, layout)):
        used = _sample(task, train, most_rows, seed + index)
        folds.append(Fold(index, used, test, train, inner_splits(task, used, seed + index, layout)))
    return folds


def tuning_fold(task: Task, seed: int, layout: Layout) -> Fold:
    """All rows but the held-out ones for learning, none to test: for a model that is to be used."""
    rows = np.arange(len(task.y) - layout.held_out)
    used = _sample(task, rows, MOST_ROWS, seed)
    return Fold(0, used, rows[:0], rows, inner_splits(task, used, seed, layout))


def first_pass(folds: Sequence[Fold]) -> list[Fold]:
    """The folds from the first on in which no row is tested a second time."""
    chosen, seen = [], np.zeros(0, dtype=np.intp)
    for fold in folds:
        if not np.isin(fold.test, seen).any():
            chosen.append(fold)
            seen = np.append(seen, fold.test)
    return chosen


def _outer_splits(task: Task, cv: Any, seed: int, layout: Layout) -> list[Split]:
    n_rows = len(task.y)
    if layout.held_out:
        if cv is not None:
            raise ValueError("held-out rows are the only fold: leave out cv, or the held-out file")
        return _checked(task, [(np.arange(n_rows - layout.held_out), np.arange(n_rows - layout.held_out, n_rows))], 1)
    cv = FOLDS_AND_REPEATS if cv is None else cv
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
        if layout.time is not None:
            return _checked(task, _forward_splits(layout.time, folds), 2)
        _check_classes(task, folds)
        if layout.groups is not None:
            return _checked(task, _group_splits(task, layout.groups, folds, repeats, seed), 2)
        return _checked(task, _shuffled_splits(task, folds, repeats, seed), 2)
    return _checked(task, _given_splits(task, cv, layout), 2)


def _given_splits(task: Task, cv: Any, layout: Layout) -> list[Split]:
    try:
        if hasattr(cv, "get_n_splits"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that groups are not used is looked at below
                pairs = list(cv.split(np.zeros((len(task.y), 1)), task.y, layout.groups))
        else:
            pairs = [(np.asarray(train), np.asarray(test)) for train, test in cv]
    except (TypeError, ValueError) as error:
        why = f" ({error})" if hasattr(cv, "get_n_splits") else ""
        raise ValueError(
            f"cv must be folds, (folds, repeats), a splitter or a list of (train, test), got {cv!r}{why}"
        ) from None
    splits = [
        (_rows(train, len(task.y), index), _rows(test, len(task.y), index)) for index, (train, test) in enumerate(pairs)
    ]
    if layout.groups is not None:
        for index, (train, test) in enumerate(splits):
            if np.intersect1d(layout.groups[train], layout.groups[test]).size:
                raise ValueError(
                    f"cv: fold {index + 1} tears a group apart: use a splitter that takes groups, or no cv"
                )
    if layout.time is not None:
        for index, (train, test) in enumerate(splits):
            if len(train) and len(test) and layout.time[train].max() >= layout.time[test].min():
                raise ValueError(
                    f"cv: fold {index + 1} learns from rows that are not earlier than those it tests: use "
                    "TimeSeriesSplit on rows in time, or no cv"
                )
        splits = [(train, test[np.argsort(layout.time[test], kind="stable")]) for train, test in splits]
    return splits


def _rows(given: Any, n_rows: int, index: int) -> np.ndarray:
    """Row numbers, from numbers or a mask."""
    rows = np.asarray(given)
    if rows.dtype == bool and rows.shape == (n_rows,):
        rows = np.flatnonzero(rows)
    whole = rows.ndim == 1 and (rows.dtype.kind in "iu" or not len(rows))
    if not whole or (len(rows) and not (rows.min() >= 0 and rows.max() < n_rows)) or len(np.unique(rows)) < len(rows):
        raise ValueError(
            f"cv: fold {index + 1} must hold different row numbers from 0 to {n_rows - 1}, or masks of {n_rows} rows"
        )
    return rows.astype(np.intp)


def _shuffled_splits(task: Task, folds: int, repeats: int, seed: int) -> list[Split]:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    kind = RepeatedStratifiedKFold if task.is_classification else RepeatedKFold
    return list(kind(n_splits=folds, n_repeats=repeats, random_state=seed).split(np.zeros((len(task.y), 1)), task.y))


def _group_splits(task: Task, groups: np.ndarray, folds: int, repeats: int, seed: int) -> list[Split]:
    """Whole groups, drawn anew for every repeat; classes in their shares as far as groups allow."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    n_groups = len(np.unique(groups))
    if n_groups < max(4, folds + 1):
        raise ValueError(
            f"groups takes {n_groups} values: with {folds} folds every fold would be a group of its own or none; use "
            f"--folds {n_groups - 1}, or finer groups"
            if n_groups > 3
            else f"groups takes {n_groups} values: at least 4 groups are needed to hold some out and tune on the others"
        )
    kind = StratifiedGroupKFold if task.is_classification else GroupKFold
    blank, splits = np.zeros((len(groups), 1)), []
    for repeat in range(repeats):
        splits += list(kind(folds, shuffle=True, random_state=seed + repeat).split(blank, task.y, groups))
    return splits


def _forward_splits(time: np.ndarray, folds: int) -> list[Split]:
    """Test on one stretch of time after another, train on all that came before; equal times stay together."""
    order = np.argsort(time, kind="stable")
    ranked = time[order]
    ends = np.linspace(0, len(time), folds + 2)[1:].round().astype(int)
    starts = [int(np.searchsorted(ranked, ranked[min(end, len(time) - 1)])) for end in ends[:-1]]
    bounds = [*starts, len(time)]
    if len(set(bounds)) < len(bounds) or bounds[0] == 0:
        raise ValueError(
            f"time takes {ranked[-1] + 1} different values, too unevenly spread for {folds} stretches that follow each "
            "other: use fewer --folds, or a finer time"
        )
    return [(order[:low], order[low:high]) for low, high in itertools.pairwise(bounds)]


def _checked(task: Task, splits: list[Split], fewest: int) -> list[Split]:
    if len(splits) < fewest:
        raise ValueError(f"cv gives {len(splits)} fold(s): at least two are needed to know the uncertainty")
    for index, (train, test) in enumerate(splits):
        if not len(train) or not len(test) or np.intersect1d(train, test).size:
            raise ValueError(f"cv: fold {index + 1} has no training rows, no test rows, or rows in both")
        if not task.is_classification:
            continue
        missing = [c for c in range(len(task.classes)) if (task.y[train] == c).sum() < 2]
        if missing:
            raise ValueError(
                f"the training rows of fold {index + 1} hold fewer than two of class {task.classes[missing[0]]!r}: use "
                "fewer folds, coarser groups, or a later start"
            )
        if len(np.unique(task.y[test])) < 2:
            only = task.classes[task.y[test][0]]
            raise ValueError(
                f"the test rows of fold {index + 1} are all of class {only!r}, so nothing can be told apart there: use "
                "fewer folds or coarser groups"
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


def inner_splits(task: Task, train: np.ndarray, seed: int, layout: Layout) -> list[Split]:
    """Splits of positions in ``train``, of the same kind as the outer ones."""
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    blank, y = np.zeros((len(train), 1)), task.y[train]
    if layout.time is not None:
        splits = _inner_forward_splits(layout.time[train])
    elif layout.groups is not None:
        kind = StratifiedGroupKFold if task.is_classification else GroupKFold
        groups = layout.groups[train]
        folds = min(INNER_FOLDS, len(np.unique(groups)))
        if folds < 2:
            raise ValueError("the training rows of a fold are all of one group: nothing to tune on; use finer groups")
        splits = list(kind(folds, shuffle=True, random_state=seed).split(blank, y, groups))
    elif task.is_classification:
        folds = min(INNER_FOLDS, int(np.bincount(y).min()))
        splits = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(blank, y))
    else:
        splits = list(KFold(INNER_FOLDS, shuffle=True, random_state=seed).split(blank))
    usable = [split for split in splits if _usable(task, y, *split)]
    if not usable:
        raise ValueError(
            "no inner split for tuning holds every class on both sides: use fewer folds, coarser groups, or more rows"
        )
    return usable


def _inner_forward_splits(time: np.ndarray) -> list[Split]:
    """As many stretches as the points in time allow, up to three."""
    ranks = np.unique(time, return_inverse=True)[1]
    for folds in range(INNER_FOLDS, 0, -1):
        try:
            return _forward_splits(ranks, folds)
        except ValueError:
            continue
    raise ValueError(
        "the training rows of the first stretch of time are all of one time: nothing to tune on; use fewer "
        "--folds, or a finer time"
    )


def _usable(task: Task, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> bool:
    if not task.is_classification:
        return len(train) > 1 and len(test) > 1
    return len(np.unique(y[train])) == len(task.classes) and len(np.unique(y[test])) > 1


def _sample(task: Task, train: np.ndarray, most_rows: int, seed: int) -> np.ndarray:
    if len(train) <= most_rows:
        return train
    from sklearn.model_selection import train_test_split

    stratify = task.y[train] if task.is_classification else None
    if stratify is not None and np.bincount(stratify).min() * most_rows < 4 * len(train):
        stratify = None  # a class so rare that its share rounds to nothing; checked by the inner folds
    return np.sort(train_test_split(train, train_size=most_rows, stratify=stratify, random_state=seed)[0])
