"""Shots: exact variances, honest counts, and the rule that buys them."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.minimize import minimize
from ketwise.learning.optimizers import Landscape, ShotAdaptive
from ketwise.learning.optimizers.landscape import Sampled
from ketwise.learning.program_landscape import program_landscape
from ketwise.learning.shot_gradient import shot_gradient

W = kw.params(3)


def test_one_rotation_in_closed_form():
    sampled = shot_gradient(kw.Circuit(1).ry(W[0], 0), kw.Z(0))
    rng, theta, shots = np.random.default_rng(0), 0.7, 50
    found = [sampled(np.array([theta]), np.array([shots]), rng) for _ in range(4000)]
    # (z(+) - z(-)) / 2 with variances 1 - sin(theta)**2 each.
    assert found[0].variance[0] == pytest.approx(np.cos(theta) ** 2 / 2)
    assert found[0].spent == 2 * shots
    drawn = np.array([f.gradient[0] for f in found])
    deviation = np.sqrt(np.cos(theta) ** 2 / 2 / shots)
    assert drawn.mean() == pytest.approx(-np.sin(theta), abs=5 * deviation / np.sqrt(4000))
    assert drawn.std() == pytest.approx(deviation, rel=5 / np.sqrt(2 * 4000))


def test_variances_are_those_of_real_samples():
    """Shots of basis states, drawn one by one, spread as the exact variances say."""
    circuit = kw.Circuit(2).ry(W[0], 0).cx(0, 1).ry(W[1], 1)
    observable, theta = kw.Z(0) * kw.Z(1) + 0.5 * kw.Z(1), np.array([0.4, 1.1])
    variance = shot_gradient(circuit, observable)(theta, np.array([1, 1]), np.random.default_rng(0)).variance
    values = np.diag(observable.to_matrix(2)).real
    for k in range(2):
        shift = np.pi / 2 * np.eye(2)[k]
        after, before = (
            values[circuit.compile(kw.Z(0)).sample(theta + s * shift, shots=20_000, seed=7 + k)] for s in (1, -1)
        )
        assert variance[k] == pytest.approx((after.var() + before.var()) / 4, rel=0.05)


def test_gradients_and_counts_with_data_shared_and_controlled_angles():
    x = kw.features(1)
    circuit = kw.Circuit(2).ry(W[0] * x[0] + W[1], 0).crx(W[1], 0, 1).rz(0.3, 1).ry(2 * W[2], 1)
    X = np.array([[0.3], [-1.2], [0.0]])
    program = circuit.compile([kw.Z(1), kw.X(0)])
    landscape = program_landscape(program, X, [0.5, -2.0])
    theta, shots = np.array([0.4, -0.8, 0.2]), np.array([10, 100, 1000])
    quiet = landscape.sampled_gradient(theta, np.full(3, 1 << 60), np.random.default_rng(0))
    np.testing.assert_allclose(quiet.gradient, landscape.loss_and_gradient(theta)[1], atol=1e-7)
    found = landscape.sampled_gradient(theta, shots, np.random.default_rng(0))
    # Circuits: 2 for w[0] on the two rows whose factor is not 0; 2 + 4 for w[1] on three rows; 2 for w[2] on three.
    assert found.spent == 10 * 2 * 2 + 100 * 6 * 3 + 1000 * 2 * 3


def test_a_step_is_algorithm_icans1_by_hand():
    gradient, variance = np.array([0.5, -0.1]), np.array([0.2, 0.9])
    seen = []

    def sampled(theta, shots, rng):
        seen.append(shots)
        return Sampled(gradient, variance, 7)

    landscape = Landscape(None, lambda thetas: thetas.sum(axis=1), sampled_gradient=sampled)
    rule = ShotAdaptive(0.2, lipschitz=3.0, least_shots=4, memory=0.9, bias=1e-3)
    theta, state, loss, done = rule.update(rule.init(np.zeros(2)), np.array([1.0, 2.0]), landscape, None)
    np.testing.assert_allclose(theta, [1.0 - 0.1, 2.0 + 0.02])
    np.testing.assert_array_equal(seen[0], [4, 4])
    # Means of one step, corrected, are that step's; 2 L a / (2 - L a) = 1.2 / 1.4.
    wanted = np.ceil(1.2 / 1.4 * variance / (gradient**2 + 1e-3))
    gain = ((0.2 - 0.06) * gradient**2 - 0.06 / wanted * variance) / wanted
    most = max(wanted[np.argmax(gain)], 4)
    np.testing.assert_array_equal(state.shots, np.clip(wanted, 4, most))
    assert (loss, done, state.spent, state.step) == (3.0, False, 7, 1)


def test_it_spends_less_than_equal_shots_to_the_same_loss():
    rng = np.random.default_rng(3)
    circuit = kw.ansatz.hardware_efficient(3, layers=1)
    landscape = program_landscape(circuit.compile(kw.Z(0) * kw.Z(1) + kw.Z(1) * kw.Z(2) + 0.2 * kw.X(0)))
    start = rng.uniform(-1, 1, circuit.n_params)
    rule, theta = ShotAdaptive(0.15, lipschitz=2.2), start
    state, rng = rule.init(start), np.random.default_rng(0)
    while landscape.losses(theta[np.newaxis])[0] > -1.9:
        theta, state, *_ = rule.update(state, theta, landscape, rng)
    equal, spent, rng = start, 0, np.random.default_rng(0)
    while landscape.losses(equal[np.newaxis])[0] > -1.9:
        found = landscape.sampled_gradient(equal, np.full(len(start), 1000), rng)
        equal, spent = equal - 0.15 * found.gradient, spent + found.spent
    assert state.spent < 0.5 * spent


def test_a_budget_ends_it():
    program = kw.Circuit(1).ry(W[0], 0).compile(kw.Z(0))
    found = minimize(program, [1.0], optimizer=ShotAdaptive(0.2, budget=500), seed=0, max_iter=1000)
    assert found.converged
    assert 500 <= found.shots < 2000


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="learning_rate must be above 0 and below 2 / lipschitz = 0.5, got 0.5"):
        ShotAdaptive(0.5, lipschitz=4.0)
    with pytest.raises(ValueError, match="least_shots"):
        ShotAdaptive(least_shots=1)
    bare = Landscape.of(lambda theta: (0.0, theta))
    with pytest.raises(
        TypeError, match="ShotAdaptive needs sampled gradient, which this loss does not have: use it wi"
    ):
        ShotAdaptive().update(ShotAdaptive().init(np.ones(1)), np.ones(1), bare, None)
