"""What a run of a program costs, in words: from the plan of its backend, and measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ketwise.words.outputs import State

if TYPE_CHECKING:
    from ketwise.program.program import Program

REPEATS = 5


def explain(program: Program, plan: Any, batch: int) -> str:
    """Return the passes, operations, bytes and predicted time of a run, and the times measured now."""
    circuit = program.circuit
    detail = getattr(program.backend, "explain", None)
    lines = [
        f"{circuit.n_qubits} qubits, {len(circuit)} operations, depth {circuit.depth()}",
        detail(plan, batch) if detail else program.backend.name,
    ]
    rng = np.random.default_rng(0)
    params = rng.uniform(-1.0, 1.0, program.n_params)
    features = rng.uniform(-1.0, 1.0, (batch, program.n_features))
    measured: dict[str, Callable[[], object]] = {"values": lambda: program(params, features)}
    if not isinstance(program.outputs, State):
        weights = np.ones((batch, program.n_outputs))
        measured["values and gradient"] = lambda: program.vjp(params, features, weights)
    for what, run in measured.items():
        lines.append(f"measured now, {what}: {1e3 * _median(run):.3g} ms")
    return "\n".join(lines)


def _median(run: Callable[[], object]) -> float:
    """Seconds; the first run is not counted."""
    run()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
