"""Running every trial of a verdict, with a word to whoever watches."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketwise.evidence.models.opponents import Opponent, Settings
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.parallel import Crew, Piece
from ketwise.evidence.trials.protocol import Trial, fit_once, try_model

MODELS = "models"


@dataclass(frozen=True)
class Step:
    """What a progress callback is told: first what was recognised (no trial), then every finished piece of work.

    ``stage`` says in a word what is running, ``done`` and ``total`` count its pieces, ``seconds_left`` is its.
    ``running`` names the models that are at work. ``provisional`` is the verdict so far, once there is one and whenever
    it is refined.
    """

    stage: str
    said: list[str]
    done: int
    total: int
    seconds_left: float | None
    trial: Trial | None = None
    provisional: str | None = None
    running: tuple[str, ...] = ()


Progress = Callable[[Step], None]
Trials = dict[tuple[str, int], Trial]


@dataclass
class Watch:
    """Tells the callback, if there is one, about a stage as its pieces end."""

    progress: Progress | None
    said: list[str]
    clock: dict[str, float] = field(default_factory=dict)

    def through(self, crew: Crew, stage: str, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, dict[str, Any]]]:
        """Run the pieces of a stage without trials."""
        start = time.perf_counter()
        self.tell(Step(stage, self.said, 0, len(pieces), None))
        for done, (piece, value) in enumerate(crew.run(pieces), 1):
            left = (time.perf_counter() - start) / done * (len(pieces) - done)
            self.tell(Step(stage, self.said, done, len(pieces), left))
            yield piece, value
        self.clock[stage] = time.perf_counter() - start

    def tell(self, step: Step) -> None:
        """Pass a step on."""
        if self.progress is not None:
            self.progress(step)


def measure_models(
    crew: Crew,
    watch: Watch,
    bench: Bench,
    opponents: Sequence[Opponent],
    tried: Mapping[str, Sequence[Settings]],
    folds: Sequence[Fold],
    provisional: Callable[[Trials], str | None],
) -> Trials:
    """Try every model in every fold, fold after fold; fewer where the crew was stopped."""
    pieces = [
        Piece(f"{opponent.name}/{fold.index}", trial_as_dict, (bench, opponent, fold, tried[opponent.name]))
        for fold in folds
        for opponent in opponents
    ]
    trials: Trials = {}
    spent: dict[str, list[float]] = defaultdict(list)
    waiting, start, complete = [opponent.name for _ in folds for opponent in opponents], time.perf_counter(), 0
    watch.tell(Step(MODELS, watch.said, 0, len(pieces), None, running=tuple(waiting[: crew.n_jobs])))
    for _, value in crew.run(pieces):
        trial = Trial.from_dict(value)
        trials[trial.model, trial.fold] = trial
        spent[trial.model].append(trial.tuning_seconds + trial.fit_seconds + trial.predict_seconds)
        waiting.remove(trial.model)
        now = len(complete_folds(folds, opponents, trials))
        news, complete = (provisional(trials) if now > complete else None), now
        left = _seconds_left(spent, waiting, time.perf_counter() - start)
        watch.tell(Step(MODELS, watch.said, len(trials), len(pieces), left, trial, news, tuple(waiting[: crew.n_jobs])))
    watch.clock[MODELS] = time.perf_counter() - start
    return trials


def complete_folds(
    folds: Sequence[Fold], opponents: Sequence[Opponent], trials: Mapping[tuple[str, int], Trial]
) -> list[Fold]:
    """Folds in which every model has been tried."""
    return [fold for fold in folds if all((opponent.name, fold.index) in trials for opponent in opponents)]


def trial_as_dict(*arguments: Any) -> dict[str, Any]:
    """:func:`try_model`, as a piece of work."""
    return try_model(*arguments).to_dict()


def fit_as_dict(*arguments: Any) -> dict[str, Any]:
    """:func:`fit_once`, as a piece of work."""
    return Trial(**fit_once(*arguments)).to_dict()


def _seconds_left(spent: Mapping[str, list[float]], waiting: list[str], elapsed: float) -> float | None:
    """From the processor time of every model seen so far and how fast that passed; None until all have been seen."""
    if any(name not in spent for name in waiting):
        return None
    ahead = sum(float(np.mean(spent[name])) for name in waiting)
    return ahead * elapsed / max(1e-9, sum(map(sum, spent.values())))
