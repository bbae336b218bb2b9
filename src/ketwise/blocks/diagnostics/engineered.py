"""Labels made for a quantum kernel: how they are made, and how to recognise them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.diagnostics.geometry import (
    REGULARISATIONS,
    Eigen,
    KernelPair,
    centred,
    checked_regularisation,
    label_columns,
    standardised,
)

Array = NDArray[np.float64]

#: Labels count as made for a kernel from this ratio on, if they come this close to the largest that can be made.
LEAST_RATIO, CLOSE = 1.1, 0.8
#: Regularisations of the classical kernel with which labels are made to compare with.
MADE_WITH = (0.001, 0.01, 0.1, 1.0, 10.0)


class Reach(NamedTuple):
    """How much simpler labels are for the quantum kernel, ``ratio``, beside labels ``made`` to be so.

    Attributes
    ----------
    ratio, made : float
        ``sqrt(s_C / s_Q)`` with the best classical kernel, each complexity at its best regularisation.
    best : int
        Which of the classical kernels has the least complexity on the given labels.
    """

    ratio: float
    made: float
    best: int

    @property
    def engineered(self) -> bool:
        """Whether the labels look made for the quantum kernel."""
        return self.ratio >= LEAST_RATIO and self.ratio >= CLOSE * self.made


def engineered_labels(
    K_classical: Any, K_quantum: Any, regularisation: float = 1e-2, *, classes: bool = False
) -> Array:
    """Return the labels for which the quantum kernel is as much simpler than the classical one as can be.

    Parameters
    ----------
    K_classical, K_quantum : (n_rows, n_rows) array
    regularisation : float
        Of the classical kernel, beside a mean diagonal of 1.
    classes : bool
        Return -1 or 1, cut at the median.

    Returns
    -------
    (n_rows,) array
        ``sqrt(K_Q) v`` with ``v`` the leading eigenvector of the matrix in
        :func:`~ketwise.blocks.diagnostics.geometry.geometric_difference`.

    Notes
    -----
    Such data show that a difference is possible, not that any exists in nature. Huang et al., Nature Communications
    12, 2631 (2021), methods.

    Examples
    --------
    >>> import numpy as np
    >>> engineered_labels(np.diag([1.6, 0.4]), np.eye(2), 0.0).round(12) + 0.0
    array([0., 1.])
    """
    pair = KernelPair.of(K_classical, K_quantum)
    return _made(pair, checked_regularisation(regularisation, pair.classical.values), classes)


def reach(K_classical: Sequence[Any], K_quantum: Any, y: Any, *, classes: bool) -> Reach:
    """Return how close labels come to those that can be made for the quantum kernel against the classical ones.

    Parameters
    ----------
    K_classical : sequence of (n_rows, n_rows) array
        Kernels that the classical side may choose from.
    K_quantum : (n_rows, n_rows) array
    y : (n_rows,) or (n_rows, n_targets) array
        As for :func:`~ketwise.blocks.diagnostics.geometry.geometry`.
    classes : bool
        Compare with labels that take two values, not with numbers.

    Notes
    -----
    Labels of nature have a ratio of about 1 or less: a tuned classical kernel suits them as well. One above 1 also
    arises without bad intent where the data really have the kernel's structure. Cost: five singular value
    decompositions.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.tile([1.0, 1.0, -1.0, -1.0], 5)
    >>> quantum, classical = np.outer(y, y) + 0.1 * np.eye(20), np.eye(20)
    >>> reach([classical], quantum, y, classes=True).engineered
    True
    >>> reach([classical, quantum], quantum, y, classes=True).engineered
    False
    """
    quantum = Eigen.of("K_quantum", centred("K_quantum", K_quantum))
    classical = [Eigen.of("K_classical", centred("K_classical", K)) for K in K_classical]
    if not classical:
        raise ValueError("K_classical must hold at least one kernel")
    labels = standardised(label_columns(y, len(quantum.values)))
    best = int(np.argmin([_least(kernel, labels) for kernel in classical]))
    pair = KernelPair(classical[best], quantum, quantum.root() @ classical[best].vectors)
    made = []
    for regularisation in MADE_WITH:
        column = _made(pair, regularisation, classes).reshape(-1, 1)
        made.append(_ratio(classical, quantum, standardised(column)))
    return Reach(_ratio(classical, quantum, labels), max(made), best)


def _made(pair: KernelPair, regularisation: float, classes: bool) -> Array:
    left, _, _ = np.linalg.svd(pair.half(regularisation))
    labels = pair.quantum.root() @ left[:, 0]
    labels = labels * np.sign(labels[np.abs(labels).argmax()])
    return np.where(labels > np.median(labels), 1.0, -1.0) if classes else np.asarray(labels)


def _ratio(classical: list[Eigen], quantum: Eigen, labels: Array) -> float:
    return float(np.sqrt(min(_least(kernel, labels) for kernel in classical) / _least(quantum, labels)))


def _least(kernel: Eigen, labels: Array) -> float:
    return min(kernel.complexity(labels, regularisation).total for regularisation in REGULARISATIONS)
