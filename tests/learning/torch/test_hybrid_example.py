"""The example and the benchmark with the torch layer run, and say what they are there to say."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
torch = pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def example(_threads):
    return runpy.run_path(str(ROOT / "examples" / "hybrid_digits.py"))


def test_the_example_runs(example, capsys):
    found = example["main"](seeds=2, epochs=1)
    assert {name: len(scores) for name, scores in found.items()} == dict.fromkeys(example["MIDDLES"], 2)
    assert all((scores > 0.1).all() for scores in found.values())  # one epoch beats a guess among ten digits
    said = capsys.readouterr().out
    assert "a dense layer of the same size" in said
    assert "no layer at all" in said


def test_the_twins_have_as_many_parameters(example):
    sizes = [example["n_trained"](example["network"](make())) for make in example["MIDDLES"].values()]
    assert sizes[0] == sizes[1] > sizes[2]


def test_the_conclusion_follows_the_interval(example):
    in_words = example["in_words"]
    assert "better than its twin" in in_words(np.array([0.05, 0.06, 0.05, 0.04]), "its twin")
    assert "worse than its twin" in in_words(-np.array([0.05, 0.06, 0.05, 0.04]), "its twin")
    assert "no difference can be told" in in_words(np.array([0.05, -0.06, 0.05, -0.04]), "its twin")


@pytest.mark.long
def test_the_benchmark_runs(tmp_path):
    pytest.importorskip("pennylane_lightning", reason="PennyLane's lightning is not installed")
    script, out = ROOT / "benchmarks" / "integrations" / "torch_layer.py", tmp_path / "out.json"
    done = subprocess.run(
        [sys.executable, str(script), "--tiny", "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(out.read_text("utf-8"))
    assert len(record) == 6
    assert all(each["seconds"] for each in record)
    assert "lightning.qubit" in done.stdout
