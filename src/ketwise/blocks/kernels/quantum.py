"""Quantum kernels as plain functions of two sets of samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.groups import independent_groups
from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels.gaussian import gaussian
from ketwise.blocks.kernels.overlaps import fidelities_of_states, fidelity_bytes
from ketwise.blocks.kernels.product import product_bytes
from ketwise.engine.memory import require
from ketwise.words import checks
from ketwise.words.circuit import Circuit
from ketwise.words.observable import X, Y, Z
from ketwise.words.outputs import State

#: Rows of ``A`` whose states are held at a time; those of ``B`` are all held.
BLOCK = 2048


def fidelity(
    encoding: Encoding | Circuit,
    A: Any,
    B: Any = None,
    *,
    params: Any = None,
    backend: Any = None,
    dtype: str = "complex128",
) -> NDArray[np.float64]:
    """Return the fidelities ``|<phi(a)|phi(b)>|**2`` of the encoded samples, for every pair.

    Each sample is encoded once; the rest is one matrix product in a fixed order, so that an entry depends on its two
    samples alone, to the last bit. Qubits that no gate joins are computed apart and multiplied.

    Parameters
    ----------
    encoding : Encoding or Circuit
    A : (n_a, n_features) array
    B : (n_b, n_features) array, optional
        Default ``A``; the result is then exactly symmetric, with ones on the diagonal.
    params : (n_params,) array, optional
        Needed where the encoding has trained parameters.
    backend, dtype
        As for ``Circuit.compile``.

    Returns
    -------
    (n_a, n_b) array

    Raises
    ------
    MemoryError
        Where the states of ``B`` do not fit: ``16 * n_b * 2**n_qubits`` bytes for the qubits that gates join.

    Notes
    -----
    Cost on a simulator: ``n_a + n_b`` circuits. On a device it would be a circuit a pair.

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.kernels.fidelity(kw.encodings.angle(1), [[0.0], [3.141592653589793]]).round(12)
    array([[1., 0.],
           [0., 1.]])
    """
    rows, columns = _tables(encoding, A, B)
    n_columns = len(rows if columns is None else columns)
    first, *others = groups = _groups(encoding)
    _check_bytes(max(group.n_qubits for group in groups), len(rows), n_columns, one_set=columns is None)
    kernel = _overlaps(first.compile(State(), backend=backend, dtype=dtype), params, rows, columns)
    for group in others:
        kernel *= _overlaps(group.compile(State(), backend=backend, dtype=dtype), params, rows, columns)
    return kernel


def projected(
    encoding: Encoding | Circuit,
    A: Any,
    B: Any = None,
    *,
    gamma: float = 1.0,
    params: Any = None,
    backend: Any = None,
    dtype: str = "complex128",
) -> NDArray[np.float64]:
    """Return the projected kernel ``exp(-gamma * sum_q ||rho_q(a) - rho_q(b)||_F**2)`` of the encoded samples.

    ``rho_q`` is the state of qubit q alone, known from the expectations of X, Y and Z on it; the norm is Frobenius'.
    An entry depends on its two samples alone, to the last bit.

    Parameters
    ----------
    encoding : Encoding or Circuit
    A : (n_a, n_features) array
    B : (n_b, n_features) array, optional
        Default ``A``; the result is then exactly symmetric, with ones on the diagonal.
    gamma : float
        Positive. Small: a smooth kernel.
    params : (n_params,) array, optional
        Needed where the encoding has trained parameters.
    backend, dtype
        As for ``Circuit.compile``.

    Returns
    -------
    (n_a, n_b) array

    Raises
    ------
    ValueError
        For a ``gamma`` that is not positive.

    Notes
    -----
    ``||rho - rho'||_F**2`` is half the squared distance of the Bloch vectors. Cost: ``n_a + n_b`` circuits on a
    simulator, three settings a sample on a device, where a fidelity kernel needs a circuit a pair. Huang et al.,
    Nature Communications 12, 2631 (2021), eq. 9.

    Examples
    --------
    >>> import ketwise as kw
    >>> kernel = kw.kernels.projected(kw.encodings.angle(1), [[0.0], [3.141592653589793]])
    >>> kernel.round(6)  # opposite points of the sphere: exp(-2)
    array([[1.      , 0.135335],
           [0.135335, 1.      ]])
    """
    gamma = checks.real_number("gamma", gamma)
    if gamma <= 0:
        raise ValueError(f"gamma must be positive, got {gamma}")
    rows, columns = _tables(encoding, A, B)
    n_columns = len(rows if columns is None else columns)

    def bytes_for(n: int) -> int:
        return product_bytes(len(rows), n_columns, 3 * n) + 8 * (
            3 * n * (len(rows) + n_columns) + len(rows) * n_columns
        )

    require(f"a kernel matrix of {len(rows)} x {n_columns} samples", encoding.n_qubits, bytes_for)
    left = _bloch_vectors(encoding, params, rows, backend, dtype)
    right = None if columns is None else _bloch_vectors(encoding, params, columns, backend, dtype)
    return gaussian(left, right, gamma=0.5 * gamma)


def _bloch_vectors(encoding: Encoding | Circuit, params: Any, rows: Any, backend: Any, dtype: str) -> NDArray[Any]:
    """Return the ``(n_rows, 3 * n_qubits)`` expectations of X, Y and Z on every qubit, each row for itself."""
    vectors = []
    for group in _groups(encoding):
        words = [pauli(qubit) for qubit in range(group.n_qubits) for pauli in (X, Y, Z)]
        vectors.append(group.compile(words, backend=backend, dtype=dtype)(params, rows))
    return np.hstack(vectors).astype(np.float64)


def _groups(encoding: Encoding | Circuit) -> list[Encoding] | list[Circuit]:
    """Return the encoding on each group of qubits that nothing joins."""
    if isinstance(encoding, Circuit):
        return independent_groups(encoding)
    return [replace(encoding, circuit=group) for group in independent_groups(encoding.circuit)]


def _overlaps(program: Any, params: Any, rows: Any, columns: Any) -> NDArray[np.float64]:
    """Return the fidelities of two sets of encoded samples, or of one with itself."""
    right = program(params, rows if columns is None else columns)
    if columns is None:
        kernel = fidelities_of_states(right)
        np.fill_diagonal(kernel, 1.0)
        return kernel
    kernel = np.empty((len(rows), len(columns)))
    for start in range(0, len(rows), BLOCK):
        left = program(params, rows[start : start + BLOCK])
        kernel[start : start + BLOCK] = fidelities_of_states(left, right)
        del left  # before the next ones are made
    return kernel


def _tables(encoding: Encoding | Circuit, A: Any, B: Any) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    rows, _ = checks.values("A", _table("A", A), encoding.n_features)
    return rows, None if B is None else checks.values("B", _table("B", B), encoding.n_features)[0]


def _table(name: str, given: Any) -> NDArray[np.float64]:
    table = np.asarray(given)
    if table.ndim != 2:
        raise checks.shape_error(name, "(n_samples, n_features)", table.shape)
    return table


def _check_bytes(n_qubits: int, n_rows: int, n_columns: int, *, one_set: bool) -> None:
    """Refuse what does not fit before any of it is allocated."""
    n_left = n_rows if one_set else min(n_rows, BLOCK)

    def bytes_for(n: int) -> int:
        states = (16 << n) * (n_columns + (0 if one_set else n_left))
        return states + fidelity_bytes(n_left, n_columns, n) + 8 * (n_rows + n_left) * n_columns

    require(f"a kernel matrix of {n_rows} x {n_columns} samples", n_qubits, bytes_for)
