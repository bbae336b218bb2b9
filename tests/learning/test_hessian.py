"""Second derivatives against closed forms, differences and symmetry."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.hessian import hessian, hessian_vector_product
from tests.random_circuits import random_circuit

RNG = np.random.default_rng(0)


def test_a_product_of_rotations_in_closed_form():
    # <Z...Z> of RY(w_k) on qubit k is the product of the cosines.
    n = 4
    w = kw.params(n)
    circuit = kw.Circuit(n)
    for k in range(n):
        circuit.ry(w[k], k)
    program, theta = circuit.compile(kw.Observable("Z" * n)), RNG.normal(size=n)
    cosines, sines = np.cos(theta), np.sin(theta)
    expected = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            factors = cosines.copy()
            factors[[i, j]] = sines[[i, j]]
            expected[i, j] = np.prod(factors) if i != j else -np.prod(cosines)
    np.testing.assert_allclose(hessian(program, theta), expected, atol=1e-14)
    v = RNG.normal(size=n)
    np.testing.assert_allclose(hessian_vector_product(program, theta, v), expected @ v, atol=1e-14)


def test_a_product_of_parameters_bends_the_angle_too():
    w, x = kw.params(3), kw.features(1)
    program = kw.Circuit(1).ry(2 * w[0] * w[1] * x[0] + w[2], 0).compile(kw.Z(0))
    a, b, c, s = 0.7, -0.3, 0.2, 1.5
    angle = 2 * a * b * s + c
    slope = np.array([2 * b * s, 2 * a * s, 1.0])
    bend = np.zeros((3, 3))
    bend[0, 1] = bend[1, 0] = 2 * s
    expected = -np.cos(angle) * np.outer(slope, slope) - np.sin(angle) * bend
    np.testing.assert_allclose(hessian(program, [a, b, c], [s]), expected, atol=1e-14)


@pytest.mark.parametrize("seed", range(6))
def test_random_circuits_against_differences_of_gradients(seed):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, 3, 14)
    if not circuit.n_params:
        circuit.ry(kw.params(1)[0], 0)
    program = circuit.compile([kw.Z(0) * kw.X(1), kw.Y(2) + 0.5 * kw.Z(1)])
    rows = rng.normal(size=(4, circuit.n_features)) if circuit.n_features else None
    theta, weights = rng.normal(size=circuit.n_params), rng.normal(size=(4 if circuit.n_features else 1, 2))

    def gradient(at):
        given = weights if rows is not None else weights[0]
        return program.vjp(at, rows, given)[1]

    vectors, step = rng.normal(size=(2, circuit.n_params)), 1e-5
    expected = [(gradient(theta + step * v) - gradient(theta - step * v)) / (2 * step) for v in vectors]
    found = hessian_vector_product(program, theta, vectors, rows, cotangent=weights)
    np.testing.assert_allclose(found, expected, atol=1e-7)
    whole = hessian(program, theta, rows, cotangent=weights)
    np.testing.assert_allclose(whole, whole.T, atol=1e-12)


def test_a_pre_map_and_probabilities():
    encoding = kw.encodings.chebyshev(2) + kw.ansatz.hardware_efficient(2, layers=1)
    program = encoding.compile(kw.Probabilities([0]))
    theta, rows = RNG.normal(size=encoding.n_params), RNG.uniform(-1, 1, (3, 2))
    v, step, ones = RNG.normal(size=encoding.n_params), 1e-5, np.tile([1.0, 0.0], (3, 1))
    ahead, back = (program.vjp(theta + s * step * v, rows, ones)[1] for s in (1, -1))
    found = hessian_vector_product(program, theta, v, rows, cotangent=ones)
    np.testing.assert_allclose(found, (ahead - back) / (2 * step), atol=1e-8)


def test_bad_arguments_are_named():
    program = kw.Circuit(1).ry(kw.params(1)[0] * kw.features(1)[0], 0).compile(kw.Z(0))
    with pytest.raises(ValueError, match=r"params must have shape \(1,\), got \(2,\)"):
        hessian_vector_product(program, [1.0, 2.0], [1.0], [1.0])
    with pytest.raises(ValueError, match=r"vector must have shape \(1,\) or \(k, 1\), got \(2,\)"):
        hessian_vector_product(program, [1.0], [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="features are missing"):
        hessian_vector_product(program, [1.0], [1.0])
    with pytest.raises(TypeError, match="second derivatives need real outputs"):
        hessian(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.State()), [1.0])
