"""Encodings that lay features in layers, many on few qubits: high-dimensional, hardware-efficient, random gates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ketwise.blocks.circuits.pairs import Pairs, qubit_pairs
from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.slots import bricks, enough_layers, scaled_features, sizes
from ketwise.words.angle import Angle, params
from ketwise.words.checks import nonzero_number, positive_int
from ketwise.words.circuit import Circuit


def high_dimensional(
    n_features: int, n_qubits: int | None = None, *, layers: int | None = None, scale: float = 1.0
) -> Encoding:
    """Return H, then layers of three features a qubit, ``RZ RY RZ``, with a wall of square roots of iSWAP between.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one for three features, at least 2. Features go round the places, on from one layer to the next.
    layers : int, optional
        Default 2, or as many as lay every feature.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Meant for far more features than qubits. Peters et al., npj Quantum Information 7, 161 (2021).

    Examples
    --------
    >>> high_dimensional(12).circuit.counts()
    Counter({'rz': 16, 'ry': 8, 'h': 4, 'rxx': 3, 'ryy': 3})
    """
    if n_qubits is None:
        n_qubits = max(2, -(-positive_int("n_features", n_features) // 3))
    n_features, n_qubits = sizes(n_features, n_qubits)
    layers = enough_layers(layers, n_features, 3 * n_qubits, default=2)
    x, slot = scaled_features(n_features, scale), 0
    circuit = Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.h(q)
    for layer in range(layers):
        for a, b in bricks(n_qubits, closed=False) if layer else ():
            circuit.rxx(-math.pi / 4, a, b).ryy(-math.pi / 4, a, b)
        for q in range(n_qubits):
            for turn in (circuit.rz, circuit.ry, circuit.rz):
                turn(x[slot % n_features], q)
                slot += 1
    return Encoding("high dimensional", circuit)


def hardware_efficient(
    n_features: int,
    n_qubits: int | None = None,
    *,
    layers: int | None = None,
    pairs: Pairs = "linear",
    scale: float = 1.0,
) -> Encoding:
    """Return layers of one turn a qubit, about X, then Z, then X .., by a feature, and CX on the pairs.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. Features go round the qubits, on from one layer to the next.
    layers : int, optional
        Default 2, or as many as lay every feature.
    pairs : {"linear", "ring", "all", "none"} or sequence of (int, int)
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Of such embeddings Thanasilp et al., Nature Communications 15, 5200 (2024), show how their kernels concentrate with
    the number of layers.

    Examples
    --------
    >>> hardware_efficient(3).circuit.counts()
    Counter({'cx': 4, 'rx': 3, 'rz': 3})
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    layers = enough_layers(layers, n_features, n_qubits, default=2)
    x = scaled_features(n_features, scale)
    circuit = Circuit(n_qubits)
    for layer in range(layers):
        for q in range(n_qubits):
            (circuit.rz if layer % 2 else circuit.rx)(x[(layer * n_qubits + q) % n_features], q)
        for a, b in qubit_pairs(pairs, n_qubits):
            circuit.cx(a, b)
    return Encoding("hardware efficient", circuit)


def random_gates(
    n_features: int,
    n_qubits: int | None = None,
    *,
    n_gates: int | None = None,
    trained: float = 0.5,
    layered: bool = False,
    scale: float = 1.0,
    seed: int = 0,
) -> Encoding:
    """Return gates, qubits and angles drawn at random: a background for others, or a family to search.

    Angles are ``x``, ``w x``, ``w`` or, for fixed gates, none; every feature is laid.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature.
    n_gates : int, optional
        Rotations, or kinds of rotation where ``layered``; default ``3 * max(n_features, n_qubits)``, and no fewer than
        features.
    trained : float
        Chance that an angle has a trained factor or is one.
    layered : bool
        Lay each kind that is drawn on every qubit, or on every pair of neighbours.
    scale : float
        Where trained factors start, and the factor of the others.
    seed : int
        The same seed draws the same gates.

    Notes
    -----
    In the twin a turn of two qubits is one of the last of them alone. As sQUlearn's ``RandomEncodingCircuit`` and
    ``RandomLayeredEncodingCircuit``, not gate by gate the same.

    Examples
    --------
    >>> random_gates(2, seed=1) == random_gates(2, seed=1)
    True
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    least = 3 * max(n_features, n_qubits) if n_gates is None else positive_int("n_gates", n_gates)
    if least < n_features:
        raise ValueError(f"{n_features} features need as many gates, got n_gates={least}")
    if not 0.0 <= trained <= 1.0:
        raise ValueError(f"trained must be from 0 to 1, got {trained!r}")
    draw = _Draw(n_features, scale, trained, positive_int("seed", seed, minimum=0))
    circuit = Circuit(n_qubits)
    for q in range(n_qubits):  # away from every axis, on which a rotation would do nothing
        circuit.ry(math.pi / 4, q).rz(math.pi / 4, q)
    twin = circuit.copy()
    for index in range(least):
        kind = draw.kind(n_qubits)
        for qubits in draw.places(kind, n_qubits, layered):
            turn = draw.angle(must_lay=index < n_features)
            getattr(circuit, kind)(turn, *qubits)
            getattr(twin, f"r{kind[-1]}")(turn, qubits[-1])
        if n_qubits > 1 and draw.rng.random() < 0.3:
            a, b = draw.rng.choice(n_qubits, size=2, replace=False)
            circuit.cx(int(a), int(b))
    return Encoding("random gates", circuit, start=tuple(draw.start), unentangled=twin)


class _Draw:
    """Draws kinds, places and angles; features come in rounds, so that none is left out."""

    def __init__(self, n_features: int, scale: float, trained: float, seed: int):
        self.rng = np.random.default_rng(seed)
        self.x = scaled_features(n_features, 1.0)
        self.scale, self.trained = nonzero_number("scale", scale), trained
        self.round: list[int] = []
        self.start: list[float] = []

    def kind(self, n_qubits: int) -> str:
        kinds = ["rx", "ry", "rz"] + (["rxx", "ryy", "rzz", "crx", "cry", "crz"] if n_qubits > 1 else [])
        return kinds[int(self.rng.integers(len(kinds)))]

    def places(self, kind: str, n_qubits: int, layered: bool) -> Sequence[tuple[int, ...]]:
        size = 1 if len(kind) == 2 else 2
        if layered:
            return [(q,) for q in range(n_qubits)] if size == 1 else bricks(n_qubits, closed=False)
        return [tuple(int(q) for q in self.rng.choice(n_qubits, size=size, replace=False))]

    def angle(self, must_lay: bool) -> Angle:
        trained = self.rng.random() < self.trained
        if trained and not must_lay and self.rng.random() < 0.5:
            return self.param(0.0)
        if not self.round:
            self.round = [int(i) for i in self.rng.permutation(len(self.x))]
        value = self.x[self.round.pop()]
        return self.param(self.scale) * value if trained else self.scale * value

    def param(self, start: float) -> Angle:
        self.start.append(start)
        return params(len(self.start))[len(self.start) - 1]
