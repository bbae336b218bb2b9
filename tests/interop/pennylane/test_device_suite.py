"""PennyLane's own device test suite: it passes on ``ketwise.qubit``, on this checkout's code, and notices faults."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

qml = pytest.importorskip("pennylane", reason="PennyLane is an extra")
pytest.importorskip("flaky", reason="PennyLane's device test suite needs flaky")
pytest.importorskip("pytest_mock", reason="PennyLane's device test suite needs pytest-mock")

from pennylane.devices import tests as suite  # noqa: E402

from ketwise.engine.native import instruction_sets  # noqa: E402
from tests.house.sources import PACKAGE, ROOT  # noqa: E402

SUITE = Path(suite.__file__).parent
#: What lightning.qubit of the same version does; tests for other kinds of devices are skipped or expected to fail.
LIGHTNING = {
    "None": {"passed": 398, "skipped": 53, "xfailed": 9},
    "20000": {"passed": 383, "skipped": 68, "xfailed": 9},
}


class Outcome(NamedTuple):
    counts: dict[str, int]
    notes: dict[str, object]
    text: str


def run(tmp_path: Path, *options: str, shots: str = "None", fault: str = "") -> Outcome:
    notes = tmp_path / "notes.json"
    environment = os.environ | {"SUITE_NOTES": str(notes), "SUITE_FAULT": fault, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.interop.pennylane.suite_plugin", "-p", "no:cacheprovider"]
    command += ["--device", "ketwise.qubit", "--shots", shots, "--no-flaky-report", "-q", "-W", "ignore", *options]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=280, check=False
    )
    last = re.findall(r"^.*\bin [\d.]+s.*$", done.stdout, re.MULTILINE)
    counts = (
        {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last[-1].split(" in ")[0])} if last else {}
    )
    counts.pop("warnings", None)
    assert notes.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    return Outcome(counts, json.loads(notes.read_text("utf-8")), done.stdout)


def check_whose_code_ran(notes: dict[str, object]) -> None:
    """Not another installed copy, and not the NumPy engine where a native one was built."""
    assert notes["registered"] == "ketwise.program.interop.pennylane.device:KetwiseQubit"
    (made,) = notes["made"]
    assert Path(made).resolve() == PACKAGE / "program" / "interop" / "pennylane" / "device.py"
    if instruction_sets():
        (module,) = notes["runs"]
        assert Path(module).name.startswith(f"_native_{instruction_sets()[0]}")
        assert notes["runs"][module] > 100


@pytest.mark.parametrize("shots", ["None", pytest.param("20000", marks=pytest.mark.long)])
def test_the_suite_passes(shots: str, tmp_path: Path) -> None:
    found = run(tmp_path, str(SUITE), shots=shots)
    assert "failed" not in found.counts, found.text[-5000:]
    assert "error" not in found.counts, found.text[-5000:]
    assert found.counts == LIGHTNING[shots]
    check_whose_code_ran(found.notes)


def test_the_suite_notices_wires_in_the_wrong_order(tmp_path: Path) -> None:
    found = run(tmp_path, str(SUITE / "test_gates.py"), "--exitfirst", fault="order")
    assert found.counts["failed"] == 1, found.text[-2000:]
