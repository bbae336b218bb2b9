"""Conversion and checking of arguments, with the one wording that every error about shapes and numbers uses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def shape_error(name: str, expected: str, got: tuple[int, ...]) -> ValueError:
    """Return the error that says which array has the wrong shape, what was expected and what was given."""
    return ValueError(f"{name} must have shape {expected}, got {got}")


def values(name: str, given: Any, size: int) -> tuple[NDArray[np.float64], bool]:
    """Convert to a float64 array ``(batch, size)``; the flag says whether the caller gave the batch axis.

    ``None`` stands for no values. NaN and infinities are refused, with the place of the first one.
    """
    if given is None:
        if size:
            raise ValueError(f"{name} is missing: this circuit needs {size} value{'s' * (size > 1)} of {name}")
        return np.zeros((1, 0)), False
    try:
        raw = np.asarray(given)
        if raw.dtype.kind not in "fiub" and (raw.dtype.kind != "O" or _holds_text(raw)):
            raise TypeError(f"got {'text' if _holds_text(raw) else f'dtype {raw.dtype}'}")
        array = np.array(raw, dtype=np.float64, order="C")  # always a copy: what backward needs must not change
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be an array of real numbers: {error}") from None
    batched = array.ndim == 2
    if array.ndim not in (1, 2) or array.shape[-1] != size:
        if not size:
            raise ValueError(f"this circuit has no {name}: give None, got an array of shape {array.shape}")
        raise shape_error(name, f"({size},) or (batch, {size})", array.shape)
    if not batched:
        array = array.reshape(1, size)
    if not all_finite(array):
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"{name} must be finite: row {row}, column {column} is {array[row, column]}")
    return array, batched


def all_finite(array: NDArray[Any]) -> bool:
    """Return whether there is no NaN and no infinity; on small arrays counting is faster than ``all()``."""
    return bool(np.count_nonzero(np.isfinite(array)) == array.size)


def _holds_text(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "US" or (
        array.dtype.kind == "O" and any(isinstance(item, (str, bytes)) for item in array.flat)
    )


def complex_array(name: str, given: Any) -> NDArray[np.complex128]:
    """Convert to a complex128 array of its own."""
    try:
        if _holds_text(np.asarray(given)):
            raise TypeError("got text")
        return np.array(given, dtype=np.complex128)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be an array of complex numbers: {error}") from None


def real_number(name: str, given: Any) -> float:
    """Convert to a finite float; complex numbers and text are refused, also where float() would take them."""
    try:
        if isinstance(given, (str, bytes)) or np.iscomplexobj(given):
            raise TypeError
        number = float(given)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a real number, got {given!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number


def nonzero_number(name: str, given: Any) -> float:
    """Convert the factor of some data to a finite float; refuse 0, which would leave nothing of them."""
    number = real_number(name, given)
    if number == 0.0:
        raise ValueError(f"{name} must not be 0: nothing of the data would be left")
    return number


def positive_int(name: str, given: Any, minimum: int = 1) -> int:
    """Convert to an int of at least ``minimum``; booleans and fractions are refused."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < minimum:
        raise ValueError(f"{name} must be a whole number of at least {minimum}, got {given!r}")
    return int(given)


def distinct_qubits(given: Iterable[Any], n_qubits: int, what: str) -> tuple[int, ...]:
    """Convert to a tuple of distinct qubits of a circuit with ``n_qubits``."""
    qubits: dict[int, None] = {}
    for qubit in given:
        if isinstance(qubit, bool) or not isinstance(qubit, (int, np.integer)):
            raise ValueError(f"{what}: a qubit must be a whole number, got {qubit!r}")
        if not 0 <= qubit < n_qubits:
            raise ValueError(f"{what}: qubit {qubit} is out of range, the circuit has qubits 0 to {n_qubits - 1}")
        if qubit in qubits:
            raise ValueError(f"{what}: qubit {qubit} is given twice; each qubit of a gate must be different")
        qubits[int(qubit)] = None
    return tuple(qubits)
