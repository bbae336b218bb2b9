"""A circuit with a linear readout: the function that both variational estimators train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.gradients.metric_tensor import metric_tensor
from ketwise.learning.losses import Loss
from ketwise.learning.optimizers.landscape import Landscape
from ketwise.learning.overlaps import mean_fidelities
from ketwise.learning.starts import Init, start_params
from ketwise.learning.training import Landscapes, Objective
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

    def start(self, rng: Any, init: Init = "normal") -> Array:
        """Return a ``theta`` to start from, its circuit's parameters as :func:`start_params` has them."""
        params = start_params(self.encoding, self.observables, init, rng)
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
            cotangent = np.einsum("bk,km->bm", d_scores, readout)
            d_params = program.backward(residual, cotangent, wanted=("params",))[0]
            d_readout = np.einsum("bk,bm->km", d_scores, outputs) + alpha * readout
            parts = [np.zeros(0) if d_params is None else d_params, d_readout.ravel(), d_scores.sum(axis=0)]
            return value + 0.5 * alpha * float((readout**2).sum()), np.concatenate(parts)

        return value_and_gradient

    def landscapes(self, features: Array, targets: Array, weights: Array, loss: Loss, alpha: float) -> Landscapes:
        """Return what optimisers may ask about :meth:`objective`, as a function of the rows to use.

        The metric and the fidelities are those of the circuit's parameters; the readout has the metric of its own
        values. They are averaged over 16 of the rows.
        """
        objective = self.objective(features, targets, weights, loss, alpha)
        n_params, circuit, premap = self.encoding.n_params, self.encoding.circuit, self.encoding.premap.forward

        def landscape(rows: NDArray[np.intp]) -> Landscape:
            some = features[rows[:METRIC_ROWS]]

            def metric(theta: Array, approx: Any) -> Array:
                found = np.eye(len(theta))
                if n_params:
                    of_rows = metric_tensor(self.encoding, theta[:n_params], some, approx=approx)
                    found[:n_params, :n_params] = of_rows.mean(axis=0)
                return found

            def fidelities(theta: Array, thetas: Array) -> Array:
                # As if the readout's values were amplitudes of light, whose metric is the identity too.
                of_readout = np.exp(-np.square(thetas[:, n_params:] - theta[n_params:]).sum(axis=1))
                return of_readout * mean_fidelities(circuit, theta[:n_params], thetas[:, :n_params], premap(some))

            of_loss = Landscape.of(lambda theta: objective(theta, rows))
            return replace(
                of_loss, metric=metric, fidelities=fidelities, not_sinusoidal="its loss is no sum of expectations"
            )

        return landscape


#: Rows of a batch that the metric is averaged over: it takes a circuit for each row and rotation.
METRIC_ROWS = 16


def default_observables(given: Observable | Sequence[Observable] | None, n_qubits: int) -> tuple[Observable, ...]:
    """Return the observables to read out: by default Z on every qubit."""
    return tuple(Z(q) for q in range(n_qubits)) if given is None else as_observables(given)


def _read_out(outputs: Array, weights: Array, intercept: Array) -> Array:
    """Return ``outputs @ weights.T + intercept``, added up in the order of the outputs for every row alike."""
    scores = np.tile(intercept, (len(outputs), 1))
    for column, factors in zip(outputs.T, weights.T, strict=True):
        scores += column[:, np.newaxis] * factors
    return scores
