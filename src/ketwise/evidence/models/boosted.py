"""Boosted trees of other libraries, for those that are installed: on one thread, seeded, silent, weighted alike."""

import importlib
from collections.abc import Callable
from typing import Any

from ketwise.evidence.models.opponents import CLASSICAL, Opponent, Settings, Situation


def _xgboost(settings: Settings, situation: Situation) -> Any:
    library = importlib.import_module("xgboost")
    quiet = {"n_jobs": 1, "verbosity": 0, "random_state": situation.seed}
    if situation.is_classification:
        return _weighted(library.XGBClassifier(**settings, **quiet), situation)
    return library.XGBRegressor(**settings, **quiet)


def _lightgbm(settings: Settings, situation: Situation) -> Any:
    library = importlib.import_module("lightgbm")
    quiet = {"n_jobs": 1, "verbosity": -1, "random_state": situation.seed, "deterministic": True}
    # Rows are drawn anew for every tree, or the share of rows would not matter.
    quiet |= {"force_row_wise": True, "subsample_freq": 1}
    if situation.is_classification:
        return _weighted(library.LGBMClassifier(**settings, **quiet), situation)
    return library.LGBMRegressor(**settings, **quiet)


def _catboost(settings: Settings, situation: Situation) -> Any:
    library = importlib.import_module("catboost")
    quiet = {"thread_count": 1, "verbose": False, "allow_writing_files": False, "random_seed": situation.seed}
    if situation.is_classification:
        return _weighted(library.CatBoostClassifier(**settings, **quiet), situation)
    return library.CatBoostRegressor(**settings, **quiet)


def _weighted(classifier: Any, situation: Situation) -> Any:
    from ketwise.evidence.models.weighted import WeightedClassifier

    return WeightedClassifier(classifier, class_weight=situation.class_weight)


def boosted_opponents() -> list[Opponent]:
    """One row for each of XGBoost, LightGBM and CatBoost that can be imported; for classes and for numbers alike."""
    rows: list[tuple[str, str, Callable[[Settings, Situation], Any], Settings, dict[str, list[Any]]]] = [
        (
            "xgboost",
            "XGBoost",
            _xgboost,
            {"n_estimators": 100, "learning_rate": 0.1, "max_depth": 4, "subsample": 0.8, "reg_lambda": 1.0},
            {
                "n_estimators": [50, 100, 200],
                "learning_rate": [0.03, 0.1, 0.3],
                "max_depth": [2, 4, 6],
                "subsample": [0.6, 0.8, 1.0],
                "reg_lambda": [0.1, 1.0, 10.0],
            },
        ),
        (
            "lightgbm",
            "LightGBM",
            _lightgbm,
            {"n_estimators": 100, "learning_rate": 0.1, "num_leaves": 15, "min_child_samples": 10, "subsample": 0.8},
            {
                "n_estimators": [50, 100, 200],
                "learning_rate": [0.03, 0.1, 0.2],
                "num_leaves": [4, 8, 15, 31],
                "min_child_samples": [5, 10, 20],
                "subsample": [0.6, 0.8, 1.0],
            },
        ),
        (
            "catboost",
            "CatBoost",
            _catboost,
            {"iterations": 100, "learning_rate": 0.1, "depth": 4, "l2_leaf_reg": 3.0},
            {
                "iterations": [50, 100, 200],
                "learning_rate": [0.03, 0.1, 0.2],
                "depth": [2, 4, 6],
                "l2_leaf_reg": [1.0, 3.0, 10.0],
            },
        ),
    ]
    return [
        Opponent(name, CLASSICAL, f"Boosted trees of the library {name}.", make, default, grid)
        for library, name, make, default, grid in rows
        if _can_be_imported(library)
    ]


def _can_be_imported(library: str) -> bool:
    try:
        importlib.import_module(library)
    except Exception:  # missing; or there, but broken in one of the many ways that compiled libraries break
        return False
    return True
