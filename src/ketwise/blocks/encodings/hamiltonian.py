"""Evolution under a Hamiltonian whose couplings are the features: the one-dimensional Heisenberg model."""

from __future__ import annotations

import numpy as np

from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.slots import scaled_features
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit


def heisenberg(
    n_features: int, *, steps: int = 20, time: float | None = None, scale: float = 1.0, seed: int = 0
) -> Encoding:
    """Return evolution in a chain of spins where feature j couples spins j and j + 1.

    ``(prod_j exp(-i (time / steps) x_j (XX + YY + ZZ)_{j, j+1}))**steps`` on a product of random single-spin states:
    Trotter's first-order product for ``exp(-i time H)``.

    Parameters
    ----------
    n_features : int
        One less than the qubits.
    steps : int
        Of Trotter's product; the difference from the evolution itself falls as ``1 / steps``.
    time : float, optional
        Default ``n_features / 3``.
    scale : float
        Features are multiplied by it first.
    seed : int
        Of the initial states, drawn uniformly on the sphere.

    Notes
    -----
    ``3 * n_features * steps`` two-qubit rotations. In the twin the three turns of a bond are turns of its first qubit
    alone about X, Y and Z. Huang et al., Nature Communications 12, 2631 (2021); Shaydulin, Wild, PRA 106, 042407
    (2022), from where the time and the steps are.

    Examples
    --------
    >>> heisenberg(2, steps=1).circuit.counts()
    Counter({'ry': 3, 'rz': 3, 'rxx': 2, 'ryy': 2, 'rzz': 2})
    """
    x = scaled_features(n_features, scale)
    steps = positive_int("steps", steps)
    duration = n_features / 3.0 if time is None else real_number("time", time)
    circuit = initial_spins(n_features + 1, seed)
    twin = circuit.copy()
    for _ in range(steps):
        for j, value in enumerate(x):
            turn = (2.0 * duration / steps) * value
            circuit.rxx(turn, j, j + 1).ryy(turn, j, j + 1).rzz(turn, j, j + 1)
            twin.rx(turn, j).ry(turn, j).rz(turn, j)
    return Encoding("heisenberg", circuit, unentangled=twin)


def initial_spins(n_qubits: int, seed: int) -> Circuit:
    """Return a circuit that turns every qubit to a point drawn uniformly on the sphere."""
    rng = np.random.default_rng(positive_int("seed", seed, minimum=0))
    circuit = Circuit(n_qubits)
    for q in range(n_qubits):
        height, longitude = rng.uniform(-1.0, 1.0), rng.uniform(0.0, 2.0 * np.pi)
        circuit.ry(float(np.arccos(height)), q).rz(float(longitude), q)
    return circuit
