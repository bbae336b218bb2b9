"""The Hopfield network: weights by Hebb's rule or by the pseudo-inverse, and spins that settle one after another.

Solving it as a linear system is in ``hopfield_inversion.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.product import fixed_order_product, product_bytes
from ketwise.blocks.memory.patterns import Probes, as_patterns, as_probes
from ketwise.engine.memory import require_count
from ketwise.engine.sampling import Seed, seed_key
from ketwise.words.checks import positive_int, shape_error

Array = NDArray[np.float64]

RULES = ("hebb", "pseudo-inverse")


class Settled(NamedTuple):
    """Where each probe has come to rest; without the batch axis for a single one.

    Attributes
    ----------
    bits : (n_probes, n_bits) uint8 array
        0 for a spin that no field has ever turned either way.
    sweeps : (n_probes,) int array or int
        Visits to all spins, with the last one, which changed nothing, where ``converged``.
    converged : (n_probes,) bool array or bool
        False where the last sweep allowed still changed something.
    """

    bits: NDArray[np.uint8]
    sweeps: Any
    converged: Any


def hopfield_weights(patterns: Any, *, rule: str = "hebb", self_coupling: bool = False) -> Array:
    """Return the weights of a network that stores ``patterns``.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    rule : {"hebb", "pseudo-inverse"}
        ``S.T @ S / n_bits`` for spins ``S = 2 patterns - 1``, where a pattern given twice counts twice; or the
        projector onto all combinations of the rows of S, where it counts once.
    self_coupling : bool
        Keep the diagonal. By default it is 0: for Hebb's rule as in Hopfield's paper, for the pseudo-inverse as in that
        of Kanter and Sompolinsky. Personnaz, Guyon and Dreyfus keep it, and patterns then attract nothing from a load
        of 1/2 on; without it they do up to 1.

    Returns
    -------
    (n_bits, n_bits) array
        Symmetric.

    Raises
    ------
    ValueError
        For bad patterns and a rule that is not known.
    MemoryError
        When patterns and weights do not fit.

    Notes
    -----
    Hebb's rule recalls random patterns, with a few bits wrong, up to ``0.138 n_bits`` of them. The pseudo-inverse holds
    any that are linearly independent without error; from ``n_bits`` of those on it is the identity, and what is left
    without its diagonal is 0: every probe stays what it is. Cost: ``n_patterns * n_bits**2``, about ten times as much
    for the pseudo-inverse. Hopfield, PNAS 79, 2554 (1982); Amit, Gutfreund, Sompolinsky, PRL 55, 1530 (1985);
    Personnaz, Guyon, Dreyfus, J. Physique Lett. 46, 359 (1985); Kanter, Sompolinsky, PRA 35, 380 (1987).

    Examples
    --------
    >>> hopfield_weights([[1, 1, 0], [1, 0, 0]]).round(3)
    array([[ 0.   ,  0.   , -0.667],
           [ 0.   ,  0.   ,  0.   ],
           [-0.667,  0.   ,  0.   ]])
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}, got {rule!r}")
    table = as_patterns(patterns)
    n_bits = table.shape[1]
    copies = 1 if rule == "hebb" else 4  # of the spins, at work in a decomposition
    require_count("bits", n_bits, lambda n: 8 * (copies * len(table) + 4 * n) * n)
    spins = 2.0 * table.astype(np.float64) - 1.0
    weights = spins.T @ spins / n_bits if rule == "hebb" else _projector(spins)
    if not self_coupling:
        np.fill_diagonal(weights, 0.0)
    return weights


def _projector(spins: Array) -> Array:
    n_bits = spins.shape[1]
    rows = np.linalg.qr(spins, mode="r") if len(spins) > n_bits else spins  # fewer, and they span the same
    _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
    basis = basis[sizes > sizes[0] * max(spins.shape) * np.finfo(np.float64).eps]
    projector = basis.T @ basis
    # A row of a projector has the length of the root of its diagonal: where that is 1 there is nothing beside it, and
    # what is left by rounding would decide over a spin that no other one tells anything about.
    alone = np.diagonal(projector) > 1.0 - 8 * n_bits * np.finfo(np.float64).eps
    projector[alone] = projector[:, alone] = 0.0
    projector[alone, alone] = 1.0
    symmetric: Array = (projector + projector.T) / 2
    return symmetric


