"""Resamples: what they keep, how often rows are drawn, and whether blocks see autocorrelation."""

import numpy as np
import pytest
from scipy.signal import lfilter

from ketwise.evidence.inference.resampling import averaged, block_counts, block_length, row_counts


def test_classes_keep_their_sizes():
    strata = np.array(["b", "a", "a", "b", "c", "a", "a"])
    counts = row_counts(strata, 7, 500, 0)
    assert counts.dtype == np.uint8
    for label, size in (("a", 4), ("b", 2), ("c", 1)):
        assert set(counts[:, strata == label].sum(axis=1).tolist()) == {size}


def test_rows_are_drawn_as_often_as_chance_says():
    counts = row_counts(None, 20, 20000, 1)
    assert set(counts.sum(axis=1).tolist()) == {20}
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.03)  # each of variance 1 - 1/20: four standard errors
    assert counts.var(axis=0) == pytest.approx(0.95, abs=0.06)
    # Multinomial: the covariance of two rows' counts is -1/n.
    assert np.cov(counts[:, :2].T)[0, 1] == pytest.approx(-0.05, abs=0.03)
    assert (counts[:, 0] == 0).mean() == pytest.approx((1 - 1 / 20) ** 20, abs=0.015)


@pytest.mark.parametrize("n", [3, 1000, 140_000])
def test_few_and_many_rows(n):
    assert row_counts(np.arange(n) % 2, n, 3, 0).sum(axis=1).tolist() == [n] * 3
    assert block_counts(n, max(1, n // 7), 3, 0).sum(axis=1, dtype=int).tolist() == [n] * 3


def test_the_same_seed_draws_the_same():
    assert (row_counts(None, 30, 9, 5) == row_counts(None, 30, 9, 5)).all()
    assert (row_counts(None, 30, 9, 5) != row_counts(None, 30, 9, 6)).any()
    assert (block_counts(30, 4, 9, 5) == block_counts(30, 4, 9, 5)).all()


@pytest.mark.parametrize(("n", "block"), [(12, 1), (12, 3), (13, 5), (10, 10)])
def test_blocks_are_whole_and_every_row_alike(n, block):
    counts = block_counts(n, block, 30000, 2)
    assert set(counts.sum(axis=1).tolist()) == {n}
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.05)
    # Where a resample has k blocks, its counts rise at most k times around the circle.
    rises = np.maximum(0, np.diff(counts.astype(int), axis=1, append=counts[:, :1].astype(int))).sum(axis=1)
    assert rises.max() <= -(-n // block)


def test_a_block_is_drawn_by_hand():
    counts = block_counts(5, 3, 4000, 0)
    # Blocks of 3 and of 2 rows on a circle of 5: in all, one of 5 * 5 patterns.
    patterns = set()
    for first in range(5):
        for second in range(5):
            pattern = np.zeros(5, dtype=int)
            np.add.at(pattern, (first + np.arange(3)) % 5, 1)
            np.add.at(pattern, (second + np.arange(2)) % 5, 1)
            patterns.add(tuple(pattern.tolist()))
    assert {tuple(row) for row in counts.astype(int).tolist()} == patterns


def autoregression(n, rho, rng):
    noise = np.sqrt(1 - rho * rho) * rng.standard_normal(n)
    noise[0] /= np.sqrt(1 - rho * rho)  # stationary from the first row on
    return lfilter([1.0], [1.0, -rho], noise)


def test_the_length_that_arch_publishes():
    # arch/tests/bootstrap/test_block_length.py: 15.60894 for the circular bootstrap of this series.
    noise = np.random.RandomState(0).standard_normal(10000 + 100)
    for row in range(1, len(noise)):
        noise[row] = 0.3 * noise[row - 1] + noise[row]
    assert block_length(noise[100:]) == 16


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.8])
def test_the_length_that_theory_asks_for(rho):
    # Of an AR(1) with unit innovations: G = 2 rho / ((1 - rho)^3 (1 + rho)), spectrum at zero 1 / (1 - rho)^2.
    n = 20000
    slope, spectrum = 2 * rho / ((1 - rho) ** 3 * (1 + rho)), 1 / (1 - rho) ** 2
    ideal = (2 * slope**2 / (4 / 3 * spectrum**2)) ** (1 / 3) * n ** (1 / 3)
    assert block_length(autoregression(n, rho, np.random.default_rng(0))) == pytest.approx(ideal, rel=0.25)


def test_lengths_at_the_edges():
    rng = np.random.default_rng(1)
    assert np.median([block_length(rng.standard_normal(400)) for _ in range(21)]) <= 4
    assert block_length(np.ones(50)) == 1
    assert block_length([1.0, 2.0]) == 1
    trend = np.arange(300.0)
    assert 20 <= block_length(trend) <= 3 * np.sqrt(300)
    assert block_length(np.stack([np.ones(300), trend])) == block_length(trend)
    with pytest.raises(ValueError, match="finite"):
        block_length([0.0, np.nan] * 10)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_blocks_see_the_variance_of_a_mean(rho):
    # The mean of an AR(1) has (1 + rho) / (1 - rho) times the variance that independent rows would have.
    n, rng = 4000, np.random.default_rng(7)
    ratios = []
    for seed in range(12):
        series = autoregression(n, rho, rng)
        drawn = block_counts(n, block_length(series), 400, seed) @ series / n
        ratios.append(drawn.var() / (1 / n))
    inflation = (1 + rho) / (1 - rho)
    assert np.mean(ratios) == pytest.approx(inflation, rel=0.15)
    if rho:
        plain = row_counts(None, n, 400, 0) @ series / n
        assert plain.var() * n < 0.6 * inflation  # what ignoring the order would say


def test_folds_are_averaged_draw_by_draw():
    first, second = np.arange(300.0), np.append([np.nan, np.nan], np.full(298, 10.0))
    mean = averaged([first, second])
    assert len(mean) == 298  # as many as the fold with the fewest has
    assert mean.tolist() == ((first[:298] + 10) / 2).tolist()


def test_too_few_defined_scores_are_refused():
    with pytest.raises(ValueError, match="only 99 of 500 resamples of the test rows of fold 2"):
        averaged([np.zeros(500), np.append(np.full(401, np.nan), np.zeros(99))])


@pytest.mark.parametrize("block", [0, 11])
def test_a_block_that_cannot_be_is_refused(block):
    with pytest.raises(ValueError, match="at most all 10"):
        block_counts(10, block, 3, 0)


def test_strata_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"shape \(4,\)"):
        row_counts([0, 1, 1], 4, 3, 0)
