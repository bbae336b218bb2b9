"""The patterns and the probes that every contestant of the memory benchmarks stores and recalls; NumPy only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from problems import Problem

Bits = NDArray[np.uint8]
#: Of the closed form: so many controls, and so much of the posterior is shown.
CONTROLS, BLOCK = 10, 32
#: Up to so many bits strings are drawn without repetition; longer random ones differ.
SHORT = 20


def memory(problem: Problem, n_probes: int = 1) -> tuple[Bits, Bits]:
    """Different patterns ``(samples, n_qubits)``; and probes ``(n_probes, n_qubits)``, patterns with bits flipped."""
    n, p = problem.n_qubits, len(problem.features)
    rng = np.random.default_rng([20011108, n, p])
    if n <= SHORT:
        patterns = (rng.choice(2**n, p, replace=False)[:, None] >> np.arange(n) & 1).astype(np.uint8)
    else:
        patterns = rng.integers(0, 2, (p, n), dtype=np.uint8)
    flipped = rng.random((n_probes, n)) < 0.1
    flipped[:, 0] = True
    return patterns, patterns[np.arange(n_probes) % p] ^ flipped


def read(probabilities: NDArray[np.float64], patterns: Bits) -> tuple[float, NDArray[np.float64]]:
    """P0 and posterior from the probabilities of the memory's qubits, and of the control as the highest bit."""
    n = patterns.shape[1]
    passed = probabilities[: 2**n]
    success = float(passed.sum())
    return success, passed[patterns @ (1 << np.arange(n))] / success


def shown(found: tuple[Any, NDArray[np.float64]], problem: Problem) -> dict[str, Any]:
    """What is compared: P0, a corner of the posterior, and its product with a vector, to which every entry adds."""
    success, posterior = np.atleast_1d(found[0]), np.atleast_2d(found[1])
    return {
        "success": success,
        "block": posterior[:BLOCK, :BLOCK].ravel(),
        "product": posterior @ problem.cotangent[:, 0],
    }
