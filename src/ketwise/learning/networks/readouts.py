"""Readouts of two-class models: from expectations to a score, and the loss that the paper trains it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.losses import probabilities

Array = NDArray[np.float64]

#: Probabilities are kept this far from 0 and 1 where their logarithm is taken.
EPSILON = 1e-12


class Readout(Protocol):
    """A score of expectations and trained values, and a loss. A score above 0 stands for the second class."""

    def n_values(self, n_outputs: int) -> int:
        """Return how many values it trains."""

    def start(self, rng: Any, n_outputs: int) -> Array:
        """Return where their training starts."""

    def scores(self, outputs: Array, values: Array) -> Array:
        """Return ``(n_rows,)`` scores of ``outputs (n_rows, n_outputs)``, each row for itself."""

    def probability(self, scores: Array) -> Array:
        """Return the ``(n_rows,)`` probabilities of the second class."""

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        """Return the mean loss and its derivatives by outputs and values; ``signs`` are -1 and 1."""


@dataclass(frozen=True)
class _Mean:
    """What readouts without trained values share: the score is the mean of the outputs, an expectation."""

    def n_values(self, n_outputs: int) -> int:
        return 0

    def start(self, rng: Any, n_outputs: int) -> Array:
        return np.zeros(0)

    def scores(self, outputs: Array, values: Array) -> Array:
        return _mean(outputs)

    def probability(self, scores: Array) -> Array:
        return as_probability(scores)


@dataclass(frozen=True)
class Misclassification(_Mean):
    """The linear loss ``(1 - f y) / 2``: the probability that one measurement gives the wrong class.

    Havlíček et al., Nature 567, 209 (2019), as trained by Bowles, Ahmed, Schuld, arXiv:2403.07059 (2024).
    """

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        d_scores = -signs / (2 * len(signs))
        return float((0.5 * (1.0 - _mean(outputs) * signs)).mean()), _spread(d_scores, outputs), values


@dataclass(frozen=True)
class LogLikelihood(_Mean):
    """Cross-entropy of the probabilities ``(1 + f) / 2`` and ``(1 - f) / 2``."""

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        right = np.maximum(0.5 * (1.0 + _mean(outputs) * signs), EPSILON)
        d_scores = -0.5 * signs / (right * len(signs))
        return float(-np.log(right).mean()), _spread(d_scores, outputs), values


@dataclass(frozen=True)
class SteepLogistic(_Mean):
    """Cross-entropy of the logistic function of ``slope * f``.

    The slope lets an expectation, which ends at 1, reach probabilities near 0 and 1.
    """

    slope: float = 6.0

    def probability(self, scores: Array) -> Array:
        return probabilities(self.slope * scores[:, np.newaxis])[:, 1]

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        loss, d_scores = logistic_loss(self.slope * _mean(outputs), signs)
        return loss, _spread(self.slope * d_scores, outputs), values


@dataclass(frozen=True)
class BiasedSquare:
    """``f = <O> + b`` with a trained b, and ``weight * (f - y)**2``.

    Attributes
    ----------
    weight : float
    bias, spread : float
        Where b starts: normal about ``bias``.
    """

    weight: float = 1.0
    bias: float = 0.0
    spread: float = 0.0

    def n_values(self, n_outputs: int) -> int:
        return 1

    def start(self, rng: Any, n_outputs: int) -> Array:
        return np.array([self.bias + self.spread * rng.standard_normal()])

    def scores(self, outputs: Array, values: Array) -> Array:
        return _mean(outputs) + values[0]

    def probability(self, scores: Array) -> Array:
        return as_probability(scores)

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        difference = self.scores(outputs, values) - signs
        d_scores = 2.0 * self.weight * difference / len(signs)
        return float(self.weight * (difference**2).mean()), _spread(d_scores, outputs), d_scores.sum(keepdims=True)


@dataclass(frozen=True)
class WeightedFidelity:
    """Squared differences of weighted fidelities with the states of the classes, a trained weight a qubit and class.

    Each output z is of a Z; its fidelities with |0> and |1> are ``(1 + z) / 2`` and ``(1 - z) / 2``. The score is their
    mean z. Pérez-Salinas et al., Quantum 4, 226 (2020), eq. 23, with |0> for the second class.
    """

    def n_values(self, n_outputs: int) -> int:
        return 2 * n_outputs

    def start(self, rng: Any, n_outputs: int) -> Array:
        return np.ones(2 * n_outputs)

    def scores(self, outputs: Array, values: Array) -> Array:
        return _mean(outputs)

    def probability(self, scores: Array) -> Array:
        return as_probability(scores)

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        loss, d_outputs, d_values = 0.0, np.zeros_like(outputs), []
        for side, weights in zip((-1.0, 1.0), values.reshape(2, -1), strict=True):
            fidelity = 0.5 * (1.0 + side * outputs)
            difference = weights * fidelity - 0.5 * (1.0 + side * signs)[:, np.newaxis]
            loss += 0.5 * float((difference**2).sum()) / len(signs)
            d_outputs += 0.5 * side * weights * difference / len(signs)
            d_values.append((difference * fidelity).sum(axis=0) / len(signs))
        return loss, d_outputs, np.concatenate(d_values)


@dataclass(frozen=True)
class Softmax:
    """Cross-entropy of two linear neurons without biases; the score is the difference of their inputs.

    Attributes
    ----------
    spread : float
        Standard deviation of the weights at the start.
    """

    spread: float = 1.0

    def n_values(self, n_outputs: int) -> int:
        return 2 * n_outputs

    def start(self, rng: Any, n_outputs: int) -> Array:
        return self.spread * rng.standard_normal(2 * n_outputs)

    def scores(self, outputs: Array, values: Array) -> Array:
        first, second = values.reshape(2, -1)
        return _weighted(outputs, second - first)

    def probability(self, scores: Array) -> Array:
        return probabilities(scores[:, np.newaxis])[:, 1]

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        first, second = values.reshape(2, -1)
        loss, d_scores = logistic_loss(self.scores(outputs, values), signs)
        by_weight = (d_scores[:, np.newaxis] * outputs).sum(axis=0)
        return loss, d_scores[:, np.newaxis] * (second - first), np.concatenate([-by_weight, by_weight])


@dataclass(frozen=True)
class Linear:
    """Cross-entropy of one linear neuron with a bias.

    Attributes
    ----------
    spread : float
        Standard deviation of the weights and the bias at the start.
    """

    spread: float = 1.0

    def n_values(self, n_outputs: int) -> int:
        return n_outputs + 1

    def start(self, rng: Any, n_outputs: int) -> Array:
        return self.spread * rng.standard_normal(n_outputs + 1)

    def scores(self, outputs: Array, values: Array) -> Array:
        return _weighted(outputs, values[:-1]) + values[-1]

    def probability(self, scores: Array) -> Array:
        return probabilities(scores[:, np.newaxis])[:, 1]

    def loss(self, outputs: Array, values: Array, signs: Array) -> tuple[float, Array, Array]:
        loss, d_scores = logistic_loss(self.scores(outputs, values), signs)
        by_weight = (d_scores[:, np.newaxis] * outputs).sum(axis=0)
        return loss, d_scores[:, np.newaxis] * values[:-1], np.append(by_weight, d_scores.sum())


def logistic_loss(scores: Array, signs: Array) -> tuple[float, Array]:
    """Return the mean of ``log(1 + exp(-y f))`` and its derivative by the scores."""
    margins = scores * signs
    d_scores = -signs * probabilities(-margins[:, np.newaxis])[:, 1] / len(signs)
    return float(np.logaddexp(0.0, -margins).mean()), d_scores


def as_probability(scores: Array) -> Array:
    """Return ``(1 + f) / 2``, at 0 and 1 where a bias has carried f beyond."""
    return np.clip(0.5 * (1.0 + scores), 0.0, 1.0)


def _mean(outputs: Array) -> Array:
    return _weighted(outputs, np.full(outputs.shape[1], 1.0 / outputs.shape[1]))


def _weighted(outputs: Array, weights: Array) -> Array:
    """Return ``outputs @ weights``, added up in the order of the outputs for every row alike."""
    total = np.zeros(len(outputs))
    for column, weight in zip(outputs.T, weights, strict=True):
        total += weight * column
    return total


def _spread(d_scores: Array, outputs: Array) -> Array:
    return np.tile(d_scores[:, np.newaxis] / outputs.shape[1], (1, outputs.shape[1]))
