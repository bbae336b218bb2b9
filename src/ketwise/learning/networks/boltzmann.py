"""Quantum Boltzmann machines: expectations in a thermal state whose Hamiltonian depends on the data."""

from __future__ import annotations

from dataclasses import dataclass

from ketwise.blocks.thermal import Thermal
from ketwise.learning.networks.circuits import read_qubits
from ketwise.learning.networks.network import Network
from ketwise.learning.networks.readouts import LogLikelihood
from ketwise.words.angle import Angle, features, params
from ketwise.words.observable import Observable, X, Z


@dataclass(frozen=True)
class Boltzmann:
    """The thermal state of ``sum_q (a_q.x) Z_q + (b_q.x) X_q + sum_{q<r} (c_qr.x) Z_q Z_r``, and the mean Z.

    A qubit a column; vectors a, b and c are trained with cross-entropy of ``(1 + f) / 2``. The state is exact, where a
    device would have to prepare it. Zoufal, Lucchi, Woerner, Quantum Machine Intelligence 3, 7 (2021); Amin et al., PRX
    8, 021050 (2018).

    Attributes
    ----------
    read : {"single", "half", "all"}
        How many qubits are read out.
    temperature : float
    entangled : bool
        False leaves the words on two qubits out: every qubit then has a thermal state of its own.
    """

    read: str = "all"
    temperature: float = 1.0
    entangled: bool = True
    scale: str | None = "standard"

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        words: list[Observable] = []
        for q in range(n_columns):
            words += [Z(q), X(q)]
        if self.entangled:
            words += [Z(q) * Z(r) for q in range(n_columns) for r in range(q + 1, n_columns)]
        x, w = features(n_columns), params(len(words) * n_columns)
        coefficients = []
        for k in range(len(words)):
            field = Angle.of(0.0)
            for j in range(n_columns):
                field = field + w[k * n_columns + j] * x[j]
            coefficients.append(field)
        thermal = Thermal(n_columns, tuple(words), tuple(coefficients), self.temperature)
        read = [Z(q) for q in range(read_qubits(self.read, n_columns))]
        return Network(
            thermal.compile(read), thermal.n_params, LogLikelihood(), lambda rng: rng.standard_normal(thermal.n_params)
        )
