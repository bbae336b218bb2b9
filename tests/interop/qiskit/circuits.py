"""Circuits that the tests of Qiskit's room share: asymmetric ones, and the unitary of ours at given values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

import ketwise as kw


def unitary(circuit: kw.Circuit, params: Any = None, features: Any = None) -> NDArray[np.complex128]:
    """The ``(2**n, 2**n)`` matrix, from the final states of all basis states."""
    start = np.eye(1 << circuit.n_qubits, dtype=complex)
    states = circuit.compile(kw.State())(
        params if circuit.n_params else None, features if circuit.n_features else None, start
    )
    return states.T


def asymmetric() -> list[Any]:
    """Pairs of Qiskit's circuit and ours in which every qubit differs from every other."""
    pairs = []
    for qubit in (0, 1):
        theirs = QuantumCircuit(3)
        theirs.x(qubit)
        pairs.append((theirs, kw.Circuit(3).x(qubit)))
    theirs, ours = QuantumCircuit(4), kw.Circuit(4)
    for q in range(4):
        theirs.ry(0.3 * q + 0.1, q)
        ours.ry(0.3 * q + 0.1, q)
    for q in range(3):
        theirs.cx(q, q + 1)
        ours.cx(q, q + 1)
    pairs.append((theirs, ours))
    return pairs
