"""The classifier on a trained circuit with a linear readout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.learning.losses import Loss, cross_entropy, hinge, probabilities, squared_margin
from ketwise.learning.variational_fit import VariationalFit
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable

Array = NDArray[np.float64]


def _has_probabilities(model: Any) -> bool:
    """Whether scores are log-odds."""
    if isinstance(model.loss, str) and model.loss == "cross_entropy":
        return True
    raise AttributeError(f"predict_proba needs loss='cross_entropy', got {model.loss!r}: scores are no probabilities")


class VariationalClassifier(ClassifierMixin, VariationalFit):
    """Classifier on a trained circuit: cross-entropy of a linear readout of expectations.

    Parameters
    ----------
    circuit : Encoding, Circuit or str, optional
        Your own circuit with features and parameters, or the name of an encoding. Default: data re-uploading.
    observables : Observable or sequence of Observable, optional
        What the trained readout combines. Default: Z on every qubit.
    n_qubits : int, optional
        For a circuit given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced with a
        :class:`ReductionWarning`.
    layers : int, optional
        Layers of a circuit given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than ``n_qubits``; with None, re-uploading lays several features on a qubit.
    entangled : bool
        False takes every gate on two or more qubits out of the circuit: the twin to compare with.
    loss : {"cross_entropy", "hinge", "squared"} or callable
        With "hinge" scores are margins, and there is no ``predict_proba``. A function ``(scores, targets, weights) ->
        (loss, d_scores)``, as in ``kw.losses``, gets targets with 1 in the column of the row's class, else 0.
    optimizer : {"lbfgs", "adam"}, or one of ``kw.optimizers``
        "lbfgs", and SciPy's other methods, use all rows at every step; "adam" and the others minibatches.
    learning_rate : float
        Of "adam", and of ``partial_fit`` after "lbfgs".
    batch_size : int
    max_iter : int
        Most steps of "lbfgs", most passes over the rows of "adam".
    tol : float
        "lbfgs" ends where the loss gains relatively less than that; "adam" where it gains less for
        ``n_iter_no_change`` passes.
    n_iter_no_change : int
    early_stopping : bool
        Hold out rows, stop where their loss gains less than ``tol`` for ``n_iter_no_change`` passes, and keep the
        parameters with the best.
    validation_fraction : float
        Share of the rows held out.
    alpha : float
        Strength of the penalty on the squared weights of the readout.
    class_weight : dict, "balanced" or None
    init : {"normal", "uniform", "small_angle", "gaussian", "identity_blocks"}, array or callable
        Where the circuit's parameters start: drawn about the encoding's own start with a standard deviation of 0.3;
        uniform on [-pi, pi] around it; on [-0.1, 0.1]; with the variance ``1 / (4 S (L + 2))`` that keeps gradients of
        L layers and outputs on S qubits; so that the ``kw.ansatz.identity_blocks`` that the circuit ends in are the
        identity. An array is the start, a callable ``rng -> (n_params,)`` draws it.
    layerwise : bool or int
        Train the layers one after another first, each for 10 passes or so many, and then all.
    preflight : bool
        Measure the gradient first, and warn with a ``BarrenPlateauWarning`` where a device would not see it.
    checkpoint : path, optional
        A file in which ``fit`` keeps where it stands, and from which the same fit, on the same data, goes on to the
        same bits. It stays when the fit is done.
    callbacks : callable or sequence of callable, optional
        Called with a :class:`~ketwise.learning.progress.Progress` after every pass; one that returns True ends the fit.
    warm_start : bool
        ``fit`` goes on from the last fit.
    verbose : bool
        Print a line a pass: loss, and the time left.
    random_state : int, RandomState instance or None
        Draws the start, the order of the rows and what is held out.
    dtype : {"complex128", "complex64"}
        Precision of the states; complex64 takes about half the time.

    Attributes
    ----------
    classes_ : (n_classes,) array
    params_ : (n_params,) array
        Parameters of the circuit.
    weights_ : (n_scores, n_observables) array
        Weights of the readout.
    intercept_ : (n_scores,) array
    loss_curve_ : list of float
        Loss of each pass over the rows.
    validation_scores_ : list of float
        With ``early_stopping``: minus the loss of the rows held out, after each pass.
    history_ : dict of str -> array
        ``loss_curve_`` and ``validation_scores_`` as arrays, "loss" and "validation_score".
    n_iter_ : int
    converged_ : bool
        Whether ``tol`` was met before ``max_iter``.
    model_ : Model
        Circuit, observables and readout.
    preparation_ : Preparation
        From columns to the circuit's features.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Two classes have one score, more have one each; each score is the expectation of a trained observable, a weighted
    sum of ``observables`` and a constant. Pérez-Salinas et al., Quantum 4, 226 (2020).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = kw.VariationalClassifier(layers=2, max_iter=50, random_state=0).fit(X[::2], y[::2])
    >>> model.score(X[1::2], y[1::2]) > 0.9
    True
    """

    _losses: ClassVar[dict[str, Loss]] = {
        "cross_entropy": cross_entropy,
        "hinge": hinge,
        "squared": squared_margin,
    }
    classes_: NDArray[Any]

    def __init__(
        self,
        circuit: Encoding | Circuit | str | None = None,
        observables: Observable | Sequence[Observable] | None = None,
        *,
        n_qubits: int | None = None,
        layers: int | None = None,
        bandwidth: float = 0.3,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
        loss: str | Loss = "cross_entropy",
        optimizer: Any = "lbfgs",
        learning_rate: float = 0.05,
        batch_size: int = 32,
        max_iter: int = 100,
        tol: float = 1e-5,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        alpha: float = 5e-3,
        class_weight: Any = None,
        init: Any = "normal",
        layerwise: bool | int = False,
        preflight: bool = True,
        checkpoint: str | os.PathLike[str] | None = None,
        callbacks: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
        random_state: Any = None,
        dtype: str = "complex128",
    ):
        self.circuit = circuit
        self.observables = observables
        self.n_qubits = n_qubits
        self.layers = layers
        self.bandwidth = bandwidth
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.alpha = alpha
        self.class_weight = class_weight
        self.init = init
        self.layerwise = layerwise
        self.preflight = preflight
        self.checkpoint = checkpoint
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.verbose = verbose
        self.random_state = random_state
        self.dtype = dtype

    def fit(self, X: Any, y: Any) -> Self:
        """Train on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"a classifier needs samples of at least 2 classes; y holds only {classes[0]!r}, 1 class")
        if self.warm_start and hasattr(self, "classes_") and not np.array_equal(classes, self.classes_):
            raise ValueError(f"warm_start goes on with the classes {self.classes_}, y has {classes}")
        checkpoint = self._open_checkpoint()
        fresh = self._begin(X, len(classes) if len(classes) > 2 else 1, checkpoint)
        if fresh and (checkpoint is None or checkpoint.kept is None):
            self._look_first(X)
        self.classes_ = classes
        weights = compute_class_weight(self.class_weight, classes=classes, y=y)[codes]
        self._train(X, self._targets(codes), weights, checkpoint, stratify=codes)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Take one pass of Adam over these rows, from where training stands.

        ``classes`` must name all labels at the first call; scaling and reduction are learnt from its rows.
        """
        first = not hasattr(self, "model_")
        X, y = validate_data(self, X, y, dtype=np.float64, reset=first)
        check_classification_targets(y)
        if self.class_weight == "balanced":
            raise ValueError("class_weight='balanced' needs all rows; partial_fit takes a dict of weights")
        if first:
            if classes is None:
                raise ValueError("classes must be given at the first call of partial_fit")
            classes = unique_labels(classes)
            self._begin(X, len(classes) if len(classes) > 2 else 1)
            self.classes_ = classes
        elif classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise ValueError(f"classes={classes!r} differ from those of the first call, {self.classes_}")
        if len(unknown := np.setdiff1d(y, self.classes_)):
            raise ValueError(f"y holds {unknown}, not among the classes {self.classes_}")
        codes = np.searchsorted(self.classes_, y)
        weights = compute_class_weight(self.class_weight, classes=self.classes_, y=y)[codes]
        self._train_once(X, self._targets(codes), weights)
        return self

    def decision_function(self, X: Any) -> Array:
        """Return ``(n_samples,)`` scores of the second class, or ``(n_samples, n_classes)``.

        With the loss "cross_entropy" these are log-odds, and logarithms of probabilities but for a constant.
        """
        scores = self._scores(X)
        return scores[:, 0] if len(self.classes_) == 2 else scores

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> Array:
        """Return ``(n_samples, n_classes)`` probabilities; there with the loss "cross_entropy" only."""
        return probabilities(self._scores(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` most probable labels."""
        check_is_fitted(self)
        return self.classes_[np.argmax(probabilities(self._scores(X)), axis=1)]

    def _targets(self, codes: NDArray[np.intp]) -> Array:
        one_hot = np.eye(len(self.classes_))[codes]
        return one_hot[:, 1:] if len(self.classes_) == 2 else one_hot
