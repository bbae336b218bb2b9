"""The same circuit on Qiskit Aer's state vector. The arguments say what is in a run, and whether Aer fuses gates.

Storage is written here with Qiskit's own gates, of which Aer simulates all natively, NOTs with many controls too;
retrieval is qclib's, the only library code there is. qclib prepares patterns in other ways (``FnPointsInitialize``,
``CvoqramInitialize``), which are other circuits. ``prepared``: transpiled before, with the level after which the run is
shortest. ``whole``: the circuit is made from the patterns in every run, and not transpiled, which takes longer than it
saves.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import qiskit_aer
from memories import Bits, memory, read, shown
from problems import Problem
from qclib.memory.pqm import initialize as retrieve
from qiskit import QuantumCircuit, transpile
from qiskit_aer import AerSimulator
from serve import Task, serve

LEVELS = (0, 1, 2, 3)
TRIES = 5
WORTH_IT = 0.97  # a higher level is taken where the run is shorter by more than what looks like chance
ABOUT: dict[str, Any] = {}


def circuit(patterns: Bits, probe: Bits) -> QuantumCircuit:
    """Trugenberger's storage with the bits written into the gates, and his retrieval with one control."""
    p, n = patterns.shape
    bits, marked, rest, control = range(n), n, n + 1, n + 2
    made = QuantumCircuit(n + 3)
    made.x(rest)
    for i, pattern in enumerate(patterns):
        for j in bits:
            made.cx(rest, j) if pattern[j] else made.x(j)
        made.mcx([*bits], marked)
        made.cry(-2.0 * np.arctan2(1.0, np.sqrt(p - 1 - i)), marked, rest)
        made.mcx([*bits], marked)
        for j in bits:
            made.cx(rest, j) if pattern[j] else made.x(j)
    retrieve(made, probe, bits, control, is_classical_pattern=True)
    made.save_probabilities([*bits, control])
    return made


def prepare(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex128"
    patterns, (probe,) = memory(problem)
    simulator = AerSimulator(
        method="statevector",
        precision="double",
        max_parallel_threads=int(os.environ["OMP_NUM_THREADS"]),
        fusion_enable=sys.argv[2] == "fusion",
    )

    def run(made: QuantumCircuit) -> Any:
        return read(np.asarray(simulator.run(made, shots=1).result().data()["probabilities"]), patterns)

    if sys.argv[1] == "whole":
        return Task(lambda: run(circuit(patterns, probe)), lambda found: shown(found, problem))
    made = circuit(patterns, probe)
    transpile(made, simulator, optimization_level=0)  # the very first time also looks for plugins
    best, level, to_transpile, to_run = made, -1, 0.0, np.inf
    for tried in LEVELS:
        transpiled, seconds = shortest(lambda level: transpile(made, simulator, optimization_level=level), tried)
        _, took = shortest(run, transpiled)
        if took < WORTH_IT * to_run:
            best, level, to_transpile, to_run = transpiled, tried, seconds, took
    note = f"level {level}, {made.size() - 1} gates transpiled to {best.size() - 1} in {1e3 * to_transpile:.3g} ms"
    ABOUT.update(transpile_s=to_transpile, level=level)
    return Task(lambda: run(best), lambda found: shown(found, problem), note=note)


def shortest(work: Callable[[Any], Any], given: Any) -> tuple[Any, float]:
    """What ``work`` returned, and the seconds of the quickest of some tries."""
    times = []
    for _ in range(TRIES):
        start = time.perf_counter()
        made = work(given)
        times.append(time.perf_counter() - start)
    return made, min(times)


if __name__ == "__main__":
    serve(prepare, lambda: {"version": qiskit_aer.__version__} | ABOUT)
