"""Optimisers and loops on functions whose minimum is known."""

import numpy as np
import pytest

from ketwise.learning.optimizers import Adam, Landscape, SciPy
from ketwise.learning.progress import Reporter
from ketwise.learning.scipy_training import scipy_training
from ketwise.learning.training import Stopping, Training, landscapes_of, minibatch, one_pass

TARGETS = np.random.default_rng(0).normal(size=(50, 3))


def quadratic(theta, rows):
    """Mean half squared distance to the rows' targets; its minimum is their mean."""
    difference = theta - TARGETS[rows]
    return float(0.5 * (difference**2).sum(axis=1).mean()), difference.mean(axis=0)


QUADRATIC = landscapes_of(quadratic)
ALL = np.arange(50)


def stopping(max_iter=300, tol=1e-12, patience=300):
    return Stopping(max_iter, tol, patience)


def lbfgs(training, objective, **more):
    return scipy_training(training, landscapes_of(objective)(ALL), SciPy(), **more)


def test_lbfgs_finds_the_minimum_and_says_so():
    done = lbfgs(Training(np.zeros(3)), quadratic, stopping=stopping())
    np.testing.assert_allclose(done.theta, TARGETS.mean(axis=0), atol=1e-6)
    assert done.converged
    assert done.losses[-1] == min(done.losses)
    assert not lbfgs(Training(np.zeros(3)), quadratic, stopping=stopping(max_iter=1)).converged


def test_adam_finds_the_minimum():
    done = minibatch(
        Training(np.zeros(3)),
        QUADRATIC,
        50,
        Adam(0.01),
        batch_size=50,
        stopping=stopping(600),
        rng=np.random.RandomState(0),
    )
    np.testing.assert_allclose(done.theta, TARGETS.mean(axis=0), atol=1e-4)


def test_adam_takes_two_steps_as_by_hand():
    # Kingma and Ba, algorithm 1.
    slopes = iter([2.0, -1.0])
    landscape = Landscape.of(lambda theta: (0.0, np.array([next(slopes)])))
    rule, theta = Adam(0.1), np.array([1.0])
    theta, state, *_ = rule.update(rule.init(theta), theta, landscape)
    assert theta[0] == pytest.approx(1 - 0.1 * 2 / (2 + 1e-8), rel=1e-14)
    theta, state, *_ = rule.update(state, theta, landscape)
    mean = (0.9 * 0.1 * 2 + 0.1 * -1) / (1 - 0.9**2)
    square = (0.999 * 0.001 * 4 + 0.001 * 1) / (1 - 0.999**2)
    assert theta[0] == pytest.approx(1 - 0.1 * 2 / (2 + 1e-8) - 0.1 * mean / (np.sqrt(square) + 1e-8), rel=1e-12)


def test_a_pass_uses_every_row_once_and_averages_over_rows():
    seen = []

    def objective(theta, rows):
        seen.append(rows)
        return float(len(rows)), np.zeros_like(theta)

    done = one_pass(Training(np.zeros(2)), landscapes_of(objective), 50, Adam(0.1), 16, np.random.RandomState(0))
    assert [len(rows) for rows in seen] == [16, 16, 16, 2]
    np.testing.assert_array_equal(np.sort(np.concatenate(seen)), np.arange(50))
    assert done.losses == ((3 * 16 * 16 + 2 * 2) / 50,)


def test_passes_go_on_to_the_same_bits():
    def passes(training, number, rng):
        for _ in range(number):
            training = one_pass(training, QUADRATIC, 50, Adam(0.05), 16, rng)
        return training

    whole = passes(Training(np.zeros(3)), 6, np.random.RandomState(0))
    rng = np.random.RandomState(0)
    parts = passes(passes(Training(np.zeros(3)), 2, rng), 4, rng)
    np.testing.assert_array_equal(whole.theta, parts.theta)
    assert whole.losses == parts.losses


def test_patience_ends_it_and_validation_keeps_the_best():
    scores = iter([0.1, 0.5, 0.3, 0.4, 0.2, 0.1, 0.0])
    kept = []

    def score(theta):
        kept.append(theta)
        return next(scores)

    done = minibatch(
        Training(np.zeros(3)),
        QUADRATIC,
        50,
        Adam(0.1),
        batch_size=16,
        stopping=stopping(7, patience=3),
        rng=np.random.RandomState(0),
        score=score,
    )
    assert done.scores == (0.1, 0.5, 0.3, 0.4, 0.2)
    assert done.converged
    np.testing.assert_array_equal(done.theta, kept[1])


@pytest.mark.parametrize("kind", ["adam", "lbfgs"])
def test_an_interrupt_keeps_what_was_reached(kind):
    calls = []

    def objective(theta, rows):
        calls.append(theta)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return quadratic(theta, rows)

    start, rng = Training(np.zeros(3)), np.random.RandomState(0)
    run = {
        "lbfgs": lambda: lbfgs(start, objective, stopping=stopping(tol=0.0)),
        "adam": lambda: minibatch(
            start, landscapes_of(objective), 50, Adam(0.1), batch_size=50, stopping=stopping(), rng=rng
        ),
    }
    with pytest.warns(UserWarning, match="interrupted"):
        done = run[kind]()
    assert 0 < len(done.losses) <= 3
    assert quadratic(done.theta, np.arange(50))[0] < quadratic(start.theta, np.arange(50))[0]


def test_progress_is_a_line_a_pass(capsys):
    lbfgs(Training(np.zeros(3)), quadratic, stopping=stopping(max_iter=2), reporter=Reporter(2, verbose=True))
    rng = np.random.RandomState(0)
    minibatch(
        Training(np.zeros(3)),
        QUADRATIC,
        50,
        Adam(0.1),
        batch_size=16,
        stopping=stopping(3),
        rng=rng,
        score=lambda _: 0.5,
        reporter=Reporter(3, verbose=True),
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  loss")[0] for line in lines[-3:]] == [f"pass    {k} of 3" for k in (1, 2, 3)]
    assert "validation 0.5000" in lines[-1]
    assert "loss" in lines[0]
