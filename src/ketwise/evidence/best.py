"""The model to use after a verdict: fitted to all rows, asked in the user's own columns and classes."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.tables import table
from ketwise.evidence.inference.correlated import AHEAD, HELPS
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent, Settings
from ketwise.evidence.prepared import prepared
from ketwise.evidence.trials.fitting import Bench, fitted_pipeline
from ketwise.evidence.trials.folds import Fold, tuning_fold
from ketwise.evidence.trials.parallel import Crew, Piece
from ketwise.evidence.trials.protocol import inner_scores

if TYPE_CHECKING:
    from ketwise.evidence.record import Verdict
    from ketwise.evidence.source import Source


@dataclass(frozen=True)
class Best:
    """A fitted model: ``predict``, and ``predict_proba`` for classes.

    Attributes
    ----------
    name, side : str
        Which model it is.
    settings : dict
        Its configuration.
    classes_ : (n_classes,) array or None
        Classes as the user wrote them; None for numbers.
    pipeline : Pipeline
        scikit-learn's, from the used columns to the model; probabilities are calibrated.
    columns : list of str
        Columns it uses.
    """

    name: str
    side: str
    settings: dict[str, Any]
    classes_: np.ndarray | None
    pipeline: Any
    columns: list[str]
    example: pd.DataFrame

    def predict(self, X: Any) -> np.ndarray:
        """Return ``(n_rows,)`` classes or numbers.

        Parameters
        ----------
        X : (n_rows, n_columns) array or DataFrame
            Columns as in the data of the verdict.
        """
        answers = np.asarray(self.pipeline.predict(self._frame(X)))
        return answers if self.classes_ is None else self.classes_[answers.astype(int)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return ``(n_rows, n_classes)`` calibrated probabilities; AttributeError for numbers."""
        if self.classes_ is None:
            raise AttributeError("a regression has no classes to give probabilities of: use predict")
        return np.asarray(self.pipeline.predict_proba(self._frame(X)))

    def latency(self, calls: int = 200) -> dict[str, float]:
        """Seconds to predict one row: ``p50`` and ``p99`` over calls on rows of the training data.

        Measured on this machine, now, in this process, after one call that is not counted.
        """
        spent = []
        for call in range(calls + 1):
            row = self.example.iloc[[call % len(self.example)]]
            start = time.perf_counter()
            self.pipeline.predict(row)
            spent.append(time.perf_counter() - start)
        p50, p99 = np.quantile(spent[1:], [0.5, 0.99])
        return {"p50": float(p50), "p99": float(p99)}

    def _frame(self, X: Any) -> pd.DataFrame:
        frame = table(X, np.zeros(len(X))).X
        for name in self.columns:
            if name not in frame.columns:
                raise ValueError(f"X lacks the column {name!r} that {self.name} uses: pass the columns of the verdict")
            if (frame[name].dtype.kind == "f") != (self.example[name].dtype.kind == "f"):
                was, now = ("numbers", "text") if self.example[name].dtype.kind == "f" else ("text", "numbers")
                raise ValueError(f"column {name!r} held {was} in the data of the verdict and holds {now} here")
        return frame[self.columns]


def fit_best(verdict: "Verdict", source: "Source") -> Best:
    """Tune every model of the side that won on all rows, by inner folds, and fit the best of them to all rows."""
    side = QUANTUM if verdict.outcome in (HELPS, AHEAD) else CLASSICAL
    ready = prepared(source.table, source.question)
    opponents = [opponent for opponent in ready.opponents if opponent.side == side]
    fold = tuning_fold(ready.bench.task, source.question.seed, ready.layout)
    pieces = [
        Piece(opponent.name, _tuned, (ready.bench, opponent, fold, ready.tried[opponent.name]))
        for opponent in opponents
    ]
    found = {piece.key: value for piece, value in Crew(source.n_jobs).run(pieces)}
    chosen = max(opponents, key=lambda opponent: float(found[opponent.name]["score"]))
    settings = ready.tried[chosen.name][found[chosen.name]["chosen"]]
    rows = fold.train if side == QUANTUM else fold.train_all
    pipeline = fitted_pipeline(ready.bench, chosen, settings, fold.index, rows, probabilities=True)
    classes = None
    if ready.bench.task.is_classification:
        classes = np.array(ready.bench.task.classes) if source.classes is None else source.classes
    return Best(
        chosen.name, side, settings, classes, pipeline, list(ready.bench.X.columns), ready.bench.X.iloc[rows[:100]]
    )


def _tuned(bench: Bench, opponent: Opponent, fold: Fold, configurations: list[Settings]) -> dict[str, Any]:
    """Best configuration by mean inner score, and that score."""
    scores, failures = inner_scores(bench, opponent, fold, configurations)
    means = scores.mean(axis=1)
    if np.isnan(means).all():
        raise ValueError(f"{opponent.name} failed on all rows: {failures[0]}")
    return {"chosen": int(np.nanargmax(means)), "score": float(np.nanmax(means))}
