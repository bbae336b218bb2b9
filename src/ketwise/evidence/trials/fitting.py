"""Fitting one configuration of one model on some rows: preparation, reduction, the model, calibration where needed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.columns import Columns, preparation
from ketwise.evidence.data.task import Score, Task
from ketwise.evidence.models.opponents import Opponent, Settings, Situation


@dataclass(frozen=True)
class Bench:
    """What all trials share: the rows (numbered by the index), the columns, the deciding score and the seed."""

    X: pd.DataFrame
    task: Task
    columns: Columns
    score: Score
    seed: int

    @property
    def class_weight(self) -> str | None:
        """The same for all models: balanced where the score counts every class alike."""
        return "balanced" if self.score.name == "balanced_accuracy" else None

    @property
    def n_classes(self) -> int:
        """0 for numbers."""
        return len(self.task.classes)


@dataclass(frozen=True)
class Ready:
    """Steps fitted on some rows, and those rows as the model gets them."""

    steps: list[tuple[str, Any]]
    X: Any

    @classmethod
    def of(cls, bench: Bench, opponent: Opponent, rows: np.ndarray) -> "Ready":
        """Fit preparation and reduction on ``rows``."""
        from sklearn.decomposition import PCA

        X: Any = bench.X.iloc[rows]
        steps: list[tuple[str, Any]] = []
        if not opponent.takes_table:
            steps.append(("prepare", preparation(bench.columns)))
            X = steps[-1][1].fit_transform(X)
        if opponent.most_columns is not None and X.shape[1] > opponent.most_columns:
            steps.append(("reduce", PCA(min(opponent.most_columns, len(X) - 1), svd_solver="full")))
            X = steps[-1][1].fit_transform(X)
        return cls(steps, X)

    def transform(self, X: Any) -> Any:
        """Other rows, as the model gets them."""
        for _, step in self.steps:
            X = step.transform(X)
        return X


def fitted_model(
    bench: Bench, opponent: Opponent, settings: Settings, ready: Ready, y: np.ndarray, fold: int, probabilities: bool
) -> Any:
    """The model fitted on ready rows.

    With ``probabilities`` every classifier is calibrated alike: a sigmoid on the scores of three inner folds.
    """
    situation = Situation(
        is_classification=bench.task.is_classification,
        n_columns=ready.X.shape[1],
        seed=opponent.seed(bench.seed, fold),
        class_weight=bench.class_weight,
    )
    model = opponent.make(settings, situation)
    if probabilities and bench.task.is_classification:
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.model_selection import StratifiedKFold

        folds = StratifiedKFold(min(3, int(np.bincount(y).min())), shuffle=True, random_state=bench.seed)
        model = CalibratedClassifierCV(model, method="sigmoid", cv=folds, ensemble=False)
    return model.fit(ready.X, y)


def fitted_pipeline(
    bench: Bench,
    opponent: Opponent,
    settings: Settings,
    fold: int,
    rows: np.ndarray,
    probabilities: bool | None = None,
) -> Any:
    """Pipeline of preparation, reduction where needed, and the model, fitted on ``rows`` of the bench."""
    from sklearn.pipeline import Pipeline

    ready = Ready.of(bench, opponent, rows)
    wanted = bench.score.needs_probabilities if probabilities is None else probabilities
    model = fitted_model(bench, opponent, settings, ready, bench.task.y[rows], fold, wanted)
    return Pipeline([*ready.steps, ("model", model)])


def inner_model(pipeline: Any) -> Any:
    """The fitted model itself, out of its pipeline and its calibration."""
    model = pipeline[-1]
    return model.calibrated_classifiers_[0].estimator if hasattr(model, "calibrated_classifiers_") else model


def circuit_facts(estimator: Any) -> dict[str, Any]:
    """Qubits, depth and gates of a fitted model's circuit; empty where it has none."""
    circuit: Any = getattr(encoding_of(estimator), "circuit", None)
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


def encoding_of(estimator: Any) -> Any:
    """The encoding that a fitted model of this project runs; None for any other."""
    encoding = getattr(estimator, "encoding_", None)
    return getattr(getattr(estimator, "model_", None), "encoding", None) if encoding is None else encoding
