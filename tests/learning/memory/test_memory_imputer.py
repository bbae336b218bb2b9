"""The memory as an imputer: gaps are filled with what is recalled, known values stay."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

import ketwise as kw
from ketwise.learning.memory.methods import METHODS

PATTERNS = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1]])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_fills_what_is_missing_of_a_stored_row(method):
    rows = np.random.default_rng(1).integers(0, 2, (2, 10)).astype(float)
    broken = rows.copy()
    broken[:, [2, 5, 6]] = np.nan
    model = kw.AssociativeMemoryImputer(method, random_state=0).fit(rows)
    np.testing.assert_array_equal(model.transform(broken), rows)


def test_known_values_stay_even_where_they_are_wrong_or_were_never_stored():
    model = kw.AssociativeMemoryImputer(encoding="categories").fit(PATTERNS * 3)
    np.testing.assert_array_equal(model.transform([[3, np.nan, 3, 0], [7, 3, np.nan, 0]]), [[3, 3, 3, 0], [7, 3, 0, 0]])


def test_the_likeliest_value_and_the_mean_by_hand():
    """Known is 0 in column 0: distances 0, 1, 0 of 1 bit, so rows 0 and 2 have half each and row 1 nothing."""
    gap = [[0, np.nan, np.nan, np.nan]]
    likeliest = kw.AssociativeMemoryImputer().fit(PATTERNS).transform(gap)
    np.testing.assert_array_equal(likeliest, [[0, 0, 0, 1]])  # of two that are as likely the least value
    mean = kw.AssociativeMemoryImputer(strategy="mean").fit(PATTERNS).transform(gap)
    np.testing.assert_allclose(mean, [[0, 0.5, 0.5, 1.0]])


def test_a_row_of_nothing_but_gaps_is_filled_from_the_memory():
    blank = np.full((1, 4), np.nan)
    model = kw.AssociativeMemoryImputer(strategy="mean").fit(PATTERNS)
    np.testing.assert_allclose(model.transform(blank)[0], PATTERNS.mean(axis=0))
    strange = [[9.0, np.nan, np.nan, np.nan]]  # no category that was stored: as if nothing were known
    model = kw.AssociativeMemoryImputer(encoding="categories", strategy="mean").fit(PATTERNS)
    np.testing.assert_allclose(model.transform(strange)[0, 1:], PATTERNS.mean(axis=0)[1:])


def test_real_columns_get_values_that_were_stored():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 3))
    broken = rows.copy()
    broken[:10, 1] = np.nan
    filled = kw.AssociativeMemoryImputer(n_levels=8).fit(rows[10:]).transform(broken)
    assert np.isin(filled[:10, 1], rows[10:, 1]).all()
    np.testing.assert_array_equal(filled[10:], rows[10:])
    real = kw.AssociativeMemoryImputer("kernel", encoding="real").fit(rows).transform(broken)
    np.testing.assert_array_equal(real, rows)


def test_rows_with_gaps_are_not_stored_and_growing_is_the_same_as_all_at_once():
    X = np.vstack([PATTERNS, [[1, np.nan, 0, 0]]])
    model = kw.AssociativeMemoryImputer().fit(X)
    np.testing.assert_array_equal(model.patterns_, PATTERNS)
    grown = kw.AssociativeMemoryImputer().partial_fit(X[:2]).partial_fit(X[2:])
    np.testing.assert_array_equal(grown.patterns_, model.patterns_)
    grown.partial_fit(X[3:])  # nothing of it can be stored
    np.testing.assert_array_equal(grown.patterns_, model.patterns_)
    with pytest.raises(ValueError, match="none of the 1 rows is complete"):
        kw.AssociativeMemoryImputer().fit(X[3:])


def test_gaps_are_filled_in_blocks_of_any_size(monkeypatch):
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 3, (60, 5)).astype(float)
    broken = rows.copy()
    broken[rng.random(rows.shape) < 0.3] = np.nan
    broken[[4, 9, 14]] = np.nan
    model = kw.AssociativeMemoryImputer(encoding="categories").fit(rows)
    whole = model.transform(broken)
    for size in (1, 130, 600):
        monkeypatch.setattr("ketwise.learning.memory.imputer.WEIGHTS_AT_A_TIME", size)
        np.testing.assert_array_equal(model.transform(broken), whole)


def test_in_a_pipeline_with_frames():
    frame = pd.DataFrame(np.vstack([PATTERNS, [[1, np.nan, 0, 0]]]), columns=list("abcd"))
    pipeline = make_pipeline(kw.AssociativeMemoryImputer(), DecisionTreeClassifier()).set_output(transform="pandas")
    pipeline.fit(frame, [0, 1, 0, 1])
    assert list(pipeline[0].transform(frame).columns) == list("abcd")
    assert pipeline.predict(frame).tolist() == [0, 1, 0, 1]


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="strategy must be one of likeliest, mean, got 'median'"):
        kw.AssociativeMemoryImputer(strategy="median").fit(PATTERNS)
    with pytest.raises(ValueError, match="encoding='real' is for the methods"):
        kw.AssociativeMemoryImputer(encoding="real").fit(PATTERNS)
