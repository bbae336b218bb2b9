"""Encodings by the arccosine of the features, whose expectations are Chebyshev polynomials of them."""

from __future__ import annotations

from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.slots import bricks, enough_layers, sizes
from ketwise.blocks.preparation.premap import PreMap
from ketwise.blocks.preparation.premaps import arccos, arctan
from ketwise.words.angle import features, params
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit


def chebyshev(n_features: int, *, degree: int = 1, scale: float = 1.0) -> Encoding:
    """Return ``RY(degree * arccos(scale * x[q]))`` on qubit q: the expectation of Z is the polynomial T_degree.

    Parameters
    ----------
    n_features, degree : int
    scale : float
        Brings the features into [-1, 1]; values outside are refused.

    Notes
    -----
    No qubits are joined. Kyriienko, Paine, Elfving, PRA 103, 052416 (2021), eq. 14.

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.encodings.chebyshev(1, degree=3).compile(kw.Z(0))(None, [0.3]).round(3)  # 4 x**3 - 3 x
    array([-0.792])
    """
    theta = features(positive_int("n_features", n_features))
    circuit = Circuit(n_features)
    for q in range(n_features):
        circuit.ry(positive_int("degree", degree) * theta[q], q)
    return Encoding("chebyshev", circuit, arccos(scale))


