"""The engine under AddressSanitizer and UndefinedBehaviorSanitizer: `make sanitize`; exits with 1 unless it is clean.

Each instruction set that this processor runs goes through hundreds of random circuits, forward and in reverse, and
through the quick tests of the engine. Whatever a sanitizer says ends the process that it was said in, and is shown.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.native.build import INSTRUCTION_SETS, ROOT, BuildError, Copy, tool

FOLDER = ROOT / "build" / "sanitize"
FLAGS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g1")

AGREEMENT = "tests/engine/test_agreement.py::"
RANDOM_CIRCUITS = f"{AGREEMENT}test_values_and_gradients_agree_with_the_reference"
#: For the instruction set named by KETWISE_ISA.
TESTS = (
    "tests/engine/test_short_circuits.py",
    "tests/engine/test_thresholds.py",
    "tests/engine/test_extreme_angles.py",
    "tests/engine/test_wanted.py",
    "tests/engine/test_polynomial.py",
    f"{RANDOM_CIRCUITS}[0]",
    f"{RANDOM_CIRCUITS}[250]",
    f"{AGREEMENT}test_long_circuits_agree",
    f"{AGREEMENT}test_many_diagonal_rotations_cross_the_size_of_a_diagonal_pass",
    f"{AGREEMENT}test_controlled_not_moves_no_amplitude",
    f"{AGREEMENT}test_many_diagonal_terms_cross_the_blocks_in_which_they_are_summed",
    f"{AGREEMENT}test_every_width",
    "tests/engine/test_determinism.py",
    "tests/engine/test_sampling.py",
    "tests/blocks/kernels/test_overlaps.py",
    "tests/program/test_inputs.py",
    "tests/program/test_program.py",
)
#: Chosen by name: tests of every instruction set would be run once for each of them, and a sanitizer keeps memory and
#: takes time of its own, so that bytes and seconds are measured elsewhere.
LEFT_OUT = ("every_lane", "every_instruction_set", "digits", "memory", "refused_before_they_are_made")


def preloaded() -> str:
    """Return the sanitizers' libraries, which must be in the interpreter before it loads anything.

    The C++ library goes with them: AddressSanitizer looks for its functions when it starts.
    """
    found = []
    for name in ("libasan.so", "libubsan.so", "libstdc++.so"):
        asked = subprocess.run(
            [tool("g++"), f"-print-file-name={name}"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
        if not Path(asked).is_absolute():
            raise SystemExit(f"make sanitize needs GCC with {name}: sudo apt install g++")
        found.append(str(Path(asked).resolve()))
    return " ".join(found)


def settings(report: Path) -> dict[str, str]:
    """Return the environment that makes an interpreter a sanitized one.

    Leaks are not looked for when it ends: CPython keeps thousands of objects on purpose until the process is gone. That
    memory does not grow is a test of its own (tests/engine/test_robustness.py). PYTHONMALLOC gives every object its own
    block, with red zones around it.
    """
    return {
        "LD_PRELOAD": preloaded(),
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": f"detect_leaks=0:detect_stack_use_after_return=1:log_path={report}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:log_path={report}",
    }


def build(copy: Copy) -> list[str]:
    """Build every module that this processor runs; return their instruction sets."""
    copy.prepare()
    modules = [copy.build("baseline")]
    copy.put(modules)
    isas = copy.supported(INSTRUCTION_SETS, **settings(FOLDER / "reports" / "supported"))
    modules += [copy.build(isa) for isa in isas if isa != "baseline"]
    for module in modules:
        content = module.read_bytes()
        if b"__asan_" not in content or b"__ubsan_" not in content:
            raise SystemExit(f"{module} was built without the sanitizers")
    copy.put(modules)
    return isas


def run(copy: Copy, isa: str) -> bool:
    """Run the tests on one instruction set, show what the sanitizers said, and return whether all is clean."""
    reports = FOLDER / "reports"
    environment = copy.environment(KETWISE_ISA=isa, **settings(reports / isa))
    code = f"import ketwise.engine._native_{isa} as module; print(module.__file__)"
    asked = subprocess.run(
        copy.python("-c", code), env=environment, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=True
    )
    if not Path(asked.stdout.strip()).is_relative_to(FOLDER):
        raise SystemExit(f"the tests would run on {asked.stdout.strip()}, which is not the sanitized build")
    start = time.perf_counter()
    chosen = ["-k", f"not ({' or '.join(LEFT_OUT)})", *TESTS]
    # With sys.stderr captured instead of its file, what is said by a process about to end is not lost.
    pytest = copy.python("-m", "pytest", "-q", "-x", "--capture=sys", "-p", "no:cacheprovider", *chosen)
    failed = subprocess.run(pytest, env=environment, cwd=FOLDER, check=False).returncode != 0
    found = sorted(reports.glob(f"{isa}.*"))
    for report in found:
        print(report.read_text(errors="replace"))
    clean = not failed and not found
    print(f"{isa}: {'clean' if clean else 'NOT CLEAN'}, {time.perf_counter() - start:.0f} s", flush=True)
    return clean


def main() -> int:
    """Build, run, show; return 0 where nothing was found."""
    reports = FOLDER / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    for old in reports.iterdir():
        old.unlink()
    start = time.perf_counter()
    copy = Copy(FOLDER, optimise="-O1", flags=FLAGS, compiler=tool("g++"))
    try:
        isas = build(copy)
    except BuildError as error:
        print(error)
        return 1
    print(f"built {', '.join(isas)} with {FLAGS[0]}: {time.perf_counter() - start:.0f} s", flush=True)
    clean = [run(copy, isa) for isa in isas]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
