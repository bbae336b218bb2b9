"""Columns become bits and come back: every encoding by hand, and what strict ones refuse."""

import numpy as np
import pytest

from ketwise.learning.memory.codes import ENCODINGS, learn_code


def test_real_columns_are_cut_in_the_middle_of_their_range():
    code = learn_code(np.array([[0.0, -5.0], [1.0, 5.0], [10.0, 4.0]]))
    np.testing.assert_array_equal(code.bits(np.array([[5.0, 0.1], [5.1, 0.0]])), [[0, 1], [1, 0]])
    # A level stands for the mean of what fell on it.
    np.testing.assert_array_equal(code.values(np.array([[0, 1], [1, 0]])), [[0.5, 4.5], [10.0, -5.0]])


@pytest.mark.parametrize("table", [[[0.0, 1.0], [0.0, 0.0]], [[-1.0, 1.0], [-1.0, -1.0]]])
def test_bits_and_signs_are_taken_as_they_are_even_where_a_column_has_one_value(table):
    table = np.array(table)
    code = learn_code(table)
    np.testing.assert_array_equal(code.bits(table), table > 0)
    np.testing.assert_array_equal(code.values(code.bits(table)), table)
    assert code.bits(np.array([[1.0, 1.0]])).tolist() == [[1, 1]]


def test_levels_are_a_thermometer():
    """Two values differ in as many bits as they are steps apart."""
    code = learn_code(np.arange(9.0)[:, np.newaxis], n_levels=4)
    bits = code.bits(np.array([[1.0], [3.0], [5.0], [7.0]]))
    np.testing.assert_array_equal(bits, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]])
    np.testing.assert_array_equal(code.values(bits)[:, 0], [1.0, 3.5, 5.5, 7.5])


def test_a_column_that_never_varies_tells_nothing():
    code = learn_code(np.array([[5.0, 1.0, 0.3], [5.0, 3.0, 0.4]]))
    np.testing.assert_array_equal(code.bits(np.array([[4.0, 1.0, 0.3], [6.0, 1.0, 0.3]])), [[0, 0, 0]] * 2)
    np.testing.assert_array_equal(code.values(np.array([[0, 0, 0], [1, 0, 0]]))[:, 0], [5.0, 5.0])


def test_too_many_categories_are_refused_before_a_table_of_them_is_made():
    with pytest.raises(ValueError, match="column 0 holds 4097 different values; encoding='categories' takes up to"):
        learn_code(np.arange(4097.0)[:, np.newaxis], "categories")


def test_a_range_beyond_the_largest_float_is_cut_too():
    code = learn_code(np.array([[-1.7e308], [1.7e308], [0.0]]), n_levels=4)
    np.testing.assert_array_equal(code.bits(np.array([[-1e308], [1e308]])), [[0, 0, 0], [1, 1, 1]])
    assert np.isfinite(code.values(np.array([[0, 0, 0], [1, 1, 1]]))).all()


def test_a_column_of_two_values_needs_one_bit_whatever_the_levels():
    assert learn_code(np.array([[0.0, 1.0], [3.0, 2.0], [3.0, 7.0]]), n_levels=8).n_bits == 1 + 7


def test_integers_are_binary():
    code = learn_code(np.array([[5.0, 1.0]]), "integers")
    np.testing.assert_array_equal(code.bits(np.array([[6.0, 0.0]])), [[0, 1, 1, 0]])
    np.testing.assert_array_equal(code.values(np.array([[1, 1, 1, 1]])), [[7.0, 1.0]])


def test_categories_have_a_bit_each_and_two_of_them_share_one():
    code = learn_code(np.array([[3.0, 0.0], [7.0, 1.0], [9.0, 1.0]]), "categories")
    np.testing.assert_array_equal(code.bits(np.array([[7.0, 1.0], [3.0, 0.0]])), [[0, 1, 0, 1], [1, 0, 0, 0]])
    # What no word is goes to the nearest, the first of several.
    np.testing.assert_array_equal(code.values(np.array([[0, 1, 1, 0], [0, 0, 0, 1]])), [[7.0, 0.0], [3.0, 1.0]])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_whole_tables_come_back(encoding):
    rng = np.random.default_rng(0)
    low = -1 if encoding == "signs" else 0
    rows = rng.choice([low, 1], (30, 5)).astype(float)
    code = learn_code(rows, encoding)
    np.testing.assert_array_equal(code.values(code.bits(rows)), rows)


def test_what_is_unknown_stays_unknown_in_all_bits_of_its_column():
    code = learn_code(np.array([[5.0, 1.0]]), "integers")
    assert np.isnan(code.bits(np.array([[np.nan, 1.0]]))).tolist() == [[True, True, True, False]]


@pytest.mark.parametrize(
    ("encoding", "row", "message"),
    [
        ("bits", [0.0, 2.0], "patterns: row 1, column 1 is 2, which is not in the alphabet of that column: 0, 1;"),
        ("signs", [0.0, 1.0], "patterns: row 1, column 0 is 0, which is not in the alphabet of that column: -1, 1;"),
        ("integers", [0.5, 1.0], "patterns: row 1, column 0 is 0.5, which is not in the alphabet"),
        ("integers", [1.0, -1.0], "patterns: row 1, column 1 is -1, which is not in the alphabet"),
        ("integers", [1.0, 1e9], "column 1 holds 1e[+]09; encoding='integers' takes whole numbers from 0 to 4095"),
        ("gray", [0.0, 1.0], "encoding must be one of threshold, bits, signs, integers, categories, real, got 'gray'"),
    ],
)
def test_what_is_outside_a_strict_alphabet_is_named(encoding, row, message):
    with pytest.raises(ValueError, match=message):
        learn_code(np.array([[1.0, 1.0], row]), encoding)


def test_a_category_that_was_never_stored_is_named_with_the_known_ones():
    code = learn_code(np.arange(10.0)[:, np.newaxis], "categories")
    with pytest.raises(ValueError, match=r"probes: row 0, column 0 is 11.*: 0, 1, 2, 3, 4, 5, 6, 7, ... 9"):
        code.bits(np.array([[11.0]]))


def test_levels_must_be_at_least_two():
    with pytest.raises(ValueError, match="n_levels must be a whole number of at least 2, got 1"):
        learn_code(np.array([[0.3], [0.4]]), n_levels=1)
