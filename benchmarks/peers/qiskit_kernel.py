"""qiskit-machine-learning's ``FidelityStatevectorKernel`` with the IQP circuit; complex128 only.

Where the whole matrix would take over a minute, two corners are timed and the time of the whole is what
``a * samples + b * samples**2`` through both gives.
"""

import time
from itertools import combinations

import numpy as np
import qiskit_machine_learning
from problems import Problem
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit_machine_learning.kernels import FidelityStatevectorKernel
from serve import Task, serve

BLOCK = 32
MINUTE = 60.0


def circuit(n_qubits: int) -> QuantumCircuit:
    """H on every qubit, RZ(x_i), RZZ(x_i x_j)."""
    x = ParameterVector("x", n_qubits)
    made = QuantumCircuit(n_qubits)
    made.h(range(n_qubits))
    for q in range(n_qubits):
        made.rz(x[q], q)
    for a, b in combinations(range(n_qubits), 2):
        made.rzz(x[a] * x[b], a, b)
    return made


def prepare(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex128", "Statevector computes in complex128 only"
    kernel = FidelityStatevectorKernel(
        feature_map=circuit(problem.n_qubits), cache_size=len(problem.features), enforce_psd=False
    )
    samples = len(problem.features)
    direction = problem.cotangent[:, 0] / samples

    def seconds(size: int) -> float:
        start = time.perf_counter()
        kernel.evaluate(problem.features[:size])
        return time.perf_counter() - start

    small, large = max(2, samples // 16), max(4, samples // 8)
    seconds(small)
    linear, quadratic = np.linalg.solve(
        [[small, small**2], [large, large**2]], [seconds(small), at_large := seconds(large)]
    )
    whole = linear * samples + quadratic * samples**2
    scale = whole / at_large if whole > MINUTE else 1.0
    size = large if scale > 1.0 else samples

    def shown(gram):
        values = {"block": gram[:BLOCK, :BLOCK].ravel()}
        return values | ({"product": gram @ direction} if len(gram) == samples else {})

    note = f"{size} samples, scaled to {samples} as a * samples + b * samples**2" if scale > 1.0 else ""
    return Task(lambda: kernel.evaluate(problem.features[:size]), shown, scale=scale, note=note)


if __name__ == "__main__":
    serve(prepare, lambda: {"version": qiskit_machine_learning.__version__})
