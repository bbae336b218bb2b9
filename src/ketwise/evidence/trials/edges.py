"""A tuned value that keeps landing on the edge of its grid: the best may lie beyond."""

from ketwise.evidence.data.alerts import Alert
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM
from ketwise.evidence.trials.tally import Tally

# Strengths and scales that could go on in both directions; numbers of layers or trees end where they must.
_OPEN_ENDED = ("C", "alpha", "gamma", "bandwidth", "learning_rate")
_MOSTLY = 0.6


def edge_alerts(tally: Tally) -> list[Alert]:
    """KW011, for the model that was most often each side's champion."""
    alerts = []
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    for side in (QUANTUM, CLASSICAL):
        names = [trial.model for trial in tally.champions(side)]
        opponent = by_name[max(names, key=names.count)]
        configurations = tally.configurations[opponent.name]
        for parameter in _OPEN_ENDED:
            values = opponent.grid.get(parameter, [])
            if len(values) < 3:
                continue
            low, high = min(values), max(values)
            chosen = [configurations[trial.chosen].get(parameter) for trial in tally.of(opponent.name)]
            for edge, word in ((low, "smallest"), (high, "largest")):
                if chosen.count(edge) >= _MOSTLY * len(chosen):
                    alerts.append(_alert(opponent.name, parameter, edge, word, chosen.count(edge), len(chosen)))
    return alerts


def _alert(model: str, parameter: str, edge: float, word: str, count: int, folds: int) -> Alert:
    text = (
        f"In {count} of {folds} folds the {model} did best with the {word} {parameter} of its grid, {edge:g}: a better "
        f"one may lie beyond. Pass that model yourself with a wider {parameter}, tuned in your own GridSearchCV."
    )
    return Alert("KW011", "An optimum on the edge of a grid", text)
