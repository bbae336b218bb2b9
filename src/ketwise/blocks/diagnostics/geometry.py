"""Two kernels against each other and against the labels: geometric difference and model complexity.

Kernels are normalised to a trace of the number of rows first, so that their scale does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import real_number, shape_error

Array = NDArray[np.float64]

#: Regularisations of a path, beside kernels whose diagonal is 1.
REGULARISATIONS = tuple(float(value) for value in np.logspace(-6, 2, 17))

#: Shares of the rows from which a complexity promises nothing, and within which two are called alike.
PROMISES_NOTHING, ALIKE = 0.9, 0.05


class Complexity(NamedTuple):
    """What is not fitted, ``training``, and what the fit costs, ``weights``; both sums over the rows."""

    training: float
    weights: float

    @property
    def total(self) -> float:
        """``(sqrt(training) + sqrt(weights))**2``: the error on new rows is at most about ``sqrt(total / rows)``."""
        return float((np.sqrt(self.training) + np.sqrt(self.weights)) ** 2)


@dataclass(frozen=True)
class Geometry:
    """Geometric difference and model complexities along a path of regularisations.

    Attributes
    ----------
    rows : int
    regularisation, difference, s_classical, s_quantum : (n_regularisations,) array
        Complexities are :attr:`Complexity.total`; the least of a path is at most ``rows``, which promises nothing.
    says : str
        What follows, in words.
    """

    rows: int
    regularisation: Array
    difference: Array
    s_classical: Array
    s_quantum: Array
    says: str


def geometric_difference(K_classical: Any, K_quantum: Any, regularisation: float = 1e-6) -> float:
    """Return how much more complex, at worst, labels can be for the classical kernel than for the quantum one.

    ``g**2 = || sqrt(K_Q) sqrt(K_C) (K_C + regularisation)**-2 sqrt(K_C) sqrt(K_Q) ||`` in the spectral norm: for any
    labels the classical kernel's complexity is at most ``g**2`` times the quantum kernel's.

    Parameters
    ----------
    K_classical, K_quantum : (n_rows, n_rows) array
        Symmetric and positive semi-definite.
    regularisation : float
        Beside kernels whose mean diagonal is 1; 0 only where the classical kernel is invertible.

    Returns
    -------
    float
        1 for equal kernels and no regularisation. About ``sqrt(n_rows)`` and more is large; but it is so too for a
        quantum kernel under which every row is far from every other, which learns nothing: read the complexity too.

    Notes
    -----
    Huang et al., Nature Communications 12, 2631 (2021), eq. 5 and supplement F (the term of generalisation).

    Examples
    --------
    >>> import numpy as np
    >>> round(geometric_difference(np.diag([1.6, 0.4]), np.eye(2), 0.0), 6)  # sqrt(1 / 0.4)
    1.581139
    """
    pair = KernelPair.of(K_classical, K_quantum)
    return pair.difference(checked_regularisation(regularisation, pair.classical.values))


def model_complexity(K: Any, y: Any, regularisation: float = 1e-6) -> Complexity:
    """Return what kernel ridge regression leaves unfitted of the labels, and the squared norm of its weights.

    ``training = regularisation**2 y (K + regularisation)**-2 y`` and
    ``weights = y sqrt(K) (K + regularisation)**-2 sqrt(K) y``; without regularisation ``y K**-1 y``.

    Parameters
    ----------
    K : (n_rows, n_rows) array
    y : (n_rows,) or (n_rows, n_targets) array
        Several targets are added up.
    regularisation : float

    Returns
    -------
    Complexity

    Notes
    -----
    With ``y`` of squared norm ``n_rows`` a total of ``n_rows`` promises nothing: labels of which nothing is fitted, or
    an identity kernel, have exactly that. Huang et al., Nature Communications 12, 2631 (2021), eq. 4, supplement F.

    Examples
    --------
    >>> import numpy as np
    >>> round(model_complexity(np.eye(3), [1.0, -1.0, 1.0], 0.5).total, 12)  # nothing is learnt: the number of rows
    3.0
    """
    spectrum = Eigen.of("K", K)
    return spectrum.complexity(
        label_columns(y, len(spectrum.values)), checked_regularisation(regularisation, spectrum.values)
    )


def geometry(K_classical: Any, K_quantum: Any, y: Any, regularisations: Any = REGULARISATIONS) -> Geometry:
    """Return difference and complexities of the centred kernels along a path, and what they say.

    Parameters
    ----------
    K_classical, K_quantum : (n_rows, n_rows) array
        Centred here: a model has an intercept.
    y : (n_rows,) or (n_rows, n_targets) array
        Numbers; centred and scaled here to a squared norm of ``n_rows``. Classes: one column each of 0 and 1.
    regularisations : sequence of float
        Positive.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.tile([1.0, -1.0], 10)
    >>> geometry(np.outer(y, y) + np.eye(20), np.eye(20), y).says.startswith("The quantum kernel promises nothing")
    True
    """
    pair = KernelPair.of(centred("K_classical", K_classical), centred("K_quantum", K_quantum))
    n_rows = len(pair.classical.values)
    labels = standardised(label_columns(y, n_rows))
    path = np.array([real_number("a regularisation", value) for value in regularisations])
    if not len(path) or path.min() <= 0:
        raise ValueError("regularisations must be positive, and at least one")
    difference = np.array([pair.difference(value) for value in path])
    s_classical = np.array([pair.classical.complexity(labels, value).total for value in path])
    s_quantum = np.array([pair.quantum.complexity(labels, value).total for value in path])
    says = _in_words(n_rows, difference, s_classical.min(), s_quantum.min())
    return Geometry(n_rows, path, difference, s_classical, s_quantum, says)


def standardised(y: Array) -> Array:
    """Return the columns centred, scaled together to a squared norm of the number of rows."""
    centred = y - y.mean(axis=0)
    norm = float(np.square(centred).sum())
    if norm <= 0:
        raise ValueError("y takes one value only: there is nothing to learn")
    return centred * np.sqrt(len(y) / norm)


def _in_words(n_rows: int, difference: Array, s_classical: float, s_quantum: float) -> str:
    """What the difference means depends on the complexities: a large one alone says nothing."""
    shares = (
        f"(complexity by row: {s_quantum / n_rows:.2f} quantum, {s_classical / n_rows:.2f} classical, where 1 promises "
        f"nothing; geometric difference {difference.min():.2g} to {difference.max():.2g} along the path, for "
        f"{n_rows} rows)"
    )
    if s_quantum >= PROMISES_NOTHING * n_rows:
        return (
            "The quantum kernel promises nothing on these labels, however large its geometric difference from a "
            "classical one: they do not follow this kernel, or it sees every sample as far from every other. "
            f"A smaller bandwidth brings samples closer {shares}."
        )
    if s_classical <= s_quantum + ALIKE * n_rows:
        return f"A classical kernel is promised as small an error on these labels: no gain is to be expected {shares}."
    return (
        "These labels are simpler for the quantum kernel than for the best classical one: a gain is possible. These "
        f"are bounds, not scores: the folds decide {shares}."
    )


class Eigen(NamedTuple):
    """Eigenvalues, none negative, and eigenvectors of a kernel normalised to a trace of its number of rows."""

    values: Array
    vectors: Array

    @classmethod
    def of(cls, name: str, K: Any) -> Eigen:
        values, vectors = np.linalg.eigh(normalised(name, K))
        return cls(np.maximum(values, 0.0), vectors)

    def complexity(self, y: Array, regularisation: float) -> Complexity:
        squares = np.square(self.vectors.T @ y).sum(axis=1)
        shrunk = self.values + regularisation
        return Complexity(
            float((squares * (regularisation / shrunk) ** 2).sum()), float((squares * self.values / shrunk**2).sum())
        )

    def root(self) -> Array:
        return (self.vectors * np.sqrt(self.values)) @ self.vectors.T


class KernelPair(NamedTuple):
    """Both kernels, and ``sqrt(K_Q) U_C`` with the classical kernel's eigenvectors."""

    classical: Eigen
    quantum: Eigen
    crossed: Array

    @classmethod
    def of(cls, K_classical: Any, K_quantum: Any) -> KernelPair:
        classical, quantum = Eigen.of("K_classical", K_classical), Eigen.of("K_quantum", K_quantum)
        if len(classical.values) != len(quantum.values):
            raise ValueError(
                f"both kernels must be of the same rows, got {len(classical.values)} and {len(quantum.values)}"
            )
        return cls(classical, quantum, quantum.root() @ classical.vectors)

    def half(self, regularisation: float) -> Array:
        return self.crossed * (np.sqrt(self.classical.values) / (self.classical.values + regularisation))

    def difference(self, regularisation: float) -> float:
        return float(np.linalg.norm(self.half(regularisation), 2))


