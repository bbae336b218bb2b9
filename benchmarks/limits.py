"""The processor's own limits, measured in the run that they are compared with: multiply-adds, bytes of each memory.

``limits.cpp`` is compiled on demand, once for each instruction set of ours; without a compiler there are no limits.
"""

import os
import shutil
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contest import ROOT, cores

SOURCE = Path(__file__).with_name("limits.cpp")
#: Width of a vector and compiler flags, as for the modules of the engine.
FLAGS = {
    "avx512": ("64", ["-mavx512f", "-mfma", "-mprefer-vector-width=512"]),
    "avx2": ("32", ["-mavx2", "-mfma"]),
    "baseline": ("16", []),
}
DTYPES = ("complex64", "complex128")
MOMENT = 0.05  # seconds of one measurement of each precision


def compiler() -> str | None:
    """The C++ compiler of this machine."""
    wanted = os.environ.get("CXX", "c++").split()[0]
    return next((found for name in (wanted, "c++", "g++", "clang++") if (found := shutil.which(name))), None)


def program(isa: str, folder: Path = ROOT / "build" / "benchmarks") -> Path | None:
    """The compiled program for one instruction set, newer than its source; None where it cannot be made."""
    made = folder / f"limits-{isa}"
    if made.exists() and made.stat().st_mtime > SOURCE.stat().st_mtime:
        return made
    wanted = compiler()
    if wanted is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    width, flags = FLAGS[isa]
    command = [wanted, "-O3", "-std=c++17", "-ffp-contract=fast", "-pthread", f"-DVECTOR_BYTES={width}", *flags]
    done = subprocess.run([*command, "-o", str(made), str(SOURCE)], capture_output=True, check=False)
    return made if done.returncode == 0 else None


def _numbers(isa: str, *words: object) -> list[float]:
    """What the program prints; nothing where it is not there, or needs instructions that this processor lacks."""
    made = program(isa)
    if made is None:
        return []
    done = subprocess.run([str(made), *map(str, words)], capture_output=True, text=True, check=False)
    return [float(word) for word in done.stdout.split()] if done.returncode == 0 else []


@dataclass
class Peak:
    """Multiply-adds a second with one instruction set: GFLOP/s of all cores and of one, by precision of the state."""

    isa: str
    all_cores: dict[str, list[float]] = field(default_factory=lambda: {dtype: [] for dtype in DTYPES})
    one_core: dict[str, list[float]] = field(default_factory=lambda: {dtype: [] for dtype in DTYPES})

    def measure(self) -> None:
        """Measure once more."""
        for kept, threads in ((self.all_cores, cores()), (self.one_core, 1)):
            for dtype, value in zip(DTYPES, _numbers(self.isa, "fma", threads, MOMENT), strict=False):
                kept[dtype].append(value)

    def record(self) -> dict[str, dict[str, float]]:
        """Medians as a JSON object, empty where nothing was measured."""
        return {
            name: {dtype: statistics.median(values) for dtype, values in kept.items() if values}
            for name, kept in (("all_cores", self.all_cores), ("one_core", self.one_core))
        }


def bandwidths(isa: str, kibibytes: Sequence[int], tries: int = 3) -> list[tuple[int, float]]:
    """Kibibytes, and GB/s of all cores that each read and write back so large a block of memory: the best of some."""
    measured = ((size, [_numbers(isa, "bytes", cores(), size, MOMENT) for _ in range(tries)]) for size in kibibytes)
    return [(size, max(numbers)[0]) for size, numbers in measured if all(numbers)]
