"""A Hopfield network as an open quantum system: heat-bath flips and a transverse field, trajectory by trajectory.

Rotondo, Marcuzzi, Garrahan, Lesanovsky, Müller, J. Phys. A 51, 115301 (2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.hopfield_jumps import ProductStates, StateVectors
from ketwise.blocks.memory.open_mean_field import above_zero, evenly_spaced
from ketwise.blocks.memory.patterns import Bits, Probes, as_patterns, as_probes
from ketwise.blocks.memory.quantum_jumps import generators, jump_trajectories
from ketwise.engine.memory import readable, require_count
from ketwise.engine.sampling import Seed, seed_key
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]

#: More spins than this have too many amplitudes for thousands of jumps.
MAX_BITS = 12
#: Numbers of the states that are advanced together; the result does not depend on it.
TOGETHER = 1 << 18


@dataclass(frozen=True)
class OpenRecall:
    """What the trajectories of a network give.

    Attributes
    ----------
    times : (n_times,) array
        From 0 to the end.
    overlaps, overlap_errors : (n_times, n_patterns) array
        Mean overlap with each pattern, ``sum_i xi_i <sigma^z_i> / n``, from -1 to 1, and its standard error.
    bits_over_time : (n_times, n_bits) array
        Probability that each bit is 1.
    trajectory_overlaps : (trajectories, n_times, n_patterns) array
        Of each one by itself: oscillations that a mean over trajectories may wash out.
    jumps : (trajectories,) int array
        How often each has jumped.
    """

    times: Array
    overlaps: Array
    overlap_errors: Array
    bits_over_time: Array
    trajectory_overlaps: Array
    jumps: NDArray[np.int64]

    @property
    def bit_probabilities(self) -> Array:
        """Probability ``(n_bits,)`` that each bit is 1 at the end."""
        return self.bits_over_time[-1]

    @property
    def recalled(self) -> Bits:
        """Likelier value ``(n_bits,)`` of each bit at the end; 0 for one that is undecided."""
        return (self.bit_probabilities > 0.5).astype(np.uint8)


def open_hopfield(
    patterns: Any,
    probe: Any,
    *,
    transverse_field: float,
    temperature: float,
    time: float,
    n_times: int = 101,
    trajectories: int = 100,
    step: float | None = None,
    seed: Seed = 0,
) -> OpenRecall:
    """Recall with an open quantum Hopfield network: quantum jumps of the full state of n spins.

    The state follows the Lindblad equation of ``H = Omega sum_i sigma^x_i`` with the jumps ``L_i^+- = Gamma_i^+-
    sigma_i^+-``, ``Gamma_i^+- = exp(+-dE_i / 2 T) / sqrt(2 cosh(dE_i / T))``, where ``dE_i = sum_(j != i) J_ij
    sigma^z_j`` and ``J_ij = sum_k xi_i^k xi_j^k / n`` over the patterns' spins ``xi = 2 bit - 1``. Here ``sigma^z`` is
    1 for bit 1, the opposite of a circuit's Z, and ``sigma^+`` sets a bit to 1. Time is in units in which each spin is
    updated once on average.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        Up to 12 bits. A pattern given twice counts twice.
    probe : (n_bits,) array
        The bits at the start. One that is NaN is maximally mixed: 0 or 1, at random in each trajectory.
    transverse_field : float
        Omega.
    temperature : float
        T, above 0. Without a field this is heat-bath dynamics: bit i is set to 1 at the rate ``1 / (1 + exp(-2 dE_i /
        T))`` and to 0 with the rest of 1, so that the overlap m with the one pattern of a large network settles at ``m
        = tanh(m / T)``: the critical temperature is 1.
    time : float
        How long.
    n_times : int
        Times at which the result is given, evenly spaced, at least 2.
    trajectories : int
        At least 2; errors fall with their root.
    step : float, optional
        The longest step. Errors of means fall with its square; without a field there are none. Default: ``0.1 / (1 + 2
        abs(transverse_field))``, which leaves about 0.001.
    seed : int, numpy.random.Generator or None
        A trajectory depends on the seed and its number alone.

    Returns
    -------
    OpenRecall

    Raises
    ------
    ValueError
        For bad patterns, probes or numbers, and for more than 12 bits.
    MemoryError
        When the overlaps of all trajectories do not fit.

    Notes
    -----
    Cost: a step takes two products with matrices of ``2**(n / 2)`` rows for each trajectory; each jump about two steps
    more, and there are up to n jumps in a unit of time. For few patterns and large n the paper finds three phases:
    retrieval, paramagnetic, and limit cycles between a pattern and its inverse: ``hopfield_phase`` tells. In a finite
    network the cycles of different trajectories lose step, so that they fade from the mean and stay in
    ``trajectory_overlaps``, as Torres, Manzano, New J. Phys. 26, 103018 (2024) find too. Rotondo et al., J. Phys. A 51,
    115301 (2018).

    Examples
    --------
    >>> patterns = [[1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 1, 0]]
    >>> found = open_hopfield(patterns, [1, 1, 1, 0, 0, 1], transverse_field=0.1, temperature=0.1, time=5)
    >>> found.recalled
    array([1, 1, 1, 0, 0, 0], dtype=uint8)
    """
    spins, checked = _network(patterns, probe)
    n = spins.shape[1]
    if n > MAX_BITS:
        raise ValueError(
            f"open_hopfield takes up to {MAX_BITS} bits, got {n}: each trajectory has 2**{n} amplitudes and up to {n} "
            f"jumps in a unit of time, and the table of its jumps takes {readable(16 * n << n)}; use "
            "product_trajectories, which neglects the entanglement of the spins"
        )
    beta = 1.0 / above_zero("temperature", temperature)
    model = StateVectors.of(spins, real_number("transverse_field", transverse_field), beta)
    return _recall(model, spins, checked, time, n_times, trajectories, step, seed)


def product_trajectories(
    patterns: Any,
    probe: Any,
    *,
    transverse_field: float,
    temperature: float,
    time: float,
    n_times: int = 101,
    trajectories: int = 20,
    step: float | None = None,
    seed: Seed = 0,
) -> OpenRecall:
    """Recall with the network of :func:`open_hopfield` in a mean-field approximation, for hundreds of bits.

    Each trajectory is a product of single spins. Between jumps a spin feels the mean ``sum_j J_ij <sigma^z_j>`` of the
    others in place of the operator: what their superpositions would entangle is neglected. A jump is drawn for one
    spin of all; it changes the fields of the others at once. Without a field no spin is ever in a superposition, and
    this is exact heat-bath dynamics, jump for jump.

    Parameters
    ----------
    patterns, probe, transverse_field, temperature, time, n_times, trajectories, step, seed
        As for :func:`open_hopfield`, with any number of bits.

    Returns
    -------
    OpenRecall

    Raises
    ------
    ValueError
        For bad patterns, probes or numbers.
    MemoryError
        When the overlaps of all trajectories do not fit.

    Notes
    -----
    For few patterns and large n the overlaps follow :func:`mean_field`, with fluctuations of order ``1 / sqrt(n)``. An
    approximation of its own for small n: it is not in the paper. Cost: each step, and each of up to n jumps in a unit
    of time, takes a few passes over n spins and ``n_patterns * n`` products.

    Examples
    --------
    >>> patterns = np.random.default_rng(0).integers(0, 2, (3, 64))
    >>> probe = np.where(np.arange(64) < 40, patterns[1], np.nan)
    >>> found = product_trajectories(patterns, probe, transverse_field=0.1, temperature=0.1, time=10, n_times=2)
    >>> bool((found.recalled == patterns[1]).all())
    True
    """
    spins, checked = _network(patterns, probe)
    beta = 1.0 / above_zero("temperature", temperature)
    model = ProductStates(spins, real_number("transverse_field", transverse_field), beta)
    return _recall(model, spins, checked, time, n_times, trajectories, step, seed)


def _network(patterns: Any, probe: Any) -> tuple[Array, Probes]:
    """Return the patterns' spins and the probe."""
    table = as_patterns(patterns)
    checked = as_probes(probe, table.shape[1])
    if not checked.single:
        raise ValueError(f"one probe at a time: it must have shape ({table.shape[1]},)")
    return 2.0 * table.astype(np.float64) - 1.0, checked


