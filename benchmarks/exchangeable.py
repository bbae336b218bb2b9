"""Problems whose answer is known: learners that differ only in which of many equal columns they see.

Two Gaussian classes, or a linear target with noise. Every column carries the same signal and every learner sees another
choice of as many columns, so that no learner is better; a side that also sees one column more is better by an amount
that a closed form gives. Learners are linear and fitted in closed form, hundreds in a tenth of a second.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

SHARED, SEEN = 30, 24
QUANTUM_LEARNERS, CLASSICAL_LEARNERS = 3, 6
SHRINKAGE = 0.1


@dataclass(frozen=True)
class World:
    """Where rows come from: two classes of ``area`` under the ROC curve for a perfectly trained learner, or a target.

    The last column carries ``extra`` and is seen by the quantum side only. For a target (``area`` None) the shared
    columns a learner sees explain two thirds of its variance. ``drift`` is the autocorrelation of columns and classes
    from row to row.
    """

    area: float | None = 0.85
    extra: float = 0.0
    drift: float = 0.0

    @property
    def signal(self) -> np.ndarray:
        """Shift between the classes, or slope, of every column."""
        each = np.sqrt(2 * ndtri(self.area) ** 2 / SEEN) if self.area else np.sqrt(2 / SEEN)
        return np.append(np.full(SHARED, each), self.extra)

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """``n`` rows (n, n_columns) and their classes (as even as can be) or numbers (n,)."""
        X = _series(rng.standard_normal((n, SHARED + 1)), self.drift)
        if self.area is None:
            return X, X @ self.signal + rng.standard_normal(n)
        if self.drift:
            y = (_series(rng.standard_normal((n, 1)), self.drift)[:, 0] > 0).astype(np.int64)
        else:
            y = rng.permutation(np.arange(n) % 2)
        return X + np.outer(y, self.signal), y

    def truth(self, weights: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Score of trained learners ``(n_columns, n_learners)`` on infinitely many rows."""
        if self.area is None:
            error = 1 + np.sum((weights - self.signal[:, None]) ** 2, axis=0) + offsets**2
            return -np.sqrt(error / (1 + self.signal @ self.signal))
        return ndtr(self.signal @ weights / np.sqrt(2 * np.sum(weights**2, axis=0)))

    def scores(self, predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Measured score of every learner from what it predicts, ``(n, n_learners)``."""
        if self.area is None:
            sd = np.sqrt(1 + self.signal @ self.signal)
            return -np.sqrt(np.mean((predictions - y[:, None]) ** 2, axis=0)) / sd
        ones = int(y.sum())
        ranks = rankdata(predictions, axis=0)[y == 1].sum(axis=0)
        return (ranks - ones * (ones + 1) / 2) / (ones * (len(y) - ones))


def views(rng: np.random.Generator) -> np.ndarray:
    """Columns that each learner sees, ``(n_learners, SEEN + 1)``: the quantum side first, which sees the last column.

    The others see it too where it carries nothing, so that all learners are exchangeable; elsewhere :func:`fit` keeps
    it from them.
    """
    shared = [rng.choice(SHARED, SEEN, replace=False) for _ in range(QUANTUM_LEARNERS + CLASSICAL_LEARNERS)]
    return np.array([np.append(columns, SHARED) for columns in shared])


def fit(world: World, X: np.ndarray, y: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights ``(n_columns, n_learners)`` and offsets of all learners: linear discriminant, or ridge regression."""
    if world.extra == 0:
        seen = seen[:, :-1]
    if world.area is None:
        centre, level = X.mean(axis=0), y.mean()
        covariance = (X - centre).T @ (X - centre)
        target = (X - centre).T @ (y - level)
    else:
        ones, zeros = X[y == 1], X[y == 0]
        apart = np.concatenate([ones - ones.mean(axis=0), zeros - zeros.mean(axis=0)])
        covariance = apart.T @ apart
        target = (ones.mean(axis=0) - zeros.mean(axis=0)) * len(y)
    some = covariance[seen[:, :, None], seen[:, None, :]]
    aims = target[seen]
    some += SHRINKAGE * np.trace(some, axis1=1, axis2=2)[:, None, None] / some.shape[1] * np.eye(some.shape[1])
    if world.extra:
        # The last column is the quantum side's: for the others it is cut off and carries nothing.
        some[QUANTUM_LEARNERS:, -1, :-1] = some[QUANTUM_LEARNERS:, :-1, -1] = aims[QUANTUM_LEARNERS:, -1] = 0
    weights = np.zeros((X.shape[1], len(seen)))
    weights[seen, np.arange(len(seen))[:, None]] = np.linalg.solve(some, aims[:, :, None])[:, :, 0]
    offsets = level - centre @ weights if world.area is None else np.zeros(len(seen))
    return weights, offsets


def extra_for(area: float, difference: float, n_train: int, sets: int = 400) -> float:
    """Shift of the last column that makes the quantum side better by ``difference`` after ``n_train`` training rows."""

    def gain(extra: float) -> float:
        world, gains = World(area, extra), []
        for number in range(sets):
            rng = np.random.default_rng([number, n_train])
            X, y = world.draw(n_train, rng)
            truth = world.truth(*fit(world, X, y, views(rng)))
            gains.append(truth[:QUANTUM_LEARNERS].mean() - truth[QUANTUM_LEARNERS:].mean())
        return float(np.mean(gains)) - difference

    return float(brentq(gain, 0.1, 4.0, xtol=2e-3)) if difference else 0.0


def _series(noise: np.ndarray, drift: float) -> np.ndarray:
    """Stationary autoregression of first order along the rows, of unit variance."""
    if not drift:
        return noise
    start = noise[:1]
    driven = np.sqrt(1 - drift**2) * noise[1:]
    return np.concatenate([start, lfilter([1.0], [1.0, -drift], driven, axis=0, zi=drift * start)[0]])
