"""All circuits of a few operations on two qubits: what the planner merges, moves or relabels, against 4 x 4 products.

Random circuits seldom hold what it takes to see a wrong merge: a gate, a CX that changes what the next one acts on, and
a gate that must not join the first. Here every order of every choice is there.
"""

import itertools

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")

W = kw.params(2)
PARAMS = np.array([0.7, -1.9])
ONE = np.eye(2)
PAULI = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
REAL = np.array([[0.8, -0.6], [0.6, 0.8]])
CONTROLLED_X = {0: np.eye(4)[[0, 3, 2, 1]], 1: np.eye(4)[[0, 1, 3, 2]]}  # by control


def on(qubit: int, matrix) -> np.ndarray:
    """A matrix on one of two qubits; qubit 0 is the low bit."""
    return np.kron(ONE, matrix) if qubit == 0 else np.kron(matrix, ONE)


#: Per operation: how a circuit takes it, and its matrix; for a rotation its generator and its parameter instead.
OPERATIONS = {
    "h0": (lambda c: c.h(0), on(0, H)),
    "s1": (lambda c: c.s(1), on(1, np.diag([1, 1j]))),
    "real1": (lambda c: c.unitary(REAL, 1), on(1, REAL)),
    "x0": (lambda c: c.x(0), on(0, PAULI["X"])),
    "cx01": (lambda c: c.cx(0, 1), CONTROLLED_X[0]),
    "cx10": (lambda c: c.cx(1, 0), CONTROLLED_X[1]),
    "swap": (lambda c: c.swap(0, 1), np.eye(4)[[0, 2, 1, 3]]),
    "cz": (lambda c: c.cz(0, 1), np.diag([1, 1, 1, -1])),
    "ry0": (lambda c: c.ry(W[0], 0), (on(0, PAULI["Y"]), 0)),
    "rz1": (lambda c: c.rz(W[1], 1), (on(1, PAULI["Z"]), 1)),
    "rxz": (lambda c: c.rotation(kw.X(0) * kw.Z(1), W[0]), (on(0, PAULI["X"]) @ on(1, PAULI["Z"]), 0)),
}


def rotation(generator, angle: float) -> np.ndarray:
    return np.cos(angle / 2) * np.eye(4) - 1j * np.sin(angle / 2) * generator


def expected(names, state, cotangent):
    """The final state, and the derivatives of Re <cotangent|state> by the two parameters."""
    steps = [OPERATIONS[name][1] for name in names]
    matrices = [rotation(step[0], PARAMS[step[1]]) if isinstance(step, tuple) else step for step in steps]
    before = [state]
    for matrix in matrices:
        before.append(matrix @ before[-1])
    derivative, after = np.zeros(2), cotangent.conj()
    for k in reversed(range(len(steps))):
        if isinstance(steps[k], tuple):
            generator, which = steps[k]
            derivative[which] += (after @ (-0.5j * generator @ before[k + 1])).real
        after = after @ matrices[k]
    return before[-1], derivative


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_order_of_every_choice(length):
    rng = np.random.default_rng(length)
    state, cotangent = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))
    state /= np.linalg.norm(state)
    words = list(itertools.product(OPERATIONS, repeat=length))
    for names in words if length < 4 else words[::3]:
        circuit = kw.Circuit(2, n_params=2)
        for name in names:
            OPERATIONS[name][0](circuit)
        values, d_params, _ = circuit.compile(kw.State()).vjp(PARAMS, None, cotangent, state)
        final, derivative = expected(names, state, cotangent)
        assert np.abs(values - final).max() < 1e-13, names
        assert np.abs(d_params - derivative).max() < 1e-12, names


@pytest.mark.parametrize("length", [3, 4])
def test_rotations_of_which_one_flips_what_others_do_together(length):
    """X words commute, and three of them can flip what two do: they must not be taken for independent directions."""
    words = [kw.X(0), kw.X(1), kw.X(0) * kw.X(1), kw.X(2), kw.X(1) * kw.X(2), kw.X(0) * kw.X(1) * kw.X(2)]
    rng = np.random.default_rng(length)
    state, cotangent = rng.normal(size=(2, 8)) + 1j * rng.normal(size=(2, 8))
    state /= np.linalg.norm(state)
    angles, parameters = rng.uniform(-3, 3, length), kw.params(length)
    for chosen in itertools.product(words, repeat=length):
        circuit = kw.Circuit(3)
        for word, parameter in zip(chosen, parameters, strict=True):
            circuit.rotation(word, parameter)
        found = circuit.compile(kw.State(), backend=kw.Native()).vjp(angles, None, cotangent, state)
        wanted = circuit.compile(kw.State(), backend=kw.Reference()).vjp(angles, None, cotangent, state)
        for one, two in zip(found, wanted, strict=True):
            if two is not None:
                assert np.abs(one - two).max() < 1e-12, circuit
