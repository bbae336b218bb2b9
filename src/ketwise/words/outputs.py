"""What a program computes from the final state: expectations, probabilities, squared overlaps or the state itself."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import complex_array, distinct_qubits, shape_error
from ketwise.words.observable import Observable, as_observables


class Outputs(ABC):
    """Base of the four kinds; a kind is data and its size, backends know how to compute it."""

    key: tuple[Any, ...]

    @abstractmethod
    def check(self, n_qubits: int) -> None:
        """Refuse a circuit that does not fit."""

    @abstractmethod
    def count(self, n_qubits: int) -> int:
        """Return how many numbers one sample yields."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.key == other.key if isinstance(other, Outputs) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.key))


class Expectations(Outputs):
    """Expectation values of observables, one number each.

    Parameters
    ----------
    observables : Observable or sequence of Observable
    """

    def __init__(self, observables: Observable | Sequence[Observable]):
        self.observables = as_observables(observables)
        if not self.observables:
            raise ValueError("outputs need at least one observable, such as kw.Z(0)")
        self.key = tuple(o.key for o in self.observables)

    def check(self, n_qubits: int) -> None:
        for observable in self.observables:
            observable.check_fits(n_qubits)

    def count(self, n_qubits: int) -> int:
        return len(self.observables)


class Probabilities(Outputs):
    """Probabilities of the basis states of some qubits; ``qubits[k]`` is bit ``k`` of the output's index.

    Parameters
    ----------
    qubits : sequence of int, optional
        Default: all of them.
    """

    def __init__(self, qubits: Iterable[int] | None = None):
        if qubits is not None and not isinstance(qubits, Iterable):
            raise TypeError(f"qubits must be a sequence such as [0, 1], or None for all of them; got {qubits!r}")
        self.qubits = None if qubits is None else tuple(qubits)
        self.key = (self.qubits,)

    def check(self, n_qubits: int) -> None:
        distinct_qubits(self.on(n_qubits), n_qubits, "probabilities")

    def on(self, n_qubits: int) -> tuple[int, ...]:
        """Return the qubits in a circuit of that many."""
        return tuple(range(n_qubits)) if self.qubits is None else self.qubits

    def count(self, n_qubits: int) -> int:
        return 1 << len(self.on(n_qubits))


class Overlap(Outputs):
    """Squared overlaps ``|<phi|psi>|**2`` with given states, which a device can measure.

    Parameters
    ----------
    states : (2**n,) or (n_states, 2**n) complex array
        Need not be normalised.
    """

    def __init__(self, states: Any):
        array = complex_array("states", states)
        if array.ndim not in (1, 2):
            raise shape_error("states", "(2**n,) or (n_states, 2**n)", array.shape)
        if not array.size or not np.isfinite(array).all():
            raise ValueError(f"states must be finite and at least one, got an array of shape {array.shape}")
        self.states: NDArray[np.complex128] = np.ascontiguousarray(np.atleast_2d(array))
        self.states.setflags(write=False)
        self.key = (self.states.shape, hashlib.sha256(self.states.tobytes()).digest())

    def check(self, n_qubits: int) -> None:
        if self.states.shape[1] != 1 << n_qubits:
            raise shape_error("states", f"(n_states, 2**{n_qubits})", self.states.shape)

    def count(self, n_qubits: int) -> int:
        return len(self.states)


class State(Outputs):
    """The state vector, ``(batch, 2**n)`` complex; qubit q is bit q of the index. Only simulators have it."""

    key = ()

    def check(self, n_qubits: int) -> None:
        """Every circuit has a state."""

    def count(self, n_qubits: int) -> int:
        return 1 << n_qubits


def as_outputs(given: Any) -> Outputs:
    """Return ``given`` as outputs; one observable or a sequence of them asks for expectations."""
    if isinstance(given, Outputs):
        return given
    if isinstance(given, type) and issubclass(given, Outputs):
        raise TypeError(f"outputs must be a value: write {given.__name__}(), not {given.__name__}")
    if isinstance(given, Observable) or (isinstance(given, Sequence) and not isinstance(given, str)):
        return Expectations(given)
    raise TypeError(
        "outputs must be observables such as [kw.Z(0)], or kw.Expectations, kw.Probabilities, kw.Overlap or kw.State; "
        f"got {given!r}"
    )
