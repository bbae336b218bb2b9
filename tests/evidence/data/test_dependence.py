"""Rows that belong together or follow each other are noticed; ordinary columns are left in peace."""

import shlex

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data.dependence import intraclass_correlation, words
from ketwise.evidence.data.tables import table
from ketwise.evidence.data.task import recognise
from tests.evidence.data.test_alerts import found

N = 300
RNG = np.random.default_rng(7)
PATIENT = np.repeat(np.arange(N // 5), 5)
OF_PATIENT = np.repeat(RNG.normal(size=N // 5), 5)
GROUPED = (OF_PATIENT + RNG.normal(0, 0.5, N) > 0).astype(int)
NOISE = RNG.normal(size=N)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("patient_id", RNG.permutation(1000)[PATIENT]),
        ("PatientID", PATIENT),
        ("batch", PATIENT),
        ("scaffold", [f"ring {i}" for i in PATIENT]),
        ("who", [f"p{i}" for i in PATIENT]),
        ("unnamed numbers of runs", PATIENT),
        ("site", RNG.choice(list("abcdefg"), N)),
    ],
)
def test_groups_are_noticed(name, column):
    alert = found({"a": NOISE, name: column}, GROUPED)["KW008", (name,)]
    assert f"--groups {shlex.quote(name)}" in alert.text
    assert not alert.dropped


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("household size", RNG.integers(1, 9, N)),
        ("age", RNG.integers(20, 80, N)),
        ("sorted age", np.sort(RNG.integers(20, 80, N))),
        ("color", RNG.choice(["red", "green", "blue"], N)),
        ("Number of Rings", RNG.integers(0, 9, N)),
        ("patient", np.arange(N)),
        ("site", RNG.choice(["a", "b"], N)),
    ],
)
def test_columns_that_are_no_groups(name, column):
    assert not any(code == "KW008" for code, _ in found({"a": NOISE, name: column}, GROUPED))


def test_nothing_is_suggested_once_it_was_given():
    frame = {"a": NOISE, "patient_id": PATIENT, "date": pd.date_range("2024-01-01", periods=N)}
    assert {code for code, _ in found(frame, GROUPED)} == {"KW008", "KW009"}
    assert not {code for code, _ in found(frame, GROUPED, groups=PATIENT)} & {"KW008", "KW009"}
    assert not {code for code, _ in found(frame, GROUPED, time=np.arange(N))} & {"KW008", "KW009"}


def test_what_shuffled_folds_would_do():
    """In pairs a row's partner is in its own test fold once in five times."""
    text = found({"a": NOISE, "pair": [f"p{i // 2}" for i in range(N)]})["KW008", ("pair",)].text
    assert "150 values, 2 rows each at the median" in text
    assert "80% of the test rows" in text


def test_intraclass_correlation():
    """Shrout and Fleiss (1979), table 2: six targets by four judges, ICC(1, 1) = 0.17."""
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    y = ratings.ravel() + 0.5
    task = recognise(table(np.zeros((24, 1)), y).y)
    assert intraclass_correlation(pd.Series(np.repeat(np.arange(6.0), 4)), task) == pytest.approx(0.17, abs=0.005)


def test_intraclass_correlation_of_classes():
    same = recognise(table(np.zeros((N, 1)), PATIENT % 3).y)
    assert intraclass_correlation(pd.Series(PATIENT.astype(float)), same) == pytest.approx(1)
    chance = recognise(table(np.zeros((N, 1)), RNG.integers(0, 3, N)).y)
    assert abs(intraclass_correlation(pd.Series(PATIENT.astype(float)), chance)) < 0.15


DAYS = pd.date_range("2023-01-01", periods=N)
DRIFT = (np.arange(N) / N + RNG.normal(0, 0.3, N) > 0.5).astype(int)
SHUFFLED = RNG.permutation(N)


@pytest.mark.parametrize(
    ("name", "column", "y", "said"),
    [
        ("when", DAYS, DRIFT, "holds dates, by which the rows are sorted; along it the target drifts"),
        ("when", DAYS, RNG.integers(0, 2, N), "holds dates, by which the rows are sorted."),
        ("when", DAYS[SHUFFLED], DRIFT[SHUFFLED], "holds dates; along it the target drifts"),
        ("Time", np.sort(RNG.random(N)), DRIFT, "is named like a time, by which the rows are sorted; along it"),
        ("year", np.repeat(np.arange(N // 10), 10), DRIFT, "is named like a time"),
        ("date", [str(day.date()) for day in DAYS], DRIFT, "holds dates"),
        ("when", DAYS, np.cumsum(RNG.normal(size=N)), "rows that follow each other have similar targets"),
    ],
)
def test_time_is_noticed(name, column, y, said):
    alert = found({"a": NOISE, name: column}, y)["KW009", (name,)]
    assert said in alert.text
    assert f"--time {name}" in alert.text


@pytest.mark.parametrize(
    ("name", "column", "y"),
    [
        ("when", DAYS[SHUFFLED], RNG.integers(0, 2, N)),
        ("date of birth", DAYS[SHUFFLED], DRIFT[SHUFFLED]),
        ("time", np.sort(RNG.random(N)), RNG.integers(0, 2, N)),
        ("time", RNG.random(N), DRIFT),
        ("day length", DRIFT + RNG.normal(size=N), DRIFT),
    ],
)
def test_columns_that_are_no_order_of_time(name, column, y):
    assert not any(code == "KW009" for code, _ in found({"a": NOISE, name: column}, y))


def test_features_that_drift():
    frame = {"a": np.arange(N) + RNG.normal(0, 20, N), "b": NOISE, "Time": np.sort(RNG.random(N))}
    assert "1 of 2 number columns drift, such as a" in found(frame, RNG.integers(0, 2, N))["KW009", ("Time",)].text


def test_a_date_that_numbers_the_rows_is_dropped():
    seen = found({"a": NOISE, "when": DAYS}, DRIFT)
    assert seen["KW009", ("when",)].dropped
    assert ("KW001", ("when",)) not in seen
    assert not found({"a": NOISE, "when": np.repeat(DAYS, 2)[:N]}, DRIFT)["KW009", ("when",)].dropped


def test_words_of_names():
    assert words("customerID") == ["customer", "id"]
    assert words("COMPOUND ID") == ["compound", "id"]
    assert words("well_no2") == ["well", "no"]