def settle(weights: Any, probes: Any, *, max_sweeps: int = 50, clamp: bool = False, seed: Seed = 0) -> Settled:
    """Let the spins of each probe follow their fields, one after another, until a sweep over all of them changes none.

    Parameters
    ----------
    weights : (n_bits, n_bits) array
        Symmetric, with nothing negative on the diagonal: the energy then never rises.
    probes : (n_bits,) or (n_probes, n_bits) array
        Bits, NaN where unknown: no spin at first, one as soon as it is visited and has a field.
    max_sweeps : int
    clamp : bool
        Hold the known bits.
    seed : int, numpy Generator or None
        Of the order of the visits, drawn anew for each sweep and the same for all probes.

    Returns
    -------
    Settled
        A probe's does not depend on the others of the batch.

    Raises
    ------
    ValueError
        For bad weights or probes.
    MemoryError
        When the fields do not fit.

    Notes
    -----
    A spin with field 0 stays as it is; 0 is what is not above the rounding of the sum. Cost: ``n_bits**2`` for each
    probe and sweep, and ``n_bits`` for each spin that turns. Hopfield, PNAS 79, 2554 (1982).

    Examples
    --------
    >>> patterns = [[1, 1, 1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0, 1, 0]]
    >>> settle(hopfield_weights(patterns), [1, 1, 1, 1, 0, 0, 1, None])
    Settled(bits=array([1, 1, 1, 1, 0, 0, 0, 0], dtype=uint8), sweeps=2, converged=True)
    """
    coupling = _weights(weights)
    n_bits = len(coupling)
    checked = as_probes(probes, n_bits)
    limit = positive_int("max_sweeps", max_sweeps)
    n_probes = len(checked.bits)
    require_count("probes", n_probes, lambda count: product_bytes(count, n_bits, n_bits) + 48 * count * n_bits)
    orders = np.random.Generator(np.random.Philox(key=seed_key(seed)))
    spins = _spins(checked)
    sweeps, converged = np.full(n_probes, limit), np.zeros(n_probes, dtype=bool)
    moving = np.arange(n_probes)
    for sweep in range(1, limit + 1):
        free = ~checked.known[moving] if clamp else np.ones((len(moving), n_bits), dtype=bool)
        swept, changed = _sweep(coupling, spins[moving], free, orders.permutation(n_bits))
        spins[moving] = swept
        sweeps[moving[~changed]], converged[moving[~changed]] = sweep, True
        moving = moving[changed]
        if not len(moving):
            break
    bits = (spins > 0).astype(np.uint8)
    if checked.single:
        return Settled(bits[0], int(sweeps[0]), bool(converged[0]))
    return Settled(bits, sweeps, converged)


def _sweep(
    weights: Array, spins: Array, free: NDArray[np.bool_], order: NDArray[np.intp]
) -> tuple[Array, NDArray[np.bool_]]:
    """Visit every spin once; return the spins and which probes have changed."""
    fields = fixed_order_product(spins, weights)
    # The product and up to n turned spins each round a sum of at most this size.
    least = 2 * len(weights) * np.finfo(np.float64).eps * np.abs(weights).sum(axis=1).max()
    by_bit, may_turn = np.ascontiguousarray(spins.T), np.ascontiguousarray(free.T)
    changed = np.zeros(len(spins), dtype=bool)
    for j in order:
        field = fields[:, j]
        turned = np.where(np.abs(field) > least, np.sign(field), by_bit[j])
        which = np.flatnonzero((turned != by_bit[j]) & may_turn[j])
        if len(which):
            fields[which] += np.multiply.outer(turned[which] - by_bit[j, which], weights[j])
            by_bit[j, which] = turned[which]
            changed[which] = True
    return by_bit.T, changed


def energy(weights: Any, bits: Any) -> Any:
    """Return ``-s W s / 2`` for the spins ``s = 2 bits - 1``.

    Parameters
    ----------
    weights : (n_bits, n_bits) array
        As for :func:`settle`.
    bits : (n_bits,) or (n_states, n_bits) array
        NaN for no spin, as a probe may have it.

    Returns
    -------
    float or (n_states,) array

    Raises
    ------
    ValueError
        For bad weights or bits.

    Examples
    --------
    >>> energy([[0.0, 1.0], [1.0, 0.0]], [[1, 1], [0, 1]])
    array([-1.,  1.])
    """
    coupling = _weights(weights)
    checked = as_probes(bits, len(coupling))
    n_bits = len(coupling)
    require_count("states", len(checked.bits), lambda n: product_bytes(n, n_bits, n_bits) + 16 * n * n_bits)
    spins = _spins(checked)
    energies = -0.5 * np.sum(fixed_order_product(spins, coupling) * spins, axis=1)
    return float(energies[0]) if checked.single else energies


def _spins(probes: Probes) -> Array:
    """Return -1 and 1 for the known bits, 0 for the others."""
    return np.where(probes.known, 2.0 * probes.bits - 1.0, 0.0)


def _weights(given: Any) -> Array:
    try:
        table = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("weights must be a square array of real numbers") from None
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not len(table):
        raise shape_error("weights", "(n_bits, n_bits)", table.shape)
    if not np.isfinite(table).all():
        raise ValueError("weights must be finite")
    if not np.allclose(table, table.T, rtol=1e-9, atol=1e-12 * np.abs(table).max()):
        raise ValueError("weights must be symmetric: with others there is no energy, and spins may never settle")
    if np.diagonal(table).min() < 0:
        raise ValueError("the diagonal of weights must not be negative: a spin would turn against itself; set it to 0")
    return table
