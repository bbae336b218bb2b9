"""What tells one run from another, what is kept of folds that can be drawn only once, and the command that is shown."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, fbeta_score, make_scorer
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.neighbors import KNeighborsClassifier

from ketwise.evidence.data.tables import table
from ketwise.evidence.prepared import prepared
from ketwise.evidence.question import Question
from ketwise.evidence.replay import command, cv_setting
from ketwise.evidence.trials.folds import Layout
from ketwise.evidence.verdict import verdict
from tests.evidence.test_verdict import numbers

SETTINGS = {"cv": (3, 1), "configurations": 2, "n_jobs": 1}


@pytest.fixture
def mark(quick, two_classes):
    """The fingerprint of a run."""
    data = table(*two_classes)

    def of(**settings):
        question = Question(**{"cv": (2, 1), "configurations": 2} | settings)
        ready = prepared(data, question)
        return question.fingerprint(data, ready.folds, ready.opponents, ready.tried, {})

    return of


def test_folds_are_told_apart_by_their_rows(mark):
    assert mark(cv=KFold(3, shuffle=True, random_state=1)) == mark(cv=KFold(3, shuffle=True, random_state=1))
    assert mark(cv=KFold(3, shuffle=True)) != mark(cv=KFold(3, shuffle=True))
    rows = np.arange(120)
    pairs = [(np.setdiff1d(rows, rows[k::8]), rows[k::8]) for k in range(8)]
    last = [*pairs[:-1], (pairs[-1][0][:-1], pairs[-1][1])]
    assert mark(cv=pairs) == mark(cv=iter(pairs)) != mark(cv=last)


def test_scores_are_told_apart(mark):
    def first(estimator, X, y):
        return accuracy_score(y, estimator.predict(X))

    def second(estimator, X, y):
        return -accuracy_score(y, estimator.predict(X))

    scores = [first, second, make_scorer(accuracy_score), functools.partial(second), "accuracy", None]
    scores += [make_scorer(fbeta_score, beta=beta, pos_label=1) for beta in (1, 2)]
    marks = [mark(scoring=score) for score in scores]
    assert marks == [mark(scoring=score) for score in scores]
    assert all(a != b for i, a in enumerate(marks) for b in marks[:i])


def test_estimators_are_told_apart(mark):
    models = [LogisticRegression(C=strength) for strength in (1.0, 1.0 + 1e-12)] + [KNeighborsClassifier()]
    marks = [mark(against={"mine": model}) for model in models]
    assert marks[0] == mark(against={"mine": LogisticRegression(C=1.0)})
    assert all(a != b for i, a in enumerate(marks) for b in marks[:i])


class Forgets(LogisticRegression):
    def __init__(self, level=1):
        self.strength = level


def test_what_cannot_be_compared_equals_nothing(two_classes):
    data = table(*two_classes)
    ready = prepared(data, Question(cv=(2, 1), configurations=2))
    question = Question(against={"mine": Forgets()})
    marks = [question.fingerprint(data, ready.folds, [], {}, {})["given"]["mine"] for _ in range(2)]
    assert all(mark.startswith("Forgets cannot be compared (AttributeError") for mark in marks)
    assert marks[0] != marks[1]


@pytest.mark.parametrize(
    "cv", [KFold(3, shuffle=True), ShuffleSplit(3), None], ids=["shuffled", "sampled", "a generator"]
)
def test_folds_that_can_be_drawn_once_are_kept(quick, two_classes, cv):
    X, y = two_classes
    given = (pair for pair in KFold(3, shuffle=True).split(X)) if cv is None else cv
    result = verdict(X, y, **SETTINGS | {"cv": given})
    assert numbers(result.replay()) == numbers(result)
    assert numbers(result.replay().replay()) == numbers(result)
    assert set(result.best.predict(X)) == {"no", "yes"}
    assert result.settings["cv"] == ("given splits" if cv is None else repr(cv))


def test_a_seed_that_was_drawn_comes_back_from_the_ledger(quick, two_classes, tmp_path):
    ledger = tmp_path / "run.jsonl"
    first = verdict(*two_classes, **SETTINGS, random_state=None, ledger=ledger)
    seen = []
    again = verdict(*two_classes, **SETTINGS, random_state=None, ledger=ledger, progress=seen.append)
    assert numbers(again) == numbers(first)
    assert f"Going on from {ledger}, which keeps " in seen[0].said[-1]


def _shown(scoring=None, **more):
    question = Question(scoring=scoring, **more)
    data = replace(table(np.eye(4), np.arange(4.0)), name="data")
    settings = {"rope": float(question.rope), "configurations": 12, "cv": cv_setting(question.cv, Layout())}
    return command(data, settings, question)


def test_the_command_is_the_same_run():
    assert "rope=0.0123456789," in _shown(rope=0.0123456789)
    assert "--rope 0.0123456789" in _shown(rope=0.0123456789, asked=("verdict", "x.csv"))
    assert "scoring=accuracy_score, cv=(5, 5)" in _shown(accuracy_score)
    assert "scoring='accuracy'" in _shown("accuracy")
    assert "cv=[...]," in _shown(cv=iter([]))
    assert "cv=KFold(n_splits=3, random_state=None, shuffle=False)," in _shown(cv=KFold(3))

    class Own:
        def split(self, X):
            """Has no text of its own."""

    for text in (_shown(functools.partial(accuracy_score)), _shown(cv=Own()), _shown(make_scorer(accuracy_score))):
        assert "0x" not in text
