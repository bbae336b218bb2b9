"""Outer and inner folds: shared, stratified, apart from each other; by groups, in time; refused where rows are few."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, LeaveOneOut

from ketwise.evidence.data.tables import table
from ketwise.evidence.data.task import recognise
from ketwise.evidence.trials.folds import Layout, first_pass, outer_folds, tuning_fold


def task(y):
    return recognise(table(np.zeros((len(y), 1)), pd.Series(y, name="y")).y)


CLASSES = task(np.repeat(["a", "b", "c"], [50, 30, 20]))
NUMBERS = task(np.random.default_rng(0).normal(size=90))


@pytest.mark.parametrize("asked", [CLASSES, NUMBERS], ids=["classes", "numbers"])
@pytest.mark.parametrize(("cv", "folds", "repeats"), [(None, 5, 5), (4, 4, 1), ((3, 4), 3, 4)])
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
        (NUMBERS, [(np.arange(60), np.arange(60, 95))] * 2, "different row numbers from 0 to 89"),
        (NUMBERS, [(np.arange(60), np.array([-1, 70]))] * 2, "different row numbers from 0 to 89"),
        (NUMBERS, [(np.arange(60), np.array([70, 70]))] * 2, "different row numbers from 0 to 89"),
        (NUMBERS, [(np.arange(60.0), np.arange(60, 90))] * 2, "different row numbers from 0 to 89"),
        (CLASSES, [(np.arange(70), np.arange(70, 100))] * 2, "fold 1 hold fewer than two of class 'c'"),
    ],
)
def test_too_few_rows_or_bad_folds(asked, cv, message):
    with pytest.raises(ValueError, match=message):
        outer_folds(asked, cv, 0)


def test_single_rows_can_be_left_out_of_a_regression():
    assert len(outer_folds(NUMBERS, LeaveOneOut(), 0)) == 90


RNG = np.random.default_rng(7)


@pytest.mark.parametrize("asked", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_groups_are_never_torn_apart(asked):
    groups = RNG.permutation(np.arange(len(asked.y)) % 18)
    found = outer_folds(asked, (4, 3), 0, Layout(groups=groups))
    assert len(found) == 12
    for fold in found:
        assert not set(groups[fold.train]) & set(groups[fold.test])
        for train, test in fold.inner:
            assert not set(groups[fold.train[train]]) & set(groups[fold.train[test]])
    for repeat in range(3):
        tested = np.concatenate([fold.test for fold in found[4 * repeat : 4 * repeat + 4]])
        assert np.array_equal(np.sort(tested), np.arange(len(asked.y)))
    assert not np.array_equal(found[0].test, found[4].test)


@pytest.mark.parametrize("asked", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_time_runs_forward(asked):
    time = RNG.permutation(len(asked.y)) // 3  # three rows at each time
    found = outer_folds(asked, (5, 9), 0, Layout(time=time))
    assert len(found) == 5
    for fold in found:
        assert time[fold.train].max() < time[fold.test].min()
        assert np.all(np.diff(time[fold.test]) >= 0)
        for train, test in fold.inner:
            assert time[fold.train[train]].max() < time[fold.train[test]].min()
    ends = [time[fold.test].max() for fold in found]
    assert ends == sorted(ends)
    assert ends[-1] == time.max()
    assert len(np.unique(np.concatenate([fold.test for fold in found]))) == sum(len(fold.test) for fold in found)


def test_held_out_rows_are_the_only_test():
    (fold,) = outer_folds(task(np.tile(["a", "b"], 50)), None, 0, Layout(held_out=30))
    assert np.array_equal(fold.test, np.arange(70, 100))
    assert np.array_equal(fold.train_all, np.arange(70))


def test_the_first_pass_tests_no_row_twice():
    found = outer_folds(CLASSES, (5, 3), 0)
    assert [fold.index for fold in first_pass(found)] == [0, 1, 2, 3, 4]
    assert [fold.index for fold in first_pass(found[3:])] == [3, 4]


def test_a_model_to_be_used_learns_from_all_rows():
    fold = tuning_fold(CLASSES, 0, Layout())
    assert np.array_equal(fold.train, np.arange(100))
    assert len(fold.test) == 0
    assert len(fold.inner) == 3


@pytest.mark.parametrize(
    ("layout", "cv", "message"),
    [
        (Layout(groups=np.arange(90) % 5), 5, "groups takes 5 values: with 5 folds .* use --folds 4"),
        (Layout(groups=np.arange(90) % 3), 2, "groups takes 3 values: at least 4 groups are needed"),
        (Layout(groups=np.arange(90) % 9), KFold(3, shuffle=True, random_state=0), "fold 1 tears a group apart"),
        (Layout(time=np.arange(90)), KFold(3), "fold 1 learns from rows that are not earlier"),
        (Layout(time=np.repeat([0, 1], 45)), 5, "time takes 2 different values, too unevenly spread for 5 stretches"),
        (Layout(time=np.r_[np.zeros(60, int), np.arange(1, 31)]), 5, "too unevenly spread"),
        (Layout(held_out=20), 5, "held-out rows are the only fold"),
    ],
)
def test_rows_that_hang_together_in_too_few_pieces(layout, cv, message):
    with pytest.raises(ValueError, match=message):
        outer_folds(NUMBERS, cv, 0, layout)


def test_a_class_that_comes_late_is_named():
    with pytest.raises(ValueError, match="training rows of fold 1 hold fewer than two of class 'b'"):
        outer_folds(CLASSES, 5, 0, Layout(time=np.arange(100)))
    alternating = task(np.tile(["a", "b"], 50))
    with pytest.raises(ValueError, match="test rows of fold 1 are all of class 'a'"):
        outer_folds(alternating, [(np.arange(1, 100), [0]), (np.arange(99), [99])], 0)


def test_masks_are_row_numbers_and_rows_in_time_are_put_in_order():
    mask = np.arange(90) < 60
    given = [(mask, ~mask), (mask, ~mask)]
    assert np.array_equal(outer_folds(NUMBERS, given, 0)[0].test, np.arange(60, 90))
    time = np.r_[np.arange(60), np.arange(90)[:59:-1]]
    (first, _) = outer_folds(NUMBERS, given, 0, Layout(time=time))
    assert np.all(np.diff(time[first.test]) > 0)


@pytest.mark.parametrize("points", [12, 24])
def test_few_points_in_time_are_tuned_on_fewer_stretches(points):
    """Twelve months, five folds: the first stretch of training rows has two points in time."""
    time, numbers = np.sort(np.arange(96) % points), task(np.random.default_rng(3).normal(size=96))
    for fold in outer_folds(numbers, 5, 0, Layout(time=time)):
        assert 1 <= len(fold.inner) <= 3
        for train, test in fold.inner:
            assert time[fold.train[train]].max() < time[fold.train[test]].min()


def test_held_out_rows_are_not_learned_from():
    assert tuning_fold(NUMBERS, 0, Layout(held_out=20)).train.max() == 69
