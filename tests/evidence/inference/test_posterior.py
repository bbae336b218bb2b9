"""The two forms of a posterior: Student's t with its normal limit, and draws; both there and back as a dict."""

import math

import numpy as np
import pytest

from ketwise.evidence.inference.correlated import compare
from ketwise.evidence.inference.posterior import Draws, Posterior, posterior_from
from ketwise.words.result import Result


def phi(z):
    return 0.5 * math.erfc(-z / math.sqrt(2))


@pytest.mark.parametrize("x", [-9.0, -0.3, 0.0, 0.2, 5.0])
def test_infinite_degrees_are_the_normal_distribution(x):
    normal = Posterior(0.4, 1.7, math.inf)
    z = (x - 0.4) / 1.7
    assert normal.below(x) == pytest.approx(phi(z), rel=1e-12)
    assert normal.above(x) == pytest.approx(phi(-z), rel=1e-12)
    assert normal.density(x) == pytest.approx(math.exp(-z * z / 2) / (1.7 * math.sqrt(2 * math.pi)), rel=1e-12)


def test_normal_interval():
    assert Posterior(1.0, 2.0, math.inf).interval() == pytest.approx(
        (1 - 2 * 1.959963984540054, 1 + 2 * 1.959963984540054), rel=1e-12
    )


def test_probabilities_of_draws():
    draws = Draws(2.0, np.array([3.0, 1.0, 2.0, 2.0]))
    assert (draws.below(2.0), draws.above(2.0)) == (1.5 / 5, 1.5 / 5)  # the two draws at 2.0 are on neither side
    assert (draws.below(2.5), draws.above(2.5)) == (3.5 / 5, 1.5 / 5)
    assert (draws.below(-9.0), draws.above(-9.0)) == (0.5 / 5, 4.5 / 5)  # never 0 or 1


def test_interval_of_draws_is_the_percentiles():
    # The k-th smallest of B numbers stands at k / (B + 1): 5 of 199 draws lie at or below the 2.5 % point.
    numbers = np.random.default_rng(0).permutation(np.arange(1.0, 200.0))
    draws = Draws(100.0, numbers)
    assert draws.interval() == pytest.approx((5.0, 195.0), abs=1e-9)
    assert draws.below(5.0 - 1e-9) == pytest.approx(0.025, abs=0.51 / 200)
    assert draws.scale == pytest.approx(math.sqrt(199 * 200 / 12), rel=1e-12)  # 199 whole numbers in a row


def test_draws_of_a_normal_distribution():
    numbers = np.random.default_rng(1).normal(0.3, 2.0, 20000)
    draws, normal = Draws(0.3, numbers), Posterior(0.3, 2.0, math.inf)
    for x in (-3.0, 0.0, 0.3, 2.0):
        assert draws.below(x) == pytest.approx(normal.below(x), abs=0.012)  # 3.4 standard errors of a share
        assert draws.density(x) == pytest.approx(float(normal.density(x)), rel=0.06)
    assert draws.interval() == pytest.approx(normal.interval(), abs=0.12)


def test_density_integrates_to_one_and_keeps_the_shape():
    draws = Draws(0.0, np.random.default_rng(2).standard_normal(500))
    grid = np.linspace(-8, 8, 2001)
    assert np.trapezoid(draws.density(grid), grid) == pytest.approx(1, abs=1e-6)
    assert draws.density(np.zeros((2, 3))).shape == (2, 3)
    assert draws.density(0.0).shape == ()


def test_draws_that_are_all_equal():
    draws = Draws(0.1, np.full(50, 0.1))  # their mean is not 0.1 to the last bit
    assert draws.scale == 0
    assert draws.interval() == (0.1, 0.1)
    assert draws.density([0.0, 0.1]).tolist() == [0, 0]


def test_compare_takes_draws():
    rng = np.random.default_rng(3)
    clear = compare(Draws(0.05, rng.normal(0.05, 0.01, 2000)), rope=0.01, n_rows=500)
    assert clear.outcome == "HELPS"
    assert clear.worse + clear.same + clear.better == pytest.approx(1, abs=1e-12)
    unclear = compare(Draws(0.0, rng.normal(0.0, 0.02, 2000)), rope=0.01, n_rows=500)
    assert unclear.rows_needed == math.ceil(500 * (1.64 * unclear.posterior.scale / 0.01) ** 2)


def test_mirrored_draws_swap_the_sides():
    numbers = np.random.default_rng(4).normal(0.01, 0.02, 999)
    one, other = compare(Draws(0.01, numbers), 0.01, 100), compare(Draws(-0.01, -numbers), 0.01, 100)
    assert (one.worse, one.better) == (other.better, other.worse)
    assert one.same == pytest.approx(other.same, abs=1e-15)


@pytest.mark.parametrize("degrees", [9, math.inf])
def test_a_posterior_there_and_back(degrees):
    posterior = Posterior(0.1, 0.02, degrees)
    stored = Result(settings={"posterior": posterior.to_dict()}).to_json()
    assert posterior_from(Result.from_json(stored).settings["posterior"]) == posterior


def test_draws_there_and_back():
    draws = Draws(0.1, np.random.default_rng(5).standard_normal(20))
    stored = Result(settings={"posterior": draws.to_dict()}).to_json()
    again = posterior_from(Result.from_json(stored).settings["posterior"])
    assert isinstance(again, Draws)
    assert again.mean == draws.mean
    assert again.draws.tolist() == draws.draws.tolist()


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="kind 't' or 'draws', got 'gamma'"):
        posterior_from({"kind": "gamma"})


@pytest.mark.parametrize(("mean", "draws"), [(0.0, [0.1]), (0.0, [[0.1, 0.2]]), (0.0, [0.1, math.nan])])
def test_draws_that_say_nothing_are_refused(mean, draws):
    with pytest.raises(ValueError, match="draw"):
        Draws(mean, draws)
