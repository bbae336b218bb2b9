"""Observables to and from OpenFermion's ``QubitOperator``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketwise.words.observable import Observable

try:
    from openfermion import QubitOperator
except ModuleNotFoundError as error:
    raise ImportError('this needs OpenFermion, which is not installed: pip install "ketwise[openfermion]"') from error

#: Imaginary parts up to this times the largest coefficient are taken for rounding.
IMAGINARY_TOLERANCE = 1e-12


def from_openfermion(given: Any) -> Observable:
    """Return a ``QubitOperator`` as an observable; OpenFermion's qubit ``q`` is ours.

    Raises
    ------
    ValueError
        If it is not Hermitian.

    Examples
    --------
    >>> import ketwise as kw
    >>> from openfermion import QubitOperator
    >>> kw.from_openfermion(QubitOperator("Z0 X2", 0.5) + QubitOperator("", 1.0))
    1*III + 0.5*XIZ
    """
    if not isinstance(given, QubitOperator):
        raise TypeError(f"from_openfermion takes a QubitOperator, got {type(given).__name__}")
    words = list(given.terms)
    width = 1 + max((q for word in words for q, _ in word), default=-1)
    x, z = np.zeros((len(words), width), dtype=bool), np.zeros((len(words), width), dtype=bool)
    for t, word in enumerate(words):
        for q, letter in word:
            x[t, q], z[t, q] = letter in "XY", letter in "ZY"
    coefficients = np.array([complex(given.terms[word]) for word in words])
    largest = float(np.abs(coefficients).max(initial=0.0))
    if np.abs(coefficients.imag).max(initial=0.0) > IMAGINARY_TOLERANCE * largest:
        raise ValueError("an observable has real coefficients: the QubitOperator is not Hermitian")
    return Observable.from_arrays(x, z, coefficients.real)


def to_openfermion(given: Observable) -> Any:
    """Return an observable as OpenFermion's ``QubitOperator``.

    Examples
    --------
    >>> import ketwise as kw
    >>> print(kw.to_openfermion(kw.Z(0) * kw.X(2)))
    1.0 [Z0 X2]
    """
    if not isinstance(given, Observable):
        raise TypeError(f"to_openfermion takes an Observable such as kw.Z(0), got {given!r}")
    made = QubitOperator()
    for word, coefficient in zip(given.words(), given.coefficients.tolist(), strict=True):
        letters = tuple((q, letter) for q, letter in enumerate(reversed(word)) if letter != "I")
        made += QubitOperator(letters, coefficient)
    return made
