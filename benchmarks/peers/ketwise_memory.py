"""ketwise stores patterns and recalls one. The argument says how, and what is in a run.

``dense`` and ``sparse`` simulate the gates of one circuit, made and compiled before, on the two engines.
``dense-whole`` and ``sparse-whole`` make it in every run, from the patterns. ``closed`` is the exact reduction: no gate
is simulated.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from memories import memory, read, shown
from problems import Problem
from serve import Task, serve

import ketwise as kw
from ketwise.blocks.memory import (
    probabilistic_recall,
    probabilistic_retrieval,
    probabilistic_simulation,
    probabilistic_storage,
    registers,
)
from ketwise.engine import native
from ketwise.engine.sparse_run import run_sparse
from ketwise.engine.threads import n_threads

ABOUT: dict[str, Any] = {}


def prepare(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex128", "the sparse engine computes in complex128 only"
    patterns, (probe,) = memory(problem)
    n = problem.n_qubits
    places = registers(n, n_controls=1, pattern_register=False)

    def circuit() -> kw.Circuit:
        storage = probabilistic_storage(patterns, n_controls=1, pattern_register=False)
        return storage + probabilistic_retrieval(probe, pattern_register=False)

    def compiled(made: kw.Circuit) -> Any:
        return made.compile(kw.Probabilities([*places.memory, *places.controls]))

    def sparse(made: kw.Circuit) -> Any:
        success, after = run_sparse(made).state.given({places.controls[0]: 0})
        assert after is not None
        bits = np.zeros((len(patterns), places.n_qubits), dtype=np.uint8)
        bits[:, :n] = patterns
        return success, np.abs(after.amplitudes_at(bits)) ** 2

    made = circuit()
    program = compiled(made)
    ABOUT.update(circuit_s=seconds(circuit), compile_s=seconds(lambda: compiled(made)), gates=len(made.ops))
    ways: dict[str, Callable[[], Any]] = {
        "dense": lambda: read(program(), patterns),
        "dense-whole": lambda: read(compiled(circuit())(), patterns),
        "sparse": lambda: sparse(made),
        "sparse-whole": lambda: probabilistic_simulation(patterns, probe, pattern_register=False),
        "closed": lambda: probabilistic_recall(patterns, probe),
    }
    return Task(ways[sys.argv[1]], lambda found: shown(found, problem))


def seconds(run: Callable[[], Any]) -> float:
    """Median of a few runs."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    serve(prepare, lambda: {"version": kw.__version__, "isa": native.choose(), "threads": n_threads()} | ABOUT)
