"""Real patterns as amplitudes, recalled by swap tests: circuits, and the closed form ``(1 + |<a|b>|**2) / 2``."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.product import fixed_order_product, product_bytes
from ketwise.blocks.memory.joining import place
from ketwise.blocks.memory.probabilistic import Recall
from ketwise.blocks.memory.weighing import weighed
from ketwise.blocks.preparation.dense import prepare
from ketwise.engine.memory import require, require_count
from ketwise.words.checks import positive_int, shape_error
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]


def amplitude_rows(name: str, rows: Any) -> Array:
    """Return rows of real numbers with norm 1.

    Raises
    ------
    ValueError
        For no rows, lengths that differ, values that are not finite, and a row of zeros, which is no state.

    Examples
    --------
    >>> amplitude_rows("patterns", [[3.0, 4.0]])
    array([[0.6, 0.8]])
    """
    try:
        table = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be rows of real numbers, all of the same length") from None
    if not len(np.atleast_1d(table)):
        raise ValueError(f"the memory is empty: give at least one row of {name}")
    if table.ndim != 2 or not table.shape[1]:
        raise shape_error(name, "(n_rows, n_features)", table.shape)
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"{name} must be finite: row {row}, column {column} is {table[row, column]}")
    largest = np.abs(table).max(axis=1, keepdims=True)
    if not largest.all():
        row = int(np.argmin(largest[:, 0]))
        raise ValueError(f"{name}: row {row} is all zeros, which no state stands for; add a constant feature")
    scaled = table / largest  # so that no square overflows
    unit: Array = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return unit


def similarities(patterns: Any, probes: Any) -> Array:
    """Return the fidelities ``<a|b>**2`` of amplitude-encoded rows.

    Parameters
    ----------
    patterns : (n_patterns, n_features) array
    probes : (n_features,) or (n_probes, n_features) array

    Returns
    -------
    (n_patterns,) or (n_probes, n_patterns) array

    Notes
    -----
    An exact reduction: of n_patterns swap tests a probe on a device, each repeated ``1 / error**2`` times.

    Examples
    --------
    >>> similarities([[1.0, 0.0], [1.0, 1.0]], [2.0, 0.0]).round(6)
    array([1. , 0.5])
    """
    stored = amplitude_rows("patterns", patterns)
    single = np.ndim(probes) == 1
    given = amplitude_rows("probes", np.atleast_2d(probes) if single else probes)
    if given.shape[1] != stored.shape[1]:
        raise shape_error("probes", f"({stored.shape[1]},) or (n_probes, {stored.shape[1]})", np.shape(probes))
    n_features = stored.shape[1]
    require_count("probes", len(given), lambda n: 16 * n * len(stored) + product_bytes(n, len(stored), n_features))
    # Rounding may lead beyond 1.
    found: Array = np.minimum(np.square(fixed_order_product(given, stored)), 1.0)
    return found[0] if single else found


def amplitude_recall(patterns: Any, probes: Any, *, copies: int = 1) -> Recall:
    """Return success and posterior of a recall by swap tests.

    The memory is ``sum_k |k> |a_k>``; a swap test of each copy of ``a_k`` with the probe b passes with probability
    ``(1 + <a_k|b>**2) / 2``. All pass with ``P0``, the mean of that to the power ``copies``; the number k is then read
    with the posterior, proportional to the terms.

    Parameters
    ----------
    patterns : (n_patterns, n_features) array
        Real numbers; the length of a row is lost.
    probes : (n_features,) or (n_probes, n_features) array
    copies : int
        Copies of each pattern and of the probe: the more, the sharper. P0 is at least ``2**-copies``.

    Returns
    -------
    Recall

    Raises
    ------
    ValueError
        For rows that are empty, of different lengths, not finite, or all zeros.

    Notes
    -----
    An exact reduction of :func:`swap_test_memory`; a device prepares memory and probe anew ``1 / P0`` times for one
    sample. Even a pattern that has nothing in common with the probe passes half of its tests. Buhrman et al., PRL 87,
    167902 (2001).

    Examples
    --------
    >>> found = amplitude_recall([[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
    >>> found.success, found.posterior.round(6)
    (0.75, array([0.666667, 0.333333]))
    """
    return swap_test_recall(similarities(patterns, probes), copies=copies)


def swap_test_recall(fidelities: Any, *, copies: int = 1) -> Recall:
    """Return success and posterior of a recall by swap tests, from the fidelities with every pattern.

    Parameters
    ----------
    fidelities : (n_patterns,) or (n_probes, n_patterns) array
        From 0 to 1.
    copies : int

    Examples
    --------
    >>> swap_test_recall([1.0, 0.0]).success
    0.75
    """
    given = np.asarray(fidelities, dtype=np.float64)
    passed = np.log1p(np.atleast_2d(given)) - math.log(2.0)
    posterior, success = weighed(positive_int("copies", copies) * passed)
    if given.ndim == 1:
        return Recall(float(success[0]), posterior[0], float(1.0 / success[0]))
    return Recall(success, posterior, 1.0 / success)


def swap_test(a: Any, b: Any) -> Circuit:
    """Return the circuit that compares two rows as states: its last qubit is 0 with ``(1 + <a|b>**2) / 2``.

    Parameters
    ----------
    a, b : (n_features,) array
        Real or complex.

    Returns
    -------
    Circuit
        On ``2 m + 1`` qubits, ``m = ceil(log2(n_features))`` and at least 1: a, then b, then the ancilla.

    Notes
    -----
    Gates to run. Cost: two preparations of ``2**m - 2`` CX (twice that where complex), 2 H, m controlled exchanges.
    Buhrman et al., PRL 87, 167902 (2001).

    Examples
    --------
    >>> import ketwise as kw
    >>> swap_test([1.0, 0.0], [1.0, 1.0]).compile(kw.Probabilities([2]))().round(6)
    array([0.75, 0.25])
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"a swap test compares rows of one length, got shapes {np.shape(a)} and {np.shape(b)}")
    left, right = prepare(a), prepare(b)
    m = left.n_qubits
    circuit = Circuit(2 * m + 1)
    place(circuit, left, range(m))
    place(circuit, right, range(m, 2 * m))
    return _test(circuit, range(m), range(m, 2 * m), 2 * m)


def amplitude_storage(patterns: Any, *, copies: int = 1) -> Circuit:
    """Return the circuit that prepares ``sum_k |k> |a_k>`` from |0...0>, with several copies of each ``a_k`` if asked.

    Parameters
    ----------
    patterns : (n_patterns, n_features) array
    copies : int

    Returns
    -------
    Circuit
        The copies of ``m = ceil(log2(n_features))`` qubits each come first, then ``ceil(log2(n_patterns))`` for k.

    Raises
    ------
    MemoryError
        When the list of its amplitudes does not fit.

    Notes
    -----
    Gates to run, as many as there are amplitudes, ``2**n_qubits``: nothing is gained over reading the patterns.

    Examples
    --------
    >>> amplitude_storage([[1.0, 0.0], [0.0, 1.0]]).n_qubits
    2
    """
    rows = amplitude_rows("patterns", patterns)
    places = positive_int("copies", copies)
    m = max(1, (rows.shape[1] - 1).bit_length())
    n_qubits = max(0, (len(rows) - 1).bit_length()) + places * m
    require("a circuit for every amplitude", n_qubits, lambda n: 512 << n)
    wide = np.zeros((len(rows), 1 << m))
    wide[:, : rows.shape[1]] = rows
    return prepare(np.concatenate([reduce(np.kron, [row] * places) for row in wide]))


def swap_test_memory(patterns: Any, probe: Any, *, copies: int = 1) -> Circuit:
    """Return storage, preparation of the probe, and the swap tests, as one circuit.

    Parameters
    ----------
    patterns : (n_patterns, n_features) array
    probe : (n_features,) array
    copies : int

    Returns
    -------
    Circuit
        The storage's qubits, then the copies of the probe, then an ancilla for each test: all are 0 with ``P0`` of
        :func:`amplitude_recall`, and then k has its posterior.

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = swap_test_memory([[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
    >>> circuit.compile(kw.Probabilities([1, 3]))().round(6)  # k, ancilla
    array([0.5 , 0.25, 0.  , 0.25])
    """
    storage, given = amplitude_storage(patterns, copies=copies), prepare(amplitude_rows("probe", [probe])[0])
    if np.shape(probe) != np.shape(patterns)[1:]:
        raise shape_error("probe", f"({np.shape(patterns)[1]},)", np.shape(probe))
    m, start = given.n_qubits, storage.n_qubits
    circuit = Circuit(start + copies * (m + 1))
    place(circuit, storage, range(start))
    for copy in range(copies):
        of_probe = range(start + copy * m, start + (copy + 1) * m)
        place(circuit, given, of_probe)
        _test(circuit, range(copy * m, (copy + 1) * m), of_probe, start + copies * m + copy)
    return circuit


def _test(circuit: Circuit, left: range, right: range, ancilla: int) -> Circuit:
    circuit.h(ancilla)
    for a, b in zip(left, right, strict=True):
        circuit.cswap(ancilla, a, b)
    return circuit.h(ancilla)
