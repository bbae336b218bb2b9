"""The memory of Ventura and Martinez: its storage circuit, and recall by Grover iterations as a circuit.

What a recall gives, for any number of bits and without a circuit, is in ``grover_classes.py``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ketwise.blocks.memory.joining import chained
from ketwise.blocks.memory.patterns import as_probe, stored_patterns
from ketwise.engine.memory import require_count
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

#: Of a new operation with its controls; twice a place in a list, where it is there already.
BYTES_OF_OPERATION = 500


def ventura_martinez_storage(patterns: Any, *, strict: bool = False) -> Circuit:
    """Return the circuit that turns |0...0> into ``sum_k sqrt(weight_k) |pattern_k>``, all other qubits 0 again.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        A pattern given c times has weight ``c / n_patterns``; without repetitions this is the uniform superposition.
        The order does not change the state.
    strict : bool
        Refuse patterns that come twice.

    Returns
    -------
    Circuit
        On ``2 n_bits + 1`` qubits (3 for one bit): the pattern, ``n_bits - 1`` that mark it, and 2 controls.

    Raises
    ------
    ValueError
        For no patterns, for values other than 0 and 1, and with ``strict`` for a pattern that comes twice.
    MemoryError
        When the list of operations does not fit.

    Notes
    -----
    Gates to run one after another, on a device or on a simulator. A device must store again for every probe and for
    every repetition.

    Cost: for each pattern ``2 (n_bits - 1)`` Toffolis, one CX for every bit that differs from the pattern before, 2 CX
    and a rotation with one control: linear in ``n_patterns * n_bits``. Ventura, Martinez, Foundations of Physics
    Letters 12, 547 (1999); as a memory, Information Sciences 124, 273 (2000). Theirs leaves the second control 1,
    which a last NOT undoes here, and has no weights.

    Examples
    --------
    >>> import ketwise as kw
    >>> state = ventura_martinez_storage([[0, 1], [1, 1]]).compile(kw.State())()
    >>> (abs(state[:4]) ** 2).round(4)
    array([0. , 0. , 0.5, 0.5])
    """
    stored = stored_patterns(patterns, strict=strict)
    n = stored.patterns.shape[1]
    marks = range(n, 2 * n - 1)
    first, second = 2 * n - 1, 2 * n
    n_qubits = 2 * n + 1
    require_count("operations", len(stored.patterns) * (3 * n + 2), lambda count: BYTES_OF_OPERATION * count)
    left = np.cumsum(stored.counts[::-1])[::-1]
    before = np.zeros(n, dtype=np.uint8)
    parts = []
    for bits, count, all_left in zip(stored.patterns, stored.counts, left, strict=True):
        step = Circuit(n_qubits)
        for x in np.flatnonzero(bits != before):
            step.x(int(x), {second: 0})
        step.x(first, {second: 0})
        # |1 0> becomes sqrt(1 - s) |1 0> + sqrt(s) |1 1>: the share that is stored from now on has a second 1.
        step.cry(2.0 * math.atan2(math.sqrt(count), math.sqrt(all_left - count)), first, second)
        compare = _compared(n_qubits, [int(bit) for bit in bits], marks)
        last = {marks[-1]: 1} if n > 1 else {0: int(bits[0])}
        parts += [step, compare, Circuit(n_qubits).x(first, last), compare.inverse()]
        before = bits
    return chained([*parts, Circuit(n_qubits).x(second)])


def _compared(n_qubits: int, bits: list[int], marks: range) -> Circuit:
    """Make the last mark 1 where the pattern's qubits hold ``bits``."""
    circuit = Circuit(n_qubits)
    for k in range(1, len(bits)):
        lower = {0: bits[0]} if k == 1 else {marks[k - 2]: 1}
        circuit.x(marks[k - 1], lower | {k: bits[k]})
    return circuit


def grover_circuit(
    probe: Any, iterations: int, *, patterns: Any = None, modified: bool = False, n_qubits: int | None = None
) -> Circuit:
    """Return Grover iterations that raise what agrees with a probe, to append to a storage circuit.

    Parameters
    ----------
    probe : (n_bits,) array
        Bits, NaN where unknown: all states that agree with the known bits are raised, stored or not.
    iterations : int
        Steps in all. Each turns the sign of some states, then reflects all amplitudes about their mean.
    patterns : (n_patterns, n_bits) array of bits, optional
        Needed where ``modified``.
    modified : bool
        The first two steps are special: the second turns the signs of all stored patterns, not of what agrees.
        So with ``iterations=2`` both special steps are done, and with 3 one more.
    n_qubits : int, optional
        Qubits of the circuit, for those of the storage. Default ``n_bits``.

    Returns
    -------
    Circuit

    Raises
    ------
    ValueError
        For a bad probe, and for ``modified`` without patterns.

    Notes
    -----
    Gates to run one after another. Cost of a step: a phase with as many controls as bits are known, and ``2 n`` H and a
    phase with ``n`` controls for the reflection; the special second step takes a phase with ``n`` controls for every
    pattern. A device repeats storage and all steps until what it reads is stored and agrees. Ventura, Martinez,
    Information Sciences 124, 273 (2000).

    Examples
    --------
    >>> grover_circuit([0, 1], 1).counts()
    Counter({'h': 4, 'ccgphase': 2, 'gphase': 1})
    """
    n_bits = len(np.atleast_1d(np.asarray(probe, dtype=object)))
    known = as_probe(probe, n_bits)
    size = positive_int("n_qubits", n_bits if n_qubits is None else n_qubits, minimum=n_bits)
    agreeing = Circuit(size).gphase(math.pi, known)
    signs = [agreeing] * positive_int("iterations", iterations, minimum=0)
    if modified:
        if patterns is None:
            raise ValueError("the modified recall turns the signs of the stored patterns: give patterns")
        stored = stored_patterns(patterns).patterns
        if stored.shape[1] != n_bits:
            raise ValueError(f"the probe has {n_bits} bits, the patterns have {stored.shape[1]}")
        all_stored = Circuit(size)
        for bits in stored:
            all_stored.gphase(math.pi, {j: int(bit) for j, bit in enumerate(bits)})
        signs[1:2] = [all_stored] * len(signs[1:2])
    reflect = _reflection(size, n_bits)
    return chained([Circuit(size), *(part for sign in signs for part in (sign, reflect))])


def _reflection(n_qubits: int, n_bits: int) -> Circuit:
    """Reflect the amplitudes about their mean: ``2 |s><s| - 1``, where s is the uniform state."""
    circuit = Circuit(n_qubits)
    for q in range(n_bits):
        circuit.h(q)
    circuit.gphase(math.pi, dict.fromkeys(range(n_bits), 0)).gphase(math.pi)
    for q in range(n_bits):
        circuit.h(q)
    return circuit
