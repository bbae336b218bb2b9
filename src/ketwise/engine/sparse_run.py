"""Circuits on sparse states, gate by gate: permutations move keys, diagonals turn amplitudes, the rest branches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.sparse import WORD, Amplitudes, Keys, SparseState, merged, require_terms
from ketwise.words.angle import Angle
from ketwise.words.checks import values
from ketwise.words.circuit import Circuit, Op

#: An amplitude of at most this size is what rounding left of one that is zero. It is dropped, and its square counted.
NEGLIGIBLE = 1e-15

Chosen = NDArray[np.bool_] | None
#: Word of a key, mask of its bits, and what they must be.
Test = tuple[int, np.uint64, np.uint64]


@dataclass(frozen=True)
class SparseRun:
    """What a run left.

    Attributes
    ----------
    state : SparseState
    terms : (n_ops + 1,) int array
        Nonzero amplitudes before the first operation and after each.
    dropped : float
        Sum of the squares of the amplitudes that were dropped as what rounding left of zeros.
    """

    state: SparseState
    terms: NDArray[np.int64]
    dropped: float

    @property
    def most_terms(self) -> int:
        """Nonzero amplitudes where they were most."""
        return int(self.terms.max())


def run_sparse(
    circuit: Circuit, params: Any = None, features: Any = None, initial: SparseState | None = None
) -> SparseRun:
    """Run a circuit gate by gate on the nonzero amplitudes alone.

    Every operation of a circuit runs, on any number of qubits: what counts is how many amplitudes are not zero.

    Parameters
    ----------
    circuit : Circuit
    params : (n_params,) array, optional
    features : (n_features,) array, optional
    initial : SparseState, optional
        Default: |0...0>.

    Returns
    -------
    SparseRun

    Raises
    ------
    MemoryError
        Before an operation that could make more amplitudes than fit, with what is needed and what there is.

    Notes
    -----
    Gate-level simulation, exact up to rounding. Cost: a few passes over the terms for each operation; where it
    branches, sorting the ones it acts on.

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = kw.Circuit(1000).h(0)
    >>> for q in range(999):
    ...     circuit = circuit.cx(q, q + 1)
    >>> run = run_sparse(circuit)
    >>> run.state.n_terms, run.state.bits([0, 999]).tolist()
    (2, [[0, 0], [1, 1]])
    """
    given = [values("features", features, circuit.n_features)[0], values("params", params, circuit.n_params)[0]]
    if max(map(len, given)) > 1:
        raise ValueError("a sparse run takes one row of params and of features, got a batch: call it for each row")
    start = SparseState.zero(circuit.n_qubits) if initial is None else initial
    if start.n_qubits != circuit.n_qubits:
        raise ValueError(f"the initial state has {start.n_qubits} qubits, the circuit {circuit.n_qubits}")
    work = _Work(circuit.n_qubits, start.keys.copy(), start.amplitudes.copy())
    rows = [row[0] for row in given]
    # Circuits repeat their operations, often the very same objects.
    steps: dict[int, Callable[[_Work], None]] = {}
    terms = [start.n_terms]
    for op in circuit.ops:
        step = steps.get(id(op))
        if step is None:
            step = steps[id(op)] = _step(op, rows)
        step(work)
        terms.append(len(work.amplitudes))
    state = SparseState(circuit.n_qubits, *merged(work.keys, work.amplitudes))
    return SparseRun(state, np.array(terms, dtype=np.int64), work.dropped)


@dataclass
class _Work:
    """The terms while a circuit runs: distinct, in no order."""

    n_qubits: int
    keys: Keys
    amplitudes: Amplitudes
    dropped: float = field(default=0.0)

    def replace(self, chosen: Chosen, keys: Keys, amplitudes: Amplitudes) -> None:
        """Put new terms, which may meet, in the place of the chosen ones; the others they cannot meet."""
        keys, amplitudes = merged(keys, amplitudes)
        size = np.abs(amplitudes)
        small = size <= NEGLIGIBLE
        if small.any():
            self.dropped += float(np.sum(size[small] ** 2))
            keys, amplitudes = keys[:, ~small], amplitudes[~small]
        if chosen is not None:
            keys = np.concatenate([self.keys[:, ~chosen], keys], axis=1)
            amplitudes = np.concatenate([self.amplitudes[~chosen], amplitudes])
        self.keys, self.amplitudes = np.ascontiguousarray(keys), amplitudes


def _step(op: Op, rows: list[NDArray[np.float64]]) -> Callable[[_Work], None]:
    """Return what one operation does to the terms."""
    gate = op.gate
    tests = _tests(op.controls)
    if gate.pauli is not None:
        assert op.angle is not None
        angle = _value(op.angle, rows)
        signed = _masks(q for q, letter in zip(op.qubits, gate.pauli, strict=True) if letter != "X")
        flipped = [q for q, letter in zip(op.qubits, gate.pauli, strict=True) if letter != "Z"]
        if not flipped:
            turns = np.exp(np.array([-0.5j, 0.5j]) * angle)
            return lambda work: _turn(work, tests, turns, lambda keys: _parity(keys, signed))
        factor = -1j * math.sin(angle / 2) * 1j ** gate.pauli.count("Y")
        return lambda work: _rotate(work, tests, math.cos(angle / 2), factor, signed, _masks(flipped))
    if gate.permutation is not None:
        if gate.name == "x":
            (place,) = _masks(op.qubits)
            return lambda work: _flip(work, tests, *place)
        table = gate.permutation
        return lambda work: _permute(work, tests, table, op.qubits)
    if gate.diagonal is not None:
        phases = gate.diagonal
        return lambda work: _turn(work, tests, phases, lambda keys: _index(keys, op.qubits))
    matrix = gate.to_matrix()
    return lambda work: _branch(work, tests, matrix, op.qubits)


def _value(angle: Angle, rows: list[NDArray[np.float64]]) -> float:
    total = 0.0
    for monomial, coefficient in angle.terms.items():
        total += coefficient * math.prod(float(rows[kind][index]) for kind, index in monomial)
    if not math.isfinite(total):
        raise ValueError(f"the angle {angle!r} is not finite: values are too large")
    return total


def _masks(qubits: Iterable[int]) -> list[tuple[int, np.uint64]]:
    """Return the words in which some qubits lie, each with the mask of their bits."""
    masks: dict[int, int] = {}
    for q in qubits:
        masks[q // WORD] = masks.get(q // WORD, 0) | 1 << q % WORD
    return [(word, np.uint64(mask)) for word, mask in masks.items()]


def _tests(controls: tuple[tuple[int, int], ...]) -> list[Test]:
    """Return one comparison a word for all controls in it."""
    wanted = dict(_masks(q for q, value in controls if value))
    return [(word, mask, wanted.get(word, np.uint64(0))) for word, mask in _masks(q for q, _ in controls)]


def _chosen(keys: Keys, tests: list[Test]) -> Chosen:
    """Return which terms satisfy the controls; None stands for all."""
    chosen = None
    for word, mask, wanted in tests:
        hit = (keys[word] & mask) == wanted
        chosen = hit if chosen is None else chosen & hit
    return chosen


def _index(keys: Keys, qubits: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the gate's own index of every term; ``qubits[0]`` is its lowest bit."""
    index = np.zeros(keys.shape[1], dtype=np.uint64)
    for k, q in enumerate(qubits):
        index |= ((keys[q // WORD] >> np.uint64(q % WORD)) & np.uint64(1)) << np.uint64(k)
    return index.astype(np.int64)


def _parity(keys: Keys, masks: list[tuple[int, np.uint64]]) -> NDArray[np.int64]:
    """Return 1 where an odd number of the masked bits is set."""
    count = np.zeros(keys.shape[1], dtype=np.int64)
    for word, mask in masks:
        count += np.bitwise_count(keys[word] & mask)
    return count & 1


def _flip(work: _Work, tests: list[Test], word: int, mask: np.uint64) -> None:
    row = work.keys[word]
    chosen = _chosen(work.keys, tests)
    if chosen is None:
        np.bitwise_xor(row, mask, out=row)
    else:
        np.bitwise_xor(row, mask, out=row, where=chosen)


def _permute(work: _Work, tests: list[Test], table: NDArray[np.int64], qubits: tuple[int, ...]) -> None:
    index = _index(work.keys, qubits)
    changed = (index ^ table[index]).astype(np.uint64)
    chosen = _chosen(work.keys, tests)
    if chosen is not None:
        changed[~chosen] = 0
    for k, q in enumerate(qubits):
        work.keys[q // WORD] ^= ((changed >> np.uint64(k)) & np.uint64(1)) << np.uint64(q % WORD)


def _turn(work: _Work, tests: list[Test], phases: Amplitudes, index: Callable[[Keys], NDArray[np.int64]]) -> None:
    chosen = _chosen(work.keys, tests)
    factors = phases[index(work.keys)]
    if chosen is None:
        work.amplitudes *= factors
    else:
        np.multiply(work.amplitudes, factors, out=work.amplitudes, where=chosen)


def _taken(work: _Work, tests: list[Test], branches: int) -> tuple[Chosen, Keys, Amplitudes]:
    """Return the terms that satisfy the controls, once what they may become is known to fit."""
    chosen = _chosen(work.keys, tests)
    acted_on = len(work.amplitudes) if chosen is None else int(np.count_nonzero(chosen))
    require_terms(len(work.amplitudes) + (branches - 1) * acted_on, work.n_qubits)
    if chosen is None:
        return None, work.keys, work.amplitudes
    return chosen, work.keys[:, chosen], work.amplitudes[chosen]


def _rotate(
    work: _Work,
    tests: list[Test],
    cosine: float,
    factor: complex,
    signed: list[tuple[int, np.uint64]],
    flipped: list[tuple[int, np.uint64]],
) -> None:
    """Apply ``cos - i sin P``, where P flips some bits and gives a sign for some."""
    chosen, keys, amplitudes = _taken(work, tests, 2)
    if not len(amplitudes):
        return
    moved = keys.copy()
    for word, mask in flipped:
        moved[word] ^= mask
    # Y|0> = i|1> and Y|1> = -i|0>: the factors i are in ``factor``, the signs are those of Z before the flip.
    other = amplitudes * factor * (1 - 2 * _parity(keys, signed))
    work.replace(chosen, np.concatenate([keys, moved], axis=1), np.concatenate([cosine * amplitudes, other]))


def _branch(work: _Work, tests: list[Test], matrix: Amplitudes, qubits: tuple[int, ...]) -> None:
    chosen, keys, amplitudes = _taken(work, tests, len(matrix))
    if not len(amplitudes):
        return
    index = _index(keys, qubits)
    cleared = keys.copy()
    for word, mask in _masks(qubits):
        cleared[word] &= ~mask
    all_keys, all_amplitudes = [], []
    for out, row in enumerate(matrix):
        reached = row[index] != 0
        moved = cleared[:, reached]
        for word, mask in _masks(q for k, q in enumerate(qubits) if out >> k & 1):
            moved[word] |= mask
        all_keys.append(moved)
        all_amplitudes.append(row[index[reached]] * amplitudes[reached])
    work.replace(chosen, np.concatenate(all_keys, axis=1), np.concatenate(all_amplitudes))
