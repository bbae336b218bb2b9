"""The metric learner: an encoding trained so that the states of different classes lie far apart."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding, qaoa
from ketwise.blocks.kernels import fidelity
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.descent import descend, warn_unless_flat
from ketwise.learning.one_thread import one_blas_thread
from ketwise.learning.optimizers.adam import Adam
from ketwise.learning.preprocessing import fit_preparation
from ketwise.learning.training import Objective
from ketwise.words.checks import positive_int, real_number
from ketwise.words.outputs import State

Array = NDArray[np.float64]

#: Standard deviation of the parameters' start.
START_SPREAD = 0.1


class QuantumMetricLearner(ClassifierMixin, BaseEstimator):
    """Classifier by the mean fidelity with examples of each class, in an encoding trained to keep classes apart.

    The encoding is QAOA's, with one qubit more than columns.

    Parameters
    ----------
    n_layers : int
        Layers of the encoding.
    n_examples : int
        Training rows of each class that a prediction compares with, or all where there are fewer.
    overlaps : {"all", "pairs"}
        What is trained. "all": for each two classes ``1 - tr((rho - sigma)**2) / 2`` of the mixtures that a batch
        makes. "pairs": the mean fidelity of rows of different classes, one to one, which leaves out how close the rows
        of one class lie.
    bandwidth : float
        Factor on the scaled features.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    learning_rate, batch_size : float, int
        Of Adam; so many rows of every class are drawn, with replacement.
    convergence_interval, max_steps : int
        As for :class:`CircuitClassifier`.
    entangled : bool
        False takes every gate on two or more qubits out.
    random_state : int, RandomState instance or None
        Draws the start, the batches and the examples.

    Attributes
    ----------
    classes_ : (n_classes,) array
    encoding_ : Encoding
    params_ : (n_params,) array
    examples_ : (n_kept, n_features_in_) array
        Prepared rows that predictions compare with, class after class.
    example_codes_ : (n_kept,) array
        Their classes, as indices of ``classes_``.
    loss_curve_ : (n_steps,) array
    n_iter_ : int
    converged_ : bool
    preparation_ : Preparation
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    A prediction costs a circuit an example on a device. Lloyd et al., arXiv:2001.03622 (2020). The published benchmark
    (arXiv:2403.07059) trains "pairs".

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> kw.QuantumMetricLearner(random_state=0).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.8
    True
    """

    def __init__(
        self,
        *,
        n_layers: int = 3,
        n_examples: int = 32,
        overlaps: str = "all",
        bandwidth: float = 1.0,
        scale: str | None = "minmax",
        learning_rate: float = 0.01,
        batch_size: int = 16,
        convergence_interval: int = 200,
        max_steps: int = 10_000,
        entangled: bool = True,
        random_state: Any = None,
    ):
        self.n_layers = n_layers
        self.n_examples = n_examples
        self.overlaps = overlaps
        self.bandwidth = bandwidth
        self.scale = scale
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.convergence_interval = convergence_interval
        self.max_steps = max_steps
        self.entangled = entangled
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Train on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"a classifier needs samples of at least 2 classes; y holds only {self.classes_[0]!r}, 1 class"
            )
        for name in ("n_examples", "batch_size", "convergence_interval", "max_steps"):
            positive_int(name, getattr(self, name))
        if real_number("learning_rate", self.learning_rate) <= 0:
            raise ValueError(f"learning_rate must be positive, got {self.learning_rate}")
        if self.overlaps not in ("all", "pairs"):
            raise ValueError(f"overlaps must be 'all' or 'pairs', got {self.overlaps!r}")
        rng = check_random_state(self.random_state)
        encoding = qaoa(X.shape[1], layers=self.n_layers, more_qubits=1)
        self.encoding_ = encoding if self.entangled else encoding.twin()
        self.preparation_ = fit_preparation(X, scale=self.scale, n_kept=X.shape[1], bandwidth=self.bandwidth)
        features = self.preparation_.transform(X)
        by_class = [features[codes == code] for code in range(len(self.classes_))]
        with one_blas_thread():
            reached = descend(
                START_SPREAD * rng.standard_normal(encoding.n_params),
                class_overlap(self.encoding_, by_class, within=self.overlaps == "all"),
                # Rows are numbers to be taken modulo the size of each class: so large a range has no bias to speak of.
                1 << 30,
                Adam(self.learning_rate),
                batch_size=self.batch_size,
                interval=self.convergence_interval,
                max_steps=self.max_steps,
                rng=rng,
            )
        self.params_, self.loss_curve_, self.converged_ = reached
        self.n_iter_ = len(reached.losses)
        kept = [rows[rng.permutation(len(rows))[: self.n_examples]] for rows in by_class]
        self.examples_ = np.concatenate(kept)
        self.example_codes_ = np.repeat(np.arange(len(kept)), [len(rows) for rows in kept])
        warn_unless_flat(reached, self.max_steps)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return the ``(n_samples, n_classes)`` mean fidelities with each class's examples, divided by their sum."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        overlaps = fidelity(self.encoding_, self.preparation_.transform(X), self.examples_, params=self.params_)
        member = (self.example_codes_ == np.arange(len(self.classes_))[:, np.newaxis]).astype(np.float64)
        means = fixed_order_product(overlaps, member / member.sum(axis=1, keepdims=True))
        return means / means.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` labels of the classes with the largest mean fidelity."""
        check_is_fitted(self)
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]


