"""KW006: how many rows it takes to tell a difference that matters from chance, roughly, before anything is trained."""

import math
from dataclasses import dataclass

import numpy as np

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import NUMBER, Score, Task

# Two good models err on much the same rows: their scores are taken to be correlated by 0.75, so that the variance of
# the difference is half that of one score (Hanley and McNeil, Radiology 148, 839 (1983), table 1: 0.5 to 0.9).
_VARIANCE_OF_DIFFERENCE = 2 * (1 - 0.75)
# Five folds drawn five times: 5 (1/25 + 1/4) times the variance of one test on all rows (Nadeau and Bengio, 2003).
_FOLDS = 5 * (1 / 25 + 1 / 4)
_FEWEST_ROWS = 200


@dataclass(frozen=True)
class Level:
    """The score that models are taken to reach, for its variance; ``said`` names it."""

    value: float
    said: str


def few_rows(table: Table, task: Task, score: Score, rope: float, best: float = 0.0) -> Alert | None:
    """KW006: fewer rows than it takes to tell differences of ``rope`` from chance.

    Parameters
    ----------
    table : Table
    task : Task
    score : Score
        The deciding one.
    rope : float
        The smallest difference that matters.
    best : float
        What the best single column reaches: ROC AUC, or the size of the rank correlation.
    """
    n_rows = table.held_out or len(task.y)
    level = _level(task, score, best)
    error = difference_error(task, score, level.value, n_rows, folds=not table.held_out)
    shown = 1.64 * error
    needed = math.ceil(n_rows * (shown / rope) ** 2) if rope > 0 else 0
    if needed <= n_rows and n_rows >= _FEWEST_ROWS:
        return None
    digits = max(0, int(math.log10(needed)) - 1) if needed else 0
    wanted = (
        f" For {rope:g}, the smallest difference that matters, it would take about {round(needed, -digits):,} rows."
        if needed > n_rows
        else ""
    )
    which = "held-out rows" if table.held_out else "rows"
    text = (
        f"{n_rows:,} {which} are few: only differences in {score.label if level.said else 'the score'} of about "
        f"{shown:.2g} or more can be told from chance.{wanted} Expect the answer that it cannot be told, unless one "
        "side is far ahead; more rows help, and so does a larger --rope, if only larger differences matter. "
        f"Rough: it takes {level.said or 'a score of 0.8'} and models that err on much the same rows for granted."
    )
    return Alert("KW006", "Fewer rows than the answer needs", text)


def _level(task: Task, score: Score, best: float) -> Level:
    if task.kind == NUMBER:
        value = math.sqrt(1 - min(max(best, 0.7), 0.99) ** 2)
        return Level(value, f"an error of {value:.2g} standard deviations")
    value = {"roc_auc": min(max(best, 0.8), 0.98), "average_precision": 0.5}.get(score.name, 0.8)
    return Level(value, f"{_article(score.label)} {score.label} of {value:.2g}" if score.name in _KNOWN else "")


_KNOWN = ("roc_auc", "average_precision", "balanced_accuracy", "accuracy")


def _article(label: str) -> str:
    return "an" if label[0].lower() in "aeiou" else "a"


def difference_error(task: Task, score: Score, level: float, n_rows: int, folds: bool = True) -> float:
    """Standard error of the difference of two models' scores, roughly.

    Parameters
    ----------
    task : Task
        Gives the shares of the classes.
    score : Score
    level : float
        The score that both reach; for a regression the error in standard deviations of the target.
    n_rows : int
        Rows that are tested.
    folds : bool
        Whether they are tested in folds that share training rows, rather than once.

    Notes
    -----
    ROC AUC: Hanley and McNeil, Radiology 143, 29 (1982). Average precision: the binomial variance of Boyd, Eng and
    Page, ECML PKDD 2013. Balanced accuracy: a binomial a class. Root mean squared error of normal residuals: its
    square over 2n. Any other score is treated as balanced accuracy.
    """
    counts = np.maximum(1.0, task.shares * n_rows) if task.kind != NUMBER else np.array([float(n_rows)])
    if task.kind == NUMBER:
        variance = level**2 / (2 * n_rows)
    elif score.name == "roc_auc" and len(counts) == 2:
        variance = auc_variance(level, counts[1], counts[0])
    elif score.name == "average_precision":
        variance = level * (1 - level) / counts.min()
    elif score.name == "accuracy":
        variance = level * (1 - level) / n_rows
    else:
        variance = float(np.mean(level * (1 - level) / counts)) / len(counts)
    return math.sqrt(variance * _VARIANCE_OF_DIFFERENCE * (_FOLDS if folds else 1.0))


def auc_variance(area: float, n_positive: float, n_negative: float) -> float:
    """Variance of an area under the ROC curve: Hanley and McNeil, Radiology 143, 29 (1982), equations 1 and 2.

    Examples
    --------
    >>> round(auc_variance(0.5, 100, 100) ** 0.5, 4)
    0.0409
    """
    both_positive, both_negative = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (n_positive - 1) * (both_positive - area**2) + (n_negative - 1) * (both_negative - area**2)
    return float((area * (1 - area) + spread) / (n_positive * n_negative))
