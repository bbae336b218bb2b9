"""The Gaussian kernel of classical rows, an entry's bits depending on its two rows alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.product import fixed_order_product

Array = NDArray[np.float64]


def gaussian(A: Array, B: Array | None = None, *, gamma: float = 1.0) -> Array:
    """Return ``exp(-gamma * ||a - b||**2)`` for every pair of rows, an entry from its two rows alone.

    Parameters
    ----------
    A : (n_a, length) array
    B : (n_b, length) array, optional
        Default ``A``; the result is then exactly symmetric, with ones on the diagonal.
    gamma : float

    Returns
    -------
    (n_a, n_b) array

    Examples
    --------
    >>> gaussian(np.array([[0.0], [1.0]]), gamma=2.0).round(6)
    array([[1.      , 0.135335],
           [0.135335, 1.      ]])
    """
    kernel = squared_distances(A, B)
    kernel *= -gamma
    return np.exp(kernel, out=kernel)


def squared_distances(A: Array, B: Array | None = None) -> Array:
    """Return the ``(n_a, n_b)`` squared distances, each from its two rows alone; exactly 0 on a diagonal."""
    right = A if B is None else B
    distances = fixed_order_product(A, right, symmetric=B is None)
    distances *= -2.0
    distances += _squares(A)[:, np.newaxis] + _squares(right)
    np.maximum(distances, 0.0, out=distances)  # rounding can leave one just below
    if B is None:
        np.fill_diagonal(distances, 0.0)
    return distances


def _squares(rows: Array) -> Array:
    """Return the squared length of each row, added up in a fixed order."""
    return fixed_order_product(np.square(rows), np.ones((1, rows.shape[1])))[:, 0]