def chebyshev_tower(n_features: int, *, degrees: int = 2, layers: int = 1, scale: float = 1.0) -> Encoding:
    """Return each feature on several qubits, where the expectations of Z are the polynomials T_1, T_2 .. T_degrees.

    Parameters
    ----------
    n_features : int
    degrees : int
        Qubits a feature.
    layers : int
        Repeats, with a brick wall of CX between them.
    scale : float
        Brings the features into [-1, 1]; values outside are refused.

    Notes
    -----
    Kyriienko, Paine, Elfving, PRA 103, 052416 (2021), eq. 15.

    Examples
    --------
    >>> import ketwise as kw
    >>> tower = kw.encodings.chebyshev_tower(1, degrees=3)
    >>> tower.compile([kw.Z(q) for q in range(3)])(None, [0.3]).round(3)
    array([ 0.3  , -0.82 , -0.792])
    """
    theta = features(positive_int("n_features", n_features))
    degrees = positive_int("degrees", degrees)
    circuit = Circuit(n_features * degrees)
    for layer in range(positive_int("layers", layers)):
        for a, b in bricks(circuit.n_qubits, closed=False) if layer else ():
            circuit.cx(a, b)
        for q in range(circuit.n_qubits):
            circuit.ry((q % degrees + 1) * theta[q // degrees], q)
    return Encoding("chebyshev tower", circuit, arccos(scale))


def kyriienko(n_features: int, *, degrees: int = 2, layers: int = 2, scale: float = 1.0) -> Encoding:
    """Return a Chebyshev tower and behind it trained layers of RZ, RX, RZ on every qubit and a brick wall of CX.

    Parameters
    ----------
    n_features : int
    degrees : int
        Qubits a feature.
    layers : int
        Trained ones.
    scale : float
        Brings the features into [-1, 1]; values outside are refused.

    Notes
    -----
    Angles are those of the paper: ``RY(2 k arccos(x))`` for degree k. ``3 * layers * n_qubits`` parameters, by layer
    and qubit. Kyriienko, Paine, Elfving, PRA 103, 052416 (2021), section III B.

    Examples
    --------
    >>> kyriienko(2, degrees=2, layers=1).n_params
    12
    """
    theta = features(positive_int("n_features", n_features))
    degrees, layers = positive_int("degrees", degrees), positive_int("layers", layers)
    circuit = Circuit(n_features * degrees)
    for q in range(circuit.n_qubits):
        circuit.ry(2 * (q % degrees + 1) * theta[q // degrees], q)
    w = iter(params(3 * layers * circuit.n_qubits))
    for _ in range(layers):
        for q in range(circuit.n_qubits):
            circuit.rz(next(w), q).rx(next(w), q).rz(next(w), q)
        for a, b in bricks(circuit.n_qubits, closed=False):
            circuit.cx(a, b)
    return Encoding("kyriienko", circuit, arccos(scale))


def chebyshev_rx(
    n_features: int,
    n_qubits: int | None = None,
    *,
    layers: int | None = None,
    closed: bool = False,
    arc: str = "arccos",
    scale: float = 1.0,
) -> Encoding:
    """Return layers of ``RX(w arccos(x))`` with trained w, trained RX, and a brick wall of CX.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. Features go round the qubits, on from one layer to the next.
    layers : int, optional
        Default 1, or as many as lay every feature.
    closed : bool
        Join the last and the first qubit too.
    arc : {"arccos", "arctan"}
        The second takes any number.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Parameters by layer: the factors, then the angles of RX. Trained factors start at 1, 2, 3 .. on the qubits of a
    feature. Kreplin, Roth, Quantum 8, 1385 (2024), simplified as in sQUlearn's ``ChebyshevRx``.

    Examples
    --------
    >>> chebyshev_rx(2, layers=1).circuit.counts()
    Counter({'rx': 4, 'cx': 1})
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    layers = enough_layers(layers, n_features, n_qubits, default=1)
    theta, w = features(n_features), iter(params(2 * layers * n_qubits))
    circuit, start = Circuit(n_qubits), []
    for layer in range(layers):
        for q in range(n_qubits):
            slot = layer * n_qubits + q
            circuit.rx(next(w) * theta[slot % n_features], q)
            start.append(1.0 + q // n_features)
        for q in range(n_qubits):
            circuit.rx(next(w), q)
            start.append(0.0)
        for a, b in bricks(n_qubits, closed):
            circuit.cx(a, b)
    return Encoding("chebyshev rx", circuit, _arc(arc, scale), tuple(start))


def chebyshev_pqc(
    n_features: int,
    n_qubits: int | None = None,
    *,
    layers: int | None = None,
    closed: bool = True,
    entangler: str = "crz",
    arc: str = "arccos",
    scale: float = 1.0,
) -> Encoding:
    """Return layers of ``RX(w arccos(x))`` and trained two-qubit rotations, between two layers of trained RY.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. Features go round the qubits, on from one layer to the next.
    layers : int, optional
        Default 1, or as many as lay every feature.
    closed : bool
        Join the last and the first qubit too.
    entangler : {"crz", "rzz"}
    arc : {"arccos", "arctan"}
        The second takes any number.
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    Parameters: RY, by layer the factors and the joint turns, RY. Trained factors start at 1, 2, 3 .. on the qubits of
    a feature. Kreplin, Roth, Quantum 8, 1385 (2024).

    Examples
    --------
    >>> chebyshev_pqc(3).circuit.counts()
    Counter({'ry': 6, 'rx': 3, 'crz': 3})
    """
    n_features, n_qubits = sizes(n_features, n_qubits)
    layers = enough_layers(layers, n_features, n_qubits, default=1)
    if entangler not in ("crz", "rzz"):
        raise ValueError(f"entangler must be 'crz' or 'rzz', got {entangler!r}")
    pairs = bricks(n_qubits, closed and n_qubits > 2)
    theta, w = features(n_features), iter(params(2 * n_qubits + layers * (n_qubits + len(pairs))))
    circuit, start = Circuit(n_qubits), [0.0] * n_qubits
    for q in range(n_qubits):
        circuit.ry(next(w), q)
    for layer in range(layers):
        for q in range(n_qubits):
            slot = layer * n_qubits + q
            circuit.rx(next(w) * theta[slot % n_features], q)
            start.append(1.0 + q // n_features)
        for a, b in pairs:
            getattr(circuit, entangler)(next(w), a, b)
            start.append(0.0)
    for q in range(n_qubits):
        circuit.ry(next(w), q)
    return Encoding("chebyshev pqc", circuit, _arc(arc, scale), tuple(start))


def _arc(arc: str, scale: float) -> PreMap:
    if arc not in ("arccos", "arctan"):
        raise ValueError(f"arc must be 'arccos' or 'arctan', got {arc!r}")
    return (arccos if arc == "arccos" else arctan)(real_number("scale", scale))