def _recall(
    model: StateVectors | ProductStates,
    patterns: Array,
    probe: Probes,
    time: float,
    n_times: int,
    trajectories: int,
    step: float | None,
    seed: Seed,
) -> OpenRecall:
    times = evenly_spaced(time, n_times)
    longest = 0.1 / (1.0 + 2.0 * abs(model.field)) if step is None else above_zero("step", step)
    n_rows = positive_int("trajectories", trajectories, minimum=2)
    (p, n), key = patterns.shape, seed_key(seed)
    require_count("trajectories", n_rows, lambda count: 16 * count * len(times) * p + 64 * TOGETHER)
    overlaps, jumps = np.empty((n_rows, len(times), p)), np.empty(n_rows, dtype=np.int64)
    bits = np.zeros((len(times), n))
    for first in range(0, n_rows, together := max(1, TOGETHER // model.start(probe.bits)[0].size)):
        rows = range(first, min(n_rows, first + together))
        rngs = generators(key, rows)
        unknown = np.array([rng.integers(0, 2, n, dtype=np.uint8) for rng in rngs])
        states = model.start(np.where(probe.known, probe.bits, unknown))
        for at, (now, jumped) in enumerate(jump_trajectories(model, states, rngs, times, longest)):
            spins = model.spins(now)
            overlaps[rows.start : rows.stop, at] = spins @ patterns.T / n
            bits[at] += (1.0 + spins).sum(axis=0) / 2.0
            jumps[rows.start : rows.stop] = jumped
    errors = overlaps.std(axis=0, ddof=1) / np.sqrt(n_rows)
    return OpenRecall(times, overlaps.mean(axis=0), errors, np.clip(bits / n_rows, 0.0, 1.0), overlaps, jumps)
