"""What a fitted model said about held-out rows, kept so that any score can be computed from it later."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Recorded:
    """Answers of one fitted model for given rows; stands in for the model wherever a score is computed.

    ``predict``, ``decision_function`` and ``predict_proba`` look the rows up by the index of the frame they are given.

    Attributes
    ----------
    rows : (n,) array
        Numbers of the rows.
    labels : (n,) array
        Class codes, or predicted numbers.
    values : (n, k) array
        Two classes: one column, larger means class 1. Many: a column a class. Numbers: the prediction.
    probabilities : (n, n_classes) array or None
    n_classes : int
        0 for numbers.
    """

    rows: np.ndarray
    labels: np.ndarray
    values: np.ndarray
    probabilities: np.ndarray | None
    n_classes: int

    @classmethod
    def of(cls, fitted: Any, X: pd.DataFrame, n_classes: int) -> "Recorded":
        """Ask a fitted model about the rows of ``X``, whose index numbers them."""
        labels = answers(fitted.predict(X), len(X), n_classes)
        if n_classes == 0:
            return cls(X.index.to_numpy(), labels, labels[:, None], None, 0)
        probabilities = _probabilities(fitted, X, n_classes)
        values = values_of(fitted, X, n_classes)
        return cls(X.index.to_numpy(), labels, values, probabilities, n_classes)

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Class codes or numbers."""
        return self.labels[self._places(X)]

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """One value a row for two classes, else one a row and class."""
        values = self.values[self._places(X)]
        return values[:, 0] if self.n_classes == 2 else values

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Probabilities ``(n, n_classes)``; AttributeError where the model has none."""
        if self.probabilities is None:
            raise AttributeError("the model gives no probabilities")
        return self.probabilities[self._places(X)]

    def fit(self, X: Any, y: Any) -> "Recorded":
        """Only here because scikit-learn asks an estimator for it."""
        raise TypeError("recorded answers cannot be fitted")

    @property
    def classes_(self) -> np.ndarray:
        """Class codes."""
        return np.arange(self.n_classes)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier" if self.n_classes else "regressor",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if self.n_classes else None,
            regressor_tags=None if self.n_classes else RegressorTags(),
            input_tags=InputTags(),
        )

    def _places(self, X: pd.DataFrame) -> np.ndarray:
        order = np.argsort(self.rows)
        return order[np.searchsorted(self.rows, X.index.to_numpy(), sorter=order)]


def answers(said: Any, n_rows: int, n_classes: int) -> np.ndarray:
    """What a model predicted, as one number or class code a row, ``(n_rows,)``; a column ``(n_rows, 1)`` is one too.

    Raises
    ------
    ValueError
        For another shape, for what is no number, and for labels that are not codes.
    """
    found = np.asarray(said)
    if found.shape == (n_rows, 1):
        found = found[:, 0]
    if found.shape != (n_rows,):
        raise ValueError(f"predict returned shape {found.shape} for {n_rows} rows: it must be ({n_rows},)")
    if n_classes == 0:
        try:
            return found.astype(float)
        except (TypeError, ValueError):
            raise ValueError(
                f"predict returned {found.tolist()[0]!r}, which is no number: y was given as numbers"
            ) from None
    try:
        numbers = None if found.dtype.kind in "SU" else found.astype(float)
    except (TypeError, ValueError):
        numbers = None
    codes = np.zeros(n_rows, dtype=bool) if numbers is None else np.isin(numbers, np.arange(n_classes))
    if numbers is None or not codes.all():
        odd = found[~codes].tolist()[0]
        raise ValueError(
            f"predict returned the label {odd!r}, which is no class: y was given as the codes 0 to {n_classes - 1} "
            "(int), and predict must return such codes"
        )
    return numbers.astype(np.int64)


def values_of(fitted: Any, X: Any, n_classes: int) -> np.ndarray:
    """How much a classifier is for each class: one column for two classes, else a column a class.

    Its ``decision_function``, else its probabilities, else 1 for the class it predicts.
    """
    if _has(fitted, "decision_function"):
        values = np.asarray(fitted.decision_function(X), dtype=float)
        return values[:, None] if values.ndim == 1 else values
    first = 1 if n_classes == 2 else 0
    probabilities = _probabilities(fitted, X, n_classes)
    if probabilities is not None:
        return probabilities[:, first:]
    labels = answers(fitted.predict(X), len(X), n_classes)
    return (labels[:, None] == np.arange(n_classes)).astype(float)[:, first:]


def _probabilities(fitted: Any, X: Any, n_classes: int) -> np.ndarray | None:
    if not _has(fitted, "predict_proba"):
        return None
    found = np.asarray(fitted.predict_proba(X), dtype=float)
    if found.shape != (len(X), n_classes):
        raise ValueError(
            f"predict_proba returned shape {found.shape} for {len(X)} rows: it must be ({len(X)}, {n_classes}), a "
            "column a class"
        )
    return found


def _has(fitted: Any, method: str) -> bool:
    try:
        return callable(getattr(fitted, method))
    except AttributeError:
        return False
