"""The memory classifier among the quantum models: for which data it takes part, its grid, and its classical twin."""

from dataclasses import replace
from typing import Any

import pandas as pd

from ketwise.evidence.data.columns import MOST_TEXTS, Columns
from ketwise.evidence.models.opponents import ABLATION, QUANTUM, Opponent, Settings, Situation
from ketwise.evidence.models.quantum import MOST_QUBITS

NAME = "memory classifier"
#: Kind of its ablation.
NEIGHBOURS = "neighbours"
#: Prepared columns of bits: beyond them storing and comparing is no longer quick.
MOST_BITS = 2048
#: Beyond so many control qubits all that is read is the nearest pattern.
MOST_CONTROLS = 1024
LEVELS = (2, 4, 8, 16)

_ABOUT = (
    "Stores the training rows as bits in a probabilistic quantum memory and reads the classes of those near in Hamming "
    "distance. Its answers are a closed formula: exact and cheap on a classical computer, which is how they were "
    "computed."
)


def memory_opponents(learned: pd.DataFrame, columns: Columns, is_classification: bool) -> list[Opponent]:
    """The memory classifier, where the rule lets it in; else nothing.

    Parameters
    ----------
    learned : DataFrame
        The rows that may be learned from.
    columns : Columns
        Which of its columns are used.
    is_classification : bool

    Returns
    -------
    list of Opponent

    Notes
    -----
    The rule: a classification, and either all prepared columns are binary (no column of numbers has more than two
    values; text is a column of 0 and 1 a value) and at most 2048, or there are at most 8 of them. It looks at the rows
    before anything is fitted, and at nothing else. Binary columns are stored as they are, few columns as levels of
    their range; the rest would be stored too coarsely to be worth the time.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0.0, 1.0, 1.0], "b": [0.1, 0.5, 0.2]})
    >>> columns = Columns(["a", "b"], [], [], [], [], [])
    >>> [sorted(one.grid) for one in memory_opponents(table, columns, True)], memory_opponents(table, columns, False)
    ([['n_controls', 'n_levels']], [])
    """
    if not is_classification:
        return []
    width = _prepared_width(learned, columns)
    if width <= MOST_BITS and all(learned[name].nunique() <= 2 for name in columns.numbers):
        return [_row({"n_controls": 16}, {"n_controls": whole_numbers(MOST_CONTROLS, 65)})]
    if width <= MOST_QUBITS:
        grid = {"n_levels": list(LEVELS), "n_controls": whole_numbers(MOST_CONTROLS, 17)}
        return [_row({"n_levels": 16, "n_controls": 60}, grid)]
    return []


def _row(default: Settings, grid: dict[str, list[Any]]) -> Opponent:
    return Opponent(NAME, QUANTUM, _ABOUT, _memory, default, grid, scaled=False)


def _memory(settings: Settings, situation: Situation) -> Any:
    from ketwise.learning.memory.classifier import AssociativeMemoryClassifier
    from ketwise.learning.memory.quantum_methods import Probabilistic

    return AssociativeMemoryClassifier(
        Probabilistic(n_controls=settings["n_controls"]),
        n_levels=settings.get("n_levels", 2),
        class_weight=situation.class_weight,
        random_state=situation.seed,
    )


def _prepared_width(learned: pd.DataFrame, columns: Columns) -> int:
    """Columns after preparation, at most: a column of text becomes one a value, a gap counted as a value."""
    return len(columns.numbers) + sum(
        min(MOST_TEXTS, learned[name].nunique() + bool(learned[name].isna().any())) for name in columns.texts
    )


def whole_numbers(most: int, count: int) -> list[int]:
    """Return whole numbers from 1 on, so that each is about the same multiple of the one before, the last ``most``.

    Examples
    --------
    >>> whole_numbers(64, 7), whole_numbers(20, 8)
    ([1, 2, 4, 8, 16, 32, 64], [1, 2, 3, 4, 6, 9, 13, 20])
    """
    found = [1]
    for left in range(count - 1, 0, -1):
        factor = (most / found[-1]) ** (1 / left)
        found.append(max(found[-1] + 1, round(found[-1] * factor)))
    return found


def counted(model: Any, settings: Settings, situation: Situation) -> Any:
    """The same estimator with nearest neighbours in place of the quantum memory: bits and weights of classes stay."""
    from ketwise.learning.memory.classical_methods import Nearest

    return model.set_params(method=Nearest(settings["n_neighbors"]))


def neighbours(opponent: Opponent, make: Any) -> Opponent:
    """Return the classical twin of a memory as its ablation, tuned as it is; one without a grid has 65 numbers to try.

    Parameters
    ----------
    opponent : Opponent
    make : callable (settings, situation) -> estimator
        That puts :func:`counted` in place of the memory.
    """
    levels = {name: list(values) for name, values in opponent.grid.items() if name == "n_levels"}
    return replace(
        opponent,
        name=f"{opponent.name}, nearest neighbours",
        side=ABLATION,
        about="The same bits, and the classes of the nearest training rows by Hamming distance: nothing quantum.",
        make=make,
        default={name: opponent.default[name] for name in levels} | {"n_neighbors": 6},
        grid=levels | {"n_neighbors": whole_numbers(256, 17 if levels else 65)},
        ablation_of=opponent.name,
        kind=NEIGHBOURS,
    )
