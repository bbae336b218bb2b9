"""DeLong's test against the data of the paper, a count over all pairs, and a bootstrap."""

import math

import numpy as np
import pytest

from ketwise.evidence.inference.delong import auc_difference, placements
from ketwise.evidence.inference.posterior import Posterior
from ketwise.evidence.inference.resampling import row_counts
from ketwise.evidence.inference.weighted import roc_auc

# The 43 complete rows of DeLong, DeLong and Clarke-Pearson (1988): albumin, total protein, K-G score, benefit.
OVARIAN = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1
3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0
2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1
3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1  3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0
3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1  2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1
3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""


def test_the_paper_s_data_as_sas_publishes_them():
    # SAS/STAT User's Guide, PROC LOGISTIC, "Comparing Receiver Operating Characteristic Curves": areas 0.7258, 0.7366,
    # 0.6478; albumin - K-G 0.0108 (0.0953), -0.1761 to 0.1976; protein - K-G -0.0780 (0.1046), -0.2830 to 0.1271.
    albumin, protein, score, benefit = np.array(OVARIAN.split(), dtype=float).reshape(-1, 4).T
    ranked = np.stack([10 - score, albumin, protein])
    assert placements(ranked, benefit == 1)[0].mean(axis=1) == pytest.approx([0.7258, 0.7366, 0.6478], abs=5e-5)
    first, second = (auc_difference(benefit, other, 10 - score) for other in (albumin, protein))
    assert (first.mean, first.scale) == pytest.approx((0.0108, 0.0953), abs=5e-5)
    assert first.interval() == pytest.approx((-0.1761, 0.1976), abs=5e-5)
    assert (second.mean, second.scale) == pytest.approx((-0.0780, 0.1046), abs=5e-5)
    assert second.interval() == pytest.approx((-0.2830, 0.1271), abs=5e-5)


def all_pairs(truth, a, b):
    """Equations 1 to 8 of the paper, pair by pair."""
    ones, zeros = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)

    def kernel(x, y):
        return 1.0 if x > y else 0.5 if x == y else 0.0

    pairs = np.array([[[kernel(v[i], v[j]) for j in zeros] for i in ones] for v in (a, b)])
    areas, by_one, by_zero = pairs.mean(axis=(1, 2)), pairs.mean(axis=2), pairs.mean(axis=1)
    covariance = np.cov(by_one) / len(ones) + np.cov(by_zero) / len(zeros)
    contrast = np.array([1.0, -1.0])
    return float(contrast @ areas), math.sqrt(contrast @ covariance @ contrast)


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize(("n", "share"), [(7, 0.4), (40, 0.5), (90, 0.1)])
def test_equals_the_count_over_all_pairs(n, share, decimals):
    rng = np.random.default_rng(n + decimals)
    truth = rng.permutation((np.arange(n) < max(2, round(share * n))).astype(int))
    common = rng.standard_normal(n) + truth
    a, b = (np.round(common + rng.standard_normal(n), decimals) for _ in range(2))  # few decimals: many ties
    mean, scale = all_pairs(truth, a, b)
    found = auc_difference(truth, a, b)
    assert (found.mean, found.scale) == pytest.approx((mean, scale), abs=1e-12)
    assert found.degrees == math.inf


def test_the_spread_of_a_bootstrap():
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1], [150, 100])
    common = rng.standard_normal(250) + 1.2 * truth
    a, b = common + 0.5 * rng.standard_normal(250), common + 1.0 * rng.standard_normal(250)
    weights = row_counts(truth, 250, 4000, 0).astype(float)
    drawn = roc_auc(truth == 1, a)(weights) - roc_auc(truth == 1, b)(weights)
    assert auc_difference(truth, a, b).scale == pytest.approx(drawn.std(), rel=0.05)


def test_models_that_rank_alike():
    rng = np.random.default_rng(3)
    truth, values = np.arange(30) % 2, rng.standard_normal(30)
    assert auc_difference(truth, values, np.exp(values)) == Posterior(0.0, 0.0, math.inf)
    assert auc_difference(truth, truth, truth * 2.0) == Posterior(0.0, 0.0, math.inf)  # both perfect
    constant = auc_difference(truth, np.zeros(30), np.ones(30))
    assert (constant.mean, constant.scale) == (0.0, 0.0)


def test_swapping_the_models_turns_the_sign():
    rng = np.random.default_rng(4)
    truth, a, b = np.arange(50) % 2, rng.standard_normal(50), rng.standard_normal(50)
    one, other = auc_difference(truth, a, b), auc_difference(truth, b, a)
    assert (one.mean, one.scale) == pytest.approx((-other.mean, other.scale), abs=1e-15)


@pytest.mark.parametrize(
    ("truth", "a", "complaint"),
    [
        ([0, 1, 1, 0], [0.1, math.nan, 0.2, 0.3], "not finite"),
        ([0, 1, 1, 1], [0.1, 0.2, 0.3, 0.4], "1 of class 0"),
        ([0, 1, 2, 0], [0.1, 0.2, 0.3, 0.4], "must be 0 or 1"),
        ([0, 1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], "shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(truth, a, complaint):
    with pytest.raises(ValueError, match=complaint):
        auc_difference(truth, a, [0.1, 0.2, 0.3, 0.4])
