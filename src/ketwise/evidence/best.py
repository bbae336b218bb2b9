"""The model to use after a verdict: fitted to all rows, asked in the user's own columns and classes."""

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.arrays import as_frame
from ketwise.evidence.data.kinds import DATES, NUMBERS, TEXT, convert
from ketwise.evidence.data.names import quoted
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

    It has learned from the rows of the data; held-out rows, where there were any, are not learned from.

    Attributes
    ----------
    name, side : str
        Which model it is.
    settings : dict
        Its configuration.
    classes_ : (n_classes,) array or None
        Classes as the user wrote them, in the type they were given in; None for numbers.
    pipeline : Pipeline
        scikit-learn's, from the used columns to the model; probabilities are calibrated.
    kinds : dict of str -> {"numbers", "dates", "text"}
        Columns it uses, and what they hold.
    """

    name: str
    side: str
    settings: dict[str, Any]
    classes_: np.ndarray | None
    pipeline: Any
    kinds: dict[str, str]
    example: pd.DataFrame

    @property
    def columns(self) -> list[str]:
        """Names of the columns it uses."""
        return list(self.kinds)

    def predict(self, X: Any) -> np.ndarray:
        """Return ``(n_rows,)`` classes or numbers.

        Parameters
        ----------
        X : (n_rows, n_columns) array or DataFrame
            Columns as in the data of the verdict, read as what they held there; cells may be missing.
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
        frame = as_frame(X)
        for name in self.columns:
            if name not in frame.columns:
                raise ValueError(f"X lacks the column {name!r} that {self.name} uses: pass the columns of the verdict")
        # Numbered first: pandas would try to keep the names as Arrow's strings, which cannot hold every name.
        used = pd.DataFrame(
            {place: _cells(frame[name], name, kind) for place, (name, kind) in enumerate(self.kinds.items())}
        )
        used.columns = pd.Index(self.columns, dtype=object)
        return used


def _cells(column: pd.Series, name: str, kind: str) -> pd.Series:
    """New cells of a column, as the kind that it had in the data of the verdict."""
    if kind == TEXT and column.dtype == object:
        column = pd.Series(
            [None if gap else str(cell) for cell, gap in zip(column, column.isna(), strict=True)], dtype=object
        )
    found = convert(column, name, as_text=kind == TEXT)
    if found.values.isna().all():
        return pd.Series([None if kind == TEXT else np.nan] * len(column), dtype=object if kind == TEXT else float)
    if found.kind != kind:
        raise ValueError(
            f"column {quoted(name)} held {kind} in the data of the verdict and holds {found.kind} here: pass it as it "
            "was there"
        )
    return found.values


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = fitted_pipeline(ready.bench, chosen, settings, fold.index, rows, probabilities=True)
    classes = None
    if ready.bench.task.is_classification:
        # The first row of every code says how the user wrote its class.
        first = np.unique(ready.bench.task.learned, return_index=True)[1]
        given = source.table.given
        classes = np.array(ready.bench.task.classes) if given is None else given[first]
    X, dates = ready.bench.X, source.table.dates
    kinds = {name: DATES if name in dates else NUMBERS if X[name].dtype.kind == "f" else TEXT for name in X.columns}
    return Best(chosen.name, side, settings, classes, pipeline, kinds, X.iloc[rows[:100]])


def _tuned(bench: Bench, opponent: Opponent, fold: Fold, configurations: list[Settings]) -> dict[str, Any]:
    """Best configuration by mean inner score, and that score."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trials have told them
        scores, failures = inner_scores(bench, opponent, fold, configurations)
    means = scores.mean(axis=1)
    if np.isnan(means).all():
        raise ValueError(f"{opponent.name} failed on all rows: {failures[0]}")
    return {"chosen": int(np.nanargmax(means)), "score": float(np.nanmax(means))}
