"""Speed: what a single small call costs. Times, not ratios: these are limits for people who wait and for inner loops.

Goals: the first call on a new circuit of 300 gates on 8 qubits, compiling included, under 5 ms; the smallest program,
one qubit and one RY, under 60 microseconds for a call and for a gradient; ``python -c "import ketwise"`` under 0.3 s.

    python benchmarks/latency.py
"""

import sys

from case import Case, Extent, Goal
from rivals import DOUBLE, SINGLE
from runner import main, ours

#: Scenario: what is asked of ours, qubits, and seconds at most.
LIMITS = {
    "first call, 300 gates": ("first", 8, 5e-3),
    "smallest call": ("smallest-call", 1, 60e-6),
    "smallest gradient": ("smallest-vjp", 1, 60e-6),
    "import": ("import", 1, 0.3),
}


def cases(extent: Extent) -> list[Case]:
    """Every limit, in both precisions where that can matter."""
    found = []
    for scenario, (argument, n, limit) in LIMITS.items():
        dtypes = (DOUBLE,) if argument == "import" else (DOUBLE, SINGLE)
        goals = tuple(Goal("seconds", limit, dtype) for dtype in dtypes)
        found.append(Case(scenario, "iqp", n, 1, tuple(ours(argument, dtypes)), goals))
    return found


if __name__ == "__main__":
    sys.exit(main([cases], __doc__))
