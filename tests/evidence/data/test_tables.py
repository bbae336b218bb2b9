"""Reading data: what comes out of good files and arrays, and the sentence for every bad one."""

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data.sources import BUNDLED
from ketwise.evidence.data.tables import load, table

GOOD = "a,b,y\n" + "".join(f"{i},{i * i},{'no' if i % 2 else 'yes'}\n" for i in range(1, 21))


def write(tmp_path, content, name="data.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_a_plain_file(tmp_path):
    data = load(write(tmp_path, GOOD), "y")
    assert list(data.X.columns) == ["a", "b"]
    assert data.X.dtypes.tolist() == [np.float64, np.float64]
    assert data.X.b.tolist() == [i * i for i in range(1, 21)]
    assert data.y.tolist()[:2] == ["no", "yes"]
    assert data.target == "y"


FILES = {
    "empty": ("", "is empty"),
    "blank": ("  \n\n", "is empty"),
    "header only": ("a,b,y\n", "column names and no rows"),
    "ragged": ("a,b,y\n1,2,x\n1,2\n", "line 3: 2 cells, but line 1 names 3 columns"),
    "ragged long": ("a,b,y\n1,2,x\n1,2,x,4\n", "line 3: 4 cells"),
    "ragged after a quoted line": ('a,b,y\n1,"2\n3",x\n1,2\n', "line 4: 2 cells"),
    "two of one name": ("a,b,a,y\n1,2,3,x\n", "columns 1 and 3 are both named 'a'"),
    "NUL": (b"a,b,y\n1,2,x\n1,\x002,x\n", "NUL byte in line 3"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "UTF-16 without a mark"),
    "zip": (b"PK\x03\x04rest", "Excel workbook"),
    "gzip": (b"\x1f\x8brest", "gunzip"),
    "one column": ("y\n1\n2\n", "one column only"),
    "no header": ("1.5,2,0\n1,2,0\n", "line 1 holds numbers"),
    "target missing": ("a,b,Taget\n1,2,x\n", "no column 'target': did you mean 'Taget'"),
    "target far": ("a,b,c\n1,2,x\n", "no column 'target': it has the columns 'a', 'b', 'c'"),
    "target gaps": ("a,target\n1,x\n2,\n3,y\n", "'target' is missing in 1 of 3 rows, the first is row 2"),
    "infinite": ("a,target\n1,x\ninf,y\n3,y\n", "'a' holds 1 infinite value.s., the first in row 2"),
    "infinite target": ("a,target\n1,1.5\n2,-inf\n", "'target' is infinite in row 2"),
    "broken quotes": ('a,target\n1,"x\n2,y\n', "line 3"),
}


@pytest.mark.parametrize("case", FILES)
def test_bad_files_say_what_is_wrong_where(tmp_path, case):
    content, message = FILES[case]
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, content), "target")


def test_places_that_hold_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder: give a CSV or Parquet file in it"):
        load(str(tmp_path), "y")
    with pytest.raises(FileNotFoundError, match=r"there is no file .*none\.csv"):
        load(str(tmp_path / "none.csv"), "y")
    with pytest.raises(FileNotFoundError, match="did you mean breast_cancer"):
        load("brest_cancer")
    with pytest.raises(ValueError, match="NUL byte"):
        load("a\0b", "y")


def test_no_permission(tmp_path, monkeypatch):
    path = write(tmp_path, GOOD)

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)  # root may read anything
    with pytest.raises(PermissionError, match="no permission to read .*chmod"):
        load(path, "y")


def test_a_target_must_be_named(tmp_path):
    with pytest.raises(ValueError, match="Name it with --target; .* has the columns 'a', 'b', 'y'"):
        load(write(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("breast_cancer", 569, 30), ("diabetes", 442, 10), ("digits", 1797, 64), ("iris", 150, 4), ("wine", 178, 13)],
)
def test_bundled_sets(name, rows, columns):
    data = load(name)
    assert data.X.shape == (rows, columns)
    assert data.y.dtype == (float if name == "diabetes" else object)
    assert "bundled with scikit-learn" in data.source
    with pytest.raises(ValueError, match="leave --target out"):
        load(name, "label")


