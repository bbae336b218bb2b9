"""Circuits that prepare amplitudes on a few basis states, and the angles they need: pairs of states merge in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.blocks.preparation.dense import (
    Prepared,
    gray_code,
    refuse_zero_rows,
    turn,
    turn_back,
    uniformly_controlled,
)
from ketwise.blocks.preparation.premap import Array, PreMap
from ketwise.words import gates
from ketwise.words.angle import Angle, features
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit


@dataclass(frozen=True)
class _MergeAngles:
    n_leaves: int
    merges: tuple[tuple[int, int], ...]

    def nodes(self, X: Array) -> tuple[list[Array], list[Array]]:
        values = [np.ascontiguousarray(column) for column in X.T]
        angles = []
        for a, b in self.merges:
            angle, before = turn(values[a], values[b])
            values.append(before)
            angles.append(angle)
        refuse_zero_rows(np.abs(values[-1]), "an encoding by amplitudes")
        return values, angles

    def __call__(self, X: Array) -> Array:
        return np.stack(self.nodes(X)[1], axis=1)


@dataclass(frozen=True)
class _MergeAnglesBack:
    forward: _MergeAngles

    def __call__(self, X: Array, cotangent: Array) -> Array:
        values, _ = self.forward.nodes(X)
        d_values = [np.zeros(len(X)) for _ in values]
        for k in reversed(range(len(self.forward.merges))):
            a, b = self.forward.merges[k]
            node = self.forward.n_leaves + k
            d_values[a], d_values[b] = turn_back(values[a], values[b], values[node], cotangent[:, k], d_values[node])
        return np.stack(d_values[: self.forward.n_leaves], axis=1)


def merge_angles(n_features: int, merges: Any) -> PreMap:
    """Return the angles ``2 atan2(b, a)`` of merges of two amplitudes into one, ``sqrt(a**2 + b**2)``.

    Parameters
    ----------
    n_features : int
        At least 2.
    merges : sequence of (int, int)
        Numbers of a and b; merge k makes number ``n_features + k``. Every number but the last is merged once.

    Raises
    ------
    ValueError
        When a row is all zeros.

    Examples
    --------
    >>> merge_angles(3, [(1, 2), (0, 3)]).forward(np.array([[1.0, 0.0, 1.0]])).round(4)
    array([[3.1416, 1.5708]])
    """
    n_features = positive_int("n_features", n_features, minimum=2)
    pairs = tuple((int(a), int(b)) for a, b in merges)
    used = sorted(number for pair in pairs for number in pair)
    late = [k for k, pair in enumerate(pairs) if max(pair) >= n_features + k]
    if used != list(range(2 * n_features - 2)) or late:
        raise ValueError(f"merges must use each of 0 to {2 * n_features - 3} once, after it is made; got {pairs}")
    forward = _MergeAngles(n_features, pairs)
    settings = (("n_features", n_features), ("merges", pairs))
    return PreMap("merge_angles", forward, _MergeAnglesBack(forward), n_features, settings=settings)


def sparse_preparation(patterns: list[int], n_qubits: int) -> tuple[Prepared, tuple[tuple[int, int], ...]]:
    """Return the circuit that prepares amplitudes on a few basis states, and the merges that give its angles.

    Parameters
    ----------
    patterns : list of int
        Distinct indices of basis states, at least 2; amplitude k is that of ``patterns[k]``.
    n_qubits : int

    Returns
    -------
    Prepared, merges
        Angles are those of ``merge_angles(len(patterns), merges)``. In the twin every turn has the mean of its angles
        over the branches of its controls.

    Notes
    -----
    Two states are brought to differ in one qubit by CX and merged by a rotation with as many controls as tell them
    from the rest, k; that takes ``2**k`` rotations and CX. About ``n * len(patterns)`` CX and those of the rotations.
    Gleinig, Hoefler, DAC 58, 433 (2021).

    Examples
    --------
    >>> prepared, merges = sparse_preparation([0b000, 0b111], 3)
    >>> prepared.circuit.counts(), merges
    (Counter({'cx': 2, 'ry': 1}), ((0, 1),))
    """
    if len(patterns) < 2 or len(set(patterns)) != len(patterns):
        raise ValueError(f"patterns must be at least 2 and distinct, got {patterns}")
    if min(patterns) < 0 or max(patterns) >> n_qubits:
        raise ValueError(f"patterns must be bit strings of {n_qubits} qubits, got {patterns}")
    strings = dict(enumerate(patterns))
    steps: list[tuple[Any, ...]] = []  # of the way from the state to one basis state
    merges: list[tuple[int, int]] = []
    while len(strings) > 1:
        one, zero, target, controls = _pair(strings, n_qubits)
        if not strings[one] >> target & 1:
            steps.append(("x", target))
            strings = {node: string ^ 1 << target for node, string in strings.items()}
        differing = (strings[one] ^ strings[zero]) & ~(1 << target)
        for q in range(n_qubits):
            if differing >> q & 1:
                steps.append(("cx", target, q))
                strings = {node: string ^ (string >> target & 1) << q for node, string in strings.items()}
        steps.append(("turn", target, controls, [strings[zero] >> q & 1 for q in controls], len(merges)))
        merges.append((zero, one))
        strings[len(patterns) + len(merges) - 1] = strings[zero]
        del strings[zero], strings[one]
    (last,) = strings.values()
    steps += [("x", q) for q in range(n_qubits) if last >> q & 1]
    return _forwards(steps, n_qubits, len(merges)), tuple(merges)


def _forwards(steps: list[tuple[Any, ...]], n_qubits: int, n_angles: int) -> Prepared:
    x = features(n_angles)
    circuit, twin = (Circuit(n_qubits, n_features=n_angles) for _ in range(2))
    for kind, *rest in reversed(steps):
        if kind == "x":
            circuit.x(*rest)
            twin.x(*rest)
        elif kind == "cx":
            circuit.cx(*rest)
        else:
            target, controls, held, index = rest
            width = 1 << len(controls)
            branch = sum(value << bit for bit, value in enumerate(held))
            signs = [1 - 2 * ((branch & int(g)).bit_count() % 2) for g in gray_code(width)]
            uniformly_controlled(circuit, "ry", [x[index] * (sign / width) for sign in signs], target, controls)
            twin.ry(x[index] / width, target)
    return Prepared(circuit, twin)


def _pair(strings: dict[int, int], n_qubits: int) -> tuple[int, int, int, list[int]]:
    """Return two states that few qubits tell from the rest, the qubit that is to part them, and those qubits."""
    held: dict[int, int] = {}
    one = _narrowed(list(strings), strings, n_qubits, held)
    target, _ = held.popitem()
    rest = [
        node
        for node, string in strings.items()
        if node != one and all(string >> q & 1 == value for q, value in held.items())
    ]
    zero = _narrowed(rest, strings, n_qubits, held)
    return one, zero, target, sorted(held)


def _narrowed(nodes: list[int], strings: dict[int, int], n_qubits: int, held: dict[int, int]) -> int:
    """Hold qubits, each at the value that fewer states have, until one state is left."""
    while len(nodes) > 1:
        counts = {q: sum(strings[node] >> q & 1 for node in nodes) for q in range(n_qubits)}
        parting = [q for q, count in counts.items() if 0 < count < len(nodes)]
        qubit = min(parting, key=lambda q: (min(counts[q], len(nodes) - counts[q]), q))
        held[qubit] = int(2 * counts[qubit] <= len(nodes))
        nodes = [node for node in nodes if strings[node] >> qubit & 1 == held[qubit]]
    return nodes[0]


def unary_preparation(n_qubits: int) -> tuple[Prepared, tuple[tuple[int, int], ...]]:
    """Return the circuit that prepares amplitudes on the states with one qubit at 1, and the merges of its angles.

    Parameters
    ----------
    n_qubits : int
        At least 2.

    Returns
    -------
    Prepared, merges
        A chain of turns of neighbours within the states where one of them is 1, each two two-qubit rotations. In the
        twin qubit q alone is turned by the angle of q and q + 1.

    Notes
    -----
    Amplitude q is that of the state where qubit q is 1. Johri et al., npj Quantum Information 7, 122 (2021).

    Examples
    --------
    >>> unary_preparation(3)[0].circuit.counts()
    Counter({'ryx': 2, 'rxy': 2, 'x': 1})
    """
    n_qubits = positive_int("n_qubits", n_qubits, minimum=2)
    x = features(n_qubits - 1)
    circuit, twin = (Circuit(n_qubits, n_features=n_qubits - 1) for _ in range(2))
    circuit.x(0)
    # Amplitudes are merged from the end: the last merge is the first turn.
    merges = [(n_qubits - 2, n_qubits - 1)]
    merges += [(n_qubits - 2 - k, n_qubits + k - 1) for k in range(1, n_qubits - 1)]
    for q in range(n_qubits - 1):
        angle = x[n_qubits - 2 - q]
        append_exchange(circuit, angle, q, q + 1)
        twin.ry(angle, q)
    return Prepared(circuit, twin), tuple(merges)


def append_exchange(circuit: Circuit, angle: Angle, a: int, b: int) -> None:
    """Append the turn ``|a> -> cos(angle/2) |a> + sin(angle/2) |b>`` of the states where one of the two is 1."""
    circuit.append(gates.rotation("YX"), (a, b), -0.5 * angle)
    circuit.append(gates.rotation("XY"), (a, b), 0.5 * angle)
