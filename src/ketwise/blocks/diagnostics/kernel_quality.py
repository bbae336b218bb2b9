"""A kernel before it is trusted: its alignment with labels, and its spread beside the noise of shots."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int, shape_error

Array = NDArray[np.float64]


class KernelSpread(NamedTuple):
    """How the entries of a kernel off its diagonal are spread, beside the noise of measuring them.

    Attributes
    ----------
    mean, sd, least, most : float
    shot_noise : float
        Root mean square of the standard errors of the entries, measured on a device without noise but that.
    share_below_noise : float
        Share of the entries that differ from the mean by less than their own standard error.
    """

    mean: float
    sd: float
    least: float
    most: float
    shot_noise: float
    share_below_noise: float


def alignment(K: Any, L: Any, centred: bool = True) -> float:
    """Return the cosine between two kernel matrices as vectors, ``<K, L> / (|K| |L|)``.

    Parameters
    ----------
    K, L : (n_rows, n_rows) array
    centred : bool
        Take the mean out of the features of both first: without that a large common part hides everything else.

    Returns
    -------
    float
        1 for proportional kernels; 0 where either has nothing left, as a constant kernel when centred.

    Notes
    -----
    Cristianini et al., NIPS 14 (2001); centred: Cortes, Mohri, Rostamizadeh, JMLR 13, 795 (2012), definition 4.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([1.0, 1.0, -1.0, -1.0])
    >>> alignment(np.eye(4), np.outer(y, y), centred=False)  # 1 / sqrt(4)
    0.5
    """
    left, right = _square("K", K), _square("L", L)
    if left.shape != right.shape:
        raise ValueError(f"both kernels must be of the same rows, got {len(left)} and {len(right)}")
    if centred:
        left, right = _centre(left), _centre(right)
    norms = np.linalg.norm(left) * np.linalg.norm(right)
    # Of a constant kernel nothing but rounding is left.
    tiny = 1e-12 * np.linalg.norm(_square("K", K)) * np.linalg.norm(_square("L", L))
    return float((left * right).sum() / norms) if norms > tiny else 0.0


def target_alignment(K: Any, y: Any, *, classes: bool = False, centred: bool = True) -> float:
    """Return the alignment of a kernel with the targets' own, ``y y'`` or, for classes, 1 where they are equal.

    Parameters
    ----------
    K : (n_rows, n_rows) array
    y : (n_rows,) array
        Numbers, or with ``classes`` labels of any kind.
    classes, centred : bool

    Examples
    --------
    >>> import numpy as np
    >>> round(target_alignment([[1, 1, 0], [1, 1, 0], [0, 0, 1]], ["a", "a", "b"], classes=True), 12)
    1.0
    """
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise shape_error("y", "(n_rows,)", labels.shape)
    if classes:
        return alignment(K, (labels[:, np.newaxis] == labels).astype(float), centred)
    numbers = labels.astype(np.float64)
    return alignment(K, np.outer(numbers, numbers), centred)


def kernel_spread(K: Any, shots: int = 1000, errors: Any = None) -> KernelSpread:
    """Return how a kernel's entries off the diagonal are spread, beside the noise of measuring each with shots.

    Parameters
    ----------
    K : (n_rows, n_rows) array
        Between 0 and 1.
    shots : int
        A pair.
    errors : (n_rows, n_rows) array, optional
        Standard error of each entry. Default ``sqrt(k (1 - k) / shots)``, that of a fidelity.

    Notes
    -----
    Where ``sd`` is below ``shot_noise`` a device sees noise and little else. For a product encoding with uniformly
    random angles the mean is ``2**-n`` and the mean square ``(3/8)**n`` in n qubits: both fade exponentially
    (Thanasilp et al., Nature Communications 15, 5200, 2024).

    Examples
    --------
    >>> spread = kernel_spread([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]], shots=100)
    >>> spread.mean, spread.sd, spread.shot_noise, spread.share_below_noise
    (0.5, 0.0, 0.05, 1.0)
    """
    matrix, shots = _square("K", K), positive_int("shots", shots)
    if len(matrix) < 2:
        raise ValueError("a spread needs at least 2 rows")
    if matrix.min() < -1e-6 or matrix.max() > 1 + 1e-6:
        raise ValueError(f"K must hold values from 0 to 1, got {matrix.min():.3g} to {matrix.max():.3g}")
    off_diagonal = ~np.eye(len(matrix), dtype=bool)
    entries = np.clip(matrix[off_diagonal], 0.0, 1.0)
    if errors is None:
        noise = np.sqrt(entries * (1.0 - entries) / shots)
    else:
        noise = _square("errors", errors)[off_diagonal]
    mean = float(entries.mean())
    return KernelSpread(
        mean,
        float(entries.std()),
        float(entries.min()),
        float(entries.max()),
        float(np.sqrt(np.square(noise).mean())),
        float((np.abs(entries - mean) < noise).mean()),
    )


def projected_errors(bloch: Any, gamma: float, shots: int = 1000) -> Array:
    """Return the standard errors of a projected kernel's entries when each Bloch component is measured with shots.

    Parameters
    ----------
    bloch : (n_rows, 3 * n_qubits) array
        Expectations of X, Y and Z on every qubit.
    gamma : float
        Of :func:`ketwise.blocks.kernels.projected`.
    shots : int
        A setting; three settings measure all components of a row.

    Returns
    -------
    (n_rows, n_rows) array

    Notes
    -----
    A component r has the variance ``(1 - r**2) / shots``. The exponent is ``gamma / 2`` times the sum of the squared
    differences; its variance is that of squares of normal variables, and the kernel's is of first order in it.

    Examples
    --------
    >>> projected_errors([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], gamma=1.0)[0, 1].round(4).item()
    0.0165
    """
    components = np.asarray(bloch, dtype=np.float64)
    shots = positive_int("shots", shots)
    variances = np.maximum(1.0 - components**2, 0.0) / shots
    squares, exponent_variance = np.zeros((2, len(components), len(components)))
    for r, v in zip(components.T, variances.T, strict=True):
        square, variance = np.square(r[:, np.newaxis] - r), v[:, np.newaxis] + v
        squares += square
        exponent_variance += 4.0 * square * variance + 2.0 * variance**2
    return np.exp(-0.5 * gamma * squares) * 0.5 * gamma * np.sqrt(exponent_variance)


def _square(name: str, K: Any) -> Array:
    matrix = np.asarray(K, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise shape_error(name, "(n_rows, n_rows)", matrix.shape)
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} must be finite")
    return matrix


def _centre(matrix: Array) -> Array:
    return matrix - matrix.mean(axis=0) - matrix.mean(axis=1)[:, np.newaxis] + matrix.mean()
