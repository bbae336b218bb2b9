"""The natural gradient on circuits whose metric is known in closed form, and against PennyLane's."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.losses import squared_error
from ketwise.learning.model import METRIC_ROWS, Model
from ketwise.learning.optimizers import Landscape, NaturalGradient
from ketwise.learning.program_landscape import program_landscape

W = kw.params(2)
SPHERE = program_landscape(kw.Circuit(1).ry(W[0], 0).rz(W[1], 0).compile(kw.X(0)))


@pytest.mark.parametrize("approx", ["full", "block", "diagonal"])
def test_a_step_on_the_bloch_sphere(approx):
    # The loss is sin(a) cos(b), the metric that of a sphere of radius 1/2: Stokes et al. (2020).
    rule, (a, b), rate = NaturalGradient(0.03, approx, regularization=0.0), (0.7, 0.4), 0.03
    theta, state, loss, _ = rule.update(rule.init(np.zeros(2)), np.array([a, b]), SPHERE)
    expected = [a - 4 * rate * np.cos(a) * np.cos(b), b + 4 * rate * np.sin(b) / np.sin(a)]
    np.testing.assert_allclose(theta, expected, atol=1e-12)
    assert loss == pytest.approx(np.sin(a) * np.cos(b))
    assert state.step == 1


def test_the_path_of_one_rotation_is_that_of_its_flow():
    # d theta / dt = 4 sin(theta): tan(theta / 2) grows as exp(4 t).
    landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)))
    rule, theta, n = NaturalGradient(5e-4, regularization=0.0), np.array([0.3]), 1000
    state = rule.init(theta)
    for _ in range(n):
        theta, state, *_ = rule.update(state, theta, landscape)
    assert np.tan(theta[0] / 2) == pytest.approx(np.tan(0.15) * np.exp(4 * n * 5e-4), rel=1e-2)


def test_a_singular_metric_needs_regularisation():
    pole = np.array([0.0, 0.5])  # turning about Z moves nothing here
    with pytest.raises(ValueError, match="the metric is singular here: set regularization"):
        NaturalGradient(regularization=0.0).update(NaturalGradient().init(pole), pole, SPHERE)
    rule = NaturalGradient(0.1, regularization=1e-2)
    theta = rule.update(rule.init(pole), pole, SPHERE).theta
    np.testing.assert_allclose(theta, pole - 0.1 * np.array([np.cos(0.5) / 0.26, 0.0]), atol=1e-12)


def test_it_is_pennylanes():
    qml = pytest.importorskip("pennylane", reason="PennyLane is not installed: pip install pennylane")
    from pennylane import numpy as pnp

    w = kw.params(4)
    circuit = kw.Circuit(2).ry(w[0], 0).ry(w[1], 1).cx(0, 1).rz(w[2], 0).rx(w[3], 1)
    landscape = program_landscape(circuit.compile(kw.Z(0) + 0.5 * kw.X(1)))
    start = np.array([0.4, -1.1, 0.8, 0.3])

    @qml.qnode(qml.device("default.qubit", wires=2))
    def theirs(params):
        qml.RY(params[0], wires=0)
        qml.RY(params[1], wires=1)
        qml.CNOT([0, 1])
        qml.RZ(params[2], wires=0)
        qml.RX(params[3], wires=1)
        return qml.expval(qml.Z(0) + 0.5 * qml.X(1))

    step = qml.QNGOptimizer(0.05, approx="block-diag", lam=0.01).step(theirs, pnp.array(start, requires_grad=True))
    rule = NaturalGradient(0.05, "block", regularization=0.01)
    np.testing.assert_allclose(rule.update(rule.init(start), start, landscape).theta, step, atol=1e-10)


def test_the_metric_of_a_model_is_the_mean_over_rows_and_flat_for_the_readout():
    x, w = kw.features(1), kw.params(1)
    model = Model(kw.Encoding("product", kw.Circuit(1).ry(x[0] * w[0], 0)), (kw.Z(0),), 1)
    X = np.linspace(-1, 1, METRIC_ROWS)[:, np.newaxis]
    landscape = model.landscapes(X, np.zeros((16, 1)), np.ones(16), squared_error, 0.0)(np.arange(16))
    metric = landscape.metric(np.array([0.3, 1.0, 0.5]), "full")
    np.testing.assert_allclose(metric, np.diag([np.mean(X**2) / 4, 1.0, 1.0]), atol=1e-12)
    # The overlaps have the same metric: minus half their second differences.
    theta, step = np.array([0.3, 1.0, 0.5]), 1e-3 * np.eye(3)
    f = landscape.fidelities(theta, theta + step)
    np.testing.assert_allclose((1 - f) / 1e-6, np.diag(metric), rtol=1e-4)


def test_a_loss_without_a_metric_is_refused():
    bare = Landscape.of(lambda theta: (0.0, theta))
    with pytest.raises(TypeError, match="NaturalGradient needs metric, which this loss does not have: use kw.optimiz"):
        NaturalGradient().update(NaturalGradient().init(np.ones(1)), np.ones(1), bare)
    with pytest.raises(ValueError, match="approx must be"):
        NaturalGradient(approx="blocks")
    with pytest.raises(ValueError, match="regularization must not be negative"):
        NaturalGradient(regularization=-1.0)
