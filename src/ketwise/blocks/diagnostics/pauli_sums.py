"""Sums of Pauli words as mappings from bits to coefficients: commutators, and conjugation by the gates of a circuit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from ketwise.words.circuit import Op
from ketwise.words.gates import pauli_matrix
from ketwise.words.observable import Observable

#: Two whole numbers whose bits say on which qubits the word has X (or Y), and on which Z (or Y).
Word = tuple[int, int]
Sum = dict[Word, float]

#: Coefficients below this, beside ones of about 1, are rounding.
TINY = 1e-12


def of_observable(observable: Observable) -> Sum:
    """Return an observable's words and coefficients.

    Examples
    --------
    >>> of_observable(Observable({"XZ": 2.0}))
    {(2, 1): 2.0}
    """
    bits = [1 << q for q in range(observable.n_qubits)]
    return {
        (sum(b for b, on in zip(bits, x, strict=True) if on), sum(b for b, on in zip(bits, z, strict=True) if on)): c
        for x, z, c in zip(observable.x, observable.z, observable.coefficients.tolist(), strict=True)
    }


def anticommute(a: Word, b: Word) -> bool:
    """Return whether two words anticommute.

    Examples
    --------
    >>> anticommute((1, 0), (0, 1)), anticommute((3, 0), (0, 3))
    (True, False)
    """
    return bool(((a[0] & b[1]).bit_count() + (a[1] & b[0]).bit_count()) & 1)


def product_word(a: Word, b: Word) -> Word:
    """Return the word of the product of two, its phase left aside."""
    return a[0] ^ b[0], a[1] ^ b[1]


def scaled(given: Sum, factor: float) -> Sum:
    """Return the sum times a number."""
    return {word: factor * value for word, value in given.items()}


def commutator(a: Sum, b: Sum) -> Sum:
    """Return ``[A, B] / (2 i)``, which is Hermitian where A and B are.

    Examples
    --------
    >>> commutator({(1, 0): 1.0}, {(1, 1): 1.0})  # [X, Y] = 2 i Z
    {(0, 1): 1.0}
    """
    found: Sum = {}
    for left, c in a.items():
        for right, d in b.items():
            if anticommute(left, right):
                word = product_word(left, right)
                found[word] = found.get(word, 0.0) + c * d * (1.0 if _power(left, right) == 1 else -1.0)
    return {word: value for word, value in found.items() if abs(value) > TINY}


def _power(a: Word, b: Word) -> int:
    """Return k where the product of two words is ``i**k`` times a word."""
    # A word is i^|x.z| X^x Z^z, and Z^z1 X^x2 = (-1)^(z1.x2) X^x2 Z^z1.
    made = product_word(a, b)
    own = (a[0] & a[1]).bit_count() + (b[0] & b[1]).bit_count() - (made[0] & made[1]).bit_count()
    return (own + 2 * (a[1] & b[0]).bit_count()) % 4


def pulled_back(given: Sum, ops: Sequence[Op]) -> Sum:
    """Return ``U^-1 A U`` for the fixed gates ``ops`` in the order in which they act.

    Notes
    -----
    Cost for each word and gate on k qubits: a matrix product of size ``2**k``. A Clifford gate keeps a word a word;
    others make it a sum.
    """
    found = given
    for op in reversed(ops):
        support = op.support
        mask = sum(1 << q for q in support)
        table: dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]] = {}
        made: Sum = {}
        for (x, z), value in found.items():
            if not (x | z) & mask:
                made[x, z] = made.get((x, z), 0.0) + value
                continue
            letters = tuple((x >> q & 1) + 2 * (z >> q & 1) for q in support)
            if letters not in table:
                table[letters] = _conjugated(letters, op)
            for new, factor in table[letters]:
                nx, nz = x & ~mask, z & ~mask
                for q, letter in zip(support, new, strict=True):
                    nx |= (letter & 1) << q
                    nz |= (letter >> 1) << q
                made[nx, nz] = made.get((nx, nz), 0.0) + factor * value
        found = {word: value for word, value in made.items() if abs(value) > TINY}
    return found


def _conjugated(letters: tuple[int, ...], op: Op) -> list[tuple[tuple[int, ...], float]]:
    """Return ``M^-1 P M`` as words on the operation's qubits, with the codes I, X, Z, Y = 0, 1, 2, 3."""
    matrix = _with_controls(op)
    image = matrix.conj().T @ pauli_matrix("".join("IXZY"[letter] for letter in letters)) @ matrix
    found = []
    for new in product(range(4), repeat=len(letters)):
        value = float(np.vdot(pauli_matrix("".join("IXZY"[letter] for letter in new)), image).real) / len(image)
        if abs(value) > TINY:
            found.append((new, value))
    return found


def _with_controls(op: Op) -> np.ndarray:
    """Return the matrix on the operation's support: controls are its lowest bits."""
    angle = 0.0 if op.angle is None else op.angle.terms.get((), 0.0)
    inner = op.gate.to_matrix(angle)
    if not op.controls:
        return inner
    k = len(op.controls)
    value = sum(on << place for place, (_, on) in enumerate(op.controls))
    matrix = np.eye(len(inner) << k, dtype=complex)
    index = (np.arange(len(inner)) << k) | value
    matrix[np.ix_(index, index)] = inner
    return matrix
