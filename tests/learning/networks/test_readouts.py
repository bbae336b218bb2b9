"""Readouts: gradients against finite differences, losses against what their formulas say."""

import numpy as np
import pytest

from ketwise.learning.networks import readouts

RNG = np.random.default_rng(1)
READOUTS = [
    readouts.Misclassification(),
    readouts.LogLikelihood(),
    readouts.SteepLogistic(),
    readouts.BiasedSquare(0.5, 0.01),
    readouts.WeightedFidelity(),
    readouts.Softmax(0.7),
    readouts.Linear(0.7),
]


@pytest.mark.parametrize("readout", READOUTS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_gradients_are_finite_differences(readout, n_outputs):
    outputs, signs = RNG.uniform(-0.9, 0.9, (4, n_outputs)), np.array([1.0, -1.0, -1.0, 1.0])
    values = readout.start(np.random.RandomState(0), n_outputs) + 0.1
    assert len(values) == readout.n_values(n_outputs)
    _, d_outputs, d_values = readout.loss(outputs, values, signs)
    step = 1e-6
    for where, found in ((outputs, d_outputs), (values, d_values)):
        for index in np.ndindex(where.shape):
            kept, ends = where[index], []
            for sign in (1, -1):
                where[index] = kept + sign * step
                ends.append(readout.loss(outputs, values, signs)[0])
            where[index] = kept
            assert found[index] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("readout", READOUTS, ids=lambda each: type(each).__name__)
def test_probabilities_side_with_the_scores(readout):
    values = readout.start(np.random.RandomState(0), 2)
    scores = readout.scores(RNG.uniform(-1, 1, (20, 2)), values)
    second = readout.probability(scores)
    assert ((second >= 0) & (second <= 1)).all()
    np.testing.assert_array_equal(second > 0.5, scores > 0)


def test_losses_of_a_perfect_and_of_an_undecided_model():
    signs = np.array([1.0, -1.0])
    right, undecided = signs[:, np.newaxis], np.zeros((2, 1))
    none = np.zeros(0)
    assert readouts.Misclassification().loss(right, none, signs)[0] == 0
    assert readouts.Misclassification().loss(undecided, none, signs)[0] == 0.5
    assert readouts.LogLikelihood().loss(undecided, none, signs)[0] == pytest.approx(np.log(2))
    assert readouts.SteepLogistic().loss(right, none, signs)[0] == pytest.approx(np.log1p(np.exp(-6.0)))
    assert readouts.BiasedSquare(0.5).loss(right, np.zeros(1), signs)[0] == 0
    assert readouts.WeightedFidelity().loss(right, np.ones(2), signs)[0] == 0
    # Two qubits, weights 1, every fidelity 1/2: four squared differences of 1/2, halved.
    assert readouts.WeightedFidelity().loss(np.zeros((2, 2)), np.ones(4), signs)[0] == pytest.approx(0.5)
    assert readouts.Softmax().loss(undecided, np.ones(2), signs)[0] == pytest.approx(np.log(2))
