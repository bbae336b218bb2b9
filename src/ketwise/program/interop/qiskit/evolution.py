"""Time evolution under a sum of Pauli words: exact, as Qiskit's Operator and Statevector have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.quantum_info import SparseObservable, SparsePauliOp

from ketwise.words.angle import Angle
from ketwise.words.circuit import Circuit
from ketwise.words.gates import MAX_MATRIX_QUBITS, rotation

Controls = dict[int, int]
Qubits = tuple[int, ...]
#: Letters by qubit, the value at which a projector holds a qubit, coefficient.
Term = tuple[dict[int, str], dict[int, int], float]


def append_evolution(
    circuit: Circuit, gate: Any, qubits: Qubits, controls: Controls, angle: Callable[[Any], Angle]
) -> None:
    """Append ``exp(-i t H)``.

    Commuting terms are rotations one after another. Terms that do not commute are taken to the eigenbasis of H and
    back by two matrices, with rotations about words of Z between them, so that the time may be a parameter.
    """
    operator = _pauli_terms(gate.operator)
    terms = _terms(operator)
    time = angle(gate.time)
    if all(_commute(a, b) for k, a in enumerate(terms) for b in terms[:k]):
        for word, held, coefficient in terms:
            within = controls | {qubits[q]: value for q, value in held.items()}
            _append_word(circuit, word, 2.0 * coefficient * time, qubits, within)
        return
    if len(qubits) > MAX_MATRIX_QUBITS:
        raise ValueError(
            f"a PauliEvolutionGate on {len(qubits)} qubits whose terms do not commute cannot be read exactly; up to "
            f"{MAX_MATRIX_QUBITS} qubits can. For its product formula write "
            "circuit.decompose(gates_to_decompose='PauliEvolution')"
        )
    energies, vectors = np.linalg.eigh(_matrix(operator))
    circuit.unitary(vectors.conj().T, *qubits, controls=controls)
    for place, weight in enumerate(_walsh(energies)):
        word = {q: "Z" for q in range(len(qubits)) if place >> q & 1}
        if weight:
            _append_word(circuit, word, 2.0 * weight * time, qubits, controls)
    circuit.unitary(vectors, *qubits, controls=controls)


def _append_word(circuit: Circuit, word: dict[int, str], angle: Angle, qubits: Qubits, controls: Controls) -> None:
    if word:
        circuit.append(rotation("".join(word.values())), [qubits[q] for q in word], angle, controls)
    else:
        circuit.gphase(angle / -2.0, controls)


def _pauli_terms(given: Any) -> Any:
    """Return one operator; of several, which Qiskit takes to commute, the sum."""
    operator = sum(given[1:], start=given[0]) if isinstance(given, list) else given
    projectors = set("+-rl")
    if isinstance(operator, SparseObservable) and any(
        projectors & set(letters) for letters, *_ in operator.to_sparse_list()
    ):
        return SparsePauliOp.from_sparse_observable(operator)
    return operator


def _terms(operator: Any) -> list[Term]:
    found: list[Term] = []
    for letters, places, coefficient in operator.to_sparse_list():
        if complex(coefficient).imag:
            raise ValueError(f"a PauliEvolutionGate needs real coefficients, got {coefficient}")
        at = sorted(zip(places, letters, strict=True))
        word = {q: letter for q, letter in at if letter in "XYZ"}
        held = {q: int(letter) for q, letter in at if letter in "01"}
        found.append((word, held, complex(coefficient).real))
    return found


def _commute(a: Term, b: Term) -> bool:
    """Whether two terms commute; a projector stands for Z, except against one that excludes it."""
    (left, held, _), (right, also, _) = a, b
    if any(also.get(q, value) != value for q, value in held.items()):
        return True
    whole_left, whole_right = left | dict.fromkeys(held, "Z"), right | dict.fromkeys(also, "Z")
    clashes = {q for q, letter in whole_left.items() if whole_right.get(q, letter) != letter}
    return not clashes & (set(held) | set(also)) and len(clashes) % 2 == 0


def _matrix(operator: Any) -> NDArray[np.complex128]:
    whole = SparsePauliOp.from_sparse_observable(operator) if isinstance(operator, SparseObservable) else operator
    matrix: NDArray[np.complex128] = np.asarray(whole.to_matrix(), dtype=complex)
    return matrix


def _walsh(energies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the coefficients of words of Z whose diagonal the energies are; bit q of the place is Z on qubit q."""
    weights = energies.copy()
    half = 1
    while half < len(weights):
        pairs = weights.reshape(-1, 2, half)
        weights = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        half *= 2
    result: NDArray[np.float64] = weights / len(weights)
    return result
