"""Unitary matrices on one and two qubits as rotations and NOTs, with the exact phase."""

from __future__ import annotations

import cmath
import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ketwise.words.angle import Angle
from ketwise.words.circuit import Op
from ketwise.words.gates import pauli_matrix
from ketwise.words.qasm.ladders import NEGLIGIBLE, word_as_ladder
from ketwise.words.qasm.operations import Controls, cx, phase, turn

Matrix = NDArray[np.complex128]

#: Columns are the magic basis, in which products of two rotations are real (Makhlin, QIP 1, 243, 2002).
MAGIC = np.array([[1, 0, 0, 1j], [0, 1j, 1, 0], [0, 1j, -1, 0], [1, 0, 0, -1j]]) * math.sqrt(0.5)
#: Sweeps over all planes; as they converge quadratically, five or six do.
MAX_SWEEPS = 30
WORDS = ("XX", "YY", "ZZ")
CONVERGED = 1e-15


def one_qubit(matrix: Matrix, qubit: int, controls: Controls = ()) -> list[Op]:
    """Return a phase, RZ, RY and RZ: every unitary of one qubit, where the controls hold."""
    (a, b), (c, d) = matrix
    theta = 2 * math.atan2(abs(c), abs(a))
    # With s and r half the sum and half the difference of the Z angles, and p the phase:
    # a = e^(i(p - s)) cos, d = e^(i(p + s)) cos, b = -e^(i(p - r)) sin, c = e^(i(p + r)) sin. The larger pair first.
    if abs(a) >= abs(c):
        p, s = (cmath.phase(d) + cmath.phase(a)) / 2, (cmath.phase(d) - cmath.phase(a)) / 2
        r = cmath.phase(c) - p if theta > NEGLIGIBLE else s
    else:
        p, r = (cmath.phase(c) + cmath.phase(-b)) / 2, (cmath.phase(c) - cmath.phase(-b)) / 2
        s = p - cmath.phase(a) if math.pi - theta > NEGLIGIBLE else r
    turns = (("Z", s - r), ("Y", theta), ("Z", s + r))
    ops = [turn(axis, angle, qubit, controls=controls) for axis, angle in turns if abs(angle) > NEGLIGIBLE]
    return [phase(p, controls), *ops] if abs(p) > NEGLIGIBLE else ops


def two_qubits(matrix: Matrix, qubits: tuple[int, int], controls: Controls = ()) -> list[Op]:
    """Return one-qubit unitaries around ``exp(i (a XX + b YY + c ZZ))``: every unitary of two qubits.

    Kraus and Cirac, PRA 63, 062309 (2001).
    """
    root = cmath.exp(1j * cmath.phase(complex(np.linalg.det(matrix))) / 4)
    inner = MAGIC.conj().T @ (matrix / root) @ MAGIC
    symmetric = inner.T @ inner
    basis = common_eigenvectors(symmetric.real, symmetric.imag)
    if np.linalg.det(basis) < 0:
        basis[:, 0] = -basis[:, 0]
    angles = np.angle(np.diag(basis.T @ symmetric @ basis)) / 2
    left = inner @ basis * np.exp(-1j * angles)
    if np.linalg.det(left).real < 0:
        angles[0] += math.pi
        left[:, 0] = -left[:, 0]
    words = [float(angles @ _signs(word)) / 4 for word in WORDS]
    overall = cmath.phase(root) + float(angles.sum()) / 4
    before = factors(MAGIC @ basis.T.astype(complex) @ MAGIC.conj().T)
    after = factors(MAGIC @ left @ MAGIC.conj().T)
    for k, word in enumerate(WORDS):  # quarter turns about a word are a Pauli matrix on each qubit
        quarters = round(words[k] / (math.pi / 2))
        words[k] -= quarters * math.pi / 2
        overall += quarters * math.pi / 2
        if quarters % 2:
            before = (pauli_matrix(word[0]) @ before[0], pauli_matrix(word[1]) @ before[1])
    ops = [op for part, qubit in zip(before, qubits, strict=True) for op in one_qubit(part, qubit, controls)]
    ops += interaction(words, qubits, controls)
    ops += [op for part, qubit in zip(after, qubits, strict=True) for op in one_qubit(part, qubit, controls)]
    return [phase(overall, controls), *ops] if abs(overall) > NEGLIGIBLE else ops


