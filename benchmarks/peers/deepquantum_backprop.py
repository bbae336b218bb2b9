"""DeepQuantum: all samples at once, mapped over by torch, and reverse mode through torch's autograd.

Its adjoint differentiation takes one sample of its distributed state at a time and is far slower here. Angles that
differ from sample to sample enter as encoded data, through which torch differentiates as well.
"""

import deepquantum
import torch
from problems import LAYERS, Problem, ring
from serve import Task, serve
from torch_pieces import torch_task


def prepare(problem: Problem, dtype: str) -> Task:
    n = problem.n_qubits
    real = {"complex64": torch.float32, "complex128": torch.float64}[dtype]
    circuit = deepquantum.QubitCircuit(n)
    if not problem.reuploads:
        for q in range(n):
            circuit.ry(q, encode=True)
    for layer in range(LAYERS):
        for q in range(n):
            circuit.rz(q, encode=problem.reuploads)
            circuit.ry(q, encode=problem.reuploads)
            circuit.rz(q, encode=problem.reuploads)
        for control, target in ring(n, layer):
            circuit.cnot(control, target)
    for q in range(n):
        circuit.observable(wires=q, basis="z")
    circuit.to(real)
    names = [name for name, _ in circuit.named_parameters()]

    def expectations(angles: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        if problem.reuploads:
            circuit(torch.stack(angles, dim=-1))
            return circuit.expectation()
        given = dict(zip(names, angles, strict=True))
        with torch.nn.utils.stateless._reparametrize_module(circuit, given):
            circuit(x)
            return circuit.expectation()

    return torch_task(problem, real, expectations)


if __name__ == "__main__":
    serve(prepare, lambda: {"version": f"{deepquantum.__version__}, torch {torch.__version__}"})
