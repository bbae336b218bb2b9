"""The quantum champion with something taken away, tuned and scored in the same folds; corrected for several tests."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ketwise.evidence.inference.correction import holm, one_sided_p_value
from ketwise.evidence.models.ablations import ablations
from ketwise.evidence.models.opponents import QUANTUM, Opponent
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.measure import Watch, trial_as_dict
from ketwise.evidence.trials.parallel import Crew, Piece
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.tally import Tally

STAGE = "ablations"
ENOUGH = 0.05

_NAMES = {
    "entanglement": "entanglement removed",
    "spectrum": "classical surrogate of the same spectrum",
    "rbf": "RBF kernel aligned to the quantum one",
}
_CONTRIBUTES = {
    "entanglement": "Entanglement contributes",
    "spectrum": "The circuit does more than its Fourier spectrum",
    "rbf": "The quantum kernel does more than the RBF kernel nearest to it",
}
_DOES_NOT = {
    "entanglement": "No contribution of entanglement is shown",
    "spectrum": "Nothing beyond the circuit's Fourier spectrum, which a classical model can have, is shown",
    "rbf": "Nothing beyond an RBF kernel is shown",
}


def measure_ablations(
    crew: Crew, watch: Watch, bench: Bench, tally: Tally, configurations: int
) -> list[dict[str, Any]]:
    """One line an ablation that every fold's champion has; none that was not finished in all folds."""
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    champions = tally.champions(QUANTUM)
    rows = {name: ablations(by_name[name], bench.task.is_classification) for name in {c.model for c in champions}}
    chosen = [{opponent.kind: opponent for opponent in rows[champion.model]} for champion in champions]
    kinds = [kind for kind in _NAMES if all(kind in opponents for opponents in chosen)]
    pieces = [
        _piece(bench, opponents[kind], fold, configurations)
        for opponents, fold in zip(chosen, tally.folds, strict=True)
        for kind in kinds
    ]
    found = {piece.key: Trial.from_dict(value) for piece, value in watch.through(crew, STAGE, pieces)}
    lines = []
    for kind in kinds:
        keys = [f"{opponents[kind].name}/{fold.index}" for opponents, fold in zip(chosen, tally.folds, strict=True)]
        if all(key in found for key in keys):
            # Champions may differ from fold to fold, and their ablations with them: the commonest speaks for all.
            about = Counter(opponents[kind].about for opponents in chosen).most_common(1)[0][0]
            lines.append(_line(tally, champions, [found[key] for key in keys], kind, about))
    return _corrected(lines)


def _piece(bench: Bench, opponent: Opponent, fold: Any, configurations: int) -> Piece:
    tried = opponent.configurations(configurations, bench.seed)
    return Piece(f"{opponent.name}/{fold.index}", trial_as_dict, (bench, opponent, fold, tried))


def _line(tally: Tally, champions: Sequence[Trial], trials: Sequence[Trial], kind: str, about: str) -> dict[str, Any]:
    gap = tally.uncertainty.gap(champions, trials)
    return tally.line(
        _NAMES[kind],
        trials,
        kind=kind,
        about=about,
        difference={"mean": gap.mean, "interval": list(gap.interval())},
        ahead=gap.above(0.0),
        p_value=one_sided_p_value(gap),
    )


def _corrected(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    adjusted = holm([line["p_value"] for line in lines]) if lines else np.zeros(0)
    return [
        line
        | {
            "p_holm": float(p_value),
            "says": f"{(_CONTRIBUTES if p_value < ENOUGH else _DOES_NOT)[line['kind']]}.",
        }
        for line, p_value in zip(lines, adjusted, strict=True)
    ]
