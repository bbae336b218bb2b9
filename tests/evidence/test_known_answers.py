"""Data whose answer is known before: a quantum kernel wins, a classical model wins, labels were made for the winner.

That nothing wins on noise is in ``test_verdict.py``.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_friedman1

import ketwise as kw
from ketwise.blocks.diagnostics import engineered_labels
from ketwise.evidence import prepared as roster
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.quantum import quantum_opponents

EXAMPLE = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "discrete_logarithm.py"))
PRIMES = {1021: 10, 4093: 2}  # with their least primitive roots, as in tables (OEIS A001918)


@pytest.mark.parametrize(("p", "g"), PRIMES.items())
def test_generators_and_logarithms(p, g):
    assert EXAMPLE["generator"](p) == g
    table = EXAMPLE["logarithms"](p, g)
    x = np.arange(1, p)
    assert sorted(table[1:]) == list(range(p - 1))
    assert all(pow(g, int(table[number]), p) == number for number in x)
    y = EXAMPLE["labels"](x, p, g, s=100)
    assert y.sum() == (p - 1) // 2
    assert sorted(table[x[y == 1]])[0] == 100


@pytest.mark.parametrize("p", PRIMES)
def test_the_kernel_is_the_overlap_of_intervals_of_exponents(p):
    """|<phi(x)|phi(x')>|**2 = max(0, 1 - d / 2**k)**2 with the distance d of the logarithms, going round."""
    g, k = PRIMES[p], EXAMPLE["interval_width"](p)
    x = np.random.default_rng(0).integers(1, p, 30)
    psi = EXAMPLE["states"](x, p, g, k)
    np.testing.assert_allclose(np.linalg.norm(psi, axis=1), 1, atol=1e-12)
    exponents = EXAMPLE["logarithms"](p, g)[x]
    apart = np.abs(exponents[:, None] - exponents)
    apart = np.minimum(apart, p - 1 - apart)
    expected = np.maximum(0, 1 - apart / 2**k) ** 2
    np.testing.assert_allclose(EXAMPLE["overlaps"](psi, psi), expected, atol=1e-12)


def a_quantum_kernel_wins(found):
    """Liu, Arunachalam, Temme (2021): to a classical learner without the logarithm the labels are noise."""
    assert found.pop("quantum kernel") >= 0.98
    # And the price of the win: the same knowledge makes a classical model win.
    assert found.pop("RBF support vector machine, given the logarithm") >= 0.97
    assert len(found) == 4
    assert max(found.values()) <= 0.6


def test_a_quantum_kernel_wins_with_the_larger_prime():
    a_quantum_kernel_wins(EXAMPLE["accuracies"](4093))


def test_a_quantum_kernel_wins_the_verdict_calls_it_and_the_example_says_what_it_is_worth(capsys):
    found, outcome = EXAMPLE["main"](1021, rows=150, configurations=1, n_jobs=1)
    a_quantum_kernel_wins(found)
    assert outcome == "HELPS"
    said = capsys.readouterr().out
    assert "A quantum model helps: best quantum model" in said
    assert "given log_g(x) as a column wins too" in said
    assert "assumption that discrete logarithms are hard" in said
    assert "advantage" not in said


def test_a_classical_model_wins_on_friedmans_function(monkeypatch):
    """Ten columns, a product, a square and two lines: Friedman (1991), as scikit-learn makes it."""
    kernels = [row for row in quantum_opponents(False) if "kernel" in row.name]
    classical = [row for row in classical_opponents(False) if row.name in ("dummy", "ridge regression", "RBF SVM")]
    assert (len(kernels), len(classical)) == (2, 3)
    monkeypatch.setattr(roster, "quantum_opponents", lambda is_classification: kernels)
    monkeypatch.setattr(roster, "classical_opponents", lambda is_classification: classical)
    X, y = make_friedman1(250, random_state=0)
    result = kw.verdict(X, y, cv=(5, 1), configurations=2, n_jobs=1)
    assert (result.outcome, result.clearly_worse) == ("NO USEFUL GAIN", True)
    assert result.interval[1] < 0


def test_labels_made_for_a_kernel_are_called_engineered(quick):
    """Relabelled by the geometric difference (Huang et al., 2021), this kernel beats a line; the diagnosis says why."""
    X = np.random.default_rng(3).normal(size=(200, 5))
    model = kw.QuantumKernelClassifier(bandwidth=1.0, repeats=2)
    Z = model.fit(X, X[:, 0] > 0).preparation_.transform(X)
    squares = np.square(X[:, None] - X).sum(axis=-1)
    classical = np.exp(-squares / np.median(squares))
    y = engineered_labels(classical, kw.kernels.fidelity(model.encoding_, Z), classes=True)
    result = kw.verdict(X, y, models={"its own kernel": model}, cv=(5, 1), configurations=2, n_jobs=1)
    assert result.diagnosis["model"] == "its own kernel"
    assert result.diagnosis["engineered"]
    assert "engineered" in result.to_html()
