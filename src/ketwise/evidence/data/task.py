"""What is asked: two classes, many classes or a number. And the one score, fixed beforehand, that decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

TWO, MANY, NUMBER = "two classes", "many classes", "regression"
MOST_INTEGER_CLASSES = 20
FEWEST_ROWS = 10


@dataclass(frozen=True)
class Task:
    """A recognised task: ``y`` as class codes or numbers, the classes with their counts, and the deciding score."""

    kind: str
    y: np.ndarray
    classes: list[str]
    counts: list[int]
    said: str

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        return self.kind != NUMBER


@dataclass(frozen=True)
class Score:
    """A score that is better when larger: ``of(fitted estimator, X, y)``, a label for people and what it means.

    ``most`` is the score of a perfect model, where there is one; intervals are cut there.
    """

    name: str
    label: str
    meaning: str
    of: Callable[[Any, Any, np.ndarray], float]
    most: float | None = None


def recognise(y: pd.Series) -> Task:
    """Recognise the task from the target's values, and say why.

    Text is always classes. Whole numbers are classes where there are at most 20 different ones with five rows each on
    average; other numbers are a regression.

    Raises
    ------
    ValueError
        For a target that takes one value only, or is text that hardly repeats.
    """
    name = str(y.name)
    if len(y) < FEWEST_ROWS:
        rows = "1 row" if len(y) == 1 else f"{len(y)} rows"
        raise ValueError(
            f"{rows} of data: too few to hold any out; at least {FEWEST_ROWS} are needed, better some hundred"
        )
    values = np.unique(y.to_numpy()) if y.dtype.kind == "f" else np.unique(y.to_numpy().astype(str))
    if len(values) == 1:
        raise ValueError(
            f"the target {name!r} is {_shown(values[0])!r} in every row: nothing to predict; check --target"
        )
    numeric = y.dtype.kind == "f"
    whole = numeric and bool(np.all(values == np.round(values)))
    if numeric and not (whole and len(values) <= MOST_INTEGER_CLASSES and len(y) >= 5 * len(values)):
        said = f"A regression: {name} takes {len(values)} different numeric values in {len(y)} rows."
        return Task(NUMBER, y.to_numpy(dtype=float), [], [], said)
    if not numeric and len(values) > max(20, len(y) // 5):
        raise ValueError(
            f"the target {name!r} is text with {len(values)} different values in {len(y)} rows: that is an identifier "
            "or a number written as text, not a class; check --target"
        )
    codes = np.searchsorted(values, y.to_numpy() if numeric else y.to_numpy().astype(str))
    counts = np.bincount(codes, minlength=len(values))
    classes = [_shown(value) for value in values]
    kind = TWO if len(values) == 2 else MANY
    listed = ", ".join(f"{label} ({count} rows)" for label, count in zip(classes[:6], counts[:6], strict=True))
    more = f" and {len(classes) - 6} more" if len(classes) > 6 else ""
    said = f"A classification: {name} takes {'two' if kind == TWO else len(classes)} classes, {listed}{more}."
    return Task(kind, codes.astype(np.int64), classes, counts.tolist(), said)


def deciding_score(task: Task, scoring: str | Callable[..., float] | None) -> Score:
    """The score that decides: the user's, or ROC AUC (two classes), balanced accuracy (many), -RMSE/sd (numbers)."""
    from sklearn.metrics import get_scorer, get_scorer_names

    if callable(scoring):
        label = getattr(scoring, "__name__", type(scoring).__name__)
        return Score(label, label, "the score that was given, larger is better", scoring)
    if isinstance(scoring, str):
        if scoring not in get_scorer_names():
            import difflib

            near = difflib.get_close_matches(scoring, get_scorer_names(), 3, 0.4)
            raise ValueError(f"no score is named {scoring!r}: did you mean {' or '.join(near) or 'roc_auc'}?")
        return Score(
            scoring,
            scoring.replace("_", " "),
            "scikit-learn's score of that name, larger is better",
            get_scorer(scoring),
        )
    if scoring is not None:
        raise ValueError(f"scoring must be None, the name of a scikit-learn score or a function, got {scoring!r}")
    if task.kind == TWO:
        meaning = "1 is a perfect ranking of the two classes, 0.5 is chance"
        return Score("roc_auc", "ROC AUC", meaning, get_scorer("roc_auc"), 1.0)
    if task.kind == MANY:
        chance = 1 / len(task.classes)
        meaning = f"the mean over the classes of the share recognised; {chance:.2g} is chance"
        return Score("balanced_accuracy", "balanced accuracy", meaning, get_scorer("balanced_accuracy"), 1.0)
    meaning = (
        "the error in standard deviations of the target, with a minus sign: 0 is perfect, −1 no better than the mean"
    )
    return Score("neg_rmse_over_sd", "−RMSE/sd", meaning, NegativeRelativeError(float(np.std(task.y))), 0.0)


@dataclass(frozen=True)
class NegativeRelativeError:
    """Root mean squared error over a fixed standard deviation, with the sign turned."""

    sd: float

    def __call__(self, estimator: Any, X: Any, y: np.ndarray) -> float:
        """Score a fitted estimator."""
        return -float(np.sqrt(np.mean((np.asarray(estimator.predict(X)) - y) ** 2))) / self.sd


def _shown(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if value == round(value) else repr(float(value))
    return str(value)
