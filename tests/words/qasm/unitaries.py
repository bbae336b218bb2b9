"""Unitaries of circuits by the engine, compared exactly or up to one phase, and circuits that OpenQASM can say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import ketwise as kw
from tests.random_circuits import random_circuit, random_unitary

ComplexArray = NDArray[np.complex128]


def unitary(circuit: kw.Circuit, params: Any = (), features: Any = ()) -> ComplexArray:
    """The ``(2**n, 2**n)`` matrix; column ``i`` is where basis state ``i`` goes."""
    size = 1 << circuit.n_qubits
    shared = [
        np.array(given, dtype=float) if needed else None
        for given, needed in ((params, circuit.n_params), (features, circuit.n_features))
    ]
    return np.asarray(circuit.compile(kw.State())(*shared, np.eye(size, dtype=complex))).T


def in_phase_with(given: Any, wanted: ComplexArray) -> ComplexArray:
    """``given`` times the phase that brings its largest entry to that of ``wanted``."""
    given = np.asarray(given)
    place = np.unravel_index(np.argmax(np.abs(wanted)), wanted.shape)
    factor = wanted[place] / given[place]
    assert abs(abs(factor) - 1) < 1e-9
    return np.asarray(given * factor)


def sayable_circuit(seed: int) -> tuple[kw.Circuit, NDArray[np.float64], NDArray[np.float64]]:
    """A random circuit whose matrices are on one and two qubits, with values for its params and features."""
    rng = np.random.default_rng(seed)
    n_qubits = int(rng.integers(1, 5))
    circuit = random_circuit(rng, n_qubits, int(rng.integers(1, 10)), 2, 3, dense=False)
    for _ in range(int(rng.integers(0, 3))):
        order = [int(q) for q in rng.permutation(n_qubits)]
        k = int(rng.integers(1, n_qubits + 1))
        controls = {q: int(rng.integers(2)) for q in order[k:] if rng.random() < 0.4}
        kind = rng.integers(3)
        if kind == 0:
            circuit.unitary(random_unitary(rng, 1 << min(k, 2)), *order[: min(k, 2)], controls=controls)
        elif kind == 1:
            circuit.diagonal(np.exp(1j * rng.normal(size=1 << k)), *order[:k], controls=controls)
        else:
            circuit.permutation(rng.permutation(1 << k), *order[:k], controls=controls)
    return circuit, rng.normal(size=3), rng.normal(size=2)