def test_a_file_named_like_a_bundled_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, GOOD, "iris")
    data = load("iris", "target")
    assert data.X.shape == (150, 4)
    assert any("write ./iris" in note for note in data.notes)
    assert load("./iris", "y").X.shape == (20, 2)


def test_kinds_of_columns():
    frame = pd.DataFrame(
        {
            "flag": [True, False, True],
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "category": pd.Categorical(["u", "v", None]),
            "date": pd.to_datetime(["2024-01-01", "2024-01-02", None]),
            "written": ["2024-01-01", "2024-01-03", "2024-01-05"],
            "span": pd.to_timedelta(["1D", "36h", "2D"]),
            "mixed": [1, 2.5, None],
            7: ["x", "y", "z"],
        }
    )
    data = table(frame, [1.5, 2.5, 3.5])
    assert data.X.flag.tolist() == [1, 0, 1]
    assert data.X.whole.tolist()[::2] == [1, 3]
    assert np.isnan(data.X.whole[1])
    assert data.X.category.tolist() == ["u", "v", None]
    assert data.X.date[1] - data.X.date[0] == 1
    assert np.isnan(data.X.date[2])
    assert np.diff(data.X.written).tolist() == [2, 2]
    assert data.X.span.tolist() == [1, 1.5, 2]
    assert data.X.mixed.tolist()[:2] == [1, 2.5]
    assert data.X["7"].tolist() == ["x", "y", "z"]
    assert sum("holds dates" in note for note in data.notes) == 3


def test_numbers_with_a_few_words_are_said():
    column = [str(i) for i in range(20)]
    column[7] = "n/k"
    data = table(pd.DataFrame({"a": column}), range(20))
    assert data.X.a.dtype == object
    assert "1 of its cells are no number, such as 'n/k'" in data.notes[0]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros(5), np.zeros(5), r"X must have shape \(n_rows, n_columns\), got \(5,\)"),
        (np.zeros((5, 0)), np.zeros(5), "X has no columns"),
        (np.zeros((5, 2)), np.zeros(4), "X has 5 rows and y has 4"),
        (np.zeros((5, 2)), np.zeros((5, 2)), r"y must have shape \(n_rows,\), got \(5, 2\)"),
        (np.zeros((5, 2), dtype=complex), np.zeros(5), "complex"),
        (np.zeros((5, 2)), np.zeros(5, dtype=complex), "complex"),
        (np.zeros((5, 2)), [1, 2, None, 4, 5], "missing in 1 of 5 rows"),
        (np.zeros((3, 2)), pd.to_datetime(["2024-01-01"] * 3), "holds dates"),
        (np.zeros((3, 2)), pd.to_timedelta(["1D"] * 3), "holds dates"),
        (pd.DataFrame({"a": [[1], [2], [3]]}), np.zeros(3), "'a' holds a list in a cell"),
        (pd.DataFrame({"a": [b"x", b"y", b"z"]}), np.zeros(3), "'a' holds a bytes in a cell"),
        (np.zeros((3, 10_002)), np.zeros(3), "X has 10,002 columns; at most 10,000 beside the target"),
        (pd.DataFrame(np.zeros((5, 2)), columns=["a", "a"]), np.zeros(5), "two columns of X are named 'a'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_arrays(X, y, message):
    with pytest.raises(ValueError, match=message):
        table(X, y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([2, 10, 1, 2]),
        np.array(["b", "a", "b", "b"]),
        np.array([10, 2, "x", 1], dtype=object),
        [True, False, True, True],
        pd.Series([3, 4, 3, 3], index=[9, 8, 7, 6], dtype="Int64"),
        pd.Series(["u", "v", "u", "u"], dtype="category"),
        np.array([[1.5], [2.5], [1.5], [1.5]]),
    ],
)
def test_the_target_is_kept_as_it_was_given(y):
    given = table(np.arange(8.0).reshape(4, 2), y).given
    assert given.shape == (4,)
    assert given.tolist() == np.asarray(y).ravel().tolist()
    assert isinstance(y, pd.Series) or given.dtype == np.asarray(y).dtype


