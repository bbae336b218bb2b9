"""Remarks about data: raised where they should be, and silent on clean data."""

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data import alerts
from ketwise.evidence.data.columns import NoColumnsLeftError, choose_columns, describe
from ketwise.evidence.data.sources import BUNDLED
from ketwise.evidence.data.tables import load, table
from ketwise.evidence.data.task import recognise
from tests.shared_data import SHARED_DATA

RNG = np.random.default_rng(3)
N = 300
Y = RNG.integers(0, 2, N)


def found(frame, y=Y, **roles):
    """What is found, without the remark that there are few rows."""
    data = table(pd.DataFrame(frame), pd.Series(y, name="y"), **roles)
    seen = alerts.find(data, recognise(data.y))
    return {(alert.code, alert.columns): alert for alert in seen if alert.code != "KW006"}


@pytest.mark.parametrize("name", BUNDLED)
def test_the_bundled_sets_are_clean(name):
    data = load(name)
    assert {alert.code for alert in alerts.find(data, recognise(data.y))} <= {"KW006"}


@pytest.mark.parametrize(
    "column",
    [
        np.arange(N),
        np.arange(N)[::-1] + 7,
        RNG.permutation(N) + 1,
        np.cumsum(RNG.integers(1, 4, N)),
        [f"mol-{i}" for i in range(N)],
    ],
    ids=["row number", "falling", "shuffled", "with gaps", "text"],
)
def test_identifiers_are_dropped(column):
    seen = found({"good": RNG.normal(size=N), "nr": column})
    assert seen["KW001", ("nr",)].dropped


def test_an_identifier_by_name_only():
    numbers = RNG.choice(10**6, N, replace=False)
    assert ("KW001", ("patient_id",)) in found({"patient_id": numbers, "b": RNG.normal(size=N)})
    assert ("KW001", ("length",)) not in found({"length": numbers, "b": RNG.normal(size=N)})


def test_measurements_are_no_identifiers():
    assert found({"a": RNG.normal(size=N), "sorted": np.sort(RNG.normal(size=N)), "few": RNG.integers(0, 9, N)}) == {}


def test_a_column_that_decides_two_classes():
    leak = Y + RNG.normal(0, 0.1, N)
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": leak})
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": -leak})
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": np.where(Y > 0, "sick", "well")})
    assert found({"a": RNG.normal(size=N), "strong": Y + RNG.normal(0, 0.5, N)}) == {}


def test_a_column_that_decides_many_classes_or_a_number():
    many = RNG.integers(0, 4, N)
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": many * 3.0 + RNG.normal(0, 0.1, N)}, many)
    number = RNG.normal(size=N)
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": np.exp(number)}, number)
    assert found({"a": number + RNG.normal(size=N)}, number) == {}


def test_a_column_that_decides_without_a_trend():
    middle = RNG.normal(size=N)
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": middle}, (np.abs(middle) < 0.7).astype(int))
    wave = np.linspace(0, 12, N)[RNG.permutation(N)]
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": wave}, np.sin(wave))
    words = RNG.choice(list("uvwxyz"), N)
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": words}, [ord(word) * 1.37 for word in words])


def test_gaps_that_decide():
    """Such as a date of death that only the dead have."""
    gaps = np.where(Y > 0, RNG.normal(size=N), np.nan)
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": gaps})
    assert ("KW002", ("leak",)) in found({"a": RNG.normal(size=N), "leak": np.where(Y > 0, "known", None)})


def test_a_leak_among_many_rows_of_which_few_are_positive():
    y = (np.arange(20_000) % 500 == 0).astype(int)
    random = np.random.default_rng(0)
    seen = found({"a": random.normal(size=len(y)), "leak": y + random.normal(0, 0.1, len(y))}, y)
    assert ("KW002", ("leak",)) in seen
    assert not any(columns == ("a",) for _, columns in seen)


def test_texts_that_each_occur_once_do_not_decide():
    texts = [f"once {i}" if i % 4 else "often" for i in range(N)]
    ordered = np.sort(Y)  # the place of a row in the file would tell
    assert not any(code == "KW002" for code, _ in found({"a": RNG.normal(size=N), "t": texts}, ordered))


def test_a_column_named_like_a_prediction():
    seen = found({"a": RNG.normal(size=N), "ESOL predicted log solubility": RNG.normal(size=N)})
    assert set(seen) == {("KW003", ("ESOL predicted log solubility",))}


def test_a_near_copy_that_is_named_like_the_target():
    number = RNG.normal(size=N)
    data = table(
        pd.DataFrame({"price in EUR": number + RNG.normal(0, 0.2, N), "size": number + RNG.normal(0, 0.2, N)}),
        pd.Series(number, name="price"),
    )
    seen = {(alert.code, alert.columns) for alert in alerts.find(data, recognise(data.y))}
    assert ("KW003", ("price in EUR",)) in seen
    assert not any(columns == ("size",) for _, columns in seen)


