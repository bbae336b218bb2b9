"""The dressed circuit: a circuit between two classical layers, trained as one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.pairs import qubit_pairs
from ketwise.blocks.encodings import Encoding
from ketwise.learning.networks.network import Network
from ketwise.learning.networks.readouts import Softmax
from ketwise.words.angle import features, params
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Dressed:
    """A trained layer ``pi/2 tanh(V x)``, a circuit of RY and a ring of CX, and two linear neurons; cross-entropy.

    The circuit lays what the first layer gives as H RY on every qubit and trains layers of RY and CX. Mari et al.,
    Quantum 4, 340 (2020).

    Attributes
    ----------
    n_layers : int
    entangled : bool
        False takes every gate on two or more qubits out.
    """

    n_layers: int = 3
    entangled: bool = True
    scale: str | None = "standard"

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        n_layers = positive_int("n_layers", self.n_layers)
        x, w = features(n_columns), iter(params(n_layers * n_columns))
        circuit = Circuit(n_columns)
        for q in range(n_columns):
            circuit.h(q).ry(x[q], q)
        for _ in range(n_layers):
            for q in range(n_columns):
                circuit.ry(next(w), q)
            for a, b in qubit_pairs("ring", n_columns):
                circuit.cx(a, b)
        encoding = Encoding("dressed", circuit)
        chosen = encoding if self.entangled else encoding.twin()
        source = Dressing(chosen.compile([Z(q) for q in range(n_columns)]), n_columns)

        def draw(rng: Any) -> Array:
            layer = rng.standard_normal(n_columns**2) / n_columns
            return np.concatenate([layer, rng.uniform(0.0, 2.0 * np.pi, chosen.n_params)])

        return Network(source, n_columns**2 + chosen.n_params, Softmax(1.0 / n_columns), draw)


@dataclass(frozen=True)
class Dressing:
    """A program behind a trained layer ``pi/2 tanh(V x)``; parameters are V by rows, then the program's.

    Attributes
    ----------
    program : Program
        Its features are what the layer gives.
    n_columns : int
        Values in a row of data.
    """

    program: Any
    n_columns: int

    @property
    def n_outputs(self) -> int:
        """Outputs of the program."""
        return int(self.program.n_outputs)

    def __call__(self, params: Any, features: Any) -> Any:
        """Return the outputs ``(batch, n_outputs)``."""
        layer, inner = self._split(params)
        return self.program(inner, 0.5 * np.pi * _activations(layer, features))

    def forward(self, params: Any, features: Any) -> tuple[Any, Any]:
        """Return the outputs and what :meth:`backward` needs."""
        layer, inner = self._split(params)
        activations = _activations(layer, features)
        outputs, residual = self.program.forward(inner, 0.5 * np.pi * activations)
        return outputs, (layer, features, activations, residual)

    def backward(self, residual: Any, cotangent: Any, *, wanted: Collection[str] = ("params", "features")) -> Any:
        """Return the gradients by params and by features, None for what is not wanted."""
        layer, features, activations, inner = residual
        # The layer is trained through what it gives, the program's features.
        d_inner, d_angles, _ = self.program.backward(inner, cotangent, wanted=("params", "features"))
        d_sums = 0.5 * np.pi * d_angles * (1.0 - activations**2)
        d_params = d_features = None
        if "params" in wanted:
            d_params = np.concatenate([np.einsum("bh,bi->hi", d_sums, features).ravel(), d_inner])
        if "features" in wanted:
            d_features = np.einsum("bh,hi->bi", d_sums, layer)
        return d_params, d_features, None

    def _split(self, params: Array) -> tuple[Array, Array]:
        layer, inner = np.split(params, [self.program.n_features * self.n_columns])
        return layer.reshape(self.program.n_features, self.n_columns), inner


def _activations(layer: Array, features: Array) -> Array:
    """Return ``tanh(V x)``, added up in the order of the columns for every row alike."""
    total = np.zeros((len(features), len(layer)))
    for column, weights in zip(features.T, layer.T, strict=True):
        total += column[:, np.newaxis] * weights
    return np.tanh(total)
