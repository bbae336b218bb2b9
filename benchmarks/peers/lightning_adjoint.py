"""PennyLane's ``lightning.qubit``: adjoint differentiation of all expectations, one sample after another.

Asking the device for the vector-Jacobian product (``device_vjp=True``) or for one Hamiltonian a sample is slower.
"""

from collections.abc import Callable

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane import numpy as pnp
from scenario import LAYERS, Scenario, ring
from serve import serve


def prepare(problem: Scenario, dtype: str) -> Callable[[], NDArray]:
    n = problem.n_qubits
    features = pnp.array(problem.features, requires_grad=False)
    cotangent = pnp.array(problem.cotangent.T, requires_grad=False)
    weights = pnp.array(problem.weights, requires_grad=True)
    device = qml.device("lightning.qubit", wires=n, c_dtype=np.dtype(dtype).type)

    @qml.qnode(device, interface="autograd", diff_method="adjoint")
    def circuit(weights, features):
        for q in range(n):
            qml.RY(features[:, q], wires=q)
        for layer in range(LAYERS):
            for q in range(n):
                qml.Rot(*weights[layer, q], wires=q)
            for control, target in ring(n, layer):
                qml.CNOT(wires=[control, target])
        return [qml.expval(qml.PauliZ(q)) for q in range(n)]

    gradient = qml.grad(lambda weights: pnp.sum(pnp.stack(circuit(weights, features)) * cotangent))
    return lambda: gradient(weights)


if __name__ == "__main__":
    serve(prepare, lambda: {"version": qml.__version__})
