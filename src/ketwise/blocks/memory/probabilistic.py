"""The closed forms of a probabilistic quantum memory: success, posterior, temperature. No amplitude is kept."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.distances import BLOCK, distance_blocks
from ketwise.blocks.memory.patterns import as_patterns, as_probes
from ketwise.engine.memory import require_count
from ketwise.engine.sparse import packed
from ketwise.words.checks import positive_int, real_number, shape_error

Array = NDArray[np.float64]


class Recall(NamedTuple):
    """What a retrieval gives for each probe; without the batch axis for a single one.

    Attributes
    ----------
    success : (n_probes,) array or float
        P0, the probability that all controls are 0.
    posterior : (n_probes, n_patterns) array
        Probability of each given row after that; rows that are equal share theirs.
    repetitions : (n_probes,) array or float
        Expected runs of storage and retrieval until one succeeds, ``1 / P0``; infinite where P0 is 0.
    """

    success: Any
    posterior: Array
    repetitions: Any

    @property
    def best(self) -> Any:
        """Row ``(n_probes,)`` of the likeliest pattern, the first of several."""
        return np.argmax(self.posterior, axis=-1)


class Thermodynamics(NamedTuple):
    """A memory as a system in equilibrium; energies and temperature have no unit.

    Attributes
    ----------
    free_energy, energy, entropy : float
        F, U and S with ``F = U - T S``; S in nats, at most the logarithm of the number of patterns.
    success : float
        P0 at this temperature.
    """

    free_energy: float
    energy: float
    entropy: float
    success: float


def probabilistic_recall(
    patterns: Any, probes: Any, *, n_controls: int | None = None, temperature: float | None = None
) -> Recall:
    """Return success and posterior of the retrieval with b control qubits, from the Hamming distances.

    ``P0 = (1/p) sum_k cos(pi d_k / 2 n)**(2 b)`` over p patterns, of which pattern k differs from the probe in ``d_k``
    of its n known bits; the posterior is proportional to the terms.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        A pattern given twice counts twice.
    probes : (n_bits,) or (n_probes, n_bits) array
        Bits, NaN where unknown: distances are over the known bits, and n is their number.
    n_controls : int, optional
        b. Default 1.
    temperature : float, optional
        ``1 / b`` instead, any positive number: Boltzmann weights with energies ``-2 log cos(pi d / 2 n)``. A device has
        whole numbers b only.

    Returns
    -------
    Recall
        Where every pattern differs from the probe in all known bits, P0 is exactly 0: no repetition ever succeeds. The
        posterior is then the memory itself, ``1/p`` for each row, as for any probe at one distance from all patterns.

    Raises
    ------
    ValueError
        For bad patterns or probes, and for both or bad values of ``n_controls`` and ``temperature``.
    MemoryError
        When the posterior does not fit.

    Notes
    -----
    An exact reduction of the circuits of :func:`probabilistic_storage` and :func:`probabilistic_retrieval`; a device
    runs both ``1 / P0`` times for one sample of one probe's posterior. Cost here: ``n_bits / 64`` words a pair, and
    one look into a table. Trugenberger, PRL 87, 067901 (2001) and PRL 89, 277903 (2002).

    Examples
    --------
    >>> patterns = [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 0, 1, 0]]
    >>> found = probabilistic_recall(patterns, [0, 0, 0, 1], n_controls=2)
    >>> round(found.success, 6), found.posterior.round(6)
    (0.375, array([0.485702, 0.485702, 0.014298, 0.014298]))
    """
    power = power_of(n_controls, temperature)
    table = as_patterns(patterns)
    checked = as_probes(probes, table.shape[1])
    n_probes = len(checked.bits)
    require_count("probes", n_probes, lambda count: 8 * count * len(table) + 6 * BLOCK)
    posterior, logarithm = np.empty((n_probes, len(table))), np.empty(n_probes)
    n_known = checked.n_known
    for rows, block in distance_blocks(packed(table), packed(checked.bits), packed(checked.known)):
        logarithm[rows] = _weigh(block, n_known[rows], power, posterior[rows])
    success = np.exp(logarithm)
    repetitions = np.divide(1.0, success, out=np.full(n_probes, np.inf), where=success > 0)
    if checked.single:
        return Recall(float(success[0]), posterior[0], float(repetitions[0]))
    return Recall(success, posterior, repetitions)


def power_of(n_controls: int | None, temperature: float | None) -> float:
    """Return the control qubits, or one over the temperature; 1 where neither is given.

    Raises
    ------
    ValueError
        For both, and for numbers that are none.
    """
    if temperature is None:
        return float(positive_int("n_controls", 1 if n_controls is None else n_controls))
    if n_controls is not None:
        raise ValueError("give n_controls or temperature, which is 1 / n_controls, not both")
    value = real_number("temperature", temperature)
    if value <= 0:
        raise ValueError(f"temperature must be above 0, got {value}")
    return 1.0 / value


@lru_cache(maxsize=64)
def energies(n_known: int) -> Array:
    """Return ``-2 log cos(pi d / 2 n)`` for distances d from 0 to n; infinite at n, where the cosine is exactly 0."""
    levels = np.full(n_known + 1, np.inf)
    levels[:-1] = -2.0 * np.log(np.cos(np.pi * np.arange(n_known) / (2 * n_known)))
    levels.flags.writeable = False
    return levels


def _weigh(distances: NDArray[Any], n_known: NDArray[np.int64], power: float, posterior: Array) -> Array:
    """Fill in the posterior ``(n_probes, n_patterns)`` and return the logarithm ``(n_probes,)`` of P0."""
    nearest = distances.min(axis=1)
    # A table of weights for each probe, beside the nearest pattern's, so that none of those is 0.
    width = int(n_known.max()) + 1
    tables, logarithm = np.zeros((len(distances), width)), np.empty(len(distances))
    for known in set(n_known.tolist()):
        rows = n_known == known
        levels = energies(known)
        least = levels[np.minimum(nearest[rows], known - 1)][:, None]
        tables[rows, : known + 1] = np.exp(-power * np.maximum(levels - least, 0.0))  # nothing is nearer than that
        logarithm[rows] = -power * least[:, 0]
    nothing = nearest == n_known
    tables[nothing] = 1.0  # at the full distance from all: the memory itself
    places = distances + width * np.arange(len(distances))[:, None]
    np.take(tables.reshape(-1), places, out=posterior, mode="clip")  # other modes copy twice
    total = posterior.sum(axis=1)
    posterior /= total[:, None]
    logarithm += np.log(total / distances.shape[1])
    logarithm[nothing] = -math.inf
    return logarithm


def thermodynamics(distances: Any, n_known: int, temperature: float) -> Thermodynamics:
    """Return free energy, energy and entropy of a memory for one probe.

    Parameters
    ----------
    distances : (n_patterns,) int array
        Of the probe from every pattern, as :func:`hamming_distances` gives them.
    n_known : int
        Known bits of the probe.
    temperature : float
        ``1 / b`` for b control qubits.

    Returns
    -------
    Thermodynamics
        With the partition function ``Z = n_patterns * P0``. Where P0 is 0 both energies are infinite and the entropy is
        that of the memory.

    Notes
    -----
    Trugenberger, PRL 89, 277903 (2002).

    Examples
    --------
    >>> found = thermodynamics([1, 1, 3, 3], 4, 1 / 4)
    >>> round(found.success, 6), round(found.entropy, 4)
    (0.265625, 0.7001)
    """
    power = power_of(None, temperature)
    n_known = positive_int("n_known", n_known)
    given = np.asarray(distances)
    if given.ndim != 1 or not len(given):
        raise shape_error("distances", "(n_patterns,)", given.shape)
    if given.dtype.kind not in "iu" or given.min() < 0 or given.max() > n_known:
        raise ValueError(f"distances must be whole numbers from 0 to n_known={n_known}")
    weights = np.empty((1, len(given)))
    log_success = float(_weigh(given[None], np.array([n_known]), power, weights)[0])
    posterior = weights[0]
    seen = posterior[posterior > 0]
    entropy = float(-np.sum(seen * np.log(seen)))
    if log_success == -math.inf:
        return Thermodynamics(math.inf, math.inf, entropy, 0.0)
    energy = float(np.sum(seen * energies(n_known)[given[posterior > 0]]))
    free_energy = -(log_success + math.log(len(given))) / power
    return Thermodynamics(free_energy, energy, entropy, math.exp(log_success))
