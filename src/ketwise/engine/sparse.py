"""A state kept as its nonzero amplitudes, keyed by bit strings of any length. ``sparse_run.py`` runs circuits on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.memory import require, require_count
from ketwise.engine.sampling import Seed, draw
from ketwise.words.checks import complex_array, distinct_qubits, positive_int, shape_error

Keys = NDArray[np.uint64]
Amplitudes = NDArray[np.complex128]

#: Bits of one word of a key.
WORD = 64


@dataclass(frozen=True)
class SparseState:
    """Amplitudes of some basis states; all others are exactly zero.

    Attributes
    ----------
    n_qubits : int
        Any number: nothing here grows as ``2**n_qubits``.
    keys : (n_words, n_terms) uint64 array
        Qubit q of term t is bit ``q % 64`` of ``keys[q // 64, t]``; the terms are distinct and in increasing order.
    amplitudes : (n_terms,) complex array

    Examples
    --------
    >>> ghz = SparseState.of([[0, 0, 0], [1, 1, 1]], [0.6, 0.8])
    >>> ghz.probabilities([2])
    (array([[0],
           [1]], dtype=uint8), array([0.36, 0.64]))
    """

    n_qubits: int
    keys: Keys
    amplitudes: Amplitudes

    @classmethod
    def of(cls, bits: Any, amplitudes: Any) -> SparseState:
        """Return the state with ``amplitudes (n_terms,)`` on the basis states ``bits (n_terms, n_qubits)``.

        Column q is qubit q. Amplitudes of equal rows are added; they are not normalised.

        Raises
        ------
        ValueError
            For bits that are not 0 or 1, and for shapes that do not fit.
        """
        table = np.asarray(bits)
        values = complex_array("amplitudes", amplitudes)
        if table.ndim != 2 or not table.shape[1]:
            raise shape_error("bits", "(n_terms, n_qubits)", table.shape)
        if values.shape != (len(table),):
            raise shape_error("amplitudes", f"({len(table)},)", values.shape)
        if not np.isin(table, (0, 1)).all():
            raise ValueError("bits must be 0 or 1")
        return cls(table.shape[1], *merged(packed(table), values))

    @classmethod
    def zero(cls, n_qubits: int) -> SparseState:
        """Return |0...0>."""
        n_qubits = positive_int("n_qubits", n_qubits)
        return cls(n_qubits, np.zeros((n_words(n_qubits), 1), dtype=np.uint64), np.ones(1, dtype=complex))

    @property
    def n_terms(self) -> int:
        """Number of nonzero amplitudes."""
        return len(self.amplitudes)

    @property
    def norm(self) -> float:
        """Sum of all probabilities."""
        return float(np.sum(np.abs(self.amplitudes) ** 2))

    def bits(self, qubits: Iterable[int] | None = None) -> NDArray[np.uint8]:
        """Return ``(n_terms, n_qubits)``: the bits of every term, of all qubits or of some in their order."""
        return unpacked(self.keys, self._checked(qubits))

    def probabilities(self, qubits: Iterable[int] | None = None) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Return the bit strings ``(n_found, len(qubits))`` that some qubits can show, and their probabilities."""
        found, weights = merged(packed(self.bits(qubits)), np.abs(self.amplitudes) ** 2 + 0j)
        return unpacked(found, range(len(self._checked(qubits)))), np.ascontiguousarray(weights.real)

    def amplitudes_at(self, bits: Any) -> Amplitudes:
        """Return ``(n_rows,)`` amplitudes of the basis states ``bits (n_rows, n_qubits)``, 0 where there is none."""
        table = np.asarray(bits)
        if table.ndim != 2 or table.shape[1] != self.n_qubits:
            raise shape_error("bits", f"(n_rows, {self.n_qubits})", table.shape)
        both, owner = _joined(self.keys, packed(table))
        values = np.zeros(both, dtype=complex)
        values[owner[: self.n_terms]] = self.amplitudes
        return values[owner[self.n_terms :]]

    def given(self, values: Mapping[int, int]) -> tuple[float, SparseState | None]:
        """Return the probability that a measurement of some qubits shows ``values``, and the state after it.

        The state is None where the probability is 0.
        """
        qubits = self._checked(values)
        wanted = np.array([values[q] for q in qubits])
        kept = np.all(self.bits(qubits) == wanted, axis=1)
        probability = float(np.sum(np.abs(self.amplitudes[kept]) ** 2))
        if probability == 0.0:
            return 0.0, None
        after = self.amplitudes[kept] / np.sqrt(probability)
        return probability, SparseState(self.n_qubits, np.ascontiguousarray(self.keys[:, kept]), after)

    def overlap(self, other: SparseState) -> complex:
        """Return ``<self|other>``."""
        if other.n_qubits != self.n_qubits:
            raise ValueError(f"states on {self.n_qubits} and on {other.n_qubits} qubits have no overlap")
        both, owner = _joined(self.keys, other.keys)
        mine, theirs = np.zeros((2, both), dtype=complex)
        mine[owner[: self.n_terms]] = self.amplitudes
        theirs[owner[self.n_terms :]] = other.amplitudes
        return complex(np.sum(mine.conj() * theirs))

    def dense(self) -> Amplitudes:
        """Return all ``2**n_qubits`` amplitudes; qubit q is bit q of the index.

        Raises
        ------
        MemoryError
            Before it is allocated, when that does not fit.
        """
        require("a state vector", self.n_qubits, lambda n: 16 << n)
        state = np.zeros(1 << self.n_qubits, dtype=complex)
        state[self.keys[0].astype(np.int64)] = self.amplitudes
        return state

    def sample(self, shots: int, seed: Seed = None) -> NDArray[np.uint8]:
        """Return ``(shots, n_qubits)`` measured bits."""
        weights = np.abs(self.amplitudes) ** 2
        drawn = draw(weights[np.newaxis] / weights.sum(), positive_int("shots", shots), seed)[0]
        return np.ascontiguousarray(self.bits()[drawn])

    def _checked(self, qubits: Iterable[int] | None) -> tuple[int, ...]:
        return tuple(range(self.n_qubits)) if qubits is None else distinct_qubits(qubits, self.n_qubits, "bits")


def n_words(n_qubits: int) -> int:
    """Return the words that hold the bits of so many qubits."""
    return -(-n_qubits // WORD)


def packed(bits: Any) -> Keys:
    """Return the keys ``(n_words, n_rows)`` of bits ``(n_rows, n_qubits)``, one word at least."""
    table = np.asarray(bits, dtype=np.uint8)
    rows, columns = table.shape
    words = max(1, n_words(columns))
    padded = np.zeros((rows, words * 8), dtype=np.uint8)
    as_bytes = np.packbits(table, axis=1, bitorder="little")
    padded[:, : as_bytes.shape[1]] = as_bytes
    return np.ascontiguousarray(padded.view("<u8").astype(np.uint64).T)


def unpacked(keys: Keys, qubits: Iterable[int]) -> NDArray[np.uint8]:
    """Return the bits ``(n_terms, len(qubits))`` of some qubits."""
    chosen = tuple(qubits)
    bits = np.empty((keys.shape[1], len(chosen)), dtype=np.uint8)
    for column, q in enumerate(chosen):
        bits[:, column] = (keys[q // WORD] >> np.uint64(q % WORD)) & np.uint64(1)
    return bits


def merged(keys: Keys, amplitudes: Amplitudes) -> tuple[Keys, Amplitudes]:
    """Return the keys in increasing order, each once, and the sums of their amplitudes.

    Equal keys are added in the order in which they came, so that the same terms give the same bits.
    """
    if keys.shape[1] < 2:
        return keys, amplitudes
    # The last row is the first to be looked at: the highest word.
    order = np.argsort(keys[0], kind="stable") if len(keys) == 1 else np.lexsort(keys)
    keys, amplitudes = np.ascontiguousarray(keys[:, order]), amplitudes[order]
    new = np.any(keys[:, 1:] != keys[:, :-1], axis=0)
    if new.all():
        return keys, amplitudes
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
    return np.ascontiguousarray(keys[:, starts]), np.add.reduceat(amplitudes, starts)


def _joined(a: Keys, b: Keys) -> tuple[int, NDArray[np.intp]]:
    """Return how many different keys two tables hold, and the number of each key, those of ``a`` first."""
    both = np.concatenate([a, b], axis=1)
    order = np.lexsort(both)
    ordered = both[:, order]
    number = np.concatenate(([0], np.cumsum(np.any(ordered[:, 1:] != ordered[:, :-1], axis=0))))
    owner = np.empty(len(order), dtype=np.intp)
    owner[order] = number[: len(order)]
    return int(number[-1]) + 1, owner


def require_terms(n_terms: int, n_qubits: int) -> None:
    """Refuse a state of so many nonzero amplitudes, with what sorting them takes, where it does not fit.

    Raises
    ------
    MemoryError
        With what is needed, what there is, and the most amplitudes that fit.
    """
    # Keys and amplitudes as they are made, joined, sorted, and as they were; the order, and what compares them.
    each = 5 * (8 * n_words(n_qubits) + 16) + 16
    require_count(f"nonzero amplitudes on {n_qubits} qubits", n_terms, lambda count: each * count)
