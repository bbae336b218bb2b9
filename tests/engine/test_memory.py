"""Bytes are counted before they are taken."""

import contextlib
import itertools
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import memory
from ketwise.engine.native import instruction_sets


@pytest.mark.parametrize("backend", [None, kw.Reference()], ids=["default", "reference"])
@pytest.mark.parametrize("outputs", [kw.Z(0), kw.Probabilities(), kw.State()], ids=["z", "probabilities", "state"])
@pytest.mark.parametrize("n_qubits", [40, 63, 64, 65, 1000, 10_000])
def test_a_state_that_cannot_fit_is_refused_at_once(n_qubits, outputs, backend):
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.h(q)
    refusal = rf"{n_qubits} qubits needs .* can be used; the largest that fits is \d+ qubits"
    assert fastest_refusal(refusal, lambda: circuit.compile(outputs, backend=backend)) < 0.05


def fastest_refusal(refusal: str, call) -> float:
    """Seconds of the fastest of five: another process may have the processor in between."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with pytest.raises(MemoryError, match=refusal):
            call()
        times.append(time.perf_counter() - start)
    return min(times)


def test_a_batch_that_cannot_fit_is_refused_before_it_is_allocated(monkeypatch):
    program = kw.Circuit(12).h(0).ry(kw.features(1)[0], 1).compile(kw.Z(0))
    features = np.zeros((1000, 1))
    monkeypatch.setattr(memory, "available_bytes", lambda: 40 << 20)
    assert program(None, features).shape == (1000, 1)  # a tile at a time
    with pytest.raises(
        MemoryError, match=r"a run of 1000 samples on 12 qubits needs .* the largest that fits is 11 qubits"
    ):
        program.forward(None, features)  # all final states are kept
    with pytest.raises(MemoryError, match="1000 samples"):
        program.state(None, features)


def test_the_largest_that_fits_really_fits(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 50 << 20)
    with pytest.raises(MemoryError) as error:
        kw.Circuit(20).h(0).compile(kw.Z(0))
    fits = int(str(error.value).split("fits is ")[1].split()[0])
    kw.Circuit(fits).h(0).compile(kw.Z(0))
    with pytest.raises(MemoryError):
        kw.Circuit(fits + 1).h(0).compile(kw.Z(0))


@pytest.mark.parametrize("shots", [10**12, 10**15, 10**30])
def test_shots_that_cannot_fit_are_refused_before_any_is_drawn(shots):
    program = kw.Circuit(3).h(0).ry(kw.features(1)[0], 1).compile(kw.Z(0))
    features = np.zeros((100, 1))
    refusal = rf"{shots} shots needs .* can be used; the largest that fits is \d+ shots"
    assert fastest_refusal(refusal, lambda: program.sample(None, features, shots=shots)) < 0.05
    assert bytes_taken(lambda: program.sample(None, features, shots=shots)) < 1 << 20


def test_the_most_shots_that_fit_really_fit(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 30 << 20)
    program = kw.Circuit(3).h(0).compile(kw.Z(0))
    with pytest.raises(MemoryError) as error:
        program.sample(shots=10**7)
    fits = int(str(error.value).split("fits is ")[1].split()[0])
    most = bytes_taken(lambda: program.sample(shots=fits))
    assert 0.85 * (27 << 20) < most < 1.01 * (27 << 20)
    with pytest.raises(MemoryError):
        program.sample(shots=fits + 1)


@pytest.mark.parametrize("backend", [None, kw.Reference()], ids=["default", "reference"])
@pytest.mark.parametrize("which", ["jacobian", "feature_jacobian"])
def test_a_jacobian_that_cannot_fit_is_refused_before_the_first_sweep(which, backend, monkeypatch):
    """256 outputs by 40 inputs of 300 samples: 24 MiB."""
    w, x = kw.params(40), kw.features(40)
    circuit = kw.Circuit(8)
    for k in range(40):
        circuit.ry(w[k] * x[k], k % 8)
    program = circuit.compile(kw.Probabilities(), backend=backend)
    inputs = np.zeros(40), np.zeros((300, 40))
    monkeypatch.setattr(memory, "available_bytes", lambda: 20 << 20)
    refusal = r"300 samples .*on 8 qubits needs 2\d\.?\d* MiB, 18 MiB can be used; the largest that fits is 7 qubits"
    assert fastest_refusal(refusal, lambda: getattr(program, which)(*inputs)) < 0.05
    assert bytes_taken(lambda: getattr(program, which)(*inputs)) < 1 << 20


def bytes_taken(call) -> int:
    """The most bytes that arrays and objects took during a call, which may be refused."""
    tracemalloc.start()
    try:
        with contextlib.suppress(MemoryError):
            call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_available_memory_is_a_sensible_number():
    assert 1 << 20 < memory.available_bytes() < 1 << 50


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(512, "512 bytes"), (1536, "1.5 KiB"), (3 << 30, "3 GiB"), (1 << 200, "2**200 bytes")],
)
def test_bytes_are_readable(n_bytes, text):
    assert memory.readable(n_bytes) == text


def test_the_tightest_cgroup_limit_counts_and_cache_that_can_go_does_not(monkeypatch, tmp_path):
    inner = tmp_path / "job"
    inner.mkdir()
    for folder, limit, used, cache in ((tmp_path, 9000, 100, 0), (inner, 1000, 700, 300)):
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cache}\n")
    monkeypatch.setattr(memory, "cgroup_folders", lambda controller, root: [] if controller else [inner, tmp_path])
    assert memory.available_bytes() == 600
    (inner / "memory.max").write_text("max\n")
    assert memory.available_bytes() == 8900


def test_a_process_finds_its_cgroup_and_all_above_it():
    folders = memory.cgroup_folders("", "/sys/fs/cgroup")
    assert folders[-1] == Path("/sys/fs/cgroup")
    assert all(child.parent == parent for child, parent in itertools.pairwise(folders))


@pytest.mark.parametrize("outputs", [kw.Probabilities(), kw.State(), kw.Z(0)], ids=["probabilities", "state", "z"])
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's peak from /proc")
def test_what_is_counted_is_what_is_taken(outputs, dtype):
    """The growth of a fresh process's peak, against the bytes that were asked for before the run."""
    run = subprocess.run(
        [sys.executable, "-c", PEAK, type(kw.Circuit(1).compile(outputs).outputs).__name__, dtype],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "KETWISE_NUM_THREADS": "1"},
    )
    counted, grown = map(int, run.stdout.split())
    assert grown <= 1.1 * counted + (8 << 20)
    assert counted <= 1.15 * grown + (8 << 20)


PEAK = """
import sys
from pathlib import Path
import ketwise as kw
from ketwise.engine import native
outputs = {"Probabilities": kw.Probabilities(), "State": kw.State(), "Expectations": kw.Z(0)}[sys.argv[1]]
circuit = kw.Circuit(19)
for q in range(19):
    circuit.h(q)
program = circuit.compile(outputs, dtype=sys.argv[2])
kw.Circuit(1).h(0).compile(kw.Z(0))()
counted, ask = [], native.require
native.require = lambda what, n, bytes_for: counted.append(ask(what, n, bytes_for))
peak = lambda: int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
before = peak()
program()
print(counted[-1], peak() - before)
"""
