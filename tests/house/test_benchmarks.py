"""The speed benchmark runs, and shows no time when gradients differ."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.house.sources import ROOT


@pytest.fixture
def contest(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import contest

    return contest


def test_it_runs_without_peers(tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    script = ROOT / "benchmarks" / "qnn_gradient.py"
    options = ["--qubits", "3", "--samples", "9", "--repeats", "2", "--only", "nobody", "--isa", "baseline"]
    done = subprocess.run([sys.executable, script, *options, "--out", out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "gradients agree" in done.stdout
    head, *rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert head["machine"]["cores"] >= 1
    assert [(row["name"], row["dtype"], len(row["times_s"])) for row in rows] == [
        ("ketwise", "complex128", 2),
        ("ketwise", "complex64", 2),
        ("ketwise baseline", "complex128", 2),
        ("ketwise baseline", "complex64", 2),
    ]


def test_gradients_that_differ_are_refused(contest: ModuleType) -> None:
    ours = contest.Contestant("ours", "", "complex128", 1)
    double = contest.Contestant("peer", "", "complex128", 1, "peer")
    single = contest.Contestant("peer", "", "complex64", 1, "peer")
    exact = np.array([3.0, -10.0, 0.5])
    contest.compare({ours: exact, double: exact + 5e-9, single: exact + 5e-4})
    for contestant, error in ((double, 2e-8), (single, 2e-3), (double, np.nan)):
        with pytest.raises(ValueError, match="No times are shown"):
            contest.compare({ours: exact, contestant: exact + error})
    with pytest.raises(ValueError, match="nothing to compare with"):
        contest.compare({ours: exact, double: exact[:2]})


def test_a_peer_that_is_not_there_is_listed(contest: ModuleType) -> None:
    absent = contest.Contestant("absent", "qulacs_backprop.py", "complex128", 1, "no-such-environment")
    (row,) = contest.hold([absent], 3, 4, 1, 1.0)
    assert row.error == "not installed (make bench-peers)"
    assert row.times == []
