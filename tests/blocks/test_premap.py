"""A pre-map before a circuit: values, gradients and shapes."""

import numpy as np
import pytest

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.premap import IDENTITY, PreMap, PreMappedProgram
from ketwise.words.angle import features, params
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z

SINE = PreMap("sine", np.sin, lambda X, cotangent: np.cos(X) * cotangent)


def circuit():
    x, w = features(2), params(2)
    return Circuit(2).rx(x[0], 0).ry(w[0] * x[1], 1).cx(0, 1).rx(x[0] * x[1] + w[1], 1)


@pytest.fixture
def program():
    return Encoding("sine", circuit(), SINE).compile([Z(0), Z(1)])


PARAMS = np.array([0.7, -0.4])
ROWS = np.array([[0.3, 1.1], [-0.8, 0.5], [2.0, -1.3]])


def test_the_identity_adds_nothing():
    plain = Encoding("plain", circuit()).compile([Z(0)])
    assert not isinstance(plain, PreMappedProgram)
    assert Encoding("plain", circuit()).premap is IDENTITY


def test_values_and_batch_axes(program):
    plain = circuit().compile([Z(0), Z(1)])
    np.testing.assert_array_equal(program(PARAMS, ROWS), plain(PARAMS, np.sin(ROWS)))
    np.testing.assert_array_equal(program(PARAMS, ROWS[0]), program(PARAMS, ROWS)[0])
    np.testing.assert_array_equal(program.jacobian(PARAMS, ROWS), plain.jacobian(PARAMS, np.sin(ROWS)))
    assert program.n_features == 2
    assert program.sample(PARAMS, ROWS, shots=5, seed=0).shape == (3, 5)


@pytest.mark.parametrize("shape", ["rows", "one row"])
def test_gradients_against_central_differences(program, shape):
    X = ROWS if shape == "rows" else ROWS[0]
    cotangent = np.random.default_rng(0).normal(size=program(PARAMS, X).shape)

    def value(X):
        return float((cotangent * program(PARAMS, X)).sum())

    expected = np.zeros_like(X)
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-5
        expected[place] = (value(X + step) - value(X - step)) / 2e-5
    outputs, residual = program.forward(PARAMS, X)
    d_params, d_features, d_state = program.backward(residual, cotangent)
    fused = program.vjp(PARAMS, X, cotangent)
    assert d_features.shape == X.shape
    assert d_state is None
    np.testing.assert_allclose(d_features, expected, atol=1e-8)
    np.testing.assert_allclose(fused[2], d_features, atol=1e-12)
    np.testing.assert_allclose(fused[1], d_params, atol=1e-12)
    np.testing.assert_allclose(fused[0], outputs, atol=1e-12)


def test_what_is_not_finite_is_refused(program):
    with pytest.raises(ValueError, match="sine"):
        program(PARAMS, [np.nan, 0.0])
