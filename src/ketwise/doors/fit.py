"""``ketwise fit``: one model trained on a table, with the verdict's preparation, and kept in a file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ketwise.doors.given import estimators
from ketwise.doors.places import check_places
from ketwise.doors.steps import Steps
from ketwise.evidence.best import Best, fitted_best
from ketwise.evidence.data import alerts as remarks
from ketwise.evidence.data.alerts import Alert
from ketwise.evidence.data.columns import choose_columns, describe, used_frame
from ketwise.evidence.data.names import listed, quoted
from ketwise.evidence.data.tables import load
from ketwise.evidence.data.task import Task, deciding_score, recognise
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import QUANTUM, Given, Opponent, Settings, Situation, given_opponents
from ketwise.evidence.models.quantum import quantum_opponents
from ketwise.evidence.table_model import check_keepable, save_table_model
from ketwise.evidence.trials.calibration import calibration_splits
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import Layout
from ketwise.learning.keeping.files import model_path
from ketwise.program.backends.default import default_backend
from ketwise.words.store import writable_path

#: What is trained where no model is named.
DEFAULT = "fidelity-kernel"
#: Models of the classical side that a file can hold.
_CLASSICAL = ("logistic regression", "ridge regression")
#: Alerts that are about what a model is made from; others are about comparing models.
_OF_COLUMNS = ("KW001", "KW002", "KW003", "KW013", "KW014", "KW015")
_SCALED = "Every column was scaled to mean 0 and standard deviation 1."


@dataclass(frozen=True)
class Trained:
    """What ``fit`` did: the model, the file, remarks on the data, and what was done with its columns."""

    best: Best
    path: Path
    alerts: list[Alert]
    said: list[str]


def fit(data: str, target: str | None, out: str, model: str = DEFAULT, seed: int = 0) -> Trained:
    """Read a table, train a model on all its rows and write it to a file.

    Parameters
    ----------
    data, target : str
        As for the verdict.
    out : str
        A name that ends in ``.ketwise``.
    model : str
        One of :func:`models`, or ``FILE.py:NAME``.
    seed : int

    Raises
    ------
    ImportError, MemoryError, OSError, TypeError, ValueError
        One sentence on what is wrong, where, and what to do; nothing is written then.
    """
    target_path = writable_path(model_path(out))
    check_places({"DATA": data}, {"--out": target_path})
    if not 0 <= seed < 1 << 31:
        raise ValueError(f"--seed must be a whole number from 0 to 2147483647, got {seed}")
    with Steps() as steps:
        steps.begin(f"Reading {data}", 1)
        table = load(data, target)
        task = recognise(table.y)
        opponent = _opponent(model, task.is_classification)
        score = deciding_score(task, None)
        found = remarks.find(table, task, score=score)
        columns = choose_columns(table, found)
        layout = Layout.of(table)
        bench = Bench(used_frame(table, columns), task, columns, score, seed, layout)
        situation = Situation(task.is_classification, len(columns.used), seed, bench.class_weight)
        _check(opponent, situation)
        default_backend()  # a missing native engine is said now, not in the middle
        rows = np.arange(len(task.y))
        fits = 1 + (len(calibration_splits(task, rows, seed, layout)) if task.is_classification else 0)
        steps.begin(f"Training {_described(opponent, task, len(rows))}", fits)
        counted = replace(opponent, make=_Counted(opponent.make, steps))
        try:
            best = fitted_best(bench, table, counted, opponent.default, 0, rows)
        except Exception as error:
            if not isinstance(opponent.make, Given) or isinstance(error, MemoryError):
                raise
            raise ValueError(f"{opponent.name} failed: {type(error).__name__}: {error}") from error
    try:
        path = save_table_model(best, target_path)
    except TypeError as error:
        raise ValueError(str(error)) from None
    said = [task.said, *table.notes, *describe(columns)[:-1], _SCALED]
    return Trained(best, path, [alert for alert in found if alert.dropped or alert.code in _OF_COLUMNS], said)


def _check(opponent: Opponent, situation: Situation) -> None:
    """Refuse a model that no file can hold before it is trained."""
    try:
        check_keepable(opponent.make(opponent.default, situation))
    except TypeError as error:
        raise ValueError(f"--model {opponent.name}: {error}") from None


def models(is_classification: bool) -> dict[str, Opponent]:
    """The models that can be trained by name.

    Examples
    --------
    >>> list(models(True))[:2]
    ['fidelity-kernel', 'projected-kernel']
    """
    every = quantum_opponents(is_classification) + classical_opponents(is_classification)
    kept = [opponent for opponent in every if opponent.side == QUANTUM or opponent.name in _CLASSICAL]
    return {opponent.name.replace(" ", "-"): opponent for opponent in kept}


def _opponent(model: str, is_classification: bool) -> Opponent:
    known = models(is_classification)
    name = model.replace(" ", "-")
    if name in known:
        return known[name]
    if ":" in model:
        given = given_opponents(estimators([model], "--model"), QUANTUM, "--model", set())
        if len(given) != 1:
            raise ValueError(
                f"--model {model} holds {len(given)} models, {listed([each.name for each in given])}: name one of them"
            )
        return given[0]
    kind = "classes" if is_classification else "numbers"
    raise ValueError(
        f"--model {quoted(model)} is no model for {kind}: there are {', '.join(known)}, and your own as FILE.py:NAME"
    )


def _described(opponent: Opponent, task: Task, n_rows: int) -> str:
    what = f"{len(task.classes)} classes" if task.is_classification else "numbers"
    return f"{opponent.name} on {n_rows:,} rows, for {what}"


@dataclass(frozen=True)
class _Counted:
    """Builds what another does, and counts: each model built but the first means that one more was fitted."""

    make: Callable[[Settings, Situation], Any]
    steps: Steps

    def __call__(self, settings: Settings, situation: Situation) -> Any:
        self.steps.advance()
        return self.make(settings, situation)
