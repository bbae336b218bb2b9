"""PennyLane's ``default.qubit``: backpropagation, all samples broadcast in one execution.

Its argument is the interface that differentiates: ``autograd``, PennyLane's own, ``torch``, or ``jax``, which compiles
the whole gradient with XLA before the first run (``vmap`` instead of broadcasting takes the same time there). The
device computes in complex128 unless the state that it starts from is given in complex64.
"""

import sys
from collections.abc import Callable
from typing import Any

import pennylane as qml
from pennylane import numpy as pnp
from problems import LAYERS, Problem, ring
from serve import Task, best_pieces, in_pieces, serve


def node(problem: Problem, interface: str, zero: Any = None) -> Callable[[Any, Any], Any]:
    """Expectations from flat angles and features; ``zero`` is the first state where its precision matters."""
    n = problem.n_qubits

    @qml.qnode(qml.device("default.qubit", wires=n), interface=interface, diff_method="backprop")
    def circuit(angles, features):
        if zero is not None:
            qml.StatePrep(zero, wires=range(n))
        if not problem.reuploads:
            for q in range(n):
                qml.RY(features[:, q], wires=q)
        angles = iter(angles)
        for layer in range(LAYERS):
            for q in range(n):
                qml.Rot(next(angles), next(angles), next(angles), wires=q)
            for control, target in ring(n, layer):
                qml.CNOT(wires=[control, target])
        return [qml.expval(qml.PauliZ(q)) for q in range(n)]

    return circuit


def flat(angles: Any) -> list[Any]:
    """Angles in the order of the circuit."""
    layers, n_qubits, three = angles.shape[-3:]
    return [angles[..., i, q, k] for i in range(layers) for q in range(n_qubits) for k in range(three)]


def prepare_autograd(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex128", "autograd computes in complex128"
    circuit = node(problem, "autograd")
    weights = pnp.array(problem.weights, requires_grad=True)

    def loss(weights, features, cotangent):
        return pnp.sum(pnp.stack(circuit(flat(problem.angles(weights, features)), features)) * cotangent)

    derivative = qml.grad(loss, argnums=0)

    def gradient(pieces: int) -> Any:
        size = -(-len(problem.features) // pieces)
        starts = range(0, len(problem.features), size)
        parts = [(problem.features[s : s + size], problem.cotangent[s : s + size].T) for s in starts]
        return sum(derivative(weights, x, c) for x, c in parts)

    pieces = best_pieces(gradient, problem)
    return Task(lambda: gradient(pieces), lambda found: {"gradient": found.ravel()}, note=in_pieces(pieces))


def prepare_torch(problem: Problem, dtype: str) -> Task:
    import torch
    from torch_pieces import torch_task

    single = dtype == "complex64"
    zero = torch.zeros(2**problem.n_qubits, dtype=torch.complex64) if single else None
    if zero is not None:
        zero[0] = 1.0
    circuit = node(problem, "torch", zero)
    return torch_task(
        problem, torch.float32 if single else torch.float64, lambda angles, x: torch.stack(circuit(angles, x), dim=1)
    )


def prepare_jax(problem: Problem, dtype: str) -> Task:
    import jax

    jax.config.update("jax_enable_x64", dtype == "complex128")
    circuit = node(problem, "jax")
    arrays = (problem.weights, problem.features, problem.cotangent.T)
    weights, features, cotangent = (jax.numpy.asarray(array) for array in arrays)

    def loss(weights, features, cotangent):
        return (jax.numpy.stack(circuit(flat(problem.angles(weights, features)), features)) * cotangent).sum()

    gradient = jax.jit(jax.grad(loss))
    return Task(
        lambda: gradient(weights, features, cotangent).block_until_ready(), lambda found: {"gradient": found.ravel()}
    )


if __name__ == "__main__":
    interfaces = {"autograd": prepare_autograd, "torch": prepare_torch, "jax": prepare_jax}
    serve(interfaces[sys.argv[1]], lambda: {"version": qml.__version__})
