"""SPSA and QN-SPSA: their estimates have the right mean, shown by taking every sign there is."""

from itertools import product

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.gradients.metric_tensor import metric_tensor
from ketwise.learning.optimizers import QNSPSA, SPSA, Landscape
from ketwise.learning.optimizers.spsa import simultaneous_gradient, simultaneous_metric
from ketwise.learning.program_landscape import program_landscape

RNG = np.random.default_rng(0)
MATRIX, SLOPE = RNG.normal(size=(4, 4)), RNG.normal(size=4)
QUADRATIC = Landscape.of(
    lambda theta: (float(theta @ MATRIX @ theta + SLOPE @ theta), (MATRIX + MATRIX.T) @ theta + SLOPE)
)
SIGNS = np.array(list(product([-1.0, 1.0], repeat=4)))


@pytest.mark.parametrize("width", [0.01, 1.0, 10.0])
def test_the_gradient_of_a_quadratic_is_unbiased_at_any_width(width):
    theta = RNG.normal(size=4)
    estimates = [simultaneous_gradient(QUADRATIC, theta, width, signs)[1] for signs in SIGNS]
    np.testing.assert_allclose(np.mean(estimates, axis=0), QUADRATIC.loss_and_gradient(theta)[1], atol=1e-9)


def test_the_bias_on_a_circuit_falls_with_the_square_of_the_width():
    circuit = kw.Circuit(2).ry(kw.params(4)[0], 0).ry(kw.params(4)[1], 1).cx(0, 1)
    circuit.rx(kw.params(4)[2], 0).rz(kw.params(4)[3], 1)
    landscape = program_landscape(circuit.compile([kw.Z(0), kw.X(1)]))
    theta = RNG.normal(size=4)
    exact = landscape.loss_and_gradient(theta)[1]
    biases = [
        np.abs(np.mean([simultaneous_gradient(landscape, theta, c, s)[1] for s in SIGNS], axis=0) - exact).max()
        for c in (0.2, 0.1, 0.05)
    ]
    assert biases[0] / biases[1] == pytest.approx(4, rel=0.05)
    assert biases[1] / biases[2] == pytest.approx(4, rel=0.05)
    # Third derivatives are at most 2 here, and every term of the expansion has 4**2 of them: c**2 / 6 * 2 * 16.
    assert biases[0] < 0.2**2 / 6 * 2 * 16


def test_the_mean_of_random_steps_is_within_five_standard_errors():
    theta, n = RNG.normal(size=4), 4000
    rule, rng = SPSA(learning_rate=1.0, stability=0.0), np.random.default_rng(1)
    state = rule.init(theta)
    steps = np.array([theta - rule.update(state, theta, QUADRATIC, rng).theta for _ in range(n)])
    error = steps.std(axis=0) / np.sqrt(n)
    assert (np.abs(steps.mean(axis=0) - QUADRATIC.loss_and_gradient(theta)[1]) < 5 * error).all()


def test_the_metric_is_unbiased_but_for_the_square_of_the_width():
    w = kw.params(3)
    circuit = kw.Circuit(2).ry(w[0], 0).cx(0, 1).rx(w[1], 1).rz(w[2], 0)
    landscape = program_landscape(circuit.compile(kw.Z(0)))
    theta, signs = np.array([0.7, -0.4, 1.2]), np.array(list(product([-1.0, 1.0], repeat=3)))
    exact = metric_tensor(circuit, theta)

    def mean(width):
        return np.mean(
            [simultaneous_metric(landscape.fidelities, theta, width, a, b) for a in signs for b in signs], axis=0
        )

    errors = [np.abs(mean(c) - exact).max() for c in (0.2, 0.1)]
    assert errors[1] < 0.01
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_the_rates_of_spsa_are_spalls():
    slope = Landscape.of(lambda theta: (float(theta.sum()), np.ones_like(theta)))
    rule, rng = SPSA(0.3, 0.1, stability=7.0), np.random.default_rng(0)
    theta, state = np.zeros(1), rule.init(np.zeros(1))
    for k in range(5):  # one value: the estimate is the slope, 1, whatever the sign
        moved, state, *_ = rule.update(state, theta, slope, rng)
        assert theta[0] - moved[0] == pytest.approx(0.3 * (8 / (8 + k)) ** 0.602)
        theta = moved


def test_a_step_of_qn_spsa_by_hand():
    landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)))
    rule = QNSPSA(0.1, 1e-3, regularization=0.01)
    theta, state, *_ = rule.update(rule.init(np.zeros(1)), np.array([1.0]), landscape, np.random.default_rng(0))
    # One value: signs cancel. The overlap is cos(d / 2)**2, its metric 1/4, and the start counts once.
    assert state.metric[0, 0] == pytest.approx((1 + 0.25) / 2, abs=1e-6)
    assert theta[0] == pytest.approx(1 + 0.1 * np.sin(1.0) * 1.01 / (0.625 + 0.01), abs=1e-6)


def test_qn_spsa_needs_states():
    with pytest.raises(
        TypeError, match="QNSPSA needs fidelities, which this loss does not have: use kw.optimizers.SPSA"
    ):
        QNSPSA().update(QNSPSA().init(np.ones(4)), np.ones(4), QUADRATIC, np.random.default_rng(0))
