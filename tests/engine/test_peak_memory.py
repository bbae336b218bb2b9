"""What a run is said to need, in a refusal, against the growth of a fresh process that makes the run."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import memory
from ketwise.engine.native import instruction_sets

pytestmark = [
    pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine"),
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's peak from /proc"),
]

MODES = ("run", "gradient", "forward", "backward")
DTYPES = ("complex64", "complex128")
#: Qubits and samples: one tile; one large one; several, of which two threads hold two at a time.
SIZES = ((18, 1), (20, 1), (16, 200))
CASES = list(itertools.product(SIZES, DTYPES, MODES))
UNITS = {"bytes": 0, "KiB": 1, "MiB": 2, "GiB": 3}


def problem(n_qubits: int, batch: int, dtype: str):
    w, x = kw.params(2), kw.features(1)
    circuit = kw.Circuit(n_qubits)
    for q in range(0, n_qubits, 3):
        circuit.ry(w[0] * x[0], q).rz(x[0], q).cx(q, (q + 1) % n_qubits).rx(w[1], q)
    program = circuit.compile([kw.Z(0), kw.X(1)], dtype=dtype)
    return program, np.array([0.3, 0.4]), np.ones((batch, 1)), np.ones((batch, 2))


def needed(call, *arguments) -> int:
    """The bytes that a refusal names."""
    available, memory.available_bytes = memory.available_bytes, lambda: 0
    try:
        call(*arguments)
    except MemoryError as error:
        value, unit = re.search(r"needs ([\d.]+) (\w+), 0 bytes can be used", str(error)).groups()
        return int(float(value) * 1024 ** UNITS[unit])
    finally:
        memory.available_bytes = available
    raise AssertionError(f"{call} was not refused")


def peak() -> int:
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024


def measure(size: tuple[int, int], dtype: str, mode: str) -> tuple[int, int]:
    """Bytes that were predicted, and by which the peak of this process grew."""
    program, params, features, weights = problem(*size, dtype)
    if mode == "run":
        predicted = needed(program, params, features)
    elif mode == "forward":
        predicted = needed(program.forward, params, features)
    else:
        predicted = needed(program.vjp, params, features, weights)
    if mode == "backward":  # beside what forward keeps
        predicted += needed(program.forward, params, features) - needed(program, params, features)
    before = peak()
    if mode == "run":
        program(params, features)
    elif mode == "gradient":
        program.vjp(params, features, weights)
    else:
        _, residual = program.forward(params, features)
        if mode == "backward":
            program.backward(residual, weights)
    return predicted, peak() - before


def measure_all() -> None:
    """Print what each case says and takes, each in a fork of a process that has done one small run."""
    program, *inputs = problem(2, 1, "complex128")
    program.vjp(*inputs)
    for case in CASES:
        child = os.fork()
        if not child:
            print(*measure(*case), flush=True)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0


@pytest.fixture(scope="module")
def measured():
    run = subprocess.run(
        [sys.executable, "-c", "from tests.engine.test_peak_memory import measure_all; measure_all()"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "KETWISE_NUM_THREADS": "2"},
    )
    assert run.returncode == 0, run.stderr
    return [tuple(map(int, line.split())) for line in run.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda k: "-".join(map(str, (*CASES[k][0], *CASES[k][1:]))))
def test_the_predicted_peak_is_within_15_percent_of_the_measured_one(measured, number):
    predicted, grown = measured[number]
    assert abs(predicted - grown) <= 0.15 * grown
