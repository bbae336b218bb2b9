"""Encodings that join no qubits, against their closed forms, and the frequencies that theory allows."""

import numpy as np
import pytest
from numpy.polynomial.chebyshev import chebder, chebval

from ketwise.blocks.encodings import (
    basis,
    chebyshev,
    chebyshev_pqc,
    chebyshev_rx,
    chebyshev_tower,
    dense_angle,
    exponential,
    kyriienko,
)
from ketwise.blocks.kernels import fidelity
from ketwise.blocks.spectrum import by_monomial
from ketwise.words.angle import features
from ketwise.words.circuit import Circuit
from ketwise.words.observable import X, Y, Z
from ketwise.words.outputs import Probabilities, State

RNG = np.random.default_rng(0)


def random_turns(n_qubits, rng):
    circuit = Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.rot(*rng.uniform(-3, 3, 3), q)
    for q in range(n_qubits - 1):
        circuit.cx(q, q + 1)
    return circuit


def power(values):
    """Return the size of each frequency from 0 of values at equally spaced angles."""
    return np.abs(np.fft.rfft(values, axis=0) / len(values))


@pytest.mark.parametrize("gate", ["rx", "ry", "rz"])
def test_one_encoding_gives_a_sine_and_a_constant_and_nothing_else(gate):
    circuit = random_turns(3, RNG)
    getattr(circuit, gate)(features(1)[0], 1)
    circuit = circuit + random_turns(3, RNG)
    x = np.linspace(-4, 4, 23)
    values = circuit.compile([X(0) * Y(2) + 0.3 * Z(1)])(None, x[:, np.newaxis])[:, 0]
    a, b, c = np.linalg.solve(
        np.column_stack([np.ones(3), np.sin(x[:3]), np.cos(x[:3])]),  # b sin x + c cos x = r sin(x + phase)
        values[:3],
    )
    np.testing.assert_allclose(values, a + b * np.sin(x) + c * np.cos(x), atol=1e-11)
    np.testing.assert_array_equal(by_monomial(circuit)[0,], [-1.0, 0.0, 1.0])


@pytest.mark.parametrize("n_encodings", [1, 2, 4])
def test_so_many_pauli_encodings_give_so_many_frequencies(n_encodings):
    circuit = random_turns(2, RNG)
    for index in range(n_encodings):
        (circuit.rx, circuit.rzz)[index % 2](features(1)[0], *((0,), (0, 1))[index % 2])
        circuit = circuit + random_turns(2, RNG)
    expected = np.arange(-n_encodings, n_encodings + 1)
    np.testing.assert_array_equal(by_monomial(circuit)[0,], expected)
    x = 2 * np.pi * np.arange(16) / 16
    found = power(circuit.compile([Z(0), X(1)])(None, x[:, np.newaxis])).max(axis=1)
    assert found[: n_encodings + 1].min() > 1e-5
    assert found[n_encodings + 1 :].max() < 1e-14


@pytest.mark.parametrize("uploads", [1, 2, 3])
def test_ternary_encodings_have_every_frequency_up_to_theirs(uploads):
    most = (3**uploads - 1) // 2
    encoding = exponential(1, uploads=uploads)
    np.testing.assert_array_equal(by_monomial(encoding)[0,], np.arange(-most, most + 1))
    x = 2 * np.pi * np.arange(64) / 64
    found = power(encoding.compile(Probabilities())(None, x[:, np.newaxis])[:, 0])
    assert found[: most + 1].min() > 1e-3
    assert found[most + 1 :].max() < 1e-15


def test_each_feature_of_several_has_its_frequencies():
    found = by_monomial(exponential(3, uploads=2))
    assert set(found) == {(0,), (1,), (2,)}
    assert all(list(each) == list(range(-4, 5)) for each in found.values())


@pytest.mark.parametrize("degree", [1, 2, 3, 7])
def test_chebyshev_expectations_are_the_polynomials_and_their_derivatives(degree):
    x = np.concatenate([np.linspace(-1, 1, 11), RNG.uniform(-1, 1, 5)])[:, np.newaxis]
    coefficients = np.eye(degree + 1)[degree]
    values, _, slopes = chebyshev(1, degree=degree).compile([Z(0)]).vjp(None, x, np.ones((len(x), 1)))
    np.testing.assert_allclose(values, chebval(x, coefficients), atol=1e-12)
    np.testing.assert_allclose(slopes, chebval(x, chebder(coefficients)), atol=1e-6)


