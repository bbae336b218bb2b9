"""The Born machine: losses from their definitions, gradients, and distributions that it must be able to learn."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.born_machine import BornMachine, negative_log_likelihood
from ketwise.learning.output_losses import of_outputs

RNG = np.random.default_rng(0)
DATA = RNG.dirichlet(np.ones(8))


def test_likelihood_is_least_at_the_data():
    loss = negative_log_likelihood(DATA)
    entropy = -(DATA * np.log(DATA)).sum()
    assert loss(DATA)[0] == pytest.approx(entropy)
    for _ in range(10):
        assert loss(RNG.dirichlet(np.ones(8)))[0] > entropy


def test_the_gradient_of_the_likelihood_is_its_finite_differences():
    circuit = kw.ansatz.strongly_entangling(3, layers=2)
    loss = of_outputs(circuit.compile(kw.Probabilities()), negative_log_likelihood(DATA))
    theta = RNG.normal(size=circuit.n_params)
    for k, slope in enumerate(loss(theta)[1]):
        e = 1e-6 * np.eye(len(theta))[k]
        assert slope == pytest.approx((loss(theta + e)[0] - loss(theta - e)[0]) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("loss", ["mmd", "likelihood"])
def test_it_learns_a_product_distribution(loss):
    """Independent bits: RY on every qubit is enough, and the angles are known."""
    shares = np.array([0.2, 0.7, 0.5])
    codes = np.arange(1000)
    X = np.stack([(codes % 10) < 2, (codes // 10 % 10) < 7, (codes // 100) < 5], axis=1).astype(float)
    w = kw.params(3)
    circuit = kw.Circuit(3).ry(w[0], 0).ry(w[1], 1).ry(w[2], 2)
    machine = BornMachine(circuit, loss=loss, tol=1e-14, random_state=0).fit(X)
    np.testing.assert_allclose(np.sin(machine.params_ / 2) ** 2, shares, atol=1e-4)
    entropy = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares)).sum()
    assert machine.score(X) == pytest.approx(-entropy, abs=1e-6)


@pytest.mark.parametrize("loss", ["mmd", "likelihood"])
def test_it_learns_bars_and_stripes(loss):
    X = np.array([[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])
    machine = BornMachine(n_layers=4, loss=loss, max_iter=2000, random_state=0).fit(X)
    np.testing.assert_allclose(np.exp(machine.score_samples(X)), 1 / 6, atol=0.01)
    drawn = machine.sample(200)
    assert np.mean([row.tolist() in X.tolist() for row in drawn]) > 0.95


def test_samples_follow_the_probabilities_and_columns_are_bits():
    X = np.tile([[1.0, 0.0, 0.0]], (5, 1))
    machine = BornMachine(n_layers=2, loss="likelihood", random_state=0).fit(X)
    assert machine.probabilities_[1] > 0.99  # column 0 is bit 0
    np.testing.assert_array_equal(machine.sample(3), X[:3])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "entropy"}, "loss must be 'mmd' or 'likelihood'"),
        ({"bandwidths": (1.0, 0.0)}, "bandwidths must be one or more positive numbers"),
        ({"bandwidths": ()}, "bandwidths must be one or more positive numbers"),
        ({"circuit": kw.ansatz.strongly_entangling(3)}, "circuit must have 2 qubits, one a column"),
        ({"circuit": kw.Circuit(2).h(0)}, "parameters and no features"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        BornMachine(**settings).fit(np.eye(2))
