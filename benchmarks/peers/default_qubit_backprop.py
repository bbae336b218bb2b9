"""PennyLane's ``default.qubit``: backpropagation, all samples broadcast in one execution.

Its argument is the interface that differentiates: ``autograd``, PennyLane's own, ``torch``, or ``jax``, which compiles
the whole gradient with XLA before the first run (``vmap`` instead of broadcasting takes the same time there).
"""

import sys
from collections.abc import Callable

import pennylane as qml
from numpy.typing import NDArray
from pennylane import numpy as pnp
from scenario import LAYERS, Scenario, ring
from serve import serve


def node(n: int, interface: str) -> qml.QNode:
    """The scenario's circuit."""

    @qml.qnode(qml.device("default.qubit", wires=n), interface=interface, diff_method="backprop")
    def circuit(weights, features):
        for q in range(n):
            qml.RY(features[:, q], wires=q)
        for layer in range(LAYERS):
            for q in range(n):
                qml.Rot(*weights[layer, q], wires=q)
            for control, target in ring(n, layer):
                qml.CNOT(wires=[control, target])
        return [qml.expval(qml.PauliZ(q)) for q in range(n)]

    return circuit


def prepare_autograd(problem: Scenario, dtype: str) -> Callable[[], NDArray]:
    assert dtype == "complex128", "default.qubit computes in complex128 only"
    circuit = node(problem.n_qubits, "autograd")
    features = pnp.array(problem.features, requires_grad=False)
    cotangent = pnp.array(problem.cotangent.T, requires_grad=False)
    weights = pnp.array(problem.weights, requires_grad=True)
    gradient = qml.grad(lambda weights: pnp.sum(pnp.stack(circuit(weights, features)) * cotangent))
    return lambda: gradient(weights)


def prepare_torch(problem: Scenario, dtype: str) -> Callable[[], NDArray]:
    import torch

    assert dtype == "complex128", "default.qubit computes in complex128 only"
    circuit = node(problem.n_qubits, "torch")
    features = torch.tensor(problem.features)
    cotangent = torch.tensor(problem.cotangent.T)
    weights = torch.tensor(problem.weights, requires_grad=True)

    def run() -> NDArray:
        loss = (torch.stack(circuit(weights, features)) * cotangent).sum()
        return torch.autograd.grad(loss, weights)[0].numpy()

    return run


def prepare_jax(problem: Scenario, dtype: str) -> Callable[[], NDArray]:
    import jax

    assert dtype == "complex128", "float32 angles run in the same time"
    jax.config.update("jax_enable_x64", True)
    circuit = node(problem.n_qubits, "jax")
    arrays = (problem.weights, problem.features, problem.cotangent.T)
    weights, features, cotangent = (jax.numpy.asarray(array) for array in arrays)

    def loss(weights, features, cotangent):
        return (jax.numpy.stack(circuit(weights, features)) * cotangent).sum()

    gradient = jax.jit(jax.grad(loss))
    return lambda: gradient(weights, features, cotangent).block_until_ready()


if __name__ == "__main__":
    interfaces = {"autograd": prepare_autograd, "torch": prepare_torch, "jax": prepare_jax}
    serve(interfaces[sys.argv[1]], lambda: {"version": qml.__version__})
