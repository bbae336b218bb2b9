"""What fitting does that the variational classifier and the variational regressor share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.learning.checkpoint import Checkpoint, digest, probe
from ketwise.learning.losses import Loss
from ketwise.learning.model import Model, default_observables
from ketwise.learning.optimizers import STEPPERS, Adam, Optimizer, SciPy
from ketwise.learning.preprocessing import Preparation, choose_encoding, fit_preparation
from ketwise.learning.progress import Reporter, as_callbacks
from ketwise.learning.scipy_training import scipy_training
from ketwise.learning.starts import layer_stages, only_first_layer
from ketwise.learning.trainability import warn_of_plateau
from ketwise.learning.training import Landscapes, Stage, Stopping, Training, minibatch, one_pass
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]

OPTIMIZERS = ("lbfgs", "adam")
#: Passes over each layer with ``layerwise=True``.
LAYER_PASSES = 10
#: Rows on which a checkpoint recognises its fit.
_PROBED = 64
#: Arguments that a checkpoint does not compare: they change no bit, or are recognised by what they do.
_NOT_COMPARED = {"checkpoint", "callbacks", "verbose", "preflight", "circuit", "observables", "init", "random_state"}


class VariationalFit(BaseEstimator):
    """What both estimators share; it reads the arguments that both store."""

    model_: Model
    preparation_: Preparation
    _training: Training
    _losses: ClassVar[dict[str, Loss]]

    @property
    def history_(self) -> dict[str, Array]:
        """Return what each pass over the rows, or step of SciPy's over all, came to.

        "loss" (n_iter_,), and "validation_score" (n_iter_,) with ``early_stopping``.
        """
        check_is_fitted(self)
        found = {"loss": np.array(self.loss_curve_)}
        if self.validation_scores_:
            found["validation_score"] = np.array(self.validation_scores_)
        return found

    def _open_checkpoint(self) -> Checkpoint | None:
        """Return the fit's checkpoint, before anything is drawn; refuse one of a fit with other settings."""
        if self.checkpoint is None:
            return None
        if self.warm_start:
            raise ValueError("checkpoint and warm_start both go on from an earlier fit: set one of them only")
        settings = {name: value for name, value in self.get_params(deep=False).items() if name not in _NOT_COMPARED}
        if isinstance(self.init, str):
            settings["init"] = self.init
        if isinstance(self.random_state, (int, np.integer)):
            settings["random_state"] = int(self.random_state)
        return Checkpoint(self.checkpoint, settings)

    def _begin(self, X: Array, n_scores: int, checkpoint: Checkpoint | None = None) -> bool:
        """Choose circuit, preparation and start; return False where ``warm_start`` goes on from the last fit."""
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
        going_on = bool(self.warm_start) and hasattr(self, "model_")
        if going_on:
            if (model.encoding, model.observables, n_scores) != (
                self.model_.encoding,
                self.model_.observables,
                self.model_.n_scores,
            ):
                raise ValueError("warm_start goes on with the same circuit, columns and classes; these have changed")
        else:
            self._rng = check_random_state(self.random_state)
            if checkpoint is not None:
                if self.random_state is None:  # NumPy's own is everybody's: it cannot be put back
                    self._rng = np.random.RandomState()
                checkpoint.begin(self._rng)
            self._training = Training(self._start(model, self._rng))
            self.preparation_ = fit_preparation(
                X, scale=self.scale, n_kept=encoding.n_features, bandwidth=self.bandwidth, domain=encoding.domain
            )
        self.model_ = model
        return not going_on

    def _start(self, model: Model, rng: Any) -> Array:
        theta = model.start(rng, self.init)
        if self.layerwise:
            n_params = model.encoding.n_params
            theta[:n_params] = only_first_layer(model.encoding, theta[:n_params])
        return theta

    def _check_arguments(self) -> None:
        self._optimizer()
        self._loss()
        as_callbacks(self.callbacks)
        if self.layerwise is not True and self.layerwise is not False:
            positive_int("layerwise", self.layerwise)
        for name in ("batch_size", "max_iter", "n_iter_no_change"):
            positive_int(name, getattr(self, name))
        for name in ("learning_rate", "tol", "alpha"):
            if real_number(name, getattr(self, name)) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")

    def _optimizer(self) -> Optimizer | SciPy:
        given = self.optimizer
        if isinstance(given, str) and given in OPTIMIZERS:
            return Adam(self.learning_rate) if given == "adam" else SciPy("L-BFGS-B")
        batched = [cls for cls in STEPPERS if cls.takes_batches]
        if isinstance(given, SciPy) or type(given) in batched:
            made: Optimizer | SciPy = given
            return made
        raise ValueError(
            f"optimizer must be one of {', '.join(map(repr, OPTIMIZERS))}, or out of kw.optimizers one of "
            f"{', '.join(cls.__name__ for cls in batched)} and SciPy; got {given!r}"
        )

    def _loss(self) -> Loss:
        if callable(self.loss):
            given: Loss = self.loss
            return given
        if self.loss not in self._losses:
            raise ValueError(f"loss must be one of {', '.join(map(repr, self._losses))} or a function: {self.loss!r}")
        return self._losses[self.loss]

    def _look_first(self, X: Array) -> None:
        """Warn where the gradient at the start could not be seen on a device."""
        model = self.model_
        if self.preflight and model.encoding.n_params:
            warn_of_plateau(self, X, lambda rng: model.split(self._start(model, rng))[0])

    def _train(
        self, X: Array, targets: Array, weights: Array, checkpoint: Checkpoint | None = None, stratify: Any = None
    ) -> None:
        """Train until a criterion is met."""
        features = self.preparation_.transform(X)
        rows = np.arange(len(features))
        score: Callable[[Array], float] | None = None
        if self.early_stopping:
            rows, held_out = train_test_split(
                rows, test_size=self.validation_fraction, random_state=self._rng, stratify=stratify
            )
            check = self.model_.objective(features, targets, weights, self._loss(), alpha=0.0)

            def score(theta: Array) -> float:
                return -check(theta, held_out)[0]

        landscapes = self._landscapes(features[rows], targets[rows], weights[rows])
        if checkpoint is not None:
            some = landscapes(np.arange(min(len(rows), _PROBED)))
            checkpoint.claim(digest(features, targets, weights, rows), probe(some, self._training.theta))
        stages = self._stages()
        total = self.max_iter + sum(stage.n_passes for stage in stages)
        shared: dict[str, Any] = {
            "stopping": Stopping(self.max_iter, self.tol, self.n_iter_no_change),
            "rng": self._rng,
            "score": score,
            "reporter": Reporter(total, bool(self.verbose), self.callbacks),
            "checkpoint": checkpoint,
            "stages": stages,
        }
        optimizer = self._optimizer()
        if isinstance(optimizer, SciPy):
            self._training = scipy_training(self._training, landscapes(np.arange(len(rows))), optimizer, **shared)
        else:
            self._training = minibatch(
                self._training, landscapes, len(rows), optimizer, batch_size=self.batch_size, **shared
            )
        self._publish()

    def _train_once(self, X: Array, targets: Array, weights: Array) -> None:
        """One pass of Adam over these rows, from where training stands."""
        features = self.preparation_.transform(X)
        landscapes = self._landscapes(features, targets, weights)
        optimizer = self._optimizer()
        if isinstance(optimizer, SciPy):
            optimizer = Adam(self.learning_rate)
        self._training = one_pass(self._training, landscapes, len(features), optimizer, self.batch_size, self._rng)
        self._publish()

    def _landscapes(self, features: Array, targets: Array, weights: Array) -> Landscapes:
        return self.model_.landscapes(features, targets, weights, self._loss(), self.alpha)

    def _stages(self) -> list[Stage]:
        if not self.layerwise or self._training.losses:  # going on, all layers have been there
            return []
        n_passes = LAYER_PASSES if self.layerwise is True else int(self.layerwise)
        return layer_stages(self.model_.encoding, len(self._training.theta), n_passes)

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
