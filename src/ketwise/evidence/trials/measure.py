"""Running every trial of a verdict, with a word to whoever watches; then the lines beside the comparison."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.evidence.models.opponents import Opponent
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.parallel import as_finished
from ketwise.evidence.trials.protocol import Bench, Trial, try_model
from ketwise.evidence.trials.second_lines import finished_line, second_lines
from ketwise.evidence.trials.tally import Tally


@dataclass(frozen=True)
class Step:
    """What a progress callback is told: first what was recognised (no trial), then every finished trial."""

    said: list[str]
    done: int
    total: int
    seconds_left: float | None
    trial: Trial | None


Progress = Callable[[Step], None]


def measure(
    bench: Bench,
    opponents: list[Opponent],
    folds: list[Fold],
    configurations: int,
    n_jobs: int,
    said: list[str],
    progress: Progress | None,
) -> Tally:
    tried = {opponent.name: opponent.configurations(configurations, bench.seed) for opponent in opponents}
    pairs = [(opponent, fold) for fold in folds for opponent in opponents]
    calls = [(try_model, (bench, opponent, fold, tried[opponent.name])) for opponent, fold in pairs]
    if progress is not None:
        progress(Step(said, 0, len(calls), None, None))
    trials: dict[tuple[str, int], Trial] = {}
    spent: dict[str, list[float]] = defaultdict(list)
    waiting, start = [opponent.name for opponent, _ in pairs], time.perf_counter()
    for _, trial in as_finished(calls, n_jobs):
        trials[trial.model, trial.fold] = trial
        spent[trial.model].append(trial.tuning_seconds + trial.fit_seconds + trial.predict_seconds)
        waiting.remove(trial.model)
        if progress is not None:
            progress(
                Step(said, len(trials), len(calls), _seconds_left(spent, waiting, time.perf_counter() - start), trial)
            )
    return Tally(opponents, tried, folds, trials, bench.score.most)


def _seconds_left(spent: Mapping[str, list[float]], waiting: list[str], elapsed: float) -> float | None:
    """From the processor time of every model seen so far and how fast that passed; None until all have been seen."""
    if any(name not in spent for name in waiting):
        return None
    ahead = sum(float(np.mean(spent[name])) for name in waiting)
    return ahead * elapsed / max(1e-9, sum(map(sum, spent.values())))


def measure_second_lines(bench: Bench, tally: Tally, n_jobs: int) -> list[dict[str, Any]]:
    lines = []
    for name, calls in second_lines(bench, tally).items():
        fits = dict(as_finished(calls, n_jobs))
        lines.append(finished_line(tally, name, [fits[index] for index in range(len(calls))]))
    return lines
