"""The associative memory as a classifier: patterns are stored with their labels, and a label is recalled."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.memory.answers import Weighed
from ketwise.learning.memory.method import Method
from ketwise.learning.memory.methods import method_of
from ketwise.learning.memory.storing import complete_rows, store_rows

Array = NDArray[np.float64]


class AssociativeMemoryClassifier(ClassifierMixin, BaseEstimator):
    """Stores labelled patterns and recalls the label of the one that a probe belongs to.

    Parameters
    ----------
    method, encoding, n_levels
        As for :class:`AssociativeMemory`.
    class_weight : dict, "balanced" or None
        Factors on the probabilities of the classes: as if their patterns were stored with that weight.
    random_state : int, RandomState instance or None
        For methods that draw something.

    Attributes
    ----------
    classes_ : (n_classes,) array
    patterns_ : (n_patterns, n_columns) array
        The stored rows: those without gaps.
    labels_ : (n_patterns,) int array
        Their place in ``classes_``.
    code_ : Code or None
        From columns to bits; None for "real".
    class_weight_ : (n_classes,) array
    trained_ : VariationalMemory or None
        The trained map, for "variational".
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Methods that weigh the stored patterns (all but the Hopfield networks and the variational memory) give a class the
    probability of its patterns: a kernel density estimate, with the quantum memory's own kernel over Hamming distances
    or fidelities. For the others the label is stored as further bits of the pattern, one a class, and completed. A
    probe may have gaps (NaN); a row of nothing but gaps has the probabilities of the memory.

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = kw.AssociativeMemoryClassifier(n_levels=4).fit(X[::2], y[::2])
    >>> model.score(X[1::2], y[1::2]) > 0.9
    True
    """

    def __init__(
        self,
        method: str | Method = "probabilistic",
        *,
        encoding: str = "threshold",
        n_levels: int = 2,
        class_weight: Any = None,
        random_state: Any = None,
    ):
        self.method = method
        self.encoding = encoding
        self.n_levels = n_levels
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Store ``X`` (n_samples, n_columns) with labels ``y`` (n_samples,); rows with gaps are not stored."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        return self._store(X, labels, classes)

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Store more rows; ``classes`` names all labels, where the first call does not have them all."""
        if not hasattr(self, "patterns_"):
            X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
            check_classification_targets(y)
            known = np.unique(y if classes is None else classes)
            return self._store(X, _places(y, known), known)
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        X = np.concatenate([self.patterns_, X])
        return self._store(X, np.concatenate([self.labels_, _places(y, self.classes_)]), self.classes_)

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities ``(n_samples, n_classes)`` that a label is recalled."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        member = (self.labels_ == np.arange(len(self.classes_))[:, np.newaxis]).astype(np.float64)
        mass = np.tile(member.mean(axis=1), (len(X), 1))
        some = ~np.isnan(X).all(axis=1)
        if some.any():
            mass[some] = self._recalled(X[some], member)
        mass *= self.class_weight_
        total = mass.sum(axis=1, keepdims=True)
        found: Array = np.where(total > 0, mass, 1.0) / np.where(total > 0, total, mass.shape[1])
        return found

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` likeliest labels, the first of several."""
        probabilities = self.predict_proba(X)
        return self.classes_[np.argmax(probabilities, axis=1)]

    def _recalled(self, X: Array, member: Array) -> Array:
        """Return the weight of each class, before those of :attr:`class_weight_`."""
        method = method_of(self.method)
        bits = X if self.code_ is None else self.code_.bits(X)
        if not method.weighs:
            bits = np.hstack([bits, np.full((len(X), len(member)), np.nan)])
        answer = method.answer(self._held, bits, self._seed)
        if isinstance(answer, Weighed):
            return fixed_order_product(answer.posterior, member)
        return answer.marginals[:, -len(member) :].copy()

    def _store(
        self,
        X: Array,
        labels: NDArray[np.intp],
        classes: NDArray[Any],
        seed: int | None = None,
        trained: Any = None,
    ) -> Self:
        whole = complete_rows(X)
        rows, of_row = X[whole], labels[whole]
        weights = np.zeros(len(classes))
        there = np.unique(of_row)
        weights[there] = compute_class_weight(self.class_weight, classes=classes[there], y=classes[of_row])
        further = None if method_of(self.method).weighs else np.eye(len(classes), dtype=np.uint8)[of_row]
        held = store_rows(self, rows, further, seed, trained)
        self.classes_, self.patterns_, self.labels_, self.code_ = classes, rows, of_row, held.code
        self.class_weight_, self._held, self._seed, self.trained_ = weights, held.content, held.seed, held.trained
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _places(y: Any, classes: NDArray[Any]) -> NDArray[np.intp]:
    """Return the place of each label among the classes."""
    place = np.minimum(np.searchsorted(classes, y), len(classes) - 1)
    if (unknown := classes[place] != y).any():
        raise ValueError(
            f"the label {y[int(np.argmax(unknown))]!r} is not among the classes of the first call: give all of them "
            "there as classes="
        )
    return place
