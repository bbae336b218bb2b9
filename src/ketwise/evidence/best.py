"""The model to use after a verdict: fitted to all rows, asked in the user's own columns and classes."""

import os
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.arrays import as_frame
from ketwise.evidence.data.kinds import DATES, NUMBERS, TEXT, convert
from ketwise.evidence.data.names import quoted
from ketwise.evidence.data.tables import Table
from ketwise.evidence.inference.correlated import AHEAD, HELPS
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent, Settings
from ketwise.evidence.prepared import prepared
from ketwise.evidence.trials.calibration import Calibrated
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
    example : DataFrame
        Rows to measure :meth:`latency` on.
    target : str
        Name of the column that it predicts.
    aside : tuple of str
        Other columns of the data it learned from, which it does not use.
    record : dict
        What it learned from.
    """

    name: str
    side: str
    settings: dict[str, Any]
    classes_: np.ndarray | None
    pipeline: Any
    kinds: dict[str, str]
    example: pd.DataFrame
    target: str = "target"
    aside: tuple[str, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of the columns it uses."""
        return list(self.kinds)

    def predict(self, X: Any) -> np.ndarray:
        """Return ``(n_rows,)`` classes or numbers.

        Parameters
        ----------
        X : (n_rows, n_columns) array or DataFrame
            Columns as in the data it learned from, read as what they held there; cells may be missing.
        """
        answers = np.asarray(self.pipeline.predict(self.used_columns(X)))
        return answers if self.classes_ is None else self.classes_[answers.astype(int)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return ``(n_rows, n_classes)`` calibrated probabilities; AttributeError for numbers."""
        if self.classes_ is None:
            raise AttributeError("a regression has no classes to give probabilities of: use predict")
        return np.asarray(self.pipeline.predict_proba(self.used_columns(X)))

    def answers(self, used: pd.DataFrame) -> tuple[np.ndarray, np.ndarray | None]:
        """Return ``(n_rows,)`` classes or numbers and ``(n_rows, n_classes)`` probabilities, None for numbers.

        Parameters
        ----------
        used : DataFrame
            As :meth:`used_columns` returns it.
        """
        if self.classes_ is None:
            return np.asarray(self.pipeline.predict(used)), None
        probabilities = np.asarray(self.pipeline.predict_proba(used))
        calibrated = isinstance(self.pipeline[-1], Calibrated)  # it predicts what is likeliest
        codes = probabilities.argmax(axis=1) if calibrated else np.asarray(self.pipeline.predict(used)).astype(int)
        return self.classes_[codes], probabilities

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a ``.ketwise`` file, which holds data and no code; ``kw.load`` reads it.

        Rows of the data are not in it, but what a model keeps of them: a kernel model is made of the features of its
        support vectors.

        Raises
        ------
        TypeError, ValueError
            For a model that such a file cannot hold, such as trees: which, and what to do.
        OSError
            If the place cannot be written to.
        """
        from ketwise.evidence.table_model import save_table_model

        return save_table_model(self, path)

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

    def used_columns(self, X: Any) -> pd.DataFrame:
        """Return the columns that it uses, as its pipeline takes them.

        Raises
        ------
        ValueError
            For a column that is missing, or holds another kind of thing than in the data it learned from.
        """
        frame = as_frame(X)
        for name in self.columns:
            if name not in frame.columns:
                raise ValueError(
                    f"X lacks the column {quoted(name)} that {self.name} uses: pass the columns of the data it learned "
                    "from"
                )
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
        row = _odd_row(found.values, kind)
        raise ValueError(
            f"column {quoted(name)} held {kind} in the data that was learned from and holds {found.kind} here, such as "
            f"{quoted(column.iloc[row])} in row {row + 1}: pass it as it was there"
        )
    return found.values


def _odd_row(cells: pd.Series, kind: str) -> int:
    """The first row that is not empty and, where text stands among numbers, no number."""
    odd = cells.notna()
    if kind == NUMBERS and cells.dtype == object and (text := odd & pd.to_numeric(cells, errors="coerce").isna()).any():
        odd = text
    return int(np.flatnonzero(odd.to_numpy())[0])


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
        return fitted_best(ready.bench, source.table, chosen, settings, fold.index, rows)


def fitted_best(
    bench: Bench, table: Table, opponent: Opponent, settings: Settings, fold: int, rows: np.ndarray
) -> Best:
    """Fit one configuration of a model, with what comes before it, to some rows of a table.

    Parameters
    ----------
    bench : Bench
        Of that table.
    table : Table
    opponent : Opponent
    settings : dict
    fold : int
        Seeds the model, with the seed of the bench.
    rows : (n,) int array
    """
    pipeline = fitted_pipeline(bench, opponent, settings, fold, rows, probabilities=True)
    classes = None
    if bench.task.is_classification:
        # The first row of every code says how the user wrote its class.
        first = np.unique(bench.task.learned, return_index=True)[1]
        classes = np.array(bench.task.classes) if table.given is None else table.given[first]
    X, dates = bench.X, table.dates
    kinds = {name: DATES if name in dates else NUMBERS if X[name].dtype.kind == "f" else TEXT for name in X.columns}
    record = {
        "data": table.name,
        "sha256": table.sha256,
        "rows": len(rows),
        "seed": bench.seed,
        "task": bench.task.said,
    }
    return Best(
        opponent.name,
        opponent.side,
        settings,
        classes,
        pipeline,
        kinds,
        X.iloc[rows[:100]],
        table.target,
        tuple(name for name in table.X.columns if name not in kinds),
        record,
    )


def _tuned(bench: Bench, opponent: Opponent, fold: Fold, configurations: list[Settings]) -> dict[str, Any]:
    """Best configuration by mean inner score, and that score."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trials have told them
        scores, failures = inner_scores(bench, opponent, fold, configurations)
    means = scores.mean(axis=1)
    if np.isnan(means).all():
        raise ValueError(f"{opponent.name} failed on all rows: {failures[0]}")
    return {"chosen": int(np.nanargmax(means)), "score": float(np.nanmax(means))}
