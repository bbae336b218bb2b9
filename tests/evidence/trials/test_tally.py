"""Champions are chosen by inner scores, never by outer ones; lines and rows follow from the trials."""

import numpy as np
import pytest

from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.recorded import Recorded
from ketwise.evidence.trials.tally import Tally
from ketwise.evidence.trials.uncertainty import FromFolds

FOLDS = [Fold(index, np.arange(8), np.arange(8, 10), np.arange(8), []) for index in range(3)]
NOTHING = Recorded(np.arange(8, 10), np.zeros(2), np.zeros((2, 1)), None, 0)
# (model, side): inner score in each fold, outer score in each fold
SCORES = {
    ("c1", CLASSICAL): ([0.9, 0.5, 0.7], [0.10, 0.20, 0.30]),
    ("c2", CLASSICAL): ([0.8, 0.6, 0.7], [0.99, 0.98, 0.97]),
    ("q1", QUANTUM): ([0.1, 0.9, 0.2], [0.40, 0.50, 0.60]),
    ("q2", QUANTUM): ([0.2, 0.8, 0.3], [0.70, 0.80, 0.90]),
}


def tally(scores=SCORES, most=None):
    opponents = [Opponent(name, side, "", None, {}, {}) for name, side in scores]
    trials = {
        (name, fold): Trial(
            name, fold, np.array([[inner[fold] - 0.1], [inner[fold]]]), 1, outer[fold], 1, 2, 3, 8, 4, NOTHING
        )
        for (name, _), (inner, outer) in scores.items()
        for fold in range(3)
    }
    return Tally(opponents, {name: [{"k": 1}, {"k": 2}] for name, _ in scores}, FOLDS, trials, FromFolds(3, 0.25), most)


def names(side, scores=SCORES):
    return [trial.model for trial in tally(scores).champions(side)]


def test_champions_by_inner_scores():
    assert names(CLASSICAL) == ["c1", "c2", "c1"]  # the first of equals in the last fold
    assert names(QUANTUM) == ["q2", "q1", "q2"]
    assert tally().differences().tolist() == pytest.approx([0.70 - 0.10, 0.50 - 0.98, 0.90 - 0.30])


def test_outer_scores_do_not_choose():
    turned = {key: (inner, [1 - score for score in outer]) for key, (inner, outer) in SCORES.items()}
    for side in (CLASSICAL, QUANTUM):
        assert names(side, turned) == names(side)


def test_lines():
    line = tally().champion_line(QUANTUM)
    assert line["scores"].tolist() == [0.70, 0.50, 0.90]
    assert line["models"] == [{"name": "q2", "folds": 2}, {"name": "q1", "folds": 1}]
    assert line["mean"] == pytest.approx(0.7)
    low, high = line["interval"]
    # Student's t with 2 degrees at 0.975 is 4.3027; s = 0.2; 1/3 + 2/8 for the overlap of the folds
    half = 4.302652729749464 * 0.2 * np.sqrt(1 / 3 + 0.25)
    assert (low, high) == pytest.approx((0.7 - half, 0.7 + half), rel=1e-12)
    assert tally(most=1.0).champion_line(QUANTUM)["interval"] == [low, 1.0]
    model = tally().model_lines()[0]
    assert [one["chosen"] for one in model["tried"]] == [0, 3]
    assert [one["outer_mean"] for one in model["tried"]] == [None, pytest.approx(0.2)]
    assert model["inner"].shape == (3, 2)


def test_rows_are_tidy():
    rows = tally().rows()
    assert [(row["model"], row["fold"]) for row in rows] == [(key[0], fold) for key in SCORES for fold in range(3)]
    assert [(row["model"], row["fold"]) for row in rows if row["champion"]] == [
        ("c1", 0), ("c1", 2), ("c2", 1), ("q1", 1), ("q2", 0), ("q2", 2),
    ]  # fmt: skip
    assert [(row["model"], row["fold"]) for row in tally().clock()] == [(row["model"], row["fold"]) for row in rows]
