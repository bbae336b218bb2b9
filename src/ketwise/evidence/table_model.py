"""The model to use on tables, to a ``.ketwise`` file and back: columns and their kinds, preparation, classes, model."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer

from ketwise.evidence.best import Best
from ketwise.evidence.data.kinds import DATES, NUMBERS, TEXT
from ketwise.evidence.data.table_columns import TableColumns
from ketwise.evidence.trials.calibration import Calibrated
from ketwise.evidence.trials.fitted import Fitted
from ketwise.learning.keeping.estimator_form import OUTPUT_CONFIG, estimator_form
from ketwise.learning.keeping.files import FORMS, check_room, made, model_path, refuse_unkeepable, taken
from ketwise.learning.keeping.form import Form, Parts, array, check_parts, one
from ketwise.words import container

#: Kind of the container.
TABLE_MODEL = "table model"

# Names of columns and texts in them can be many: they are arrays, not entries of the header.
_BEST = {
    "name": one(str),
    "side": one(str),
    "settings": one(dict),
    "classes_": array("classes", kinds="biufUO", none=True),
    "pipeline": one(Fitted),
    "columns": array("columns", kinds="O"),
    "kinds": array("columns", kinds="O"),
    "target": one(str),
    "aside": array("others", kinds="O"),
    "record": one(dict),
}
_COLUMNS = {
    "numbers": array("numbers", kinds="O"),
    "imputer": one(SimpleImputer, None),
    "texts": array("texts", kinds="O"),
    "known": array("known", kinds="O"),
    "n_known": array("texts", kinds="i"),
    "rare": array("rare", kinds="O"),
    "n_rare": array("texts", kinds="i"),
}


def save_table_model(best: Best, path: str | os.PathLike[str]) -> Path:
    """Write it; raises as :meth:`Best.save`."""
    target = model_path(path)
    return container.write(target, TABLE_MODEL, *taken(best, TABLE_FORMS))


def load_table_model(path: str | os.PathLike[str]) -> Best:
    """Read it; raises as :func:`ketwise.learning.keeping.files.load`."""
    check_room(path)
    return load_table_contents(path, container.read_any(path))


def load_table_contents(path: str | os.PathLike[str], contents: container.Contents) -> Best:
    """As :func:`load_table_model`, of a file that was read already."""
    best = made(path, contents.of_kind(path, TABLE_MODEL), TABLE_FORMS)
    if not isinstance(best, Best):
        raise ValueError(f"{path} cannot be used: it holds a {type(best).__name__}, not a model for tables")
    return best


def check_keepable(model: Any) -> None:
    """Refuse, before it is fitted, an estimator that no such file can hold.

    Raises
    ------
    TypeError
        What cannot be kept, where it stands, and what to do.
    """
    refuse_unkeepable(model, TABLE_FORMS)


def columns_of(best: Best) -> TableColumns | None:
    """Return what a model that was read from a file knows of its columns; None where it prepares them itself."""
    first = best.pipeline[0]
    found = first.steps[0][1] if hasattr(first, "steps") else None
    return found if isinstance(found, TableColumns) else None


def _take_best(best: Best) -> Parts:
    lists = {"columns": list(best.kinds), "kinds": list(best.kinds.values()), "aside": list(best.aside)}
    return {name: _words(lists[name]) if name in lists else getattr(best, name) for name in _BEST}


def _make_best(parts: Parts) -> Best:
    check_parts(parts, _BEST)
    names, classes = parts.pop("columns").tolist(), parts["classes_"]
    kinds = dict(zip(names, parts["kinds"].tolist(), strict=True))
    if not kinds or len(kinds) != len(names) or not set(kinds.values()) <= {NUMBERS, DATES, TEXT}:
        raise ValueError("kinds must say of every column whether it holds numbers, dates or text")
    if parts["pipeline"].n_classes != (0 if classes is None else len(classes)):
        raise ValueError("classes_ and pipeline do not agree in the number of classes")
    parts |= {"kinds": kinds, "aside": tuple(parts["aside"].tolist())}
    if not all(type(name) is str for name in (*kinds, *parts["aside"])):
        raise ValueError("columns must be named by text")
    best = Best(**parts, example=pd.DataFrame())
    columns = columns_of(best)
    if columns is not None and {*columns.numbers, *columns.known} != set(kinds):
        raise ValueError("kinds and pipeline do not agree in the columns")
    return replace(best, example=_plain_row(kinds) if columns is None else columns.typical()[list(kinds)])


def _plain_row(kinds: dict[str, str]) -> pd.DataFrame:
    row = pd.DataFrame({place: [None if kind == TEXT else 0.0] for place, kind in enumerate(kinds.values())})
    row.columns = pd.Index(list(kinds), dtype=object)
    return row


def _take_columns(value: ColumnTransformer | TableColumns) -> Parts:
    kept = TableColumns.of(value) if isinstance(value, ColumnTransformer) else value
    parts: Parts = {"numbers": _words(kept.numbers), "imputer": kept.imputer, "texts": _words(kept.known)}
    for name, groups in (("known", kept.known), ("rare", kept.rare)):
        parts[name] = _words([text for texts in groups.values() for text in texts])
        parts[f"n_{name}"] = np.array([len(texts) for texts in groups.values()], dtype=np.int64)
    return parts


def _make_columns(parts: Parts) -> TableColumns:
    check_parts(parts, _COLUMNS)
    names, groups = parts["texts"].tolist(), []
    for name in ("known", "rare"):
        texts, counts = parts[name].tolist(), parts[f"n_{name}"].tolist()
        if min(counts, default=0) < 0 or sum(counts) != len(texts) or len(set(names)) != len(names):
            raise ValueError(f"n_{name} must say how many of the texts in {name} belong to each column")
        ends = list(accumulate(counts))
        groups.append({each: tuple(texts[end - n : end]) for each, end, n in zip(names, ends, counts, strict=True)})
    return TableColumns(tuple(parts["numbers"].tolist()), parts["imputer"], *groups)


def _words(texts: Iterable[str]) -> np.ndarray:
    return np.array([*texts, None], dtype=object)[:-1]


def _check_fitted(pipeline: Fitted) -> None:
    if type(pipeline.n_classes) is not int or pipeline.n_classes < 0 or pipeline.memory is not None:
        raise ValueError("n_classes must be a whole number, 0 for a regression, and memory None")
    steps = pipeline.steps
    if type(steps) is not list or not all(type(step) is tuple and len(step) == 2 for step in steps):
        raise ValueError("steps must be pairs of a name and a fitted step")
    wanted = [*["transform"] * (len(steps) - 1), "predict"]
    if not steps or not all(hasattr(step, method) for (_, step), method in zip(steps, wanted, strict=True)):
        raise ValueError("steps must be transformers, and the last one a model")


def _check_calibrated(model: Calibrated) -> None:
    sigmoids, n_classes = model.sigmoids, model.n_classes
    if type(n_classes) is not int or n_classes < 2 or not isinstance(sigmoids, np.ndarray):
        raise ValueError("n_classes must be a whole number from 2, and sigmoids an array")
    if sigmoids.shape != (1 if n_classes == 2 else n_classes, 2) or sigmoids.dtype.kind != "f":
        raise ValueError(f"sigmoids must have a slope and an offset each, got shape {sigmoids.shape}")
    if not hasattr(model.model, "predict"):
        raise ValueError("the calibrated model must be a fitted estimator")


TABLE_FORMS: tuple[Form, ...] = (
    *FORMS,
    Form("TableColumns", (ColumnTransformer, TableColumns), _take_columns, _make_columns, frozenset(_COLUMNS)),
    estimator_form(Fitted, {}, _check_fitted, every=OUTPUT_CONFIG),
    estimator_form(Calibrated, {}, _check_calibrated, every={}),
    Form("Best", (Best,), _take_best, _make_best, frozenset(_BEST)),
)
