"""Bytes are counted before they are taken."""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import memory
from ketwise.engine.native import instruction_sets


@pytest.mark.parametrize("n_qubits", [40, 63, 64, 65, 1000, 10_000])
def test_a_state_that_cannot_fit_is_refused_at_once(n_qubits):
    circuit = kw.Circuit(n_qubits).h(0)
    start = time.perf_counter()
    with pytest.raises(
        MemoryError, match=rf"{n_qubits} qubits needs .* can be used; the largest that fits is \d+ qubits"
    ):
        circuit.compile(kw.Z(0))
    assert time.perf_counter() - start < 0.5


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
