"""A pre-map before a circuit: values, gradients and shapes."""

import numpy as np
import pytest

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.preparation.premap import IDENTITY, PreMap, PreMappedProgram
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
    for alone in (
        program.backward(residual, cotangent, wanted=("params",)),
        program.vjp(PARAMS, X, cotangent, wanted=("params",))[1:],
    ):
        np.testing.assert_allclose(alone[0], d_params, atol=1e-12)
        assert alone[1] is None


def test_the_jacobian_by_features_goes_through_the_premap(program):
    jacobian = program.feature_jacobian(PARAMS, ROWS)
    assert jacobian.shape == (3, 2, 2)
    for m in range(2):
        _, _, expected = program.vjp(PARAMS, ROWS, np.eye(2)[[m] * 3])
        np.testing.assert_allclose(jacobian[:, m], expected, atol=1e-12)
    np.testing.assert_allclose(program.feature_jacobian(PARAMS, ROWS[1]), jacobian[1], atol=1e-15)
    several = program.feature_jacobian(np.stack([PARAMS, 2 * PARAMS]), ROWS[1])
    np.testing.assert_allclose(several[0], jacobian[1], atol=1e-12)


@pytest.mark.parametrize("method", ["expectation", "state", "probabilities"])
def test_every_output_goes_through_the_premap(program, method):
    plain = circuit().compile([Z(0), Z(1)])
    np.testing.assert_array_equal(getattr(program, method)(PARAMS, ROWS), getattr(plain, method)(PARAMS, np.sin(ROWS)))


def test_methods_that_know_no_premap_are_not_lent(program, monkeypatch):
    """They would take features as they are and give a wrong number without a word."""
    monkeypatch.setattr(type(program.program), "of_features", lambda self, features: features, raising=False)
    with pytest.raises(AttributeError, match="not there for a program with a pre-map"):
        program.of_features(ROWS)
    assert program.n_qubits == program.program.n_qubits


def test_a_premap_may_give_another_number_of_angles():
    sums = PreMap(
        "sums",
        lambda X: np.column_stack([X.sum(axis=1), X[:, 0] - X[:, 1]]),
        lambda X, d: np.column_stack([d[:, 0] + d[:, 1], d[:, 0] - d[:, 1], d[:, 0]]),
        n_features=3,
    )
    encoding = Encoding("sums", Circuit(1).rx(features(2)[0], 0).ry(features(2)[1], 0), sums)
    assert encoding.n_features == 3
    rows = np.array([[0.1, 0.4, -0.3], [1.0, 0.2, 0.5]])
    plain = encoding.circuit.compile([Z(0)])
    values, _, gradient = encoding.compile([Z(0)]).vjp(None, rows, np.ones((2, 1)))
    angles = np.column_stack([rows.sum(axis=1), rows[:, 0] - rows[:, 1]])
    np.testing.assert_allclose(values, plain(None, angles), atol=1e-15)
    assert gradient.shape == (2, 3)
    assert encoding.compile([Z(0)]).feature_jacobian(None, rows).shape == (2, 1, 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([np.nan, 0.0], "sine"),
        ([0.0], r"features must have shape \(2,\) or \(batch, 2\), got \(1,\)"),
        (None, "missing"),
        (["a", "b"], "real numbers"),
        (np.zeros((1, 2, 2)), "shape"),
    ],
)
def test_what_it_cannot_map_is_refused(program, given, message):
    with pytest.raises(ValueError, match=message):
        program(PARAMS, given)
