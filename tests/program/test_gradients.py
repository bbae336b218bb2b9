"""Derivatives: closed forms, parameter shift, central differences; in value, shape and order."""

import numpy as np
import pytest

import ketwise as kw
from tests.random_circuits import random_circuit, random_outputs, random_state


class RunOnly:
    """A backend with the two required methods and nothing else, as hardware has."""

    name = "run only"

    def __init__(self):
        self._inner = kw.Reference()
        self.runs = 0

    def compile(self, circuit, outputs, dtype):
        return self._inner.compile(circuit, outputs, dtype)

    def run(self, plan, angles, initial):
        self.runs += 1
        return self._inner.run(plan, angles, initial)


def test_closed_form_of_one_rotation():
    w = kw.params(1)
    p = kw.Circuit(1).ry(w[0], 0).compile([kw.Z(0), kw.X(0)])
    theta = np.linspace(-3, 3, 7)[:, None]
    np.testing.assert_allclose(p(theta), np.hstack([np.cos(theta), np.sin(theta)]), atol=1e-14)
    expected = np.stack([-np.sin(theta), np.cos(theta)], axis=1)
    np.testing.assert_allclose(p.jacobian(theta), expected, atol=1e-14)


def test_every_derivative_lands_in_its_own_place():
    """A product circuit whose derivatives are all distinct: an exchanged index cannot hide."""
    n = 5
    x, w = kw.features(n), kw.params(n)
    circuit = kw.Circuit(n)
    for q in range(n):
        circuit.ry(w[n - 1 - q] * x[q] + q, q)
    p = circuit.compile([kw.Z(q) for q in range(n)])
    rng = np.random.default_rng(0)
    params, features = rng.uniform(0.5, 1.5, n), rng.uniform(0.5, 1.5, (3, n))
    d_params, d_features = np.zeros((3, n, n)), np.zeros((3, n, n))
    for q in range(n):
        slope = -np.sin(params[n - 1 - q] * features[:, q] + q)
        d_params[:, q, n - 1 - q] = slope * features[:, q]
        d_features[:, q, q] = slope * params[n - 1 - q]
    np.testing.assert_allclose(p.jacobian(params, features), d_params, atol=1e-13)
    np.testing.assert_allclose(p.feature_jacobian(params, features), d_features, atol=1e-13)


@pytest.mark.parametrize("seed", range(60))
def test_reverse_sweep_equals_parameter_shift(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    circuit = random_circuit(rng, n, 14)
    outputs = random_outputs(rng, n)
    if isinstance(outputs, kw.State):
        outputs = [kw.Z(0)]
    native, device = circuit.compile(outputs), circuit.compile(outputs, backend=RunOnly())
    inputs = rng.normal(size=circuit.n_params), rng.normal(size=(3, circuit.n_features))
    weights = rng.normal(size=(3, native.n_outputs))
    for mine, shifted in zip(native.vjp(*inputs, weights), device.vjp(*inputs, weights), strict=True):
        assert mine.shape == shifted.shape
        np.testing.assert_allclose(mine, shifted, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(native.jacobian(*inputs), device.jacobian(*inputs), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("seed", range(60))
def test_reverse_sweep_equals_central_differences(seed):
    rng = np.random.default_rng(1000 + seed)
    n = int(rng.integers(1, 7))
    circuit = random_circuit(rng, n, 14)
    outputs = random_outputs(rng, n)
    program = circuit.compile(outputs)
    inputs = [rng.normal(size=circuit.n_params), rng.normal(size=(2, circuit.n_features)), random_state(rng, 2, n)]
    values, residual = program.forward(*inputs)
    weights = rng.normal(size=values.shape) + (1j * rng.normal(size=values.shape) if np.iscomplexobj(values) else 0)
    found = program.backward(residual, weights)

    def loss(*args):
        return np.sum(weights.conj() * program(*args)).real

    step = 1e-6
    for k, (value, gradient) in enumerate(zip(inputs, found, strict=True)):
        assert gradient.shape == value.shape
        for _ in range(6):
            place = tuple(int(rng.integers(size)) for size in value.shape)
            for unit in (1.0, 1.0j) if np.iscomplexobj(value) else (1.0,):
                moved = [[v.copy() for v in inputs] for _ in range(2)]
                moved[0][k][place] += step * unit
                moved[1][k][place] -= step * unit
                slope = (loss(*moved[0]) - loss(*moved[1])) / (2 * step)
                exact = gradient[place].real if unit == 1.0 else gradient[place].imag
                assert abs(slope - exact) <= 1e-7 * max(1.0, np.abs(weights).sum()), (k, place)


def test_four_terms_are_used_for_controlled_rotations_only():
    w = kw.params(2)
    backend = RunOnly()
    p = kw.Circuit(2).ry(w[0], 0).crx(w[1], 0, 1).compile(kw.Z(1), backend=backend)
    p.vjp(np.array([0.3, 0.4]), None, np.array([1.0]))
    assert backend.runs == 1 + 2 + 4


def test_a_shared_weight_gets_the_sum_of_its_uses():
    w = kw.params(1)
    p = kw.Circuit(1).ry(w[0], 0).ry(2 * w[0], 0).ry(w[0] * w[0], 0).compile(kw.Z(0))
    theta = 0.37
    expected = -np.sin(3 * theta + theta**2) * (3 + 2 * theta)
    np.testing.assert_allclose(p.jacobian([theta])[0, 0], expected, atol=1e-14)


def test_a_state_has_no_shift_rule():
    p = kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.State(), backend=RunOnly())
    with pytest.raises(TypeError, match="no parameter-shift rule"):
        p.backward(p.forward([0.1])[1], np.zeros(2))


def test_an_initial_state_has_no_gradient_on_a_device():
    p = kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0), backend=RunOnly())
    _, residual = p.forward([0.1], None, np.array([0.6, 0.8]))
    with pytest.raises(TypeError, match="no gradient with respect to an initial state"):
        p.backward(residual, np.array([1.0]))


