"""The IQP kernel from arrays alone, in ketwise's environment. The argument says how.

``numpy``: phases of all samples and amplitudes from two products and one exponential, then one BLAS product. ``herk``:
BLAS' product of a matrix with its own adjoint on states that are there already: neither encoding nor squares.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from problems import Problem
from serve import Task, serve

BLOCK = 32


def states(problem: Problem, dtype: str) -> NDArray[Any]:
    """H on every qubit, RZ(x_i), RZZ(x_i x_j): a phase for each basis state, ``(samples, 2**n_qubits)``."""
    n, x = problem.n_qubits, problem.features
    bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
    signs = 1.0 - 2.0 * bits
    first, second = np.triu_indices(n, 1)
    angles = np.hstack([x, x[:, first] * x[:, second]])
    words = np.hstack([signs, signs[:, first] * signs[:, second]])
    real = np.float32 if dtype == "complex64" else np.float64
    phases = (angles @ (-0.5 * words.T)).astype(real)
    amplitudes = np.empty(phases.shape, dtype)
    scale = real(2.0 ** (-n / 2))
    np.multiply(np.cos(phases), scale, out=amplitudes.real)
    np.multiply(np.sin(phases), scale, out=amplitudes.imag)
    return amplitudes


def with_numpy(problem: Problem, dtype: str) -> Task:
    def gram() -> NDArray[Any]:
        amplitudes = states(problem, dtype)
        overlaps = amplitudes @ amplitudes.conj().T
        return overlaps.real**2 + overlaps.imag**2

    return Task(gram, lambda found: shown(found, problem))


def with_herk(problem: Problem, dtype: str) -> Task:
    amplitudes = states(problem, dtype)
    product = scipy.linalg.blas.zherk if dtype == "complex128" else scipy.linalg.blas.cherk

    def squares(upper: NDArray[Any]) -> NDArray[Any]:
        half = np.abs(np.triu(upper)) ** 2
        return half + np.triu(half, 1).T

    # A row-major matrix is its own transpose in column-major order: nothing is copied.
    return Task(
        lambda: product(1.0, amplitudes.T, trans=2),
        lambda found: shown(squares(found), problem),
        note="the product alone, on states that are there already",
    )


def shown(gram: NDArray[Any], problem: Problem) -> Mapping[str, Any]:
    """A corner of the matrix, and its product with a vector, to which every entry contributes."""
    direction = problem.cotangent[:, 0] / len(problem.cotangent)
    return {"block": gram[:BLOCK, :BLOCK].ravel(), "product": gram @ direction}


if __name__ == "__main__":
    serve({"numpy": with_numpy, "herk": with_herk}[sys.argv[1]], lambda: {"version": np.__version__})
