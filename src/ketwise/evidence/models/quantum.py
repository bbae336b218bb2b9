"""The quantum models, one row each, and the same without entanglement."""

from dataclasses import replace
from typing import Any

from ketwise.evidence.models.opponents import QUANTUM, TWIN, Opponent, Settings, Situation

MOST_QUBITS = 8
PRECISION = "complex64"


def _kernel(settings: Settings, situation: Situation, entangled: bool = True) -> Any:
    from ketwise.learning.kernel import QuantumKernelClassifier, QuantumKernelRegressor

    if situation.is_classification:
        return QuantumKernelClassifier(**settings, entangled=entangled, class_weight=situation.class_weight)
    return QuantumKernelRegressor(**settings, entangled=entangled)


def _kernel_twin(settings: Settings, situation: Situation) -> Any:
    return _kernel(settings, situation, entangled=False)


def _reuploading(settings: Settings, situation: Situation, entangled: bool = True) -> Any:
    from ketwise.learning.variational_classifier import VariationalClassifier
    from ketwise.learning.variational_regressor import VariationalRegressor

    if situation.is_classification:
        return VariationalClassifier(
            **settings,
            entangled=entangled,
            class_weight=situation.class_weight,
            random_state=situation.seed,
            dtype=PRECISION,
        )
    return VariationalRegressor(**settings, entangled=entangled, random_state=situation.seed, dtype=PRECISION)


def _reuploading_twin(settings: Settings, situation: Situation) -> Any:
    return _reuploading(settings, situation, entangled=False)


def quantum_opponents(is_classification: bool) -> list[Opponent]:
    """The quantum side, each model followed by its twin."""
    grid: dict[str, list[Any]] = {"bandwidth": [0.1, 0.2, 0.35, 0.5, 0.75, 1.0], "repeats": [1, 2, 4]}
    grid |= {"C": [0.1, 1.0, 10.0, 100.0]} if is_classification else {"alpha": [1.0, 0.1, 0.01, 0.001]}
    kernel = Opponent(
        "fidelity kernel",
        QUANTUM,
        "A support vector machine on the overlaps of the samples' quantum states (IQP encoding), bandwidth tuned."
        if is_classification
        else "Ridge regression on the overlaps of the samples' quantum states (IQP encoding), bandwidth tuned.",
        _kernel,
        {"bandwidth": 0.5, "repeats": 2} | ({"C": 10.0} if is_classification else {"alpha": 0.1}),
        grid,
        most_columns=MOST_QUBITS,
    )
    circuit = Opponent(
        "re-uploading circuit",
        QUANTUM,
        "A trained circuit that takes in the data again in every layer, with trained scales.",
        _reuploading,
        {"layers": 2, "bandwidth": 0.3, "alpha": 1e-3, "max_iter": 50},
        {
            "layers": [1, 2, 3],
            "bandwidth": [0.1, 0.3, 1.0],
            "alpha": [1e-4, 1e-3, 1e-2],
            "max_iter": [25, 50],
        },
        most_columns=MOST_QUBITS,
    )
    return [
        kernel,
        replace(
            kernel,
            name="fidelity kernel, unentangled",
            side=TWIN,
            about="The same with every gate on two qubits removed: products of single-qubit states.",
            make=_kernel_twin,
            twin_of=kernel.name,
        ),
        circuit,
        replace(
            circuit,
            name="re-uploading circuit, unentangled",
            side=TWIN,
            about="The same with every gate on two qubits removed.",
            make=_reuploading_twin,
            twin_of=circuit.name,
        ),
    ]
