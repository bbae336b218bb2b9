"""Outer and inner folds: shared, stratified, apart from each other, and refused where there are too few rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, LeaveOneOut

from ketwise.evidence.data.tables import table
from ketwise.evidence.data.task import recognise
from ketwise.evidence.trials.folds import outer_folds


def task(y):
    return recognise(table(np.zeros((len(y), 1)), pd.Series(y, name="y")).y)


CLASSES = task(np.repeat(["a", "b", "c"], [50, 30, 20]))
NUMBERS = task(np.random.default_rng(0).normal(size=90))


@pytest.mark.parametrize("asked", [CLASSES, NUMBERS], ids=["classes", "numbers"])
@pytest.mark.parametrize(("cv", "folds", "repeats"), [(None, 5, 2), (4, 4, 1), ((3, 4), 3, 4)])
def test_folds_cover_every_row_once_a_repeat(asked, cv, folds, repeats):
    found = outer_folds(asked, cv, seed=1)
    assert [fold.index for fold in found] == list(range(folds * repeats))
    for repeat in range(repeats):
        tested = np.concatenate([fold.test for fold in found[repeat * folds : (repeat + 1) * folds]])
        assert np.array_equal(np.sort(tested), np.arange(len(asked.y)))
    for fold in found:
        assert np.intersect1d(fold.train, fold.test).size == 0
        assert len(fold.train) + len(fold.test) == len(asked.y)
        assert np.array_equal(fold.train, fold.train_all)
        inner_tested = np.concatenate([test for _, test in fold.inner])
        assert np.array_equal(np.sort(inner_tested), np.arange(len(fold.train)))
        assert all(np.intersect1d(train, test).size == 0 for train, test in fold.inner)


def test_classes_keep_their_share():
    for fold in outer_folds(CLASSES, (5, 2), seed=3):
        assert np.bincount(CLASSES.y[fold.test]).tolist() == [10, 6, 4]
        for _, test in fold.inner:
            assert np.abs(np.bincount(CLASSES.y[fold.train][test]) - np.array([40, 24, 16]) / 3).max() < 1


def test_the_seed_decides():
    first, again, other = (outer_folds(CLASSES, (5, 2), seed)[3] for seed in (0, 0, 1))
    assert np.array_equal(first.test, again.test)
    assert np.array_equal(first.inner[1][1], again.inner[1][1])
    assert not np.array_equal(first.test, other.test)


@pytest.mark.parametrize("asked", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_many_rows_are_sampled_for_all_alike(asked):
    for fold in outer_folds(asked, (5, 2), seed=0, most_rows=40):
        assert len(fold.train) == 40
        assert len(fold.train_all) == 0.8 * len(asked.y)
        assert set(fold.train) < set(fold.train_all)
        if asked is CLASSES:
            assert np.bincount(CLASSES.y[fold.train]).tolist() == [20, 12, 8]
        assert max(test.max() for _, test in fold.inner) == 39


def test_splitters_and_lists_are_taken():
    assert len(outer_folds(NUMBERS, KFold(7), 0)) == 7
    given = [(np.arange(60), np.arange(60, 90)), (np.arange(30, 90), np.arange(30))]
    assert [len(fold.test) for fold in outer_folds(NUMBERS, given, 0)] == [30, 30]


@pytest.mark.parametrize(
    ("asked", "cv", "message"),
    [
        (CLASSES, 1, "at least 2 folds and 1 repeat are needed, got 1 and 1"),
        (CLASSES, (5, 0), "got 5 and 0"),
        (NUMBERS, 50, "90 rows are too few for 50 folds: use at most 45"),
        (CLASSES, 21, "class 'c' has 20 rows, too few for 21 folds: use --folds 20"),
        (task(["a"] * 20 + ["b"] * 3), 5, "class 'b' has 3 rows, too few for 5 folds: use --folds 3"),
        (task(["a"] * 20 + ["b"]), 5, "class 'b' has 1 row, too few for 5 folds: leave that class out"),
        (NUMBERS, "five", "cv must be folds"),
        (NUMBERS, True, "cv must be folds"),
        (NUMBERS, [(np.arange(60), np.arange(60, 90))], "cv gives 1 fold"),
        (NUMBERS, [(np.arange(60), np.arange(50, 90))] * 2, "rows in both"),
        (NUMBERS, [(np.arange(60), np.arange(0))] * 2, "no test rows"),
        (CLASSES, [(np.arange(70), np.arange(70, 100))] * 2, "not every class occurs in the training rows of fold 1"),
    ],
)
def test_too_few_rows_or_bad_folds(asked, cv, message):
    with pytest.raises(ValueError, match=message):
        outer_folds(asked, cv, 0)


def test_single_rows_can_be_left_out_of_a_regression():
    assert len(outer_folds(NUMBERS, LeaveOneOut(), 0)) == 90
