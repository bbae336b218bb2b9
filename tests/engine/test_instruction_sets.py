"""Which native module runs: the environment variable, the refusals, and what the build must hold."""

import os
import platform
import subprocess
import sys

import pytest

import ketwise as kw
from ketwise.engine.native import INSTRUCTION_SETS, choose, instruction_sets

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_the_environment_variable_forces_one(isa):
    if isa not in instruction_sets():
        pytest.skip(f"this processor does not run {isa}")
    code = "import ketwise as kw; p = kw.Circuit(1).x(0).compile(kw.Z(0)); print(p.backend.name, p()[0])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "KETWISE_ISA": isa},
    )
    assert run.stdout.split() == ["native", f"({isa})", "-1.0"]


def test_an_unknown_one_is_refused_with_what_there_is(monkeypatch):
    monkeypatch.setenv("KETWISE_ISA", "avx9000")
    with pytest.raises(ValueError, match=r"avx9000.*there are: .*baseline"):
        kw.Circuit(1).x(0).compile(kw.Z(0))


def test_the_baseline_is_always_there_and_the_best_comes_first():
    found = instruction_sets()
    assert "baseline" in found
    assert choose() == os.environ.get("KETWISE_ISA", found[0])
    assert list(found) == sorted(found, key=INSTRUCTION_SETS.index)


@pytest.mark.skipif(platform.system() != "Linux", reason="reads /proc/cpuinfo")
def test_what_the_processor_has_is_used():
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    assert ("avx2" in flags and "fma" in flags) == ("avx2" in instruction_sets())
    assert all(f in flags for f in ("avx512f", "avx512dq", "avx512vl", "avx512bw")) == ("avx512" in instruction_sets())
