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
        labels = np.asarray(fitted.predict(X))
        if n_classes == 0:
            return cls(X.index.to_numpy(), labels.astype(float), labels.astype(float)[:, None], None, 0)
        probabilities = np.asarray(fitted.predict_proba(X), dtype=float) if _has(fitted, "predict_proba") else None
        if _has(fitted, "decision_function"):
            values = np.asarray(fitted.decision_function(X), dtype=float)
            values = values[:, None] if values.ndim == 1 else values
        elif probabilities is not None:
            values = probabilities[:, 1:] if n_classes == 2 else probabilities
        else:
            values = (labels[:, None] == np.arange(n_classes)).astype(float)[:, 1 if n_classes == 2 else 0 :]
        return cls(X.index.to_numpy(), labels.astype(np.int64), values, probabilities, n_classes)

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


def _has(fitted: Any, method: str) -> bool:
    try:
        return callable(getattr(fitted, method))
    except AttributeError:
        return False
