"""Losses of outputs against their definitions, dense matrices, scikit-learn and differences."""

import numpy as np
import pytest
from sklearn.preprocessing import KernelCenterer

import ketwise as kw
from ketwise.blocks.diagnostics import alignment
from ketwise.learning.minimize import minimize
from ketwise.learning.output_losses import infidelity, kernel_alignment, mmd, negative_alignment, of_outputs

RNG = np.random.default_rng(0)


def assert_gradient(function, at, step=1e-6, atol=1e-8):
    value, gradient = function(at)
    for place in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[place] = step
        slope = (function(at + moved)[0] - function(at - moved)[0]) / (2 * step)
        assert gradient[place] == pytest.approx(slope, abs=atol)
    return value


def test_mmd_is_that_of_its_kernel_matrix():
    n, bandwidths = 3, (0.4, 1.5)
    bits = (np.arange(8)[:, None] >> np.arange(n)) & 1
    distance = (bits[:, None] != bits[None]).sum(axis=2)
    kernel = np.mean([np.exp(-distance / (2 * b * b)) for b in bandwidths], axis=0)
    p, q = RNG.dirichlet(np.ones(8), 4), RNG.dirichlet(np.ones(8))
    loss = mmd(q, bandwidths)
    expected = np.mean([(row - q) @ kernel @ (row - q) for row in p])
    assert assert_gradient(loss, p) == pytest.approx(expected, rel=1e-12)
    assert assert_gradient(loss, p[0]) == pytest.approx((p[0] - q) @ kernel @ (p[0] - q), rel=1e-12)
    assert loss(q)[0] == 0


def test_a_born_machine_learns_a_distribution():
    target = np.array([0.5, 0, 0, 0.5])
    circuit = kw.ansatz.hardware_efficient(2, layers=1)
    loss = of_outputs(circuit.compile(kw.Probabilities()), mmd(target))
    start = RNG.uniform(-1, 1, circuit.n_params)
    assert_gradient(loss, start)
    found = minimize(loss, start)
    np.testing.assert_allclose(circuit.compile(kw.Probabilities())(found.params), target, atol=1e-3)


def test_a_state_is_prepared():
    state = RNG.normal(size=4) + 1j * RNG.normal(size=4)
    state /= np.linalg.norm(state)
    circuit = kw.ansatz.strongly_entangling(2, layers=2)
    loss = of_outputs(circuit.compile(kw.Overlap(state)), infidelity)
    start = RNG.uniform(-1, 1, circuit.n_params)
    assert_gradient(loss, start)
    found = minimize(loss, start, max_iter=500, tol=1e-14)
    reached = circuit.compile(kw.State())(found.params)
    assert abs(np.vdot(state, reached)) ** 2 == pytest.approx(1, abs=1e-6)


def test_alignment_is_cortes_and_scikit_learns():
    A, y = RNG.normal(size=(7, 4)), RNG.choice([-1.0, 1.0], 7)
    kernel = A @ A.T
    value = negative_alignment(kernel, y)[0]
    assert value == pytest.approx(-alignment(kernel, np.outer(y, y)), rel=1e-12)
    centred = KernelCenterer().fit_transform(kernel.copy()), KernelCenterer().fit_transform(np.outer(y, y))
    expected = (centred[0] * centred[1]).sum() / np.linalg.norm(centred[0]) / np.linalg.norm(centred[1])
    assert value == pytest.approx(-expected, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_alignments_gradient_against_differences(weighted):
    A, labels = RNG.normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 0]]
    weights = RNG.uniform(0.5, 2, 6) if weighted else None
    assert_gradient(lambda kernel: negative_alignment(kernel, labels, weights), A @ A.T)


def test_a_row_of_weight_two_is_two_rows():
    A, y = RNG.normal(size=(5, 3)), RNG.normal(size=5)
    twice = [0, 1, 1, 2, 3, 4, 4]
    once = negative_alignment(A @ A.T, y, np.array([1.0, 2, 1, 1, 2]))[0]
    assert once == pytest.approx(negative_alignment((A @ A.T)[np.ix_(twice, twice)], y[twice])[0], rel=1e-12)


def test_a_kernel_is_trained():
    x, w = kw.features(2), kw.params(4)
    circuit = kw.Circuit(2).ry(w[0] * x[0], 0).ry(w[1] * x[1], 1).cx(0, 1).rx(w[2] * x[0], 0).rz(w[3] * x[1], 1)
    circuit.ry(x[0], 1)
    X = RNG.normal(size=(12, 2))
    y = np.sign(X[:, 0] * X[:, 1])
    loss, start = kernel_alignment(circuit, X, y), np.full(4, 0.5)
    assert_gradient(loss, start)
    states = circuit.compile(kw.State())(start, X)
    kernel = np.abs(states.conj() @ states.T) ** 2
    assert loss(start)[0] == pytest.approx(-alignment(kernel, np.outer(y, y)), rel=1e-12)
    assert minimize(loss, start, max_iter=30).value < loss(start)[0] - 0.1


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"target must have shape \(2\*\*n_qubits,\), got \(3,\)"):
        mmd([0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match="probabilities with a sum of 1, got a sum of 2"):
        mmd([1.0, 1.0])
    with pytest.raises(ValueError, match="bandwidths must be one or more positive numbers"):
        mmd([0.5, 0.5], [])
    with pytest.raises(ValueError, match=r"outputs must have shape \(batch, 2\), got \(1, 4\)"):
        mmd([0.5, 0.5])(np.ones((1, 4)))
    with pytest.raises(ValueError, match="no alignment"):
        negative_alignment(np.ones((3, 3)), [1, -1, 1])
    circuit = kw.Circuit(1).ry(kw.params(1)[0], 0)
    with pytest.raises(ValueError, match="d_outputs of the loss must have shape"):
        of_outputs(circuit.compile(kw.Z(0)), lambda outputs: (0.0, np.zeros(5)))(np.ones(1))
