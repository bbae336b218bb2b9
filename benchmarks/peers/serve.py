"""What a contestant's process does: prepare a problem once, show what it computed, then run it whenever asked.

One JSON object a line on standard input, one on standard output. What a library prints goes to standard error.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from problems import Problem, problem

SHORTEST = 0.1  # seconds; a quicker run is repeated until it takes this long, and before that as long untimed
LONG = 5.0  # seconds; after a first run of this length there is no second warm-up


@dataclass(frozen=True)
class Task:
    """A prepared problem: ``run`` is what is timed."""

    run: Callable[[], Any]
    #: What ``run`` returned, as named arrays that can be compared with those of others. Never timed.
    shown: Callable[[Any], Mapping[str, Any]]
    #: Called before each run and not timed.
    before: Callable[[], None] | None = None
    #: Seconds of the whole problem from the seconds of ``run``, where that is only a part of it.
    scale: float = 1.0
    #: What a reader must know about the time.
    note: str = ""


Prepare = Callable[[Problem, str], Task]


def serve(prepare: Prepare, about: Callable[[], dict[str, Any]]) -> None:
    """Answer ``prepare`` and ``run`` requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    _go_first_when_memory_ends()
    task: Task | None = None
    loops = 1
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "prepare":
            given = problem(request["problem"], request["n_qubits"], request["samples"])
            start = time.perf_counter()
            task = prepare(given, request["dtype"])
            if task.before:
                task.before()
            result = task.run()
            first = time.perf_counter() - start
            loops = max(1, int(np.ceil(SHORTEST / _timed(task, 1)))) if first < LONG else 1
            values = {name: np.asarray(array, np.float64).tolist() for name, array in task.shown(result).items()}
            answer = {"values": values, "first": first, "note": task.note, "about": about()}
        else:
            assert task is not None, "prepare comes before run"
            if loops > 1:
                _timed(task, loops)  # another contestant has filled the caches, and this one's cores have slept
            answer = {"seconds": _timed(task, loops) * task.scale}
        answers.write(json.dumps(answer) + "\n")


def best_pieces(run: Callable[[int], Any], given: Problem) -> int:
    """In how many pieces a library takes the batch fastest: they are halved as long as that helps.

    ``run(pieces)`` computes everything. What reverse mode keeps of a whole batch may be too much for a cache, and must
    not take more than a quarter of the memory.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    pieces, best, shortest = 1, 1, np.inf
    while given.tape_bytes / pieces > memory / 4 and pieces < len(given.features):
        pieces *= 2
    run(pieces)  # the very first run also imports, traces and allocates
    while pieces <= len(given.features):
        start = time.perf_counter()
        run(pieces)
        seconds = time.perf_counter() - start
        if seconds > shortest:
            break
        best, shortest, pieces = pieces, seconds, 2 * pieces
    return best


def in_pieces(pieces: int) -> str:
    """What a reader must know about that."""
    return f"the batch in {pieces} pieces" if pieces > 1 else ""


def _timed(task: Task, loops: int) -> float:
    if task.before is None:
        start = time.perf_counter()
        for _ in range(loops):
            task.run()
        return (time.perf_counter() - start) / loops
    total = 0.0
    for _ in range(loops):
        task.before()
        start = time.perf_counter()
        task.run()
        total += time.perf_counter() - start
    return total / loops


def _go_first_when_memory_ends() -> None:
    """Where memory runs out it is this process that ends, and not one of its innocent neighbours (Linux only)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
