"""Qiskit: circuits and observables to and from it, and its primitives on our engine.

``EstimatorGradient`` and ``SamplerGradient`` need qiskit-machine-learning and are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_REMEDY = 'pip install "ketwise[qiskit]"'
try:
    from ketwise.program.interop.qiskit.distribution import Distribution
    from ketwise.program.interop.qiskit.estimator import Estimator
    from ketwise.program.interop.qiskit.exporting import to_qiskit
    from ketwise.program.interop.qiskit.importing import from_qiskit
    from ketwise.program.interop.qiskit.observables import observable, sparse_pauli_op
    from ketwise.program.interop.qiskit.sampler import Sampler
except ModuleNotFoundError as error:
    if error.name is None or error.name.split(".")[0] != "qiskit":
        raise
    raise ImportError(f"this needs Qiskit, which is not installed: {_REMEDY}") from error

_GRADIENTS = ("EstimatorGradient", "SamplerGradient")

__all__ = [
    "Estimator",
    "Sampler",
    "EstimatorGradient",
    "SamplerGradient",
    "Distribution",
    "from_qiskit",
    "to_qiskit",
    "observable",
    "sparse_pauli_op",
]


def __getattr__(name: str) -> Any:
    if name not in _GRADIENTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(importlib.import_module(f"{__name__}.gradients"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "qiskit_machine_learning":
            raise
        raise ImportError(f"{name} needs qiskit-machine-learning, which is not installed: {_REMEDY}") from error
    globals()[name] = value
    return value
