"""CX counts by hand, and against circuits that are written out."""

import numpy as np
import pytest

from ketwise.blocks.circuits.circuit_cost import cx_count
from ketwise.blocks.encodings import amplitude, heisenberg, iqp, pauli
from ketwise.words.circuit import Circuit
from ketwise.words.gates import pauli_matrix
from ketwise.words.observable import X, Y, Z

KNOWN = {
    "one qubit": (lambda c: c.h(0).rx(0.3, 0).p(0.2, 0).gphase(0.1), 0),
    "cx": (lambda c: c.cx(0, 1).cy(0, 1).cz(1, 2), 3),
    "swaps": (lambda c: c.swap(0, 1).iswap(1, 2), 5),
    "ccx": (lambda c: c.ccx(0, 1, 2), 6),
    "words": (lambda c: c.rxx(0.1, 0, 1).rotation(X(0) * Y(1) * Z(2), 0.2), 6),
    "controlled": (lambda c: c.crx(0.1, 0, 1).cp(0.2, 0, 1), 4),
    "diagonal": (lambda c: c.diagonal(np.exp(1j * np.arange(8)), 0, 1, 2), 6),
    "any of two": (lambda c: c.unitary(pauli_matrix("XY"), 0, 1), 3),
    "any of three": (lambda c: c.unitary(pauli_matrix("XYZ"), 0, 1, 2), 20),
}


@pytest.mark.parametrize(("build", "expected"), KNOWN.values(), ids=KNOWN)
def test_known_counts(build, expected):
    assert cx_count(build(Circuit(3))) == expected


def test_encodings_written_out():
    assert cx_count(amplitude(16).circuit) == amplitude(16).circuit.counts()["cx"] == 14
    assert cx_count(iqp(5).circuit) == 2 * 10
    assert cx_count(heisenberg(3, steps=7).circuit) == 7 * 3 * 3 * 2
    assert cx_count(pauli(4, words=["Z", "ZZ", "ZZZ"], repeats=1).circuit) == 3 * 2 + 2 * 4


def test_what_the_counts_rest_on():
    """A rotation about a word is one of a letter between CX; a controlled one is two halves between two CX."""
    theta = 0.7
    word = Circuit(3).rotation(Z(0) * Z(1) * Z(2), theta)
    ladder = Circuit(3).cx(0, 1).cx(1, 2).rz(theta, 2).cx(1, 2).cx(0, 1)
    controlled = Circuit(3).crz(theta, 0, 2)
    halves = Circuit(3).rz(theta / 2, 2).cx(0, 2).rz(-theta / 2, 2).cx(0, 2)
    start = Circuit(3).ry(0.3, 0).rx(1.1, 1).ry(0.4, 2).cx(0, 1)
    from ketwise.words.outputs import State

    for left, right in ((word, ladder), (controlled, halves)):
        states = [(start + circuit).compile(State())() for circuit in (left, right)]
        np.testing.assert_allclose(*states, atol=1e-14)
        assert cx_count(left) == right.counts()["cx"]
