"""Gaussian kernels of some rows at many bandwidths, and which of them comes closest to another kernel or to labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.gaussian import squared_distances

Array = NDArray[np.float64]

#: Bandwidths over the median squared distance of two rows.
FACTORS = tuple(float(value) for value in np.logspace(-3, 3, 25))


@dataclass(frozen=True)
class GaussianFamily:
    """Gaussian kernels ``exp(-gamma |x - x'|**2)`` of the same rows.

    Attributes
    ----------
    gammas : (n_bandwidths,) array
    kernels : (n_bandwidths, n_rows, n_rows) array
    directions : (n_bandwidths, n_rows, n_rows) array
        The same, centred and of norm 1.
    """

    gammas: Array
    kernels: Array
    directions: Array

    @classmethod
    def of(cls, rows: Array) -> GaussianFamily:
        """Return the kernels of these rows at 25 bandwidths about their median squared distance."""
        squares = squared_distances(rows)
        apart = squares[np.triu_indices(len(squares), 1)]
        typical = float(np.median(apart)) or float(apart.mean()) or 1.0
        gammas = np.array(FACTORS) / typical
        kernels = [np.exp(squares * -gamma) for gamma in gammas]
        return cls(gammas, np.stack(kernels), np.stack([direction(kernel) for kernel in kernels]))

    def alignments(self, kernel: Array) -> Array:
        """Return the centred alignment of each with another kernel of the same rows, 0 for a constant one.

        Examples
        --------
        >>> family = GaussianFamily.of(np.array([[0.0], [1.0], [3.0]]))
        >>> round(float(family.alignments(family.kernels[10])[10]), 12)
        1.0
        """
        other = direction(kernel)
        return np.array([float((own * other).sum()) for own in self.directions])

    def closest(self, kernel: Array) -> tuple[float, int]:
        """Return the highest of :meth:`alignments`, and which it is."""
        found = self.alignments(kernel)
        best = int(np.argmax(found))
        return float(found[best]), best


def direction(kernel: Array) -> Array:
    """Return the kernel of centred features, scaled to norm 1: products of two of these are centred alignments.

    Of a constant kernel, of which nothing but rounding is left, the direction is 0.

    Examples
    --------
    >>> direction(np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    centred = kernel - kernel.mean(axis=0) - kernel.mean(axis=1)[:, np.newaxis] + kernel.mean()
    # Not by BLAS, whose threads take longer to wake than this takes.
    length, before = (float(np.sqrt(np.square(matrix).sum())) for matrix in (centred, kernel))
    return centred / length if length > 1e-12 * before else np.zeros_like(centred)
