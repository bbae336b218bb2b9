"""``ketwise recall``: the rows of one table stored, the rows of another completed."""

import inspect
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from ketwise.blocks.memory.probabilistic_storage import storage_cost
from ketwise.doors import cli
from ketwise.doors import recall as recalling
from ketwise.doors.cli import app
from ketwise.learning.memory.associative_memory import AssociativeMemory
from ketwise.learning.memory.methods import METHODS

PATTERNS = "a,b,c,d\n0,0,0,0\n0,0,1,1\n1,1,1,1\n1,0,1,0\n"
PROBE = "a,b,c,d\n0,0,0,1\n"
#: cos(pi d / 8)**2 at the distances of the probe: 1, 1, 3 and 3.
NEAR, FAR = np.cos(np.pi / 8) ** 2, np.cos(3 * np.pi / 8) ** 2
SHAPES = "colour,size,corners\nred,1,3\nblue,2,4\ngreen,2,0\n"


def run(*arguments):
    handler = signal.getsignal(signal.SIGINT)
    try:
        return CliRunner().invoke(app, ["recall", *map(str, arguments)])
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with patterns p.csv and probes q.csv."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text(PATTERNS)
    (tmp_path / "q.csv").write_text(PROBE)
    return tmp_path


def done(*arguments, out="recalled.csv"):
    """The table that is written, and what is said."""
    result = run(*arguments, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_parquet(out) if str(out).endswith(".parquet") else pd.read_csv(out)
    return table, " ".join(result.stdout.split())


@pytest.mark.parametrize(("controls", "success"), [(1, 0.5), (2, 0.375), (4, 0.265625)])
def test_the_example_that_is_computed_by_hand(here, controls, success):
    table, said = done("p.csv", "q.csv", "--controls", controls)
    assert list(table.columns) == ["a", "b", "c", "d", "row", "probability", "success", "repetitions"]
    assert table.iloc[0, :5].tolist() == [0, 0, 0, 0, 1]
    assert table.success[0] == pytest.approx(success, rel=1e-12)
    assert table.repetitions[0] == pytest.approx(1 / success, rel=1e-12)
    weight = NEAR**controls / (2 * (NEAR**controls + FAR**controls))
    assert table.probability[0] == pytest.approx(weight, rel=1e-12)
    assert f"1 of 1 probe recalled as a stored pattern; median of repetitions: {1 / success:.3g}." in said
    # A pattern takes two X for a 0, two CX for a 1, a turn and two marks of ten Toffolis; one X starts.
    gates = 1 + 2 * 8 + 2 * 8 + 4 + 2 * 4 * 10
    bits = np.array([[int(bit) for bit in row.split(",")] for row in PATTERNS.split()[1:]])
    cx = storage_cost(bits, pattern_register=False).cx_total
    assert f"One repetition takes {4 + 2 + controls} qubits and {gates} gates of storage ({cx} CX once" in said
    assert (
        f"the median of repetitions is {1 / success:.3g}, each with a storage of its own, as reading uses the" in said
    )
    assert said.endswith(f"simulated by an exact reduction. Recalled: {here / 'recalled.csv'} (1 row)")


def test_what_is_seen_while_it_runs(here):
    assert run("p.csv", "q.csv").stderr.splitlines() == [
        "Reading p.csv",
        "Reading q.csv",
        "Storing 4 patterns, by the method probabilistic",
        "Recalling 1 probe",
    ]


def test_columns_go_by_name_and_empty_cells_are_unknown(here):
    (here / "q.csv").write_text("d,b,c,a\n0,,1,1\n,1,,\n1,,,0\n")
    table, _ = done("p.csv", "q.csv", "--method", "nearest")
    assert table[["a", "b", "c", "d"]].to_numpy().tolist() == [[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 1, 1]]
    assert table.row.tolist() == [4, 3, 2]
    assert table.probability.tolist() == [1, 1, 1]


def test_text_is_categories_and_comes_back_as_text(here):
    (here / "p.csv").write_text(SHAPES)
    (here / "q.csv").write_text("corners,size,colour\n,2,green\n4,,\n,1,\n")
    (here / "recalled.csv").write_text("old")
    table, said = done("p.csv", "q.csv", "--method", "nearest")
    assert (here / "recalled.csv").read_text().splitlines()[1:] == [
        "green,2,0,3,1.0,1.0,1.0",
        "blue,2,4,2,1.0,1.0,1.0",
        "red,1,3,1,1.0,1.0,1.0",
    ]
    assert "nearest is a classical method: it needs no qubits, no gates and no repetitions." in said
    assert done("p.csv", "q.csv", "--method", "nearest", "--encoding", "categories")[0].equals(table)


def test_codes_that_look_like_numbers_among_the_probes_are_text_as_in_the_patterns(here):
    (here / "p.csv").write_text("code,flag\n1,x\n2,y\n02,x\nA,y\n")
    (here / "q.csv").write_text("code,flag\n02,\n,y\n1,\n")
    assert done("p.csv", "q.csv", "--method", "nearest")[0].row.tolist() == [3, 2, 1]
    lines = (here / "recalled.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["code", "02", "2", "1"]
    (here / "p.csv").write_text("code\n1\n2\nA\n")
    (here / "q.csv").write_text("code\n2\n1\n")
    assert done("p.csv", "q.csv")[0].row.tolist() == [2, 1]


def test_a_column_that_is_text_for_a_few_cells_is_said(here):
    cells = [*map(str, range(19)), "1o"]
    (here / "p.csv").write_text("\n".join(["x", *cells]))
    (here / "q.csv").write_text("x\n1o\n")
    table, said = done("p.csv", "q.csv", "--method", "nearest")
    assert table.row.tolist() == [20]
    assert "Remark: Column x is taken as text, because 1 of its cells are no number, such as '1o'." in said


def test_labels_are_recalled_and_not_stored(here):
    (here / "p.csv").write_text(
        "kind,a,b,c,d\n" + "".join(f"{kind},{row}\n" for kind, row in zip("xxyz", PATTERNS.split()[1:], strict=True))
    )
    table, _ = done("p.csv", "q.csv", "--controls", 1, "--label", "kind")
    assert list(table.columns)[4:] == [
        *("row", "probability", "success", "repetitions"),
        *("label", "probability of x", "probability of y", "probability of z"),
    ]
    assert table.label.tolist() == ["x"]
    shares = np.array([2 * NEAR, FAR, FAR]) / (2 * NEAR + 2 * FAR)
    np.testing.assert_allclose(table.iloc[0, 9:].to_numpy(dtype=float), shares, rtol=1e-12)
    assert table.success[0] == pytest.approx(0.5, rel=1e-12)  # of four bits: the label is none
    (here / "q.csv").write_text("kind,d,c,b,a\nnever,1,0,0,0\n")
    assert done("p.csv", "q.csv", "--controls", 1, "--label", "kind")[0].equals(table)


def test_labels_that_are_numbers_and_a_label_for_every_pattern(here):
    bits = np.random.default_rng(0).permutation(64)[:40]
    table = pd.DataFrame((bits[:, np.newaxis] >> np.arange(6)) & 1, columns=list("abcdef")).assign(name=bits)
    table.to_csv("p.csv", index=False)
    table.drop(columns="name").to_csv("q.csv", index=False)
    found, said = done("p.csv", "q.csv", "--method", "nearest", "--label", "name")
    assert found.label.tolist() == bits.tolist()
    assert list(found.columns)[-40:] == [f"probability of {number}" for number in sorted(bits)]
    assert "Remark" not in said
    (here / "p.csv").write_text("yes,a,b\nTrue,0,0\nFalse,1,1\n")
    (here / "q.csv").write_text("a,b\n0,0\n")
    found, said = done("p.csv", "q.csv", "--method", "hopfield", "--label", "yes")
    assert (str(found.label[0]), found["probability of True"][0]) == ("True", 1.0)
    assert "The labels come from a memory of their own, which holds them as further bits" in said


def test_what_was_never_stored_has_no_row(here):
    """The complement of the only pattern of a Hopfield network is as stable as the pattern."""
    (here / "p.csv").write_text("a,b,c,d\n1,0,1,0\n")
    (here / "q.csv").write_text("a,b,c,d\n0,1,0,1\n1,0,1,\n")
    table, said = done("p.csv", "q.csv", "--method", "hopfield")
    assert (here / "recalled.csv").read_text().splitlines()[1:] == ["0,1,0,1,,1.0,1.0,1.0", "1,0,1,0,1,1.0,1.0,1.0"]
    assert "1 of 2 probes recalled as a stored pattern" in said
    table, _ = done("p.csv", "q.csv", "--method", "hopfield", out="r.parquet")
    assert table.row.isna().tolist() == [True, False]
    assert table.row[1] == 1
    (here / "p.csv").write_text("a,b,c,d\nTrue,False,True,False\n")
    (here / "q.csv").write_text("a,b,c,d\nFalse,True,False,True\n")
    done("p.csv", "q.csv", "--method", "hopfield")
    assert (here / "recalled.csv").read_text().splitlines()[1:] == ["False,True,False,True,,1.0,1.0,1.0"]


def test_values_come_back_as_they_were_stored(here):
    when = pd.to_datetime(["2020-01-01", "2021-06-01"])
    huge = [2**60 + 1, 2**60 + 3]
    pd.DataFrame({"n": huge, "x": [0.1, 2.0], "yes": [True, False], "when": when}).to_parquet("p.parquet")
    pd.DataFrame({"n": [None, huge[1]], "x": [0.1, np.nan], "yes": [None, False], "when": [None, when[1]]}).astype(
        {"n": "Int64", "yes": "boolean"}
    ).to_parquet("q.parquet")
    table, _ = done("p.parquet", "q.parquet", "--method", "nearest", out="r.parquet")
    assert table.n.tolist() == huge
    assert table.x.tolist() == [0.1, 2.0]
    assert table.yes.tolist() == [True, False]
    assert table.when.tolist() == list(when)
    _, said = done("p.parquet", "q.parquet", "--method", "nearest")
    assert "Remark" not in said
    assert (here / "recalled.csv").read_text().splitlines()[1] == f"{huge[0]},0.1,True,2020-01-01,1,1.0,1.0,1.0"


def test_files_in_any_encoding(here):
    (here / "p.csv").write_bytes("größe;wert\nweiß;0,5\nblau;1,5\n".encode("utf-16"))
    (here / "q.csv").write_bytes("wert;größe\n;weiß\n1,5;\n".encode("cp1252"))
    table, said = done("p.csv", "q.csv", "--method", "nearest")
    assert table["größe"].tolist() == ["weiß", "blau"]
    assert table.wert.tolist() == [0.5, 1.5]
    assert "Remark: Numbers with a decimal comma were recognised in column 'wert'." in said


def test_levels_and_encodings(here):
    (here / "p.csv").write_text("x\n0\n5\n10\n")
    (here / "q.csv").write_text("x\n6\n")
    for options, row in (([], 3), (["--levels", 3], 2), (["--levels", 3, "--encoding", "threshold"], 2)):
        assert done("p.csv", "q.csv", "--method", "nearest", *options)[0].row.tolist() == [row]
    (here / "q.csv").write_text("x\n4\n")  # 0100, one bit from 0101 and from 0000
    assert done("p.csv", "q.csv", "--method", "nearest", "--encoding", "integers")[0].probability[0] == 0.5
    (here / "p.csv").write_text("x,y\n3,4\n4,-3\n1,1\n")
    (here / "q.csv").write_text("x,y\n6,8\n")  # parallel to the first, orthogonal to the second
    table, _ = done("p.csv", "q.csv", "--method", "amplitude", "--encoding", "real")
    fidelities = (1 + np.array([1, 0, 0.98])) / 2
    assert table.row[0] == 1
    assert table.success[0] == pytest.approx(np.mean(fidelities**16), rel=1e-12)
    assert table.probability[0] == pytest.approx(1 / np.sum(fidelities**16), rel=1e-12)


def test_whole_numbers_that_no_pattern_has(here):
    """The linear system holds what is known: here all of a row that no pattern has."""
    (here / "p.csv").write_text("a,b,c\n2,9,4\n7,1,4\n")
    (here / "q.csv").write_text("a,b,c\n2,9,4\n2,1,4\n")
    done("p.csv", "q.csv", "--method", "hopfield-inversion")
    lines = (here / "recalled.csv").read_text().splitlines()[1:]
    assert [line.split(",")[:5] for line in lines] == [["2", "9", "4", "1", "1.0"], ["2", "1", "4", "", "1.0"]]


def test_a_probe_that_no_run_answers_is_said(here):
    (here / "p.csv").write_text("a,b\n0,0\n0,0\n")
    (here / "q.csv").write_text("a,b\n1,1\n")
    table, said = done("p.csv", "q.csv")
    assert (table.success[0], table.repetitions[0]) == (0, np.inf)
    assert "Remark: For 1 probe no run of the memory ever succeeds: success is 0 and repetitions are infinite." in said
    assert "0 of 1 probe recalled as a stored pattern; median of repetitions: infinite." in said
    assert "Remark: 1 of 2 patterns equal an earlier one in the memory: each counts" in said


def test_a_method_without_gates_of_storage_says_so(here):
    _, said = done("p.csv", "q.csv", "--method", "hopfield-inversion")
    assert (
        "7 qubits, its gates are not counted; the median of repetitions is 1.6, for one copy of the answer, and" in said
    )
    assert "and reading uses that up. No device ran: it was simulated by an exact reduction." in said
    _, said = done("p.csv", "q.csv", "--method", "open-hopfield")
    assert "4 qubits, its gates are not counted; the median of repetitions is 1, for one copy of the answer" in said
    assert "No device ran: it was simulated here. Recalled:" in said
    _, said = done("p.csv", "q.csv", "--method", "variational")
    assert "gates, none of them of storage; the median of repetitions is 1, for one shot, and every shot" in said


RANDOM = np.random.default_rng(3)
MANY = pd.DataFrame(RANDOM.integers(0, 2, (5, 6)), columns=list("uvwxyz"))
BROKEN = MANY.iloc[[0, 1, 2, 3, 4, 0, 1, 2]].reset_index(drop=True).astype(float).mask(RANDOM.random((8, 6)) < 0.3)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_what_its_estimator_gives_whatever_the_blocks(here, monkeypatch, method):
    MANY.to_csv("p.csv", index=False)
    BROKEN.to_csv("q.csv", index=False)
    table, _ = done("p.csv", "q.csv", "--method", method, "--seed", 5)
    memory = AssociativeMemory(method, random_state=5).fit(MANY.to_numpy(dtype=float))
    expected = memory.recall(BROKEN.to_numpy())
    np.testing.assert_array_equal(table[list(MANY)], expected.patterns)
    np.testing.assert_array_equal(table.row.fillna(0), expected.rows + 1)
    for name, values in zip(("probability", "success", "repetitions"), expected[1:2] + expected[3:], strict=True):
        np.testing.assert_allclose(table[name], values, rtol=1e-12)
    monkeypatch.setattr(recalling, "ROWS_AT_A_TIME", 3)
    blocks, _ = done("p.csv", "q.csv", "--method", method, "--seed", 5)
    pd.testing.assert_frame_equal(blocks, table, rtol=1e-12)
    monkeypatch.setattr(recalling, "WEIGHTS_AT_A_TIME", 2)  # fewer than there are patterns
    blocks, _ = done("p.csv", "q.csv", "--method", method, "--seed", 5)
    pd.testing.assert_frame_equal(blocks, table, rtol=1e-12)


def test_blocks_keep_the_weights_small(here, monkeypatch):
    sizes = []
    answer = AssociativeMemory.recall
    monkeypatch.setattr(AssociativeMemory, "recall", lambda self, X: sizes.append(len(X)) or answer(self, X))
    monkeypatch.setattr(recalling, "WEIGHTS_AT_A_TIME", 20)
    BROKEN.to_csv("q.csv", index=False)
    MANY.to_csv("p.csv", index=False)
    done("p.csv", "q.csv", "--label", "z")
    assert sizes == [4, 4]


OPTIONS = {
    "no such method": (["--method", "hopefield"], "--method 'hopefield' is no method of a memory: there are probab"),
    "no such encoding": (["--encoding", "binary"], "--encoding 'binary' is none: there are threshold, bits, signs"),
    "real numbers for bits": (
        ["--encoding", "real"],
        "--encoding real is for the methods amplitude, kernel, and probabilistic stores bits: choose another",
    ),
    "one level": (["--levels", 1], "--levels must be a whole number of at least 2, got 1"),
    "levels of bits": (["--levels", 3, "--encoding", "bits"], "--levels is for --encoding threshold, and this is bits"),
    "no controls": (["--controls", 0], "--controls must be a whole number of at least 1, got 0"),
    "controls of another": (["--controls", 2, "--method", "grover"], "is for --method probabilistic, not grover"),
    "a seed below 0": (["--seed", -1], "--seed must be a whole number from 0 to 2147483647, got -1"),
    "no such label": (["--label", "A"], "p.csv has no column 'A': did you mean 'a'?"),
    "another ending": (["--out", "r.xlsx"], "a table is written as .csv or .parquet"),
    "no folder": (["--out", "no/r.csv"], "the folder no does not exist; create it first"),
    "over the patterns": (["--out", "p.csv"], "--out would overwrite PATTERNS, p.csv: give it another name"),
    "over the probes": (["--out", "./q.csv"], "--out would overwrite PROBES, q.csv: give it another name"),
}
TABLES = {
    "no patterns": (None, PROBE, [], "there is no file p.csv: check the name"),
    "no probes": (PATTERNS, None, [], "there is no file q.csv: check the name"),
    "empty patterns": ("", PROBE, [], "p.csv is empty"),
    "no pattern": ("a,b,c,d\n", PROBE, [], "p.csv has a line of column names and no rows: add the data"),
    "no probe": (PATTERNS, "a,b,c,d\n", [], "q.csv has a line of column names and no rows: add the data"),
    "a gap in a pattern": (
        PATTERNS + "1,,1,0\n",
        PROBE,
        [],
        "p.csv, row 5: column 'b' is empty; a pattern must be complete: fill the cell in, or leave the row out",
    ),
    "a label alone": ("y\n1\n2\n", "y\n1\n", ["--label", "y"], "p.csv has no column beside the label 'y'"),
    "a gap in the labels": (
        "y,a\nu,0\n,1\n",
        "a\n0\n",
        ["--label", "y"],
        "p.csv, row 2: column 'y' is empty; give every pattern its label, or leave the row out",
    ),
    "labels with decimals": (
        "y,a\n2,0\n2.5,1\n",
        "a\n0\n",
        ["--label", "y"],
        "p.csv, row 2: the label 'y' is 2.5, and labels are text or whole numbers: choose another column",
    ),
    "labels without end": ("y,a\n2,0\n1e300,1\n", "a\n0\n", ["--label", "y"], "row 2: the label 'y' is 1e+300, and"),
    "infinite": (
        PATTERNS + "inf,0,0,0\n",
        PROBE,
        [],
        "p.csv: column 'a' holds 1 infinite value(s), the first in row 5",
    ),
    "infinite probe": (
        PATTERNS,
        PROBE + "0,inf,0,0\n",
        [],
        "q.csv: column 'b' holds 1 infinite value(s), the first in",
    ),
    "a name of the answer": (
        "row,a,success\n0,1,1\n1,0,0\n",
        "row,a,success\n0,1,1\n",
        [],
        "p.csv has a column 'row', 'success', a name that the answer needs: rename it",
    ),
    "a name of the labels": (
        "y,probability of u,label\nu,1,1\nv,0,0\n",
        "probability of u,label\n0,1\n",
        ["--label", "y"],
        "p.csv has a column 'probability of u', 'label', a name that the answer needs: rename it",
    ),
    "a column missing": (
        PATTERNS,
        "a,B,d\n0,0,1\n",
        [],
        "q.csv has no column 'b', 'c', which p.csv has: did you mean 'B'",
    ),
    "a column too many": (
        PATTERNS,
        "a,b,c,d,e\n0,0,1,1,0\n",
        [],
        "q.csv has a column 'e', which p.csv has not: check that it is the right file, then leave the column out",
    ),
    "the label that was not named": ("y,a\nu,0\nv,1\n", "a\n0\n", [], "q.csv has no column 'y', which p.csv has"),
    "nothing known": (
        PATTERNS,
        PROBE + ",,,\n",
        [],
        "q.csv, row 2: nothing is known of this probe, and every pattern is equally near: fill in a cell, or leave the",
    ),
    "text for numbers": (
        PATTERNS,
        PROBE + ",0,0,0\n0,0,one,0\n",
        [],
        "q.csv, row 3: column 'c' holds 'one', and numbers in p.csv: write both in one way",
    ),
    "text that no pattern has": (
        SHAPES,
        "colour,size,corners\nred,1,\n,,4\nmauve,2,\n",
        [],
        "q.csv, row 3: column 'colour' holds 'mauve', which no pattern has there: correct the cell, or leave it empty",
    ),
    "a number that no pattern has": (
        SHAPES,
        "colour,size,corners\nred,1,\n,1.5,\n",
        [],
        "q.csv, row 2: column 'size' holds 1.5, and the encoding categories takes 1, 2 there",
    ),
    "text with another encoding": (
        SHAPES,
        "colour,size,corners\nred,1,\n",
        ["--encoding", "bits"],
        "p.csv holds text in column 'colour', and --encoding bits takes numbers: leave it out",
    ),
    "levels of text": (
        SHAPES,
        "colour,size,corners\nred,1,\n",
        ["--levels", 3],
        "--levels is for --encoding threshold, and this is categories: leave it out",
    ),
    "patterns that are no bits": (
        PATTERNS + "0,2,0,0\n",
        PROBE,
        ["--encoding", "bits"],
        "p.csv, row 5: column 'b' holds 2, and the encoding bits takes 0, 1 there",
    ),
    "probes that are no signs": (
        "a,b\n1,-1\n",
        "a,b\n,-1\n1,0\n",
        ["--encoding", "signs"],
        "q.csv, row 2: column 'b' holds 0, and the encoding signs takes -1, 1 there",
    ),
    "a pattern beyond all integers": (
        "a\n1\n5000\n",
        "a\n1\n",
        ["--encoding", "integers"],
        "p.csv, row 2: column 'a' holds 5000, and the encoding integers takes 0, 1, 2, 3, ... 4095 there",
    ),
    "a probe of more bits": (
        "a\n1\n5\n",
        "a\n7\n8\n",
        ["--encoding", "integers"],
        "q.csv, row 2: column 'a' holds 8, and the encoding integers takes 0, 1, 2, 3, ... 7 there",
    ),
    "a state of zeros": (
        "a,b\n1,1\n0,0\n",
        "a,b\n1,1\n",
        ["--encoding", "real", "--method", "amplitude"],
        "p.csv, row 2: nothing but 0, which no state stands for",
    ),
    "a probe of zeros": (
        "a,b\n1,1\n",
        "a,b\n1,1\n0,\n",
        ["--encoding", "real", "--method", "amplitude"],
        "q.csv, row 2: nothing but 0, which no state stands for",
    ),
    "escape codes": (
        "\x1b[31mred,b\n0,0\n,1\n",
        "b\n1\n",
        [],
        "column '\\x1b[31mred' is empty; a pattern must be complete",
    ),
}
BAD = {case: (PATTERNS, PROBE, *rest) for case, rest in OPTIONS.items()} | TABLES


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_writes_nothing(here, case):
    patterns, probes, arguments, message = BAD[case]
    for name, content in (("p.csv", patterns), ("q.csv", probes)):
        (here / name).unlink() if content is None else (here / name).write_text(content)
    before = {path.name: (path.lstat().st_mtime_ns, path.read_bytes()) for path in here.iterdir()}
    result = run("p.csv", "q.csv", *arguments)
    assert result.exit_code == 2, result.output
    said = result.stderr.splitlines()[-1]
    assert said.startswith("ketwise: ")
    assert message in said
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert {path.name: (path.lstat().st_mtime_ns, path.read_bytes()) for path in here.iterdir()} == before


def test_options_are_checked_before_anything_is_read(here, monkeypatch):
    monkeypatch.setattr(recalling, "read_file", lambda *a, **k: pytest.fail("a file was read"))
    for arguments, _ in (case for name, case in OPTIONS.items() if name not in ("no such label", "levels of bits")):
        assert run("p.csv", "q.csv", *arguments).exit_code == 2


def test_too_little_memory_says_what_to_do(here, monkeypatch):
    def full(self, X):
        raise MemoryError

    monkeypatch.setattr(AssociativeMemory, "recall", full)
    result = run("p.csv", "q.csv")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "ketwise: --method probabilistic with 4 patterns: there is not enough memory: give fewer patterns or columns, "
        "or choose another method"
    )


def test_what_a_method_refuses_names_the_method(here):
    wide = pd.DataFrame(np.eye(2, 1001, dtype=int), columns=[f"c{j}" for j in range(1001)])
    wide.to_csv("p.csv", index=False)
    result = run("p.csv", "p.csv", "--method", "grover")
    assert result.exit_code == 2
    assert "ketwise: --method grover: Grover recall of 1001 bits" in result.stderr
    assert not (here / "recalled.csv").exists()


def test_a_full_disk_leaves_the_answer_that_was_there(here, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    (here / "recalled.csv").write_text("old")
    monkeypatch.setattr("ketwise.words.store._write_synced", full)
    result = run("p.csv", "q.csv")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "ketwise: No space left on device"
    assert (here / "recalled.csv").read_text() == "old"
    assert sorted(path.name for path in here.iterdir()) == ["p.csv", "q.csv", "recalled.csv"]


def test_the_help_names_every_method_and_encoding():
    said = " ".join(run("--help").stdout.split()).replace("- ", "-")
    for name in [*METHODS, *recalling.ENCODINGS, recalling.REAL]:
        assert name in said
    assert inspect.signature(cli.recall).parameters["method"].default == recalling.DEFAULT


def test_ctrl_c_writes_nothing(here):
    bits = np.random.default_rng(0).integers(0, 2, (2000, 120))
    table = pd.DataFrame(bits, columns=[f"c{j}" for j in range(120)])
    table[:10].to_csv("p.csv", index=False)
    table.to_csv("q.csv", index=False)
    code = "from ketwise.doors.cli import main; main()"
    arguments = ["recall", "p.csv", "q.csv", "--method", "hopfield-inversion"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stderr:
            if line.startswith("Recalling"):
                break
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "ketwise: interrupted; nothing was written"
    assert sorted(path.name for path in here.iterdir()) == ["p.csv", "q.csv"]
