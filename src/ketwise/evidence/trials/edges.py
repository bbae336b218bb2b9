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
        chosen = [configurations[trial.chosen] for trial in tally.of(opponent.name)]
        edges = []
        for parameter in _OPEN_ENDED:
            values = opponent.grid.get(parameter, [])
            if len(values) < 3:
                continue
            for edge, word in ((min(values), "smallest"), (max(values), "largest")):
                count = sum(settings.get(parameter) == edge for settings in chosen)
                if count >= _MOSTLY * len(chosen):
                    edges.append(f"the {word} {parameter}, {edge:g} (in {count} of {len(chosen)} folds)")
        if edges:
            alerts.append(_alert(opponent.name, edges))
    return alerts


def _alert(model: str, edges: list[str]) -> Alert:
    text = (
        f"The {model} mostly did best on the edge of its grid: with {' and '.join(edges)}. A better value may lie "
        "beyond: pass that model yourself, with a wider grid in a GridSearchCV of your own."
    )
    return Alert("KW011", "An optimum on the edge of a grid", text)
