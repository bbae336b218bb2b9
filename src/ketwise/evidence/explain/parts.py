"""A fitted estimator taken apart: its encoding, its trained values, the kernel it stands for; none of it is changed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

FIDELITY, PROJECTED, TRAINED = "fidelity", "projected", "trained circuit"


@dataclass(frozen=True)
class Parts:
    """A fitted quantum estimator of this project.

    Attributes
    ----------
    kind : "fidelity", "projected" or "trained circuit"
    encoding : Encoding
    preparation : Preparation
        From columns to the circuit's features.
    params : (n_params,) array
        Trained values; empty for a kernel.
    model : Model or None
        Of a trained circuit.
    gamma : float
        Of a projected kernel.
    """

    kind: str
    encoding: Any
    preparation: Any
    params: np.ndarray
    model: Any = None
    gamma: float = 1.0

    @property
    def circuit(self) -> Any:
        """The circuit of the encoding."""
        return self.encoding.circuit

    def kernel(self, features: np.ndarray) -> np.ndarray:
        """The estimator's kernel, or the fidelity kernel of a trained circuit: ``(n, n)`` for ``(n, n_features)``."""
        from ketwise.blocks.kernels import fidelity, projected

        params = self.params if self.encoding.n_params else None
        if self.kind == PROJECTED:
            return projected(self.encoding, features, gamma=self.gamma, params=params)
        return fidelity(self.encoding, features, params=params)

    def bloch(self, features: np.ndarray) -> np.ndarray:
        """Expectations of X, Y and Z on every qubit, ``(n, 3 * n_qubits)``."""
        from ketwise.words.observable import X, Y, Z

        program = self.encoding.compile([pauli(q) for q in range(self.encoding.n_qubits) for pauli in (X, Y, Z)])
        return np.asarray(program(self.params if self.encoding.n_params else None, features))


def take_apart(estimator: Any) -> Parts | None:
    """The parts of a fitted estimator; None for one that is not of this project, whose inside is not known."""
    preparation = getattr(estimator, "preparation_", None)
    model, encoding = getattr(estimator, "model_", None), getattr(estimator, "encoding_", None)
    if preparation is None:
        return None
    if model is not None and hasattr(model, "encoding") and hasattr(model, "observables"):
        return Parts(TRAINED, model.encoding, preparation, np.asarray(estimator.params_), model=model)
    if encoding is None or encoding.n_params:
        return None
    kind = getattr(estimator, "kernel", FIDELITY)
    if kind not in (FIDELITY, PROJECTED):
        return None
    return Parts(kind, encoding, preparation, np.zeros(0), gamma=float(getattr(estimator, "gamma", 1.0)))


def unwrapped(estimator: Any, X: Any) -> tuple[Any, np.ndarray]:
    """The last step of a fitted pipeline and what reaches it; anything else as it is.

    Returns
    -------
    estimator, (n_rows, n_columns) array
    """
    from sklearn.pipeline import Pipeline

    while isinstance(estimator, Pipeline):
        X = estimator[:-1].transform(X) if len(estimator) > 1 else X
        estimator = estimator[-1]
    return estimator, np.asarray(X)
