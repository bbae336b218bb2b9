"""The circuit, the numbers and the loss that every contestant of the speed benchmark computes; NumPy only.

RY(x) on every qubit, then 6 layers of [RZ(phi) RY(theta) RZ(omega) on every qubit, in that order, then a
ring of CNOTs]. The loss is the sum over samples b and qubits q of ``cotangent[b, q] * <Z_q>``; wanted is its
gradient with respect to the weights, which all samples share.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAYERS = 6


@dataclass(frozen=True)
class Scenario:
    """Numbers of one problem size; angles in radians."""

    n_qubits: int
    features: NDArray[np.float64]  # (samples, n_qubits)
    weights: NDArray[np.float64]  # (layers, n_qubits, 3): phi, theta, omega
    cotangent: NDArray[np.float64]  # (samples, n_qubits)


def scenario(n_qubits: int, samples: int) -> Scenario:
    """The same numbers in every process."""
    rng = np.random.default_rng([20240607, n_qubits])
    return Scenario(
        n_qubits,
        rng.uniform(-np.pi, np.pi, (samples, n_qubits)),
        rng.uniform(0.0, 2.0 * np.pi, (LAYERS, n_qubits, 3)),
        rng.normal(size=(samples, n_qubits)),
    )


def ring(n_qubits: int, layer: int) -> Iterator[tuple[int, int]]:
    """Control and target of the CNOTs of one layer."""
    step = layer % (n_qubits - 1) + 1
    return ((q, (q + step) % n_qubits) for q in range(n_qubits))
