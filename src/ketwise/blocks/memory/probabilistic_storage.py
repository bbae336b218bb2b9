"""Storage of a probabilistic quantum memory: the circuit that puts patterns into one superposition, and what it costs.

Trugenberger, PRL 87, 067901 (2001). Reading it out is in ``probabilistic_retrieval.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.joining import chained
from ketwise.blocks.memory.multi_controlled import controlled_not, toffolis
from ketwise.blocks.memory.patterns import Bits, Stored, stored_patterns
from ketwise.engine.memory import require_count
from ketwise.engine.sparse import SparseState
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

#: CX of a Toffoli, and of a rotation with one control.
CX_OF_TOFFOLI, CX_OF_TURN = 6, 2
#: Of a new operation, and of a place in the lists for one that is there already.
BYTES_OF_OPERATION, BYTES_OF_PLACE = 500, 16


@dataclass(frozen=True)
class Registers:
    """Which qubits hold what; bit j of a pattern is qubit j.

    Attributes
    ----------
    memory : range
        The superposition of patterns.
    utility : range
        Two: the first marks what equals the pattern that is being stored, the second what is not stored yet.
    pattern : range
        The pattern that is being stored, and later the probe; empty without a pattern register.
    controls : range
        The control qubits of the retrieval.
    """

    memory: range
    utility: range
    pattern: range
    controls: range

    @property
    def n_qubits(self) -> int:
        """All qubits."""
        return self.controls.stop


def registers(n_bits: int, *, n_controls: int = 0, pattern_register: bool = True) -> Registers:
    """Return the qubits of a probabilistic memory.

    Parameters
    ----------
    n_bits : int
    n_controls : int
    pattern_register : bool
        As in the paper, where patterns are inputs of the circuit; without it their bits are written into the gates.

    Examples
    --------
    >>> registers(4, n_controls=2).n_qubits, registers(4, pattern_register=False).n_qubits
    (12, 6)
    """
    n = positive_int("n_bits", n_bits)
    start = n + 2 + (n if pattern_register else 0)
    return Registers(
        range(n),
        range(n, n + 2),
        range(n + 2, start),
        range(start, start + positive_int("n_controls", n_controls, minimum=0)),
    )


def probabilistic_storage(
    patterns: Any,
    *,
    n_controls: int = 0,
    pattern_register: bool = True,
    toffoli: bool = False,
    strict: bool = False,
) -> Circuit:
    """Return the circuit that turns |0...0> into ``sum_k sqrt(weight_k) |pattern_k>``, all other qubits 0 again.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        A pattern given c times has weight ``c / n_patterns``; without repetitions this is the uniform superposition.
        The order does not change the state.
    n_controls : int
        Qubits to add for :func:`probabilistic_retrieval`.
    pattern_register : bool
        True is the paper's circuit on ``2 n_bits + 2`` qubits. False writes the bits, which are known, into the gates:
        ``n_bits + 2`` qubits and fewer gates.
    toffoli : bool
        Write each NOT with ``n_bits`` controls as Toffolis, with the pattern register's qubits, or else the second
        utility qubit, borrowed.
    strict : bool
        Refuse patterns that come twice.

    Returns
    -------
    Circuit
        Its qubits are those of :func:`registers`.

    Raises
    ------
    ValueError
        For no patterns, for values other than 0 and 1, and with ``strict`` for a pattern that comes twice.
    MemoryError
        When the list of operations does not fit.

    Notes
    -----
    Gates to run one after another, on a device or on a simulator; gate-level simulation is ``run_sparse`` for any
    number of bits, or ``compile`` for few. A device must store again for every probe and for every repetition: readout
    uses the memory up.

    Cost: ``6 n_bits + 3`` gates a pattern and those that load it, two of them with ``n_bits`` controls, or
    ``10 n_bits - 16`` Toffolis: linear in ``n_patterns * n_bits``; :func:`storage_cost` counts. Trugenberger,
    PRL 87, 067901 (2001), who has no weights: the i-th of his p turns splits off ``1/(p + 1 - i)`` of what is left,
    here ``weight_i / (weight_i + ... + weight_p)``.

    Examples
    --------
    >>> from ketwise.engine.sparse_run import run_sparse
    >>> state = run_sparse(probabilistic_storage([[0, 0], [1, 1], [1, 1]])).state
    >>> state.bits(range(2)).tolist(), (abs(state.amplitudes) ** 2).round(4).tolist()
    ([[0, 0], [1, 1]], [0.3333, 0.6667])
    """
    stored = stored_patterns(patterns, strict=strict)
    n = stored.patterns.shape[1]
    each = BYTES_OF_PLACE if pattern_register else BYTES_OF_OPERATION
    require_count("operations", _cost(stored, pattern_register, toffoli).gates, lambda count: each * count)
    places = registers(n, n_controls=n_controls, pattern_register=pattern_register)
    mark = Circuit(places.n_qubits)
    if toffoli:
        borrowed = places.pattern if pattern_register else places.utility[1:]
        controlled_not(mark, places.memory, places.utility[0], borrowed)
    else:
        mark.x(places.utility[0], places.memory)
    parts = [Circuit(places.n_qubits).x(places.utility[1])]
    compare, before = Circuit(places.n_qubits), np.zeros(n, dtype=np.uint8)
    if pattern_register:
        compare = _compared_with_register(places)
    undo = mark + compare.inverse()
    for bits, turn in zip(stored.patterns, _turns(stored), strict=True):
        if pattern_register:
            parts.append(_loaded(places, bits ^ before))
            before = bits
        else:
            compare = _compared_with_bits(places, bits)
            undo = mark + compare.inverse()
        parts += [compare, mark, Circuit(places.n_qubits).cry(turn, *places.utility), undo]
    if pattern_register:
        parts.append(_loaded(places, before))
    return chained(parts)


def _turns(stored: Stored) -> list[float]:
    """Return the angles that split each pattern's share off what is left; the last takes all of it."""
    left = np.cumsum(stored.counts[::-1])[::-1]
    return [
        -2.0 * math.atan2(math.sqrt(c), math.sqrt(all_left - c))
        for c, all_left in zip(stored.counts, left, strict=True)
    ]


