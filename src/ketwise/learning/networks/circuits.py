"""Designs of the two-class circuits of Bowles, Ahmed, Schuld 2024 that need no classical layer and no thermal state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.ansatz import strongly_entangling, tree_tensor
from ketwise.blocks.encodings import Encoding, iqp
from ketwise.blocks.preparation.dense import dense_preparation
from ketwise.blocks.preparation.premaps import amplitude_angles
from ketwise.learning.networks.network import Network, whole_turns
from ketwise.learning.networks.readouts import (
    BiasedSquare,
    Misclassification,
    Readout,
    SteepLogistic,
    WeightedFidelity,
)
from ketwise.words.angle import Angle, features, params
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable, Z

Array = NDArray[np.float64]

#: How many qubits ``read=`` reads out of n.
READ = {"single": lambda n: 1, "half": lambda n: max(1, n // 2), "all": lambda n: n}


@dataclass(frozen=True)
class CircuitCentric:
    """Copies of the row as amplitudes, strongly entangling layers, Z on one qubit and a bias; squared loss.

    Rows are filled up to a power of 2 with ``2**-n`` and normalised. Schuld, Bocharov, Svore, Wiebe, PRA 101, 032308
    (2020).

    Attributes
    ----------
    n_copies, n_layers : int
        Copies of the state, each on qubits of its own; layers of general rotations and rings of CX.
    entangled : bool
        False takes every gate on two or more qubits out.
    """

    n_copies: int = 2
    n_layers: int = 4
    entangled: bool = True
    scale: str | None = None

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        laid = padded_amplitudes(n_columns, positive_int("n_copies", self.n_copies))
        trained = _turned_over(strongly_entangling(laid.n_qubits, self.n_layers))
        return _network(laid + trained, [Z(laid.n_qubits - 1)], BiasedSquare(0.5, 0.01), self.entangled)


@dataclass(frozen=True)
class TreeTensor:
    """The row as amplitudes, a tree of RY and CX, Z on its root and a bias; squared loss.

    As many qubits as the least power of 2 that holds the row. Grant et al., npj Quantum Information 4, 65 (2018); Zhang
    et al., arXiv:2011.06258 (2020), with the amplitudes prepared exactly.

    Attributes
    ----------
    entangled : bool
    """

    entangled: bool = True
    scale: str | None = None

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        n_qubits = 1
        while 2**n_qubits < n_columns:
            n_qubits *= 2
        laid = padded_amplitudes(n_columns, 1, n_qubits)
        readout = BiasedSquare(1.0, 0.0, 0.1)
        return _network(laid + _turned_over(tree_tensor(n_qubits)), [Z(n_qubits - 1)], readout, self.entangled)


@dataclass(frozen=True)
class IQPVariational:
    """The IQP encoding, strongly entangling layers with CZ, and ZZ on the first two qubits; linear loss.

    Havlíček et al., Nature 567, 209 (2019).

    Attributes
    ----------
    repeats, n_layers : int
        Of the encoding, and of what is trained.
    entangled : bool
    """

    repeats: int = 1
    n_layers: int = 10
    entangled: bool = True
    scale: str | None = "minmax"

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        circuit = Circuit(n_columns)
        for op in strongly_entangling(n_columns, self.n_layers).ops:
            if op.controls:  # its CX are CZ here
                circuit.cz(op.controls[0][0], op.qubits[0])
            else:
                circuit.append(op.gate, op.qubits, op.angle)
        read = Z(0) * Z(1) if n_columns > 1 else Z(0)
        return _network(iqp(n_columns, repeats=self.repeats) + circuit, [read], Misclassification(), self.entangled)


@dataclass(frozen=True)
class DataReuploading:
    """Layers that lay the data as general rotations, three values a qubit, with trained scales; weighted fidelities.

    A layer is ``Rot(w x)`` with a trained scale before each value, a trained ``Rot``, and CZ on every other pair of
    neighbours; the data close the circuit. Pérez-Salinas et al., Quantum 4, 226 (2020).

    Attributes
    ----------
    n_layers : int
    read : {"single", "half", "all"}
        How many qubits are read out.
    entangled : bool
    """

    n_layers: int = 4
    read: str = "single"
    entangled: bool = True
    scale: str | None = "minmax"

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        n_qubits, n_layers = -(-n_columns // 3), positive_int("n_layers", self.n_layers)
        n_uploads = n_layers + 1
        x, w = features(n_columns), params(n_uploads * (n_columns + 3 * n_qubits))
        turns = w[n_uploads * n_columns :]
        circuit = Circuit(n_qubits)

        def upload(layer: int, q: int) -> tuple[Any, Any, Any]:
            first, second, third = (
                x[i] * w[layer * n_columns + i] if i < n_columns else Angle.of(0.0) for i in range(3 * q, 3 * q + 3)
            )
            return first, second, third

        for layer in range(n_uploads):
            for q in range(n_qubits):
                a, b, c = upload(layer, q)
                phi, theta, omega = turns[3 * (layer * n_qubits + q) :][:3]
                if layer < n_layers:
                    circuit.rot(a, b, c, q).rot(phi, theta, omega, q)
                else:
                    circuit.rot(a + phi, b + theta, c + omega, q)
            if layer < n_layers:
                for q in range(layer % 2, n_qubits - 1, 2):
                    circuit.cz(q, q + 1)
        read = [Z(q) for q in range(read_qubits(self.read, n_qubits))]
        return _network(Encoding("data reuploading", circuit), read, WeightedFidelity(), self.entangled, _unit_interval)


@dataclass(frozen=True)
class SeparableVariational:
    """Layers of a trained rotation and RY(x) on every qubit, no entanglement, and the mean Z; cross-entropy.

    The probability of the second class is the logistic function of six times the mean Z. Bowles, Ahmed, Schuld,
    arXiv:2403.07059 (2024).

    Attributes
    ----------
    n_layers : int
        Times that the data are laid.
    """

    n_layers: int = 1
    scale: str | None = "minmax"

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""
        x, w = features(n_columns), params(3 * n_columns * (positive_int("n_layers", self.n_layers) + 1))
        circuit = Circuit(n_columns)
        for layer in range(self.n_layers + 1):
            for q in range(n_columns):
                start = 3 * (layer * n_columns + q)
                circuit.rot(w[start], w[start + 1], w[start + 2], q)
                if layer < self.n_layers:
                    circuit.ry(x[q], q)
        read = [Z(q) for q in range(n_columns)]
        return _network(Encoding("separable", circuit), read, SteepLogistic(), True)


def read_qubits(read: str, n_qubits: int) -> int:
    """Return how many qubits ``read`` asks for.

    Examples
    --------
    >>> [read_qubits(read, 5) for read in ("single", "half", "all")]
    [1, 2, 5]
    """
    if read not in READ:
        raise ValueError(f"read must be one of {', '.join(map(repr, READ))}, got {read!r}")
    return READ[read](n_qubits)


def padded_amplitudes(n_columns: int, n_copies: int, n_qubits: int | None = None) -> Encoding:
    """Return copies of ``x / |x|`` as amplitudes, side by side, filled up with ``2**-n`` beforehand.

    Examples
    --------
    >>> import ketwise as kw
    >>> padded_amplitudes(2, 2).compile(kw.Probabilities())(None, [0.6, 0.8]).round(4)
    array([0.1296, 0.2304, 0.2304, 0.4096])
    """
    if n_qubits is None:
        n_qubits = max(1, (n_columns - 1).bit_length())
    prepared = dense_preparation(n_qubits)
    premap = amplitude_angles(n_columns, n_qubits, 0.5**n_qubits)
    circuit, twin = (_side_by_side(each, n_copies) for each in (prepared.circuit, prepared.twin))
    return Encoding("padded amplitudes", circuit, premap, unentangled=twin)


def _side_by_side(circuit: Circuit, n_copies: int) -> Circuit:
    size = circuit.n_qubits
    copies = Circuit(n_copies * size, n_features=circuit.n_features)
    for first in range(0, n_copies * size, size):
        for op in circuit.ops:
            controls = {first + qubit: value for qubit, value in op.controls}
            copies.append(op.gate, [first + qubit for qubit in op.qubits], op.angle, controls)
    return copies


def _turned_over(circuit: Circuit) -> Circuit:
    """Return the circuit with its qubits in the opposite order: its papers write the first one leftmost."""
    last = circuit.n_qubits - 1
    turned = Circuit(circuit.n_qubits, n_params=circuit.n_params)
    for op in circuit.ops:
        controls = {last - qubit: value for qubit, value in op.controls}
        turned.append(op.gate, [last - qubit for qubit in op.qubits], op.angle, controls)
    return turned


def _network(
    encoding: Encoding, read: list[Observable], readout: Readout, entangled: bool, draw: Any = whole_turns
) -> Network:
    chosen = encoding if entangled else encoding.twin()
    return Network(chosen.compile(read), chosen.n_params, readout, draw(chosen.n_params))


def _unit_interval(n_params: int) -> Any:
    return lambda rng: rng.uniform(size=n_params)
