"""Kernel k-means: clusters by distance to means in the space of a quantum kernel."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.kernel import prepare, quantum_kernel
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]


class Clusters(NamedTuple):
    """Cluster of each row, and the sum of squared distances to the means."""

    labels: NDArray[np.int32]
    inertia: float
    n_iter: int


class QuantumKernelKMeans(ClusterMixin, BaseEstimator):
    """k-means among the encoded samples: a cluster's mean is a mixture of states.

    Parameters
    ----------
    n_clusters : int
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS`` that has no trained parameters, or your own.
    n_qubits, repeats, bandwidth, kernel, gamma, scale, reduce, entangled
        As for :class:`QuantumKernelClassifier`.
    n_init : int
        Starts, of which the best is kept.
    max_iter : int
    random_state : int, RandomState instance or None
        Draws the starts.

    Attributes
    ----------
    labels_ : (n_samples,) int array
    inertia_ : float
        Sum of squared distances to the means, in the space of the kernel.
    n_iter_ : int
    encoding_ : Encoding
    preparation_ : Preparation
    fit_features_ : (n_samples, n_features) array
        Training rows as the circuit takes them.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Means exist only through the kernel: a prediction looks at every training row. Dhillon, Guan, Kulis, KDD 551 (2004);
    starts after Arthur, Vassilvitskii, SODA 1027 (2007).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import make_blobs
    >>> from sklearn.metrics import adjusted_rand_score
    >>> X, y = make_blobs(60, centers=3, cluster_std=0.5, random_state=0)
    >>> found = kw.QuantumKernelKMeans(3, random_state=0).fit_predict(X)
    >>> adjusted_rand_score(y, found) > 0.9
    True
    """

    def __init__(
        self,
        n_clusters: int = 3,
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
        n_init: int = 10,
        max_iter: int = 300,
        random_state: Any = None,
    ):
        self.n_clusters = n_clusters
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.repeats = repeats
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.gamma = gamma
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find clusters among ``X`` (n_samples, n_columns)."""
        X = validate_data(self, X, dtype=np.float64)
        n_clusters = positive_int("n_clusters", self.n_clusters)
        if n_clusters > len(X):
            raise ValueError(f"n_samples={len(X)} should be >= n_clusters={n_clusters}")
        self.fit_features_ = prepare(self, X)
        kernel = quantum_kernel(self.kernel, self.encoding_, self.fit_features_, gamma=self.gamma)
        rng = check_random_state(self.random_state)
        found = kernel_kmeans(kernel, n_clusters, n_init=self.n_init, max_iter=self.max_iter, rng=rng)
        self.labels_, self.inertia_, self.n_iter_ = found
        self._spreads = _spreads(_mean_kernel(kernel, self.labels_, n_clusters), self.labels_)
        return self

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Return the ``(n_samples,)`` clusters with the nearest means."""
        check_is_fitted(self)
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        kernel = quantum_kernel(self.kernel, self.encoding_, Z, self.fit_features_, gamma=self.gamma)
        means = _mean_kernel(kernel, self.labels_, len(self._spreads))
        return np.argmin(self._spreads - 2.0 * means, axis=1).astype(np.int32)


def kernel_kmeans(kernel: Array, n_clusters: int, *, n_init: int = 10, max_iter: int = 300, rng: Any) -> Clusters:
    """Return the best clusters of several starts.

    Parameters
    ----------
    kernel : (n, n) array
        Symmetric, positive semi-definite.
    n_clusters, n_init, max_iter : int
    rng : RandomState

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> found = kernel_kmeans(x @ x.T, 2, rng=np.random.RandomState(0))
    >>> found.labels.tolist() in ([0, 0, 1, 1], [1, 1, 0, 0]), round(found.inertia, 6)
    (True, 0.01)
    """
    positive_int("n_init", n_init)
    positive_int("max_iter", max_iter)
    return min((_descend(kernel, n_clusters, max_iter, rng) for _ in range(n_init)), key=lambda each: each.inertia)


def _descend(kernel: Array, n_clusters: int, max_iter: int, rng: Any) -> Clusters:
    """Return Lloyd's fixed point from one start."""
    labels = np.argmin(_start(kernel, n_clusters, rng), axis=0).astype(np.int32)
    distances = _distances(kernel, labels, n_clusters)
    n_iter = 0
    while n_iter < max_iter:
        n_iter += 1
        moved = np.argmin(distances, axis=1).astype(np.int32)
        for empty in np.setdiff1d(np.arange(n_clusters), moved):
            # The row that lies farthest out of a cluster of several starts the one that is left without any.
            several = np.bincount(moved, minlength=n_clusters)[moved] > 1
            farthest = np.argmax(np.where(several, distances[np.arange(len(moved)), moved], -np.inf))
            moved[farthest] = empty
        if np.array_equal(moved, labels):
            break
        labels = moved
        distances = _distances(kernel, labels, n_clusters)
    inertia = float(np.maximum(distances[np.arange(len(labels)), labels], 0.0).sum())
    return Clusters(labels, inertia, n_iter)


def _start(kernel: Array, n_clusters: int, rng: Any) -> Array:
    """Return the ``(n_clusters, n)`` squared distances to rows drawn far apart."""
    own = np.diag(kernel)
    chosen: list[Array] = []
    nearest = np.full(len(kernel), np.inf)
    for _ in range(n_clusters):
        weights = np.ones(len(kernel)) if not chosen else nearest
        total = weights.sum()
        first = int(rng.choice(len(kernel), p=weights / total)) if total > 0 else int(rng.randint(len(kernel)))
        chosen.append(np.maximum(own + own[first] - 2.0 * kernel[first], 0.0))
        nearest = np.minimum(nearest, chosen[-1])
    return np.array(chosen)


def _mean_kernel(kernel: Array, labels: NDArray[np.int32], n_clusters: int) -> Array:
    """Return the ``(n_rows, n_clusters)`` mean of each row's kernel with every cluster; 0 with an empty one."""
    member = (labels == np.arange(n_clusters)[:, np.newaxis]).astype(np.float64)
    return fixed_order_product(kernel, member) / np.maximum(member.sum(axis=1), 1.0)


def _distances(kernel: Array, labels: NDArray[np.int32], n_clusters: int) -> Array:
    """Return the ``(n_rows, n_clusters)`` squared distances to the means; infinite for an empty cluster."""
    means = _mean_kernel(kernel, labels, n_clusters)
    return np.diag(kernel)[:, np.newaxis] + _spreads(means, labels) - 2.0 * means


def _spreads(means: Array, labels: NDArray[np.int32]) -> Array:
    """Return the ``(n_clusters,)`` squared lengths of the means, from each row's mean kernel with every cluster."""
    found = [means[labels == c, c].mean() if (labels == c).any() else np.inf for c in range(means.shape[1])]
    return np.array(found)
