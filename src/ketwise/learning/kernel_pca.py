"""Kernel PCA: the principal axes of encoded samples, in the space of a quantum kernel."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.decomposition import KernelPCA
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.kernel import prepare, quantum_kernel
from ketwise.learning.one_thread import one_blas_thread
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]


class QuantumKernelPCA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Coordinates of the encoded samples on the axes along which their states vary most.

    Parameters
    ----------
    n_components : int
        Axes to keep; fewer where the training rows span fewer.
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS`` that has no trained parameters, or your own.
    n_qubits, repeats, bandwidth, kernel, gamma, scale, reduce, entangled
        As for :class:`QuantumKernelClassifier`.

    Attributes
    ----------
    eigenvalues_ : (n_components,) array
        Of the centred kernel, largest first.
    eigenvectors_ : (n_samples, n_components) array
    encoding_ : Encoding
    preparation_ : Preparation
    fit_features_ : (n_samples, n_features) array
        Training rows as the circuit takes them.
    column_means_ : (n_samples,) array
        Mean kernel of each training row with all of them.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    scikit-learn's ``KernelPCA`` on a precomputed kernel, with new rows projected in a fixed order of additions.
    Schölkopf, Smola, Müller, Neural Computation 10, 1299 (1998).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> kw.QuantumKernelPCA(2).fit_transform(load_iris().data).shape
    (150, 2)
    """

    def __init__(
        self,
        n_components: int = 2,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
        bandwidth: float = 0.3,
        kernel: str = "fidelity",
        gamma: float = 1.0,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
    ):
        self.n_components = n_components
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.repeats = repeats
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.gamma = gamma
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the axes of ``X`` (n_samples, n_columns)."""
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        self.fit_features_ = prepare(self, X)
        kernel = quantum_kernel(self.kernel, self.encoding_, self.fit_features_, gamma=self.gamma)
        self.eigenvalues_, self.eigenvectors_ = principal_axes(kernel, positive_int("n_components", self.n_components))
        self.column_means_ = kernel.mean(axis=0)
        return self

    def transform(self, X: Any) -> Array:
        """Return the ``(n_samples, n_components)`` coordinates."""
        check_is_fitted(self)
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        rows = quantum_kernel(self.kernel, self.encoding_, Z, self.fit_features_, gamma=self.gamma)
        return coordinates(rows, self.column_means_, self.eigenvalues_, self.eigenvectors_)

    @property
    def _n_features_out(self) -> int:
        return len(self.eigenvalues_)


def principal_axes(kernel: Array, n_components: int) -> tuple[Array, Array]:
    """Return the largest eigenvalues of the centred kernel and their vectors, without those that are 0.

    Examples
    --------
    >>> values, vectors = principal_axes(np.array([[1.0, -1.0], [-1.0, 1.0]]), 2)
    >>> values.round(6), vectors.shape
    (array([2.]), (2, 1))
    """
    with one_blas_thread():
        found = KernelPCA(min(n_components, len(kernel)), kernel="precomputed", eigen_solver="dense").fit(kernel)
    kept = found.eigenvalues_ > len(kernel) * np.finfo(float).eps * max(float(found.eigenvalues_.max()), 0.0)
    if not kept.any():
        raise ValueError("the kernel is the same for all rows, so that no axis is left: raise bandwidth")
    return found.eigenvalues_[kept], found.eigenvectors_[:, kept]


def coordinates(rows: Array, column_means: Array, eigenvalues: Array, eigenvectors: Array) -> Array:
    """Return the coordinates of rows from their kernel with the training rows, each row for itself."""
    means = np.full((1, rows.shape[1]), 1.0 / rows.shape[1])
    centred = rows - fixed_order_product(rows, means) - column_means + column_means.mean()
    return fixed_order_product(centred, eigenvectors.T / np.sqrt(eigenvalues)[:, np.newaxis])
