"""Champions are chosen by inner scores, never by outer ones; lines and rows follow from the trials."""

import numpy as np
import pytest

from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, TWIN, Opponent
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.tally import Tally

FOLDS = [Fold(index, np.arange(8), np.arange(8, 10), np.arange(8), []) for index in range(3)]
# (model, side, twin of): inner score in each fold, outer score in each fold
SCORES = {
    ("c1", CLASSICAL, None): ([0.9, 0.5, 0.7], [0.10, 0.20, 0.30]),
    ("c2", CLASSICAL, None): ([0.8, 0.6, 0.7], [0.99, 0.98, 0.97]),
    ("q1", QUANTUM, None): ([0.1, 0.9, 0.2], [0.40, 0.50, 0.60]),
    ("q2", QUANTUM, None): ([0.2, 0.8, 0.3], [0.70, 0.80, 0.90]),
    ("t1", TWIN, "q1"): ([1.0, 1.0, 1.0], [0.41, 0.51, 0.61]),
    ("t2", TWIN, "q2"): ([1.0, 1.0, 1.0], [0.71, 0.81, 0.91]),
}


def tally(scores=SCORES, most=None):
    opponents = [Opponent(name, side, "", None, {}, {}, twin_of=twin) for name, side, twin in scores]
    trials = {
        (name, fold): Trial(name, fold, np.array([[inner[fold] - 0.1], [inner[fold]]]), 1, outer[fold], 1, 2, 3, 8, 4)
        for (name, _, _), (inner, outer) in scores.items()
        for fold in range(3)
    }
    return Tally(opponents, {name: [{"k": 1}, {"k": 2}] for name, _, _ in scores}, FOLDS, trials, most)


def test_champions_by_inner_scores():
    assert tally().champions(CLASSICAL) == ["c1", "c2", "c1"]  # the first of equals in the last fold
    assert tally().champions(QUANTUM) == ["q2", "q1", "q2"]
    assert tally().twins() == ["t2", "t1", "t2"]
    assert tally().differences().tolist() == pytest.approx([0.70 - 0.10, 0.50 - 0.98, 0.90 - 0.30])


def test_outer_scores_do_not_choose():
    turned = {key: (inner, [1 - score for score in outer]) for key, (inner, outer) in SCORES.items()}
    for side in (CLASSICAL, QUANTUM):
        assert tally(turned).champions(side) == tally().champions(side)


def test_a_champion_without_a_twin():
    alone = {key: value for key, value in SCORES.items() if key[0] != "t1"}
    assert tally(alone).twins() is None


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
