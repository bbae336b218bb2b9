"""Stand-ins that make a whole verdict take a second: a quick model or two a side, and one ablation."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from ketwise.evidence import prepared as roster
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import ABLATION, CLASSICAL, QUANTUM, Opponent
from ketwise.evidence.trials import ablated


def neighbours(settings, situation):
    return (KNeighborsClassifier if situation.is_classification else KNeighborsRegressor)(**settings)


def linear(settings, situation):
    return LogisticRegression(C=settings["C"]) if situation.is_classification else Ridge(alpha=settings["C"])


NEIGHBOURS = {"n_neighbors": [1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 17, 19]}


def quick_quantum(is_classification):
    return [
        Opponent("ket neighbours", QUANTUM, "A stand-in.", neighbours, {"n_neighbors": 5}, NEIGHBOURS, most_columns=4)
    ]


def quick_ablations(opponent, is_classification):
    if opponent.name != "ket neighbours":
        return []
    name, about = f"{opponent.name}, no entanglement", "The stand-in on one column."
    return [
        Opponent(
            name,
            ABLATION,
            about,
            neighbours,
            {"n_neighbors": 5},
            NEIGHBOURS,
            ablation_of=opponent.name,
            kind="entanglement",
            most_columns=1,
        )
    ]


def quick_classical(is_classification):
    strength = {"C": [float(value) for value in np.logspace(-3, 3, 13)]}
    return [classical_opponents(is_classification)[0]] + [
        Opponent("linear", CLASSICAL, "A stand-in.", linear, {"C": 1.0}, strength)
    ]


@pytest.fixture
def quick(monkeypatch):
    """Replace both sides and the ablations by quick models, for the whole test."""
    use_quick_models(monkeypatch)


def use_quick_models(patch):
    patch.setattr(roster, "quantum_opponents", quick_quantum)
    patch.setattr(roster, "classical_opponents", quick_classical)
    patch.setattr(roster, "memory_opponents", lambda *given: [])
    patch.setattr(ablated, "ablations", quick_ablations)


@pytest.fixture
def two_classes():
    """120 rows, 6 columns, two classes that a line tells apart fairly well."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(120, 6))
    return X, np.where(X[:, 0] + 0.5 * X[:, 1] + rng.normal(0, 0.7, 120) > 0, "yes", "no")
