"""What is asked: two classes, many classes or a number. And the one score, fixed beforehand, that decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.names import listed, plural, quoted, short
from ketwise.evidence.data.scorers import (
    NegativeAbsoluteError,
    NegativeRelativeError,
    asks_probabilities,
    fitting_scorer,
)

TWO, MANY, NUMBER = "two classes", "many classes", "regression"
MOST_INTEGER_CLASSES = 20
FEWEST_ROWS = 10
#: A class with less than this part of its even share is rare: for two classes, less than a tenth of all rows.
RARE = 0.2

_COUNTS_EVERY_ROW = ("accuracy", "f1_micro", "precision_micro", "recall_micro", "jaccard_micro")
_LABELS = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "macro F1",
    "r2": "R²",
    "neg_log_loss": "−log loss",
    "neg_brier_score": "−Brier score",
}


@dataclass(frozen=True)
class Task:
    """A recognised task: ``y`` as class codes or numbers, the classes with their counts in all rows.

    The last ``held_out`` rows are for testing only; the score is fixed without them.
    """

    kind: str
    y: np.ndarray
    classes: list[str]
    counts: list[int]
    said: str
    held_out: int = 0

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        return self.kind != NUMBER

    @property
    def learned(self) -> np.ndarray:
        """The targets of the rows that may be learned from."""
        return self.y[: len(self.y) - self.held_out]

    @property
    def shares(self) -> np.ndarray:
        """Part of each class among the rows that may be learned from, ``(n_classes,)``."""
        return np.bincount(self.learned, minlength=len(self.classes)) / len(self.learned)

    @property
    def rarest(self) -> int:
        """Code of the rarest class; the later one where two are equally rare."""
        shares = self.shares
        return int(len(shares) - 1 - np.argmin(shares[::-1]))

    @property
    def is_imbalanced(self) -> bool:
        """Whether a class is so rare that a share of all rows says little."""
        return self.is_classification and bool(self.shares[self.rarest] * len(self.classes) < RARE)


@dataclass(frozen=True)
class Score:
    """A score that is better when larger: ``of(fitted estimator, X, y)``, a label for people and what it means.

    ``most`` is the score of a perfect model, where there is one; intervals are cut there. ``needs_probabilities``: it
    is computed from ``predict_proba``, or may be. ``given``: the user's function, which may ask anything of a model.
    """

    name: str
    label: str
    meaning: str
    of: Callable[[Any, Any, np.ndarray], float]
    most: float | None = None
    needs_probabilities: bool = False
    given: bool = False


def recognise(y: pd.Series, held_out: int = 0) -> Task:
    """Recognise the task from the target's values, and say why.

    Text is always classes. Whole numbers are classes where there are at most 20 different ones with five rows each on
    average; other numbers are a regression.

    Parameters
    ----------
    y : (n_rows,) Series
        float64 or text, no gaps.
    held_out : int
        That many rows at the end are for testing only: the task is recognised without them.

    Raises
    ------
    ValueError
        For a target that takes one value only, is text that hardly repeats, or has a class in held-out rows only.

    Examples
    --------
    >>> recognise(pd.Series(["no", "yes", "no"] * 4, name="ill")).said
    'A classification: ill takes two classes, no (8 rows), yes (4 rows).'
    """
    name, cells = str(y.name), y.tolist()
    learned = cells[: len(cells) - held_out]
    if len(learned) < FEWEST_ROWS:
        raise ValueError(
            f"{plural(len(learned), 'row')} of data: too few to hold any out; at least {FEWEST_ROWS} are needed, "
            "better some hundred"
        )
    values = sorted(set(learned))
    if len(values) == 1:
        raise ValueError(
            f"the target {quoted(name)} is {quoted(_shown(values[0]))} in every row: nothing to predict; check --target"
        )
    numeric = y.dtype.kind == "f"
    whole = numeric and all(value == round(value) for value in values)
    if numeric and not (whole and len(values) <= MOST_INTEGER_CLASSES and len(learned) >= 5 * len(values)):
        said = f"A regression: {short(name)} takes {len(set(cells))} different numeric values in {len(cells)} rows."
        return Task(NUMBER, y.to_numpy(dtype=float), [], [], said, held_out)
    if not numeric and len(values) > max(20, len(learned) // 5):
        raise ValueError(
            f"the target {quoted(name)} is text with {len(values)} different values in {len(learned)} rows: that is an "
            "identifier or a number written as text, not a class; check --target"
        )
    unknown = sorted({value for value in cells if value not in set(values)})
    if unknown:
        rows = sum(cell in set(unknown) for cell in cells)
        raise ValueError(
            f"the target {quoted(name)} takes {listed([_shown(value) for value in unknown], 5)} only in the held-out "
            f"rows ({plural(rows, 'row')}): no model could have learned it; leave those rows out, or add some to the "
            "data"
        )
    code = {value: index for index, value in enumerate(values)}
    codes = np.array([code[cell] for cell in cells], dtype=np.int64)
    counts = np.bincount(codes, minlength=len(values)).tolist()
    classes = [_shown(value) for value in values]
    kind = TWO if len(values) == 2 else MANY
    shown = ", ".join(
        f"{short(label)} ({plural(count, 'row')})" for label, count in list(zip(classes, counts, strict=True))[:6]
    )
    more = f" and {len(classes) - 6} more" if len(classes) > 6 else ""
    said = f"A classification: {short(name)} takes {'two' if kind == TWO else len(classes)} classes, {shown}{more}."
    return Task(kind, codes, classes, counts, said, held_out)


def deciding_score(task: Task, scoring: str | Callable[..., float] | None) -> Score:
    """The score that decides: the user's, or the default for the task.

    By default ROC AUC for two classes, average precision of the rarer class where that has less than a tenth of the
    rows, balanced accuracy for many classes, and -RMSE/sd for a number.

    Raises
    ------
    ValueError
        For a name that is no score or none for this task, and for accuracy where a class is rare.
    """
    if callable(scoring):
        label = str(getattr(scoring, "__name__", type(scoring).__name__)).replace("<lambda>", "given score")
        meaning, asks = (
            "the score that was given, larger is better",
            task.is_classification and asks_probabilities(scoring),
        )
        return Score(label, label, meaning, scoring, needs_probabilities=asks, given=True)
    if scoring is None:
        if task.kind == NUMBER:
            return _relative_error(task)
        scoring = "balanced_accuracy" if task.kind == MANY else "average_precision" if task.is_imbalanced else "roc_auc"
    if not isinstance(scoring, str):
        raise ValueError(f"scoring must be None, the name of a scikit-learn score or a function, got {scoring!r}")
    if scoring in _COUNTS_EVERY_ROW and task.is_imbalanced:
        raise ValueError(
            f"scoring={scoring!r} says little here: class {quoted(task.classes[task.rarest])} has "
            f"{task.shares[task.rarest]:.1%} of the rows, and always answering "
            f"{quoted(task.classes[int(np.argmax(task.shares))])} would be right in {task.shares.max():.1%}; use "
            f"{'average_precision, ' * (task.kind == TWO)}balanced_accuracy or matthews_corrcoef, or leave it out"
        )
    return _named(task, scoring)


def other_scores(task: Task) -> list[Score]:
    """Scores that are reported beside the deciding one and decide nothing.

    Examples
    --------
    >>> task = recognise(pd.Series([0.5, 1.5, 2.25, 7.0, 8.0] * 4))
    >>> [score.label for score in other_scores(task)]
    ['−RMSE/sd', '−MAE/sd', 'R²']
    """
    if task.kind == NUMBER:
        meaning = "the mean absolute error in standard deviations of the target, with a minus sign: 0 is perfect"
        absolute = NegativeAbsoluteError(float(np.std(task.learned)))
        return [
            _relative_error(task),
            Score("neg_mae_over_sd", "−MAE/sd", meaning, absolute, 0.0),
            _named(task, "r2"),
        ]
    if task.kind == TWO:
        return [_named(task, name) for name in ("roc_auc", "average_precision", "balanced_accuracy", "accuracy")]
    return [_named(task, name) for name in ("balanced_accuracy", "accuracy", "f1_macro")]


def _relative_error(task: Task) -> Score:
    meaning = (
        "the error in standard deviations of the target, with a minus sign: 0 is perfect, −1 no better than the mean"
    )
    error = NegativeRelativeError(float(np.std(task.learned)))
    return Score("neg_rmse_over_sd", "−RMSE/sd", meaning, error, 0.0)


def _named(task: Task, name: str) -> Score:
    # Average precision is about finding the few; of the common class it would be near 1 whatever is predicted.
    positive = task.rarest if task.kind == TWO else None
    found = fitting_scorer(name, len(task.classes), positive, task.learned)
    label = _LABELS.get(name, name.replace("_", " "))
    return Score(name, label, _meaning(task, name), found.of, found.most, found.needs_probabilities)


def _meaning(task: Task, name: str) -> str:
    if name == "roc_auc":
        return "1 is a perfect ranking of the two classes, 0.5 is chance"
    if name == "average_precision" and task.kind == TWO:
        return (
            f"how well the rows of the rarer class, {short(task.classes[task.rarest])}, are ranked first: 1 is "
            f"perfect, {task.shares[task.rarest]:.2g} is chance"
        )
    if name == "balanced_accuracy":
        return f"the mean over the classes of the share recognised; {1 / len(task.classes):.2g} is chance"
    if name in ("f1", "precision", "recall", "jaccard"):
        return f"scikit-learn's score of that name, for class {short(task.classes[1])}; larger is better"
    return "scikit-learn's score of that name, larger is better"


def _shown(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if value == round(value) else repr(float(value))
    return str(value)
