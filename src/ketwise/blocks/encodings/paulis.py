"""Encodings that turn by products of features about Pauli words: IQP, ZZ and general Pauli feature maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from ketwise.blocks.circuits.pairs import Pairs, qubit_pairs
from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.slots import scaled_features
from ketwise.words import gates
from ketwise.words.angle import Angle
from ketwise.words.checks import distinct_qubits, positive_int
from ketwise.words.circuit import Circuit


def iqp(n_features: int, *, repeats: int = 1, pairs: Pairs = "all", scale: float = 1.0) -> Encoding:
    """Return the instantaneous-quantum-polynomial encoding: H on every qubit, then phases by x and by products of x.

    Each repeat is H on every qubit, ``RZ(x_i)`` on qubit i and ``RZZ(x_i x_j)`` on every pair, as in PennyLane's
    ``IQPEmbedding``; features are multiplied by ``scale`` first.

    Parameters
    ----------
    n_features, repeats : int
    pairs : {"all", "ring", "linear", "none"} or sequence of (int, int)
    scale : float

    Notes
    -----
    Havlíček et al., Nature 567, 209 (2019). A bandwidth (``scale``) below 1 is needed for more than a few features,
    or the kernel of any two samples is close to 0: Shaydulin, Wild, PRA 106, 042407 (2022).

    Examples
    --------
    >>> iqp(3, repeats=1).circuit.counts()
    Counter({'h': 3, 'rz': 3, 'rzz': 3})
    """
    x = scaled_features(n_features, scale)
    circuit = Circuit(n_features)
    for _ in range(positive_int("repeats", repeats)):
        for q in range(n_features):
            circuit.h(q)
        for q in range(n_features):
            circuit.rz(x[q], q)
        for a, b in qubit_pairs(pairs, n_features):
            circuit.rzz(x[a] * x[b], a, b)
    return Encoding("iqp", circuit)


def zz(n_features: int, *, repeats: int = 2, pairs: Pairs = "all", scale: float = 1.0) -> Encoding:
    """Return Qiskit's ``zz_feature_map``, up to a global phase.

    Each repeat is H on every qubit, ``RZ(2 x_i)`` on qubit i and ``RZZ(2 (pi - x_i)(pi - x_j))`` on every pair;
    features are multiplied by ``scale`` first.

    Parameters
    ----------
    n_features, repeats : int
    pairs : {"all", "ring", "linear", "none"} or sequence of (int, int)
    scale : float

    Notes
    -----
    Features near 0 turn the pairs by ``2 pi**2``, so it separates even samples that are close: data are best kept in
    [0, 2 pi], not centred. Havlíček et al., Nature 567, 209 (2019).

    Examples
    --------
    >>> zz(3, repeats=1, pairs="linear").circuit.counts()
    Counter({'h': 3, 'rz': 3, 'rzz': 2})
    """
    x = scaled_features(n_features, scale)
    circuit = Circuit(n_features)
    for _ in range(positive_int("repeats", repeats)):
        for q in range(n_features):
            circuit.h(q)
        for q in range(n_features):
            circuit.rz(2.0 * x[q], q)
        for a, b in qubit_pairs(pairs, n_features):
            circuit.rzz(2.0 * (math.pi - x[a]) * (math.pi - x[b]), a, b)
    return Encoding("zz", circuit)


def pauli(
    n_features: int,
    *,
    words: Sequence[str] = ("Z", "YY", "XZX"),
    repeats: int = 2,
    blocks: str | Sequence[Sequence[int]] = "linear",
    shifted: bool = True,
    scale: float = 1.0,
) -> Encoding:
    """Return a Pauli feature map: H on every qubit, then turns about any Pauli words by products of features.

    A word of one letter turns qubit i by ``2 x_i``; a longer one turns a block of as many qubits by
    ``2 prod(pi - x_i)``, as in Qiskit's ``pauli_feature_map``, or by ``2 prod(x_i)`` where not ``shifted``.

    Parameters
    ----------
    n_features : int
    words : sequence of str
        Letters out of I, X, Y, Z; the rightmost is for the first qubit of a block. Words longer than the number of
        features are left out.
    repeats : int
    blocks : {"linear", "all", "ring"} or sequence of sequences of int
        Which qubits a word of several letters turns; a sequence must hold one block at least for each length of word.
    shifted : bool
    scale : float
        Features are multiplied by it first.

    Notes
    -----
    As with :func:`zz`, where ``shifted`` data are best kept in [0, 2 pi]. A word of k letters costs ``2 (k - 1)`` CX on
    a device. Havlíček et al., Nature 567, 209 (2019).

    Examples
    --------
    >>> pauli(4, words=["Z", "ZZZ"], repeats=1).circuit.counts()
    Counter({'h': 4, 'rz': 4, 'rzzz': 2})
    """
    x = scaled_features(n_features, scale)
    letters = [_checked_word(word) for word in words]
    if not any(len(word) <= n_features for word in letters):
        raise ValueError(f"words must hold one of at most {n_features} letters, got {words!r}")
    circuit = Circuit(n_features)
    for _ in range(positive_int("repeats", repeats)):
        for q in range(n_features):
            circuit.h(q)
        for word in letters:
            for block in _blocks(blocks, len(word), n_features):
                turn = Angle.of(2.0)
                for q in block:
                    turn = turn * (x[q] if len(word) == 1 or not shifted else math.pi - x[q])
                kept = [(letter, q) for letter, q in zip(reversed(word), block, strict=True) if letter != "I"]
                circuit.append(gates.rotation("".join(letter for letter, _ in kept)), [q for _, q in kept], turn)
    return Encoding("pauli", circuit)


def _checked_word(word: str) -> str:
    if not isinstance(word, str) or not set(word) <= set("IXYZ") or not set(word) & set("XYZ"):
        raise ValueError(f"words must be letters out of I, X, Y, Z, not I alone; got {word!r}")
    return word


def _blocks(blocks: str | Sequence[Sequence[int]], size: int, n_qubits: int) -> list[tuple[int, ...]]:
    """Return the blocks of that many qubits; of two, in the order of ``qubit_pairs``."""
    if not isinstance(blocks, str):
        checked = [distinct_qubits(block, n_qubits, "blocks") for block in blocks]
        found = [block for block in checked if len(block) == size]
        if not found and size > 1:
            raise ValueError(f"blocks must hold one of {size} qubits for each word of {size} letters, got {blocks!r}")
        return found or [(q,) for q in range(n_qubits)]
    if size > n_qubits:
        return []
    line = [tuple(range(q, q + size)) for q in range(n_qubits - size + 1)]
    if blocks == "linear" or size == 1:
        return line
    if blocks == "all":
        return list(combinations(range(n_qubits), size))
    if blocks == "ring":
        closing = [tuple((q + k) % n_qubits for k in range(size)) for q in range(n_qubits - size + 1, n_qubits)]
        return line + (closing if n_qubits > size else [])
    raise ValueError(f"blocks must be 'linear', 'all', 'ring' or a list of blocks of qubits, got {blocks!r}")