def test_the_target_of_a_file_is_kept_as_it_was_read(tmp_path):
    numbers = load(write(tmp_path, "a,y\n" + "1,10\n2,9\n" * 10), "y", test=write(tmp_path, "a,y\n7,9\n", "t.csv"))
    assert numbers.given.tolist() == [10, 9] * 10
    assert numbers.given.dtype.kind == "i"
    assert load(write(tmp_path, GOOD), "y").given.tolist()[:2] == ["no", "yes"]
    assert set(load("iris").given) == {"setosa", "versicolor", "virginica"}


def test_sparse_is_refused():
    import scipy.sparse

    with pytest.raises(ValueError, match="toarray"):
        table(scipy.sparse.eye(4), np.zeros(4))


def test_rows_in_another_order_are_noticed():
    X = pd.DataFrame({"a": [1.0, 2, 3]}, index=["u", "v", "w"])
    with pytest.raises(ValueError, match=r"another order: pass y\.loc"):
        table(X, pd.Series([1, 2, 3], index=["w", "u", "v"]))
    assert table(X, pd.Series([1, 2, 3], index=["u", "v", "w"])).y.tolist() == [1, 2, 3]


def test_the_hash_is_of_the_values_not_of_the_file(tmp_path):
    first, second = load(write(tmp_path, GOOD), "y"), load(write(tmp_path, GOOD.replace(",", ";"), "other.csv"), "y")
    assert first.sha256 == second.sha256
    assert first.sha256 == table(first.X, first.y).sha256
    changed = first.X.copy()
    changed.iloc[3, 1] += 1e-9
    assert table(changed, first.y).sha256 != first.sha256
    assert table(first.X.rename(columns={"a": "c"}), first.y).sha256 != first.sha256


def test_numbers_kept_as_objects_are_numbers():
    data = table(pd.DataFrame({"a": pd.Series([1, 2.5, None], dtype=object)}), pd.Series([1.5, 2, 3], dtype=object))
    assert data.X.a.tolist()[:2] == [1, 2.5]
    assert data.y.tolist() == [1.5, 2, 3]


def test_text_that_holds_numbers_with_a_unit_is_said():
    data = table(pd.DataFrame({"a": ["12%", "7%", "3 %"], "b": ["u", "v", "w"]}), range(3))
    assert data.notes == [
        "Column a is taken as text, because its cells hold more than a number, such as '12%': write the numbers alone "
        "to have them used as numbers."
    ]


