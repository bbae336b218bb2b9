"""Runs contestants side by side: each in a process of its own, values compared first, repeats interleaved."""

import contextlib
import json
import os
import platform
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
TOLERANCE = {"complex128": 1e-9, "complex64": 1e-4}
PATIENCE = 600.0  # seconds for one answer; compiling counts
SETTLE = 0.02  # seconds between runs: worker threads of the last contestant stop spinning
#: Variables that choose BLAS' kernels for it. Every contestant is measured with those that BLAS chooses itself.
SET_ASIDE = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@dataclass(frozen=True)
class Contestant:
    """A script, the environment it runs in, its precision and setting; ``column`` is where the table shows it."""

    column: str
    script: str
    dtype: str
    threads: int
    home: str | None = None  # name of its environment in .venv-peers; None: this one
    arguments: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    ours: bool = False
    #: Why it is no rival for the goals: it compiles first, or does only a part of the work.
    apart: str = ""

    @property
    def name(self) -> str:
        """Column and setting, for sentences."""
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.column} ({', '.join([*self.arguments, threads])})"

    @property
    def python(self) -> Path:
        """The interpreter that runs it."""
        return Path(sys.executable) if self.home is None else ROOT / ".venv-peers" / self.home / "bin" / "python"


class RefusedError(Exception):
    """A contestant that did not answer, with its last words."""


class Running:
    """The process of one contestant, and those that it starts."""

    def __init__(self, contestant: Contestant) -> None:
        # An environment without its stamp is a half-made one: not everything in it could be installed.
        if contestant.home is not None and not (contestant.python.parents[1] / ".installed").exists():
            failed = (contestant.python.parents[1] / ".failed").exists()
            raise RefusedError("not installed: it could not be" if failed else "not installed (make bench-peers)")
        threads = dict.fromkeys(["OMP_NUM_THREADS", "QULACS_NUM_THREADS", "KETWISE_NUM_THREADS"], contestant.threads)
        environ = {key: value for key, value in os.environ.items() if key not in SET_ASIDE}
        environ |= {key: str(value) for key, value in threads.items()} | dict(contestant.environ)
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, closed by stop
        self._process = subprocess.Popen(
            [
                *(str(contestant.python), "-W", "ignore"),
                *(str(ROOT / "benchmarks" / "peers" / contestant.script), *contestant.arguments),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=environ | {"CONTEST_CORES": str(cores())},
            start_new_session=True,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        if not ready:
            raise RefusedError(f"gave up after {PATIENCE:g} s")
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            raise RefusedError((self._errors.read().strip().splitlines() or ["ended without a word"])[-1])
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process with all that it started, and wait for it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._errors.close()


@dataclass
class Row:
    """What was measured of one contestant for one problem size; times in seconds."""

    contestant: Contestant
    first: float = 0.0
    note: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    error: str | None = None

    @property
    def median(self) -> float:
        """Median time of a run."""
        return statistics.median(self.times)

    def record(self) -> dict[str, Any]:
        """As a JSON object."""
        c = self.contestant
        return {
            "column": c.column,
            "name": c.name,
            "dtype": c.dtype,
            "threads": c.threads,
            "ours": c.ours,
            "apart": c.apart,
            "first_s": self.first,
            "times_s": self.times,
            "median_s": self.median if self.times else None,
            "note": self.note,
            "error": self.error,
            "about": self.about,
        }


def hold(
    contestants: Sequence[Contestant],
    request: dict[str, Any],
    repeats: int,
    budget: float,
    between: Callable[[], None] | None = None,
) -> list[Row]:
    """Measure all contestants on one problem size; ``request`` names it.

    A contestant stops early when its runs have taken ``budget`` seconds; each is timed at least once. ``between`` is
    called once a round, for what is to be measured under the same conditions.

    Raises
    ------
    ValueError
        When two contestants disagree about a value. No time is measured then.
    """
    rows = [Row(contestant) for contestant in contestants]
    running: dict[int, Running] = {}
    values: dict[int, dict[str, np.ndarray]] = {}
    try:
        for index, row in enumerate(rows):
            try:
                running[index] = Running(row.contestant)
                answer = running[index].ask(do="prepare", dtype=row.contestant.dtype, **request)
            except RefusedError as refusal:
                row.error = str(refusal)
                if index in running:
                    running.pop(index).stop()
                continue
            row.first, row.note, row.about = answer["first"], answer["note"], answer["about"]
            values[index] = {name: np.array(array) for name, array in answer["values"].items()}
        compare({rows[index].contestant: shown for index, shown in values.items()})
        for _ in range(repeats):
            if between:
                between()
            for index in values:
                row = rows[index]
                if row.error is None and (not row.times or sum(row.times) + row.median <= budget):
                    time.sleep(SETTLE)
                    try:
                        row.times.append(running[index].ask(do="run")["seconds"])
                    except RefusedError as refusal:
                        row.error, row.times = str(refusal), []
    finally:
        for process in running.values():
            process.stop()
    return rows


def compare(found: dict[Contestant, dict[str, np.ndarray]]) -> None:
    """Raise unless all values agree with the first double precision ones, relative to the largest of their kind."""
    exact = next((values for contestant, values in found.items() if contestant.dtype == "complex128"), {})
    for contestant, values in found.items():
        both = [name for name in values if name in exact and values[name].shape == exact[name].shape]
        if not both:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in values.items())
            raise ValueError(f"{contestant.name}: there is nothing to compare its {shapes} with")
        for name in both:
            scale = max(1.0, float(np.abs(exact[name]).max(initial=0.0)))
            error = float(np.abs(values[name] - exact[name]).max(initial=0.0)) / scale
            if not error <= TOLERANCE[contestant.dtype]:
                raise ValueError(
                    f"{contestant.name}, {contestant.dtype}: its {name} differs by {error:.1e}; "
                    f"allowed are {TOLERANCE[contestant.dtype]:.0e}. No times are shown"
                )


def machine() -> dict[str, Any]:
    """Processor, cores, load, and the environment variables that steer numerical libraries."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    steering = ("OPENBLAS_", "OMP_", "MKL_", "KETWISE_", "QULACS_")
    return {
        "processor": model,
        "cores": cores(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "environment": {
            key: value for key, value in os.environ.items() if key.startswith(steering) and key not in SET_ASIDE
        },
        "set_aside": [key for key in SET_ASIDE if key in os.environ],
    }


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
