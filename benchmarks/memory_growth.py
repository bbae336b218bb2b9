"""Growth: storing more patterns and more bits, gate by gate on the sparse engine.

Goals: the time of the storage circuit grows with the n bits of a pattern about as n, at most as n**1.1, and with the p
patterns at most about as p**2, at most as p**2.1; fitted over all sizes, and between the two largest. There are of
order p n gates, and each passes over at most p + 1 amplitudes: p n p. While the fixed cost of a gate outweighs its
amplitudes, the power of p is nearer to 1.

    python benchmarks/memory_growth.py [--tiny] [--repeats 5] [--check]

The stored state and its greatest number of amplitudes are checked before any time is printed. Times are medians of
interleaved repeats in one process, with their quarters.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from contest import SETTLE, machine

from ketwise.blocks.memory import probabilistic_storage, stored_state
from ketwise.engine.sparse_run import run_sparse

PATTERNS, BITS = (25, 50, 100, 200, 400, 800, 1600, 3200), (16, 32, 64, 128, 256, 512)
FIXED_BITS, FIXED_PATTERNS = 64, 100
MOST_IN_BITS, MOST_IN_PATTERNS = 1.1, 2.1
TOLERANCE = 1e-9
SHORTEST = 0.05  # seconds


class Stored(NamedTuple):
    """A storage circuit's run."""

    size: tuple[int, int]
    gates: int
    most_terms: int
    make: Callable[[], Any]
    run: Callable[[], Any]


def storage(p: int, n: int) -> Stored:
    """Random patterns, with the circuit of the paper; refused where it stores anything else."""
    patterns = np.random.default_rng([p, n]).integers(0, 2, (p, n))
    circuit = probabilistic_storage(patterns)
    done = run_sparse(circuit)
    wanted = stored_state(patterns)
    error = abs(done.state.overlap(wanted) - 1.0)
    if not error <= TOLERANCE or done.state.n_terms != wanted.n_terms or done.most_terms > p + 1:
        raise SystemExit(f"{p} patterns of {n} bits: off by {error:.1e}, {done.most_terms} amplitudes at most")
    make, run = lambda: probabilistic_storage(patterns), lambda: run_sparse(circuit)
    return Stored((p, n), len(circuit.ops), done.most_terms, make, run)


def interleaved(calls: Sequence[Callable[[], Any]], repeats: int) -> list[list[float]]:
    """Seconds of every call, one of each in turn; a quick one is run until it has taken a while, and as long before."""
    times: list[list[float]] = [[] for _ in calls]
    loops = [max(1, int(SHORTEST / seconds(call, 1))) for call in calls]
    for _ in range(repeats):
        for call, count, kept in zip(calls, loops, times, strict=True):
            time.sleep(SETTLE)
            if count > 1:
                seconds(call, count)
            kept.append(seconds(call, count))
    return times


def seconds(call: Callable[[], Any], loops: int) -> float:
    """Of one call, from several."""
    start = time.perf_counter()
    for _ in range(loops):
        call()
    return (time.perf_counter() - start) / loops


def spread(times: Sequence[float]) -> str:
    """Median and quarters in milliseconds."""
    numbers = (1e3 * float(np.quantile(times, q)) for q in (0.25, 0.5, 0.75))
    low, middle, high = (f"{ms:.3g}" if ms < 1000 else f"{ms:,.0f}" for ms in numbers)
    return f"{middle} ({low} - {high})"


def power(sizes: Sequence[int], times: Sequence[list[float]]) -> float:
    """The exponent: slope of the logarithm of the median over that of the size."""
    return float(np.polyfit(np.log(sizes), np.log([np.median(each) for each in times]), 1)[0])


def line(*cells: Any) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def storages(sizes: Sequence[tuple[int, int]], axis: int, most: float, repeats: int) -> tuple[str, bool]:
    """Print one table; return its goal in words and whether it is met."""
    tried = [storage(*size) for size in sizes]
    making = interleaved([each.make for each in tried], repeats)
    running = interleaved([each.run for each in tried], repeats)
    heads = ("patterns", "bits", "qubits", "gates", "most amplitudes", "circuit made, ms", "run, ms", "a gate, µs")
    print()
    line(*heads)
    line(*["---"] * len(heads))
    for each, made, took in zip(tried, making, running, strict=True):
        p, n = each.size
        gate = 1e6 * np.median(took) / each.gates
        line(p, n, 2 * n + 2, f"{each.gates:,}", each.most_terms, spread(made), spread(took), f"{gate:.3g}")
    grown = [size[axis] for size in sizes]
    found = power(grown, running)
    local = power(grown[-2:], running[-2:])
    letter = "pn"[axis]
    words = f"storage grows as {letter}**{found:.2f}, between the two largest as {letter}**{local:.2f}"
    return f"{words}; at most {letter}**{most:g}", max(found, local) <= most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="the least that shows that it works, in seconds")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="exit code 1 when a goal is not met")
    given = parser.parse_args()
    patterns, bits, fixed = ((4, 8), (4, 8), (3, 4)) if given.tiny else (PATTERNS, BITS, (FIXED_PATTERNS, FIXED_BITS))
    about = machine()
    print(f"{about['processor']}, {about['cores']} cores, load {about['load']}; milliseconds, median (quarters)")
    judged = [
        storages([(p, fixed[1]) for p in patterns], 0, MOST_IN_PATTERNS, given.repeats),
        storages([(fixed[0], n) for n in bits], 1, MOST_IN_BITS, given.repeats),
    ]
    print("", *(f"{'met    ' if met else 'NOT met'}  {words}" for words, met in judged), sep="\n")
    print(f"load at the end {os.getloadavg()[0]:.2f}")
    return 1 if given.check and not all(met for _, met in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
