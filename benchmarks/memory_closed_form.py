"""Speed: recall of a probabilistic quantum memory in closed form, up to 10,000 patterns of 784 bits and 1,000 probes.

Goal, at every size: at least as fast as NumPy with BLAS products for the distances, in its best setting (threads, and
probes in one product). Nothing is simulated here, on either side.

    python benchmarks/memory_closed_form.py

Success and posterior are compared before any time is printed.
"""

import sys

from case import OURS, Case, Extent, Goal
from contest import Contestant, cores
from rivals import DOUBLE
from runner import main

#: Patterns, bits, probes.
SIZES: dict[Extent, tuple[tuple[int, int, int], ...]] = {
    "full": ((100, 64, 1), (100, 64, 100), (1_000, 784, 100), (10_000, 784, 100), (10_000, 784, 1_000)),
    "quick": ((100, 64, 100), (1_000, 784, 100), (10_000, 784, 1_000)),
    "tiny": ((20, 16, 5),),
}
NUMPY = "NumPy"
ROWS = (16, 64, 256)


def contestants(n_probes: int) -> tuple[Contestant, ...]:
    """NumPy runs in our own environment; one product of few probes stays in the cache, of many it shares out."""
    script, probes = "closed_recall.py", str(n_probes)
    ours = Contestant(OURS, script, DOUBLE, cores(), None, ("ketwise", probes), ours=True)
    rows = [count for count in ROWS if count < n_probes] + [n_probes]
    settings = [(count, threads) for count in rows for threads in sorted({1, cores()})]
    return (
        ours,
        *(Contestant(NUMPY, script, DOUBLE, threads, None, ("numpy", probes, str(c))) for c, threads in settings),
    )


def cases(extent: Extent) -> list[Case]:
    """Every size; in a tiny run without NumPy."""
    goals = (Goal("times", 1, DOUBLE, NUMPY),)
    return [
        Case(
            f"closed form, {p:,} patterns, {k:,} probe{'s' * (k > 1)}",
            "memory",
            n,
            p,
            contestants(k)[: 1 if extent == "tiny" else None],
            goals,
        )
        for p, n, k in SIZES[extent]
    ]


if __name__ == "__main__":
    sys.exit(main([cases], __doc__))
