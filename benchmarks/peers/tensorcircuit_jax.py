"""TensorCircuit-NG on JAX: one sample's loss, mapped over the batch, and its gradient compiled by XLA."""

import jax
import tensorcircuit as tc
from problems import LAYERS, Problem, ring
from serve import Task, serve


def prepare(problem: Problem, dtype: str) -> Task:
    tc.set_backend("jax")
    tc.set_dtype(dtype)
    n = problem.n_qubits
    real = jax.numpy.float64 if dtype == "complex128" else jax.numpy.float32
    weights, features, cotangent = (
        jax.numpy.asarray(array, real) for array in (problem.weights, problem.features, problem.cotangent)
    )

    def loss(weights, x, c):
        circuit = tc.Circuit(n)
        angles = problem.angles(weights, x)
        if not problem.reuploads:
            for q in range(n):
                circuit.ry(q, theta=x[q])
        for layer in range(LAYERS):
            for q in range(n):
                circuit.rz(q, theta=angles[layer, q, 0])
                circuit.ry(q, theta=angles[layer, q, 1])
                circuit.rz(q, theta=angles[layer, q, 2])
            for control, target in ring(n, layer):
                circuit.cnot(control, target)
        return sum(c[q] * jax.numpy.real(circuit.expectation_ps(z=[q])) for q in range(n))

    batch = jax.vmap(loss, in_axes=(None, 0, 0))
    gradient = jax.jit(jax.grad(lambda weights, x, c: batch(weights, x, c).sum()))
    return Task(
        lambda: gradient(weights, features, cotangent).block_until_ready(), lambda found: {"gradient": found.ravel()}
    )


if __name__ == "__main__":
    serve(prepare, lambda: {"version": f"{tc.__version__}, jax {jax.__version__}"})
