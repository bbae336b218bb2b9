"""PennyLane's ``lightning.qubit``: adjoint differentiation of all expectations, one sample after another.

The argument says what several cores do: ``threads`` share the observables (``batch_obs``), or ``processes`` the
samples. Asking the device for the vector-Jacobian product (``device_vjp=True``) or for one Hamiltonian a sample is
slower.
"""

import sys

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp
from problems import LAYERS, Problem, ring
from processes import Gradient, shared_out
from serve import Task, serve


def make(problem: Problem, dtype: str) -> Gradient:
    n = problem.n_qubits
    features = pnp.array(problem.features, requires_grad=False)
    cotangent = pnp.array(problem.cotangent.T, requires_grad=False)
    weights = pnp.array(problem.weights, requires_grad=True)
    device = qml.device("lightning.qubit", wires=n, c_dtype=np.dtype(dtype).type, batch_obs=sys.argv[1] == "threads")

    @qml.qnode(device, interface="autograd", diff_method="adjoint")
    def circuit(weights, features):
        angles = problem.angles(weights, features)
        if not problem.reuploads:
            for q in range(n):
                qml.RY(features[:, q], wires=q)
        for layer in range(LAYERS):
            for q in range(n):
                qml.Rot(*(angles[..., layer, q, k] for k in range(3)), wires=q)
            for control, target in ring(n, layer):
                qml.CNOT(wires=[control, target])
        return [qml.expval(qml.PauliZ(q)) for q in range(n)]

    gradient = qml.grad(lambda weights: pnp.sum(pnp.stack(circuit(weights, features)) * cotangent))
    return lambda: np.asarray(gradient(weights))


def prepare(problem: Problem, dtype: str) -> Task:
    run = shared_out(problem, lambda part: make(part, dtype)) if sys.argv[1] == "processes" else make(problem, dtype)
    return Task(run, lambda derivative: {"gradient": derivative.ravel()})


if __name__ == "__main__":
    serve(prepare, lambda: {"version": qml.__version__})
