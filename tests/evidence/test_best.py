"""The model to use afterwards: the user's columns and classes in, answers and latency out."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score

from ketwise.evidence.record import Verdict
from ketwise.evidence.verdict import verdict

QUICK = {"cv": 3, "configurations": 2, "n_jobs": 1}


@pytest.mark.parametrize("kind", ["text", "whole numbers", "booleans"])
def test_classes_come_back_as_they_were(quick, two_classes, kind):
    X, words = two_classes
    y = {"text": words, "whole numbers": np.where(words == "yes", 7, 3), "booleans": words == "yes"}[kind]
    best = verdict(X, y, **QUICK).best
    said = best.predict(X)
    assert said.dtype == y.dtype
    assert accuracy_score(y, said) > 0.75
    probabilities = best.predict_proba(X)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (
        np.array_equal(best.classes_[probabilities.argmax(axis=1)], said)
        or accuracy_score(best.classes_[probabilities.argmax(axis=1)], said) > 0.95
    )


def test_many_classes_frames_and_extra_columns(quick):
    X, y = load_iris(return_X_y=True, as_frame=True)
    X["id"] = np.arange(len(X))
    result = verdict(X, y, **QUICK)
    best = result.best
    assert best is result.best  # fitted once
    assert "id" not in best.columns
    assert accuracy_score(y, best.predict(X[X.columns[::-1]])) > 0.9
    assert best.predict_proba(X[:2]).shape == (2, 3)
    times = best.latency(20)
    assert 0 < times["p50"] <= times["p99"]


def test_numbers(quick, two_classes):
    X, _ = two_classes
    best = verdict(X, 2 * X[:, 0] + 1, **QUICK).best
    assert np.corrcoef(best.predict(X), X[:, 0])[0, 1] > 0.95
    with pytest.raises(AttributeError, match="a regression has no classes"):
        best.predict_proba(X)


def test_the_winning_side_is_taken(quick):
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, size=(300, 3))
    result = verdict(X, (np.abs(X[:, 0]) > 0.5).astype(int), cv=(5, 2), configurations=4, n_jobs=1)
    assert result.outcome == "HELPS"
    assert (result.best.side, result.best.name) == ("quantum", "ket neighbours")


def test_wrong_columns_are_refused(quick, two_classes):
    X, y = two_classes
    frame = pd.DataFrame(X, columns=list("abcdef"))
    best = verdict(frame, y, **QUICK).best
    with pytest.raises(ValueError, match="X lacks the column 'c'"):
        best.predict(frame.drop(columns="c"))
    with pytest.raises(ValueError, match="column 'c' held numbers in the data of the verdict and holds text here"):
        best.predict(frame.assign(c="x"))


def test_replay_gives_the_same_numbers(quick, two_classes):
    first = verdict(*two_classes, **QUICK)
    again = first.replay()
    assert again.scores == first.scores
    assert again.sentence == first.sentence
    read = Verdict.from_json(first.to_json())
    for ask in (lambda: read.best, read.replay):
        with pytest.raises(ValueError, match="was read from a file: run it again with kw.verdict"):
            ask()
