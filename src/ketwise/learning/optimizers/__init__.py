"""Optimisers as values: frozen settings with ``init(theta) -> state`` and ``update(...) -> Step``, one idea a file.

States are named tuples of numbers and arrays, so that a checkpoint can hold them.
"""

from typing import Any

from ketwise.learning.optimizers.adam import Adam, AdamState
from ketwise.learning.optimizers.landscape import Landscape, Optimizer, Step
from ketwise.learning.optimizers.natural_gradient import NaturalGradient, NaturalGradientState
from ketwise.learning.optimizers.rotosolve import Rotosolve, RotosolveState
from ketwise.learning.optimizers.scipy_methods import SciPy
from ketwise.learning.optimizers.shot_adaptive import ShotAdaptive, ShotAdaptiveState
from ketwise.learning.optimizers.spsa import QNSPSA, SPSA, QNSPSAState, SPSAState

__all__ = [
    "Adam",
    "NaturalGradient",
    "Rotosolve",
    "SPSA",
    "QNSPSA",
    "ShotAdaptive",
    "SciPy",
    "Landscape",
    "Optimizer",
    "Step",
    "AdamState",
    "NaturalGradientState",
    "RotosolveState",
    "SPSAState",
    "QNSPSAState",
    "ShotAdaptiveState",
]

#: Every optimiser that takes steps of its own, with the class of its state.
STEPPERS: dict[Any, type] = {
    Adam: AdamState,
    NaturalGradient: NaturalGradientState,
    Rotosolve: RotosolveState,
    SPSA: SPSAState,
    QNSPSA: QNSPSAState,
    ShotAdaptive: ShotAdaptiveState,
}
