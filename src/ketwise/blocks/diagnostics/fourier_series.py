"""The Fourier series of a trained model: its coefficients from values on a grid, checked away from the grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]

#: Points beside the grid at which a series is compared with its model, and points of a grid that are too many.
_CHECKS, _MOST_POINTS = 64, 1 << 22


@dataclass(frozen=True)
class FourierSeries:
    """``sum over k of c_k exp(i 2 pi k @ x / period)`` for whole frequency vectors k.

    Attributes
    ----------
    degree : int
        Largest frequency in each feature.
    period : float
    coefficients : (2 * degree + 1,) * n_features (+ (n_outputs,)) complex array
        Of the frequencies ``-degree .. degree`` in each feature, one axis a feature.
    residual : float
        Largest difference from the model at random points: beyond rounding, the model has other frequencies too.
    """

    degree: int
    period: float
    n_features: int
    coefficients: NDArray[np.complex128]
    residual: float

    def __call__(self, X: Any) -> Array:
        """Return the series at ``X (n_samples, n_features)``."""
        points = np.asarray(X, dtype=np.float64).reshape(-1, self.n_features)
        k = np.arange(-self.degree, self.degree + 1)
        values = np.broadcast_to(self.coefficients, (len(points), *self.coefficients.shape))
        for column in points.T:
            waves = np.exp(2j * np.pi / self.period * np.outer(column, k))
            values = np.einsum("sk,sk...->s...", waves, values)
        return np.asarray(values.real)

    def power(self) -> Array:
        """Return ``(degree + 1,)`` sums of ``|c_k|**2`` by the largest frequency in k.

        They add up to the mean square of the model. Several outputs are added up.
        """
        size = np.abs(np.arange(-self.degree, self.degree + 1))
        largest = np.zeros((len(size),) * self.n_features, dtype=int)
        for axis in range(self.n_features):
            largest = np.maximum(largest, size.reshape([-1 if a == axis else 1 for a in range(self.n_features)]))
        squares = np.abs(self.coefficients) ** 2
        squares = squares.reshape(*largest.shape, -1).sum(axis=-1)
        summed: Array = np.bincount(largest.ravel(), weights=squares.ravel()).astype(np.float64)
        return summed


def fourier_series(
    model: Callable[[Array], Any],
    degree: int,
    *,
    n_features: int = 1,
    period: float = 2.0 * math.pi,
    seed: int = 0,
) -> FourierSeries:
    """Return the Fourier series of a model of a few features, such as a trained circuit or an estimator's ``predict``.

    Parameters
    ----------
    model : callable (n_samples, n_features) -> (n_samples,) or (n_samples, n_outputs)
        Such as ``lambda X: program(w, X)`` or ``estimator.predict``.
    degree : int
        Largest frequency looked for. ``kw.spectrum.frequencies`` says which ones a circuit can have.
    n_features : int
    period : float
        Of the model, in each feature.
    seed : int
        Of the points at which the series is checked.

    Returns
    -------
    FourierSeries

    Notes
    -----
    Cost: ``(2 * degree + 1)**n_features`` values of the model, and 64 to check. Where the model has larger frequencies
    they fold into smaller ones, and ``residual`` shows it. Schuld, Sweke, Meyer, PRA 103, 032430 (2021).

    Examples
    --------
    >>> series = fourier_series(lambda X: 1 + 2 * np.cos(3 * X[:, 0]), 3)
    >>> np.abs(series.coefficients).round(12), round(series.residual, 9)
    (array([1., 0., 0., 1., 0., 0., 1.]), 0.0)
    """
    degree, n_features = positive_int("degree", degree, minimum=0), positive_int("n_features", n_features)
    period = real_number("period", period)
    if period <= 0:
        raise ValueError(f"period must be above 0, got {period}")
    size = 2 * degree + 1
    if size**n_features > _MOST_POINTS:
        raise ValueError(
            f"a grid of {size}**{n_features} points is too many: take a smaller degree, or fix all but a few features "
            "in the model that you give"
        )
    ticks = np.arange(size) * (period / size)
    grid = np.stack(np.meshgrid(*[ticks] * n_features, indexing="ij"), axis=-1).reshape(-1, n_features)
    values = _values(model, grid)
    axes = tuple(range(n_features))
    table = np.fft.fftn(values.reshape(*(size,) * n_features, *values.shape[1:]), axes=axes) / size**n_features
    series = FourierSeries(degree, period, n_features, np.fft.fftshift(table, axes=axes), 0.0)
    points = np.random.default_rng(seed).uniform(0.0, period, (_CHECKS, n_features))
    residual = float(np.abs(series(points) - _values(model, points)).max())
    return FourierSeries(degree, period, n_features, series.coefficients, residual)


def _values(model: Callable[[Array], Any], X: Array) -> Array:
    values = np.asarray(model(X), dtype=np.float64)
    if values.ndim not in (1, 2) or len(values) != len(X):
        raise ValueError(f"model must return a row for each of {len(X)} samples, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("model must return finite values")
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
