"""Estimators on the RBF kernel that is nearest to a quantum one: what is left of it when only its width is kept."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.diagnostics import alignment
from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels.gaussian import gaussian, squared_distances
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.kernel import quantum_kernel
from ketwise.learning.one_thread import one_blas_thread
from ketwise.learning.preprocessing import choose_encoding, fit_preparation
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]

#: Training rows that the kernels are compared on; more would cost time and change little.
MOST_ROWS = 300


class AlignedRBFClassifier(ClassifierMixin, BaseEstimator):
    """Support vector classifier on the RBF kernel that is best aligned with a quantum kernel.

    The quantum kernel is computed on training rows, and the width of the RBF kernel on the same features chosen so
    that both agree best, before any label is seen.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS``, or your own. Trained values are taken where training starts.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced
        with a :class:`ReductionWarning`.
    repeats, layers : int, optional
        Of an encoding given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features.
    kernel : {"fidelity", "projected"}
        The quantum kernel to be near to.
    gamma : float
        Of the projected kernel; the fidelity kernel has none.
    C : float
        Inverse strength of the regularisation.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than the circuit takes; None never reduces.
    entangled : bool
        False takes every gate on two or more qubits out of the circuit.
    class_weight : dict, "balanced" or None

    Attributes
    ----------
    classes_ : (n_classes,) array
    gamma_ : float
        Of the RBF kernel ``exp(-gamma_ * ||a - b||**2)`` of features.
    alignment_ : float
        Centred alignment of the two kernels on training rows; 1 where they agree.
    svc_ : SVC
    preparation_ : Preparation
        From columns to features.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Alignment is computed on 300 training rows at most. Cortes, Mohri, Rostamizadeh, JMLR 13, 795 (2012).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> kw.AlignedRBFClassifier().fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.9
    True
    """

    def __init__(
        self,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
        layers: int | None = None,
        bandwidth: float = 0.3,
        kernel: str = "fidelity",
        gamma: float = 1.0,
        C: float = 1.0,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
        class_weight: Any = None,
    ):
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.repeats = repeats
        self.layers = layers
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.gamma = gamma
        self.C = C
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        Z = _align(self, X)
        self.svc_ = SVC(kernel="precomputed", C=self.C, class_weight=self.class_weight)
        self.svc_.fit(gaussian(Z, gamma=self.gamma_), y)
        self.classes_ = self.svc_.classes_
        self._support = Z[self.svc_.support_]
        return self

    def decision_function(self, X: Any) -> Array:
        """Return ``(n_samples,)`` signed distances for two classes, ``(n_samples, n_classes)`` scores for more."""
        check_is_fitted(self)
        return self.svc_.decision_function(self._kernel_rows(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` predicted labels."""
        check_is_fitted(self)
        return self.svc_.predict(self._kernel_rows(X))

    def _kernel_rows(self, X: Any) -> Array:
        """Return the kernel with the training rows; of its columns only the support vectors' are read and filled."""
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        rows = np.zeros((len(Z), self.svc_.shape_fit_[0]))
        rows[:, self.svc_.support_] = gaussian(Z, self._support, gamma=self.gamma_)
        return rows


