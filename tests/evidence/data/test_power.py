"""How many rows an answer takes: the standard errors against published ones and simulation, and the remark itself."""

import math

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from ketwise.evidence.data import alerts
from ketwise.evidence.data.power import auc_variance, difference_error
from ketwise.evidence.data.tables import table
from ketwise.evidence.data.task import deciding_score, recognise

RNG = np.random.default_rng(2)


def asked(y):
    return recognise(table(np.zeros((len(y), 1)), y).y)


def test_chance_is_the_variance_of_wilcoxon():
    """At 0.5 it is that of the Mann-Whitney statistic, (m + n + 1) / (12 m n)."""
    assert auc_variance(0.5, 30, 70) == pytest.approx(101 / (12 * 30 * 70))


def test_against_simulated_rankings():
    shift = math.sqrt(2) * norm.ppf(0.85)
    y = np.repeat([0, 1], [150, 50])
    areas = [roc_auc_score(y, RNG.normal(size=200) + shift * y) for _ in range(400)]
    assert np.std(areas) == pytest.approx(math.sqrt(auc_variance(0.85, 50, 150)), rel=0.15)


def test_errors_of_other_scores_against_simulation():
    """Of one score tested once: twice the variance of a difference."""
    y = np.repeat([0, 1, 2], [30, 60, 90])
    task = asked(y)
    right = RNG.random((2000, len(y))) < 0.8
    balanced = np.mean([right[:, y == code].mean(axis=1) for code in range(3)], axis=0)
    for score, seen in (("accuracy", right.mean(axis=1)), ("balanced_accuracy", balanced)):
        error = difference_error(task, deciding_score(task, score), 0.8, len(y), folds=False)
        assert error * math.sqrt(2) == pytest.approx(np.std(seen), rel=0.05)
    number = asked(RNG.normal(size=200))
    errors = -np.sqrt(np.mean(RNG.normal(0, 0.6, (2000, 200)) ** 2, axis=1))
    error = difference_error(number, deciding_score(number, None), 0.6, 200, folds=False)
    assert error * math.sqrt(2) == pytest.approx(np.std(errors), rel=0.05)


def remark(y, rope=0.01, score=None):
    data = table(RNG.normal(size=(len(y), 2)), y)
    task = recognise(data.y)
    chosen = None if score is None else deciding_score(task, score)
    found = [alert for alert in alerts.find(data, task, rope=rope, score=chosen) if alert.code == "KW006"]
    return found[0].text if found else None


def test_the_remark():
    text = remark(np.arange(500) % 2)
    assert text.startswith("500 rows are few: only differences in ROC AUC of about 0.0")
    assert "For 0.01, the smallest difference that matters, it would take about" in text
    assert remark(np.arange(500) % 2, rope=0.1) is None
    assert remark(np.arange(20_000) % 2) is None
    assert "would take" not in remark(np.arange(100) % 2, rope=0.5)  # few rows all the same
    assert "would take" not in remark(np.arange(100) % 2, rope=0)
    assert "accuracy" in remark(np.arange(500) % 2, score="accuracy")
    assert "−RMSE/sd" in remark(RNG.normal(size=500))
    assert "average precision" in remark((np.arange(500) < 20).astype(int))


def test_rows_needed_grow_with_the_square():
    def needed(rope):
        return float(remark(np.arange(300) % 2, rope=rope).split("would take about ")[1].split(" ")[0].replace(",", ""))

    assert needed(0.005) / needed(0.01) == pytest.approx(4, rel=0.1)
