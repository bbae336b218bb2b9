"""Quantum kernels as plain functions of two sets of samples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.product import fixed_order_product, product_bytes
from ketwise.engine.memory import require
from ketwise.words import checks
from ketwise.words.circuit import Circuit
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
    samples alone, to the last bit.

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
        Where the states of ``B`` do not fit: ``16 * n_b * 2**n_qubits`` bytes, three times over.

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
    rows, _ = checks.values("A", _table("A", A), encoding.n_features)
    columns = rows if B is None else checks.values("B", _table("B", B), encoding.n_features)[0]
    _check_bytes(encoding.n_qubits, len(rows), len(columns), one_set=B is None)
    program = encoding.compile(State(), backend=backend, dtype=dtype)

    right = _Parts.of(program(params, columns))
    if B is None:
        kernel = np.square(fixed_order_product(right.both, right.both, symmetric=True))
        crossed = fixed_order_product(right.real, right.imaginary)
        kernel += np.square(crossed - crossed.T)
        np.fill_diagonal(kernel, 1.0)
        return kernel
    kernel = np.empty((len(rows), len(columns)))
    for start in range(0, len(rows), BLOCK):
        left = _Parts.of(program(params, rows[start : start + BLOCK]))
        # Two products, not one of twice the length: exchanging the samples then only turns the sign, to the last bit.
        crossed = fixed_order_product(left.real, right.imaginary) - fixed_order_product(left.imaginary, right.real)
        block = np.square(fixed_order_product(left.both, right.both))
        kernel[start : start + BLOCK] = block + np.square(crossed)
        del left  # before the next one is made
    return kernel


class _Parts(NamedTuple):
    """States as real arrays: interleaved, ``(n, 2 * 2**n_qubits)``, and apart, ``(n, 2**n_qubits)``."""

    both: NDArray[np.float64]
    real: NDArray[np.float64]
    imaginary: NDArray[np.float64]

    @classmethod
    def of(cls, states: NDArray[Any]) -> _Parts:
        states = np.ascontiguousarray(states, dtype=np.complex128)
        return cls(states.view(np.float64), np.ascontiguousarray(states.real), np.ascontiguousarray(states.imag))


def _table(name: str, given: Any) -> NDArray[np.float64]:
    table = np.asarray(given)
    if table.ndim != 2:
        raise checks.shape_error(name, "(n_samples, n_features)", table.shape)
    return table


def _check_bytes(n_qubits: int, n_rows: int, n_columns: int, *, one_set: bool) -> None:
    """Refuse what does not fit before any of it is allocated."""
    n_left = n_rows if one_set else min(n_rows, BLOCK)

    def bytes_for(n: int) -> int:
        length = 2 << n
        states = 2 * 8 * length * (n_columns + (0 if one_set else n_left))
        return states + product_bytes(n_left, n_columns, length) + 8 * (n_rows + 5 * n_left) * n_columns

    require(f"a kernel matrix of {n_rows} x {n_columns} samples", n_qubits, bytes_for)
