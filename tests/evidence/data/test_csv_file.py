"""CSV files as people and programs write them: delimiters, encodings, decimal signs, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data import csv_file
from ketwise.evidence.data.csv_file import read_csv
from tests.evidence.data.test_tables import write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1,5;x\n2,25;y\n", [1.5, 2.25]),
        ("a;b\n1.5;x\n2.25;y\n", [1.5, 2.25]),
        ("a\tb\n1.5\tx\n2.25\ty\n", [1.5, 2.25]),
        ("a|b\n1.5|x\n2.25|y\n", [1.5, 2.25]),
        ("\ufeffa,b\r\n1.5,x\r\n2.25,y\r\n", [1.5, 2.25]),
        ('a,b\n1.5,"x, with a comma"\n2.25,"and a\nline"\n', [1.5, 2.25]),
        ("\n\na, b\n1.5, x\n\n2.25, y\n\n", [1.5, 2.25]),
        ("a,b\r1.5,x\r2.25,y\r", [1.5, 2.25]),
        ("a,b\n0.1,x\n0.30000000000000004,y", [0.1, 0.30000000000000004]),
        ("a;b\n0,1;x\n0,30000000000000004;y", [0.1, 0.30000000000000004]),
    ],
    ids=["semicolon", "point", "tab", "bar", "BOM", "quotes", "blank lines", "old Mac", "exact", "exact comma"],
)
def test_delimiters_and_decimals(tmp_path, text, expected):
    frame, _ = read_csv(write(tmp_path, text))
    assert list(frame.columns) == ["a", "b"]
    assert frame.a.tolist() == expected


def test_a_column_without_a_name_gets_one(tmp_path):
    assert list(read_csv(write(tmp_path, ",b\n0,1\n1,2\n"))[0].columns) == ["column 1", "b"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,5", "2,25", "-3"], [1.5, 2.25, -3]),
        (["1.234,5", "1.234.567", "12,5"], [1234.5, 1234567, 12.5]),
        (["1.234,5", "2.345", "7"], [1234.5, 2345, 7]),
        (["1,234.5", "1,234,567", "0.5"], [1234.5, 1234567, 0.5]),
        (["1,234.5", "2,345", "7"], [1234.5, 2345, 7]),
        (["1 234,5", "12 345,25", "7"], [1234.5, 12345.25, 7]),
        (["1\u00a0234,5", "2\u202f345,5", "7"], [1234.5, 2345.5, 7]),
        (["1'234.5", "12’345.25", "7"], [1234.5, 12345.25, 7]),
        ([",5", "-,25", "1,"], [0.5, -0.25, 1]),
        (["1,5e3", "2,5E-1", "1e2"], [1500, 0.25, 100]),
        (["1,234", "0,5", "2"], [1.234, 0.5, 2]),
        (["0,123", "1,234", "2"], [0.123, 1.234, 2]),
        (["1,5", "", "2,5"], [1.5, None, 2.5]),
    ],
    ids=lambda value: value[0] if isinstance(value[0], str) else "",
)
def test_numbers_that_can_be_read_in_one_way(tmp_path, cells, expected):
    frame, notes = read_csv(write(tmp_path, "a;b\n" + "".join(f"{cell};x\n" for cell in cells)))
    assert frame.a.dtype == float
    assert [None if np.isnan(value) else value for value in frame.a] == expected
    assert len(notes) == 1
    assert "'a'" in notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a;b\n1,234;x\n2,345;y\n", "line 2, column 'a': 1,234 can be read as 1.234 or as 1234"),
        ('a,b\n7,x\n"1,234",x\n', "line 3, column 'a': 1,234 can be read as 1.234 or as 1234"),
        ("a;b;c\n1,234;0,5;0.25\n2,345;1,5;1.5\n", "line 2, column 'a': 1,234 can be read as 1.234 or as 1234"),
        ("a;b\n1,5;1.234\n2,5;\n", "line 2, column 'b': 1.234 can be read as 1.234 or as 1234"),
        ("a;b\n1.234,5;x\n0.5;x\n", "'a': 1.234,5 in line 2 has a decimal comma and 0.5 in line 3 a decimal point"),
        ('a;b\n1,5;"x\ny"\n2.5;x\n', "'a': 1,5 in line 3 has a decimal comma and 2.5 in line 4 a decimal point"),
        ("a;b\n1,234,567;x\n1.234.567;x\n", "1.234.567 in line 3 has a decimal comma and 1,234,567 in line 2"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_csv(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a\n1\n2", [1, 2]),
        ('\n\na\r\n"1,5"\r\n"2,5"\r\n', [1.5, 2.5]),
        ('a\n1\n""\nNA\n2\n', [1, np.nan, np.nan, 2]),
        ('a\n"x\n\ny"\nz\n', ["x\n\ny", "z"]),
    ],
)
def test_one_column_where_one_is_enough(tmp_path, text, cells):
    frame, _ = read_csv(write(tmp_path, text), least_columns=1)
    assert list(frame.columns) == ["a"]
    pd.testing.assert_series_equal(frame.a, pd.Series(cells, name="a"), check_dtype=False)
    with pytest.raises(ValueError, match="one column only, 'a'"):
        read_csv(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n1\n\n2\n", "line 3: an empty line, which may stand for a row with a missing value or for nothing"),
        ("a\n1\n2\n \t\n", 'line 4: an empty line.*write "" for a missing value, or delete the line'),
        ("a\n1,5\n2\n", "line 2: 2 cells, but line 1 names 1 column "),
        ("1\n2\n", "line 1 holds numbers"),
        ("a\n", "no rows"),
    ],
)
def test_one_column_that_cannot_be_told(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_csv(write(tmp_path, text), least_columns=1)


def test_columns_may_differ_where_each_is_clear(tmp_path):
    frame, notes = read_csv(write(tmp_path, "a;b\n1,5;0.25\n2,5;1.234\n"))
    assert frame.to_numpy().tolist() == [[1.5, 0.25], [2.5, 1.234]]
    assert notes == ["Numbers with a decimal comma were recognised in column 'a'."]


def test_an_ambiguous_column_follows_a_clear_one(tmp_path):
    frame, notes = read_csv(write(tmp_path, "a;b\n1,234;0,5\n2,345;1,5\n"))
    assert frame.a.tolist() == [1.234, 2.345]
    assert notes == ["Numbers with a decimal comma were recognised in columns 'a', 'b'."]


@pytest.mark.parametrize(
    "cells", [["31.12.2024", "1.1.2025"], ["1,2-dimethyl", "x"], ["1.2.3", "1.2.4"], ["10.0.0.1", "1"]]
)
def test_text_stays_text(tmp_path, cells):
    frame, notes = read_csv(write(tmp_path, "a;b\n" + "".join(f"{cell};1\n" for cell in cells)))
    assert frame.a.tolist() == cells
    assert notes == []


def test_a_word_among_decimal_commas(tmp_path):
    cells = ["n/k", *(f"{i},5" for i in range(20))]
    frame, _ = read_csv(write(tmp_path, "a;b\n" + "".join(f"{cell};1\n" for cell in cells)))
    assert frame.a.tolist() == [cell.replace(",", ".") for cell in cells]


ACCENTS = "name,y\nnaïve,1\ncafé,2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "windows-1252", "latin-1"])
def test_encodings(tmp_path, encoding):
    frame, notes = read_csv(write(tmp_path, ACCENTS.encode(encoding)))
    assert frame.name.tolist() == ["naïve", "café"]
    assert len(notes) == ("utf-8" not in encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_marks_of_either_order(tmp_path, encoding):
    frame, notes = read_csv(write(tmp_path, ("\ufeff" + ACCENTS).encode(encoding)))
    assert frame.name.tolist() == ["naïve", "café"]
    assert encoding[:6].upper() in notes[0]


def test_what_was_read_as_windows_1252_is_shown(tmp_path):
    _, notes = read_csv(write(tmp_path, "name,y\nprice in €,1\ncafé,2\n".encode("windows-1252")))
    assert "not UTF-8 (byte 0x80 in line 2)" in notes[0]
    assert "letters beyond ASCII in it: é €." in notes[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\né,1\n".encode() + "è,2\n".encode("latin-1"), r"partly UTF-8 and partly not \(byte 0xe8 in line 3\)"),
        (b"a,b\n\x81,1\n", r"neither UTF-8 nor Windows-1252 \(byte 0x81 in line 2\)"),
        (b"a,b\n\xe9\x01,1\n", "not UTF-8 .byte 0xe9 in line 2. and holds the control byte 0x01"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "begins as UTF-16 but breaks off"),
        ("a,b\n1,\0\n".encode("utf-16"), "NUL byte in line 2: it is no text file; save"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16 without a mark"),
        (" \n".encode("utf-16"), "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00rest", "xz"),
        (b"\x28\xb5\x2f\xfdrest", "zstd"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\x89HDF\r\n\x1a\nrest", "HDF5"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
    ],
)
def test_bytes_that_are_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_csv(write(tmp_path, content))


def test_too_many_columns_are_refused_at_once(tmp_path):
    names = ",".join(f"c{i}" for i in range(100_000))
    with pytest.raises(
        ValueError, match="has 100,000 columns; at most 10,000 beside the target can be used: keep those"
    ):
        read_csv(write(tmp_path, names + "\n" + ",".join("1" * 100_000) + "\n"))


def test_as_many_columns_as_are_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "MOST_COLUMNS", 3)
    assert read_csv(write(tmp_path, "a,b,c,y\n1,2,3,4\n"))[0].shape == (1, 4)
    with pytest.raises(ValueError, match="has 5 columns; at most 3"):
        read_csv(write(tmp_path, "a,b,c,d,y\n1,2,3,4,5\n"))


def test_a_file_that_memory_cannot_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "available_bytes", lambda: 1000)
    with pytest.raises(MemoryError, match="needs about 1.172 KiB of memory, 900 bytes can be used: give fewer rows"):
        read_csv(write(tmp_path, "a,b\n" + "1,2\n" * 24))


def test_a_cell_beyond_all_measure(tmp_path):
    with pytest.raises(ValueError, match="line 2: field larger than field limit"):
        read_csv(write(tmp_path, "a,b\n" + "x" * 200_000 + ",2\n"))
    assert read_csv(write(tmp_path, "a,b\n" + "x" * 100_000 + ",2\n"))[0].a.map(len).tolist() == [100_000]


def test_columns_taken_as_text(tmp_path):
    frame, _ = read_csv(write(tmp_path, "a,b\n01,1\n1.50,2\n,3\n"), ["a"])
    assert frame.a.tolist()[:2] == ["01", "1.50"]
    assert frame.a.isna().tolist() == [False, False, True]


def test_rows_and_cells_survive(tmp_path):
    """Whatever Python's own csv module writes is read back, cell by cell."""
    import csv

    random = np.random.default_rng(0)
    signs = ["a", "7", ".", " b", '"', "\n", ";", ",", "\t", "é", "|", "'", "%"]
    for delimiter in ",;\t|":
        rows = [["x" + "".join(random.choice(signs, 4)) for _ in range(3)] for _ in range(50)]
        path = tmp_path / "data.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerows([["first", "second", "third"], *rows])
        assert read_csv(path)[0].to_numpy().tolist() == rows
