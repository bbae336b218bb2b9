"""Fidelities of states, pair by pair: compiled, or with NumPy where nothing was built."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.kernels.product import fixed_order_product, product_bytes
from ketwise.engine import native


def fidelities_of_states(left: NDArray[Any], right: NDArray[Any] | None = None) -> NDArray[np.float64]:
    """Return ``|<a|b>|**2`` of two sets of states, or of one with itself.

    An entry's bits depend on its two states alone, not on their neighbours nor on their order.

    Parameters
    ----------
    left : (n_left, 2**n_qubits) complex array
    right : (n_right, 2**n_qubits) complex array, optional

    Returns
    -------
    (n_left, n_right) array

    Notes
    -----
    Cost: ``4 * n_left * n_right * 2**n_qubits`` products and sums, half of it for one set.

    Examples
    --------
    >>> import numpy as np
    >>> fidelities_of_states(np.eye(2, dtype=complex))
    array([[1., 0.],
           [0., 1.]])
    """
    if native.instruction_sets():
        return native.fidelities(left, right)
    b = _Parts.of(left if right is None else right)
    if right is None:
        kernel = np.square(fixed_order_product(b.both, b.both, symmetric=True))
        crossed = fixed_order_product(b.real, b.imaginary)
        kernel += np.square(crossed - crossed.T)
        return kernel
    a = _Parts.of(left)
    # Two products, not one of twice the length: exchanging the samples then only turns the sign, to the last bit.
    crossed = fixed_order_product(a.real, b.imaginary) - fixed_order_product(a.imaginary, b.real)
    return np.square(fixed_order_product(a.both, b.both)) + np.square(crossed)


def fidelity_bytes(n_left: int, n_right: int, n_qubits: int) -> int:
    """Return the bytes that :func:`fidelities_of_states` holds beside its arguments and its result."""
    if native.instruction_sets():
        return native.fidelity_bytes()
    return (32 << n_qubits) * (n_left + n_right) + product_bytes(n_left, n_right, 2 << n_qubits) + 24 * n_left * n_right


class _Parts(NamedTuple):
    """States as real arrays: interleaved, ``(n, 2 * 2**n_qubits)``, and apart, ``(n, 2**n_qubits)``."""

    both: NDArray[np.float64]
    real: NDArray[np.float64]
    imaginary: NDArray[np.float64]

    @classmethod
    def of(cls, states: NDArray[Any]) -> _Parts:
        states = np.ascontiguousarray(states, dtype=np.complex128)
        return cls(states.view(np.float64), np.ascontiguousarray(states.real), np.ascontiguousarray(states.imag))