def _compared_with_register(places: Registers) -> Circuit:
    """Copy the pattern into the branch that is not stored yet; then every memory qubit that agrees with it is 1."""
    circuit = Circuit(places.n_qubits)
    for m, p in zip(places.memory, places.pattern, strict=True):
        circuit.ccx(p, places.utility[1], m)
    for m, p in zip(places.memory, places.pattern, strict=True):
        circuit.cx(p, m).x(m)
    return circuit


def _compared_with_bits(places: Registers, bits: Bits) -> Circuit:
    """Do the same where the bits are known: NOT where they are 0, a copy of the branch's own 1 where they are 1."""
    circuit = Circuit(places.n_qubits)
    for m, bit in zip(places.memory, bits, strict=True):
        if bit:
            circuit.cx(places.utility[1], m)
        else:
            circuit.x(m)
    return circuit


def _loaded(places: Registers, changed: Bits) -> Circuit:
    circuit = Circuit(places.n_qubits)
    for p, bit in zip(places.pattern, changed, strict=True):
        if bit:
            circuit.x(p)
    return circuit


@dataclass(frozen=True)
class StorageCost:
    """Gates and qubits of a storage circuit, counted without making it.

    Attributes
    ----------
    n_qubits, x, cx, ccx, turns : int
        Qubits, NOTs with 0, 1 and 2 controls, rotations with one control.
    marks : int
        NOTs with ``n_bits`` controls; 0 where they are written as Toffolis.
    n_bits : int
    cx_total : int
        CX on a device where every pair of qubits is joined: 6 a Toffoli, 2 a turn, marks as Toffolis.
    depth : int
        Time steps when every gate starts as early as it can, a mark counted as one gate; with ``toffoli`` at most so
        many: the Toffolis of a mark one after the other.
    """

    n_bits: int
    n_qubits: int
    x: int
    cx: int
    ccx: int
    marks: int
    turns: int
    cx_total: int
    depth: int

    @property
    def gates(self) -> int:
        """All of them, a mark counted as one."""
        return self.x + self.cx + self.ccx + self.marks + self.turns