def test_how_well_a_row_number_does_alone():
    number = np.arange(N)
    assert (
        "By itself it scores ROC AUC 1.000"
        in found({"a": RNG.normal(size=N), "nr": number}, np.sort(Y))["KW001", ("nr",)].text
    )
    assert "next to nothing" in found({"a": RNG.normal(size=N), "nr": number})["KW001", ("nr",)].text
    smooth = found({"a": RNG.normal(size=N), "nr": number}, np.sin(number / 20.0))["KW001", ("nr",)].text
    assert "By itself it scores R² 0.9" in smooth
    assert "By itself" not in found({"a": RNG.normal(size=N), "nr": number}, number % 4)["KW001", ("nr",)].text


def test_imbalance_and_repeats():
    rare = found({"a": RNG.normal(size=N)}, (np.arange(N) < 12).astype(int))["KW004", ()]
    assert "Only 12 of 300 rows (4.0 %) are of class 1" in rare.text
    assert "average precision decides" in rare.text
    assert found({"a": RNG.normal(size=N)}, (np.arange(N) < 30).astype(int)) == {}  # a tenth is not rare
    assert {code for code, _ in found({"a": RNG.normal(size=N)}, (np.arange(N) < 29).astype(int))} == {"KW004"}
    assert {code for code, _ in found({"a": RNG.integers(0, 30, N)})} == {"KW005"}


def test_repeats_are_counted_exactly():
    frame = pd.DataFrame({"a": RNG.normal(size=N), "word": RNG.choice(["u", "v"], N), "gap": np.full(N, np.nan)})
    frame.iloc[100:107] = frame.iloc[:7].to_numpy()
    y = Y.copy()
    y[100:107] = y[:7]
    assert "7 of 300 rows repeat" in found(frame, y)["KW005", ()].text
    y[100] = 1 - y[100]
    assert "6 of 300 rows repeat" in found(frame, y)["KW005", ()].text
    frame.iloc[101, 1] = None
    y[102] = 1 - y[102]
    assert found(frame, y) == {}


def test_labels_that_differ_in_spelling_only():
    y = np.array(["yes", "no", "Yes ", "no"])[np.arange(N) % 4]
    assert "'Yes ', 'yes' differ only in capitals or spaces" in found({"a": RNG.normal(size=N)}, y)["KW015", ()].text


def test_missing_values_and_constants_do_not_disturb():
    gaps = np.where(RNG.random(N) < 0.3, np.nan, RNG.normal(size=N))
    void, good = np.full(N, np.nan), RNG.normal(size=N)
    assert found({"gaps": gaps, "all": void, "same": np.ones(N), "none": [None] * N, "good": good}) == {}
    assert found({"gaps": gaps, "all": void, "same": np.ones(N)}, RNG.normal(size=N)) == {}


def test_columns_chosen_and_said():
    frame = pd.DataFrame(
        {
            "nr": np.arange(N),
            "a": np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(size=N)),
            "same": np.ones(N),
            "void": np.full(N, np.nan),
            "word": RNG.choice(["u", "v"], N),
        }
    )
    data = table(frame, pd.Series(Y, name="y"))
    columns = choose_columns(data, alerts.find(data, recognise(data.y)))
    assert (columns.numbers, columns.texts) == (["a"], ["word"])
    assert (columns.constant, columns.identifiers) == (["same", "void"], ["nr"])
    assert columns.missing == [("a", int(frame.a.isna().sum()))]
    narrow = table(frame[["nr", "same", "void"]], pd.Series(Y, name="y"))
    seen = alerts.find(narrow, recognise(narrow.y))
    with pytest.raises(NoColumnsLeftError) as caught:
        choose_columns(narrow, seen)
    assert str(caught.value) == (
        "no column is left to predict 'y' from: 'nr' (numbers or names the rows), 'same' (never changes), 'void' "
        "(never changes); add columns that describe the rows, and run again"
    )
    assert caught.value.alerts == seen


@pytest.fixture
def molecules():
    folder = SHARED_DATA / "molecules"
    if not folder.is_dir():
        pytest.skip("no shared data here")
    return folder


def test_published_molecules_of_which_nothing_is_left(molecules):
    bbbp = load(str(molecules / "BBBP.csv"), "p_np")
    seen = alerts.find(bbbp, recognise(bbbp.y))
    dropped = [("KW001", ("num",)), ("KW001", ("name",)), ("KW013", ("smiles",))]
    assert [(alert.code, alert.columns) for alert in seen if alert.dropped] == dropped
    assert "By itself it scores ROC AUC 0.965" in seen[0].text  # what nearest neighbours find too
    assert "fingerprints or descriptors" in seen[-1].text
    with pytest.raises(
        NoColumnsLeftError, match=r"'smiles' \(molecules written as text\); compute columns from the mol"
    ):
        choose_columns(bbbp, seen)


def test_published_molecules_with_a_prediction(molecules):
    esol = load(str(molecules / "ESOL_delaney-processed.csv"), "measured log solubility in mols per litre")
    seen = alerts.find(esol, recognise(esol.y))
    named = {(alert.code, alert.columns): alert.text for alert in seen}
    assert "(rank correlation 0.905 by itself)" in named["KW003", ("ESOL predicted log solubility in mols per litre",)]
    assert {("KW001", ("Compound ID",)), ("KW013", ("smiles",))} <= set(named)
    columns = choose_columns(esol, seen)
    assert (columns.identifiers, columns.unread) == (["Compound ID"], ["smiles"])
    assert "Dropped, because no model here reads them: smiles." in describe(columns)
