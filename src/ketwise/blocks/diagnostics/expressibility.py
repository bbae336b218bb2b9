"""How evenly the states of a circuit at random parameters fill the space: distance from Haar-random states."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.blocks.circuits.random_states import Sampler, random_states
from ketwise.engine.sampling import Seed
from ketwise.words.checks import positive_int

Array = NDArray[np.float64]


class Expressibility(NamedTuple):
    """Divergence of a circuit's fidelities from those of Haar-random states: the smaller, the more expressive.

    Attributes
    ----------
    divergence : float
        Kullback-Leibler, in nats.
    standard_error : float
        Of ``divergence``, from the number of pairs.
    floor : float
        What Haar-random states themselves would show on average with as many pairs: less means nothing.
    frame_ratio : float
        Mean squared fidelity over that of Haar-random states: 1 for a 2-design, more for anything else.
    """

    divergence: float
    standard_error: float
    floor: float
    frame_ratio: float


def haar_fidelities(n_qubits: int, bins: int = 75) -> Array:
    """Return the probabilities ``(bins,)`` that the fidelity of two Haar-random states falls into equal bins of [0, 1].

    Parameters
    ----------
    n_qubits, bins : int

    Notes
    -----
    Their density is ``(d - 1) (1 - F)**(d - 2)`` with ``d = 2**n_qubits``: Życzkowski, Sommers, PRA 71, 032313 (2005).

    Examples
    --------
    >>> haar_fidelities(1, 4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    edges = np.linspace(0.0, 1.0, positive_int("bins", bins) + 1)
    return -np.diff((1.0 - edges) ** (2.0 ** positive_int("n_qubits", n_qubits) - 1.0))


def expressibility(
    circuit: Any,
    *,
    pairs: int = 5000,
    bins: int = 75,
    sample: Sampler | None = None,
    features: Any = None,
    seed: Seed = 0,
) -> Expressibility:
    """Return how far the fidelities of pairs of a circuit's states are from those of Haar-random states.

    Parameters
    ----------
    circuit : Circuit, Encoding or Program
    pairs : int
        Pairs of states at independent parameters.
    bins : int
        Equal parts of [0, 1].
    sample : callable (rng) -> (n_params,) array, optional
        Draws parameters. Default: each uniform on [0, 2 pi].
    features : (n_rows, n_features) array, optional
        Data; each state takes one of its rows, at random.
    seed : int, numpy.random.Generator or None

    Returns
    -------
    Expressibility

    Notes
    -----
    Sim, Johnson, Aspuru-Guzik, Advanced Quantum Technologies 2, 1900070 (2019), who take 5000 pairs and 75 bins. With
    more than about seven qubits nearly every pair of Haar-random states falls into the first of 75 bins: take more
    bins, or read ``frame_ratio``, which needs none. Cost: ``2 * pairs`` states.

    Examples
    --------
    >>> import ketwise as kw
    >>> idle = expressibility(kw.Circuit(1), pairs=100)  # one state: every fidelity is 1
    >>> round(idle.divergence, 4), round(idle.frame_ratio, 4)  # log(75), and 1 over the Haar average 1/3
    (4.3175, 3.0)
    """
    pairs = positive_int("pairs", pairs, minimum=2)
    rng = np.random.default_rng(seed)
    n_qubits = circuit_of(circuit)[0].n_qubits
    haar = haar_fidelities(n_qubits, bins)
    counts, square = np.zeros(positive_int("bins", bins)), 0.0
    first, second = (random_states(circuit, pairs, sample, features, each) for each in rng.spawn(2))
    for a, b in zip(first, second, strict=True):
        fidelities = np.abs(np.einsum("bi,bi->b", a.conj(), b)) ** 2
        # Rounding may lead beyond 1, where no bin is.
        counts += np.histogram(np.clip(fidelities, 0.0, 1.0), bins=bins, range=(0.0, 1.0))[0]
        square += float((fidelities**2).sum())
    dimension = 1 << n_qubits
    shares = counts / pairs
    seen = shares > 0
    logs = np.log(shares[seen] / np.maximum(haar[seen], np.finfo(float).tiny))
    divergence = float((shares[seen] * logs).sum())
    variance = float((shares[seen] * logs**2).sum()) - divergence**2
    # Each bin that Haar-random states reach adds about 1/(2 pairs) by chance alone.
    reached = float((1.0 - (1.0 - haar) ** pairs).sum())
    return Expressibility(
        divergence,
        math.sqrt(max(variance, 0.0) / pairs),
        max(reached - 1.0, 0.0) / (2.0 * pairs),
        square / pairs * dimension * (dimension + 1) / 2.0,
    )
