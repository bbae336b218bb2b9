"""A matrix product with a fixed order: an entry's bits depend on its row and its column alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: BLAS sees only squares of this side: below the size from which it splits one product over threads, and a
#: multiple of every register block, so that no row is treated differently for where it stands.
TILE = 64

Array = NDArray[np.float64]


def product_bytes(n_rows: int, n_columns: int, length: int) -> int:
    """Return the bytes that :func:`fixed_order_product` holds beside its arguments."""
    padded = [-(-size // TILE) * TILE for size in (n_rows, n_columns, length)]
    return 8 * (padded[0] * padded[1] + (padded[1] + TILE) * padded[2] + TILE * padded[2])


def fixed_order_product(A: Array, B: Array, *, symmetric: bool = False) -> Array:
    """Return ``A @ B.T`` with one order of additions, whatever the other rows and the number of threads.

    Parameters
    ----------
    A : (n_rows, length) array
    B : (n_columns, length) array
    symmetric : bool
        The result is known to be symmetric: half of it is computed and mirrored.

    Returns
    -------
    (n_rows, n_columns) array

    Notes
    -----
    Cost: two to four times one BLAS call on large matrices.

    Examples
    --------
    >>> import numpy as np
    >>> fixed_order_product(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    array([[11., 17.]])
    """
    right = _tiles(B).swapaxes(2, 3)
    n_row_tiles = -(-len(A) // TILE)
    result = np.empty((n_row_tiles * TILE, len(right) * TILE))
    for i in range(n_row_tiles):
        (left,) = _tiles(A[i * TILE : (i + 1) * TILE])
        for j in range(i if symmetric else 0, len(right)):
            block = np.add.reduce(np.matmul(left, right[j]), axis=0)
            result[i * TILE : (i + 1) * TILE, j * TILE : (j + 1) * TILE] = block
    result = result[: len(A), : len(B)]
    if symmetric:
        low = np.tril_indices(len(A), -1)
        result[low] = result.T[low]
    return result


def _tiles(matrix: Array) -> Array:
    """Return ``matrix`` padded with zeros, as ``(row tile, column tile, TILE, TILE)``."""
    rows, columns = (-(-size // TILE) for size in matrix.shape)
    padded = np.zeros((rows * TILE, columns * TILE))
    padded[: matrix.shape[0], : matrix.shape[1]] = matrix
    return padded.reshape(rows, TILE, columns, TILE).swapaxes(1, 2)
