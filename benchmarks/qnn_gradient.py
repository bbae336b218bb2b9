"""Speed: the gradient of a quantum neural network over a batch of samples, beside the peers, in one run.

256 samples; RY(x) on every qubit, 6 strongly entangling layers, all <Z>, the gradient of a weighted sum with
respect to all weights. Goal, on a machine with AVX-512, for each number of qubits:

- float64: at least 40 times the fastest peer that computes in complex128;
- float32: at least 70 times the fastest peer of all.

    python benchmarks/qnn_gradient.py --qubits 4 8 10 12

A peer that compiles the circuit to machine code first, for seconds to minutes, is shown with that time and a sentence
of its own, and does not count for the goal. Gradients are compared before any time is printed. ``make bench-peers``
installs the peers.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from contest import ROOT, Contestant, Row, cores, hold, machine

GOALS = {"complex128": 40.0, "complex64": 70.0}
PRECISION = {"complex128": "float64", "complex64": "float32"}


def ours(instruction_sets: Sequence[str]) -> list[Contestant]:
    """ketwise with the best instruction set, which counts for the goals, and with others beside it."""
    chosen = [("ketwise", ()), *((f"ketwise {isa}", (("KETWISE_ISA", isa),)) for isa in instruction_sets)]
    return [
        Contestant(name, "ketwise_engine.py", dtype, cores(), environ=environ)
        for name, environ in chosen
        for dtype in GOALS
    ]


def peers() -> list[Contestant]:
    """Every peer, in each precision that it has; with one thread and with all where that may change the order."""
    double, single = GOALS
    n = cores()
    broadcast = "default_qubit_backprop.py"
    counts = sorted({1, n})
    return [
        *(Contestant("Qulacs backprop", "qulacs_backprop.py", double, t, "qulacs") for t in counts),
        Contestant("default.qubit autograd", broadcast, double, n, "pennylane", ("autograd",)),
        *(Contestant("default.qubit torch", broadcast, double, t, "pennylane", ("torch",)) for t in counts),
        Contestant("default.qubit jax", broadcast, double, n, "jax", ("jax",), compiles=True),
        *(Contestant("lightning.qubit", "lightning_adjoint.py", d, n, "pennylane") for d in (double, single)),
        *(
            Contestant("DeepQuantum", "deepquantum_backprop.py", d, t, "deepquantum")
            for d in (double, single)
            for t in counts
        ),
    ]


def table(rows: Sequence[Row]) -> str:
    """One problem size: median, fastest and slowest run, and how many times as long as ours it took.

    ``first`` is preparing, tracing or compiling and the first run; no other number contains it.
    """
    head = f"{'':24}{'precision':>11}{'threads':>8}{'first s':>9}{'median ms':>11}{'from':>10}{'to':>10}"
    lines = [head + f"{'runs':>6}{'/ ours f64':>12}{'/ ours f32':>12}"]
    own = {row.contestant.dtype: row.median for row in rows if row.contestant.name == "ketwise" and row.times}
    for row in rows:
        c = row.contestant
        line = f"{c.name:24}{c.dtype:>11}{c.threads:>8}"
        if row.error or not row.times:
            lines.append(f"{line}  {row.error or 'not measured'}")
            continue
        spread = f"{min(row.times) * 1e3:10.2f}{max(row.times) * 1e3:10.2f}"
        line += f"{row.first:9.2f}{row.median * 1e3:11.2f}{spread}"
        ratios = [f"{row.median / own[dtype]:12.1f}" if dtype in own else f"{'':12}" for dtype in GOALS]
        lines.append(f"{line}{len(row.times):6}" + "".join(ratios))
    return "\n".join(lines)


def verdicts(rows: Sequence[Row]) -> list[tuple[str, bool]]:
    """Each goal in words, and whether it is met; then, always true, how the compiling peers compare."""
    found = []
    measured = [row for row in rows if row.times]
    own = {row.contestant.dtype: row.median for row in measured if row.contestant.name == "ketwise"}
    rivals = [row for row in measured if not row.contestant.ours]
    for dtype, goal in GOALS.items():
        eligible = [r for r in rivals if not r.contestant.compiles and dtype in ("complex64", r.contestant.dtype)]
        if dtype in own and eligible:
            best = min(eligible, key=lambda row: row.median)
            ratio = best.median / own[dtype]
            words = f"{PRECISION[dtype]}: {ratio:.0f} times the fastest {_kind(dtype)} ({_name(best)})"
            found.append((f"{words}; goal {goal:.0f}: {'met' if ratio >= goal else 'NOT met'}", ratio >= goal))
    for row in rivals:
        if row.contestant.compiles:
            ratios = " and ".join(f"{row.median / own[d]:.1f} times in {PRECISION[d]}" for d in own)
            found.append((f"beside {_name(row)}, which first compiles for {row.first:.0f} s: {ratios}", True))
    return found


def _kind(dtype: str) -> str:
    return "complex128 peer" if dtype == "complex128" else "peer of all"


def _name(row: Row) -> str:
    return f"{row.contestant.name}, {row.contestant.dtype}, {row.contestant.threads} threads"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, nargs="+", default=[4, 8])
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--budget", type=float, default=60.0, help="seconds for the runs of one contestant and size")
    parser.add_argument("--only", nargs="+", default=[""], help="peers whose name contains one of these")
    parser.add_argument("--isa", nargs="*", default=["avx2"], help="instruction sets of ours to show beside the best")
    parser.add_argument("--check", action="store_true", help="exit code 1 when a goal is not met")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks" / "qnn_gradient.jsonl")
    options = parser.parse_args()

    about = machine()
    print(f"{about['processor']}, {about['cores']} cores, load {about['load']}, Python {about['python']}")
    if about["environment"]:
        print("environment:", " ".join(f"{key}={value}" for key, value in sorted(about["environment"].items())))
    contestants = ours(options.isa) + [
        peer for peer in peers() if any(word.lower() in peer.name.lower() for word in options.only)
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    missed = False
    with options.out.open("w") as out:
        out.write(json.dumps({"machine": about}) + "\n")
        for n_qubits in options.qubits:
            try:
                rows = hold(contestants, n_qubits, options.samples, options.repeats, options.budget)
            except ValueError as error:
                print(f"\nn = {n_qubits}: {error}", file=sys.stderr)
                return 1
            isa = next((row.about["isa"] for row in rows if "isa" in row.about), "none")
            print(f"\nn = {n_qubits}, {options.samples} samples; ketwise uses {isa}; gradients agree")
            print(table(rows))
            for words, met in verdicts(rows):
                print(words)
                missed |= not met
            if isa != "avx512":
                print(f"the goals are stated for a machine with AVX-512; this one uses {isa}")
            out.writelines(json.dumps({"isa": isa, **row.record()}) + "\n" for row in rows)
    print(f"\nload at the end {os.getloadavg()[0]:.2f}; every run: {options.out}")
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
