"""Whether gradients fade exponentially or polynomially with the number of qubits, from several sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A chi-squared that is smaller by this much tells two laws apart, each of two constants.
_APART = 4.0
#: A factor a qubit, or a power, this close to none counts as none.
_FLAT_FACTOR = 0.95
#: No relative error is taken as smaller: neither law is exact at few qubits.
_LEAST_ERROR = 0.02


@dataclass(frozen=True)
class Scaling:
    """How the mean square of the gradient changes with the number of qubits.

    Attributes
    ----------
    sizes : tuple of int
    values, errors : tuple of float
        Mean squares and their standard errors.
    law : {"exponential", "polynomial", "none", "unclear"}
    factor, factor_error : float
        A qubit, from a fit of ``factor**n``.
    power, power_error : float
        From a fit of ``n**power``.
    """

    sizes: tuple[int, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    law: str
    factor: float
    factor_error: float
    power: float
    power_error: float

    def at(self, n_qubits: int) -> float:
        """Return the mean square that the law foretells; by the exponential fit where the law is unclear."""
        n, logs = np.array(self.sizes, dtype=float), np.log(self.values)
        if self.law == "none":
            return float(np.exp(logs.mean()))
        if self.law == "polynomial":
            return float(np.exp((logs - self.power * np.log(n)).mean()) * n_qubits**self.power)
        return float(np.exp((logs - np.log(self.factor) * n).mean()) * self.factor**n_qubits)


def fit_scaling(sizes: list[int], values: list[float], errors: list[float]) -> Scaling:
    """Return the scaling law of mean squares at three sizes or more.

    Examples
    --------
    >>> n = [2, 4, 6, 8]
    >>> fit_scaling(n, [0.375**k for k in n], [0.0] * 4).law, fit_scaling(n, [k**-2.0 for k in n], [0.0] * 4).law
    ('exponential', 'polynomial')
    """
    if len(sizes) < 3 or len(set(sizes)) < len(sizes):
        raise ValueError(f"a law needs three different sizes or more, got {sizes}")
    if min(values) <= 0:
        zero = sizes[int(np.argmin(values))]
        raise ValueError(f"the gradient at {zero} qubits is 0: no law can be fitted; leave this size out")
    n, logs = np.array(sizes, dtype=float), np.log(values)
    spread = np.maximum(np.array(errors) / np.array(values), _LEAST_ERROR)
    slope, slope_error, misfit = _line(n, logs, spread)
    power, power_error, power_misfit = _line(np.log(n), logs, spread)
    if slope > np.log(_FLAT_FACTOR) or slope > -2 * slope_error:
        law = "none"
    elif power_misfit - misfit > _APART:
        law = "exponential"
    elif misfit - power_misfit > _APART:
        law = "polynomial"
    else:
        law = "unclear"
    factor = float(np.exp(slope))
    return Scaling(tuple(sizes), tuple(values), tuple(errors), law, factor, factor * slope_error, power, power_error)


def _line(x: Array, y: Array, spread: Array) -> tuple[float, float, float]:
    """Return the slope of a weighted least-squares line, its error and the chi-squared."""
    weights = spread**-2
    middle = (weights * x).sum() / weights.sum()
    level = (weights * y).sum() / weights.sum()
    spread_x = (weights * (x - middle) ** 2).sum()
    slope = (weights * (x - middle) * (y - level)).sum() / spread_x
    misfit = (weights * (y - level - slope * (x - middle)) ** 2).sum()
    return float(slope), float(spread_x**-0.5), float(misfit)
