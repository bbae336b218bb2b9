"""Mutation test of the native engine: `make mutants`; exits with 1 where fewer than 95 % of the faults are killed.

Each fault of the table is put into a copy of ``native/``, built, and run against the quick tests until one fails.
Finished results are kept in ``build/mutants/``, under a name that changes with the sources and the tests, so that a run
that was cut off goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.native.build import INSTRUCTION_SETS, ROOT, BuildError, Copy, project_files
from tests.native.faults.fault import Fault
from tests.native.faults.table import FAULTS

FOLDER = ROOT / "build" / "mutants"
SHARE = 0.95

RANDOM_CIRCUITS = "tests/engine/test_agreement.py::test_values_and_gradients_agree_with_the_reference"
#: The random circuits come in pieces, of which some are enough.
PIECES_LEFT_OUT = tuple(f"--deselect={RANDOM_CIRCUITS}[{first}]" for first in range(500, 2000, 250))
#: Runs of pytest, one after the other until a test fails: what finds most faults comes first. Tests that measure bytes
#: or seconds are not among them, nor tests/engine/test_instruction_sets.py, which looks at which modules were built.
STAGES = (
    ("tests/engine/test_short_circuits.py", f"{RANDOM_CIRCUITS}[0]", "tests/engine/test_polynomial.py"),
    ("tests/blocks/kernels/test_overlaps.py",),
    ("tests/engine/test_thresholds.py", "tests/engine/test_extreme_angles.py", "tests/engine/test_wanted.py"),
    ("tests/engine/test_determinism.py", "tests/contract/test_gates.py", "tests/contract/test_backends.py"),
    ("tests/engine/test_agreement.py", *PIECES_LEFT_OUT, "tests/program", "tests/engine/test_robustness.py"),
)
#: What a result depends on, beside its fault.
MATTERS = ("CMakeLists.txt", "pyproject.toml", "native/", "src/ketwise/words/", "src/ketwise/engine/")
MATTERS += ("src/ketwise/program/", "tests/random_circuits.py", "tests/engine/", "tests/program/", "tests/contract/")
MATTERS += ("src/ketwise/blocks/kernels/", "tests/blocks/kernels/")
NO_BUILD = "does not compile"
#: Seconds after which a test, and a stage, are given up: an endless loop is a fault that was found.
TEST_LIMIT, STAGE_LIMIT = 60, 400


@dataclass(frozen=True)
class Outcome:
    """What became of one fault: killed, by what, and the seconds of its build and of its tests."""

    digest: str
    breaks: str
    killed: bool
    by: str
    build_s: float
    test_s: float


def digest(fault: Fault) -> str:
    """Return the name under which the result of a fault is kept."""
    return hashlib.sha256(json.dumps(asdict(fault)).encode()).hexdigest()[:16]


def untrue(faults: list[Fault], files: dict[str, bytes]) -> list[str]:
    """Return what is wrong with rows of the table: a text that the source does not have, or has more than once."""
    counts = [(fault, files.get(f"native/{fault.file}", b"").count(fault.before.encode())) for fault in faults]
    return [
        f"{fault.breaks}\n  found {count} times in {fault.file}: {fault.before}"
        for fault, count in counts
        if count != 1
    ]


@dataclass(frozen=True)
class Workshop:
    """Where one worker builds: a copy for each level of optimisation, made when it is first needed."""

    folder: Path
    files: dict[str, bytes]

    def copy(self, optimise: str) -> tuple[Copy, Path]:
        """Return the copy of a level, as the project is, and its baseline module without fault."""
        copy = Copy(self.folder / optimise.strip("-"), optimise=optimise, flags=("-w",), files=self.files)
        unbroken = copy.folder / "unbroken"
        stamp = copy.folder / "prepared"
        wanted = hashlib.sha256(repr(sorted(self.files.items())).encode()).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            copy.prepare()
            copy.put([copy.build("baseline")])
            unbroken.mkdir(exist_ok=True)
            for module in (copy.folder / "src" / "ketwise" / "engine").glob("_native_*.so"):
                module.replace(unbroken / module.name)
            stamp.write_text(wanted)
        return copy, next(unbroken.iterdir())

    def try_out(self, fault: Fault, isa: str) -> Outcome:
        """Build the fault, run the tests, and leave the copy as it was."""
        copy, baseline = self.copy(fault.optimise)
        name = f"native/{fault.file}"
        copy.write(name, self.files[name].replace(fault.before.encode(), fault.after.encode()))
        start = time.perf_counter()
        try:
            module = copy.build(isa)
        except BuildError as error:
            print(error)
            return Outcome(digest(fault), fault.breaks, killed=False, by=NO_BUILD, build_s=0.0, test_s=0.0)
        finally:
            copy.restore(name)
        copy.put([module] if isa == "baseline" else [baseline, module])
        built = time.perf_counter()
        by = next((found for found in (_failure(copy, stage) for stage in STAGES) if found), "")
        end = time.perf_counter()
        return Outcome(digest(fault), fault.breaks, bool(by), by, round(built - start, 1), round(end - built, 1))


def _failure(copy: Copy, stage: tuple[str, ...]) -> str:
    """Run one stage; return what failed, or nothing."""
    options = ["-q", "-x", "-p", "no:cacheprovider", "-o", "timeout_method=thread", f"--timeout={TEST_LIMIT}"]
    command = copy.python("-m", "pytest", *options, *stage)
    with subprocess.Popen(
        command,
        env=copy.environment(),
        cwd=copy.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            said = process.communicate(timeout=STAGE_LIMIT)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"no end after {STAGE_LIMIT} s"
    if process.returncode == 0:
        return ""
    if process.returncode < 0:
        return signal.Signals(-process.returncode).name
    if process.returncode in (4, 5):
        raise SystemExit(f"pytest did not run {' '.join(stage)}:\n{said}")
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", said, re.MULTILINE)
    if failed:
        return failed.group(1)
    return f"no end after {TEST_LIMIT} s" if "Timeout" in said else said.strip().splitlines()[-1]


def kept(path: Path) -> dict[str, Outcome]:
    """Return the results of an earlier run on the same sources and tests."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [Outcome(**json.loads(line)) for line in lines if line.endswith("}")]
    return {outcome.digest: outcome for outcome in found}


