"""The circuits and numbers that every contestant of the speed benchmark computes with; NumPy only.

``entangling``: RY(x) on every qubit, then 6 layers of [RZ(phi) RY(theta) RZ(omega) on every qubit, in that order,
then a ring of CNOTs]. ``reuploading``: the same layers without the first rotations, where every angle is
``offset + slope * x`` of the feature of its qubit, so that no two samples share a gate. Wanted is the gradient of
``sum(cotangent * <Z>)`` with respect to the weights, which all samples share. ``iqp``: samples of a kernel, no weights.
``memory``: what is stored and recalled is in ``memories.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LAYERS = 6


@dataclass(frozen=True)
class Problem:
    """Numbers of one problem size; angles in radians."""

    name: str
    n_qubits: int
    features: NDArray[np.float64]  # (samples, n_qubits)
    weights: NDArray[np.float64]  # (layers, n_qubits, 3): phi, theta, omega; re-uploading has offsets and slopes first
    cotangent: NDArray[np.float64]  # (samples, n_qubits)

    @property
    def reuploads(self) -> bool:
        """Whether features are in every angle, and not in rotations of their own at the start."""
        return self.name == "reuploading"

    @property
    def tape_bytes(self) -> int:
        """About what reverse mode keeps for all samples in double precision: two states for each gate."""
        gates = self.n_qubits * (1 + 4 * LAYERS)
        return 2 * gates * len(self.features) * 16 << self.n_qubits

    def angles(self, weights: Any, features: Any) -> Any:
        """Angles of the layers, in any array library.

        ``(layers, n_qubits, 3)`` where all samples share them; a batch of features then adds its axis in front.
        """
        if not self.reuploads:
            return weights
        return weights[0] + weights[1] * features[..., None, :, None]


def problem(name: str, n_qubits: int, samples: int) -> Problem:
    """The same numbers in every process."""
    rng = np.random.default_rng([20240607, n_qubits])
    features = rng.uniform(-np.pi, np.pi, (samples, n_qubits))
    shape = {
        "entangling": (LAYERS, n_qubits, 3),
        "reuploading": (2, LAYERS, n_qubits, 3),
        "iqp": (0,),
        "memory": (0,),
    }[name]
    weights = rng.uniform(0.0, 2.0 * np.pi, shape)
    if name == "reuploading":
        weights[1] /= 2.0 * np.pi  # slopes between 0 and 1
    return Problem(name, n_qubits, features, weights, rng.normal(size=(samples, n_qubits)))


def ring(n_qubits: int, layer: int) -> Iterator[tuple[int, int]]:
    """Control and target of the CNOTs of one layer."""
    step = layer % (n_qubits - 1) + 1
    return ((q, (q + step) % n_qubits) for q in range(n_qubits))
