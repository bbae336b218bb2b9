"""ketwise: one program, one call of ``vjp`` for the whole batch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scenario import LAYERS, Scenario, ring
from serve import serve

import ketwise as kw
from ketwise.engine import native
from ketwise.engine.threads import n_threads


def circuit(n_qubits: int) -> kw.Circuit:
    """The scenario's circuit; the weights are numbered as in the array of shape (layers, qubits, 3)."""
    x, w = kw.features(n_qubits), kw.params(LAYERS * n_qubits * 3)
    c = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        c.ry(x[q], q)
    for layer in range(LAYERS):
        for q in range(n_qubits):
            first = (layer * n_qubits + q) * 3
            c.rot(w[first], w[first + 1], w[first + 2], q)
        for control, target in ring(n_qubits, layer):
            c.cx(control, target)
    return c


def prepare(problem: Scenario, dtype: str) -> Callable[[], NDArray[np.float64]]:
    n = problem.n_qubits
    program = circuit(n).compile([kw.Z(q) for q in range(n)], dtype=dtype)
    weights = problem.weights.ravel()
    return lambda: program.vjp(weights, problem.features, problem.cotangent)[1]


def about() -> dict[str, str]:
    return {"version": kw.__version__, "isa": native.choose(), "threads": str(n_threads())}


if __name__ == "__main__":
    serve(prepare, about)
