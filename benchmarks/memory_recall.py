"""Speed: a probabilistic quantum memory stores p patterns of n bits and recalls one, beside the same circuit on Aer.

Goals, at every size and like beside like: gates that are simulated, on the dense engine and on the sparse one, at least
as fast as on Aer's state vector in its best setting (threads, fusion, level of the transpiler), once with the circuit
made, compiled or transpiled before (``ketwise``, ``sparse``, ``Aer``), once from the patterns to the answer in every
run (``whole``). ``closed form`` is an exact reduction that simulates no gate: it is shown, and no ratio is taken.

    python benchmarks/memory_recall.py [--full]

The circuit has n + 3 qubits: no pattern register, and one control, since more would only take longer on state vectors.
Success and posterior are compared before any time is printed.
"""

import sys

from case import OURS, Case, Extent, Goal
from contest import Contestant, cores
from rivals import DOUBLE
from runner import main

BITS: dict[Extent, tuple[int, ...]] = {"full": (4, 6, 8, 10, 12), "quick": (4, 8, 12), "tiny": (3,)}
PATTERNS: dict[Extent, tuple[int, ...]] = {"full": (2, 8, 32), "quick": (2, 8, 32), "tiny": (2,)}
SPARSE, WHOLE, SPARSE_WHOLE, CLOSED = "sparse", "ketwise whole", "sparse whole", "closed form"
AER, AER_WHOLE = "Aer", "Aer whole"
WAYS = {OURS: "dense", SPARSE: "sparse", WHOLE: "dense-whole", SPARSE_WHOLE: "sparse-whole", CLOSED: "closed"}
#: Which column of ours does what a column of Aer's does.
LIKE = {OURS: AER, SPARSE: AER, WHOLE: AER_WHOLE, SPARSE_WHOLE: AER_WHOLE}


def peers() -> list[Contestant]:
    """Aer in every setting that may be its best one."""
    return [
        Contestant(column, "aer_memory.py", DOUBLE, threads, "aer", (done, fusion), apart=apart)
        for column, done, apart in ((AER, "prepared", ""), (AER_WHOLE, "whole", "makes the circuit in every run"))
        for threads in sorted({1, cores()})
        for fusion in ("fusion", "plain")
    ]


def cases(extent: Extent) -> list[Case]:
    """Every number of bits and of patterns of which at most half are stored."""
    ours = [
        Contestant(column, "ketwise_memory.py", DOUBLE, cores(), None, (way,), ours=True)
        for column, way in WAYS.items()
    ]
    goals = tuple(Goal("times", 1, DOUBLE, rival, own) for own, rival in LIKE.items())
    return [
        Case(f"recall, {p} patterns", "memory", n, p, tuple(ours + ([] if extent == "tiny" else peers())), goals)
        for p in PATTERNS[extent]
        for n in BITS[extent]
        if 2 * p <= 2**n
    ]


if __name__ == "__main__":
    sys.exit(main([cases], __doc__))
