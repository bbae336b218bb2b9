"""Boosted trees of libraries that may be installed: which take part, and how they are built, with stand-ins."""

import sys
from types import ModuleType

import numpy as np
import pytest
from sklearn.base import is_classifier
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from ketwise.evidence.models.boosted import boosted_opponents
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import CLASSICAL, Situation, fewest_configurations

LIBRARIES = {
    "xgboost": ("XGBoost", "XGBClassifier", "XGBRegressor", {"n_jobs": 1, "verbosity": 0, "random_state": 7}),
    "lightgbm": ("LightGBM", "LGBMClassifier", "LGBMRegressor", {"n_jobs": 1, "verbosity": -1, "random_state": 7}),
    "catboost": (
        "CatBoost",
        "CatBoostClassifier",
        "CatBoostRegressor",
        {"thread_count": 1, "verbose": False, "random_seed": 7, "allow_writing_files": False},
    ),
}


def stand_in(tree):
    class StandIn(tree):
        """A tree that takes whatever the library's own would."""

        def __init__(self, **given):
            super().__init__(max_depth=4, random_state=0)
            self.given = given

        def get_params(self, deep=True):
            return dict(self.given)

        def fit(self, X, y, sample_weight=None):
            self.weights = sample_weight
            return tree.fit(self, X, y, sample_weight=sample_weight)

    return StandIn


@pytest.fixture
def installed(monkeypatch):
    for library, (_, classifier, regressor, _) in LIBRARIES.items():
        module = ModuleType(library)
        setattr(module, classifier, stand_in(DecisionTreeClassifier))
        setattr(module, regressor, stand_in(DecisionTreeRegressor))
        monkeypatch.setitem(sys.modules, library, module)


def test_what_is_not_installed_or_broken_takes_no_part(monkeypatch, installed, tmp_path):
    monkeypatch.setitem(sys.modules, "xgboost", None)  # as if missing
    monkeypatch.delitem(sys.modules, "catboost")
    (tmp_path / "catboost.py").write_text("raise OSError('libgomp.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    assert [row.name for row in boosted_opponents()] == ["LightGBM"]
    assert [row.name for row in classical_opponents(True)][-2:] == ["MLP", "LightGBM"]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", [True, False])
def test_each_is_built_seeded_silent_on_one_thread_and_weighted(installed, library, kind):
    name, _, _, expected = LIBRARIES[library]
    (row,) = [row for row in boosted_opponents() if row.name == name]
    assert (row.side, row.most_columns) == (CLASSICAL, None)
    X, y = load_iris(return_X_y=True)
    X, y = X[:120], y[:120]  # 50, 50 and 20
    for settings in row.configurations(12, seed=3):
        model = row.make(settings, Situation(kind, 4, 7, "balanced" if kind else None))
        inner = model.estimator if kind else model
        assert is_classifier(model) is kind
        assert expected.items() | settings.items() <= inner.get_params().items()
        assert model.fit(X, y).score(X, y) > 0.9
    if kind:
        assert model.get_params(deep=False)["class_weight"] == "balanced"
        np.testing.assert_allclose(np.unique(model.estimator_.weights), [0.8, 2.0])


def test_grids_are_as_large_as_the_others(installed):
    assert len(boosted_opponents()) == 3
    assert fewest_configurations(boosted_opponents()) >= 50
