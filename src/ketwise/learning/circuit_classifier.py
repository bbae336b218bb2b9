"""The estimator on a design: two classes, Adam on batches until the loss is flat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.learning.descent import descend, warn_unless_flat
from ketwise.learning.networks.circuits import DataReuploading
from ketwise.learning.networks.network import Design, Network
from ketwise.learning.optimizers.adam import Adam
from ketwise.learning.preprocessing import fit_preparation
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]


class CircuitClassifier(ClassifierMixin, BaseEstimator):
    """Two-class classifier on a design: a circuit with its own readout, loss and start, as its paper has them.

    Where a :class:`VariationalClassifier` trains a linear readout of any circuit with cross-entropy, this one trains
    what a design says: a single expectation with a bias, weighted fidelities, a thermal state. ``kw.presets`` has those
    of the literature by name.

    Parameters
    ----------
    design : Design, optional
        A value such as ``CircuitCentric(n_copies=2)``. Default: ``DataReuploading()``.
    bandwidth : float
        Factor on the scaled features.
    learning_rate, batch_size : float, int
        Of Adam; batches are drawn with replacement.
    convergence_interval : int
        Training ends when the mean losses of two successive intervals of so many steps differ by less than half their
        standard error.
    max_steps : int
        Most steps; a :class:`ConvergenceWarning` says when they did not suffice.
    random_state : int, RandomState instance or None
        Draws the start and the batches.

    Attributes
    ----------
    classes_ : (2,) array
    theta_ : (n_values,) array
        Trained values: those of the circuit, then those of the readout.
    loss_curve_ : (n_steps,) array
        Loss of each step's batch.
    n_iter_ : int
        Steps taken.
    converged_ : bool
    preparation_ : Preparation
        From columns to the circuit's features.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    For more classes put it into scikit-learn's ``OneVsRestClassifier``. The training is that of Bowles, Ahmed, Schuld,
    arXiv:2403.07059 (2024).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> X, y = X[50:], y[50:]
    >>> model = kw.CircuitClassifier(learning_rate=0.05, random_state=0).fit(X[::2], y[::2])
    >>> model.score(X[1::2], y[1::2]) > 0.85
    True
    """

    def __init__(
        self,
        design: Design | None = None,
        *,
        bandwidth: float = 1.0,
        learning_rate: float = 0.01,
        batch_size: int = 32,
        convergence_interval: int = 200,
        max_steps: int = 10_000,
        random_state: Any = None,
    ):
        self.design = design
        self.bandwidth = bandwidth
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.convergence_interval = convergence_interval
        self.max_steps = max_steps
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Train on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,) of two classes."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        if (kind := type_of_target(y, input_name="y", raise_unknown=True)) != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}: put the estimator into "
                "sklearn.multiclass.OneVsRestClassifier"
            )
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"a classifier needs samples of at least 2 classes; y holds only {classes[0]!r}, 1 class")
        for name in ("batch_size", "convergence_interval", "max_steps"):
            positive_int(name, getattr(self, name))
        if real_number("learning_rate", self.learning_rate) <= 0:
            raise ValueError(f"learning_rate must be positive, got {self.learning_rate}")
        network = self._network(X.shape[1])
        X = np.ascontiguousarray(X)  # the means of a frame's columns would be added up in another order
        self.preparation_ = fit_preparation(X, scale=self._design().scale, n_kept=X.shape[1], bandwidth=self.bandwidth)
        self.classes_ = classes
        rng = check_random_state(self.random_state)
        reached = descend(
            network.start(rng),
            network.objective(self.preparation_.transform(X), np.asarray(2.0 * codes - 1.0, dtype=np.float64)),
            len(X),
            Adam(self.learning_rate),
            batch_size=self.batch_size,
            interval=self.convergence_interval,
            max_steps=self.max_steps,
            rng=rng,
        )
        self.theta_, self.loss_curve_, self.converged_ = reached
        self.n_iter_ = len(reached.losses)
        warn_unless_flat(reached, self.max_steps)
        return self

    def decision_function(self, X: Any) -> Array:
        """Return ``(n_samples,)`` scores, above 0 for the second class."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self._network(X.shape[1]).scores(self.theta_, self.preparation_.transform(X))

    def predict_proba(self, X: Any) -> Array:
        """Return ``(n_samples, 2)`` probabilities, as the design's readout has them."""
        scores = self.decision_function(X)
        second = self._network(self.n_features_in_).readout.probability(scores)
        return np.column_stack([1.0 - second, second])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` predicted labels."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int)]

    def _design(self) -> Design:
        return DataReuploading() if self.design is None else self.design

    def _network(self, n_columns: int) -> Network:
        design = self._design()
        if isinstance(design, type) or not callable(getattr(design, "build", None)):
            raise TypeError(f"design must be a value such as DataReuploading(n_layers=4), got {design!r}")
        return design.build(n_columns)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
