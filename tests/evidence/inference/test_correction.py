"""Holm's correction against published numbers, and the one-sided p-value against the t-test."""

import math

import numpy as np
import pytest
from scipy import stats

from ketwise.evidence.inference.correction import holm, one_sided_p_value
from ketwise.evidence.inference.correlated import correlated_posterior
from ketwise.evidence.inference.posterior import Draws, Posterior


def test_holm_as_r_s_multtest_has_it():
    # R's multtest, mt.rawp2adjp, as in the tests of statsmodels (statsmodels/stats/tests/test_multi.py).
    raw = [
        0.838541367553, 0.642193923795, 0.680845947633, 0.967833824309, 0.71626938238,
        0.177096952723, 5.23656777208e-005, 0.0202732688798, 0.00028140506198, 0.0149877310796,
    ]  # fmt: skip
    adjusted = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.2365677720800005e-04, 1.4191288215860001e-01,
                2.5326455578199999e-03, 1.1990184863680001e-01]  # fmt: skip
    assert holm(raw) == pytest.approx(adjusted, abs=1e-12)


def test_holm_by_hand():
    assert holm([0.04, 0.01, 0.02]).tolist() == pytest.approx([0.04, 0.03, 0.04])  # 3 x .01, 2 x .02, then .04 again
    assert holm([0.03]).tolist() == [0.03]
    assert holm([]).tolist() == []
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_holm_rejects_what_the_step_down_rule_rejects():
    rng = np.random.default_rng(0)
    for _ in range(50):
        raw = rng.beta(0.5, 4, 6)
        rejected, order = np.zeros(6, dtype=bool), np.argsort(raw)
        for step, test in enumerate(order):
            if raw[test] > 0.05 / (6 - step):
                break
            rejected[test] = True
        assert ((holm(raw) <= 0.05) == rejected).all()


@pytest.mark.parametrize("wrong", [[0.5, 1.2], [-0.1], [math.nan], [[0.1]]])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm(wrong)


def test_one_sided_p_value_is_the_t_test_s():
    differences = np.random.default_rng(1).normal(0.01, 0.02, 12)
    expected = stats.ttest_1samp(differences, 0, alternative="greater").pvalue
    assert one_sided_p_value(correlated_posterior(differences, 0.0)) == pytest.approx(expected, rel=1e-10)
    corrected = stats.t.sf(differences.mean() / (differences.std(ddof=1) * math.sqrt(1 / 12 + 0.25)), 11)
    assert one_sided_p_value(correlated_posterior(differences, 0.25)) == pytest.approx(corrected, rel=1e-10)


def test_one_sided_p_value_where_nothing_varies():
    assert one_sided_p_value(Posterior(0.0, 0.0, 9)) == 0.5
    assert one_sided_p_value(Posterior(0.1, 0.0, 9)) == 0.0
    assert one_sided_p_value(Draws(1.0, np.ones(99))) == 0.5 / 100
