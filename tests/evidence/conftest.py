"""Stand-ins that make a whole verdict take a second: two quick models a side, one of them with a twin."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from ketwise.evidence import verdict as module
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, TWIN, Opponent


def neighbours(settings, situation):
    return (KNeighborsClassifier if situation.is_classification else KNeighborsRegressor)(**settings)


def linear(settings, situation):
    return LogisticRegression(C=settings["C"]) if situation.is_classification else Ridge(alpha=settings["C"])


def quick_quantum(is_classification):
    grid = {"n_neighbors": [1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 17, 19]}
    return [
        Opponent("ket neighbours", QUANTUM, "A stand-in.", neighbours, {"n_neighbors": 5}, grid, most_columns=4),
        Opponent(
            "ket neighbours, unentangled",
            TWIN,
            "Its twin.",
            neighbours,
            {"n_neighbors": 5},
            grid,
            twin_of="ket neighbours",
            most_columns=4,
        ),
    ]


def quick_classical(is_classification):
    strength = {"C": [float(value) for value in np.logspace(-3, 3, 13)]}
    return [classical_opponents(is_classification)[0]] + [
        Opponent("linear", CLASSICAL, "A stand-in.", linear, {"C": 1.0}, strength)
    ]


@pytest.fixture
def quick(monkeypatch):
    """Replace both sides by quick models, for the whole test."""
    monkeypatch.setattr(module, "quantum_opponents", quick_quantum)
    monkeypatch.setattr(module, "classical_opponents", quick_classical)


@pytest.fixture
def two_classes():
    """120 rows, 6 columns, two classes that a line tells apart fairly well."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(120, 6))
    return X, np.where(X[:, 0] + 0.5 * X[:, 1] + rng.normal(0, 0.7, 120) > 0, "yes", "no")
