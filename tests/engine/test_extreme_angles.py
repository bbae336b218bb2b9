"""Angles whose cosine is small or zero, angles far from zero, and the digits of sines and cosines.

A cosine that is not small is left out of a rotation's arithmetic and counted in one factor of the whole state.
"""

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets
from tests.engine.test_thresholds import UNIT, check, observables

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")

#: Twice a half angle at which the cosine is 0, or just on either side of 1/64.
EDGES = [np.pi, -np.pi, 3 * np.pi, 2 * np.arccos(1 / 64), 2 * np.arccos(-1 / 64)]
EDGES += [2 * np.arccos(1 / 64) + 1e-9, 2 * np.arccos(1 / 64) - 1e-9, np.pi - 1e-7, np.pi + 1e-13, 2 * np.pi, 0.0]


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("angle", EDGES)
@pytest.mark.parametrize("own", [False, True])
def test_cosines_near_zero(angle, own, dtype):
    """In a group beside angles that are not, in a product at the start, after phases, and where controlled."""
    x, w = kw.features(1), kw.params(2)
    circuit = kw.Circuit(4, n_features=1, n_params=2)
    edge = x[0] if own else w[0]
    for q in range(4):
        circuit.ry(edge if q == 1 else w[1], q)
    circuit.rzz(w[1], 0, 1).cx(1, 2)
    for q in range(4):
        circuit.rx(edge if q == 2 else w[1], q)
    circuit.crx(edge, 0, 3).rz(edge, 1).rotation(kw.X(0) * kw.Y(2), edge)
    check(circuit, observables(4), np.array([angle, 0.6]), np.full((5, 1), angle), dtype=dtype)


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("n_qubits", [9, 12])
@pytest.mark.parametrize("phases", [False, True])
def test_many_qubits_turned_by_angles_near_pi(n_qubits, phases, dtype):
    """The product of the cosines is 50**-36 and less: of no number in float32, were it left out of the state."""
    w = kw.params(3)
    angle = 2 * np.arccos(1 / 50)
    circuit = kw.Circuit(n_qubits)
    for layer in range(4):
        for q in range(n_qubits):
            (circuit.rx if layer % 2 else circuit.ry)(w[layer % 3], q)
        if phases:
            circuit.cz(0, 1).rzz(w[2], 1, 2)
        circuit.cx(layer, layer + 1)
    for params in (np.full(3, angle), np.array([angle, np.pi, -angle])):
        check(circuit, observables(n_qubits), params, np.zeros((2, 0)), dtype=dtype)
        state = circuit.compile(kw.State(), dtype=dtype)(params)
        expected = circuit.compile(kw.State(), backend=kw.Reference())(params)
        np.testing.assert_allclose(state, expected, rtol=0, atol=UNIT[dtype])
        initial = np.eye(1 << n_qubits)[5]
        check(circuit, observables(n_qubits), params, np.zeros((1, 0)), initial, dtype=dtype)


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("size", [30.0, 1e3, 1.9e4, 2.1e4, 1e5, 1e10, 1e300])
@pytest.mark.parametrize("own", [False, True])
def test_large_angles_add_up_without_loss(size, own, dtype):
    """Words of one mask, phases of one pass and controlled ones: each angle is reduced before it meets the others.

    Added up as they are, a hundred angles of 1e4 would have lost more digits than the promise has.
    """
    x, w = kw.features(40), kw.params(40)
    symbols = x if own else w
    circuit = kw.Circuit(5, n_features=40, n_params=40)
    for q in range(5):
        circuit.h(q)
    for k in range(36):
        circuit.rz(symbols[k], k % 5).rzz(symbols[k + 1], k % 5, (k + 1) % 5).cp(symbols[k + 2], k % 5, (k + 2) % 5)
    for q in range(5):
        circuit.h(q)
    for k in range(36):
        circuit.rx(symbols[k], k % 4).crx(symbols[k + 3], 4, 3)
    angles = np.random.default_rng(1).uniform(0.9, 1, 40) * size
    outputs = [kw.Z(q) for q in range(5)] + [kw.X(3) * kw.Y(4)]
    check(circuit, outputs, np.where(own, 0.0, angles), np.tile(angles * own, (3, 1)), dtype=dtype)


@pytest.mark.parametrize("isa", instruction_sets())
def test_sines_and_cosines_have_the_digits_of_the_c_library(isa):
    """By sample they are the engine's own: within two units in the last place, in every quarter, next to its bounds."""
    near = [k * np.pi / 4 + d for k in range(-80, 81) for d in (0, 1e-15, -1e-15, 1e-9, -1e-9, 0.3)]
    half = np.concatenate([near, np.random.default_rng(0).uniform(-8, 8, 4000)])
    program = kw.Circuit(1).ry(kw.features(1)[0], 0).compile(kw.State(), backend=kw.Native(isa))
    found = program(None, 2 * half[:, None])
    unit = np.finfo(float).eps
    np.testing.assert_allclose(found[:, 0].real, np.cos(half), rtol=2 * unit, atol=unit)
    np.testing.assert_allclose(found[:, 1].real, np.sin(half), rtol=2 * unit, atol=unit)


@pytest.mark.parametrize("isa", instruction_sets())
def test_tables_and_rows_of_phases_have_the_digits_of_the_c_library(isa):
    half = np.random.default_rng(0).uniform(-8, 8, 2000)
    x, w = kw.features(1), kw.params(1)
    for symbol, given in ((x[0], (None, 2 * half[:, None])), (w[0], (2 * half[:, None],))):
        program = kw.Circuit(1).rz(symbol, 0).compile(kw.State(), backend=kw.Native(isa))
        found = program(*given)[:, 0] if len(given) == 2 else np.array([program(row)[0] for row in given[0][:200]])
        expected = np.exp(-1j * half)[: len(found)]
        np.testing.assert_allclose(found.real, expected.real, rtol=4e-16, atol=6e-17)
        np.testing.assert_allclose(found.imag, expected.imag, rtol=4e-16, atol=6e-17)
