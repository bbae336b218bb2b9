"""One trial: a model tuned inside an outer fold and scored outside it, everything learned from its training rows."""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ketwise.evidence.models.opponents import Opponent, Settings
from ketwise.evidence.trials.fitting import Bench, Ready, circuit_facts, fitted_model, fitted_pipeline, inner_model
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.recorded import Recorded


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
    recorded: Recorded
    remarks: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def inner_score(self) -> float:
        """Mean inner score of the chosen configuration."""
        return float(self.inner[self.chosen].mean()) if len(self.inner) else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """As plain values and arrays."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"recorded": vars(self.recorded)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Trial":
        """Inverse of :meth:`to_dict`."""
        return cls(**dict(document) | {"recorded": Recorded(**document["recorded"])})


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
        inner, failures = inner_scores(bench, opponent, fold, configurations)
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
    test, truth = bench.X.iloc[fold.test], bench.task.y[fold.test]
    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            start = time.process_time()
            fitted = fitted_pipeline(bench, opponent, settings, fold.index, rows)
            fit_seconds = time.process_time() - start
            start = time.process_time()
            recorded = Recorded.of(fitted, test, bench.n_classes)
            predict_seconds = time.process_time() - start
            # A function of the user's may ask a model more than is recorded.
            score = float(bench.score.of(fitted if bench.score.given else recorded, test, truth))
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
        "n_columns": int(getattr(inner_model(fitted), "n_features_in_", len(bench.columns.used))),
        "recorded": recorded,
        "remarks": _count(_messages(caught)),
        "facts": circuit_facts(inner_model(fitted)),
    }


def inner_scores(
    bench: Bench, opponent: Opponent, fold: Fold, configurations: Sequence[Settings]
) -> tuple[np.ndarray, list[str]]:
    """Inner scores ``(n_configurations, n_inner)``; NaN where a fit failed. The preparation is fitted once a split."""
    from ketwise.evidence.trials.fitted import Fitted

    scores = np.full((len(configurations), len(fold.inner)), np.nan)
    failures: list[str] = []
    for split, (train, test) in enumerate(fold.inner):
        rows, held_out = fold.train[train], fold.train[test]
        ready = Ready.of(bench, opponent, rows)
        held, y, truth = ready.transform(bench.X.iloc[held_out]), bench.task.y[rows], bench.task.y[held_out]
        for number, settings in enumerate(configurations):
            try:
                model = fitted_model(bench, opponent, settings, ready, y, fold.index, bench.score.needs_probabilities)
                fitted = Fitted([("model", model)], bench.n_classes)
                scores[number, split] = bench.score.of(fitted, held, truth)
                if not np.isfinite(scores[number, split]):
                    scores[number, split] = np.nan
                    failures.append("its score is not finite")
            except Exception as error:
                failures.append(_reason(error))
    return scores, failures


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"


def _messages(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    return [f"{item.category.__name__}: {' '.join(str(item.message).split())[:200]}" for item in caught]


def _count(messages: Sequence[str]) -> dict[str, int]:
    return {message: messages.count(message) for message in dict.fromkeys(messages)}


def _repeat(counted: Mapping[str, int]) -> Iterator[str]:
    for message, count in counted.items():
        yield from [message] * count
