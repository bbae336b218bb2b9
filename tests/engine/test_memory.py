"""Bytes are counted before they are taken."""

import time

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import memory


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


def test_a_cgroup_limit_counts(monkeypatch, tmp_path):
    values = {"/sys/fs/cgroup/memory.max": 1000, "/sys/fs/cgroup/memory.current": 400}
    monkeypatch.setattr(memory, "_read_int", values.get)
    assert memory.available_bytes() == 600