def storage_cost(
    patterns: Any, *, pattern_register: bool = True, toffoli: bool = False, strict: bool = False
) -> StorageCost:
    """Return what :func:`probabilistic_storage` takes, from the patterns alone.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    pattern_register, toffoli, strict : bool
        As for the circuit.

    Examples
    --------
    >>> storage_cost([[0, 0, 1], [1, 1, 1]]).cx
    12
    """
    return _cost(stored_patterns(patterns, strict=strict), pattern_register, toffoli)


def _cost(stored: Stored, pattern_register: bool, toffoli: bool) -> StorageCost:
    p, n = stored.patterns.shape
    ones = int(stored.patterns.sum())
    if pattern_register:
        with_ends = np.vstack([np.zeros((1, n), dtype=np.uint8), stored.patterns, np.zeros((1, n), dtype=np.uint8)])
        loads = int(np.count_nonzero(with_ends[1:] != with_ends[:-1]))
        x, cx, ccx = 1 + 2 * p * n + loads, 2 * p * n, 2 * p * n
    else:
        x, cx, ccx = 1 + 2 * (p * n - ones), 2 * ones, 0
    by_toffoli = 2 * p * toffolis(n, n if pattern_register else 1)
    marks = 2 * p
    if n == 1:  # a mark with one control is a CX, whichever way it is written
        cx, marks = cx + marks, 0
    cx_total = cx + CX_OF_TOFFOLI * (ccx + by_toffoli) + CX_OF_TURN * p
    if n == 2 or (n > 2 and toffoli):
        ccx, marks = ccx + by_toffoli, 0
    n_qubits = registers(n, pattern_register=pattern_register).n_qubits
    depth = _depth(stored.patterns, pattern_register) + (by_toffoli - 2 * p if n > 2 and toffoli else 0)
    return StorageCost(n, n_qubits, x, cx, ccx, marks, p, cx_total, depth)


def _depth(patterns: Bits, pattern_register: bool) -> int:
    """Return the depth of the circuit, from the time at which each register's qubits are free."""
    n = patterns.shape[1]
    memory, pattern, second = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), 1
    before = np.zeros(n, dtype=np.uint8)
    for bits in patterns:
        if pattern_register:
            pattern += bits != before
            before = bits
            memory, second = _one_by_one(np.maximum(memory, pattern), second)
            marked = int(memory.max()) + 5  # CX with the pattern and X, then mark, turn, mark
            memory, second = _one_by_one(np.full(n, marked + 2), marked - 1)  # X and CX undone
            memory = memory[::-1]
            pattern = memory.copy()
        else:
            one = bits == 1
            memory[~one] += 1
            memory[one], second = _one_by_one(memory[one], second)
            marked = int(memory.max()) + 3
            memory = np.full(n, marked + 1)
            ones, second = _one_by_one(np.full(int(one.sum()), marked), marked - 1)
            memory[one] = ones[::-1]
    if pattern_register:
        pattern += before != 0
    return int(max(memory.max(), pattern.max(), second))


def _one_by_one(free: NDArray[np.int64], shared: int) -> tuple[NDArray[np.int64], int]:
    """Return when gates end that follow each other on one shared qubit, each with a qubit of its own."""
    if not len(free):
        return free, shared
    order = np.arange(len(free))
    ended = np.maximum(np.maximum.accumulate(free - order), shared) + order + 1
    return ended, int(ended[-1])


def stored_state(patterns: Any, *, n_controls: int = 0, pattern_register: bool = True) -> SparseState:
    """Return the state that :func:`probabilistic_storage` prepares, written down at once.

    Notes
    -----
    An exact reduction: no gate is run.

    Examples
    --------
    >>> stored_state([[0, 1], [1, 1]]).n_terms
    2
    """
    stored = stored_patterns(patterns)
    n_qubits = registers(stored.patterns.shape[1], n_controls=n_controls, pattern_register=pattern_register).n_qubits
    bits = np.zeros((len(stored.patterns), n_qubits), dtype=np.uint8)
    bits[:, : stored.patterns.shape[1]] = stored.patterns
    return SparseState.of(bits, np.sqrt(stored.weights))
