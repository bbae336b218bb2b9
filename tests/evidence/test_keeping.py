"""What a verdict finds best goes to a file and comes back to the same bits, with its columns, kinds and classes."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import ketwise as kw
from ketwise.evidence import prepared as roster
from ketwise.evidence.best import Best, fit_best, fitted_best
from ketwise.evidence.data.columns import choose_columns, preparation, used_frame
from ketwise.evidence.data.table_columns import TableColumns
from ketwise.evidence.data.tables import table
from ketwise.evidence.data.task import deciding_score, recognise
from ketwise.evidence.keeping import load, save
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import QUANTUM, Situation, given_opponents
from ketwise.evidence.models.quantum import quantum_opponents
from ketwise.evidence.question import Question
from ketwise.evidence.source import Source
from ketwise.evidence.table_model import check_keepable, columns_of, load_table_model
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import Layout
from ketwise.words.container import read_any, to_bytes
from tests.evidence.test_best import CODES, MIXED, N

LOOSE = MIXED.assign(many=[f"value {row % 30}" for row in range(N)], same=1.0)


def trained(opponent, X, y):
    """A model with its default configuration, trained briefly, with all that a verdict puts before it."""
    data = table(X, y)
    task = recognise(data.y)
    columns = choose_columns(data, [])
    bench = Bench(used_frame(data, columns), task, columns, deciding_score(task, None), 0, Layout.of(data))
    settings = opponent.default | ({"max_iter": 3} if "max_iter" in opponent.default else {})
    return fitted_best(bench, data, opponent, settings, 0, np.arange(len(task.y)))


TARGETS = {
    "words": np.where(CODES, "yes", "no"),
    "booleans": CODES == 1,
    "many": np.arange(N) % 3,
    "numbers": np.random.default_rng(0).normal(size=N) + CODES,
}
KEPT = [(target, name) for target in TARGETS for name in ("fidelity kernel", "re-uploading circuit")]
KEPT += [("words", "projected kernel"), ("numbers", "hardware-efficient circuit")]
KEPT += [("many", "logistic regression"), ("numbers", "ridge regression")]


def opponent_of(name, y):
    is_classification = name != "ridge regression" and np.asarray(y).dtype.kind != "f"
    every = quantum_opponents(is_classification) + classical_opponents(is_classification)
    return next(opponent for opponent in every if opponent.name == name)


def new_rows():
    """Rows with gaps and with texts never seen, in another order of columns."""
    new = LOOSE.sample(frac=1, random_state=1)[LOOSE.columns[::-1]].reset_index(drop=True)
    return new.assign(word=["never seen", None, *new.word[2:]], many=["never seen", None, *new.many[2:]], other=1)


@pytest.mark.parametrize(("target", "name"), KEPT)
def test_the_best_model_comes_back_to_the_same_bits(target, name, tmp_path):
    y = TARGETS[target]
    best = trained(opponent_of(name, y), LOOSE, y)
    path = best.save(tmp_path / "best.ketwise")
    again = load(path)
    assert isinstance(again, Best)
    new = new_rows()
    found, expected = again.predict(new), best.predict(new)
    assert found.dtype == expected.dtype
    assert [type(cell) for cell in found.tolist()] == [type(cell) for cell in expected.tolist()]
    np.testing.assert_array_equal(found, expected)
    if best.classes_ is None:
        assert again.classes_ is None
    else:
        assert again.classes_.tolist() == best.classes_.tolist()
        np.testing.assert_array_equal(again.predict_proba(new), best.predict_proba(new))
    for each in ("name", "side", "settings", "kinds", "target", "aside", "record"):
        assert getattr(again, each) == getattr(best, each)
    assert again.save(tmp_path / "again.ketwise").read_bytes() == path.read_bytes()
    assert again.latency(3)["p50"] > 0


def test_column_errors_are_the_same_after_loading(tmp_path):
    best = load(trained(opponent_of("fidelity kernel", CODES), LOOSE, CODES).save(tmp_path / "b.ketwise"))
    with pytest.raises(ValueError, match="X lacks the column 'number' that fidelity kernel uses"):
        best.predict(LOOSE.drop(columns="number"))
    with pytest.raises(ValueError, match="column 'number' held numbers .* holds text here, such as 'x' in row 3"):
        best.predict(LOOSE.assign(number=[1.0, 2.0, "x"] + [4.0] * (N - 3)))


def test_what_it_learned_from_is_kept(tmp_path):
    best = load(trained(opponent_of("fidelity kernel", CODES), LOOSE, CODES).save(tmp_path / "b.ketwise"))
    assert best.aside == ("same",)
    assert best.record == {
        "data": "X, y",
        "sha256": table(LOOSE, CODES).sha256,
        "rows": N,
        "seed": 0,
        "task": "A classification: target takes two classes, 0 (30 rows), 1 (30 rows).",
    }
    assert len(best.example) == 1  # no rows of the data
    columns = columns_of(best)
    assert columns.rare["many"]
    assert len(columns.known["many"]) == 19
    assert not columns.rare["word"]


def test_the_winner_of_a_verdict(tmp_path, monkeypatch):
    monkeypatch.setattr(roster, "quantum_opponents", lambda _: quantum_opponents(True)[:1])
    monkeypatch.setattr(roster, "classical_opponents", lambda _: classical_opponents(True)[1:2])
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    data = table(X, (X[:, 0] > 0).astype(int))
    for outcome, name in (("HELPS", "fidelity kernel"), ("CANNOT TELL", "logistic regression")):
        best = fit_best(SimpleNamespace(outcome=outcome), Source(data, Question(cv=2, configurations=2), 1))
        assert best.name == name
        again = load(save(best, tmp_path / "b.ketwise"))
        np.testing.assert_array_equal(again.predict_proba(X), best.predict_proba(X))


@pytest.mark.parametrize("name", ["dummy", "RBF SVM"])
def test_models_that_are_no_numbers_are_refused(name, tmp_path):
    best = trained(opponent_of(name, CODES), LOOSE, CODES)
    with pytest.raises((TypeError, ValueError), match=r"keep the whole with skops: skops.io.dump"):
        best.save(tmp_path / "b.ketwise")
    assert list(tmp_path.iterdir()) == []


def test_a_pipeline_of_a_users_own(tmp_path):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=list("abc"))
    y = (X.a > 0).to_numpy().astype(int)
    mine = make_pipeline(StandardScaler(), kw.QuantumKernelClassifier())
    (opponent,) = given_opponents({"mine": mine}, QUANTUM, "models", set())
    best = trained(opponent, X, y)
    again = load(best.save(tmp_path / "b.ketwise"))
    np.testing.assert_array_equal(again.predict_proba(X), best.predict_proba(X))
    assert again.latency(2)["p50"] > 0


def test_an_estimator_is_kept_by_the_same_door(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = kw.QuantumKernelRegressor().fit(X, X[:, 0])
    again = load(save(model, tmp_path / "m.ketwise"))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with pytest.raises(ValueError, match="holds a model, and a table model is wanted"):
        load_table_model(tmp_path / "m.ketwise")


def test_what_cannot_be_kept_is_known_before_it_is_fitted():
    situation = Situation(True, 3, 0, None)
    for opponent in quantum_opponents(True) + classical_opponents(True)[1:2]:
        check_keepable(opponent.make(opponent.default, situation))
    check_keepable(make_pipeline(StandardScaler(), "passthrough", kw.QuantumKernelClassifier()))
    for model, message in (
        (classical_opponents(True)[3].make({"max_depth": 2}, situation), "this is a RandomForestClassifier"),
        (make_pipeline(OneHotEncoder(), LogisticRegression()), "this is a OneHotEncoder"),
        (kw.QuantumKernelClassifier(class_weight=len), "class_weight is Python code"),
    ):
        with pytest.raises(TypeError, match=message):
            check_keepable(model)


# -- columns


def both(X, new):
    """The first step of the preparation as scikit-learn has it and as numbers and words, on new rows."""
    data = table(X, np.arange(len(X)) % 2)
    columns = choose_columns(data, [])
    fitted = preparation(columns).fit(used_frame(data, columns))[0]
    return fitted.transform(new[columns.used]), TableColumns.of(fitted).transform(new[columns.used])


@pytest.mark.parametrize(
    "columns", [["number", "date"], ["word", "many"], ["number", "word", "many", "category", "Int64"]]
)
def test_columns_are_what_scikit_learn_makes_of_them(columns):
    X = table(LOOSE[columns], CODES).X
    new = X.sample(frac=2, replace=True, random_state=0).reset_index(drop=True)
    for name in new.columns:
        if new[name].dtype == object:
            new.loc[:3, name] = ["never seen", None, "missing", "Ä"]
    expected, found = both(LOOSE[columns], new)
    np.testing.assert_array_equal(found, expected)
    assert found.flags.c_contiguous == expected.flags.c_contiguous


def test_other_column_transformers_are_refused():
    X = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    for other in (
        ColumnTransformer([("numbers", StandardScaler(), ["a"])]),
        ColumnTransformer([("numbers", StandardScaler(), ["a"]), ("texts", OneHotEncoder(), ["b"])]),
        ColumnTransformer([("numbers", StandardScaler(), ["a"]), ("texts", "drop", ["b"])]),
    ):
        with pytest.raises(ValueError, match="of ColumnTransformers only the verdict's own is kept"):
            TableColumns.of(other.fit(X))


def test_texts_never_seen_are_found():
    columns = TableColumns((), None, {"a": ("x",), "b": ("x", "y")}, {"a": ("z",), "b": ()})
    X = pd.DataFrame({"a": ["x", "z", "q", None], "b": ["x", "y", "x", None]}, dtype=object)
    assert {name: cells.to_dict() for name, cells in columns.unseen(X).items()} == {"a": {2: "q"}}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"known": {"a": ("x", 1)}, "rare": {"a": ()}}, "columns and texts must be text"),
        ({"known": {"a": ("x",)}, "rare": {}}, "name the same columns"),
        ({"known": {"a": ("x",)}, "rare": {"a": ("x",)}}, "known or rare, not both"),
        ({"numbers": ("n",), "known": {}, "rare": {}}, "the imputer must take the columns of numbers"),
    ],
)
def test_columns_that_do_not_agree_are_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        TableColumns(**{"numbers": (), "imputer": None} | parts)


# -- files made on purpose


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = trained(opponent_of("fidelity kernel", CODES), LOOSE, CODES).save(tmp_path_factory.mktemp("k") / "b.ketwise")
    read = read_any(path)
    return read.header, read.arrays


TEXT = np.frombuffer(b"numbers", dtype=np.uint8)
CHANGES = {
    "another kind of column": (
        {"kinds": (b"numbers" * 10 + b"nothing", [7] * 11)},
        {},
        "kinds must say of every column",
    ),
    "a column twice": ({"columns": (b"a" * 11, [1] * 11)}, {}, "kinds must say of every column"),
    "other columns": ({"columns": (b"abcdefghijk", [1] * 11)}, {}, "do not agree in the columns"),
    "a column less": ({"columns": (b"abc", [1] * 3)}, {}, r"kinds must have shape \(columns,\) with columns = 3"),
    "three classes": ({}, {"classes_": np.array([0, 1, 2])}, "do not agree in the number of classes"),
    "sigmoids": ({}, {"pipeline.params.steps.2.1.params.sigmoids": np.zeros((3, 2))}, "a slope and an offset each"),
    "counts": ({}, {"pipeline.params.steps.0.1.params.steps.0.1.n_known": np.full(6, 99)}, "n_known must say how many"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_files_made_on_purpose_are_refused(kept, case, tmp_path):
    texts, arrays, message = CHANGES[case]
    header, content = kept[0], dict(kept[1])
    for name, (letters, lengths) in texts.items():
        content[name] = np.frombuffer(letters, dtype=np.uint8)
        content[f"{name}.ends"] = np.cumsum(lengths)
        header = header | {"model": header["model"] | {name: header["model"][name] | {"shape": [len(lengths)]}}}
    for name, value in arrays.items():
        assert name in content
        content[name] = value
    (tmp_path / "b.ketwise").write_bytes(to_bytes("table model", header, content))
    with pytest.raises(ValueError, match=message):
        load(tmp_path / "b.ketwise")