def test_groups_and_time_of_arrays():
    X, y = np.zeros((4, 1)), np.arange(4)
    data = table(X, y, groups=["a", "a", "b", "b"])
    assert data.groups.tolist() == ["a", "a", "b", "b"]
    assert data.notes == ["2 groups, of 2 to 2 rows; they are not used to predict."]
    data = table(X, y, groups=pd.Series([1, 1, 1, 2], name="batch"))
    assert data.groups.dtype == float
    assert "(column batch), of 1 to 3 rows" in data.notes[0]
    assert "every row is one of its own" in table(X, y, groups=range(4)).notes[0]
    data = table(
        X, y, time=pd.to_datetime(["1970-01-02", "1970-01-01", "1970-01-01 12:00", "2024-02-29"], format="ISO8601")
    )
    assert data.time.tolist() == [1, 0, 0.5, 19782]
    assert data.notes == ["The time runs from 1970-01-01 to 2024-02-29; it is not used to predict."]
    assert table(X, y, time=["2024-01-02", "2024-01-01", "2024-01-03", "2024-01-04"]).time.diff().tolist()[1:] == [
        -1,
        2,
        1,
    ]
    assert table(X, y, time=[3, 1.5, 2, 2]).notes == ["The time runs from 1.5 to 3; it is not used to predict."]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"groups": ["a", None, "b", None]}, "groups 'groups' is empty in 2 of 4 rows, the first is row 2"),
        ({"groups": [1, 2, np.nan, 1]}, "groups 'groups' is empty in 1 of 4 rows, the first is row 3"),
        ({"groups": ["a"] * 4}, "groups 'groups' holds 'a' in every row: at least two groups"),
        ({"groups": ["a"] * 3}, "X has 4 rows and groups has 3"),
        ({"groups": np.zeros((4, 2))}, r"groups must have shape \(n_rows,\), got \(4, 2\)"),
        ({"time": [1, 2, np.nan, 4]}, "time 'time' is empty in 1 of 4 rows, the first is row 3"),
        ({"time": pd.to_datetime(["2024-01-01", None, "2024-01-02", "2024-01-03"])}, "the first is row 2"),
        ({"time": [5, 5, 5, 5]}, "time 'time' is the same in every row: there is no order"),
        ({"time": ["2024-01-01", "01.02.2024", "2024-01-03", "2024-01-04"]}, "no date, such as '01.02.2024' in row 2"),
        ({"time": [1, np.inf, 2, 3]}, "'time' holds 1 infinite value"),
        ({"time": [1, 2, 3, 4], "groups": [1, 1, 2, 2]}, "groups and time were both given: give the one"),
        ({"groups": pd.Series(["a", "b", "c", "d"], index=[3, 2, 1, 0])}, r"another order: pass groups\.loc"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_groups_and_times(given, message):
    with pytest.raises(ValueError, match=message):
        table(pd.DataFrame(np.zeros((4, 1))), np.arange(4), **given)


STRUCTURED = "a,who,when,y\n" + "".join(f"{i * 7 % 11},p{i // 3},2024-01-{i + 1:02d},{i % 2}\n" for i in range(24))


def test_groups_and_time_of_a_file(tmp_path):
    path = write(tmp_path, STRUCTURED)
    data = load(path, "y", groups="who")
    assert list(data.X.columns) == ["a", "when"]
    assert data.groups.tolist()[:4] == ["p0", "p0", "p0", "p1"]
    assert data.dates == ("when",)
    data = load(path, "y", time="when")
    assert list(data.X.columns) == ["a", "who"]
    assert np.diff(data.time).tolist() == [1] * 23
    assert "(column when) runs from 2024-01-01 to 2024-01-24" in data.notes[0]
    assert len({load(path, "y", **role).sha256 for role in ({}, {"groups": "who"}, {"time": "when"})}) == 3


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"groups": "Who"}, "no column 'Who': did you mean 'who'?"),
        ({"time": "date"}, "no column 'date': it has the columns 'a', 'who', 'when', 'y'"),
        ({"groups": "y"}, "'y' is the target and cannot be the groups too"),
        ({"time": "y"}, "'y' is the target and cannot be the time too"),
        ({"groups": "who", "time": "when"}, "both given"),
        ({"time": "who"}, "holds text that is no date, such as 'p0' in row 1"),
    ],
)
def test_roles_that_cannot_be(tmp_path, roles, message):
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, STRUCTURED), "y", **roles)
    bare = "who,y\n" + "p,1\nq,2\n" * 12
    with pytest.raises(ValueError, match="no column beside the target and groups"):
        load(write(tmp_path, bare), "y", groups="who")


def test_a_bundled_set_with_roles():
    assert load("wine", groups="magnesium").X.shape == (178, 12)
    assert BUNDLED == ("breast_cancer", "diabetes", "digits", "iris", "wine")
