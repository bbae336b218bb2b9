"""The quantum champion explained: fitted once more in the first fold, diagnosed, drawn, and priced on a device."""

import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketwise.evidence.data.alerts import Alert
from ketwise.evidence.explain.device import device_cost
from ketwise.evidence.explain.diagnosis import diagnosis, diagnosis_alerts
from ketwise.evidence.explain.memory import memory_device, recalled
from ketwise.evidence.models.memory_facts import is_stored
from ketwise.evidence.models.opponents import QUANTUM, Opponent, Settings
from ketwise.evidence.trials.fitting import Bench, Ready, circuit_facts, encoding_of, fitted_model
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.measure import Watch
from ketwise.evidence.trials.parallel import Crew, Piece
from ketwise.evidence.trials.tally import Tally

STAGE = "diagnosis"


@dataclass(frozen=True)
class Explained:
    """What explains and never decides; None where the run was stopped before, or the model tells no circuit."""

    diagnosis: dict[str, Any] | None = None
    circuit: dict[str, Any] | None = None
    device: dict[str, Any] | None = None
    alerts: list[Alert] = field(default_factory=list)


def explain(crew: Crew, watch: Watch, bench: Bench, tally: Tally) -> Explained:
    """Explain the quantum model that was champion most often, with the configuration it was chosen with then."""
    champions = tally.champions(QUANTUM)
    name = Counter(trial.model for trial in champions).most_common(1)[0][0]
    index = next(index for index, trial in enumerate(champions) if trial.model == name)
    opponent = next(opponent for opponent in tally.opponents if opponent.name == name)
    settings = tally.configurations[name][champions[index].chosen]
    piece = Piece(STAGE, explained, (bench, opponent, tally.folds[index], settings))
    for _, found in watch.through(crew, STAGE, [piece]):
        alerts = diagnosis_alerts(found["diagnosis"], found["device"])
        return Explained(found["diagnosis"], found["circuit"], found["device"], alerts)
    return Explained()


def explained(bench: Bench, opponent: Opponent, fold: Fold, settings: Settings) -> dict[str, Any]:
    """Fit the model as in its trial, and look at it."""
    from threadpoolctl import threadpool_limits

    y = bench.task.y[fold.train]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trial has told them
        ready = Ready.of(bench, opponent, fold.train)
        model = fitted_model(bench, opponent, settings, ready, y, fold.index, probabilities=False)
        found = diagnosis(model, np.asarray(ready.X), y, bench.task, seed=bench.seed)
        facts = circuit_facts(model)
        circuit = None
        if is_stored(facts):
            answered = recalled(model, ready.transform(bench.X.iloc[fold.test]))
            circuit = {"model": opponent.name} | facts | answered | {"drawing": ""}
            return {
                "diagnosis": found | {"model": opponent.name},
                "circuit": circuit,
                "device": memory_device(facts, answered),
            }
        if facts:
            circuit = {"model": opponent.name} | facts | {"drawing": str(encoding_of(model).circuit)}
        device = device_cost(model, len(fold.train), facts) if facts else None
    return {"diagnosis": found | {"model": opponent.name}, "circuit": circuit, "device": device}
