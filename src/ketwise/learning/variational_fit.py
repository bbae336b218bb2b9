"""What fitting does that the variational classifier and the variational regressor share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.learning.losses import Loss
from ketwise.learning.model import Model, default_observables
from ketwise.learning.preprocessing import Preparation, choose_encoding, fit_preparation
from ketwise.learning.training import (
    Stopping,
    Training,
    adam,
    lbfgs,
    minibatch,
    one_pass,
)
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]

OPTIMIZERS = ("lbfgs", "adam")


class VariationalFit(BaseEstimator):
    """What both estimators share; it reads the arguments that both store."""

    _loss: Loss
    model_: Model
    preparation_: Preparation
    _training: Training

    def _begin(self, X: Array, n_scores: int) -> None:
        """Choose circuit, preparation and start; with ``warm_start``, go on from the last fit."""
        self._check_arguments()
        encoding = choose_encoding(
            "reuploading" if self.circuit is None else self.circuit,
            X.shape[1],
            len(X),
            n_qubits=self.n_qubits,
            reduce=self.reduce,
            entangled=self.entangled,
            options={"layers": self.layers},
        )
        model = Model(encoding, default_observables(self.observables, encoding.n_qubits), n_scores, self.dtype)
        if self.warm_start and hasattr(self, "model_"):
            if (model.encoding, model.observables, n_scores) != (
                self.model_.encoding,
                self.model_.observables,
                self.model_.n_scores,
            ):
                raise ValueError("warm_start goes on with the same circuit, columns and classes; these have changed")
        else:
            self._rng = check_random_state(self.random_state)
            self._training = Training(model.start(self._rng))
            self.preparation_ = fit_preparation(
                X, scale=self.scale, n_kept=encoding.n_features, bandwidth=self.bandwidth
            )
        self.model_ = model

    def _check_arguments(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer must be one of {', '.join(map(repr, OPTIMIZERS))}, got {self.optimizer!r}")
        if self.early_stopping and self.optimizer != "adam":
            raise ValueError(f"early_stopping needs optimizer='adam', got {self.optimizer!r}: it sees no single passes")
        for name in ("batch_size", "max_iter", "n_iter_no_change"):
            positive_int(name, getattr(self, name))
        for name in ("learning_rate", "tol", "alpha"):
            if real_number(name, getattr(self, name)) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")

    def _train(self, X: Array, targets: Array, weights: Array, stratify: Any = None) -> None:
        """Train until a criterion is met."""
        features = self.preparation_.transform(X)
        stopping = Stopping(self.max_iter, self.tol, self.n_iter_no_change, bool(self.verbose))
        rows, score = np.arange(len(features)), None
        if self.early_stopping:
            rows, held_out = train_test_split(
                rows, test_size=self.validation_fraction, random_state=self._rng, stratify=stratify
            )
            check = self._objective(features, targets, weights, alpha=0.0)
            score = lambda theta: -check(theta, held_out)[0]  # noqa: E731
        objective = self._objective(features[rows], targets[rows], weights[rows], alpha=self.alpha)
        if self.optimizer == "lbfgs":
            self._training = lbfgs(self._training, objective, len(rows), stopping=stopping)
        else:
            self._training = minibatch(
                self._training,
                objective,
                len(rows),
                adam(self.learning_rate),
                batch_size=self.batch_size,
                stopping=stopping,
                rng=self._rng,
                score=score,
            )
        self._publish()

    def _train_once(self, X: Array, targets: Array, weights: Array) -> None:
        """One pass of Adam over these rows, from where training stands."""
        features = self.preparation_.transform(X)
        objective = self._objective(features, targets, weights, alpha=self.alpha)
        rule = adam(self.learning_rate)
        self._training = one_pass(self._training, objective, len(features), rule, self.batch_size, self._rng)
        self._publish()

    def _objective(self, features: Array, targets: Array, weights: Array, alpha: float) -> Any:
        return self.model_.objective(features, targets, weights, type(self)._loss, alpha)

    def _publish(self) -> None:
        """Set what a user reads after training."""
        self.params_, self.weights_, self.intercept_ = self.model_.split(self._training.theta)
        self.loss_curve_ = list(self._training.losses)
        self.validation_scores_ = list(self._training.scores)
        self.n_iter_ = len(self._training.losses)
        self.converged_ = self._training.converged

    def _scores(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self.model_.scores(self._training.theta, self.preparation_.transform(X))
