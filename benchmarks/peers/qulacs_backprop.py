"""Qulacs: one circuit, ``backprop`` for each sample with the sample's own weighted sum of Z as observable.

The argument says what several cores do: ``threads`` work inside one state, or ``processes`` share the samples.
"""

import sys

import numpy as np
import qulacs
from numpy.typing import NDArray
from problems import LAYERS, Problem, ring
from processes import Gradient, shared_out
from serve import Task, serve


def make(problem: Problem) -> Gradient:
    """Qulacs' parametric gates are exp(+i angle/2 P): angles, and with them gradients, change sign."""
    n, features = problem.n_qubits, problem.features
    starts = 0 if problem.reuploads else n
    circuit = qulacs.ParametricQuantumCircuit(n)
    for q in range(starts):
        circuit.add_parametric_RY_gate(q, 0.0)
    for layer in range(LAYERS):
        for q in range(n):
            circuit.add_parametric_RZ_gate(q, 0.0)
            circuit.add_parametric_RY_gate(q, 0.0)
            circuit.add_parametric_RZ_gate(q, 0.0)
        for control, target in ring(n, layer):
            circuit.add_CNOT_gate(control, target)
    angles = -problem.angles(problem.weights, features)
    if problem.reuploads:
        own = angles.reshape(len(features), -1).tolist()
    else:
        own = (-features).tolist()
        for index, angle in enumerate(angles.ravel().tolist()):
            circuit.set_parameter(starts + index, angle)
    observables = []
    for row in problem.cotangent:
        observable = qulacs.Observable(n)
        for q in range(n):
            observable.add_operator(float(row[q]), f"Z {q}")
        observables.append(observable)

    def gradient() -> NDArray[np.float64]:
        derivatives = []
        for row, observable in zip(own, observables, strict=True):
            for index, angle in enumerate(row):
                circuit.set_parameter(index, angle)
            derivatives.append(circuit.backprop(observable))
        layers = -np.array(derivatives)[:, starts:].reshape(-1, LAYERS, n, 3)
        if not problem.reuploads:
            return layers.sum(axis=0)
        return np.stack([layers.sum(axis=0), (layers * features[:, None, :, None]).sum(axis=0)])

    return gradient


def prepare(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex128", "Qulacs computes in complex128 only"
    run = shared_out(problem, make) if sys.argv[1] == "processes" else make(problem)
    return Task(run, lambda derivative: {"gradient": derivative.ravel()})


if __name__ == "__main__":
    serve(prepare, lambda: {"version": str(qulacs.__version__)})
