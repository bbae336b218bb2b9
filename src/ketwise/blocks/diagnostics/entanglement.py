"""How entangled states are: the Meyer-Wallach measure, of given states and on average over a circuit's parameters."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.blocks.circuits.random_states import Sampler, random_states
from ketwise.engine.sampling import Seed
from ketwise.words.checks import complex_array, positive_int, shape_error

Array = NDArray[np.float64]


class EntanglingCapability(NamedTuple):
    """Mean Meyer-Wallach entanglement of a circuit's states at random parameters.

    Attributes
    ----------
    mean, standard_error, sd : float
        Over the draws.
    haar : float
        The mean of Haar-random states, ``(2**n - 2) / (2**n + 1)``.
    """

    mean: float
    standard_error: float
    sd: float
    haar: float


def meyer_wallach(states: Any) -> Any:
    """Return the Meyer-Wallach entanglement of pure states: 0 for a product, 1 where every qubit is fully mixed.

    Parameters
    ----------
    states : (2**n,) or (batch, 2**n) complex array
        Of norm 1; qubit q is bit q of the index.

    Returns
    -------
    float or (batch,) array
        ``2 - 2 * mean of the purities of the single qubits``.

    Notes
    -----
    Meyer, Wallach, J. Math. Phys. 43, 4273 (2002), in the form of Brennen, Quantum Inf. Comput. 3, 619 (2003).

    Examples
    --------
    >>> round(meyer_wallach(np.array([1, 0, 0, 1]) / np.sqrt(2)), 12)
    1.0
    """
    array = complex_array("states", states)
    size = array.shape[-1] if array.ndim else 0
    if array.ndim not in (1, 2) or size < 2 or size & (size - 1):
        raise shape_error("states", "(2**n,) or (batch, 2**n)", array.shape)
    rows = np.atleast_2d(array)
    norms = (np.abs(rows) ** 2).sum(axis=1)
    if not np.allclose(norms, 1.0, rtol=0.0, atol=1e-6):
        raise ValueError(f"states must have norm 1, got a squared norm of {norms[np.abs(norms - 1).argmax()]:.6g}")
    n_qubits = size.bit_length() - 1
    purity = np.zeros(len(rows))
    for q in range(n_qubits):
        split = rows.reshape(len(rows), -1, 2, 1 << q)
        off, on = split[:, :, 0], split[:, :, 1]
        populations = [(np.abs(part) ** 2).sum(axis=(1, 2)) for part in (off, on)]
        coherence = (off.conj() * on).sum(axis=(1, 2))
        purity += populations[0] ** 2 + populations[1] ** 2 + 2.0 * np.abs(coherence) ** 2
    measure = 2.0 - 2.0 * purity / n_qubits
    return float(measure[0]) if array.ndim == 1 else measure


def entangling_capability(
    circuit: Any, *, draws: int = 1000, sample: Sampler | None = None, features: Any = None, seed: Seed = 0
) -> EntanglingCapability:
    """Return the mean Meyer-Wallach entanglement of a circuit's states at random parameters.

    Parameters
    ----------
    circuit : Circuit, Encoding or Program
    draws : int
    sample : callable (rng) -> (n_params,) array, optional
        Draws parameters. Default: each uniform on [0, 2 pi].
    features : (n_rows, n_features) array, optional
        Data; each state takes one of its rows, at random.
    seed : int, numpy.random.Generator or None

    Notes
    -----
    Sim, Johnson, Aspuru-Guzik, Advanced Quantum Technologies 2, 1900070 (2019).

    Examples
    --------
    >>> import ketwise as kw
    >>> found = entangling_capability(kw.ansatz.sim(1), draws=50)  # no two-qubit gate
    >>> round(found.mean, 12) + 0.0, round(found.haar, 4)
    (0.0, 0.8235)
    """
    draws = positive_int("draws", draws, minimum=2)
    parts = random_states(circuit, draws, sample, features, np.random.default_rng(seed))
    values = np.concatenate([np.asarray(meyer_wallach(states)) for states in parts])
    size, spread = 1 << circuit_of(circuit)[0].n_qubits, float(values.std(ddof=1))
    return EntanglingCapability(float(values.mean()), spread / math.sqrt(draws), spread, (size - 2) / (size + 1))
