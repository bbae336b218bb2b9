"""ketwise: would a quantum model help on this data, which one, at what cost?

Public names load on first use, so that ``import ketwise`` is quick; ``__init__.pyi`` lists them for tools.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: Public name -> the module that defines it, or is it.
_NAMES = {
    "features": "words.angle",
    "params": "words.angle",
    "Circuit": "words.circuit",
    "Observable": "words.observable",
    "X": "words.observable",
    "Y": "words.observable",
    "Z": "words.observable",
    "identity": "words.observable",
    "Expectations": "words.outputs",
    "Probabilities": "words.outputs",
    "Overlap": "words.outputs",
    "State": "words.outputs",
    "Result": "words.result",
    "AssociativeMemory": "learning.memory.associative_memory",
    "AssociativeMemoryClassifier": "learning.memory.classifier",
    "AssociativeMemoryImputer": "learning.memory.imputer",
    "BornMachine": "learning.born_machine",
    "CircuitClassifier": "learning.circuit_classifier",
    "ProjectedKernelClassifier": "learning.projected_kernel",
    "QuantumAutoencoder": "learning.autoencoder",
    "QuantumKernelKMeans": "learning.kernel_kmeans",
    "QuantumKernelPCA": "learning.kernel_pca",
    "QuantumMetricLearner": "learning.metric_learner",
    "QuantumOneClass": "learning.autoencoder",
    "QuantumRandomFeatures": "learning.random_features",
    "QuantumReservoir": "learning.reservoir",
    "Quanvolution": "learning.quanvolution",
    "minimize": "learning.minimize",
    "hessian": "learning.hessian",
    "hessian_vector_product": "learning.hessian",
    "BarrenPlateauWarning": "learning.trainability",
    "save": "evidence.keeping",
    "load": "evidence.keeping",
    "skops_types": "learning.keeping.skops_types",
    "Program": "program.program",
    "plan": "program.planning.plan",
    "Native": "program.backends.native",
    "Reference": "program.backends.reference",
    "from_openfermion": "program.interop.openfermion",
    "from_qiskit": "program.interop.qiskit.importing",
    "to_cirq": "program.interop.cirq",
    "to_openfermion": "program.interop.openfermion",
    "to_qiskit": "program.interop.qiskit.exporting",
    "from_pennylane": "program.interop.pennylane.importing",
    "to_pennylane": "program.interop.pennylane.exporting",
    "NativeMissingWarning": "program.backends.default",
    "Encoding": "blocks.encodings",
    "ReductionWarning": "learning.preprocessing",
    "QuantumKernelClassifier": "learning.kernel",
    "QuantumKernelRegressor": "learning.kernel",
    "SpectrumSurrogateClassifier": "learning.surrogate",
    "SpectrumSurrogateRegressor": "learning.surrogate",
    "AlignedRBFClassifier": "learning.aligned_rbf",
    "AlignedRBFRegressor": "learning.aligned_rbf",
    "VariationalClassifier": "learning.variational_classifier",
    "VariationalRegressor": "learning.variational_regressor",
    "verdict": "evidence.verdict",
}
_MODULES = {
    "encodings": "blocks.encodings",
    "ansatz": "blocks.ansatz",
    "kernels": "blocks.kernels",
    "memory": "evidence.memory",
    "diagnostics": "blocks.diagnostics",
    "spectrum": "blocks.spectrum",
    "initial_points": "blocks.initial_points",
    "optimizers": "learning.optimizers",
    "losses": "learning.losses",
    "presets": "learning.presets",
    "pennylane": "program.interop.pennylane",
    "qasm": "words.qasm",
    "qiskit": "program.interop.qiskit",
    "jax": "learning.jax",
    "torch": "learning.torch",
}

__all__ = [*_NAMES, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(f"ketwise.{_NAMES[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"ketwise.{_MODULES[name]}")
    else:
        raise AttributeError(f"module 'ketwise' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
