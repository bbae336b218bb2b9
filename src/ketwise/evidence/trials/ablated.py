"""The quantum champion with something taken away, tuned and scored in the same folds; corrected for several tests.

Champions may differ from fold to fold: an ablation is then of those folds whose champion has it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ketwise.evidence.inference.correction import holm, one_sided_p_value
from ketwise.evidence.models.ablations import ablations
from ketwise.evidence.models.memory import NEIGHBOURS
from ketwise.evidence.models.opponents import QUANTUM, Opponent
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import Fold
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
    NEIGHBOURS: "nearest neighbours by Hamming distance",
}
_CONTRIBUTES = {
    "entanglement": "Entanglement contributes",
    "spectrum": "The circuit does more than its Fourier spectrum",
    "rbf": "The quantum kernel does more than the RBF kernel nearest to it",
    NEIGHBOURS: "The memory's weights do more than counting nearest neighbours",
}
_DOES_NOT = {
    "entanglement": "No contribution of entanglement is shown",
    "spectrum": "Nothing beyond the circuit's Fourier spectrum, which a classical model can have, is shown",
    "rbf": "Nothing beyond an RBF kernel is shown",
    NEIGHBOURS: "Nothing beyond counting nearest neighbours is shown",
}


def measure_ablations(
    crew: Crew, watch: Watch, bench: Bench, tally: Tally, configurations: int
) -> list[dict[str, Any]]:
    """One line an ablation that the champions of all folds have, or of two at least; none that was not finished."""
    by_name = {opponent.name: opponent for opponent in tally.opponents}
    champions = tally.champions(QUANTUM)
    rows = {name: ablations(by_name[name], bench.task.is_classification) for name in {c.model for c in champions}}
    chosen: dict[str, list[tuple[Trial, Opponent, Fold]]] = {kind: [] for kind in _NAMES}
    for champion, fold in zip(champions, tally.folds, strict=True):
        for opponent in rows[champion.model]:
            chosen[opponent.kind].append((champion, opponent, fold))
    chosen = {kind: held for kind, held in chosen.items() if len(held) >= min(2, len(champions))}
    pieces = [_piece(bench, opponent, fold, configurations) for held in chosen.values() for _, opponent, fold in held]
    found = {piece.key: Trial.from_dict(value) for piece, value in watch.through(crew, STAGE, pieces)}
    lines = []
    for kind, held in chosen.items():
        keys = [_key(opponent, fold) for _, opponent, fold in held]
        if all(key in found for key in keys):
            # The ablations differ with the champions: the commonest speaks for all.
            about = Counter(opponent.about for _, opponent, _ in held).most_common(1)[0][0]
            if len(held) < len(champions):
                about += f" In {len(held)} of {len(champions)} folds: in those whose champion it can be made of."
            trials = [found[key] for key in keys]
            lines.append(_line(tally, [champion for champion, _, _ in held], trials, kind, about))
    return _corrected(lines)


def _key(opponent: Opponent, fold: Fold) -> str:
    return f"{opponent.name}/{fold.index}"


def _piece(bench: Bench, opponent: Opponent, fold: Fold, configurations: int) -> Piece:
    tried = opponent.configurations(configurations, bench.seed)
    return Piece(_key(opponent, fold), trial_as_dict, (bench, opponent, fold, tried))


def _line(tally: Tally, champions: Sequence[Trial], trials: Sequence[Trial], kind: str, about: str) -> dict[str, Any]:
    gap = tally.uncertainty.gap(champions, trials)
    return tally.line(
        _NAMES[kind],
        trials,
        kind=kind,
        about=about,
        folds=len(trials),
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
