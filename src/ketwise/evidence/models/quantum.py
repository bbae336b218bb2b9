"""The quantum models, one row each, with the grid its configurations are drawn from."""

from dataclasses import dataclass
from typing import Any

from ketwise.evidence.models.opponents import QUANTUM, Opponent, Settings, Situation

MOST_QUBITS = 8
PRECISION = "complex64"


@dataclass(frozen=True)
class KernelModel:
    """Builds an estimator on the IQP encoding's kernel of that name."""

    kernel: str

    def __call__(self, settings: Settings, situation: Situation) -> Any:
        """Return it, unfitted."""
        from ketwise.learning.kernel import QuantumKernelClassifier, QuantumKernelRegressor

        if situation.is_classification:
            return QuantumKernelClassifier(**settings, kernel=self.kernel, class_weight=situation.class_weight)
        return QuantumKernelRegressor(**settings, kernel=self.kernel)


def _trained(settings: Settings, situation: Situation) -> Any:
    from ketwise.learning.variational_classifier import VariationalClassifier
    from ketwise.learning.variational_regressor import VariationalRegressor

    shared = settings | {"random_state": situation.seed, "dtype": PRECISION, "preflight": False}
    if situation.is_classification:
        return VariationalClassifier(**shared, class_weight=situation.class_weight)
    return VariationalRegressor(**shared)


def reuploading(settings: Settings, situation: Situation) -> Any:
    """Return a trained circuit that lays the data in every layer."""
    return _trained(settings, situation)


@dataclass(frozen=True)
class HardwareEfficient:
    """Builds a trained circuit that lays the data once: a feature a qubit, then layers of rotations and CNOTs.

    Without ``entangled`` there are no CNOTs, and where the settings say ``products``, those of every two features are
    laid too: they go round the qubits with trained scales that start at 0.
    """

    entangled: bool = True

    def __call__(self, settings: Settings, situation: Situation) -> Any:
        """Return it, unfitted."""
        others = {name: value for name, value in settings.items() if name not in ("layers", "products")}
        circuit = self._circuit(situation.n_columns, settings["layers"], settings.get("products", False))
        return _trained(others | {"circuit": circuit}, situation)

    def _circuit(self, n_features: int, layers: int, products: bool) -> Any:
        from ketwise.blocks.ansatz import hardware_efficient
        from ketwise.blocks.encodings import angle
        from ketwise.blocks.encodings.separable import products_around

        laid = angle(n_features)
        if products:
            laid += products_around(n_features)
        trained = hardware_efficient(n_features, layers, pairs="linear" if self.entangled else "none")
        return laid + trained.shift(params=laid.n_params)


def quantum_opponents(is_classification: bool) -> list[Opponent]:
    """The quantum side."""
    learner = "A support vector machine" if is_classification else "Ridge regression"
    strength: dict[str, list[Any]] = (
        {"C": [0.1, 1.0, 10.0, 100.0, 1000.0]} if is_classification else {"alpha": [1.0, 0.1, 0.01, 0.001, 1e-4]}
    )
    first: Settings = {"C": 10.0} if is_classification else {"alpha": 0.1}
    training: dict[str, list[Any]] = {"alpha": [1e-4, 1e-3, 1e-2], "max_iter": [25, 50]}
    return [
        Opponent(
            "fidelity kernel",
            QUANTUM,
            f"{learner} on the overlaps of the samples' quantum states (IQP encoding), bandwidth tuned.",
            KernelModel("fidelity"),
            {"bandwidth": 0.35, "repeats": 1} | first,
            {"bandwidth": [0.1, 0.2, 0.35, 0.5, 0.75, 1.0], "repeats": [1, 2, 4], **strength},
            most_columns=MOST_QUBITS,
        ),
        Opponent(
            "projected kernel",
            QUANTUM,
            f"{learner} on how far the samples' quantum states differ qubit by qubit (IQP encoding).",
            KernelModel("projected"),
            {"bandwidth": 0.75, "repeats": 1, "gamma": 3.0, "C": 1.0}
            if is_classification
            else {"bandwidth": 0.35, "repeats": 1, "gamma": 1.0, "alpha": 0.1},
            {
                "bandwidth": [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0],
                "repeats": [1, 2],
                "gamma": [0.3, 1.0, 3.0, 10.0],
                **strength,
            },
            most_columns=MOST_QUBITS,
        ),
        Opponent(
            "re-uploading circuit",
            QUANTUM,
            "A trained circuit that takes in the data again in every layer, with trained scales.",
            reuploading,
            {"layers": 2, "bandwidth": 0.3, "alpha": 1e-3, "max_iter": 50},
            {"layers": [1, 2, 3], "bandwidth": [0.1, 0.3, 0.6, 1.0], **training},
            most_columns=MOST_QUBITS,
        ),
        Opponent(
            "hardware-efficient circuit",
            QUANTUM,
            "A trained circuit that takes in the data once, then layers of rotations and CNOTs as devices have them.",
            HardwareEfficient(),
            {"layers": 2, "bandwidth": 0.5, "alpha": 1e-3, "max_iter": 50},
            {"layers": [1, 2, 3], "bandwidth": [0.25, 0.5, 0.75, 1.0], **training},
            most_columns=MOST_QUBITS,
        ),
    ]
