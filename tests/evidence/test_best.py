"""The model to use afterwards: the user's columns and classes in, answers and latency out."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score

from ketwise.evidence.best import fit_best
from ketwise.evidence.data.tables import table
from ketwise.evidence.question import Question
from ketwise.evidence.record import Verdict
from ketwise.evidence.source import Source
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


CELLS = {"1, 2, 10": (1, 2, 10), "-2, -1": (-2, -1), "booleans": (False, True), "words": ("no", "yes")}
TYPES = {
    "array": np.array,
    "list": list,
    "float": lambda y: np.array(y, dtype=float),
    "object": lambda y: np.array(y, dtype=object),
    "text": lambda y: np.array([str(cell) for cell in y]),
    "series": pd.Series,
    "categorical": lambda y: pd.Series(y, dtype="category"),
    "nullable": lambda y: pd.Series(y).convert_dtypes(),
}


@pytest.mark.parametrize(
    ("kind", "cells"), [(kind, cells) for kind in TYPES for cells in CELLS if (kind, cells) != ("float", "words")]
)
def test_every_class_comes_back_as_it_was_given(quick, cells, kind):
    """Classes far apart: a model that says another one has been misread, not mistaken."""
    codes = np.random.default_rng(0).permutation(np.arange(60) % len(CELLS[cells]))
    y = TYPES[kind]([CELLS[cells][code] for code in codes])
    X = np.eye(3)[codes] + np.random.default_rng(1).normal(0, 0.05, (60, 3))
    question = Question(cv=2, configurations=1)
    best = fit_best(SimpleNamespace(outcome="NO DIFFERENCE"), Source(table(X, y), question, 1))
    said = best.predict(X)
    assert said.tolist() == list(y)
    assert {type(cell) for cell in said.tolist()} == {type(cell) for cell in list(np.asarray(y).tolist())}
    assert isinstance(y, (list, pd.Series)) or said.dtype == y.dtype
    assert set(best.classes_.tolist()) == set(np.asarray(y).tolist())
    assert best.classes_[best.predict_proba(X).argmax(axis=1)].tolist() == list(y)


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
    with pytest.raises(
        ValueError, match="column 'c' held numbers in the data that was learned from and holds text here"
    ):
        best.predict(frame.assign(c="x"))


N = 60
RNG = np.random.default_rng(3)
CODES = np.arange(N) % 2


def gaps(cells):
    cells = np.array(cells, dtype=object)
    cells[RNG.random(N) < 0.15] = None
    return cells


MIXED = pd.DataFrame(
    {
        "number": pd.Series(gaps(CODES + RNG.normal(0, 0.3, N)), dtype=float),
        "word": pd.Series(gaps(RNG.choice(["u", "v"], N)), dtype=object),
        "nan": pd.Series(gaps(RNG.choice(["u", "v"], N)), dtype=object).fillna(np.nan),
        "date": pd.Series(pd.date_range("2020-01-01", periods=N)).sample(frac=1, random_state=0).to_numpy(),
        "truth": RNG.random(N) < 0.5,
        "category": pd.Categorical(gaps(RNG.choice(["p", "q", "r"], N))),
        "Int64": pd.array(gaps(RNG.integers(0, 5, N)), dtype="Int64"),
        "boolean": pd.array(gaps(RNG.random(N) < 0.5), dtype="boolean"),
        "string": pd.array(gaps(RNG.choice(["k", "l"], N)), dtype="string"),
        "code": np.array([*["7"] * 20, *["2020-01-05"] * 20, *["low"] * 20], dtype=object),
    }
)
MIXED.loc[3, "date"] = pd.NaT


@pytest.fixture(scope="module")
def mixed():
    source = Source(table(MIXED, CODES), Question(cv=2, configurations=1), 1)
    return fit_best(SimpleNamespace(outcome="NO DIFFERENCE"), source)


def test_columns_keep_the_kind_they_had(mixed):
    """A batch is read as the data were, however its own cells look; and a row alone as in any batch."""
    assert mixed.columns == list(mixed.kinds)
    assert {mixed.kinds[name] for name in ("word", "nan", "category", "string", "code")} == {"text"}
    assert mixed.kinds["date"] == "dates"
    whole = mixed.predict_proba(MIXED)
    for row in range(0, N, 7):
        assert np.allclose(mixed.predict_proba(MIXED.iloc[[row]]), whole[[row]])
    for name in ("word", "string", "code", "category", "number", "date", "boolean"):
        said = mixed.predict_proba(MIXED[:5].assign(**{name: None}))
        for gap in (np.nan, pd.NaT, pd.NA):
            assert np.array_equal(mixed.predict_proba(MIXED[:5].assign(**{name: gap})), said)
    assert np.allclose(mixed.predict_proba(MIXED[:20].assign(code=pd.Series([7] * N, dtype=object))), whole[:20])


@pytest.mark.parametrize(
    ("name", "cells", "message"),
    [
        ("number", "x", "held numbers in the data that was learned from and holds text here"),
        ("number", pd.Timestamp("2020-01-05"), "held numbers .* holds dates"),
        ("date", 3.0, "held dates .* holds numbers"),
        ("word", 3.0, "held text .* holds numbers"),
        ("word", pd.Timestamp("2020-01-05"), "held text .* holds dates"),
    ],
)
def test_columns_of_another_kind_are_refused(mixed, name, cells, message):
    with pytest.raises(ValueError, match=f"column '{name}' {message}"):
        mixed.predict(MIXED[:2].assign(**{name: cells}))


def test_only_the_columns_used_are_read(mixed):
    assert len(mixed.predict(MIXED[:2].assign(other=[[1], {2}]))) == 2


@pytest.mark.filterwarnings("ignore")
def test_a_whole_verdict_on_columns_of_every_kind():
    """With all models, and the portraits of the champions, which shuffle columns with gaps."""
    best = verdict(MIXED, CODES, cv=2, configurations=1, n_jobs=1).best
    assert accuracy_score(CODES, best.predict(MIXED)) > 0.7


def test_scores_that_are_not_finite_are_said(quick):
    source = Source(table(MIXED, CODES), Question(cv=2, configurations=1, scoring=lambda model, X, y: np.nan), 1)
    with pytest.raises(ValueError, match="dummy failed on all rows: its score is not finite"):
        fit_best(SimpleNamespace(outcome="NO DIFFERENCE"), source)


def test_replay_gives_the_same_numbers(quick, two_classes):
    first = verdict(*two_classes, **QUICK)
    again = first.replay()
    assert again.scores == first.scores
    assert again.sentence == first.sentence
    read = Verdict.from_json(first.to_json())
    for ask in (lambda: read.best, read.replay):
        with pytest.raises(ValueError, match="was read from a file: run it again with kw.verdict"):
            ask()