class AlignedRBFRegressor(RegressorMixin, BaseEstimator):
    """Kernel ridge regression on the RBF kernel that is best aligned with a quantum kernel.

    The quantum kernel is computed on training rows, and the width of the RBF kernel on the same features chosen so
    that both agree best, before any target is seen.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS``, or your own. Trained values are taken where training starts.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced
        with a :class:`ReductionWarning`.
    repeats, layers : int, optional
        Of an encoding given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features.
    kernel : {"fidelity", "projected"}
        The quantum kernel to be near to.
    gamma : float
        Of the projected kernel; the fidelity kernel has none.
    alpha : float
        Strength of the regularisation, beside a kernel whose diagonal is 1.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than the circuit takes; None never reduces.
    entangled : bool
        False takes every gate on two or more qubits out of the circuit.

    Attributes
    ----------
    gamma_ : float
        Of the RBF kernel ``exp(-gamma_ * ||a - b||**2)`` of features.
    alignment_ : float
        Centred alignment of the two kernels on training rows; 1 where they agree.
    dual_coef_ : (n_samples,) array
    intercept_ : float
        Mean of the training targets, which the kernel part is fitted around.
    preparation_ : Preparation
        From columns to features.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> kw.AlignedRBFRegressor().fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.4
    True
    """

    def __init__(
        self,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
        layers: int | None = None,
        bandwidth: float = 0.3,
        kernel: str = "fidelity",
        gamma: float = 1.0,
        alpha: float = 0.1,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
    ):
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.repeats = repeats
        self.layers = layers
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.gamma = gamma
        self.alpha = alpha
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n_samples, n_columns) and targets ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        self._rows = _align(self, X)
        self.intercept_ = float(y.mean())
        kernel = gaussian(self._rows, gamma=self.gamma_)
        with one_blas_thread():
            ridge = KernelRidge(alpha=self.alpha, kernel="precomputed").fit(kernel, y - self.intercept_)
        self.dual_coef_ = ridge.dual_coef_
        return self

    def predict(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` predicted targets."""
        check_is_fitted(self)
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        kernel = gaussian(Z, self._rows, gamma=self.gamma_)
        return fixed_order_product(kernel, self.dual_coef_[np.newaxis])[:, 0] + self.intercept_


def _align(estimator: AlignedRBFClassifier | AlignedRBFRegressor, X: Array) -> Array:
    """Learn the preparation and the width of the RBF kernel, and return the training rows as features."""
    encoding = choose_encoding(
        estimator.encoding,
        X.shape[1],
        len(X),
        n_qubits=estimator.n_qubits,
        reduce=estimator.reduce,
        entangled=estimator.entangled,
        options={"repeats": estimator.repeats, "layers": estimator.layers},
    )
    estimator.preparation_ = fit_preparation(
        X,
        scale=estimator.scale,
        n_kept=encoding.n_features,
        bandwidth=estimator.bandwidth,
        domain=encoding.domain,
    )
    Z = estimator.preparation_.transform(X)
    # The rows may be sorted: those compared are spread over all of them.
    some = Z[np.unique(np.linspace(0, len(Z) - 1, MOST_ROWS).astype(int))]
    quantum = quantum_kernel(estimator.kernel, encoding, some, gamma=estimator.gamma, params=encoding.start_params())
    with one_blas_thread():
        estimator.gamma_, estimator.alignment_ = nearest_gaussian(quantum, squared_distances(some))
    return Z


def nearest_gaussian(kernel: Array, distances: Array) -> tuple[float, float]:
    """Return the gamma whose ``exp(-gamma * distances)`` is best aligned with ``kernel``, and that alignment.

    Parameters
    ----------
    kernel, distances : (n, n) array
        Of the same samples; the distances are squared.

    Examples
    --------
    >>> distances = squared_distances(np.arange(5.0)[:, np.newaxis])
    >>> gamma, alignment = nearest_gaussian(np.exp(-0.3 * distances), distances)
    >>> round(gamma, 4), round(alignment, 6)
    (0.3, 1.0)
    """
    unit = float(distances.mean())
    if unit == 0.0:  # all rows are equal: every width is the same kernel
        return 1.0, 0.0

    def loss(log_gamma: float) -> float:
        return -alignment(kernel, np.exp(-np.exp(log_gamma) / unit * distances))

    # The alignment can have several maxima, far from each other: a grid finds the highest, a search its top.
    grid = np.log(2.0) * np.arange(-8.0, 8.5)
    best = grid[int(np.argmin([loss(value) for value in grid]))]
    found = minimize_scalar(loss, bounds=(best - np.log(2.0), best + np.log(2.0)), method="bounded")
    return float(np.exp(found.x) / unit), float(-found.fun)
