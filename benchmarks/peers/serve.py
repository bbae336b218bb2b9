"""What a contestant's process does: prepare a problem once, show its gradient, then run it whenever asked.

One JSON object a line on standard input, one on standard output. What a library prints goes to standard error.
"""

import json
import os
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scenario import Scenario, scenario

Run = Callable[[], NDArray[np.float64]]
Prepare = Callable[[Scenario, str], Run]

SHORTEST = 0.02  # seconds; a quicker run is repeated until it takes this long
LONG = 5.0  # seconds; after a first run of this length there is no second warm-up


def serve(prepare: Prepare, about: Callable[[], dict[str, str]]) -> None:
    """Answer ``prepare`` and ``run`` requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    run: Run | None = None
    loops = 1
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "prepare":
            problem = scenario(request["n_qubits"], request["samples"])
            start = time.perf_counter()
            run = prepare(problem, request["dtype"])
            gradient = run()
            first = time.perf_counter() - start
            loops = max(1, int(np.ceil(SHORTEST / _timed(run, 1)))) if first < LONG else 1
            flat = np.asarray(gradient, dtype=np.float64).ravel().tolist()
            answer = {"gradient": flat, "first": first, "about": about()}
        else:
            assert run is not None, "prepare comes before run"
            answer = {"seconds": _timed(run, loops)}
        answers.write(json.dumps(answer) + "\n")


def _timed(run: Run, loops: int) -> float:
    start = time.perf_counter()
    for _ in range(loops):
        run()
    return (time.perf_counter() - start) / loops
