"""Parquet files: read like CSV files, refused in a sentence where they hold what no model can use."""

import builtins
import datetime
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data.tables import load
from tests.evidence.data.test_tables import GOOD, write


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    imported = builtins.__import__

    def refuse(name, *arguments, **others):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError("no pyarrow here")
        return imported(name, *arguments, **others)

    path = write(tmp_path, b"PAR1rest", "data.parquet")
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r'data.parquet needs pyarrow: pip install "ketwise\[data\]"'):
        load(path, "y")


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(str(tmp_path / "none.parquet"), "y")
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        load(str(tmp_path / "folder.parquet"), "y")


@pytest.fixture
def save(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def saved(columns, name="data.parquet"):
        arrays = [column if isinstance(column, pyarrow.Array) else pyarrow.array(column) for column in columns.values()]
        parquet.write_table(pyarrow.table(arrays, names=list(columns)), tmp_path / name)
        return str(tmp_path / name)

    return saved


N = 24
Y = ["no", "yes"] * (N // 2)


def test_the_same_as_a_csv_file(save, tmp_path):
    numbers = [i * i for i in range(1, 21)]
    y = ["no" if i % 2 else "yes" for i in range(1, 21)]
    path = save({"a": list(range(1, 21)), "b": numbers, "y": y})
    assert load(path, "y").sha256 == load(write(tmp_path, GOOD), "y").sha256


def test_kinds_of_columns(save):
    import pyarrow

    days = [datetime.date(2024, 1, 1) + datetime.timedelta(i) for i in range(N)]
    path = save(
        {
            "whole": [1, None] * (N // 2),
            "flag": [True, None] * (N // 2),
            "word": pyarrow.array(["u", None] * (N // 2)).dictionary_encode(),
            "day": days,
            "moment": [datetime.datetime(2024, 1, 1, 12)] * N,
            "money": [decimal.Decimal("1.25")] * N,
            "small": np.arange(N, dtype=np.float16),
            "y": Y,
        }
    )
    data = load(path, "y")
    assert data.X.dtypes.map(str).to_dict() == dict.fromkeys(data.X.columns, "float64") | {"word": "object"}
    assert data.X.word.tolist()[:2] == ["u", None]
    assert data.X.whole.isna().sum() == data.X.flag.isna().sum() == N // 2
    assert np.diff(data.X.day).tolist() == [1] * (N - 1)
    assert data.X.moment[0] - data.X.day[0] == 0.5
    assert data.X.money[0] == 1.25
    assert data.dates == ("day", "moment")


def test_an_index_that_pandas_wrote_is_left_out(save, tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"a": np.arange(N) % 5, "y": Y}, index=np.arange(N) * 7)
    frame.to_parquet(tmp_path / "indexed.parquet")
    data = load(str(tmp_path / "indexed.parquet"), "y")
    assert list(data.X.columns) == ["a"]
    assert any("index that pandas wrote" in note for note in data.notes)


def test_refused(save):
    with pytest.raises(ValueError, match=r"holds lists, records or bytes in the columns 'list', 'record', 'raw': only"):
        load(save({"list": [[1]] * N, "record": [{"a": 1}] * N, "raw": [b"x"] * N, "y": Y}), "y")
    with pytest.raises(ValueError, match="column names and no rows"):
        load(save({"a": [1], "y": ["no"]}, "full.parquet") and save({"a": np.zeros(0), "y": np.zeros(0)}), "y")
    with pytest.raises(ValueError, match="one column only"):
        load(save({"y": Y}), "y")
    with pytest.raises(ValueError, match="columns 1 and 2 are both named 'a'"):
        twice(save)
    with pytest.raises(ValueError, match="has no column 'z': it has the columns 'a', 'y'"):
        load(save({"a": np.arange(N), "y": Y}), "z")


def twice(save):
    import pyarrow
    import pyarrow.parquet

    path = save({"a": [1], "y": [1]})
    pyarrow.parquet.write_table(pyarrow.table([[1], [2], [3]], names=["a", "a", "y"]), path)
    load(path, "y")


def sentence(path):
    try:
        load(path, "y")
    except ValueError as error:
        return str(error)
    return None


def test_damaged_files_are_one_sentence(save, tmp_path):
    good = save({"a": np.random.default_rng(0).normal(size=N), "y": Y})
    content = Path(good).read_bytes()
    random = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(content[: random.integers(4, len(content))] if random.random() < 0.5 else content)
        damaged[random.integers(len(damaged))] ^= 1 << random.integers(8)
        path = write(tmp_path, bytes(damaged), "damaged.parquet")
        said = sentence(path)
        assert said is None or "\n" not in said  # one flipped bit of a value cannot be seen
    for content in (b"PAR1", b"PAR1rest", b"a,b\n1,2\n", b"PAR1" + b"\xff" * 100 + b"PAR1"):
        with pytest.raises(ValueError, match="no Parquet file, or a damaged one"):
            load(write(tmp_path, content, "damaged.parquet"), "y")


def test_a_held_out_parquet_file(save, tmp_path):
    data = save({"a": np.arange(N) % 5, "code": ["1", "2", "A"] * (N // 3), "y": Y})
    test = save({"y": ["no", "yes"], "code": [1, 2], "a": [1, None]}, "test.parquet")
    joined = load(data, "y", test=test)
    assert joined.X.code.tolist()[N:] == ["1", "2"]
    assert joined.held_out == 2
    csv = write(tmp_path, "a,code,y\n1,2,no\n", "test.csv")
    assert load(data, "y", test=csv).X.code.tolist()[N:] == ["2"]
