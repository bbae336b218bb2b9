"""Recall in closed form, many probes at once: ketwise's, and the same written with NumPy and BLAS, in its environment.

The arguments are who, the number of probes, and for NumPy of how many probes one product is.
"""

import sys

import numpy as np
from memories import CONTROLS, Bits, memory, shown
from numpy.typing import NDArray
from problems import Problem
from serve import Task, serve

import ketwise as kw


def with_numpy(patterns: Bits, probes: Bits, rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P0 and posterior: distances from products in float32, which holds them exactly, then one look into a table."""
    n = patterns.shape[1]
    weights = np.cos(np.pi * np.arange(n + 1) / (2 * n)) ** (2 * CONTROLS)
    left, right = probes.astype(np.float32), patterns.astype(np.float32)
    left_ones, right_ones = left.sum(axis=1), right.sum(axis=1)
    posterior, total = np.empty((len(left), len(right))), np.empty(len(left))
    for start in range(0, len(left), rows):
        block = slice(start, start + rows)
        distances = left[block] @ right.T
        distances *= -2.0
        distances += right_ones
        distances += left_ones[block, None]
        # The usual mode fills a copy first.
        np.take(weights, distances.astype(np.intp), out=posterior[block], mode="clip")
        posterior[block].sum(axis=1, out=total[block])
        posterior[block] /= total[block, None]
    return total / len(right), posterior


def prepare(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex128", "probabilities are float64"
    who, n_probes, *rows = sys.argv[1:]
    patterns, probes = memory(problem, int(n_probes))

    def run() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if who == "numpy":
            return with_numpy(patterns, probes, int(rows[0]))
        found = kw.memory.probabilistic_recall(patterns, probes, n_controls=CONTROLS)
        return found.success, found.posterior

    return Task(run, lambda found: shown(found, problem))


if __name__ == "__main__":
    serve(prepare, lambda: {"version": np.__version__ if sys.argv[1] == "numpy" else kw.__version__})
