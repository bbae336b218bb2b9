"""The example that passes its own circuit and an incumbent to the verdict runs as written."""

import runpy
from pathlib import Path

from ketwise.evidence.inference import correlated as statistics

EXAMPLE = Path(__file__).parents[2] / "examples" / "verdict_own_circuit.py"
OUTCOMES = {statistics.HELPS, statistics.NO_USEFUL_GAIN, statistics.AHEAD, statistics.CANNOT_TELL}


def test_the_example_runs(tmp_path, capsys):
    assert runpy.run_path(str(EXAMPLE))["main"](str(tmp_path), folds=2, configurations=1) in OUTCOMES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own_circuit.html", "own_circuit.json"]
    said = capsys.readouterr().out
    assert "own circuit" in said
    assert "incumbent" in said
    assert "KW006" in said
