"""Qulacs: one circuit, ``backprop`` for each sample with the sample's own weighted sum of Z as observable."""

from collections.abc import Callable

import numpy as np
import qulacs
from numpy.typing import NDArray
from scenario import LAYERS, Scenario, ring
from serve import serve


def prepare(problem: Scenario, dtype: str) -> Callable[[], NDArray[np.float64]]:
    assert dtype == "complex128", "Qulacs computes in complex128 only"
    n = problem.n_qubits
    circuit = qulacs.ParametricQuantumCircuit(n)
    for q in range(n):
        circuit.add_parametric_RY_gate(q, 0.0)
    for layer in range(LAYERS):
        for q in range(n):
            # Qulacs' parametric gates are exp(+i angle/2 P): angles, and with them gradients, change sign.
            phi, theta, omega = -problem.weights[layer, q]
            circuit.add_parametric_RZ_gate(q, phi)
            circuit.add_parametric_RY_gate(q, theta)
            circuit.add_parametric_RZ_gate(q, omega)
        for control, target in ring(n, layer):
            circuit.add_CNOT_gate(control, target)
    observables = []
    for row in problem.cotangent:
        observable = qulacs.Observable(n)
        for q in range(n):
            observable.add_operator(float(row[q]), f"Z {q}")
        observables.append(observable)
    angles = (-problem.features).tolist()

    def run() -> NDArray[np.float64]:
        total = np.zeros(n + problem.weights.size)
        for row, observable in zip(angles, observables, strict=True):
            for q, angle in enumerate(row):
                circuit.set_parameter(q, angle)
            total += circuit.backprop(observable)
        return -total[n:]

    return run


if __name__ == "__main__":
    serve(prepare, lambda: {"version": str(qulacs.__version__)})
