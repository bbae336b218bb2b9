"""Lines beside the comparison: the classical champion with the quantum models' columns only, and with all rows."""

from dataclasses import replace
from typing import Any

from ketwise.evidence.models.opponents import CLASSICAL
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.measure import Watch, fit_as_dict
from ketwise.evidence.trials.parallel import Crew, Piece
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.tally import Tally

FEWER_COLUMNS = "best classical, on the quantum models' columns"
ALL_ROWS = "best classical, on all training rows"


def measure_second_lines(crew: Crew, watch: Watch, bench: Bench, tally: Tally) -> list[dict[str, Any]]:
    """Measure the lines that would not repeat the comparison; a line that was not finished is left out."""
    lines = []
    for name, pieces in second_lines(bench, tally).items():
        found = {piece.key: Trial.from_dict(value) for piece, value in watch.through(crew, name, pieces)}
        if len(found) == len(pieces):
            lines.append(tally.line(name, [found[piece.key] for piece in pieces]))
    return lines


def second_lines(bench: Bench, tally: Tally) -> dict[str, list[Piece]]:
    """The fits that are needed for each line, one a fold.

    The classical champion of each fold keeps the configuration it was chosen with.
    """
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    limits = [opponent.most_columns for opponent in tally.opponents if opponent.most_columns is not None]
    champions = tally.champions(CLASSICAL)
    prepared = [trial.n_columns for trial in champions]
    chosen = [
        (by_name[trial.model], fold, tally.configurations[trial.model][trial.chosen])
        for trial, fold in zip(champions, tally.folds, strict=True)
    ]
    lines: dict[str, list[Piece]] = {}
    if limits and max(prepared) > max(limits) and not any(opponent.takes_table for opponent, _, _ in chosen):
        lines[FEWER_COLUMNS] = [
            Piece(
                f"{FEWER_COLUMNS}/{fold.index}",
                fit_as_dict,
                (bench, replace(opponent, most_columns=max(limits)), fold, settings),
            )
            for opponent, fold, settings in chosen
        ]
    if any(len(fold.train) < len(fold.train_all) for fold in tally.folds):
        lines[ALL_ROWS] = [
            Piece(f"{ALL_ROWS}/{fold.index}", fit_as_dict, (bench, opponent, fold, settings, fold.train_all))
            for opponent, fold, settings in chosen
        ]
    return lines
