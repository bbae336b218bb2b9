"""Fitting one configuration of one model on some rows: preparation, reduction, the model, calibration where needed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.columns import Columns, preparation
from ketwise.evidence.data.task import Score, Task
from ketwise.evidence.models.memory_facts import is_quantum_memory, storage_facts
from ketwise.evidence.models.opponents import Opponent, Settings, Situation
from ketwise.evidence.trials.folds import Layout


@dataclass(frozen=True)
class Bench:
    """What all trials share: the rows (numbered by the index), columns, the score, the seed, and what ties rows."""

    X: pd.DataFrame
    task: Task
    columns: Columns
    score: Score
    seed: int
    layout: Layout = field(default_factory=Layout)

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
    """Steps fitted on some rows, those rows as the model gets them, and their numbers."""

    steps: list[tuple[str, Any]]
    X: Any
    rows: np.ndarray

    @classmethod
    def of(cls, bench: Bench, opponent: Opponent, rows: np.ndarray) -> "Ready":
        """Fit preparation and reduction on ``rows``."""
        from sklearn.decomposition import PCA

        X: Any = bench.X.iloc[rows]
        steps: list[tuple[str, Any]] = []
        if not opponent.takes_table:
            steps.append(("prepare", preparation(bench.columns, scaled=opponent.scaled)))
            X = steps[-1][1].fit_transform(X)
        if opponent.most_columns is not None and X.shape[1] > opponent.most_columns:
            steps.append(("reduce", PCA(min(opponent.most_columns, len(X) - 1), svd_solver="full")))
            X = steps[-1][1].fit_transform(X)
        return cls(steps, X, rows)

    def transform(self, X: Any) -> Any:
        """Other rows, as the model gets them."""
        for _, step in self.steps:
            X = step.transform(X)
        return X


def fitted_model(
    bench: Bench, opponent: Opponent, settings: Settings, ready: Ready, y: np.ndarray, fold: int, probabilities: bool
) -> Any:
    """The model fitted on ready rows.

    With ``probabilities`` every classifier is calibrated alike: a sigmoid on the scores of inner folds, drawn as those
    for tuning are.
    """
    situation = Situation(
        is_classification=bench.task.is_classification,
        n_columns=ready.X.shape[1],
        seed=opponent.seed(bench.seed, fold),
        class_weight=bench.class_weight,
    )
    if probabilities and bench.task.is_classification:
        from ketwise.evidence.trials.calibration import calibrated, calibration_splits

        splits = calibration_splits(bench.task, ready.rows, bench.seed, bench.layout)
        return calibrated(lambda: opponent.make(settings, situation), ready.X, y, splits, bench.n_classes)
    model = opponent.make(settings, situation)
    model.fit(ready.X, y)
    return model


def fitted_pipeline(
    bench: Bench,
    opponent: Opponent,
    settings: Settings,
    fold: int,
    rows: np.ndarray,
    probabilities: bool | None = None,
) -> Any:
    """Preparation, reduction where needed, and the model, fitted on ``rows`` of the bench, as one pipeline."""
    from ketwise.evidence.trials.fitted import Fitted

    ready = Ready.of(bench, opponent, rows)
    wanted = bench.score.needs_probabilities if probabilities is None else probabilities
    model = fitted_model(bench, opponent, settings, ready, bench.task.y[rows], fold, wanted)
    return Fitted([*ready.steps, ("model", model)], bench.n_classes)


def inner_model(pipeline: Any) -> Any:
    """The fitted model itself, out of its pipeline and its calibration."""
    from ketwise.evidence.trials.calibration import Calibrated

    model = pipeline[-1]
    return model.model if isinstance(model, Calibrated) else model


def circuit_facts(estimator: Any) -> dict[str, Any]:
    """Qubits, depth and gates of a fitted model's circuit, or of a memory's storage; empty where it has neither."""
    if is_quantum_memory(estimator):
        return storage_facts(estimator)
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
