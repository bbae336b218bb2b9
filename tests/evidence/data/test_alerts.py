"""Remarks about data: raised where they should be, and silent on clean data."""

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data import alerts
from ketwise.evidence.data.columns import choose_columns
from ketwise.evidence.data.tables import BUNDLED, load, table
from ketwise.evidence.data.task import recognise
from tests.shared_data import SHARED_DATA

RNG = np.random.default_rng(3)
N = 300
Y = RNG.integers(0, 2, N)


def found(frame, y=Y):
    data = table(pd.DataFrame(frame), pd.Series(y, name="y"))
    return {(alert.code, alert.columns): alert for alert in alerts.find(data, recognise(data.y))}


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


def test_texts_that_each_occur_once_do_not_decide():
    texts = [f"once {i}" if i % 4 else "often" for i in range(N)]
    ordered = np.sort(Y)  # the place of a row in the file would tell
    assert not any(code == "KW002" for code, _ in found({"a": RNG.normal(size=N), "t": texts}, ordered))


def test_a_column_named_like_a_prediction():
    seen = found({"a": RNG.normal(size=N), "ESOL predicted log solubility": RNG.normal(size=N)})
    assert set(seen) == {("KW003", ("ESOL predicted log solubility",))}


def test_imbalance_repeats_and_few_rows():
    assert {code for code, _ in found({"a": RNG.normal(size=N)}, (np.arange(N) < 12).astype(int))} == {"KW004"}
    assert found({"a": RNG.normal(size=N)}, (np.arange(N) < 40).astype(int)) == {}
    assert {code for code, _ in found({"a": RNG.integers(0, 30, N)})} == {"KW005"}
    assert {code for code, _ in found({"a": RNG.normal(size=60)}, Y[:60])} == {"KW006"}


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
    with pytest.raises(ValueError, match=r"no column is left to predict 'y' from \(2 constant, 1 naming the rows\)"):
        choose_columns(narrow, alerts.find(narrow, recognise(narrow.y)))


def test_published_molecules():
    folder = SHARED_DATA / "molecules"
    if not folder.is_dir():
        pytest.skip("no shared data here")
    bbbp = load(str(folder / "BBBP.csv"), "p_np")
    assert [(a.code, a.columns) for a in alerts.find(bbbp, recognise(bbbp.y)) if a.dropped] == [
        ("KW001", (name,)) for name in ("num", "name", "smiles")
    ]
    esol = load(str(folder / "ESOL_delaney-processed.csv"), "measured log solubility in mols per litre")
    seen = {(a.code, a.columns) for a in alerts.find(esol, recognise(esol.y))}
    assert ("KW003", ("ESOL predicted log solubility in mols per litre",)) in seen
