"""The nearest stored pattern, against a loop over all pairs."""

import numpy as np
import pytest

from ketwise.blocks.memory import probabilistic_recall
from ketwise.blocks.memory.classical import nearest_recall


def random_problem(seed, n_patterns, n_probes, n_bits):
    """Few bits, so that ties are common; one pattern comes twice."""
    rng = np.random.default_rng(seed)
    patterns = rng.integers(0, 2, (n_patterns, n_bits))
    patterns[-1] = patterns[0]
    probes = rng.integers(0, 2, (n_probes, n_bits)).astype(float)
    probes[:, 1:][rng.random((n_probes, n_bits - 1)) < 0.3] = np.nan
    return patterns, probes


@pytest.mark.parametrize(("n_patterns", "n_probes", "n_bits"), [(1, 1, 1), (7, 30, 5), (40, 50, 12), (20, 17, 130)])
def test_the_nearest_rows_share_the_posterior(n_patterns, n_probes, n_bits):
    patterns, probes = random_problem(n_bits, n_patterns, n_probes, n_bits)
    found = nearest_recall(patterns, probes)
    shared = 0
    for k, probe in enumerate(probes):
        distances = [sum(b != a for a, b in zip(row, probe, strict=True) if b == b) for row in patterns]
        nearest = [row for row, distance in enumerate(distances) if distance == min(distances)]
        expected = np.zeros(n_patterns)
        expected[nearest] = 1 / len(nearest)
        np.testing.assert_array_equal(found.posterior[k], expected)
        assert found.distance[k] == min(distances)
        assert found.best[k] == nearest[0]
        shared += len(nearest) > 1
    assert shared or n_patterns == 1


def test_many_probes_are_each_what_they_are_alone():
    """More than one block of distances."""
    patterns, probes = random_problem(3, 3000, 200, 10)
    together = nearest_recall(patterns, probes)
    for k in (0, 42, 43, 44, 199):
        alone = nearest_recall(patterns, probes[k])
        np.testing.assert_array_equal(alone.posterior, together.posterior[k])
        assert alone.distance == together.distance[k]
        assert alone.best == together.best[k]


def test_it_is_the_probabilistic_memory_at_temperature_zero():
    patterns, probes = random_problem(5, 60, 40, 16)
    cold = probabilistic_recall(patterns, probes, n_controls=100_000)
    np.testing.assert_allclose(nearest_recall(patterns, probes).posterior, cold.posterior, atol=1e-12)


def test_a_posterior_that_does_not_fit_is_refused_beforehand(monkeypatch):
    monkeypatch.setattr("ketwise.engine.memory.available_bytes", lambda: 30 << 20)
    with pytest.raises(MemoryError, match="2000 probes needs .* the largest that fits is"):
        nearest_recall(np.zeros((5000, 8), dtype=np.uint8), np.zeros((2000, 8), dtype=np.uint8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nearest_recall([], [0]), "the memory is empty"),
        (lambda: nearest_recall([[0, 1]], [None, None]), "nothing is known of probe 0"),
        (lambda: nearest_recall([[0, 1]], [0, 1, 0]), r"probes must have shape \(2,\)"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
