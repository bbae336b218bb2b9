"""Random circuits for the tests: every kind of operation, with controls, shared and polynomial angles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import ketwise as kw
from ketwise.words.gates import TABLE

FIXED = [gate for gate in TABLE.values() if not gate.is_rotation]


def random_unitary(rng: np.random.Generator, size: int) -> NDArray[np.complex128]:
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


def random_word(rng: np.random.Generator, qubits: Any) -> kw.Observable:
    word = kw.identity()
    for q in qubits:
        word = word * (kw.X, kw.Y, kw.Z)[rng.integers(3)](int(q))
    return word


def random_angle(rng: np.random.Generator, x: Any, w: Any) -> Any:
    """Constants, single symbols, weight sharing and polynomials up to degree three."""

    def symbol() -> Any:
        vector = x if len(x) and rng.random() < 0.5 else w
        return vector[int(rng.integers(len(vector)))]

    kind = rng.integers(5)
    if kind == 0:
        return float(rng.normal())
    if kind == 1:
        return symbol()
    if kind == 2:
        return rng.normal() * symbol() + rng.normal()
    if kind == 3:
        return symbol() * symbol() + symbol()
    return (np.pi - symbol()) * (rng.normal() - symbol()) * symbol() + symbol()


def random_controls(rng: np.random.Generator, free: Any) -> dict[int, int]:
    count = int(rng.integers(0, min(2, len(free)) + 1)) if rng.random() < 0.4 else 0
    return {int(q): int(rng.integers(2)) for q in free[:count]}


def random_circuit(
    rng: np.random.Generator,
    n_qubits: int,
    n_ops: int,
    n_features: int = 3,
    n_params: int = 4,
    *,
    dense: bool = True,
) -> kw.Circuit:
    """``dense=False`` leaves out user matrices, diagonals and permutations, which not every library takes."""
    x, w = kw.features(n_features), kw.params(n_params)
    circuit = kw.Circuit(n_qubits, n_features=n_features, n_params=n_params)
    for _ in range(n_ops):
        order = rng.permutation(n_qubits)
        kind = rng.integers(8 if dense else 5)
        if kind <= 1:
            weight = int(rng.integers(1, min(4, n_qubits) + 1))
            circuit.rotation(
                random_word(rng, order[:weight]), random_angle(rng, x, w), random_controls(rng, order[weight:])
            )
        elif kind == 2:
            gate = FIXED[int(rng.integers(len(FIXED)))]
            if gate.n_qubits <= n_qubits:
                circuit.append(gate, order[: gate.n_qubits], None, random_controls(rng, order[gate.n_qubits :]))
        elif kind == 3 and n_qubits > 1:
            (circuit.cx, circuit.cz, circuit.swap)[int(rng.integers(3))](int(order[0]), int(order[1]))
        elif kind == 4:
            if rng.random() < 0.5:
                circuit.gphase(random_angle(rng, x, w), random_controls(rng, order))
            else:
                circuit.rot(*(random_angle(rng, x, w) for _ in range(3)), int(order[0]))
        elif kind >= 5:
            k = int(rng.integers(1, min(5 if n_ops < 40 else 3, n_qubits) + 1))
            qubits, controls = [int(q) for q in order[:k]], random_controls(rng, order[k:])
            if kind == 5:
                circuit.unitary(random_unitary(rng, 1 << k), *qubits, controls=controls)
            elif kind == 6:
                circuit.diagonal(np.exp(1j * rng.normal(size=1 << k)), *qubits, controls=controls)
            else:
                circuit.permutation(rng.permutation(1 << k), *qubits, controls=controls)
    return circuit


def random_observable(rng: np.random.Generator, n_qubits: int, n_terms: int = 3) -> kw.Observable:
    total = rng.normal() * kw.identity()
    for _ in range(n_terms):
        qubits = rng.permutation(n_qubits)[: int(rng.integers(1, n_qubits + 1))]
        total = total + rng.normal() * random_word(rng, qubits)
    return total


def random_outputs(rng: np.random.Generator, n_qubits: int) -> Any:
    kind = rng.integers(5)
    if kind <= 1:
        return [random_observable(rng, n_qubits) for _ in range(3)] + [kw.Z(int(rng.integers(n_qubits)))]
    if kind == 2:
        return kw.Probabilities([int(q) for q in rng.permutation(n_qubits)[: int(rng.integers(0, n_qubits + 1))]])
    if kind == 3:
        states = rng.normal(size=(2, 1 << n_qubits)) + 1j * rng.normal(size=(2, 1 << n_qubits))
        return kw.Overlap(states / np.linalg.norm(states, axis=1, keepdims=True))
    return kw.State()


def random_state(rng: np.random.Generator, batch: int, n_qubits: int) -> NDArray[np.complex128]:
    states = rng.normal(size=(batch, 1 << n_qubits)) + 1j * rng.normal(size=(batch, 1 << n_qubits))
    return states / np.linalg.norm(states, axis=1, keepdims=True)
