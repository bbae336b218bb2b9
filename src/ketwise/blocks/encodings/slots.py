"""Where features go when there are more or fewer of them than qubits, and which neighbours are joined."""

from __future__ import annotations

from ketwise.words.angle import Angle, features
from ketwise.words.checks import nonzero_number, positive_int


def scaled_features(n_features: int, scale: float) -> list[Angle]:
    """Return the features times ``scale``."""
    factor = nonzero_number("scale", scale)
    return [factor * value for value in features(positive_int("n_features", n_features))]


def sizes(n_features: int, n_qubits: int | None) -> tuple[int, int]:
    """Return the numbers of features and of qubits, by default one a feature."""
    n_features = positive_int("n_features", n_features)
    return n_features, n_features if n_qubits is None else positive_int("n_qubits", n_qubits)


def enough_layers(layers: int | None, n_features: int, slots: int, default: int) -> int:
    """Return the number of layers that lays every feature at least once; refuse one that does not.

    Examples
    --------
    >>> enough_layers(None, n_features=7, slots=3, default=2)
    3
    """
    least = -(-n_features // slots)
    if layers is None:
        return max(default, least)
    if positive_int("layers", layers) < least:
        raise ValueError(f"{n_features} features in {slots} places a layer need {least} layers, got {layers}")
    return layers


def bricks(n_qubits: int, closed: bool) -> list[tuple[int, int]]:
    """Return the pairs of neighbours, those from even qubits first; ``closed`` joins the last qubit and the first too.

    Examples
    --------
    >>> bricks(4, closed=True)
    [(0, 1), (2, 3), (1, 2), (3, 0)]
    """
    pairs = [(q, (q + 1) % n_qubits) for q in range(n_qubits if closed and n_qubits > 1 else n_qubits - 1)]
    return pairs[0::2] + pairs[1::2]
