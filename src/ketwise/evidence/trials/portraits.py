"""What both champions look like: which columns they use, how they learn, what their probabilities are worth."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent, Settings
from ketwise.evidence.trials.fitting import Bench, fitted_pipeline
from ketwise.evidence.trials.folds import Fold, first_pass
from ketwise.evidence.trials.measure import Watch
from ketwise.evidence.trials.parallel import Crew, Piece
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.recorded import Recorded
from ketwise.evidence.trials.tally import Tally

STAGE = "portraits"
SHARES = (0.125, 0.25, 0.5)
MOST_COLUMNS = 40
GRID = 40


def predictions(bench: Bench, tally: Tally) -> dict[str, Any]:
    """What both champions said about held-out rows, each row once."""
    folds = first_pass(tally.folds)
    rows = np.concatenate([fold.test for fold in folds])
    document: dict[str, Any] = {
        "row": rows,
        "fold": np.concatenate([np.full(len(fold.test), fold.index) for fold in folds]),
        "truth": bench.task.y[rows],
    }
    for side in (QUANTUM, CLASSICAL):
        trials = _champions(tally, side, folds)
        document[side] = {
            "labels": np.concatenate([trial.recorded.labels for trial in trials]),
            "values": np.concatenate([trial.recorded.values for trial in trials]),
        }
    return document


def measure_portraits(crew: Crew, watch: Watch, bench: Bench, tally: Tally) -> dict[str, Any] | None:
    """Both champions in the folds of the first pass; None where that was not finished."""
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    folds = first_pass(tally.folds)
    names = columns_looked_at(bench)
    pieces, keys = [], {}
    for side in (QUANTUM, CLASSICAL):
        champions = _champions(tally, side, folds)
        keys[side] = [f"{STAGE}/{side}/{fold.index}" for fold in folds]
        for key, fold, trial in zip(keys[side], folds, champions, strict=True):
            settings = tally.configurations[trial.model][trial.chosen]
            pieces.append(Piece(key, portrait, (bench, by_name[trial.model], fold, settings, names)))
    found = {piece.key: value for piece, value in watch.through(crew, STAGE, pieces)}
    if len(found) < len(pieces):
        return None
    drawn: dict[str, Any] = {}
    for side in (QUANTUM, CLASSICAL):
        champions = _champions(tally, side, folds)
        drawn[side] = _joined([found[key] for key in keys[side]], champions, folds, names)
    return drawn


def _champions(tally: Tally, side: str, folds: Sequence[Fold]) -> list[Trial]:
    """The champion of every one of these folds, which need not be the first ones."""
    found = {trial.fold: trial for trial in tally.champions(side)}
    return [found[fold.index] for fold in folds]


def _joined(
    values: Sequence[dict[str, Any]], champions: Sequence[Trial], folds: Sequence[Fold], names: list[str]
) -> dict[str, Any]:
    rows = [int(np.mean([value["sizes"][size] for value in values])) for size in range(len(SHARES))]
    scores = np.array([[value["scores"][size] for value in values] for size in range(len(SHARES))])
    probabilities = [value["probabilities"] for value in values]
    return {
        "importance": {"columns": names, "drops": np.array([value["drops"] for value in values]).T},
        "learning": {
            "rows": np.array([*rows, int(np.mean([len(fold.train) for fold in folds]))]),
            "scores": np.vstack([scores, [trial.score for trial in champions]]),
        },
        "probabilities": None if any(one is None for one in probabilities) else np.concatenate(probabilities),
    }


def columns_looked_at(bench: Bench) -> list[str]:
    """All used columns; of very many those that go with the target most closely by rank, text first."""
    names = bench.columns.used
    if len(names) <= MOST_COLUMNS:
        return list(names)
    ranks = bench.X[bench.columns.numbers].rank()
    ties = ranks.corrwith(pd.Series(bench.task.y, index=bench.X.index).rank()).abs().fillna(0.0)
    kept = set(ties.nlargest(MOST_COLUMNS - min(len(bench.columns.texts), 10)).index) | set(bench.columns.texts[:10])
    return [name for name in names if name in kept]


def portrait(bench: Bench, opponent: Opponent, fold: Fold, settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    """One champion in one fold.

    Returns
    -------
    dict
        ``drops`` of the score when a column is shuffled, ``sizes`` and ``scores`` on fewer training rows, and
        calibrated ``probabilities`` (None for numbers).
    """
    from threadpoolctl import threadpool_limits

    test, truth = bench.X.iloc[fold.test], bench.task.y[fold.test]
    rng = np.random.default_rng([bench.seed, fold.index])
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trial has told them
        fitted = fitted_pipeline(bench, opponent, settings, fold.index, fold.train)
        whole = bench.score.of(fitted, test, truth)
        drops = []
        for name in names:
            shuffled = test.copy()
            order = rng.permutation(len(test))
            # With its type: text must not become what pandas would make of it.
            shuffled[name] = pd.Series(test[name].to_numpy()[order], test.index, test[name].dtype)
            drops.append(float(whole - bench.score.of(fitted, shuffled, truth)))
        order = nested_order(bench, fold, rng)
        sizes = [max(2 * max(2, bench.n_classes), round(share * len(order))) for share in SHARES]
        scores = [_score_on(bench, opponent, settings, fold, order[:size]) for size in sizes]
        probabilities = None
        if bench.task.is_classification:
            probabilities = _calibrated(bench, opponent, settings, fold)
    return {"drops": np.array(drops), "sizes": sizes, "scores": scores, "probabilities": probabilities}


def _calibrated(bench: Bench, opponent: Opponent, settings: Settings, fold: Fold) -> np.ndarray | None:
    """None where a class is too rare to calibrate on: a picture less, not a verdict less."""
    try:
        fitted = fitted_pipeline(bench, opponent, settings, fold.index, fold.train, probabilities=True)
    except ValueError:
        return None
    return Recorded.of(fitted, bench.X.iloc[fold.test], bench.n_classes).probabilities


def nested_order(bench: Bench, fold: Fold, rng: np.random.Generator) -> np.ndarray:
    """The training rows in an order of which every beginning holds the classes in about their shares, each at once."""
    order = rng.permutation(fold.train)
    if not bench.task.is_classification:
        return order
    codes = bench.task.y[order]
    place = np.empty(len(order))
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
        place[members[:2]] = -1.0  # two of every class come first: no model learns from fewer
    return order[np.argsort(place, kind="stable")]


def _score_on(bench: Bench, opponent: Opponent, settings: Settings, fold: Fold, rows: np.ndarray) -> float:
    """NaN where so few rows cannot be learned from."""
    try:
        fitted = fitted_pipeline(bench, opponent, settings, fold.index, np.sort(rows))
        return float(bench.score.of(fitted, bench.X.iloc[fold.test], bench.task.y[fold.test]))
    except Exception:
        return float("nan")


def measure_map(crew: Crew, watch: Watch, bench: Bench, tally: Tally) -> dict[str, Any] | None:
    """What both champions of the first fold say all over the plane, where two columns of numbers are used."""
    if len(bench.columns.numbers) != 2 or bench.columns.texts:
        return None
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    fold = tally.folds[0]
    pieces = []
    for side in (QUANTUM, CLASSICAL):
        trial = tally.champions(side)[0]
        settings = tally.configurations[trial.model][trial.chosen]
        pieces.append(Piece(f"map/{side}", plane, (bench, by_name[trial.model], fold, settings)))
    found = {piece.key: value for piece, value in watch.through(crew, "decision map", pieces)}
    if len(found) < len(pieces):
        return None
    points = bench.X.iloc[fold.test].to_numpy(dtype=float)
    x, y = _axes(bench)
    return {
        "columns": list(bench.columns.numbers),
        "x": x,
        "y": y,
        QUANTUM: found[f"map/{QUANTUM}"]["values"],
        CLASSICAL: found[f"map/{CLASSICAL}"]["values"],
        "points": points,
        "truth": bench.task.y[fold.test],
    }


def plane(bench: Bench, opponent: Opponent, fold: Fold, settings: Settings) -> dict[str, Any]:
    """Probability of class 1 (two classes), class code (many) or prediction, on a grid ``(y, x)``."""
    from threadpoolctl import threadpool_limits

    x, y = _axes(bench)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    frame = pd.DataFrame(grid, columns=bench.columns.numbers)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = fitted_pipeline(bench, opponent, settings, fold.index, fold.train, probabilities=bench.n_classes == 2)
        recorded = Recorded.of(fitted, frame, bench.n_classes)
    if bench.n_classes == 2 and recorded.probabilities is not None:
        return {"values": recorded.probabilities[:, 1].reshape(len(y), len(x))}
    return {"values": recorded.labels.astype(float).reshape(len(y), len(x))}


def _axes(bench: Bench) -> tuple[np.ndarray, np.ndarray]:
    values = bench.X[bench.columns.numbers].to_numpy(dtype=float)
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    pad = 0.05 * (high - low)
    x, y = (np.linspace(low[axis] - pad[axis], high[axis] + pad[axis], GRID) for axis in (0, 1))
    return x, y
