"""The probabilistic memory on a device whose gates err: a small one, at one rate after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.noise import noisy_recall
from ketwise.blocks.memory.patterns import Bits, from_integers
from ketwise.blocks.memory.probabilistic_retrieval import probabilistic_retrieval
from ketwise.blocks.memory.probabilistic_storage import probabilistic_storage
from ketwise.evidence.memory.question import Question

#: The random memory whose gates err.
N_PATTERNS, N_BITS = 4, 6
#: Most patterns and bits of given ones: errors make up to ``2**n_patterns`` amplitudes.
MOST = 8


class DeviceMemory(NamedTuple):
    """What is stored, and the probe: the first pattern with its last bit flipped."""

    patterns: Bits
    probe: NDArray[np.float64]
    n_controls: int

    @property
    def gates(self) -> int:
        """Gates of one repetition, each on at most three qubits."""
        options: dict[str, Any] = {"n_controls": self.n_controls, "pattern_register": False}
        storage = probabilistic_storage(self.patterns, toffoli=True, **options)
        return len(storage + probabilistic_retrieval(self.probe, self.patterns.shape[1], **options))

    def facts(self) -> dict[str, Any]:
        """What a record says of it."""
        p, n = self.patterns.shape
        return {"n_patterns": p, "n_bits": n, "n_controls": self.n_controls, "gates": self.gates}


def device_memory(question: Question) -> DeviceMemory | None:
    """Return the memory whose gates err: given patterns if they are few and short, else None; or random ones."""
    patterns = question.patterns
    if patterns is None:
        rng = np.random.default_rng([question.seed, N_PATTERNS, N_BITS])
        patterns = from_integers(rng.choice(1 << N_BITS, N_PATTERNS, replace=False), N_BITS)
    elif max(patterns.shape) > MOST:
        return None
    probe = patterns[0].astype(np.float64)
    probe[-1] = 1.0 - probe[-1]
    return DeviceMemory(patterns, probe, max(1, 2 * (len(patterns) - 1).bit_length()))


def device_row(memory: DeviceMemory, rate: float, trajectories: int, seed: int) -> dict[str, Any]:
    """Return what the memory gives at a rate of errors, with standard errors over trajectories.

    Examples
    --------
    >>> memory = DeviceMemory(from_integers([0, 3], 2), np.array([0.0, 1.0]), 1)
    >>> found = device_row(memory, 0.0, 100, seed=0)
    >>> round(found["success"], 6), round(found["right"], 6), found["trajectories"]
    (0.5, 0.5, 2)
    """
    runs = trajectories if rate > 0 else 2  # without errors all are the same
    found = noisy_recall(
        memory.patterns, memory.probe, rate, n_controls=memory.n_controls, trajectories=runs, seed=seed
    )
    same = (memory.patterns == memory.patterns[0]).all(axis=1)
    return {
        "rate": rate,
        "trajectories": runs,
        "success": found.success,
        "success_error": found.success_error,
        "right": float(found.posterior[same].sum()),
        "right_error": float(found.posterior_error[same].sum()),
        "spurious": found.spurious,
        "spurious_error": found.spurious_error,
    }