def _signs(word: str) -> NDArray[np.float64]:
    """Return the eigenvalues of a word on the magic basis."""
    return np.einsum("ij,ik,kj->j", MAGIC.conj(), pauli_matrix(word), MAGIC).real


def interaction(words: list[float], qubits: tuple[int, int], controls: Controls) -> list[Op]:
    """Return ``exp(i (a XX + b YY + c ZZ))`` with two NOTs where one word or YY is missing, else with three.

    Vatan and Williams, PRA 69, 032315 (2004). With controls it takes four: without its turns, nothing may be left.
    """
    a, b, c = words
    here, there = qubits
    if sum(abs(angle) > NEGLIGIBLE for angle in words) < 2:
        return [
            op
            for word, angle in zip(WORDS, words, strict=True)
            if abs(angle) > NEGLIGIBLE
            for op in word_as_ladder(word, Angle.of(-2 * angle), qubits, controls)
        ]
    if abs(b) > NEGLIGIBLE and not controls:
        quarter = math.pi / 2
        return [
            phase(quarter / 2),
            turn("Z", -quarter, there),
            cx(there, here),
            turn("Z", quarter - 2 * c, here),
            turn("Y", 2 * a - quarter, there),
            cx(here, there),
            turn("Y", quarter - 2 * b, there),
            cx(there, here),
            turn("Z", quarter, here),
        ]
    # Between two NOTs, XX is X on the first qubit, ZZ is Z on the second and YY is -XZ.
    middle = [turn("X", -2 * a, here, controls=controls)] if abs(a) > NEGLIGIBLE else []
    if abs(c) > NEGLIGIBLE:
        middle.append(turn("Z", -2 * c, there, controls=controls))
    if abs(b) > NEGLIGIBLE:
        middle += word_as_ladder("XZ", Angle.of(2 * b), qubits, controls)
    return [cx(here, there), *middle, cx(here, there)]


def factors(product: Matrix) -> tuple[Matrix, Matrix]:
    """Return matrices on the lower and on the upper bit whose tensor product this is."""
    blocks = product.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3)  # [upper row, upper column, lower row, lower column]
    norms = np.linalg.norm(blocks, axis=(2, 3))
    largest = blocks[np.unravel_index(np.argmax(norms), norms.shape)]
    lower = largest * (math.sqrt(2) / np.linalg.norm(largest))
    upper = np.einsum("ij,abij->ab", lower.conj(), blocks) / 2
    return lower, upper


def common_eigenvectors(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an orthogonal matrix that makes two commuting symmetric matrices diagonal at once, however degenerate.

    Jacobi's method with the angle of Cardoso and Souloumiac, SIAM J. Matrix Anal. Appl. 17, 161 (1996).
    """
    pair = np.array([a, b])
    vectors = np.eye(len(a))
    for _ in range(MAX_SWEEPS):
        worst = 0.0
        for p, q in combinations(range(len(a)), 2):
            apart, crossed = pair[:, p, p] - pair[:, q, q], 2 * pair[:, p, q]
            largest = float(np.abs(crossed).max())
            worst = max(worst, largest)
            if largest < CONVERGED:
                continue
            angle = math.atan2(2 * float(apart @ crossed), float(apart @ apart - crossed @ crossed)) / 4
            plane = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            pair[:, [p, q], :] = plane.T @ pair[:, [p, q], :]
            pair[:, :, [p, q]] = pair[:, :, [p, q]] @ plane
            vectors[:, [p, q]] = vectors[:, [p, q]] @ plane
        if worst < CONVERGED:
            break
    return vectors
