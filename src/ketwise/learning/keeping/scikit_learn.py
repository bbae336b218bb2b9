"""Forms of the transformers and linear models of scikit-learn that are public numbers once fitted; and of pipelines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from ketwise.learning.keeping.estimator_form import OUTPUT_CONFIG, estimator_form
from ketwise.learning.keeping.form import FLOAT, Form, Is, Parts, array, one

_COLUMNS = array("n_features_in_")
_PERHAPS = array("n_features_in_", none=True)
_COUNT = one(int, np.int32, np.int64)
_SEEN = Is((int, np.int64, np.float64, np.ndarray), ("n_features_in_",), "iuf")
_COMPONENTS = array("n_components_")
_KEPT = array("kept")
CLASSES = array("classes", kinds="biufUO")


def _check_linear(model: Any) -> None:
    check_scores(model.classes_, len(model.intercept_))


def check_scores(classes: Any, n_scores: int) -> None:
    """Refuse another number of scores than one for two classes, or one a class for more."""
    if len(classes) < 2 or n_scores != (len(classes) if len(classes) > 2 else 1):
        raise ValueError(f"{n_scores} scores do not tell {len(classes)} classes apart")


def _imputer(params: dict[str, Any], found: dict[str, Any]) -> Any:
    """An imputer fitted to one row that holds what it fills in: each statistic of one value is that value."""
    imputer = SimpleImputer(**params)
    if imputer.strategy not in ("mean", "median", "most_frequent", "constant") or imputer.add_indicator:
        raise ValueError("strategy must be one by name, and add_indicator False")
    try:
        fills = found["statistics_"].astype(float)
        imputer.fit(fills[np.newaxis])
        agreed = np.array_equal(imputer.statistics_.astype(float), fills, equal_nan=True)
    except (TypeError, ValueError):
        agreed = False
    if not agreed:
        raise ValueError("its statistics_ must be numbers, and what its parameters fill in")
    for name in ("feature_names_in_", "_sklearn_output_config"):
        if name in found:
            setattr(imputer, name, found[name])
    return imputer


def _check_pipeline(pipeline: Pipeline) -> None:
    steps = pipeline.steps
    pairs = type(steps) is list and all(
        type(step) is tuple and len(step) == 2 and type(step[0]) is str for step in steps
    )
    if not pairs or not steps or pipeline.memory is not None:
        raise ValueError("steps must be pairs of a name and a step, and memory None: a cache is not kept")
    names = [name for name, _ in steps]
    if len(set(names)) != len(names) or any("__" in name or not name for name in names):
        raise ValueError("names of steps must differ and hold no __")
    for name, step in steps:
        if step is not None and step != "passthrough" and not hasattr(step, "fit"):
            raise ValueError(f"the step {name!r} must be a fitted estimator")


_PIPELINE = estimator_form(Pipeline, {}, _check_pipeline, every=OUTPUT_CONFIG)


def _take_pipeline(pipeline: Pipeline) -> Parts:
    _check_pipeline(pipeline)
    return _PIPELINE.take(pipeline)


_IMPUTER = estimator_form(
    SimpleImputer,
    {"statistics_": array("n_features_in_", kinds="fO"), "indicator_": one(None, needed=False)},
    made=_imputer,
    ignored=frozenset({"_fit_dtype", "_fill_dtype"}),
)


def _take_imputer(imputer: SimpleImputer) -> Parts:
    parts = _IMPUTER.take(imputer)
    _IMPUTER.make(parts)
    return parts


SCIKIT_LEARN_FORMS: tuple[Form, ...] = (
    replace(_PIPELINE, take=_take_pipeline),
    estimator_form(StandardScaler, {"mean_": _PERHAPS, "var_": _PERHAPS, "scale_": _PERHAPS, "n_samples_seen_": _SEEN}),
    estimator_form(
        MinMaxScaler,
        dict.fromkeys(["min_", "scale_", "data_min_", "data_max_", "data_range_"], _COLUMNS)
        | {"n_samples_seen_": _COUNT},
    ),
    estimator_form(MaxAbsScaler, {"max_abs_": _COLUMNS, "scale_": _COLUMNS, "n_samples_seen_": _COUNT}),
    estimator_form(RobustScaler, {"center_": _PERHAPS, "scale_": _PERHAPS}),
    estimator_form(Normalizer, {}),
    estimator_form(
        QuantileTransformer,
        {
            "n_quantiles_": _COUNT,
            "references_": array("n_quantiles_"),
            "quantiles_": array("n_quantiles_", "n_features_in_"),
        },
    ),
    replace(_IMPUTER, take=_take_imputer),
    estimator_form(VarianceThreshold, {"variances_": _COLUMNS}),
    estimator_form(
        PCA,
        {
            "n_components_": _COUNT,
            "n_samples_": _COUNT,
            "components_": array("n_components_", "n_features_in_"),
            "explained_variance_": _COMPONENTS,
            "explained_variance_ratio_": _COMPONENTS,
            "singular_values_": _COMPONENTS,
            "mean_": _COLUMNS,
            "noise_variance_": FLOAT,
        },
    ),
    estimator_form(
        TruncatedSVD,
        {
            "components_": array("kept", "n_features_in_"),
            "explained_variance_": _KEPT,
            "explained_variance_ratio_": _KEPT,
            "singular_values_": _KEPT,
        },
    ),
    estimator_form(
        LogisticRegression,
        {
            "classes_": CLASSES,
            "coef_": array("scores", "n_features_in_"),
            "intercept_": array("scores"),
            "n_iter_": array("solves", kinds="i"),
        },
        _check_linear,
    ),
    estimator_form(
        Ridge,
        {
            "coef_": _COLUMNS,
            "intercept_": FLOAT,
            "n_iter_": array("solves", kinds="i", none=True),
            "solver_": one(str, needed=False),
        },
    ),
    estimator_form(
        LinearRegression,
        {
            "coef_": _COLUMNS,
            "intercept_": FLOAT,
            "rank_": Is((int, np.int32, np.int64), needed=False),
            "singular_": array("values", needed=False),
        },
    ),
)