def test_a_tower_has_one_degree_a_qubit():
    x = RNG.uniform(-1, 1, size=(6, 2))
    values = chebyshev_tower(2, degrees=3).compile([Z(q) for q in range(6)])(None, x)
    for q in range(6):
        np.testing.assert_allclose(values[:, q], chebval(x[:, q // 3], np.eye(4)[q % 3 + 1]), atol=1e-12)
    assert chebyshev_tower(2, degrees=3, layers=2).circuit.counts()["cx"] == 5


def test_kyriienko_is_a_tower_of_twice_the_degree_before_training():
    x = RNG.uniform(-1, 1, size=(6, 1))
    encoding = kyriienko(1, degrees=2, layers=1)
    both = encoding.compile([Z(0), Z(0) * Z(1)])(np.zeros(6), x)  # then CX takes Z1 to Z0 Z1
    np.testing.assert_allclose(both[:, 0], chebval(x[:, 0], [0, 0, 1]), atol=1e-12)
    np.testing.assert_allclose(both[:, 1], chebval(x[:, 0], [0, 0, 0, 0, 1]), atol=1e-12)


@pytest.mark.parametrize("build", [chebyshev_rx, chebyshev_pqc])
def test_trained_degrees_start_as_a_tower(build):
    encoding = build(2, 5)
    used = [value for value in encoding.start_params() if value]
    assert used == [1.0, 1.0, 2.0, 2.0, 3.0]
    assert build(2, 2, arc="arctan").domain is None
    x = np.array([[5.0, -7.0]])
    expected = np.prod(np.cos(np.arctan(x) / 2) ** 2)
    start = np.abs(build(2, 2, arc="arctan").compile(State())(build(2, 2, arc="arctan").start_params(), x)[0, 0]) ** 2
    assert start == pytest.approx(expected, abs=1e-13)


def test_dense_angles_are_points_of_the_sphere():
    x = RNG.uniform(-3, 3, size=(5, 4))
    values = dense_angle(4).compile([pauli(q) for q in range(2) for pauli in (X, Y, Z)])(None, x)
    for q in range(2):
        latitude, longitude = x[:, 2 * q], x[:, 2 * q + 1]
        expected = [np.sin(latitude) * np.cos(longitude), np.sin(latitude) * np.sin(longitude), np.cos(latitude)]
        np.testing.assert_allclose(values[:, 3 * q : 3 * q + 3], np.transpose(expected), atol=1e-13)


def test_a_row_of_bits_is_its_basis_state_and_its_kernel_is_equality():
    rows = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 1, 1]])
    found = basis(3).compile(Probabilities())(None, rows)
    np.testing.assert_allclose(found, np.eye(8)[rows @ [1, 2, 4]], atol=1e-14)
    np.testing.assert_allclose(fidelity(basis(3), rows), np.eye(4), atol=1e-14)


def test_numbers_are_written_in_bits():
    encoding = basis(2, bits=3, low=-1.0, high=1.0)
    rows = np.array([[-1.0, 0.99], [0.0, -0.3], [7.0, -7.0]])  # steps 0 7, 4 2, 7 0
    found = encoding.compile(Probabilities())(None, rows).argmax(axis=1)
    np.testing.assert_array_equal(found, [0 + 8 * 7, 4 + 8 * 2, 7 + 8 * 0])
    assert (encoding.n_features, encoding.n_qubits, encoding.domain) == (2, 6, (-1.0, 1.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: chebyshev(2).compile(Z(0))(None, [0.5, 1.01]), "row 0, feature 1 gives 1.01"),
        (lambda: chebyshev(2).compile(Z(0))(None, [0.5]), "features must have shape"),
        (lambda: exponential(2, base=1), "base"),
        (lambda: basis(1, bits=2, low=1.0), "high must be above low"),
        (lambda: chebyshev(1, scale=0.0), "scale must not be 0"),
        (lambda: chebyshev_rx(5, 2, layers=1), "5 features in 2 places a layer need 3 layers, got 1"),
        (lambda: chebyshev_pqc(2, entangler="cx"), "crz"),
        (lambda: chebyshev_rx(2, arc="sin"), "arctan"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
