"""Which pairs of qubits a layer couples, by name or as a list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ketwise.words.checks import distinct_qubits

#: What ``pairs=`` takes: a name, or the pairs themselves.
Pairs = str | Sequence[tuple[int, int]]

NAMES = ("all", "ring", "linear", "none")


def qubit_pairs(pairs: Pairs, n_qubits: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs in the order in which a layer lays them.

    Parameters
    ----------
    pairs : {"all", "ring", "linear", "none"} or sequence of (int, int)
        "linear" couples q and q + 1; "ring" also the last and the first, where there are more than two.
    n_qubits : int

    Examples
    --------
    >>> qubit_pairs("ring", 3)
    ((0, 1), (1, 2), (2, 0))
    """
    if isinstance(pairs, str):
        line = tuple((q, q + 1) for q in range(n_qubits - 1))
        if pairs == "all":
            return tuple(combinations(range(n_qubits), 2))
        if pairs == "linear":
            return line
        if pairs == "ring":
            return line + (((n_qubits - 1, 0),) if n_qubits > 2 else ())
        if pairs == "none":
            return ()
        raise ValueError(f"pairs must be one of {', '.join(NAMES)}, or a list of pairs of qubits; got {pairs!r}")
    checked = []
    for pair in pairs:
        qubits = distinct_qubits(pair, n_qubits, "pairs")
        if len(qubits) != 2:
            raise ValueError(f"pairs must hold two qubits each, got {tuple(pair)!r}")
        checked.append((qubits[0], qubits[1]))
    return tuple(checked)
