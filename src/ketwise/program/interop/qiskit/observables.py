"""Observables to and from Qiskit's ``SparsePauliOp``; both print qubit 0 rightmost."""

from __future__ import annotations

from typing import Any

import numpy as np
from qiskit.quantum_info import Pauli, SparseObservable, SparsePauliOp

from ketwise.words.observable import Observable

#: Imaginary parts up to this times the largest coefficient are taken for rounding.
IMAGINARY_TOLERANCE = 1e-12


def observable(given: SparsePauliOp | Pauli | SparseObservable | str) -> Observable:
    """Return Qiskit's operator as an observable.

    Parameters
    ----------
    given : SparsePauliOp, Pauli, SparseObservable or str
        Projectors such as ``|0><0|`` in a ``SparseObservable`` become sums of words.

    Raises
    ------
    ValueError
        If a coefficient is not real, or a parameter.

    Examples
    --------
    >>> import ketwise as kw
    >>> from qiskit.quantum_info import SparsePauliOp
    >>> kw.qiskit.observable(SparsePauliOp(["ZZI", "IIX"], [1.0, 0.5]))
    1*ZZI + 0.5*IIX
    """
    if isinstance(given, SparseObservable):
        words = SparsePauliOp.from_sparse_observable(given)
    elif isinstance(given, SparsePauliOp):
        words = given
    elif isinstance(given, (Pauli, str)):
        words = SparsePauliOp(given)
    else:
        raise TypeError(f"an observable is made of a SparsePauliOp, Pauli, SparseObservable or str, got {given!r}")
    if words.coeffs.dtype == object:
        raise ValueError("the coefficients of an observable are numbers: assign_parameters() of the operator first")
    coefficients = np.asarray(words.coeffs, dtype=complex)
    largest = float(np.abs(coefficients).max(initial=0.0))
    if np.abs(coefficients.imag).max(initial=0.0) > IMAGINARY_TOLERANCE * largest:
        raise ValueError(f"an observable has real coefficients, got {given}")
    return Observable.from_arrays(words.paulis.x, words.paulis.z, coefficients.real)


def sparse_pauli_op(given: Observable, n_qubits: int | None = None) -> SparsePauliOp:
    """Return an observable as Qiskit's ``SparsePauliOp`` on ``n_qubits``, by default as many as it acts on.

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.qiskit.sparse_pauli_op(kw.Z(0) * kw.Z(1) + 0.5 * kw.X(0), n_qubits=3).to_list()
    [('IZZ', (1+0j)), ('IIX', (0.5+0j))]
    """
    if not isinstance(given, Observable):
        raise TypeError(f"sparse_pauli_op takes an Observable such as kw.Z(0), got {given!r}")
    width = max(given.n_qubits, 1) if n_qubits is None else n_qubits
    given.check_fits(width)
    terms: list[tuple[Any, ...]] = [
        (word.rjust(width, "I"), c) for word, c in zip(given.words(), given.coefficients, strict=True)
    ]
    return SparsePauliOp.from_list(terms or [("I" * width, 0.0)])
