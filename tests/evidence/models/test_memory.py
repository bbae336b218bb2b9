"""The memory classifier among the opponents: which data let it in, what it is built as, and its classical twin."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from ketwise.evidence.data.columns import choose_columns
from ketwise.evidence.data.tables import table
from ketwise.evidence.models.ablations import ablations
from ketwise.evidence.models.memory import MOST_BITS, memory_opponents, whole_numbers
from ketwise.evidence.models.opponents import (
    ABLATION,
    QUANTUM,
    Situation,
    fewest_configurations,
    given_opponents,
)
from ketwise.evidence.prepared import prepared
from ketwise.evidence.question import Question
from ketwise.learning.memory.quantum_methods import Amplitude, Probabilistic

RNG = np.random.default_rng(0)
BITS = RNG.integers(0, 2, (60, 40)).astype(float)
REAL = RNG.normal(size=(60, 9))
CODES = np.arange(60) % 2
WORDS = np.array(["a", "b", "c"])[np.arange(60) % 3]


def frame(numbers, **texts):
    return pd.DataFrame(numbers, columns=[f"x{j}" for j in range(numbers.shape[1])]).assign(**texts)


def roster(X, is_classification=True):
    data = table(X, CODES)
    return memory_opponents(data.training().X, choose_columns(data, []), is_classification)


def with_gaps(X):
    X = X.copy()
    X[::5, 0] = np.nan
    return X


BINARY = {
    "0 and 1": frame(BITS),
    "any two values": frame(3.7 * BITS - 1),
    "with gaps": frame(with_gaps(BITS)),
    "and text": frame(BITS, word=WORDS),
    "few": frame(BITS[:, :3]),
    "many": frame(RNG.integers(0, 2, (60, MOST_BITS)).astype(float)),
}
FEW = {
    "real": frame(REAL[:, :8]),
    "a bit and a number": frame(np.column_stack([BITS[:, 0], REAL[:, 0]])),
    "and text": frame(REAL[:, :5], word=WORDS),
}
OUT = {
    "nine real": frame(REAL),
    "bits and one number": frame(np.column_stack([BITS, REAL[:, 0]])),
    "text of one value too many": frame(REAL[:, :6], word=WORDS),
    "a gap in text is a value": frame(REAL[:, :5], word=np.where(np.arange(60) % 7, WORDS, None)),
    "too many bits": frame(RNG.integers(0, 2, (60, MOST_BITS + 1)).astype(float)),
}


@pytest.mark.parametrize("name", BINARY)
def test_binary_columns_let_it_in_and_are_stored_as_they_are(name):
    (row,) = roster(BINARY[name])
    assert list(row.grid) == ["n_controls"]
    assert (row.name, row.side, row.most_columns, row.scaled) == ("memory classifier", QUANTUM, None, False)


@pytest.mark.parametrize("name", FEW)
def test_few_columns_let_it_in_as_levels(name):
    (row,) = roster(FEW[name])
    assert row.grid["n_levels"] == [2, 4, 8, 16]
    assert list(row.grid) == ["n_levels", "n_controls"]


@pytest.mark.parametrize("name", OUT)
def test_other_tables_do_not(name):
    assert roster(OUT[name]) == []


def test_a_regression_does_not():
    for X in (BINARY["0 and 1"], FEW["real"]):
        assert roster(X, is_classification=False) == []


def test_held_out_rows_play_no_part():
    """The only row with a third value is held out: it is no longer one that is looked at."""
    data = table(BINARY["0 and 1"].assign(x0=np.append(BITS[:59, 0], 0.5)), CODES)
    for held_out in (0, 5):
        ready = prepared(replace(data, held_out=held_out), Question(configurations=1))
        assert any(one.name == "memory classifier" for one in ready.opponents) is (held_out > 0)


@pytest.mark.parametrize("takes_part", [True, False])
@pytest.mark.parametrize("kind", ["binary", "few"])
def test_the_verdict_asks_the_rule_before_anything_is_fitted(kind, takes_part):
    X = {"binary": BINARY["0 and 1"], "few": FEW["real"]}[kind]
    if not takes_part:
        X = {"binary": OUT["bits and one number"], "few": OUT["nine real"]}[kind]
    ready = prepared(table(X, CODES), Question(configurations=65, cv=2))
    quantum = [one.name for one in ready.opponents if one.side == QUANTUM]
    assert ("memory classifier" in quantum) is takes_part
    assert {len(tried) for tried in ready.tried.values()} == {1, 65}
    numbers = prepared(table(X, REAL[:, 0]), Question(cv=2))
    assert not any(one.name == "memory classifier" for one in numbers.opponents)


@pytest.mark.parametrize("X", [BINARY["and text"], FEW["real"]])
def test_every_configuration_is_built_and_drawn_reproducibly(X):
    (row,) = roster(X)
    situation = Situation(True, 40, 7, "balanced")
    tried = row.configurations(12, seed=3)
    assert tried == row.configurations(12, seed=3) != row.configurations(12, seed=4)
    assert tried[0] == row.default
    assert all(row.default[name] in values for name, values in row.grid.items())
    assert fewest_configurations([row]) >= 65
    for settings in tried:
        assert set(settings) == set(row.grid)
        model = pickle.loads(pickle.dumps(row)).make(settings, situation)
        assert isinstance(model, kw.AssociativeMemoryClassifier)
        assert model.method == Probabilistic(n_controls=settings["n_controls"])
        assert model.n_levels == settings.get("n_levels", 2)
        assert (model.class_weight, model.random_state) == ("balanced", 7)


def test_whole_numbers_are_as_many_as_asked_and_none_twice():
    for most, count in ((1024, 65), (1024, 17), (256, 65), (4, 4)):
        found = whole_numbers(most, count)
        assert (found[0], found[-1], len(found)) == (1, most, count)
        assert (np.diff(found) > 0).all()
        assert all(type(number) is int for number in found)


@pytest.mark.parametrize("X", [BINARY["0 and 1"], FEW["real"]])
def test_its_ablation_is_the_classical_twin_tuned_as_it_is(X):
    (row,) = roster(X)
    (twin,) = ablations(row, True)
    assert (twin.kind, twin.side, twin.ablation_of, twin.scaled) == ("neighbours", ABLATION, row.name, False)
    assert fewest_configurations([twin]) == fewest_configurations([row])
    levels = [settings.get("n_levels") for settings in row.configurations(12, 5)]
    tried = twin.configurations(12, 5)
    assert len(tried) == 12
    assert "n_levels" not in row.grid or levels == [settings["n_levels"] for settings in tried]
    model = twin.make(tried[3], Situation(True, 9, 7, "balanced"))
    assert model.method == kw.memory.Nearest(tried[3]["n_neighbors"])
    assert (model.class_weight, model.n_levels) == ("balanced", tried[3].get("n_levels", 2))
    assert model.fit(BITS, CODES).predict_proba(BITS).shape == (60, 2)


def test_a_users_memory_has_the_twin_too_where_it_stores_bits():
    def kinds(estimator):
        (row,) = given_opponents({"mine": estimator}, QUANTUM, "models", set())
        return [one.kind for one in ablations(row, True)]

    mine = kw.AssociativeMemoryClassifier("grover", n_levels=4)
    assert kinds(mine) == kinds(make_pipeline(StandardScaler(), mine)) == ["neighbours"]
    (row,) = given_opponents({"mine": mine}, QUANTUM, "models", set())
    (twin,) = ablations(row, True)
    assert len(twin.configurations(65, 0)) == 65
    assert twin.make({"n_neighbors": 3}, Situation(True, 4, 0, None)).n_levels == 4
    assert kinds(kw.AssociativeMemoryClassifier("nearest")) == []
    assert kinds(kw.AssociativeMemoryClassifier("hopfield")) == []
    assert kinds(kw.AssociativeMemoryClassifier(Amplitude(), encoding="real")) == []