def class_overlap(encoding: Encoding, by_class: list[Array], *, within: bool) -> Objective:
    """Return the mean overlap of the classes' states on a batch, and its gradient by the encoding's parameters.

    Parameters
    ----------
    encoding : Encoding
    by_class : list of (n_rows, n_features) array
    within : bool
        Whether all pairs of a batch count, those within a class against the loss: ``1 - tr((rho - sigma)**2) / 2``.
        Otherwise the rows of two classes count one to one.
    """
    program = encoding.compile(State())

    def value_and_gradient(theta: Array, rows: NDArray[np.intp]) -> tuple[float, Array]:
        batch = np.concatenate([each[rows % len(each)] for each in by_class])
        states, residual = program.forward(theta, batch)
        kets = states.reshape(len(by_class), len(rows), -1)
        value, cotangent = 0.0, np.zeros_like(kets)
        n_pairs = len(by_class) * (len(by_class) - 1) / 2
        for a in range(len(by_class)):
            for b in range(a + 1, len(by_class)):
                if within:
                    part = _mixtures(kets[a], kets[b], n_pairs)
                else:
                    part = _one_to_one(kets[a], kets[b], n_pairs)
                value += part[0]
                cotangent[a] += part[1]
                cotangent[b] += part[2]
        return value, program.backward(residual, cotangent.reshape(states.shape), wanted=("params",))[0]

    return value_and_gradient


def _one_to_one(left: NDArray[Any], right: NDArray[Any], n_pairs: float) -> tuple[float, Any, Any]:
    """Return the mean ``|<a|b>|**2`` over n_pairs of rows with rows, and its derivatives by both."""
    overlap = (left.conj() * right).sum(axis=1, keepdims=True)
    weight = 2.0 / (len(left) * n_pairs)
    return (
        float((np.abs(overlap) ** 2).mean() / n_pairs),
        weight * overlap.conj() * right,
        weight * overlap * left,
    )


def _mixtures(left: NDArray[Any], right: NDArray[Any], n_pairs: float) -> tuple[float, Any, Any]:
    """Return ``1 - tr((rho - sigma)**2) / 2`` over n_pairs of the rows' mixtures, and its derivatives by both."""
    n = len(left)
    same, other, between = left.conj() @ left.T, right.conj() @ right.T, left.conj() @ right.T
    purities = [float((np.abs(each) ** 2).sum()) / n**2 for each in (same, other, between)]
    value = (1.0 - 0.5 * (purities[0] + purities[1]) + purities[2]) / n_pairs
    weight = 2.0 / (n**2 * n_pairs)
    d_left = weight * (between.conj() @ right - same.conj() @ left)
    d_right = weight * (between.T @ left - other.conj() @ right)
    return value, d_left, d_right
