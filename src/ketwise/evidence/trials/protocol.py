"""One trial: a model tuned inside an outer fold and scored outside it, everything learned from its training rows."""

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.columns import Columns, preparation
from ketwise.evidence.data.task import Score, Task
from ketwise.evidence.models.opponents import Opponent, Settings, Situation
from ketwise.evidence.trials.folds import Fold


@dataclass(frozen=True)
class Trial:
    """One model in one outer fold: the inner scores of its configurations, the one chosen, and how that did outside.

    Seconds are of processor time, so that a busy machine does not change the comparison.
    """

    model: str
    fold: int
    inner: np.ndarray
    chosen: int
    score: float
    fit_seconds: float
    predict_seconds: float
    tuning_seconds: float
    n_rows: int
    n_columns: int
    remarks: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def inner_score(self) -> float:
        """Mean inner score of the chosen configuration."""
        return float(self.inner[self.chosen].mean()) if len(self.inner) else float("nan")


@dataclass(frozen=True)
class Bench:
    """What all trials share: the rows, the columns, the deciding score and the seed."""

    X: pd.DataFrame
    task: Task
    columns: Columns
    score: Score
    seed: int

    @property
    def class_weight(self) -> str | None:
        """The same for all models: balanced where the score counts every class alike."""
        return "balanced" if self.score.name == "balanced_accuracy" else None


