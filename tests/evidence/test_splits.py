"""Whole verdicts on rows that hang together: groups, time, a held-out file; with the statistics that fit."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from ketwise.evidence.data.tables import load
from ketwise.evidence.question import Question
from ketwise.evidence.verdict import judge, verdict

RNG = np.random.default_rng(8)
N = 240
QUICK = {"configurations": 2, "n_jobs": 1}


def rows():
    X = RNG.normal(size=(N, 4))
    y = (X[:, 0] + RNG.normal(0, 0.8, N) > 0).astype(int)
    return X, y


def test_groups_show_what_shuffling_hides(quick):
    """Every patient has a fingerprint and a label of their own: neighbours recognise patients, not the disease."""
    patient = np.repeat(np.arange(40), 6)
    label = RNG.permutation(np.arange(40) % 2)[patient]
    X = RNG.normal(size=(40, 5))[patient] + 0.05 * RNG.normal(size=(N, 5))
    shuffled = verdict(X, label, cv=(4, 1), **QUICK)
    grouped = verdict(X, label, groups=patient, cv=(4, 2), **QUICK)
    assert shuffled.champions["quantum"]["mean"] > 0.95
    assert grouped.champions["quantum"]["mean"] < 0.75
    assert (grouped.settings["split"], grouped.data["groups"]) == ("groups", 40)
    assert grouped.settings["cv"] == [4, 2]
    assert "groups=..." in grouped.command


def test_time_tests_on_what_came_after(quick):
    X, y = rows()
    when = pd.Series(pd.date_range("2024-01-01", periods=N).to_numpy()).sample(frac=1, random_state=1).to_numpy()
    result = verdict(X, y, time=when, **QUICK)
    assert (result.settings["split"], result.settings["cv"]) == ("time", [5, 1])
    assert result.inference["kind"] == "blocks"
    assert result.posterior["kind"] == "draws"
    low, high = result.interval
    assert low < result.difference < high
    assert result.probabilities["worse"] + result.probabilities["same"] + result.probabilities["better"] == (
        pytest.approx(1, abs=1e-9)
    )
    again = verdict(X, y, time=when, **QUICK)
    assert again.posterior["draws"].tolist() == result.posterior["draws"].tolist()
    # The rows tested are the later ones, in their order.
    tested = result.predictions["row"]
    assert np.all(np.diff(pd.to_datetime(when[tested]).astype("int64")) >= 0)
    assert "block bootstrap" in result.to_html()


def test_time_with_numbers_to_predict(quick):
    X, _ = rows()
    result = verdict(X, X[:, 0] + RNG.normal(0, 0.3, N), time=np.arange(N), **QUICK)
    assert result.score["name"] == "neg_rmse_over_sd"
    assert result.inference["kind"] == "blocks"


def test_a_held_out_file_is_the_only_test(quick, tmp_path):
    X, y = rows()
    frame = pd.DataFrame(X, columns=list("abcd")).assign(y=np.where(y == 1, "ill", "well"))
    frame[:140].to_csv(tmp_path / "train.csv", index=False)
    frame[140:].iloc[:, ::-1].to_csv(tmp_path / "test.csv", index=False)  # columns in another order
    table = load(str(tmp_path / "train.csv"), "y", test=str(tmp_path / "test.csv"))
    result = judge(table, Question(configurations=2, against={"line": LogisticRegression()}), n_jobs=1)
    assert result.inference["name"] == "DeLong's test"
    assert result.settings["outer_folds"] == 1
    assert sorted(result.predictions["row"]) == list(range(140, 240))
    # The champions' scores are those of their predictions on the file, and nothing else.
    truth = result.predictions["truth"]
    for side in ("quantum", "classical"):
        assert roc_auc_score(truth, result.predictions[side]["values"][:, 0]) == pytest.approx(
            result.champions[side]["mean"], abs=1e-12
        )
    assert result.difference == pytest.approx(
        result.champions["quantum"]["mean"] - result.champions["classical"]["mean"], abs=1e-12
    )
    assert result.posterior["degrees"] == np.inf
    accuracy = judge(table, Question(configurations=2, scoring="accuracy"), n_jobs=1)
    assert accuracy.inference["name"] == "paired bootstrap over test rows"
    assert accuracy.to_html()


def test_given_pipelines_still_join(quick):
    X, y = rows()
    result = verdict(X, y, groups=np.arange(N) % 30, models={"mine": KNeighborsClassifier(9)}, cv=3, **QUICK)
    assert "mine" in set(result.table.model)


def test_pictures_are_of_the_folds_that_were_drawn(quick):
    """Overlapping tests: the folds of the first pass need not be the first ones. Once the first ones were drawn."""
    X, y = rows()
    tests = [np.arange(0, 60), np.arange(30, 90), np.arange(90, 160), np.arange(160, 240)]
    splits = [(np.setdiff1d(np.arange(N), test), test) for test in tests]
    result = verdict(X, y, cv=splits, **QUICK)
    said = result.predictions
    assert sorted(set(said["fold"])) == [0, 2, 3]
    for side in ("quantum", "classical"):
        champion = result.table[(result.table.side == side) & result.table.champion].set_index("fold").score
        for fold in (0, 2, 3):
            mine = said["fold"] == fold
            assert roc_auc_score(said["truth"][mine], said[side]["values"][mine, 0]) == champion[fold]


def test_scores_that_tie_in_every_fold_are_not_certainty(quick):
    """Twenty-four rows and two folds in which both sides are perfect say next to nothing."""
    X = np.repeat([[0.0, 1.0], [5.0, 4.0]], 12, axis=0) + RNG.normal(0, 0.1, (24, 2))
    result = verdict(X, np.repeat([0, 1], 12), cv=2, configurations=1, n_jobs=1)
    assert result.differences.tolist() == [0.0, 0.0]
    assert result.outcome == "CANNOT TELL"
    low, high = result.interval
    assert low < -0.2
    assert high > 0.2
