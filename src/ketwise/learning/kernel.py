"""Estimators on a quantum kernel: a support vector classifier and kernel ridge regression."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels import fidelity, projected
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.one_thread import one_blas_thread
from ketwise.learning.preprocessing import choose_encoding, fit_preparation
from ketwise.words.circuit import Circuit


class QuantumKernelClassifier(ClassifierMixin, BaseEstimator):
    """Support vector classifier on a quantum kernel of an encoding.

    Columns are scaled, reduced where there are too many, multiplied by ``bandwidth`` and encoded; the kernel of two
    samples is the fidelity of their states, or a Gaussian of what their qubits hold one by one.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS`` that has no trained parameters ("iqp", "angle", "zz"), or your own.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced
        with a :class:`ReductionWarning`.
    repeats : int, optional
        Repeats of an encoding given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features. Small: a smooth kernel; large: every sample is far from every other.
    kernel : {"fidelity", "projected"}
        ``kw.kernels.fidelity`` or ``kw.kernels.projected``.
    gamma : float
        Of the projected kernel; the fidelity kernel has none.
    C : float
        Inverse strength of the regularisation.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than the circuit takes; None never reduces.
    entangled : bool
        False takes every gate on two or more qubits out of the circuit: the twin to compare with.
    class_weight : dict, "balanced" or None

    Attributes
    ----------
    classes_ : (n_classes,) array
    encoding_ : Encoding
        The circuit in use.
    preparation_ : Preparation
        From columns to the circuit's features.
    support_features_ : (n_support, n_features) array
        Features of the support vectors, as the circuit takes them.
    svc_ : SVC
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    There is no ``predict_proba``: wrap it in scikit-learn's ``CalibratedClassifierCV``. ``fit`` encodes each row
    once and forms an (n, n) matrix. Havlíček et al., Nature 567, 209 (2019); projected kernels: Huang
    et al., Nature Communications 12, 2631 (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> kw.QuantumKernelClassifier().fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.9
    True
    """

    def __init__(
        self,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
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
        Z = prepare(self, X)
        svc = SVC(kernel="precomputed", C=self.C, class_weight=self.class_weight)
        self.svc_ = svc.fit(quantum_kernel(self.kernel, self.encoding_, Z, gamma=self.gamma), y)
        self.classes_ = svc.classes_
        self.support_features_ = Z[svc.support_]
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return ``(n_samples,)`` signed distances for two classes, ``(n_samples, n_classes)`` scores for more."""
        check_is_fitted(self)
        return self.svc_.decision_function(self._kernel_rows(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` predicted labels."""
        check_is_fitted(self)
        return self.svc_.predict(self._kernel_rows(X))

    def _kernel_rows(self, X: Any) -> NDArray[np.float64]:
        """Return the kernel with the training rows; of its columns only the support vectors' are read and filled."""
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        rows = np.zeros((len(Z), self.svc_.shape_fit_[0]))
        rows[:, self.svc_.support_] = quantum_kernel(
            self.kernel, self.encoding_, Z, self.support_features_, gamma=self.gamma
        )
        return rows


class QuantumKernelRegressor(RegressorMixin, BaseEstimator):
    """Kernel ridge regression on a quantum kernel of an encoding.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS`` that has no trained parameters ("iqp", "angle", "zz"), or your own.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced
        with a :class:`ReductionWarning`.
    repeats : int, optional
        Repeats of an encoding given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features. Small: a smooth kernel; large: every sample is far from every other.
    kernel : {"fidelity", "projected"}
        ``kw.kernels.fidelity`` or ``kw.kernels.projected``.
    gamma : float
        Of the projected kernel; the fidelity kernel has none.
    alpha : float
        Strength of the regularisation, beside a kernel whose diagonal is 1.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than the circuit takes; None never reduces.
    entangled : bool
        False takes every gate on two or more qubits out of the circuit: the twin to compare with.

    Attributes
    ----------
    encoding_ : Encoding
        The circuit in use.
    preparation_ : Preparation
        From columns to the circuit's features.
    fit_features_ : (n_samples, n_features) array
        Features of the training rows, as the circuit takes them.
    dual_coef_ : (n_samples,) array
    intercept_ : float
        Mean of the training targets, which the kernel part is fitted around.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> kw.QuantumKernelRegressor().fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.4
    True
    """

    def __init__(
        self,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
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
        Z = prepare(self, X)
        self.intercept_ = float(y.mean())
        ridge = KernelRidge(alpha=self.alpha, kernel="precomputed")
        kernel = quantum_kernel(self.kernel, self.encoding_, Z, gamma=self.gamma)
        with one_blas_thread():
            self.dual_coef_ = ridge.fit(kernel, y - self.intercept_).dual_coef_
        self.fit_features_ = Z
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the ``(n_samples,)`` predicted targets."""
        check_is_fitted(self)
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        kernel = quantum_kernel(self.kernel, self.encoding_, Z, self.fit_features_, gamma=self.gamma)
        return fixed_order_product(kernel, self.dual_coef_[np.newaxis])[:, 0] + self.intercept_


#: What ``kernel=`` takes.
KERNELS = ("fidelity", "projected")


def quantum_kernel(
    kernel: str, encoding: Encoding, A: Any, B: Any = None, *, gamma: float, params: Any = None
) -> NDArray[np.float64]:
    """Return the kernel of that name of features as the circuit takes them."""
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {', '.join(map(repr, KERNELS))}, got {kernel!r}")
    if kernel == "fidelity":
        return fidelity(encoding, A, B, params=params)
    return projected(encoding, A, B, gamma=gamma, params=params)


def prepare(estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Set ``encoding_`` and ``preparation_`` of an estimator on a kernel by its arguments and training rows.

    Returns
    -------
    (n_samples, n_features) array
        The rows as the circuit takes them.
    """
    encoding = choose_encoding(
        estimator.encoding,
        X.shape[1],
        len(X),
        n_qubits=estimator.n_qubits,
        reduce=estimator.reduce,
        entangled=estimator.entangled,
        options={"repeats": estimator.repeats},
    )
    if encoding.n_params:
        raise ValueError(
            f"the encoding {encoding.name!r} has {encoding.n_params} trained parameters and a kernel trains none: use "
            "a variational estimator, an encoding without parameters, or encoding.bind(params) with trained ones"
        )
    estimator.encoding_ = encoding
    estimator.preparation_ = fit_preparation(
        X,
        scale=estimator.scale,
        n_kept=encoding.n_features,
        bandwidth=estimator.bandwidth,
        domain=encoding.domain,
    )
    return estimator.preparation_.transform(X)