def test_a_gradient_has_the_shape_of_its_input():
    x, w = kw.features(2), kw.params(3)
    circuit = kw.Circuit(2).ry(x[0] * w[0], 0).ry(x[1] + w[1], 1).cx(0, 1).rx(w[2], 1)
    p = circuit.compile([kw.Z(0), kw.Z(1)])
    rng = np.random.default_rng(0)
    for params_shape in [(3,), (1, 3), (4, 3)]:
        for features_shape in [(2,), (1, 2), (4, 2)]:
            params, features = rng.normal(size=params_shape), rng.normal(size=features_shape)
            values, residual = p.forward(params, features)
            d_params, d_features, _ = p.backward(residual, np.ones(values.shape))
            assert d_params.shape == params_shape
            assert d_features.shape == features_shape
            # Whatever was shared, the sum over rows is the same.
            batch = max([len(a) for a in (params, features) if a.ndim == 2], default=1)
            wide = np.broadcast_to(params, (batch, 3)), np.broadcast_to(features, (batch, 2))
            full = p.backward(p.forward(*wide)[1], np.ones((batch, 2)))
            for narrow, broad in zip((d_params, d_features), full[:2], strict=True):
                total = broad if narrow.shape == broad.shape else broad.sum(axis=0).reshape(narrow.shape)
                np.testing.assert_allclose(narrow, total, atol=1e-13)


@pytest.mark.parametrize("backend", [None, kw.Reference(), RunOnly()], ids=["default", "reference", "shifts"])
def test_what_is_not_wanted_is_none_and_the_rest_is_the_same(backend):
    x, w = kw.features(2), kw.params(3)
    circuit = kw.Circuit(2).ry(x[0] * w[0], 0).ry(x[1] + w[1], 1).cx(0, 1).rx(w[2], 1)
    p = circuit.compile([kw.Z(0), kw.Z(1)], backend=backend)
    rng = np.random.default_rng(0)
    inputs, cotangent = (rng.normal(size=3), rng.normal(size=(4, 2))), rng.normal(size=(4, 2))
    state = None if isinstance(backend, RunOnly) else random_state(rng, 4, 2)
    names = ("params", "features", "initial_state")
    residual = p.forward(*inputs, state)[1]
    every = p.backward(residual, cotangent)
    fused = p.vjp(*inputs, cotangent, state)[1:]
    for left, right in zip(fused, every, strict=False):
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-12)
    for wanted in [(), ("params",), ("features",), ("initial_state",), names[:2], ["params", "initial_state"]]:
        for name, mine, full in zip(names, p.backward(residual, cotangent, wanted=wanted), every, strict=True):
            if name in wanted and full is not None:
                np.testing.assert_array_equal(mine, full)
            else:
                assert mine is None
        if "initial_state" not in wanted:
            outputs, *found = p.vjp(*inputs, cotangent, state, wanted=wanted)
            np.testing.assert_array_equal(outputs, p(*inputs, state))
            for name, mine, full in zip(names, found, fused, strict=False):
                assert mine is None if name not in wanted else np.array_equal(mine, full)


def test_single_precision_stays_single():
    p = kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0), dtype="complex64")
    values, residual = p.forward([0.5])
    assert values.dtype == np.float32
    assert p.backward(residual, np.array([1.0]))[0].dtype == np.float32
    assert p.state([0.5]).dtype == np.complex64


def test_a_circuit_without_angles_has_a_gradient_of_its_initial_state():
    p = kw.Circuit(1).h(0).compile(kw.X(0))
    state = np.array([0.6, 0.8])
    values, residual = p.forward(None, None, state)
    np.testing.assert_allclose(values, 0.36 - 0.64, atol=1e-15)
    np.testing.assert_allclose(p.backward(residual, np.array([1.0]))[2], [1.2, -1.6], atol=1e-15)
