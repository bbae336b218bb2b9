"""A circuit with a linear readout: the function that both variational estimators train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.learning.losses import Loss
from ketwise.learning.training import Objective
from ketwise.words.observable import Observable, Z, as_observables

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """Scores ``weights @ expectations(params, features) + intercept``.

    Each score is thus the expectation of one trained observable, a weighted sum of the given ones and a constant. All
    that is trained is one vector ``theta``: the circuit's parameters, ``weights`` by rows, ``intercept``.

    Attributes
    ----------
    encoding : Encoding
    observables : tuple of Observable
    n_scores : int
    dtype : "complex128" or "complex64"
    """

    encoding: Encoding
    observables: tuple[Observable, ...]
    n_scores: int
    dtype: str = "complex128"

    def start(self, rng: Any) -> Array:
        """Return a ``theta`` near the encoding's start."""
        params = self.encoding.start_params() + PARAM_SPREAD * rng.standard_normal(self.encoding.n_params)
        n_outputs = len(self.observables)
        weights = rng.standard_normal(self.n_scores * n_outputs) / np.sqrt(n_outputs)
        return np.concatenate([params, weights, np.zeros(self.n_scores)])

    def split(self, theta: Array) -> tuple[Array, Array, Array]:
        """Return ``params (n_params,)``, ``weights (n_scores, n_outputs)`` and ``intercept (n_scores,)``."""
        n_params, n_outputs = self.encoding.n_params, len(self.observables)
        params, weights, intercept = np.split(theta, [n_params, n_params + self.n_scores * n_outputs])
        return params, weights.reshape(self.n_scores, n_outputs), intercept

    def compiled(self) -> Any:
        """Return the program; compiling it again costs a look-up."""
        return self.encoding.compile(list(self.observables), dtype=self.dtype)

    def scores(self, theta: Array, features: Array) -> Array:
        """Return the ``(n_rows, n_scores)`` scores, each row for itself."""
        params, weights, intercept = self.split(theta)
        return _read_out(self.compiled()(params, features), weights, intercept)

    def objective(self, features: Array, targets: Array, weights: Array, loss: Loss, alpha: float) -> Objective:
        """Return the loss and its gradient as a function of ``theta`` and the rows to use.

        ``alpha / 2`` times the squared norm of the readout's weights is added, once a call.
        """
        program = self.compiled()

        def value_and_gradient(theta: Array, rows: NDArray[np.intp]) -> tuple[float, Array]:
            params, readout, intercept = self.split(theta)
            outputs, residual = program.forward(params, features[rows])
            value, d_scores = loss(_read_out(outputs, readout, intercept), targets[rows], weights[rows])
            d_params = program.backward(residual, np.einsum("bk,km->bm", d_scores, readout))[0]
            d_readout = np.einsum("bk,bm->km", d_scores, outputs) + alpha * readout
            parts = [np.zeros(0) if d_params is None else d_params, d_readout.ravel(), d_scores.sum(axis=0)]
            return value + 0.5 * alpha * float((readout**2).sum()), np.concatenate(parts)

        return value_and_gradient


#: Standard deviation of the parameters' start about the encoding's own.
PARAM_SPREAD = 0.3


def default_observables(given: Observable | Sequence[Observable] | None, n_qubits: int) -> tuple[Observable, ...]:
    """Return the observables to read out: by default Z on every qubit."""
    return tuple(Z(q) for q in range(n_qubits)) if given is None else as_observables(given)


def _read_out(outputs: Array, weights: Array, intercept: Array) -> Array:
    """Return ``outputs @ weights.T + intercept``, added up in the order of the outputs for every row alike."""
    scores = np.tile(intercept, (len(outputs), 1))
    for column, factors in zip(outputs.T, weights.T, strict=True):
        scores += column[:, np.newaxis] * factors
    return scores
