"""Pauli words on several qubits, diagonals and permutations, as gates on one qubit and NOTs with controls."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ketwise.words.angle import Angle
from ketwise.words.circuit import Op
from ketwise.words.qasm.operations import Controls, controlled, cx, fixed, on_ones, phase, turn, undone

#: Smaller turns are left out: they are rounding.
NEGLIGIBLE = 5e-15
#: Larger diagonals and permutations would fill files of their own.
MAX_TABLE_QUBITS = 10


def word_as_ladder(word: str, angle: Angle, qubits: tuple[int, ...], controls: Controls = ()) -> list[Op]:
    """Return ``exp(-i angle/2 P)`` as RZ on the last qubit between NOTs and changes of basis.

    Only the turn needs the controls: without it, what stands before undoes what stands after.
    """
    if len(word) < 2:
        return [turn(word, angle, *qubits, controls=controls)]
    to_z: list[Op] = []
    for letter, qubit in zip(word, qubits, strict=True):
        if letter == "Y":
            to_z.append(fixed("sdg", qubit))
        if letter in "XY":
            to_z.append(fixed("h", qubit))
    to_z += [cx(a, b) for a, b in pairwise(qubits)]
    return [*to_z, turn("Z", angle, qubits[-1], controls=controls), *undone(to_z)]


def diagonal_as_turns(values: NDArray[np.complex128], qubits: tuple[int, ...], controls: Controls = ()) -> list[Op]:
    """Return ``diag(values)`` as RZ on every parity of the qubits, in the order of a Gray code.

    Bullock and Markov, Quantum Inf. Comput. 4, 27 (2004): one RZ and one NOT a word of Z.
    """
    _check_size("diagonal", len(qubits))
    # exp(i phi) = exp(i sum_m c_m (-1)^(m . index)): a Walsh transform gives the c_m.
    weights = np.angle(values).reshape([2] * len(qubits)).astype(float)
    for axis in range(len(qubits)):
        low, high = np.take(weights, 0, axis), np.take(weights, 1, axis)
        weights = np.stack([(low + high) / 2, (low - high) / 2], axis)
    weights = weights.ravel()
    ops = [phase(weights[0], controls)] if abs(weights[0]) > NEGLIGIBLE else []
    for top, target in enumerate(qubits):
        parity = 0
        for k in range(1 << top):
            weight = weights[(1 << top) | parity]
            if abs(weight) > NEGLIGIBLE:
                ops.append(turn("Z", -2.0 * float(weight), target, controls=controls))
            # The lowest set bit of k + 1 is what Gray's code changes next; after the last word the highest one does.
            changed = min((k + 1 & -(k + 1)).bit_length() - 1, top - 1)
            if top:
                ops.append(cx(qubits[changed], target))
                parity ^= 1 << changed
    return _without_pairs(ops)


def permutation_as_flips(table: NDArray[np.int64], qubits: tuple[int, ...], controls: Controls = ()) -> list[Op]:
    """Return the permutation as NOTs with controls.

    Miller, Maslov and Dueck, DAC 2003, 318: the images of 0, 1, 2 ... are put right one after another by flips that
    leave smaller ones alone.
    """
    _check_size("permutation", len(qubits))
    images = table.copy()
    flips: list[Op] = []

    def flip(bit: int, mask: int) -> None:
        np.bitwise_xor(images, 1 << bit, out=images, where=(images & mask) == mask)
        flips.append(fixed("x", qubits[bit], controls=on_ones(q for k, q in enumerate(qubits) if mask >> k & 1)))

    for index in range(len(images)):
        for bit in range(len(qubits)):
            if index & ~int(images[index]) & 1 << bit:
                flip(bit, int(images[index]))
        for bit in range(len(qubits)):
            if int(images[index]) & ~index & 1 << bit:
                flip(bit, index)
    return controlled(reversed(flips), controls)


def _check_size(what: str, n_qubits: int) -> None:
    if n_qubits > MAX_TABLE_QUBITS:
        raise ValueError(
            f"a {what} on {n_qubits} qubits cannot be written in OpenQASM, {MAX_TABLE_QUBITS} is the most: "
            "write it as rotations and gates"
        )


def _without_pairs(ops: list[Op]) -> list[Op]:
    """Leave out NOTs that stand beside their like."""
    kept: list[Op] = []
    for op in ops:
        if kept and kept[-1] == op and op.angle is None:
            kept.pop()
        else:
            kept.append(op)
    return kept
