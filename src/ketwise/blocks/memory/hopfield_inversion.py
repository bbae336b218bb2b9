"""A Hopfield network completed by solving a linear system: classically, and as a quantum algorithm would.

Rebentrost et al., PRA 98, 042308 (2018). The circuit is in ``hopfield_estimation.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import Bits, as_patterns, as_probes
from ketwise.words.checks import real_number, shape_error

Array = NDArray[np.float64]

#: Eigenvalues below this part of the greatest count as 0 unless a cutoff is given.
RELATIVE_CUTOFF = 1e-10


class HopfieldSystem(NamedTuple):
    """The linear system ``matrix @ solution = right`` of a network and a probe.

    Attributes
    ----------
    matrix : (2 n, 2 n) array
        Symmetric.
    right : (2 n,) array
        Thresholds, then the known spins with 0 for the unknown.
    """

    matrix: Array
    right: Array


@dataclass(frozen=True)
class HopfieldRecall:
    """A completed pattern.

    Attributes
    ----------
    activations : (n_bits,) array
        The first half of the solution; a bit is 1 where it is above 0.
    multipliers : (n_bits,) array
        The other half, of the constraints.
    recalled : (n_bits,) array of bits
        Known bits as they were given. An unknown one with activation exactly 0 is 0.
    condition : float
        Largest over smallest size of the eigenvalues kept.
    success : float
        Probability that the algorithm's ancilla shows success, with the largest rotation that is possible.
    repetitions : float
        ``1 / success``; infinite where it is 0.
    system_qubits : int
        Without clock and ancilla.
    """

    activations: Array
    multipliers: Array
    recalled: Bits
    condition: float
    success: float
    repetitions: float
    system_qubits: int


def hopfield_system(patterns: Any, probe: Any, *, gamma: float = 1.0, thresholds: Any = None) -> HopfieldSystem:
    """Return the system whose solution makes the energy stationary while the known spins hold.

    The energy is ``-s W s / 2 + thresholds s + gamma s s / 2`` for spins ``s = 2 bits - 1``, with Hebbian weights
    ``W = sum_k s_k s_k^T / (p n) - 1 / n``; Lagrange multipliers hold the known spins.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    probe : (n_bits,) array
        Bits, NaN where unknown.
    gamma : float
        Keeps the spins small. Above the largest eigenvalue of W the stationary point is the minimum: 1 always does.
    thresholds : (n_bits,) array, optional
        Default 0.

    Returns
    -------
    HopfieldSystem

    Notes
    -----
    Rebentrost et al., PRA 98, 042308 (2018), equations 8 to 13.

    Examples
    --------
    >>> hopfield_system([[1, 1]], [1, None]).right
    array([0., 0., 1., 0.])
    """
    table = as_patterns(patterns)
    p, n = table.shape
    checked = as_probes(probe, n)
    if not checked.single:
        raise ValueError(f"one probe at a time: it must have shape ({n},)")
    regular = real_number("gamma", gamma)
    at = np.zeros(n) if thresholds is None else np.array(thresholds, dtype=np.float64)
    if at.shape != (n,):
        raise shape_error("thresholds", f"({n},)", at.shape)
    if not np.isfinite(at).all():
        raise ValueError("thresholds must be finite")
    spins = 2.0 * table - 1.0
    known = checked.known[0].astype(np.float64)
    weights = spins.T @ spins / (p * n) - np.eye(n) / n
    matrix = np.block([[weights - regular * np.eye(n), np.diag(known)], [np.diag(known), np.zeros((n, n))]])
    return HopfieldSystem(matrix, np.concatenate([at, np.where(checked.known[0], 2.0 * checked.bits[0] - 1.0, 0.0)]))


def hopfield_recall(
    patterns: Any,
    probe: Any,
    *,
    gamma: float = 1.0,
    thresholds: Any = None,
    cutoff: float | None = None,
) -> HopfieldRecall:
    """Complete a pattern by the pseudo-inverse of :func:`hopfield_system`.

    Parameters
    ----------
    patterns, probe, gamma, thresholds
        As for :func:`hopfield_system`.
    cutoff : float, optional
        Eigenvalues of smaller size are left out. Default: those that are 0 but for rounding, so that the solution is
        the pseudo-inverse's.

    Returns
    -------
    HopfieldRecall

    Raises
    ------
    ValueError
        For bad patterns, probes or numbers, and where no eigenvalue is left.

    Notes
    -----
    An exact reduction of phase estimation with a clock fine enough: what the quantum algorithm prepares is this
    solution as amplitudes. Here it costs of the order of ``n**3``. A device needs ``ceil(log2(2 n))`` qubits for the
    system, a clock of about ``log2(condition / error)``, copies of the patterns' mixed state (about ``time**2 / error``
    of them, from a memory that can be addressed in superposition) and ``repetitions`` runs for one copy of the
    solution. Reading n signs off its amplitudes takes at least n of those: the logarithm in n is of the preparation,
    not of the recall. Rebentrost et al., PRA 98, 042308 (2018).

    Examples
    --------
    >>> hopfield_recall([[1, 1, 0, 0], [0, 1, 0, 1]], [1, 1, None, None]).recalled
    array([1, 1, 0, 0], dtype=uint8)
    """
    system = hopfield_system(patterns, probe, gamma=gamma, thresholds=thresholds)
    n = len(system.right) // 2
    eigenvalues, vectors = np.linalg.eigh(system.matrix)
    sizes = np.abs(eigenvalues)
    least = RELATIVE_CUTOFF * float(sizes.max()) if cutoff is None else real_number("cutoff", cutoff)
    kept = sizes > least
    if not kept.any():
        raise ValueError(f"no eigenvalue is larger than cutoff={least}: the largest is {sizes.max():.6g}")
    parts = (system.right @ vectors[:, kept]) / eigenvalues[kept]
    solution = vectors[:, kept] @ parts
    smallest = float(sizes[kept].min())
    success = float(np.sum((smallest * parts) ** 2) / np.sum(system.right**2))
    checked = as_probes(probe, n)
    recalled = np.where(checked.known[0], checked.bits[0], solution[:n] > 0).astype(np.uint8)
    return HopfieldRecall(
        solution[:n],
        solution[n:],
        recalled,
        float(sizes.max()) / smallest,
        success,
        1.0 / success if success else np.inf,
        (2 * n - 1).bit_length(),
    )
