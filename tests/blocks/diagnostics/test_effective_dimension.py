"""Fisher information and effective dimension against closed forms."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.diagnostics.effective_dimension import effective_dimension, fisher_information, fisher_informations


def k_of(n, gamma=1.0):
    return gamma * n / (2 * math.pi * math.log(n))


@pytest.mark.parametrize("d", [1, 3, 40])
@pytest.mark.parametrize("n", [100, 10_000])
def test_zero_and_identity(d, n):
    assert effective_dimension(np.zeros((7, d, d)), n) == 0
    exact = d * math.log(1 + k_of(n)) / math.log(k_of(n))
    # Any positive multiple of the identity: only ratios count.
    for scale in (1.0, 1e-6, 25.0):
        assert effective_dimension([scale * np.eye(d)] * 3, n) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("d", [2, 30])
def test_the_identity_tends_to_the_number_of_parameters_and_rank_one_to_one(d):
    n = 10**15
    assert effective_dimension([np.eye(d)], n) == pytest.approx(d, rel=1e-10)
    one = np.zeros((d, d))
    one[0, 0] = 3.7
    exact = math.log(1 + d * k_of(n)) / math.log(k_of(n))
    assert effective_dimension([one], n) == pytest.approx(exact, rel=1e-12)
    assert effective_dimension([one], n) < 1.2


def test_the_mean_is_over_determinants():
    """Two points of weight 1/2: d(n) = 2 log(mean sqrt det) / log k."""
    n, fishers = 1000, np.array([np.diag([3.0, 0.0]), np.diag([0.5, 0.5])])
    scaled = fishers * 2 / 2.0  # the mean trace is 2, the number of parameters
    roots = [math.sqrt(np.linalg.det(np.eye(2) + k_of(n, 0.5) * each)) for each in scaled]
    exact = 2 * math.log(np.mean(roots)) / math.log(k_of(n, 0.5))
    assert effective_dimension(fishers, n, gamma=0.5) == pytest.approx(exact, rel=1e-12)


def test_many_parameters_do_not_overflow():
    assert effective_dimension([np.eye(150)] * 2, 10**9) == pytest.approx(150, rel=0.01)  # a determinant of 10**1000


def test_fisher_of_a_coin_and_of_a_softmax():
    p = np.array([[0.2, 0.8], [0.5, 0.5]])
    jacobian = np.array([[[1.0], [-1.0]], [[1.0], [-1.0]]])
    assert fisher_information(p, jacobian)[0, 0] == pytest.approx((1 / 0.16 + 1 / 0.25) / 2, rel=1e-14)
    logits = np.array([0.3, -0.2, 1.1])
    q = np.exp(logits) / np.exp(logits).sum()
    derivative = np.diag(q) - np.outer(q, q)  # which is its own Fisher information
    np.testing.assert_allclose(fisher_information(q[None], derivative[None]), derivative, atol=1e-15)


def test_fisher_of_a_circuit_is_the_curvature_of_the_divergence():
    model = kw.encodings.reuploading(2, layers=1)
    program = model.compile(kw.Probabilities([0, 1]))
    rng = np.random.default_rng(2)
    w, X = rng.normal(size=model.n_params), rng.normal(size=(6, 2))
    parity = [0, 1, 1, 0]

    def probabilities(at):
        return program(at, X) @ np.eye(2)[parity]

    def divergence(u):
        p, q = probabilities(w), probabilities(w + u)
        return (p * np.log(p / q)).sum() / len(X)

    found = fisher_informations(program, w[None], X, classes=parity)[0]
    for u in 3e-4 * rng.normal(size=(4, model.n_params)):
        both = divergence(u) + divergence(-u)  # the cubic term cancels
        assert both == pytest.approx(u @ found @ u, rel=1e-4)


def test_a_circuit_uses_no_more_directions_than_it_has():
    """RZ on |0> does nothing, so that one of the two parameters counts."""
    w = kw.params(2)
    program = kw.Circuit(1).rz(w[0], 0).ry(w[1], 0).compile(kw.Probabilities([0]))
    fishers = fisher_informations(program, np.random.default_rng(0).uniform(-3, 3, (20, 2)))
    np.testing.assert_allclose(fishers, np.broadcast_to(np.diag([0.0, 1.0]), (20, 2, 2)), atol=1e-12)
    n = 10**9
    assert effective_dimension(fishers, n) == pytest.approx(math.log(1 + 2 * k_of(n)) / math.log(k_of(n)), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: effective_dimension(np.eye(2), 100), r"fishers must have shape \(n_draws, n_params, n_params\)"),
        (lambda: effective_dimension([np.eye(2)], 10), "must be above 1, got 0.691: take more than 10 samples"),
        (lambda: effective_dimension([np.eye(2)], 100, gamma=2), "gamma must be above 0 and at most 1"),
        (lambda: effective_dimension([[[np.nan]]], 100), "fishers must be finite"),
        (lambda: fisher_information([[0.5, 0.6]], np.zeros((1, 2, 1))), "rows must sum to 1"),
        (lambda: fisher_information([[0.5, 0.5]], np.zeros((2, 2, 1))), "jacobian must have shape"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
