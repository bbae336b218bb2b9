"""Angles are polynomials: their algebra is checked against plain numbers put in for the symbols."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketwise as kw
from ketwise.words.angle import FEATURE, PARAM, Angle

X = kw.features(3)
W = kw.params(3)
NUMBERS = st.floats(-3, 3, allow_nan=False, allow_subnormal=False)


def value(angle: Angle, features, params) -> float:
    """The polynomial at a point, term by term."""
    at = {FEATURE: features, PARAM: params}
    return math.fsum(c * math.prod(at[kind][i] for kind, i in monomial) for monomial, c in angle.terms.items())


LEAVES = st.one_of(NUMBERS, st.sampled_from([*X, *W]))


def grow(children):
    """A larger expression, as (operator, left, right)."""
    return st.tuples(st.sampled_from("+-*"), children, children)


@given(
    st.recursive(LEAVES, grow, max_leaves=8),
    st.lists(NUMBERS, min_size=3, max_size=3),
    st.lists(NUMBERS, min_size=3, max_size=3),
)
def test_an_expression_has_the_value_of_the_same_expression_in_numbers(expression, features, params):
    def both(node) -> tuple[Angle, float, float]:
        """The angle, its value in plain arithmetic, and the sum of magnitudes that bounds the rounding."""
        if isinstance(node, tuple):
            (a, u, p), (b, v, q) = both(node[1]), both(node[2])
            return {
                "+": lambda: (a + b, u + v, p + q),
                "-": lambda: (a - b, u - v, p + q),
                "*": lambda: (a * b, u * v, p * q),
            }[node[0]]()
        number = value(node, features, params) if isinstance(node, Angle) else node
        return Angle.of(node), number, abs(number)

    angle, expected, size = both(expression)
    assert abs(value(angle, features, params) - expected) <= 1e-13 * size


@given(st.permutations([X[0], W[1], X[2], W[0]]))
def test_the_order_of_factors_and_terms_does_not_matter(order):
    total, product = Angle.of(0.0), Angle.of(1.0)
    for symbol in order:
        total, product = total + symbol, product * symbol
    assert total == X[0] + X[2] + W[0] + W[1]
    assert product == X[0] * X[2] * W[0] * W[1]
    assert hash(total) == hash(X[0] + X[2] + W[0] + W[1])
    assert repr(total) == repr(X[0] + X[2] + W[0] + W[1])


def test_the_zz_feature_map_multiplies_out():
    pi = np.pi
    assert ((pi - X[0]) * (pi - X[1])).terms == {
        (): pi * pi,
        ((FEATURE, 0),): -pi,
        ((FEATURE, 1),): -pi,
        ((FEATURE, 0), (FEATURE, 1)): 1.0,
    }


def test_powers_are_repeated_products():
    assert W[0] ** 0 == Angle.of(1.0)
    assert W[0] ** 1 == W[0]
    assert (W[0] + 1) ** 2 == W[0] * W[0] + 2 * W[0] + 1
    assert (X[0] - W[0]) ** 3 == (X[0] - W[0]) * (X[0] - W[0]) * (X[0] - W[0])


def test_what_cancels_is_gone():
    assert (W[0] - W[0]).terms == {}
    assert (W[0] - W[0]).is_constant
    assert (0 * W[2] + X[0]).sizes() == (1, 0)
    assert W[0] - W[0] == Angle.of(0)


def test_a_number_is_a_constant_and_not_equal_to_an_angle():
    assert Angle.of(2).terms == {(): 2.0}
    assert Angle.of(2).is_constant
    assert not (W[0] + 1).is_constant
    assert Angle.of(2) != 2
    assert Angle.of(2) == Angle.of(np.float32(2))


@pytest.mark.parametrize("two", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.array(2.0)])
def test_numbers_of_numpy_work_on_either_side(two):
    for result in (two * W[0], W[0] * two):
        assert isinstance(result, Angle)
        assert result.terms == {((PARAM, 0),): 2.0}
    for result in (two + W[0], W[0] + two):
        assert result.terms == {((PARAM, 0),): 1.0, (): 2.0}
    assert (two - W[0]).terms == {((PARAM, 0),): -1.0, (): 2.0}
    assert (W[0] - two).terms == {((PARAM, 0),): 1.0, (): -2.0}
    assert (W[0] / two).terms == {((PARAM, 0),): 0.5}


def test_signs():
    assert -W[0] == W[0] * -1
    assert -(W[0] - X[0]) == X[0] - W[0]


@pytest.mark.parametrize(
    ("angle", "sizes"),
    [
        (Angle.of(1.0), (0, 0)),
        (X[2], (3, 0)),
        (W[1], (0, 2)),
        (W[0] * X[1] + W[2], (2, 3)),
        (kw.params(1000)[999], (0, 1000)),
    ],
)
def test_sizes_are_one_more_than_the_highest_index(angle, sizes):
    assert angle.sizes() == sizes


def test_shift_moves_each_kind_by_its_own():
    wide_x, wide_w = kw.features(10), kw.params(10)
    angle = 2 * W[0] * X[1] + X[0] * X[0] - 3
    assert angle.shift(features=4, params=7) == 2 * wide_w[7] * wide_x[5] + wide_x[4] * wide_x[4] - 3
    assert angle.shift() == angle


@pytest.mark.parametrize("by", [-1, 1.5, True])
def test_a_shift_that_is_no_whole_number_is_refused(by):
    with pytest.raises(ValueError, match="must be a whole number of at least 0"):
        W[0].shift(params=by)


@pytest.mark.parametrize(
    ("angle", "text"),
    [
        (Angle.of(0), "0"),
        (Angle.of(-1.5), "-1.5"),
        (X[1], "x[1]"),
        (-W[0], "-w[0]"),
        (W[0] * X[1] + 2 * W[1] - 1, "w[0]*x[1] + 2*w[1] - 1"),
        (1 - X[0], "-x[0] + 1"),
        (W[0] ** 2 / 4, "0.25*w[0]*w[0]"),
    ],
)
def test_an_angle_prints_as_one_writes_it(angle, text):
    assert repr(angle) == text


def test_copies_are_equal():
    angle = W[0] * X[1] + 0.1
    assert copy.copy(angle) == copy.deepcopy(angle) == angle
    assert pickle.loads(pickle.dumps(angle)) == angle
    assert len({angle, W[0] * X[1] + 0.1, angle + 1}) == 2


# -- vectors of symbols


def test_symbols_are_a_sequence():
    assert len(W) == 3
    assert list(W) == [W[0], W[1], W[2]]
    assert W[-1] == W[2]
    assert W[np.int64(1)] == W[1]
    assert W[1:] == [W[1], W[2]]
    assert W[::-1] == [W[2], W[1], W[0]]
    assert repr(W) == "params(3)"
    assert repr(X) == "features(3)"
    assert list(kw.features(0)) == []


def test_a_feature_is_not_a_parameter():
    assert X[0] != W[0]
    assert X[0].terms == {((FEATURE, 0),): 1.0}
    assert W[0].terms == {((PARAM, 0),): 1.0}


@pytest.mark.parametrize("index", [3, -4, 10**6])
def test_an_index_beyond_the_end_is_refused(index):
    with pytest.raises(IndexError, match=rf"w\[{index}\] is out of range: there are 3"):
        W[index]


@pytest.mark.parametrize("index", [1.5, "a", None])
def test_an_index_that_is_no_whole_number_is_refused(index):
    with pytest.raises(TypeError, match="takes a whole number or a slice"):
        W[index]


@pytest.mark.parametrize("size", [-1, 2.0, "3", True, None])
def test_a_bad_number_of_symbols_is_refused(size):
    with pytest.raises(ValueError, match="the number of features must be a whole number of at least 0"):
        kw.features(size)


# -- what is refused


@pytest.mark.parametrize(
    "bad", ["1.0", None, 1j, np.complex128(1), np.array([1.0]), [1.0], math.nan, math.inf, kw.Z(0)]
)
def test_only_finite_real_numbers_are_constants(bad):
    for make in (Angle.of, lambda v: W[0] + v, lambda v: W[0] * v, lambda v: W[0] - v, lambda v: W[0] / v):
        with pytest.raises(ValueError, match=r"must be (a real number|finite), got"):
            make(bad)


def test_an_array_of_numbers_times_an_angle_is_refused():
    with pytest.raises(ValueError, match="an angle must be a real number"):
        np.ones(3) * W[0]


def test_a_quotient_of_angles_is_no_polynomial():
    with pytest.raises(ValueError, match=r"the divisor of an angle must be a real number, got w\[0\]"):
        X[0] / W[0]
    with pytest.raises(TypeError):
        1 / W[0]
    with pytest.raises(ZeroDivisionError):
        W[0] / 0


@pytest.mark.parametrize("power", [-1, 0.5, True, W[0]])
def test_a_power_must_be_a_whole_number(power):
    with pytest.raises(ValueError, match="the power of an angle must be a whole number of at least 0"):
        W[0] ** power


def test_a_coefficient_that_overflows_is_refused():
    with pytest.raises(ValueError, match=r"coefficients of an angle must be finite, got inf\*w\[0\]"):
        W[0] * 1e200 * 1e200
    with pytest.raises(ValueError, match="must be finite"):
        (1e200 * W[0]) * (1e200 * X[0])
    with pytest.raises(ValueError, match="must be finite"):
        1.5e308 * W[0] + 1.5e308 * W[0]
