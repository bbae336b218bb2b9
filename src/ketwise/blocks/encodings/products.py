"""Encodings that join no qubits: angle, dense angle, basis, exponential. Their states are products."""

from __future__ import annotations

import math

from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.slots import scaled_features
from ketwise.blocks.preparation.premap import IDENTITY
from ketwise.blocks.preparation.premaps import fixed_point
from ketwise.words.angle import features
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit


def angle(n_features: int, *, axis: str = "y", scale: float = 1.0) -> Encoding:
    """Return one rotation a feature, each on a qubit of its own: ``R(scale * x[q])`` on qubit q.

    Parameters
    ----------
    n_features : int
    axis : {"y", "x"}
        A rotation about z would leave the initial state as it is.
    scale : float
        Radians a unit of the feature.

    Notes
    -----
    Products: it is its own twin, and the kernel is ``prod(cos((x - x') * scale / 2)**2)``.

    Examples
    --------
    >>> print(angle(2).circuit)
    q0: -RY(x[0])-
    q1: -RY(x[1])-
    """
    if axis not in ("x", "y"):
        raise ValueError(f"axis must be 'x' or 'y', got {axis!r}; RZ does nothing to |0>")
    x = scaled_features(n_features, scale)
    circuit = Circuit(n_features)
    for q in range(n_features):
        getattr(circuit, f"r{axis}")(x[q], q)
    return Encoding("angle", circuit)


def dense_angle(n_features: int, *, scale: float = 1.0) -> Encoding:
    """Return two features a qubit, one as latitude and one as longitude: ``RY(x[2q])``, then ``RZ(x[2q + 1])``.

    Parameters
    ----------
    n_features : int
        A last one alone has a qubit alone.
    scale : float
        Radians a unit of the feature.

    Notes
    -----
    ``ceil(n_features / 2)`` qubits, no two joined. A trap: at a latitude of 0 the longitude means nothing. LaRose,
    Coyle, PRA 102, 032420 (2020), with ``scale=2*pi``.

    Examples
    --------
    >>> print(dense_angle(3).circuit)
    q0: -RY(x[0])--RZ(x[1])-
    q1: -RY(x[2])-----------
    """
    x = scaled_features(n_features, scale)
    circuit = Circuit((n_features + 1) // 2)
    for index, value in enumerate(x):
        (circuit.rz if index % 2 else circuit.ry)(value, index // 2)
    return Encoding("dense angle", circuit)


def basis(n_features: int, *, bits: int = 1, low: float = 0.0, high: float = 1.0) -> Encoding:
    """Return the basis state that a row of zeros and ones names, or that of numbers written in ``bits`` bits each.

    Each bit is a turn ``RY(pi b)``. With one bit and the default ends there is no rounding: features other than 0 and 1
    turn their qubit part of the way.

    Parameters
    ----------
    n_features : int
    bits : int
        Qubits a feature, the lowest bit first.
    low, high : float
        Ends of the numbers; values outside count as the ends.

    Notes
    -----
    The kernel of two rows is 1 where their bits agree and 0 elsewhere. Rounding has no derivative: by features it is
    given as 0.

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.encodings.basis(2).compile(kw.Probabilities())(None, [1, 0]).round(12)
    array([0., 1., 0., 0.])
    """
    n_features, bits = positive_int("n_features", n_features), positive_int("bits", bits)
    rounds = bits > 1 or (low, high) != (0.0, 1.0)
    x = features(n_features * bits)
    circuit = Circuit(n_features * bits)
    for q in range(n_features * bits):
        circuit.ry(math.pi * x[q], q)
    return Encoding("basis", circuit, fixed_point(n_features, bits, low, high) if rounds else IDENTITY)


def exponential(n_features: int, *, uploads: int = 2, base: int = 3, scale: float = 1.0) -> Encoding:
    """Return each feature on several qubits, at 1, ``base``, ``base**2`` .. times its angle.

    Parameters
    ----------
    n_features : int
    uploads : int
        Qubits a feature.
    base : int
        3: the frequencies are all whole numbers from ``-(3**uploads - 1) / 2`` to ``(3**uploads - 1) / 2``, each
        from one sum alone, and no encoding of as many Pauli rotations has more.
    scale : float
        Radians a unit of the feature.

    Notes
    -----
    No two qubits are joined: high frequencies need a circuit behind it. Shin, Teo, Jeong, PRA 107, 012422 (2023).

    Examples
    --------
    >>> print(exponential(1, uploads=3).circuit)
    q0: -RY(x[0])---
    q1: -RY(3*x[0])-
    q2: -RY(9*x[0])-
    """
    x = scaled_features(n_features, scale)
    uploads, base = positive_int("uploads", uploads), positive_int("base", base, minimum=2)
    circuit = Circuit(n_features * uploads)
    for q in range(n_features * uploads):
        circuit.ry(real_number("the highest factor", base ** (q % uploads)) * x[q // uploads], q)
    return Encoding("exponential", circuit)
