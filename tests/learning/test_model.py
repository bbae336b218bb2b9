"""The trained function: scores, gradient, start."""

import numpy as np
import pytest

from ketwise.blocks.ansatz import strongly_entangling
from ketwise.blocks.encodings import angle, reuploading
from ketwise.blocks.preparation.premap import PreMap
from ketwise.learning.losses import cross_entropy, squared_error
from ketwise.learning.model import Model, default_observables
from ketwise.words.observable import X, Z

RNG = np.random.default_rng(0)
MODELS = {
    "one score": Model(reuploading(2, layers=2), default_observables(None, 2), 1),
    "three scores": Model(angle(2) + strongly_entangling(2, 1), (Z(0), X(0) * X(1), 0.5 * Z(1)), 3),
    "no parameters": Model(angle(2), (Z(0),), 1),
    "a pre-map": Model(
        type(angle(2))("sine", (angle(2) + strongly_entangling(2, 1)).circuit, PreMap("sine", np.sin, np.multiply)),
        (Z(0), Z(1)),
        1,
    ),
}


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]


def test_scores_are_expectations_of_the_trained_observables(model):
    theta, features = model.start(np.random.RandomState(0)), RNG.normal(size=(5, 2))
    theta = theta + 0.1
    params, weights, intercept = model.split(theta)
    sums = [sum((w * o for w, o in zip(row, model.observables, strict=True)), start=0.0) for row in weights]
    expected = model.encoding.compile(sums)(params, features) + intercept
    np.testing.assert_allclose(model.scores(theta, features), expected, atol=1e-13)


@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_gradient_against_central_differences(model, alpha):
    theta = model.start(np.random.RandomState(0)) + 0.05
    features, weights = RNG.normal(size=(8, 2)), RNG.uniform(0.5, 2, 8)
    if model.n_scores == 1:
        loss, targets = squared_error, RNG.normal(size=(8, 1))
    else:
        loss, targets = cross_entropy, np.eye(3)[RNG.integers(0, 3, 8)]
    objective, rows = model.objective(features, targets, weights, loss, alpha), np.array([6, 0, 3, 1])
    gradient = objective(theta, rows)[1]
    assert gradient.shape == theta.shape
    for k in range(len(theta)):
        step = np.zeros_like(theta)
        step[k] = 1e-5
        slope = (objective(theta + step, rows)[0] - objective(theta - step, rows)[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, abs=1e-8)


def test_training_starts_near_the_encodings_start():
    model = MODELS["one score"]
    params, _, intercept = model.split(model.start(np.random.RandomState(0)))
    assert np.abs(params[:12:3] - 1).max() < 1.5  # the trained scales
    assert not intercept.any()
    np.testing.assert_array_equal(model.start(np.random.RandomState(0)), model.start(np.random.RandomState(0)))
