"""Class weights for classifiers that take only ``sample_weight``, or call them something of their own."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted


class WeightedClassifier(ClassifierMixin, BaseEstimator):
    """A classifier, fitted with the weight of its class on every row; labels reach it as 0, 1, 2 ...

    Parameters
    ----------
    estimator : classifier with ``predict_proba`` whose ``fit`` takes ``sample_weight``
    class_weight : dict, "balanced" or None
        Keys of a dict are labels; as for scikit-learn's own classifiers.

    Attributes
    ----------
    classes_ : (n_classes,) array
    estimator_ : the fitted classifier
    n_features_in_ : int

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> WeightedClassifier(DecisionTreeClassifier(), class_weight="balanced").fit(X, y).score(X, y)
    1.0
    """

    def __init__(self, estimator: Any, class_weight: Any = None):
        self.estimator = estimator
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,)."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = None if self.class_weight is None else compute_sample_weight(self.class_weight, y)
        self.estimator_ = clone(self.estimator).fit(X, codes, sample_weight=weights)
        self.n_features_in_ = int(np.shape(X)[1])
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return ``(n_samples, n_classes)`` probabilities."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_proba(X), dtype=np.float64)

    def predict(self, X: Any) -> Any:
        """Return the ``(n_samples,)`` most probable labels."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
