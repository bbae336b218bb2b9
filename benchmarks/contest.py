"""Runs contestants side by side: each in a process of its own, values compared first, repeats interleaved."""

import contextlib
import json
import os
import platform
import select
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
TOLERANCE = {"complex128": 1e-9, "complex64": 1e-4}
PATIENCE = 900.0  # seconds for one answer


@dataclass(frozen=True)
class Contestant:
    """One row of the table: a script, the environment it runs in, its precision and number of threads."""

    name: str
    script: str
    dtype: str
    threads: int
    home: str | None = None  # name of its environment in .venv-peers; None: this one
    arguments: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    compiles: bool = False  # to machine code, for one circuit, before its first run

    @property
    def ours(self) -> bool:
        """Whether it is ketwise itself."""
        return self.home is None

    @property
    def python(self) -> Path:
        """The interpreter that runs it."""
        return Path(sys.executable) if self.ours else ROOT / ".venv-peers" / str(self.home) / "bin" / "python"


class RefusedError(Exception):
    """A contestant that did not answer, with its last words."""


class Running:
    """The process of one contestant."""

    def __init__(self, contestant: Contestant) -> None:
        if not contestant.python.exists():
            raise RefusedError("not installed (make bench-peers)")
        threads = dict.fromkeys(["OMP_NUM_THREADS", "QULACS_NUM_THREADS", "KETWISE_NUM_THREADS"], contestant.threads)
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
            env=os.environ | {key: str(value) for key, value in threads.items()} | dict(contestant.environ),
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self._process.kill()
            self._errors.seek(0)
            words = self._errors.read().strip().splitlines()
            raise RefusedError((words or ["ended without a word"])[-1] if ready else f"no answer in {PATIENCE:g} s")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process and wait for it."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()


@dataclass
class Row:
    """What was measured of one contestant for one problem size; times in seconds."""

    contestant: Contestant
    n_qubits: int
    first: float = 0.0
    about: dict[str, str] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    error: str | None = None

    @property
    def median(self) -> float:
        """Median time of a run."""
        return statistics.median(self.times)

    def record(self) -> dict[str, Any]:
        """As one JSON object."""
        c = self.contestant
        return {
            "name": c.name,
            "dtype": c.dtype,
            "threads": c.threads,
            "n_qubits": self.n_qubits,
            "first_s": self.first,
            "times_s": self.times,
            "median_s": self.median if self.times else None,
            "error": self.error,
            "about": self.about,
        }


def hold(contestants: Sequence[Contestant], n_qubits: int, samples: int, repeats: int, budget: float) -> list[Row]:
    """Measure all contestants on one problem size.

    A contestant stops early when its runs have taken ``budget`` seconds; each is timed at least once.

    Raises
    ------
    ValueError
        When two contestants disagree about the gradient. No time is measured then.
    """
    rows = [Row(contestant, n_qubits) for contestant in contestants]
    running: dict[int, Running] = {}
    gradients: dict[int, np.ndarray] = {}
    try:
        for index, row in enumerate(rows):
            try:
                running[index] = Running(row.contestant)
                answer = running[index].ask(
                    do="prepare", n_qubits=n_qubits, samples=samples, dtype=row.contestant.dtype
                )
            except RefusedError as refusal:
                row.error = str(refusal)
                continue
            row.first, row.about = answer["first"], answer["about"]
            gradients[index] = np.array(answer["gradient"])
        compare({rows[index].contestant: gradient for index, gradient in gradients.items()})
        for _ in range(repeats):
            for index in gradients:
                row = rows[index]
                if row.error is None and (not row.times or sum(row.times) + row.median <= budget):
                    try:
                        row.times.append(running[index].ask(do="run")["seconds"])
                    except RefusedError as refusal:
                        row.error, row.times = str(refusal), []
    finally:
        for process in running.values():
            process.stop()
    return rows


def compare(gradients: dict[Contestant, np.ndarray]) -> None:
    """Raise unless all gradients agree with the first double precision one, relative to the largest entry."""
    exact = [gradient for contestant, gradient in gradients.items() if contestant.dtype == "complex128"]
    for contestant, gradient in gradients.items():
        scale = max(1.0, float(np.abs(exact[0]).max())) if exact else 1.0
        if not exact or gradient.shape != exact[0].shape:
            raise ValueError(f"{contestant.name}: a gradient of shape {gradient.shape} has nothing to compare with")
        error = float(np.abs(gradient - exact[0]).max()) / scale
        if not error <= TOLERANCE[contestant.dtype]:
            raise ValueError(
                f"{contestant.name} ({contestant.dtype}, {contestant.threads} threads) differs by {error:.1e}; "
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
        "environment": {key: value for key, value in os.environ.items() if key.startswith(steering)},
    }


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