def centred(name: str, K: Any) -> Array:
    """Return a kernel matrix of features with a mean of 0 over the rows, with a mean diagonal of 1."""
    matrix = normalised(name, K)
    means = matrix.mean(axis=0)
    return normalised(f"{name}, centred,", matrix - means - means[:, np.newaxis] + means.mean())


def normalised(name: str, K: Any) -> Array:
    """Return a kernel matrix with a mean diagonal of 1; refuse what is no kernel matrix."""
    matrix = np.asarray(K, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise shape_error(name, "(n_rows, n_rows)", matrix.shape)
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=0, atol=1e-6 * np.abs(matrix).max()):
        raise ValueError(f"{name} must be finite and symmetric: a kernel of the same rows on both sides")
    mean = float(np.trace(matrix)) / len(matrix)
    if mean <= 0:
        raise ValueError(f"{name} must have a positive trace, got {mean * len(matrix):.3g}")
    return 0.5 * (matrix + matrix.T) / mean


def label_columns(y: Any, n_rows: int) -> Array:
    labels = np.asarray(y, dtype=np.float64)
    if labels.ndim not in (1, 2) or len(labels) != n_rows or not np.isfinite(labels).all():
        raise ValueError(f"y must be finite, of shape ({n_rows},) or ({n_rows}, n_targets); got shape {labels.shape}")
    return labels.reshape(n_rows, -1)


def checked_regularisation(given: float, values: Array) -> float:
    regularisation = real_number("regularisation", given)
    if regularisation < 0 or (regularisation == 0 and values.min() <= 1e-12 * values.max()):
        raise ValueError(f"regularisation must be positive for a kernel that is not invertible, got {regularisation}")
    return regularisation
