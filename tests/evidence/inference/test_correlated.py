"""The posterior against closed forms, against baycomp, and the outcome at each of its borders."""

import math

import numpy as np
import pytest

from ketwise.evidence.inference import correlated as statistics
from ketwise.evidence.inference.correlated import Posterior, compare, correlated_posterior


@pytest.mark.parametrize("x", [-7.0, -0.3, 0.0, 0.2, 5.0])
def test_closed_forms(x):
    mean, scale = 0.4, 1.7
    z = (x - mean) / scale
    cauchy = 0.5 + math.atan(z) / math.pi
    two = 0.5 + z / (2 * math.sqrt(2 + z * z))
    three = 0.5 + (z / math.sqrt(3) / (1 + z * z / 3) + math.atan(z / math.sqrt(3))) / math.pi
    for degrees, below in [(1, cauchy), (2, two), (3, three)]:
        posterior = Posterior(mean, scale, degrees)
        assert posterior.below(x) == pytest.approx(below, abs=1e-12)
        assert posterior.above(x) == pytest.approx(1 - below, abs=1e-12)
    assert Posterior(mean, scale, 1).density(x) == pytest.approx(1 / (math.pi * scale * (1 + z * z)), abs=1e-14)


def test_interval_holds_its_mass():
    low, high = Posterior(0.1, 0.02, 1).interval(0.95)
    assert (high - low) / 2 == pytest.approx(0.02 * math.tan(0.475 * math.pi), rel=1e-12)
    posterior = Posterior(-0.3, 0.05, 9)
    low, high = posterior.interval(0.9)
    assert posterior.below(low) == pytest.approx(0.05, abs=1e-12)
    assert posterior.above(high) == pytest.approx(0.05, abs=1e-12)


def test_scale_is_nadeau_bengio():
    scores = np.array([0.91, 0.88, 0.95, 0.90, 0.93, 0.86])
    by_hand = sum((s - scores.mean()) ** 2 for s in scores) / 5 * (1 / 6 + 0.5)
    posterior = correlated_posterior(scores, test_to_train=0.5)
    assert posterior.scale == pytest.approx(math.sqrt(by_hand), rel=1e-13)
    assert posterior.degrees == 5


@pytest.mark.parametrize(("folds", "repeats"), [(2, 1), (3, 1), (5, 2), (5, 5), (10, 3), (4, 25)])
@pytest.mark.parametrize("shift", [-0.03, 0.0, 0.004, 0.02])
def test_equals_baycomp(folds, repeats, shift):
    baycomp = pytest.importorskip("baycomp")
    rng = np.random.default_rng(folds * 100 + repeats)
    classical = rng.normal(0.9, 0.02, folds * repeats)
    quantum = classical + shift + rng.normal(0, 0.015, folds * repeats)
    ours = compare(correlated_posterior(quantum - classical, test_to_train=1 / (folds - 1)), rope=0.01, n_rows=100)
    theirs = baycomp.two_on_single(classical, quantum, rope=0.01, runs=repeats)
    assert (ours.worse, ours.same, ours.better) == pytest.approx(theirs, abs=1e-12)


def test_no_spread_is_a_point_mass():
    # Three times 0.1 has a mean that differs from 0.1 in the last bit; the spread must still be none.
    tied = compare(correlated_posterior([0.1, 0.1, 0.1], 0.5), rope=0.2, n_rows=30)
    assert tied.posterior == Posterior(0.1, 0.0, 2)
    assert (tied.worse, tied.same, tied.better, tied.ahead) == (0.0, 1.0, 0.0, 1.0)
    assert tied.outcome == statistics.NO_USEFUL_GAIN
    assert tied.posterior.interval() == (0.1, 0.1)
    assert compare(correlated_posterior([0.0, 0.0], 0.5), rope=0.01, n_rows=30).ahead == 0.0
    assert compare(correlated_posterior([0.1, 0.1], 0.5), rope=0.01, n_rows=30).outcome == statistics.HELPS


def differences(mean, scale, folds=10):
    """Ten differences whose posterior has exactly this mean and scale (test_to_train 0.25)."""
    shape = np.tile([1.0, -1.0], folds // 2)
    return mean + shape * scale / math.sqrt(np.var(shape, ddof=1) * (1 / folds + 0.25))


def test_outcomes_at_their_borders():
    rope, scale = 0.01, 0.004
    t95, t975 = 1.8331129326536333, 2.2621571627409915  # quantiles of Student's t with 9 degrees
    nudge = 1e-9

    def outcome(mean, width=scale):
        return compare(correlated_posterior(differences(mean, width), 0.25), rope, 400)

    assert outcome(rope + t95 * scale + nudge).outcome == statistics.HELPS
    below_helps = outcome(rope + t95 * scale - nudge)
    assert below_helps.outcome == statistics.AHEAD  # well above zero
    assert outcome(rope - t95 * scale - nudge).outcome == statistics.NO_USEFUL_GAIN
    assert not outcome(rope - t95 * scale - nudge).clearly_worse
    assert outcome(-rope - t95 * scale - nudge).clearly_worse
    assert not outcome(-rope - t95 * scale + nudge).clearly_worse
    wide = 0.02
    assert outcome(t975 * wide + nudge, wide).outcome == statistics.AHEAD
    assert outcome(t975 * wide - nudge, wide).outcome == statistics.CANNOT_TELL
    assert outcome(rope - t95 * wide + nudge, wide).outcome == statistics.CANNOT_TELL


def test_rows_needed():
    unclear = compare(correlated_posterior(differences(0.0, 0.02), 0.25), 0.01, 400)
    assert unclear.rows_needed == math.ceil(400 * (1.64 * unclear.posterior.scale / 0.01) ** 2)
    assert abs(unclear.rows_needed - 400 * 3.28**2) <= 1
    assert compare(correlated_posterior(differences(0.1, 0.002), 0.25), 0.01, 400).rows_needed is None
    assert compare(correlated_posterior(differences(0.0, 0.02), 0.25), 0.0, 400).rows_needed is None


def test_small_tails_are_not_rounded_to_zero():
    assert 0 < Posterior(-1.0, 0.001, 9).above(0.0) < 1e-20


def test_sign_of_the_difference():
    better, worse = (
        compare(correlated_posterior(differences(0.05, 0.01), 0.25), 0.01, 100),
        compare(correlated_posterior(differences(-0.05, 0.01), 0.25), 0.01, 100),
    )
    assert better.better == pytest.approx(worse.worse, abs=1e-15)
    assert better.better > 0.9
    assert better.worse + better.same + better.better == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("scores", [[], [0.5], [[0.1, 0.2]], [0.1, math.nan]])
def test_what_cannot_be_compared_is_refused(scores):
    with pytest.raises(ValueError, match="fold"):
        correlated_posterior(scores, 0.25)