def try_model(bench: Bench, opponent: Opponent, fold: Fold, configurations: Sequence[Settings]) -> Trial:
    """Tune a model inside an outer fold, refit the best configuration on the fold's training rows, score it outside.

    Raises
    ------
    ValueError
        If no configuration can be fitted, with the reason.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.process_time()
        inner, failures = _inner_scores(bench, opponent, fold, configurations)
        tuning_seconds = time.process_time() - start
        means = inner.mean(axis=1)
        if np.isnan(means).all():
            raise ValueError(f"{opponent.name} failed in fold {fold.index + 1}: {failures[0]}")
        chosen = int(np.nanargmax(means))
        remarks = _count([*_messages(caught), *failures])
    refit = fit_once(bench, opponent, fold, configurations[chosen])
    return Trial(
        **refit
        | {
            "inner": inner,
            "chosen": chosen,
            "tuning_seconds": tuning_seconds,
            "remarks": _count([*_repeat(remarks), *_repeat(refit["remarks"])]),
        }
    )


def fit_once(
    bench: Bench, opponent: Opponent, fold: Fold, settings: Settings, rows: np.ndarray | None = None
) -> dict[str, Any]:
    """Fit one configuration on a fold's training rows (or on ``rows``) and score it on the fold's test rows.

    Returns
    -------
    dict
        The fields of a :class:`Trial` without tuning.
    """
    from threadpoolctl import threadpool_limits

    rows = fold.train if rows is None else rows
    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            start = time.process_time()
            fitted = build(bench, opponent, settings, fold.index, rows)
            fit_seconds = time.process_time() - start
            start = time.process_time()
            score = float(bench.score.of(fitted, bench.X.iloc[fold.test], bench.task.y[fold.test]))
            predict_seconds = time.process_time() - start
        except Exception as error:
            raise ValueError(f"{opponent.name} failed in fold {fold.index + 1}: {_reason(error)}") from error
    if not np.isfinite(score):
        raise ValueError(
            f"{opponent.name} has no finite {bench.score.label} in fold {fold.index + 1}: "
            "use other folds or another score"
        )
    return {
        "model": opponent.name,
        "fold": fold.index,
        "inner": np.zeros((0, 0)),
        "chosen": 0,
        "score": score,
        "fit_seconds": fit_seconds,
        "predict_seconds": predict_seconds,
        "tuning_seconds": 0.0,
        "n_rows": len(rows),
        "n_columns": _columns_seen(fitted, bench),
        "remarks": _count(_messages(caught)),
        "facts": circuit_facts(fitted[-1]),
    }


def build(bench: Bench, opponent: Opponent, settings: Settings, fold: int, rows: np.ndarray) -> Any:
    """Pipeline of preparation, reduction where needed, and the model, fitted on ``rows``."""
    from sklearn.pipeline import Pipeline

    steps = [] if opponent.takes_table else [("prepare", preparation(bench.columns))]
    X, y = bench.X.iloc[rows], bench.task.y[rows]
    ready = X
    for _, step in steps:
        ready = step.fit_transform(X)
    reduction = _reduction(opponent, ready)
    if reduction is not None:
        ready = reduction.fit_transform(ready)
        steps.append(("reduce", reduction))
    model = opponent.make(settings, _situation(bench, opponent, fold, ready))
    model.fit(ready, y)
    return Pipeline([*steps, ("model", model)])


def _inner_scores(
    bench: Bench, opponent: Opponent, fold: Fold, configurations: Sequence[Settings]
) -> tuple[np.ndarray, list[str]]:
    """Inner scores ``(n_configurations, n_inner)``; NaN where a fit failed. The preparation is fitted once a split."""
    scores = np.full((len(configurations), len(fold.inner)), np.nan)
    failures: list[str] = []
    for split, (train, test) in enumerate(fold.inner):
        X, held_out = bench.X.iloc[fold.train[train]], bench.X.iloc[fold.train[test]]
        y, y_held_out = bench.task.y[fold.train[train]], bench.task.y[fold.train[test]]
        ready, held = X, held_out
        if not opponent.takes_table:
            prepare = preparation(bench.columns)
            ready, held = prepare.fit_transform(X), prepare.transform(held_out)
        reduction = _reduction(opponent, ready)
        if reduction is not None:
            ready, held = reduction.fit_transform(ready), reduction.transform(held)
        for number, settings in enumerate(configurations):
            try:
                model = opponent.make(settings, _situation(bench, opponent, fold.index, ready))
                model.fit(ready, y)
                scores[number, split] = bench.score.of(model, held, y_held_out)
            except Exception as error:
                failures.append(_reason(error))
    return scores, failures


def _situation(bench: Bench, opponent: Opponent, fold: int, ready: Any) -> Situation:
    return Situation(
        is_classification=bench.task.is_classification,
        n_columns=ready.shape[1],
        seed=opponent.seed(bench.seed, fold),
        class_weight=bench.class_weight,
    )


def _reduction(opponent: Opponent, ready: Any) -> Any:
    from sklearn.decomposition import PCA

    if opponent.most_columns is None or ready.shape[1] <= opponent.most_columns:
        return None
    return PCA(min(opponent.most_columns, len(ready) - 1), svd_solver="full")


def _columns_seen(pipeline: Any, bench: Bench) -> int:
    return int(getattr(pipeline[-1], "n_features_in_", len(bench.columns.used)))


def circuit_facts(estimator: Any) -> dict[str, Any]:
    """Qubits, depth and gates of a fitted model's circuit; empty where it has none."""
    encoding = getattr(estimator, "encoding_", None) or getattr(getattr(estimator, "model_", None), "encoding", None)
    circuit: Any = getattr(encoding, "circuit", None)
    if circuit is None:
        return {}
    return {
        "n_qubits": int(circuit.n_qubits),
        "depth": int(circuit.depth()),
        "gates": len(circuit),
        "two_qubit_gates": sum(len(op.support) >= 2 for op in circuit.ops),
        "n_params": int(circuit.n_params),
        "counts": {str(name): int(count) for name, count in circuit.counts().items()},
    }


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"


def _messages(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    return [f"{item.category.__name__}: {' '.join(str(item.message).split())[:200]}" for item in caught]


def _count(messages: Sequence[str]) -> dict[str, int]:
    return {message: messages.count(message) for message in dict.fromkeys(messages)}


def _repeat(counted: dict[str, int]) -> Iterator[str]:
    for message, count in counted.items():
        yield from [message] * count
