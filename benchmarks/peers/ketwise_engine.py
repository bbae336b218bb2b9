"""ketwise. The argument says what: ``gradient`` and ``forward`` are one call for all samples, ``kernel`` a Gram matrix.

``first``: compile a circuit of 300 gates that was not seen before, and run it once. ``smallest-vjp`` and
``smallest-call``: one qubit, one RY. ``import``: a fresh interpreter imports ketwise, looks up one name, and ends.
"""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from problems import LAYERS, Problem, ring
from serve import Task, serve

import ketwise as kw
from ketwise.engine import native
from ketwise.engine.threads import n_threads

GATES = 300
BLOCK = 32  # rows and columns of a kernel matrix that are shown


def circuit(problem: Problem) -> kw.Circuit:
    """The problem's circuit; parameters are numbered as the weights are when they are laid flat."""
    n = problem.n_qubits
    x, w = kw.features(n), kw.params(problem.weights.size)
    c = kw.Circuit(n)
    if not problem.reuploads:
        for q in range(n):
            c.ry(x[q], q)
    for layer in range(LAYERS):
        for q in range(n):
            first = (layer * n + q) * 3
            angles = [w[first + k] for k in range(3)]
            if problem.reuploads:
                slopes = LAYERS * n * 3
                angles = [angle + w[slopes + first + k] * x[q] for k, angle in enumerate(angles)]
            c.rot(*angles, q)
        for control, target in ring(n, layer):
            c.cx(control, target)
    return c


def gradient(problem: Problem, dtype: str) -> Task:
    program = circuit(problem).compile([kw.Z(q) for q in range(problem.n_qubits)], dtype=dtype)
    weights = problem.weights.ravel()
    return Task(
        lambda: program.vjp(weights, problem.features, problem.cotangent)[1],
        lambda derivative: {"gradient": derivative},
        note=program.explain(),
    )


def forward(problem: Problem, dtype: str) -> Task:
    program = circuit(problem).compile([kw.Z(q) for q in range(problem.n_qubits)], dtype=dtype)
    weights = problem.weights.ravel()
    return Task(
        lambda: program(weights, problem.features),
        lambda values: {"expectations": values.ravel()},
        note=program.explain(),
    )


def kernel(problem: Problem, dtype: str) -> Task:
    encoding = kw.encodings.iqp(problem.n_qubits)
    direction = problem.cotangent[:, 0] / len(problem.cotangent)
    return Task(
        lambda: kw.kernels.fidelity(encoding, problem.features, dtype=dtype),
        lambda gram: {"block": gram[:BLOCK, :BLOCK].ravel(), "product": gram @ direction},
    )


def first(problem: Problem, dtype: str) -> Task:
    rng = np.random.default_rng(problem.n_qubits)
    waiting: list[tuple[kw.Circuit, np.ndarray]] = []

    def unseen() -> None:
        n, w = problem.n_qubits, iter(kw.params(GATES))
        c = kw.Circuit(n)
        for kind in rng.choice(["rx", "ry", "rz", "rzz", "cx", "h"], GATES):
            qubits = [int(q) for q in rng.choice(n, 2, replace=False)]
            if kind in ("cx", "h"):
                getattr(c, kind)(*qubits[: 1 + (kind == "cx")])
            else:
                getattr(c, kind)(next(w), *qubits[: 1 + (kind == "rzz")])
        waiting.append((c, rng.uniform(-np.pi, np.pi, c.n_params)))

    def run() -> Any:
        c, angles = waiting.pop()
        return c.compile([kw.Z(0)], dtype=dtype)(angles)

    return Task(run, lambda value: {"expectation": value}, before=unseen)


def smallest(problem: Problem, dtype: str, *, with_gradient: bool) -> Task:
    program = kw.Circuit(1).ry(kw.params(1)[0], 0).compile([kw.Z(0)], dtype=dtype)
    angle, one = np.array([0.3]), np.ones(1)
    run: Callable[[], Any] = (lambda: program.vjp(angle, None, one)[1]) if with_gradient else (lambda: program(angle))
    return Task(run, lambda value: {"derivative" if with_gradient else "expectation": value})


def importing(problem: Problem, dtype: str) -> Task:
    command = [sys.executable, "-c", "import ketwise; ketwise.Circuit"]
    return Task(lambda: subprocess.run(command, check=True), lambda done: {"code": done.returncode})


def about() -> dict[str, Any]:
    return {"version": kw.__version__, "isa": native.choose(), "threads": n_threads()}


if __name__ == "__main__":
    tasks = {
        "gradient": gradient,
        "forward": forward,
        "kernel": kernel,
        "first": first,
        "smallest-vjp": lambda problem, dtype: smallest(problem, dtype, with_gradient=True),
        "smallest-call": lambda problem, dtype: smallest(problem, dtype, with_gradient=False),
        "import": importing,
    }
    serve(tasks[sys.argv[1]], about)
