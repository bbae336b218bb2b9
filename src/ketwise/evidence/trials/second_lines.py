"""Lines beside the comparison: the classical champion with the quantum models' columns only, and with all rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ketwise.evidence.models.opponents import CLASSICAL
from ketwise.evidence.trials.protocol import Bench, fit_once
from ketwise.evidence.trials.tally import Tally

Call = tuple[Callable[..., Any], tuple[Any, ...]]

FEWER_COLUMNS = "best classical, on the quantum models' columns"
ALL_ROWS = "best classical, on all training rows"


def second_lines(bench: Bench, tally: Tally) -> dict[str, list[Call]]:
    """The fits that are needed for each line, one a fold; no entry where the line would repeat the comparison.

    The classical champion of each fold keeps the configuration it was chosen with.
    """
    lines: dict[str, list[Call]] = {}
    champions = tally.champions(CLASSICAL)
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    limits = [opponent.most_columns for opponent in tally.opponents if opponent.most_columns is not None]
    prepared = [tally.trials[name, fold.index].n_columns for name, fold in zip(champions, tally.folds, strict=True)]
    jobs = [
        (by_name[name], fold, tally.configurations[name][tally.trials[name, fold.index].chosen])
        for name, fold in zip(champions, tally.folds, strict=True)
    ]
    if limits and max(prepared) > max(limits) and not any(opponent.takes_table for opponent, _, _ in jobs):
        lines[FEWER_COLUMNS] = [
            (fit_once, (bench, replace(opponent, most_columns=max(limits)), fold, settings))
            for opponent, fold, settings in jobs
        ]
    if any(len(fold.train) < len(fold.train_all) for fold in tally.folds):
        lines[ALL_ROWS] = [
            (fit_once, (bench, opponent, fold, settings, fold.train_all)) for opponent, fold, settings in jobs
        ]
    return lines


def finished_line(tally: Tally, name: str, fits: list[dict[str, Any]]) -> dict[str, Any]:
    """The line of the report from its fits."""
    return tally.line(name, np.array([fit["score"] for fit in fits]))
