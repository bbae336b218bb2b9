"""Associative memories go into a file and come back: the same answers to the last bit, and no others accepted."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from ketwise.learning.keeping import files
from ketwise.learning.memory.methods import METHODS

ROWS = np.random.default_rng(0).integers(0, 2, (3, 8)).astype(float)
PROBES = np.where(np.arange(8) == 5, np.nan, ROWS)


def answers(model, X):
    if isinstance(model, kw.AssociativeMemory):
        return [*model.recall(X), model.distribution(X)]
    return [model.predict_proba(X) if hasattr(model, "predict_proba") else model.transform(X)]


def kept(model, path):
    return files.load(files.save(model, path / "memory.ketwise"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["AssociativeMemory", "AssociativeMemoryClassifier", "AssociativeMemoryImputer"])
def test_it_comes_back_to_the_same_bits(name, method, tmp_path):
    model = getattr(kw, name)(method, random_state=3).fit(ROWS, ["a", "b", "b"])
    again = kept(model, tmp_path)
    assert repr(again) == repr(model)
    assert type(again) is type(model)
    for one, two in zip(answers(model, PROBES), answers(again, PROBES), strict=True):
        np.testing.assert_array_equal(one, two)
    grown = [answers(each.partial_fit(*more(name)), ROWS) for each in (model, again)]
    for one, two in zip(*grown, strict=True):
        np.testing.assert_array_equal(one, two)


def more(name):
    labels = [["a"]] if "Classifier" in name else []
    return (1 - ROWS[:1], *labels)


@pytest.mark.parametrize(
    "method",
    [
        kw.memory.Probabilistic(temperature=0.5),
        kw.memory.Kernel("iqp", beta=3.0),
        kw.memory.Kernel(kw.encodings.angle(8), power=2),
        kw.memory.HopfieldInversion(cutoff=0.1),
    ],
)
def test_settings_of_a_method_are_kept(method, tmp_path):
    model = kw.AssociativeMemory(method).fit(ROWS)
    assert kept(model, tmp_path).method == method


def test_codes_of_real_columns_come_back(tmp_path):
    rows = np.random.default_rng(1).normal(size=(30, 4))
    for settings in ({"n_levels": 5}, {"encoding": "real", "method": "kernel"}):
        model = kw.AssociativeMemory(**settings).fit(rows)
        np.testing.assert_array_equal(kept(model, tmp_path).distribution(rows), model.distribution(rows))


def test_in_a_pipeline(tmp_path):
    rows = np.random.default_rng(1).normal(size=(30, 4))
    model = make_pipeline(StandardScaler(), kw.AssociativeMemoryClassifier(n_levels=4)).fit(rows, np.arange(30) % 3)
    np.testing.assert_array_equal(kept(model, tmp_path).predict_proba(rows), model.predict_proba(rows))


@pytest.mark.parametrize(
    "change",
    [
        {"patterns_": np.full((3, 8), np.nan)},
        {"patterns_": np.zeros((3, 7))},
        {"patterns_": np.zeros((0, 8))},
        {"labels_": np.array([0, 1, 2])},
        {"labels_": np.array([0, 1])},
        {"labels_": np.array([0, 1, -1])},
        {"_seed": -1},
        {"trained_": "a circuit"},
        {"n_features_in_": 9},
        {"encoding": "signs"},
        {"n_levels": 1},
        {"method": "none"},
        {"method": kw.memory.Probabilistic(n_controls=0), "encoding": "ascii"},
    ],
)
def test_parts_that_do_not_agree_are_refused(change, tmp_path):
    model = kw.AssociativeMemoryClassifier(random_state=0).fit(ROWS, ["a", "b", "b"])
    for name, value in change.items():
        setattr(model, name, value)
    with pytest.raises((ValueError, TypeError)):
        kept(model, tmp_path)


def test_a_trained_map_of_other_patterns_is_refused(tmp_path):
    model = kw.AssociativeMemory("variational", random_state=0).fit(ROWS)
    for trained in (None, kw.AssociativeMemory("variational", random_state=0).fit(ROWS[:, :4]).trained_):
        model.trained_ = trained
        with pytest.raises(ValueError):
            kept(model, tmp_path)


def test_a_method_of_ones_own_is_code(tmp_path):
    class Own(kw.memory.Nearest):
        pass

    with pytest.raises(TypeError, match="method"):
        files.save(kw.AssociativeMemory(Own()).fit(ROWS), tmp_path / "memory.ketwise")
