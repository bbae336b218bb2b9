"""Encodings with trained parameters among the data: re-uploading, QAOA-like, Hubregtsen's and others."""

from __future__ import annotations

from ketwise.blocks.circuits.pairs import Pairs, qubit_pairs
from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.slots import bricks, enough_layers, scaled_features, sizes
from ketwise.words.angle import features, params
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit


def reuploading(
    n_features: int, n_qubits: int | None = None, *, layers: int = 3, pairs: Pairs = "ring", scale: float = 1.0
) -> Encoding:
    """Return data re-uploading: every layer lays every feature again, with its own trained scale and bias.

    A layer is ``RY(w x_i + b)`` and ``RZ(c)`` for every feature, with trained w, b and c, and CZ on the pairs; an
    ``RY`` on every qubit closes the circuit.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. With fewer, features go round the qubits; with more, qubits go round the features.
    layers : int
    pairs : {"ring", "linear", "all", "none"} or sequence of (int, int)
    scale : float
        Where the trained scales start.

    Notes
    -----
    Parameters by layer and upload (w, b, c), then the closing angles: ``3 * layers * max(n_features, n_qubits) +
    n_qubits``. With all w = 1 and as many qubits as features the outputs have the frequencies -layers .. layers in
    each feature and no others (Schuld, Sweke, Meyer, PRA 103, 032430, 2021). Pérez-Salinas et al., Quantum 4, 226
    (2020).

    Examples
    --------
    >>> reuploading(4, 2, layers=3).n_params
    38
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    x = features(n_features)
    layers, n_uploads = positive_int("layers", layers), max(n_features, n_qubits)
    w = iter(params(3 * layers * n_uploads + n_qubits))
    circuit = Circuit(n_qubits)
    for _ in range(layers):
        for upload in range(n_uploads):
            q = upload % n_qubits
            circuit.ry(next(w) * x[upload % n_features] + next(w), q).rz(next(w), q)
        for a, b in qubit_pairs(pairs, n_qubits):
            circuit.cz(a, b)
    for q in range(n_qubits):
        circuit.ry(next(w), q)
    return Encoding("reuploading", circuit, start=(real_number("scale", scale), 0.0, 0.0) * (layers * n_uploads))


def qaoa(n_features: int, *, layers: int = 1, more_qubits: int = 0, axis: str = "y", scale: float = 1.0) -> Encoding:
    """Return the trained embedding that alternates data with an Ising model, as QAOA does.

    A layer is ``RX(x_q)`` on every qubit, or H where no feature is left, trained RZZ on a ring and a trained turn of
    every qubit; the data close the circuit.

    Parameters
    ----------
    n_features, layers : int
    more_qubits : int
        Beside one a feature.
    axis : {"y", "x", "z"}
        Of the trained turns.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    It is PennyLane's ``QAOAEmbedding``. Parameters by layer: RZZ in the order of the ring, then the turns. With all of
    them at 0 the layers add up to one angle encoding. Lloyd et al., arXiv:2001.03622 (2020).

    Examples
    --------
    >>> qaoa(3, layers=2).circuit.counts()
    Counter({'rx': 9, 'rzz': 6, 'ry': 6})
    """
    n_qubits = positive_int("n_features", n_features) + positive_int("more_qubits", more_qubits, minimum=0)
    if axis not in ("x", "y", "z"):
        raise ValueError(f"axis must be 'x', 'y' or 'z', got {axis!r}")
    x = scaled_features(n_features, scale)
    pairs = qubit_pairs("ring", n_qubits)
    w = iter(params(positive_int("layers", layers) * (len(pairs) + n_qubits)))
    circuit = Circuit(n_qubits)

    def lay_data() -> None:
        for q in range(n_qubits):
            circuit.rx(x[q], q) if q < n_features else circuit.h(q)

    for _ in range(layers):
        lay_data()
        for a, b in pairs:
            circuit.rzz(next(w), a, b)
        for q in range(n_qubits):
            getattr(circuit, f"r{axis}")(next(w), q)
    lay_data()
    return Encoding("qaoa", circuit)


def hubregtsen(
    n_features: int,
    n_qubits: int | None = None,
    *,
    layers: int = 1,
    closed: bool = True,
    last: bool = True,
    scale: float = 1.0,
) -> Encoding:
    """Return the trained embedding of Hubregtsen et al.: H, then layers of data as RZ, trained RY and a ring of CRZ.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. Where features go round several times they are laid as RZ, RX, RZ ..
    layers : int
    closed : bool
        Join the last and the first qubit too, where there are more than two.
    last : bool
        Lay the data once more at the end: in a fidelity kernel trained gates behind all data do nothing.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Parameters by layer: RY, then CRZ. Hubregtsen et al., PRA 106, 042431 (2022).

    Examples
    --------
    >>> hubregtsen(3, last=False).circuit.counts()
    Counter({'h': 3, 'rz': 3, 'ry': 3, 'crz': 3})
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    x = scaled_features(n_features, scale)
    pairs = qubit_pairs("ring" if closed else "linear", n_qubits)
    w = iter(params(positive_int("layers", layers) * (n_qubits + len(pairs))))
    circuit = Circuit(n_qubits)
    rounds = -(-n_features // n_qubits)

    def lay_data() -> None:
        for slot in range(rounds * n_qubits):
            turn = circuit.rx if slot // n_qubits % 2 else circuit.rz
            turn(x[slot % n_features], slot % n_qubits)

    for q in range(n_qubits):
        circuit.h(q)
    for _ in range(layers):
        lay_data()
        for q in range(n_qubits):
            circuit.ry(next(w), q)
        for a, b in pairs:
            circuit.crz(next(w), a, b)
    if last:
        lay_data()
    return Encoding("hubregtsen", circuit)


def trained_z(
    n_features: int, n_qubits: int | None = None, *, layers: int = 2, entangle: bool = True, scale: float = 1.0
) -> Encoding:
    """Return layers of H and phases ``w x`` with trained w, and a line of CX between layers.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. With fewer, features go round the qubits; with more, qubits go round the features.
    layers : int
    entangle : bool
        False: no CX.
    scale : float
        Where the trained factors start.

    Notes
    -----
    ``layers * max(n_features, n_qubits)`` parameters. It is sQUlearn's ``ParamZFeatureMap`` but for the CX behind the
    last layer, which no observable of the trained factors needs.

    Examples
    --------
    >>> trained_z(3).circuit.counts()
    Counter({'h': 6, 'cgphase': 6, 'cx': 2})
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    x, n_uploads = features(n_features), max(n_features, n_qubits)
    w = iter(params(positive_int("layers", layers) * n_uploads))
    circuit = Circuit(n_qubits)
    for layer in range(layers):
        for a, b in qubit_pairs("linear" if entangle and layer else "none", n_qubits):
            circuit.cx(a, b)
        for q in range(n_qubits):
            circuit.h(q)
        for upload in range(n_uploads):
            circuit.p(next(w) * x[upload % n_features], upload % n_qubits)
    return Encoding("trained z", circuit, start=(real_number("scale", scale),) * (layers * n_uploads))


def yz_cx(n_features: int, n_qubits: int | None = None, *, layers: int | None = None, scale: float = 1.0) -> Encoding:
    """Return layers of ``RY(w + x)`` and ``RZ(w' + x)`` on every qubit and CX on every other pair of neighbours.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. Features go round the qubits, on from one layer to the next.
    layers : int, optional
        Default 2, or as many as lay every feature.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Parameters by layer and qubit (w, w'). Haug, Self, Kim, Machine Learning: Science and Technology 4, 015005 (2023).

    Examples
    --------
    >>> print(yz_cx(2, layers=1).circuit)
    q0: -RY(x[0] + w[0])--RZ(x[0] + w[1])--@-
                                           |
    q1: -RY(x[1] + w[2])--RZ(x[1] + w[3])--X-
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    layers = enough_layers(layers, n_features, n_qubits, default=2)
    x, w = scaled_features(n_features, scale), iter(params(2 * layers * n_qubits))
    circuit = Circuit(n_qubits)
    for layer in range(layers):
        for q in range(n_qubits):
            value = x[(layer * n_qubits + q) % n_features]
            circuit.ry(value + next(w), q).rz(value + next(w), q)
        for q in range(layer % 2, n_qubits - 1, 2):
            circuit.cx(q, q + 1)
    return Encoding("yz cx", circuit)


def multi_control(
    n_features: int,
    n_qubits: int | None = None,
    *,
    layers: int | None = None,
    closed: bool = True,
    last: bool = True,
    scale: float = 1.0,
) -> Encoding:
    """Return layers of H, data as RZ, and trained CRX, CRY, CRZ on a ring of neighbours.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. Features go round the qubits, on from one layer to the next.
    layers : int, optional
        Default 1, or as many as lay every feature.
    closed : bool
        Join the last and the first qubit too.
    last : bool
        Lay data once more at the end: in a fidelity kernel trained gates behind all data do nothing.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Parameters by layer and pair (CRX, CRY, CRZ). As sQUlearn's ``MultiControlEncodingCircuit``: Kreplin et al.,
    arXiv:2311.08990 (2023).

    Examples
    --------
    >>> multi_control(3).circuit.counts()
    Counter({'rz': 6, 'h': 3, 'crx': 3, 'cry': 3, 'crz': 3})
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    layers = enough_layers(layers, n_features, n_qubits, default=1)
    x, pairs = scaled_features(n_features, scale), bricks(n_qubits, closed)
    w = iter(params(3 * layers * len(pairs)))
    circuit = Circuit(n_qubits)
    for layer in range(layers):
        for q in range(n_qubits):
            circuit.h(q).rz(x[(layer * n_qubits + q) % n_features], q)
        for a, b in pairs:
            circuit.crx(next(w), a, b).cry(next(w), a, b).crz(next(w), a, b)
    for q in range(n_qubits) if last else ():
        circuit.rz(x[(layers * n_qubits + q) % n_features], q)
    return Encoding("multi control", circuit)
