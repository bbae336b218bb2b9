"""Rotosolve: exact minima, never a step up, and refusals by name."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.optimizers import Rotosolve
from ketwise.learning.program_landscape import program_landscape
from tests.random_circuits import random_observable

W, F = kw.params(3), kw.features(1)


def sweep(landscape, theta):
    rule = Rotosolve()
    return rule.update(rule.init(theta), theta, landscape)


@pytest.mark.parametrize("seed", range(8))
def test_one_rotation_is_at_its_exact_minimum_after_one_sweep(seed):
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=3)
    # RY turns in the plane of X and Z: a cos + b sin, and Y stays 0.
    landscape = program_landscape(kw.Circuit(1).ry(W[0], 0).compile(a * kw.Z(0) + b * kw.X(0) + c * kw.Y(0)))
    theta, _, loss, _ = sweep(landscape, rng.uniform(-9, 9, 1))
    assert loss == pytest.approx(-np.hypot(a, b), abs=1e-14)
    assert landscape.losses(theta[np.newaxis])[0] == loss
    assert abs(theta[0]) <= np.pi
    assert sweep(landscape, theta).done


def test_a_qubits_ground_state_from_two_rotations():
    # Any state: the lowest eigenvalue of n . sigma is -|n|.
    n = np.array([0.3, -0.8, 0.5])
    observable = n[0] * kw.X(0) + n[1] * kw.Y(0) + n[2] * kw.Z(0)
    landscape = program_landscape(kw.Circuit(1).ry(W[0], 0).rz(W[1], 0).compile(observable))
    theta, rule = np.array([0.2, 0.1]), Rotosolve()
    state, losses = rule.init(theta), []
    for _ in range(60):
        theta, state, loss, _ = rule.update(state, theta, landscape)
        losses.append(loss)
    assert losses[-1] == pytest.approx(-np.linalg.norm(n), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_it_never_raises_the_loss(seed):
    rng = np.random.default_rng(seed)
    circuit = kw.ansatz.hardware_efficient(3, layers=2)
    features = None
    if seed % 2:  # data and constants beside a parameter only shift its sinusoid
        circuit = (
            kw.encodings.angle(3).circuit + circuit + kw.Circuit(3).ry(-kw.params(circuit.n_params + 1)[-1] + 1.0, 0)
        )
        features = rng.normal(size=(5, 3))
    landscape = program_landscape(circuit.compile(random_observable(rng, 3, 6)), features)
    theta, rule = rng.uniform(-np.pi, np.pi, circuit.n_params), Rotosolve()
    state, last = rule.init(theta), landscape.losses(theta[np.newaxis])[0]
    for _ in range(40):
        theta, state, loss, _ = rule.update(state, theta, landscape)
        assert loss <= last
        assert landscape.losses(theta[np.newaxis])[0] == loss
        last = loss
    # At the end hardly any parameter alone can do better.
    assert np.abs(landscape.loss_and_gradient(theta)[1]).max() < 0.1


@pytest.mark.parametrize(
    ("circuit", "named"),
    [
        (kw.Circuit(1).ry(2 * W[1], 0), r"w\[1\] is in ry\(2\*w\[1\]\) on qubit 0, where it has a factor"),
        (kw.Circuit(1).ry(W[0] * W[2], 0), r"w\[[02]\] is in ry.* multiplied by another symbol"),
        (kw.Circuit(1).ry(W[0] * F[0], 0), r"w\[0\] is in ry.* multiplied by another symbol"),
        (kw.Circuit(2).crx(W[0], 0, 1), r"w\[0\] is in c?rx\(w\[0\]\) on qubits 0, 1, which is controlled"),
        (
            kw.Circuit(2).ry(W[0], 0).rx(W[0], 1),
            r"w\[0\] is in rx\(w\[0\]\) on qubit 1, and in ry\(w\[0\]\) on qubit 0",
        ),
    ],
)
def test_others_are_refused_by_name(circuit, named):
    rows = np.zeros((1, 1)) if circuit.n_features else None
    landscape = program_landscape(circuit.compile(kw.Z(0)), rows)
    with pytest.raises(TypeError, match=f"each parameter is the angle of one rotation, and {named}.*such as Adam"):
        sweep(landscape, np.ones(circuit.n_params))