def run(faults: list[Fault], isas: dict[str, str], shops: list[Workshop], path: Path, what: str) -> list[Outcome]:
    """Try out what is not yet known, and show each result as it comes."""
    known = kept(path)
    outcomes = [known[digest(fault)] for fault in faults if digest(fault) in known]
    open_faults = [fault for fault in faults if digest(fault) not in known]
    if outcomes:
        print(f"{len(outcomes)} of {len(faults)} {what} are known from before: {path.relative_to(ROOT)}")
    free: SimpleQueue[Workshop] = SimpleQueue()
    for shop in shops:
        free.put(shop)

    def work(fault: Fault) -> Outcome:
        shop = free.get()
        try:
            return shop.try_out(fault, isas[fault.isa])
        finally:
            free.put(shop)

    with ThreadPoolExecutor(len(shops)) as pool:
        jobs = [pool.submit(work, fault) for fault in open_faults]
        try:
            for job in as_completed(jobs):
                outcome = job.result()
                outcomes.append(outcome)
                if outcome.by != NO_BUILD:
                    with path.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(outcome)) + "\n")
                word = "killed  " if outcome.killed else "survived"
                times = f"{outcome.build_s:5.1f} + {outcome.test_s:5.1f} s"
                by = f"  ({outcome.by})" if outcome.by else ""
                print(f"[{len(outcomes):3}/{len(faults)}] {word} {times}  {outcome.breaks}{by}", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return outcomes


def main(arguments: list[str] | None = None) -> int:
    """Run the table; return 0 where at least 95 % of its faults were killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults whose words or file contain this")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="builds and tests at a time")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    files = project_files()
    faults = [fault for fault in FAULTS if options.only in fault.breaks or options.only in fault.file]
    wrong = untrue(faults, files)
    if wrong or not faults:
        print("The table does not fit the source:" if wrong else "no such fault", *wrong, sep="\n")
        return 2
    matters = repr(sorted((name, text) for name, text in files.items() if name.startswith(MATTERS)))
    state = hashlib.sha256(repr((matters, STAGES)).encode()).hexdigest()[:16]
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{state}.jsonl"

    shops = [Workshop(FOLDER / f"worker{k}", files) for k in range(options.jobs)]
    copy, baseline = shops[0].copy(Fault.optimise)
    copy.put([baseline])
    supported = copy.supported(INSTRUCTION_SETS)
    isas = {"best": supported[0], **{isa: isa for isa in supported}}
    elsewhere = [fault.breaks for fault in faults if fault.isa not in isas]
    faults = [fault for fault in faults if fault.isa in isas]
    settings = sorted({(fault.isa, fault.optimise) for fault in faults})
    nothing = [Fault(f"nothing ({isas[isa]}, {level})", "lanes.hpp", "", "", isa, level) for isa, level in settings]
    broken = [outcome for outcome in run(nothing, isas, shops, path, "unbroken engines") if outcome.killed]
    if broken:
        print("Without a fault the tests fail, so that they can judge none:", *(one.by for one in broken), sep="\n  ")
        return 2
    outcomes = run(faults, isas, shops, path, "faults")
    senseless = [outcome.breaks for outcome in outcomes if outcome.by == NO_BUILD]
    survivors = [outcome.breaks for outcome in outcomes if not outcome.killed and outcome.by != NO_BUILD]
    n_killed = sum(outcome.killed for outcome in outcomes)
    share = n_killed / len(outcomes)
    print(f"\n{n_killed} of {len(outcomes)} faults were killed: {share:.1%}; at least {SHARE:.0%} must be")
    for title, names in (("survived", survivors), (NO_BUILD, senseless), ("not on this processor", elsewhere)):
        print(*(f"{title}: {name}" for name in names), sep="\n", end="\n" if names else "")
    return 2 if senseless else int(share < SHARE)


if __name__ == "__main__":
    sys.exit(main())
