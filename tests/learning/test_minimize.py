"""Minimising expectations and one's own losses, against eigenvalues."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.minimize import minimize
from ketwise.learning.optimizers import (
    QNSPSA,
    SPSA,
    Adam,
    NaturalGradient,
    Rotosolve,
    SciPy,
    ShotAdaptive,
)
from ketwise.learning.optimizers.scipy_methods import METHODS
from ketwise.learning.program_landscape import program_landscape

CIRCUIT = kw.ansatz.hardware_efficient(2, layers=2)
ENERGY = kw.Z(0) * kw.Z(1) + 0.6 * kw.X(0) + 0.6 * kw.X(1)
LOWEST = np.linalg.eigvalsh(ENERGY.to_matrix(2))[0]
START = np.random.default_rng(0).uniform(-1, 1, CIRCUIT.n_params)

CASES = {
    "lbfgs": ("lbfgs", 200, 1e-6),
    "adam": (Adam(0.1), 300, 1e-4),
    "natural": (NaturalGradient(0.05, "full"), 300, 1e-4),
    "block": (NaturalGradient(0.05, "block"), 300, 1e-3),
    "rotosolve": (Rotosolve(), 200, 1e-3),
    "spsa": (SPSA(0.3), 600, 1e-2),
    "qnspsa": (QNSPSA(), 600, 1e-2),
    "shots": (ShotAdaptive(0.1, lipschitz=2.2, least_shots=50), 300, 5e-2),
}


@pytest.mark.parametrize("name", CASES)
def test_every_optimiser_finds_the_ground_state(name):
    optimizer, steps, error = CASES[name]
    program = CIRCUIT.compile(ENERGY)
    found = minimize(program, START, optimizer=optimizer, max_iter=steps, patience=steps, seed=0)
    assert LOWEST - 1e-12 <= found.value < LOWEST + error
    assert found.value == pytest.approx(program(found.params)[0], abs=1e-12)
    assert len(found.losses) <= steps
    again = minimize(program, START, optimizer=optimizer, max_iter=steps, patience=steps, seed=0)
    np.testing.assert_array_equal(again.params, found.params)
    assert (found.shots is None) == (name != "shots")


@pytest.mark.parametrize("method", METHODS)
def test_scipys_methods_stop_where_they_are_told(method):
    program, seen = CIRCUIT.compile(ENERGY), []
    found = minimize(program, START, optimizer=SciPy(method), max_iter=7, tol=0.0, callbacks=seen.append)
    assert len(found.losses) == len(seen) <= 7
    assert found.value < program(START)[0]
    assert seen[-1].iteration == len(seen)
    ended = minimize(
        program, START, optimizer=SciPy(method), max_iter=7, tol=0.0, callbacks=lambda now: now.iteration == 2
    )
    assert len(ended.losses) == 2


def test_scipys_own_options_come_first():
    found = minimize(CIRCUIT.compile(ENERGY), START, optimizer=SciPy("L-BFGS-B", {"maxiter": 3}), tol=0.0)
    assert len(found.losses) == 3
    with pytest.raises(ValueError, match="method must be one of 'L-BFGS-B', .* got 'SGD'"):
        SciPy("SGD")


def test_rows_and_weights_are_a_mean():
    circuit = kw.encodings.angle(2).circuit + CIRCUIT
    X, weights = np.random.default_rng(1).normal(size=(5, 2)), np.array([0.3, -2.0])
    program = circuit.compile([kw.Z(0), kw.X(1)])
    landscape = program_landscape(program, X, weights)
    loss, gradient = landscape.loss_and_gradient(START)
    assert loss == pytest.approx((program(START, X) @ weights).mean())
    thetas = START + np.random.default_rng(2).normal(size=(3, len(START)))
    expected = [(program(theta, X) @ weights).mean() for theta in thetas]
    np.testing.assert_allclose(landscape.losses(thetas), expected, atol=1e-13)
    for k in range(len(START)):
        step = 1e-5 * np.eye(len(START))[k]
        ahead, back = landscape.losses(np.stack([START + step, START - step]))
        assert gradient[k] == pytest.approx((ahead - back) / 2e-5, abs=1e-8)


def test_a_loss_of_ones_own():
    def rosenbrock(theta):
        a, b = theta
        return (1 - a) ** 2 + 100 * (b - a * a) ** 2, np.array([2 * (a - 1) - 400 * a * (b - a * a), 200 * (b - a * a)])

    found = minimize(rosenbrock, [-1.0, 1.0], tol=1e-14, max_iter=500)
    np.testing.assert_allclose(found.params, [1, 1], atol=1e-5)
    assert found.converged
    assert "Minimum(" in repr(found)
    with pytest.raises(TypeError, match="needs a sum of expectations .* this loss is not known to be"):
        minimize(rosenbrock, [0.0, 0.0], optimizer=Rotosolve())
    with pytest.raises(ValueError, match="features and weights belong to a program"):
        minimize(rosenbrock, [0.0, 0.0], features=[1.0])


@pytest.mark.parametrize(
    "optimizer", ["lbfgs", QNSPSA(), ShotAdaptive(0.1, lipschitz=2.2)], ids=["lbfgs", "qnspsa", "shots"]
)
def test_it_goes_on_from_a_checkpoint(tmp_path, optimizer):
    class StopError(Exception):
        pass

    def crash(now):
        if now.iteration == 6:
            raise StopError

    program = CIRCUIT.compile(ENERGY)
    settings = {"optimizer": optimizer, "max_iter": 12, "seed": 4, "checkpoint": tmp_path / "fit"}
    whole = minimize(program, START, **settings | {"checkpoint": None})
    with pytest.raises(StopError):
        minimize(program, START, callbacks=crash, **settings)
    found = minimize(program, START, **settings)
    np.testing.assert_array_equal(found.params, whole.params)
    np.testing.assert_array_equal(found.losses, whole.losses)
    assert found.shots == whole.shots
    with pytest.raises(ValueError, match="another circuit, loss or start"):
        minimize(program, START + 1.0, **settings)
    with pytest.raises(ValueError, match="seed=4, and this one has seed=5"):
        minimize(program, START, **settings | {"seed": 5})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"params": [[1.0]]}, r"params must be a finite array of shape \(n_params,\), got shape \(1, 1\)"),
        ({"params": START[1:]}, "params"),
        ({"optimizer": "sgd"}, "optimizer must be 'lbfgs', 'adam', or out of kw.optimizers Adam, "),
        ({"max_iter": 0}, "max_iter"),
        ({"weights": [1.0, 2.0]}, r"weights must have shape \(1,\), got \(2,\)"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        minimize(CIRCUIT.compile(ENERGY), **{"params": START} | arguments)


def test_what_is_no_loss_is_refused():
    with pytest.raises(TypeError, match="a state is no loss"):
        minimize(CIRCUIT.compile(kw.State()), START)
    with pytest.raises(ValueError, match="nothing to train"):
        minimize(kw.Circuit(1).h(0).compile(kw.Z(0)), [])
