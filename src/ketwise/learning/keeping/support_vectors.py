"""A fitted support vector classifier on a precomputed kernel, as its numbers: decisions with nothing but sums."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SupportVectors:
    """What scikit-learn's ``SVC(kernel="precomputed")`` decides by, under the names that it has there.

    Kernel rows have a column a support vector; which training rows these were is not kept.

    Attributes
    ----------
    classes_ : (n_classes,) array
    n_support_ : (n_classes,) int array
        Support vectors of each class, which come class by class.
    dual_coef_ : (n_classes - 1, n_support) array
    intercept_ : (n_pairs,) array
        One a pair of classes.

    Notes
    -----
    Sums are added up as libsvm does it: one vector after the other, in double precision.

    Examples
    --------
    >>> K, y = np.eye(4), np.array(["no", "yes", "no", "yes"])
    >>> svc = SVC(kernel="precomputed").fit(K, y)
    >>> kept = SupportVectors.of(svc)
    >>> bool((kept.decision_function(K[:, svc.support_]) == svc.decision_function(K)).all())
    True
    """

    classes_: NDArray[Any]
    n_support_: NDArray[np.integer[Any]]
    dual_coef_: Array
    intercept_: Array

    def __post_init__(self) -> None:
        n_classes = len(self.classes_)
        if n_classes < 2 or self.n_support_.shape != (n_classes,) or self.n_support_.dtype.kind != "i":
            raise ValueError(
                f"n_support_ must hold a whole number for each of {n_classes} classes, of which 2 at least"
            )
        n_support = sum(self.n_support_.tolist())
        if min(self.n_support_.tolist()) < 0 or self.dual_coef_.shape != (n_classes - 1, n_support):
            raise ValueError(f"dual_coef_ must have shape {(n_classes - 1, n_support)}, got {self.dual_coef_.shape}")
        n_pairs = n_classes * (n_classes - 1) // 2
        if self.intercept_.shape != (n_pairs,):
            raise ValueError(f"intercept_ must have shape {(n_pairs,)}, got {self.intercept_.shape}")
        if not (np.isfinite(self.dual_coef_).all() and np.isfinite(self.intercept_).all()):
            raise ValueError("dual_coef_ and intercept_ must be finite")

    @classmethod
    def of(cls, svc: SVC) -> SupportVectors:
        """Return the numbers of a fitted classifier; refuse one with another kernel or another way to decide."""
        if svc.kernel != "precomputed" or svc.break_ties or svc.decision_function_shape != "ovr":
            raise ValueError(
                "of support vector classifiers only those on a precomputed kernel with the default decisions are kept: "
                "keep the whole with skops: skops.io.dump(model, 'model.skops')"
            )
        return cls(svc.classes_, svc.n_support_, svc.dual_coef_, svc.intercept_)

    @property
    def support_(self) -> NDArray[np.intp]:
        """Columns of a kernel row that are read: all."""
        return np.arange(self.dual_coef_.shape[1])

    @property
    def shape_fit_(self) -> tuple[int, int]:
        """Shape of the kernel between the support vectors."""
        n_support = self.dual_coef_.shape[1]
        return n_support, n_support

    def decision_function(self, kernel_rows: Array) -> Array:
        """Return ``(n_rows,)`` signed distances for two classes, ``(n_rows, n_classes)`` scores for more."""
        margins = self._margins(kernel_rows)
        if len(self.classes_) == 2:
            return margins[:, 0]
        # Votes of the pairs, ties broken by the sum of the margins, which is kept below half a vote.
        confidence = np.zeros((len(margins), len(self.classes_)))
        for margin, (first, second) in zip(margins.T, combinations(range(len(self.classes_)), 2), strict=True):
            confidence[:, first] += margin
            confidence[:, second] -= margin
        return self._votes(margins >= 0) + confidence / (3 * (np.abs(confidence) + 1))

    def predict(self, kernel_rows: Array) -> NDArray[Any]:
        """Return the ``(n_rows,)`` labels: for two classes by the sign, for more by the votes of the pairs."""
        margins = self._margins(kernel_rows)
        if len(self.classes_) == 2:
            return self.classes_[(margins[:, 0] >= 0).astype(int)]
        return self.classes_[np.argmax(self._votes(margins > 0), axis=1)]

    def _margins(self, kernel_rows: Array) -> Array:
        """Return ``(n_rows, n_pairs)`` margins: for two classes positive towards the second, else towards the first."""
        ends = np.cumsum(self.n_support_)
        blocks = [slice(end - size, end) for end, size in zip(ends, self.n_support_, strict=True)]
        margins = np.empty((len(kernel_rows), len(self.intercept_)))
        for pair, (first, second) in enumerate(combinations(range(len(self.classes_)), 2)):
            coefficients = [self.dual_coef_[second - 1, blocks[first]], self.dual_coef_[first, blocks[second]]]
            rows = np.hstack([kernel_rows[:, blocks[first]], kernel_rows[:, blocks[second]]])
            terms = rows * np.concatenate(coefficients)
            # An accumulation goes from left to right; a sum over an axis need not.
            total = np.add.accumulate(terms, axis=1)[:, -1] if terms.shape[1] else 0.0
            margins[:, pair] = total + self.intercept_[pair]
        return margins

    def _votes(self, for_first: NDArray[np.bool_]) -> Array:
        votes = np.zeros((len(for_first), len(self.classes_)))
        for won, (first, second) in zip(for_first.T, combinations(range(len(self.classes_)), 2), strict=True):
            votes[:, first] += won
            votes[:, second] += ~won
        return votes
