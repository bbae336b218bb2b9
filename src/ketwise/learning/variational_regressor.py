"""The regressor on a trained circuit with a linear readout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.learning.losses import Loss, squared_error
from ketwise.learning.variational_fit import VariationalFit
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable

Array = NDArray[np.float64]


class VariationalRegressor(RegressorMixin, VariationalFit):
    """Regressor on a trained circuit: squared error of a linear readout of expectations.

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
    loss : {"squared"} or callable
        A function ``(scores, targets, weights) -> (loss, d_scores)``, as in ``kw.losses``, gets scaled targets.
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
    target_mean_, target_scale_ : float
        The readout is trained on targets with mean 0 and variance 1.
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

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = kw.VariationalRegressor(n_qubits=4, max_iter=50, random_state=0).fit(X[::2], y[::2])
    >>> model.score(X[1::2], y[1::2]) > 0.3
    True
    """

    _losses: ClassVar[dict[str, Loss]] = {"squared": squared_error}

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
        loss: str | Loss = "squared",
        optimizer: Any = "lbfgs",
        learning_rate: float = 0.05,
        batch_size: int = 32,
        max_iter: int = 100,
        tol: float = 1e-5,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        alpha: float = 5e-3,
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
        """Train on ``X`` (n_samples, n_columns) and targets ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        checkpoint = self._open_checkpoint()
        if self._begin(X, 1, checkpoint) and (checkpoint is None or checkpoint.kept is None):
            self._look_first(X)
        self._train(X, self._targets(y, learn=True), np.ones(len(y)), checkpoint)
        return self

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Take one pass of Adam over these rows, from where training stands.

        Scaling of columns and targets, and reduction, are learnt from the first call's rows.
        """
        first = not hasattr(self, "model_")
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, reset=first)
        if first:
            self._begin(X, 1)
        self._train_once(X, self._targets(y, learn=first), np.ones(len(y)))
        return self

    def predict(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` predicted targets."""
        check_is_fitted(self)
        return self.target_mean_ + self.target_scale_ * self._scores(X)[:, 0]

    def _targets(self, y: Any, learn: bool) -> Array:
        y = np.asarray(y, dtype=np.float64)
        if learn:
            self.target_mean_ = float(y.mean())
            self.target_scale_ = float(y.std()) or 1.0
        return ((y - self.target_mean_) / self.target_scale_)[:, np.newaxis]
