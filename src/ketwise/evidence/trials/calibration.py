"""Probabilities for any classifier, alike: a sigmoid on the scores it gives rows that it did not learn from."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

from ketwise.evidence.data.names import quoted
from ketwise.evidence.data.task import Task
from ketwise.evidence.trials.folds import Layout, Split, inner_splits
from ketwise.evidence.trials.recorded import values_of


class Calibrated(ClassifierMixin, BaseEstimator):
    """A fitted classifier of codes 0 to ``n_classes`` - 1 with Platt's sigmoids on its scores.

    Parameters
    ----------
    model : fitted classifier
    sigmoids : (k, 2) array
        Slope and offset; k = 1 for two classes, else one a class.
    n_classes : int
    """

    def __init__(self, model: Any, sigmoids: np.ndarray, n_classes: int) -> None:
        self.model = model
        self.sigmoids = sigmoids
        self.n_classes = n_classes

    @property
    def classes_(self) -> np.ndarray:
        """Class codes."""
        return np.arange(self.n_classes)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return ``(n_rows, n_classes)`` probabilities; those of many classes are scaled to a sum of 1."""
        each = expit(values_of(self.model, X, self.n_classes) * self.sigmoids[:, 0] + self.sigmoids[:, 1])
        if self.n_classes == 2:
            return np.hstack([1 - each, each])
        total = each.sum(axis=1, keepdims=True)
        return np.where(total > 0, each / np.where(total > 0, total, 1.0), 1 / self.n_classes)

    def predict(self, X: Any) -> np.ndarray:
        """Return ``(n_rows,)`` codes of the likeliest classes."""
        return np.argmax(self.predict_proba(X), axis=1)


def calibrated(make: Callable[[], Any], X: Any, y: np.ndarray, splits: Sequence[Split], n_classes: int) -> Calibrated:
    """Fit a sigmoid to the pooled scores of the splits' test rows, and the model to all rows.

    As scikit-learn's ``CalibratedClassifierCV(ensemble=False)`` does it, for splits that need not test every row:
    those that keep groups whole or go forward in time may not.
    """
    scores, truth = [], []
    for train, test in splits:
        fitted = make()
        fitted.fit(_rows(X, train), y[train])
        scores.append(values_of(fitted, _rows(X, test), n_classes))
        truth.append(y[test])
    pooled, codes = np.concatenate(scores), np.concatenate(truth)
    classes = [1] if n_classes == 2 else range(n_classes)
    sigmoids = np.array([platt(pooled[:, column], codes == code) for column, code in enumerate(classes)])
    model = make()
    model.fit(X, y)
    return Calibrated(model, sigmoids, n_classes)


def platt(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """Slope a and offset b of the probability ``expit(a * score + b)`` that fits best.

    Targets are drawn a little towards each other, as if one more row of each kind had been seen, so that they stay
    finite: Platt, Probabilistic outputs for support vector machines (1999).

    Examples
    --------
    >>> slope, offset = platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True]))
    >>> slope > 0, abs(offset) < 1e-6
    (True, True)
    """
    if not np.isfinite(scores).all():
        raise ValueError("its scores are not finite, so that no probabilities can be fitted to them")
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    target = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))
    centre, scale = float(scores.mean()), float(scores.std()) or 1.0
    z = (scores - centre) / scale

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        linear = given[0] * z + given[1]
        excess = expit(linear) - target
        return float((np.logaddexp(0, linear) - target * linear).mean()), np.array([(excess * z).mean(), excess.mean()])

    start = np.array([0.0, np.log((n_positive + 1) / (n_negative + 1))])
    slope, offset = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9}).x
    return float(slope / scale), float(offset - slope * centre / scale)


def calibration_splits(task: Task, rows: np.ndarray, seed: int, layout: Layout) -> list[Split]:
    """Splits of positions in ``rows`` of the same kind as those the model is judged by.

    Raises
    ------
    ValueError
        Where a class has too few of these rows: which, and what to do.
    """
    counts = np.bincount(task.y[rows], minlength=len(task.classes))
    rarest, has_groups = int(np.argmin(counts)), layout.groups is not None
    try:
        if counts[rarest] > 1:
            return inner_splits(task, rows, seed, layout)
    except ValueError:
        pass  # said below, for what it means here
    kept = ", with times in order," if layout.time is not None else ", with groups kept whole," if has_groups else ""
    raise ValueError(
        f"calibrating probabilities needs every class on both sides of a split{kept} of these {len(rows)} training "
        f"rows, and class {quoted(task.classes[rarest])} has {counts[rarest]} of them: use fewer folds, a score that "
        "needs no probabilities, or leave that class out"
    )


def _rows(X: Any, places: np.ndarray) -> Any:
    return X.iloc[places] if hasattr(X, "iloc") else X[places]
