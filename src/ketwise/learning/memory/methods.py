"""The methods of an associative memory by name, and what a name or a value stands for."""

from __future__ import annotations

from typing import Any

from ketwise.learning.memory.classical_methods import Dense, Hopfield, Nearest
from ketwise.learning.memory.completing_methods import HopfieldInversion, OpenHopfield, Variational
from ketwise.learning.memory.method import Method
from ketwise.learning.memory.quantum_methods import Amplitude, Grover, Kernel, Probabilistic

METHODS: dict[str, Method] = {
    "probabilistic": Probabilistic(),
    "grover": Grover(),
    "amplitude": Amplitude(),
    "kernel": Kernel(),
    "hopfield-inversion": HopfieldInversion(),
    "open-hopfield": OpenHopfield(),
    "variational": Variational(),
    "hopfield": Hopfield(),
    "pseudo-inverse": Hopfield("pseudo-inverse"),
    "dense": Dense(),
    "nearest": Nearest(),
}


def method_of(given: Any) -> Method:
    """Return the method of that name, or the value itself.

    Raises
    ------
    ValueError, TypeError
        For a name that is none, and for what is no method.

    Examples
    --------
    >>> method_of("nearest")
    Nearest(n_neighbors=1)
    """
    if isinstance(given, str):
        if given not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, or a value of kw.memory; got {given!r}")
        return METHODS[given]
    if isinstance(given, type) or not isinstance(given, Method):
        raise TypeError(f"method must be a name or a value such as kw.memory.Probabilistic(), got {given!r}")
    return given
