"""Remarks about the rows: KW004 a rare class, KW005 repeats, KW007 held-out rows that are not new, KW015 labels."""

import numpy as np
import pandas as pd

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.names import listed, plural, short
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import TWO, Score, Task

_REPEATED = 0.02


def imbalance(task: Task, score: Score) -> Alert | None:
    """KW004: a class with less than a fifth of its even share; accuracy is then refused as the deciding score."""
    if not task.is_imbalanced:
        return None
    rare, count = short(task.classes[task.rarest]), int(np.bincount(task.y)[task.rarest])
    advice = (
        "average_precision is about that class, balanced_accuracy counts both alike"
        if task.kind == TWO
        else "balanced_accuracy counts all classes alike"
    )
    share = 100 * task.shares[task.rarest]
    text = (
        f"Only {count} of {len(task.y)} rows ({share:.{1 if share >= 0.1 else 3}f} %) are of class {rare}. Accuracy "
        f"would say little and is refused; {score.label} decides. Choose with --scoring: {advice}."
    )
    return Alert("KW004", "Very uneven classes", text)


def repeated_rows(table: Table, dropped: set[str]) -> Alert | None:
    """KW005: equal rows, which may lie on both sides of a split."""
    if dropped.issuperset(table.X.columns):
        return None
    keys = row_keys(table, dropped)
    count = len(keys) - len(np.unique(keys))
    if count < max(1, _REPEATED * len(keys)):
        return None
    text = (
        f"{count} of {len(keys)} rows repeat another row in every column and the target. Copies on both sides of a "
        "split make every score too good, most of all that of models that memorise: remove them unless they are "
        "separate measurements."
    )
    return Alert("KW005", "Repeated rows", text)


def row_keys(table: Table, dropped: set[str]) -> np.ndarray:
    """A 64-bit number for every row, equal where all columns and the target are equal."""
    keys = np.zeros(len(table.y), dtype=np.uint64)
    random = np.random.default_rng(0)
    for column in [*(table.X[name] for name in table.X.columns if name not in dropped), table.y]:
        cells = column.to_numpy() if column.dtype.kind == "f" else pd.factorize(column)[0].astype(float)
        cells = np.where(np.isnan(cells), np.nan, cells + 0.0)  # one NaN, one zero
        odd = random.integers(2**63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        keys += pd.util.hash_array(cells) * odd
    return keys


def held_out_rows(table: Table, dropped: set[str]) -> list[Alert]:
    """KW007: rows, groups or times of the held-out file that the data learned from hold as well."""
    if not table.held_out:
        return []
    above = len(table.y) - table.held_out
    keys = row_keys(table, dropped)
    found = []
    same = int(np.isin(keys[above:], keys[:above]).sum())
    if same:
        found.append(
            f"{same} of the {plural(table.held_out, 'held-out row')} also occur among the rows that are learned from, "
            "equal in every column and the target. They make every score too good, most of all that of models that "
            "memorise: remove them from one of the files."
        )
    if table.groups is not None:
        known, new = set(table.groups.iloc[:above]), table.groups.iloc[above:]
        both = sorted({str(group) for group in new if group in known})
        if both:
            found.append(
                f"{plural(len(both), 'group')} ({listed(both, 3)}) have rows in both files. If new rows will come from "
                "new groups, the held-out file flatters every model: keep each group in one file."
            )
    if table.time is not None:
        early = int((table.time.iloc[above:] <= table.time.iloc[:above].max()).sum())
        if early:
            found.append(
                f"{early} of the {plural(table.held_out, 'held-out row')} are not later than the last row that is "
                "learned from. If new rows will come later, hold out the latest ones only."
            )
    return [Alert("KW007", "Held-out rows that are not new", text) for text in found]


def labels(task: Task) -> list[Alert]:
    """KW015: classes whose names differ in capitals or spaces only."""
    alike: dict[str, list[str]] = {}
    for label in task.classes:
        alike.setdefault(" ".join(label.split()).casefold(), []).append(label)
    return [
        Alert(
            "KW015",
            "Classes that differ in spelling only",
            f"The classes {listed(group)} differ only in capitals or spaces. They are kept apart: write them in one "
            "way if they mean the same.",
        )
        for group in alike.values()
        if len(group) > 1
    ]
