"""Adam against its paper, and against others' step by step."""

import math

import numpy as np
import pytest

from ketwise.learning.optimizers import Adam, Landscape

RNG = np.random.default_rng(0)
CURVATURE = RNG.normal(size=(4, 4))
START = RNG.normal(size=4)


def loss_and_gradient(theta):
    bent = CURVATURE @ theta
    return float(np.sum(bent**2) + np.sum(np.sin(theta))), 2 * CURVATURE.T @ bent + np.cos(theta)


def ours(n_steps, **settings):
    rule, theta, path = Adam(**settings), START, []
    state = rule.init(theta)
    for _ in range(n_steps):
        theta, state, *_ = rule.update(state, theta, Landscape.of(loss_and_gradient))
        path.append(theta)
    return np.array(path)


def test_it_is_algorithm_1_of_the_paper():
    rate, beta1, beta2, epsilon = 0.07, 0.8, 0.95, 1e-3
    theta, m, v = START.tolist(), [0.0] * 4, [0.0] * 4
    path = []
    for t in range(1, 31):
        g = loss_and_gradient(np.array(theta))[1].tolist()
        m = [beta1 * a + (1 - beta1) * b for a, b in zip(m, g, strict=True)]
        v = [beta2 * a + (1 - beta2) * b * b for a, b in zip(v, g, strict=True)]
        corrected = [(a / (1 - beta1**t), b / (1 - beta2**t)) for a, b in zip(m, v, strict=True)]
        theta = [w - rate * a / (math.sqrt(b) + epsilon) for w, (a, b) in zip(theta, corrected, strict=True)]
        path.append(theta)
    found = ours(30, learning_rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon)
    np.testing.assert_allclose(found, path, rtol=1e-12, atol=1e-13)


def test_it_is_pennylanes():
    qml = pytest.importorskip("pennylane", reason="PennyLane is not installed: pip install pennylane")
    # There epsilon stands before the correction: none here, so that both are the same.
    theirs, theta, path = qml.AdamOptimizer(0.05, beta2=0.999, eps=0.0), qml.numpy.array(START, requires_grad=True), []
    for _ in range(30):
        theta = theirs.apply_grad([loss_and_gradient(theta)[1]], [theta])[0]
        path.append(np.array(theta))
    np.testing.assert_allclose(ours(30, learning_rate=0.05, epsilon=0.0), path, rtol=1e-10)


def test_it_is_torchs():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    theta = torch.tensor(START, requires_grad=True)
    theirs, path = torch.optim.Adam([theta], lr=0.05), []
    for _ in range(30):
        theta.grad = torch.tensor(loss_and_gradient(theta.detach().numpy())[1])
        theirs.step()
        path.append(theta.detach().numpy().copy())
    np.testing.assert_allclose(ours(30, learning_rate=0.05), path, rtol=1e-12)
