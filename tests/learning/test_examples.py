"""The example scripts of this layer run, and say what they are there to say."""

import runpy
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_classify_breast_cancer(capsys):
    means = runpy.run_path(str(EXAMPLES / "classify_breast_cancer.py"))["main"]()
    naive = means.pop("always the larger class")
    assert min(means.values()) > naive + 0.25
    assert "quantum kernel, no entanglement" in capsys.readouterr().out
