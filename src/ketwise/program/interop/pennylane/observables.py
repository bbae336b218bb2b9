"""Observables to and from PennyLane, as sums of Pauli words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.operation import Operator
from pennylane.pauli import PauliSentence, PauliWord

from ketwise.words.observable import Observable

#: A matrix on more wires than this has too many Pauli words (4**wires) to be a sum of them.
MOST_MATRIX_WIRES = 4
#: Coefficients of a Hermitian operator are real; what is left of their imaginary parts is rounding.
IMAGINARY = 1e-10


def sentence_of(observable: Operator) -> PauliSentence | None:
    """Return the Pauli words of an observable, None where it has none or too many."""
    sentence = observable.pauli_rep
    if sentence is None and observable.has_matrix and len(observable.wires) <= MOST_MATRIX_WIRES:
        matrix = np.asarray(qml.math.toarray(observable.matrix()), dtype=np.complex128)
        if np.abs(matrix - matrix.conj().T).max() > IMAGINARY * max(1.0, np.abs(matrix).max()):
            return None
        sentence = qml.pauli_decompose(matrix, wire_order=observable.wires, pauli=True)
    if sentence is not None and any(abs(complex(c).imag) > IMAGINARY for c in sentence.values()):
        return None
    return sentence


def from_sentence(sentence: PauliSentence, qubits: Mapping[Any, int]) -> Observable:
    """Return the observable; ``qubits`` maps wires to qubits."""
    width = max(qubits.values(), default=-1) + 1
    x, z = (np.zeros((len(sentence), width), dtype=bool) for _ in range(2))
    for row, word in enumerate(sentence):
        for wire, letter in word.items():
            x[row, qubits[wire]] = letter in "XY"
            z[row, qubits[wire]] = letter in "YZ"
    return Observable.from_arrays(x, z, np.array([complex(c).real for c in sentence.values()], dtype=np.float64))


def to_operator(observable: Observable) -> Operator:
    """Return PennyLane's operator of an observable; qubit q becomes wire q."""
    words = {
        PauliWord({q: letter for q, letter in enumerate(reversed(word)) if letter != "I"}): float(coefficient)
        for word, coefficient in zip(observable.words(), observable.coefficients, strict=True)
    }
    return PauliSentence(words).operation(wire_order=range(max(1, observable.n_qubits)))
