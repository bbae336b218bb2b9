"""The compiled polynomials of angles: exact arithmetic, and the same bits wherever and on whatever computed."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from ketwise.engine.native import instruction_sets, native_polynomials

ISAS = [isa for isa in instruction_sets() if native_polynomials(isa)]
N_FEATURES, N_PARAMS = 3, 5

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")


def int32(values):
    return np.array(values, dtype=np.int32)


class Problem:
    """Polynomials of degree 0 to 5 with repeated symbols, as flat arrays; ``column`` sends a part of them to rows."""

    def __init__(self, seed: int, n_angles: int = 12):
        rng = np.random.default_rng(seed)
        monomials = rng.integers(1, 5, n_angles)
        degrees = rng.integers(0, 6, monomials.sum())
        self.first, self.start = (int32([0, *np.cumsum(sizes)]) for sizes in (monomials, degrees))
        self.factor = int32(rng.integers(0, N_FEATURES + N_PARAMS, degrees.sum()))
        self.coefficient = rng.normal(size=len(degrees))
        holds_feature = np.array([np.any(self.factors_of(a) < N_FEATURES) for a in range(n_angles)])
        self.column = int32(np.where(holds_feature, np.cumsum(holds_feature) - 1, -1))
        self.params = rng.normal(size=(1, N_PARAMS))
        self.features = rng.normal(size=(1000, N_FEATURES))
        self.d_shared = rng.normal(size=n_angles)
        self.d_rows = rng.normal(size=(1000, holds_feature.sum()))

    def factors_of(self, angle: int):
        return self.factor[self.start[self.first[angle]] : self.start[self.first[angle + 1]]]

    def made(self, isa: str):
        return native_polynomials(isa)(N_FEATURES, N_PARAMS, self.first, self.coefficient, self.start, self.factor)

    def values(self, isa: str, features, params):
        batch = max(len(features), len(params))
        column = self.column if len(params) == 1 else np.arange(len(self.column), dtype=np.int32)
        shared, rows = np.zeros(len(column)), np.empty((batch, column.max() + 1))
        assert self.made(isa).values(features, params, column, shared, rows) == -1
        return shared, rows

    def pull_back(self, isa: str, rows: slice):
        """``d_features`` of each sample and ``d_params`` of them all."""
        features = self.features[rows]
        d_features, d_params = np.zeros(features.shape), np.zeros((1, N_PARAMS))
        self.made(isa).pull_back(
            self.d_shared, self.d_rows[rows], self.column, features, self.params, d_features, d_params
        )
        return d_features, d_params

    def exact(self, angle: int, sample: int):
        """Value and derivatives by ``[features | params]`` in rational arithmetic, and the sums of absolute terms."""
        x = [Fraction(v) for v in (*self.features[sample], *self.params[0])]
        value, size = Fraction(0), Fraction(0)
        slope, steep = [Fraction(0)] * len(x), [Fraction(0)] * len(x)
        for m in range(self.first[angle], self.first[angle + 1]):
            symbols = self.factor[self.start[m] : self.start[m + 1]]
            term = Fraction(self.coefficient[m])
            for s in symbols:
                term *= x[s]
            value, size = value + term, size + abs(term)
            for s in symbols:  # the product rule: once for each time a symbol occurs
                slope[s], steep[s] = slope[s] + term / x[s], steep[s] + abs(term / x[s])
        return value, size, np.array(slope), np.array(steep)


def close(found: float, exact: Fraction, size: Fraction) -> bool:
    return abs(Fraction(found) - exact) <= size * Fraction(1, 10**14)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("seed", range(8))
def test_values_equal_rational_arithmetic(isa, seed):
    problem = Problem(seed)
    shared, rows = problem.values(isa, problem.features[:19], problem.params)
    for a, column in enumerate(problem.column):
        for sample in (0, 7, 8, 18):
            value, size, *_ = problem.exact(a, sample)
            assert close(shared[a] if column < 0 else rows[sample, column], value, size)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("seed", range(8))
def test_derivatives_equal_rational_arithmetic(isa, seed):
    problem, batch = Problem(seed), 11
    d_features, d_params = problem.pull_back(isa, slice(batch))
    by_params, size_by_params = np.full(N_PARAMS, Fraction(0)), np.full(N_PARAMS, Fraction(0))
    for sample in range(batch):
        by_features, size_by_features = np.full(N_FEATURES, Fraction(0)), np.full(N_FEATURES, Fraction(0))
        for a, column in enumerate(problem.column):
            if column < 0 and sample:
                continue  # a shared angle counts once
            d = Fraction(problem.d_shared[a] if column < 0 else problem.d_rows[sample, column])
            *_, slope, steep = problem.exact(a, sample)
            by_features, size_by_features = (
                by_features + d * slope[:N_FEATURES],
                size_by_features + abs(d) * steep[:N_FEATURES],
            )
            by_params, size_by_params = by_params + d * slope[N_FEATURES:], size_by_params + abs(d) * steep[N_FEATURES:]
        assert all(map(close, d_features[sample], by_features, size_by_features))
    assert all(map(close, d_params[0], by_params, size_by_params))


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("batch", [1, 7, 8, 9, 15, 16, 17, 1000])
def test_a_sample_alone_equals_itself_in_any_batch(isa, batch):
    problem = Problem(3)
    _, rows = problem.values(isa, problem.features[:batch], problem.params)
    d_features, _ = problem.pull_back(isa, slice(batch))
    for sample in {0, batch // 2, batch - 1}:
        _, alone = problem.values(isa, problem.features[[sample]], problem.params)
        np.testing.assert_array_equal(rows[sample], alone[0])
        d_alone, _ = problem.pull_back(isa, slice(sample, sample + 1))
        # The derivatives of shared angles have no part in those by features.
        np.testing.assert_array_equal(d_features[sample], d_alone[0])


@pytest.mark.parametrize("isa", ISAS)
def test_shared_parameters_equal_the_same_parameters_in_rows(isa):
    problem = Problem(4)
    shared, rows = problem.values(isa, problem.features[:17], problem.params)
    _, every = problem.values(isa, problem.features[:17], np.tile(problem.params, (17, 1)))
    for a, column in enumerate(problem.column):
        np.testing.assert_array_equal(every[:, a], shared[a] if column < 0 else rows[:, column])


def test_every_instruction_set_gives_the_same_bits():
    problem = Problem(5)
    found = [
        (*problem.values(isa, problem.features, problem.params), *problem.pull_back(isa, slice(1000))) for isa in ISAS
    ]
    for one, other in pairwise(found):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("batch", [1, 8, 21])
def test_per_sample_derivatives_of_shared_parameters_add_up_to_the_sum(isa, batch):
    problem = Problem(6)
    every = np.arange(len(problem.column), dtype=np.int32)
    d_angles = np.random.default_rng(0).normal(size=(batch, len(every)))
    features = problem.features[:batch]
    alone, summed = np.zeros((batch, N_PARAMS)), np.zeros((1, N_PARAMS))
    for into in (alone, summed):
        problem.made(isa).pull_back(None, d_angles, every, features, problem.params, None, into)
    np.testing.assert_allclose(alone.sum(axis=0), summed[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("isa", ISAS)
def test_derivatives_are_added_to_what_is_there(isa):
    problem = Problem(7)
    given = problem.d_shared, problem.d_rows[:11], problem.column, problem.features[:11], problem.params
    once, twice = ((np.zeros((11, N_FEATURES)), np.zeros((1, N_PARAMS))) for _ in range(2))
    for into in (once, twice, twice):
        problem.made(isa).pull_back(*given, *into)
    for single, double in zip(once, twice, strict=True):
        np.testing.assert_allclose(double, 2 * single, rtol=1e-14)


@pytest.mark.parametrize("isa", ISAS)
def test_derivatives_of_shared_angles_go_to_sums_only(isa):
    """Where every sample has a row of its own, what they share belongs to none of them."""
    problem = Problem(8)
    d_features, d_params = np.zeros((11, N_FEATURES)), np.zeros((11, N_PARAMS))
    nothing, shared = np.zeros((11, problem.d_rows.shape[1])), np.full(len(problem.column), -1, dtype=np.int32)
    problem.made(isa).pull_back(
        problem.d_shared, nothing, shared, problem.features[:11], problem.params, d_features, d_params
    )
    assert not d_features.any()
    assert not d_params.any()


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("place", [(0, 1), (5, 0), (8, 1), (20, 1)])
def test_the_first_value_that_is_not_finite_is_named(isa, place):
    """Two angles, x0**2 and x1**2, and a shared one before them."""
    made = native_polynomials(isa)(2, 0, int32([0, 1, 2, 3]), np.ones(3), int32([0, 0, 2, 4]), int32([0, 0, 1, 1]))
    sample, symbol = place
    features = np.ones((21, 2))
    features[sample:, symbol] = 1e200
    features[sample + 1 :, 0] = -1e200
    shared, rows = np.zeros(3), np.empty((21, 2))
    found = made.values(features, np.zeros((1, 0)), int32([-1, 0, 1]), shared, rows)
    assert divmod(found, 3) == (sample, symbol + 1)


WRONG = {
    "features of other width": ({"features": np.zeros((4, 2))}, "features have the wrong shape"),
    "features of other batch": ({"features": np.zeros((3, 3))}, "features have the wrong shape"),
    "params of other width": ({"params": np.zeros((1, 4))}, "params have the wrong shape"),
    "params of other batch": ({"params": np.zeros((5, 5))}, "params have the wrong shape"),
    "a column too many": ({"column": np.arange(13, dtype=np.int32)}, "column has the wrong size"),
    "a column outside": ({"column": np.full(12, 12, dtype=np.int32)}, "an angle has no column"),
    "d_shared too short": ({"d_shared": np.zeros(11)}, "d_shared has the wrong size"),
    "d_features of other batch": ({"d_features": np.zeros((3, 3))}, "d_features has the wrong shape"),
    "d_params of other width": ({"d_params": np.zeros((1, 6))}, "d_params has the wrong shape"),
}


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize(("changed", "words"), WRONG.values(), ids=WRONG)
def test_arrays_that_do_not_fit_are_refused(isa, changed, words):
    good = {
        "d_shared": np.zeros(12),
        "d_rows": np.zeros((4, 12)),
        "column": np.arange(12, dtype=np.int32),
        "features": np.zeros((4, 3)),
        "params": np.zeros((1, 5)),
        "d_features": np.zeros((4, 3)),
        "d_params": np.zeros((1, 5)),
    }
    made = Problem(0).made(isa)
    made.pull_back(**good)
    with pytest.raises(ValueError, match=words):
        made.pull_back(**(good | changed))


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize(
    ("first", "start", "factor"),
    [
        ([], [0, 1, 2], [0, 1]),
        ([0, 3], [0, 1, 2], [0, 1]),
        ([1, 2], [0, 1, 2], [0, 1]),
        ([0, 2, 1, 2], [0, 1, 2], [0, 1]),
        ([0, 2], [0, 1], [0]),
        ([0, 2], [0, 1, 3], [0, 1]),
        ([0, 2], [0, 1, 2], [0, 3]),
        ([0, 2], [0, 1, 2], [-1, 1]),
    ],
)
def test_flat_arrays_that_contradict_each_other_are_refused(isa, first, start, factor):
    with pytest.raises(ValueError, match="arrays do not fit together"):
        native_polynomials(isa)(2, 1, int32(first), np.ones(2), int32(start), int32(factor))
