"""DeepQuantum: all samples at once, mapped over by torch, and reverse mode through torch's autograd.

Its adjoint differentiation takes one sample of its distributed state at a time and is far slower here.
"""

from collections.abc import Callable

import deepquantum
import torch
from numpy.typing import NDArray
from scenario import LAYERS, Scenario, ring
from serve import serve


def prepare(problem: Scenario, dtype: str) -> Callable[[], NDArray]:
    n = problem.n_qubits
    real = {"complex64": torch.float32, "complex128": torch.float64}[dtype]
    circuit = deepquantum.QubitCircuit(n)
    for q in range(n):
        circuit.ry(q, encode=True)
    for layer in range(LAYERS):
        for q in range(n):
            circuit.rz(q)
            circuit.ry(q)
            circuit.rz(q)
        for control, target in ring(n, layer):
            circuit.cnot(control, target)
    for q in range(n):
        circuit.observable(wires=q, basis="z")
    circuit.to(real)
    parameters = list(circuit.parameters())
    with torch.no_grad():
        for parameter, weight in zip(parameters, problem.weights.ravel(), strict=True):
            parameter.fill_(weight)
    features = torch.tensor(problem.features, dtype=real)
    cotangent = torch.tensor(problem.cotangent, dtype=real)

    def run() -> NDArray:
        circuit(features)
        loss = (circuit.expectation() * cotangent).sum()
        return torch.stack(torch.autograd.grad(loss, parameters)).numpy()

    return run


if __name__ == "__main__":
    serve(prepare, lambda: {"version": f"{deepquantum.__version__}, torch {torch.__version__}"})
