"""Bad input, case by case: exit code 2, one sentence that says what is wrong and what to do, and nothing written."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.doors.test_cli import run
from tests.evidence.conftest import use_quick_models

RANDOM = np.random.default_rng(1)
ROWS = [
    f"{a:.3f},{b:.3f},{'uvw'[i % 3]},{'no' if a + b > 0 else 'yes'}"
    for i, (a, b) in enumerate(RANDOM.normal(size=(40, 2)))
]
HEAD = "a,b,word,y"
GOOD = "\n".join([HEAD, *ROWS]) + "\n"
TEST = "\n".join([HEAD, *ROWS[:12]]).replace("0.", "0.9") + "\n"
ASK = ["x.csv", "--target", "y"]

Content = str | bytes | Callable[[Path], None]
Case = tuple[Content, list[str], str]


def with_column(name: str, cells: Callable[[int], object]) -> str:
    """The good file with a column more, in front."""
    return "\n".join([f"{name},{HEAD}", *(f"{cells(i)},{row}" for i, row in enumerate(ROWS))]) + "\n"


def held_out(content: str | bytes) -> Callable[[Path], None]:
    """The good file, and a held-out file beside it."""

    def make(folder: Path) -> None:
        (folder / "x.csv").write_text(GOOD)
        (folder / "test.csv").write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


def molecules(folder: Path) -> None:
    chains = ["C" * (i % 7 + 1) + "O" * (i // 7 + 1) + "c1ccccc1" for i in range(40)]
    (folder / "x.csv").write_text("num,smiles,y\n" + "".join(f"{i},{s},{i % 2}\n" for i, s in enumerate(chains)))


def symlink_to_nothing(folder: Path) -> None:
    (folder / "x.csv").symlink_to(folder / "gone.csv")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "x.csv")


ON_TEST = [*ASK, "--test", "test.csv"]
FILES: dict[str, Case] = {
    "no file": (GOOD, ["none.csv", "--target", "y"], "there is no file none.csv: check the name"),
    "no bundled set": (GOOD, ["irsi"], "did you mean iris?"),
    "an address": (
        GOOD,
        ["https://example.com/x.csv", "--target", "y"],
        "is an address, not a file: download it first",
    ),
    "a folder": (lambda folder: (folder / "x.csv").mkdir(), ASK, "x.csv is a folder: give a CSV or Parquet file in it"),
    "a pipe": (pipe, ASK, "x.csv is a device or a pipe: write the data to a file first"),
    "a link to nothing": (symlink_to_nothing, ASK, "there is no file x.csv"),
    "a name beyond all measure": (GOOD, ["n" * 300 + ".csv", "--target", "y"], "File name too long; check the name"),
    "empty": ("", ASK, "x.csv is empty: it needs a line of column names"),
    "blank": (" \n\n", ASK, "x.csv is empty"),
    "header only": (HEAD + "\n", ASK, "has a line of column names and no rows: add the data"),
    "no header": ("1,2,3\n4,5,6\n", ["x.csv", "--target", "3"], "line 1 holds numbers (1, 2, 3, ...), not names"),
    "one row": (f"{HEAD}\n{ROWS[0]}\n", ASK, "1 row of data: too few to hold any out; at least 10 are needed"),
    "nine rows": ("\n".join([HEAD, *ROWS[:9]]), ASK, "9 rows of data: too few"),
    "one column": ("y\nno\nyes\n", ASK, "one column only, 'y' (cells are separated by comma, semicolon, tab or bar)"),
    "two columns of one name": (GOOD.replace("b,", "a,", 1), ASK, "columns 1 and 2 are both named 'a': rename one"),
    "ragged, short": (GOOD + "1,2\n", ASK, "x.csv, line 42: 2 cells, but line 1 names 4 columns"),
    "ragged, long": (GOOD + "1,2,u,no,5\n", ASK, "x.csv, line 42: 5 cells"),
    "unquoted text": (GOOD + "1,2,u, v,no\n", ASK, "quote text that holds the sign, or complete the row"),
    "an open quote": (GOOD + '1,2,"u,no\n', ASK, "line 42: unexpected end of data; check the quotes"),
    "a cell beyond all measure": (GOOD + f"1,2,{'u' * 200_000},no\n", ASK, "line 42: field larger than field limit"),
    "NUL bytes": (GOOD.encode() + b"1,2,\0,no\n", ASK, "holds a NUL byte in line 42: it is no text file"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), ASK, "or is UTF-16 without a mark; save it as UTF-8"),
    "half of UTF-16": (GOOD.encode("utf-16")[:-1], ASK, "begins as UTF-16 but breaks off or is damaged"),
    "two encodings": (
        GOOD.encode() + "1,2,é,no\n".encode() + b"1,2,\xe9,no\n",
        ASK,
        "partly UTF-8 and partly not (byte 0xe9 in line 43)",
    ),
    "no encoding": (
        GOOD.encode() + b"1,2,\x81,no\n",
        ASK,
        "neither UTF-8 nor Windows-1252 (byte 0x81 in line 42): save",
    ),
    "control bytes": (GOOD.encode() + b"1,2,\xe9\x02,no\n", ASK, "holds the control byte 0x02"),
    "an Excel workbook": (b"PK\x03\x04rest", ASK, "a zip archive or an Excel workbook, not CSV: save the sheet as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0rest", ASK, "an old Excel workbook"),
    "gzip": (b"\x1f\x8brest", ASK, "compressed with gzip, not CSV: decompress it first: gunzip"),
    "bzip2": (b"BZh91AY&SY", ASK, "bunzip2"),
    "a PDF": (b"%PDF-1.7 rest", ASK, "is a PDF document"),
    "a hundred thousand columns": (
        ",".join(f"c{i}" for i in range(100_000)) + ",y\n" + "1," * 100_000 + "no\n",
        ASK,
        "100,001 columns; at most 10,000 beside the target can be used: keep those that",
    ),
    "a thousand or one and a bit": (
        with_column("m", lambda i: f'"{i % 9 + 1},{100 + i}"'),
        ASK,
        "line 2, column 'm': 1,100 can be read as 1.100 or as 1100: write it in one",
    ),
    "two decimal signs": (
        with_column("m", lambda i: f'"{i},5"' if i % 2 else f"{i}.5"),
        ASK,
        "has a decimal comma and 0.5 in line 2 a decimal point: write all numbers in one way",
    ),
    "an infinite cell": (
        GOOD + "inf,2,u,no\n",
        ASK,
        "column 'a' holds 1 infinite value(s), the first in row 41: replace",
    ),
}
TARGETS: dict[str, Case] = {
    "no target": (GOOD, ["x.csv"], "which column is to be predicted? Name it with --target; x.csv has the columns 'a'"),
    "target misspelt": (GOOD, ["x.csv", "--target", "Y"], "x.csv has no column 'Y': did you mean 'y'?"),
    "target far off": (
        GOOD,
        ["x.csv", "--target", "price"],
        "no column 'price': it has the columns 'a', 'b', 'word', 'y'",
    ),
    "target of a bundled set": (GOOD, ["iris", "--target", "species"], "has one target, named 'target', not 'species'"),
    "target with gaps": (GOOD + "1,2,u,\n", ASK, "target 'y' is missing in 1 of 41 rows, the first is row 41: delete"),
    "one class": (GOOD.replace("yes", "no"), ASK, "the target 'y' is 'no' in every row: nothing to predict"),
    "a constant number": (with_column("k", lambda i: 7), ["x.csv", "--target", "k"], "'k' is '7' in every row"),
    "an identifier": (
        with_column("k", lambda i: f"name {i}"),
        ["x.csv", "--target", "k"],
        "an identifier or a number written as text, not a class",
    ),
    "an infinite target": (
        with_column("k", lambda i: f"{i}.5" if i else "inf"),
        ["x.csv", "--target", "k"],
        "target 'k' is infinite in row 1: replace it",
    ),
    "few of a class": (GOOD + "1,2,u,maybe\n", ASK, "class 'maybe' has 1 row, too few for 5 folds"),
    "only constants beside it": (
        "a,y\n" + "1,no\n1,yes\n" * 10,
        ASK,
        "to predict 'y' from: 'a' (never changes); add columns",
    ),
    "only molecules beside it": (
        molecules,
        ASK,
        "'num' (numbers or names the rows), 'smiles' (molecules written as text); compute columns from the molecules",
    ),
}
STRUCTURE: dict[str, Case] = {
    "no such groups": (GOOD, [*ASK, "--groups", "Word"], "no column 'Word': did you mean 'word'?"),
    "no such time": (GOOD, [*ASK, "--time", "when"], "x.csv has no column 'when'"),
    "groups are the target": (GOOD, [*ASK, "--groups", "y"], "'y' is the target and cannot be the groups too"),
    "groups and time": (
        GOOD,
        [*ASK, "--groups", "word", "--time", "a"],
        "groups and time were both given: give the one",
    ),
    "groups with gaps": (
        with_column("g", lambda i: f"g{i % 9}" if i > 2 else ""),
        [*ASK, "--groups", "g"],
        "groups 'g' is empty in 3 of 40 rows, the first is row 1: fill in which group",
    ),
    "one group": (
        with_column("g", lambda i: "all"),
        [*ASK, "--groups", "g"],
        "holds 'all' in every row: at least two groups",
    ),
    "groups that equal the folds": (
        with_column("g", lambda i: i % 5),
        [*ASK, "--groups", "g"],
        "groups takes 5 values: with 5 folds",
    ),
    "fewer groups than folds": (
        GOOD,
        [*ASK, "--groups", "word"],
        "groups takes 3 values: at least 4 groups are needed",
    ),
    "nothing but groups": (
        "g,y\n" + "".join(f"p{i % 8},{i % 2}\n" for i in range(40)),
        [*ASK, "--groups", "g"],
        "no column beside the target and groups: add columns to predict from",
    ),
    "time with gaps": (
        with_column("t", lambda i: f"2024-01-{i % 28 + 1:02d}" if i != 6 else ""),
        [*ASK, "--time", "t"],
        "time 't' is empty in 1 of 40 rows, the first is row 7: fill in the time",
    ),
    "time that is text": (
        GOOD,
        [*ASK, "--time", "word"],
        "holds text that is no date, such as 'u' in row 1: write dates as",
    ),
    "time in another order of day and month": (
        with_column("t", lambda i: f"{i % 28 + 1:02d}.01.2024"),
        [*ASK, "--time", "t"],
        "no date, such as '01.01.2024' in row 1",
    ),
    "time that stands still": (
        with_column("t", lambda i: "2024-01-01"),
        [*ASK, "--time", "t"],
        "is the same in every row: there is no order in it",
    ),
    "time in two stretches": (
        with_column("t", lambda i: 1 + (i > 20)),
        [*ASK, "--time", "t"],
        "time takes 2 different values",
    ),
}
HELD_OUT: dict[str, Case] = {
    "no held-out file": (GOOD, [*ASK, "--test", "none.csv"], "there is no file none.csv"),
    "the same file": (GOOD, [*ASK, "--test", "x.csv"], "x.csv is the file that is learned from"),
    "the same file by another way": (GOOD, [*ASK, "--test", "../{here}/x.csv"], "is the file that is learned from"),
    "a bundled set held out": (GOOD, [*ASK, "--test", "iris"], "iris is a bundled set: the held-out rows must be in"),
    "an empty held-out file": (held_out(""), ON_TEST, "test.csv is empty"),
    "held-out rows without the target": (
        held_out("a,b,word\n1,2,u\n"),
        ON_TEST,
        "test.csv has no column 'y', the target",
    ),
    "a column missing": (held_out("a,b,y\n1,2,no\n"), ON_TEST, "test.csv has no column 'word': both files must have"),
    "a column too many": (
        held_out("a,b,word,c,y\n1,2,u,3,no\n"),
        ON_TEST,
        "test.csv has a column 'c' that x.csv has not",
    ),
    "a column that became text": (
        held_out(TEST + "1,two,u,no\n"),
        ON_TEST,
        "'b' holds numbers in x.csv and text in test.csv, such as 'two' in row 13",
    ),
    "labels only in the test file": (
        held_out(TEST + "1,2,u,maybe\n"),
        ON_TEST,
        "'y' takes 'maybe' only in the held-out rows",
    ),
    "held-out target with gaps": (
        held_out(TEST + "1,2,u,\n"),
        ON_TEST,
        "is missing in 1 of 13 rows of test.csv, the first is row 13",
    ),
    "held-out rows of one class": (
        held_out("\n".join([HEAD, *(row for row in ROWS if row.endswith("no"))])),
        ON_TEST,
        "are all of class 'no'",
    ),
    "ragged held-out rows": (
        held_out(TEST + "1,2\n"),
        ON_TEST,
        "test.csv, line 14: 2 cells, but line 1 names 4 columns",
    ),
    "a held-out workbook": (held_out(b"PK\x03\x04rest"), ON_TEST, "test.csv is a zip archive or an Excel workbook"),
}
OPTIONS: dict[str, Case] = {
    "no such score": (GOOD, [*ASK, "--scoring", "auc"], "no score is named 'auc': did you mean roc_auc?"),
    "a score for numbers": (
        GOOD,
        [*ASK, "--scoring", "r2"],
        "scoring='r2' is for numbers, and 2 classes are predicted here: use roc_auc",
    ),
    "a score for classes": (
        GOOD,
        ["x.csv", "--target", "a", "--scoring", "roc_auc"],
        "scoring='roc_auc' is for classes, and a number is predicted here: use neg_root",
    ),
    "a score for two classes": (
        GOOD,
        ["x.csv", "--target", "word", "--scoring", "f1"],
        "scoring='f1' does not fit a target of 3 classes: use f1_macro",
    ),
    "a score for clusters": (GOOD, [*ASK, "--scoring", "rand_score"], "compares clusterings, not predictions"),
    "accuracy of a rare class": (
        "a,y\n" + "".join(f"{i % 7},{int(i % 20 == 0)}\n" for i in range(200)),
        [*ASK, "--scoring", "accuracy"],
        "class '1' has 5.0% of the rows, and always answering '0' would be right in 95.0%; use average_precision",
    ),
    "one fold": (GOOD, [*ASK, "--folds", "1"], "at least 2 folds and 1 repeat are needed"),
    "no repeat": (GOOD, [*ASK, "--repeats", "0"], "at least 2 folds and 1 repeat are needed"),
    "more folds than rows": (
        GOOD,
        ["x.csv", "--target", "a", "--folds", "21"],
        "40 rows are too few for 21 folds: use at most 20",
    ),
    "no configuration": (GOOD, [*ASK, "--configurations", "0"], "configurations must be a whole number of at least 1"),
    "too many configurations": (GOOD, [*ASK, "--configurations", "100000"], "the smallest grid has"),
    "a rope below zero": (GOOD, [*ASK, "--rope", "-0.01"], "rope is the smallest difference that matters"),
    "an infinite rope": (GOOD, [*ASK, "--rope", "inf"], "rope is the smallest difference that matters"),
    "a seed below zero": (GOOD, [*ASK, "--seed", "-1"], "random_state must be None or a whole number"),
    "no processes": (GOOD, [*ASK, "--jobs", "0"], "n_jobs must be a whole number of at least 1"),
    "no folder to write to": (GOOD, [*ASK, "--out", "no/r.html"], "the folder no does not exist; create it first"),
    "a page without its ending": (GOOD, [*ASK, "--out", "r.pdf"], "give it a name that ends in .html, not 'r.pdf'"),
}
CASES = FILES | TARGETS | STRUCTURE | HELD_OUT | OPTIONS


@pytest.fixture(scope="module", autouse=True)
def quick_models():
    """No case may get as far as training; should one, it fails soon."""
    with pytest.MonkeyPatch.context() as patch:
        use_quick_models(patch)
        yield


def refused(folder: Path, content: Content, arguments: list[str]) -> str:
    """Run in the folder; returns what was said, once it is seen to be one sentence and nothing to be written."""
    if callable(content):
        content(folder)
    else:
        (folder / "x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = {path.name: path.lstat().st_mtime_ns for path in folder.iterdir()}
    result = run(*(argument.format(here=folder.name) for argument in arguments))
    assert result.exit_code == 2, result.output
    assert result.stdout == "" or "Remark:" in result.stdout
    assert {path.name: path.lstat().st_mtime_ns for path in folder.iterdir()} == before
    assert re.fullmatch(r"ketwise: [^\n]+\n", result.stderr)
    return result.stderr


def test_there_are_many():
    assert len(CASES) == len(FILES) + len(TARGETS) + len(STRUCTURE) + len(HELD_OUT) + len(OPTIONS) >= 60


@pytest.mark.parametrize("case", CASES)
def test_one_sentence_and_nothing_written(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, arguments, message = CASES[case]
    assert message in refused(tmp_path, content, arguments)


def test_no_permission_to_read(tmp_path, monkeypatch):
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)  # root may read anything
    assert "no permission to read x.csv: ask its owner, or try chmod u+r" in refused(tmp_path, GOOD, ASK)


def test_a_disk_that_fails_while_reading(tmp_path, monkeypatch):
    def fail(self: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pathlib.Path.read_bytes", fail)
    assert "'x.csv' cannot be read: Input/output error; check the name and the disk" in refused(tmp_path, GOOD, ASK)


def test_more_than_memory_holds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ketwise.evidence.data.csv_file.available_bytes", lambda: 1000)
    assert "x.csv needs about" in refused(tmp_path, GOOD, ASK)


def test_parquet_without_the_extra(tmp_path, monkeypatch):
    import sys

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = refused(tmp_path, b"PAR1rest", ASK)
    assert 'reading the Parquet file x.csv needs pyarrow: pip install "ketwise[data]"' in said


def test_a_damaged_parquet_file(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    assert "x.csv is no Parquet file, or a damaged one" in refused(tmp_path, b"PAR1rest", ASK)
