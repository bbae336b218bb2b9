"""What every script of this folder does when it is run: measure the cases of its scenarios, print one table."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import table
from case import Case, Extent
from contest import ROOT, Contestant, cores, machine
from limits import bandwidths, program

from ketwise.engine import native

Cases = Callable[[Extent], list[Case]]
REPEATS = {"full": 9, "quick": 5, "tiny": 2}
#: Kibibytes of the blocks of memory that are read and written, a core.
BLOCKS = {
    "full": (16, 32, 128, 256, 512, 1024, 2048, 8192, 32768, 131072),
    "quick": (16, 256, 4096, 65536),
    "tiny": (16,),
}
BUDGET = {"full": 40.0, "quick": 5.0, "tiny": 1.0}  # seconds for the runs of one contestant and case


def ours(script_argument: str, dtypes: Sequence[str] = ("complex128", "complex64")) -> list[Contestant]:
    """ketwise with the best instruction set, which counts for the goals, and with the one that most machines have."""
    found = native.instruction_sets()
    settings: list[tuple[str, tuple[tuple[str, str], ...]]] = [("ketwise", ())]
    if "avx2" in found and native.choose() != "avx2":
        settings.append(("ketwise avx2", (("KETWISE_ISA", "avx2"),)))
    return [
        Contestant(column, "ketwise_engine.py", dtype, cores(), None, (script_argument,), environ, ours=True)
        for column, environ in settings
        for dtype in dtypes
    ]


def named(contestant: Contestant, words: Sequence[str]) -> bool:
    """Whether a peer is asked for."""
    return any(word.lower() in contestant.name.lower() for word in words)


def main(scenarios: Sequence[Cases], description: str | None) -> int:
    """Measure, print, write JSON lines; return the exit code."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--full", dest="extent", action="store_const", const="full", help="every case and every peer")
    extent.add_argument("--tiny", dest="extent", action="store_const", const="tiny", help="the least, without peers")
    parser.add_argument("--qubits", type=int, nargs="+", help="only these numbers of qubits")
    parser.add_argument("--repeats", type=int, help="interleaved runs of each contestant")
    parser.add_argument("--budget", type=float, help="seconds for the runs of one contestant and case")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="peers whose name contains one of these")
    parser.add_argument("--check", action="store_true", help="exit code 1 when a goal is not met")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks" / "bench.jsonl")
    parser.set_defaults(extent="quick")
    options = parser.parse_args()
    repeats = options.repeats or REPEATS[options.extent]
    budget = options.budget or BUDGET[options.extent]

    about = machine()
    print(f"{about['processor']}, {about['cores']} cores, load {about['load']}, Python {about['python']}")
    if about["environment"]:
        print("environment:", " ".join(f"{key}={value}" for key, value in sorted(about["environment"].items())))
    found = native.instruction_sets()
    chosen = native.choose() if found else "none"
    isas = list(dict.fromkeys(isa for isa in (chosen, "avx2") if isa in found))
    missing = [isa for isa in isas if program(isa) is None]
    print(f"instruction set {chosen}" + ("; the column of the peak is missing: no C++ compiler" if missing else ""))
    if chosen != "avx512":
        print("the goals are stated for a machine with AVX-512")

    about |= {"isa": chosen, "bandwidth": bandwidths(chosen, BLOCKS[options.extent]) if found else []}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    cases = []
    with options.out.open("w") as out:
        out.write(json.dumps({"machine": about}) + "\n")
        for scenario in scenarios:
            for case in scenario(options.extent):
                if options.qubits and case.n_qubits not in options.qubits:
                    continue
                wanted = [c for c in case.contestants if c.ours or options.only is None or named(c, options.only)]
                print(f"... {case.scenario}, n = {case.n_qubits}", file=sys.stderr, flush=True)
                try:
                    cases.append(replace(case, contestants=tuple(wanted)).measure(isas, repeats, budget))
                except ValueError as error:
                    print(f"{case.scenario}, n = {case.n_qubits}: {error}", file=sys.stderr)
                    return 1
                out.write(json.dumps(cases[-1]) + "\n")
                out.flush()
    print("\n" + table.text(cases))
    print(f"\nload at the end {os.getloadavg()[0]:.2f}; every run: {options.out}")
    missed = any(goal["met"] is False for case in cases for goal in case["goals"])
    return 1 if missed and options.check else 0
