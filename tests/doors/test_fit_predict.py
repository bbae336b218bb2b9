"""``ketwise fit`` and ``ketwise predict``: a table to a model in a file, and the file applied to another table."""

import inspect
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import ketwise as kw
from ketwise.doors import cli
from ketwise.doors import fit as fitting
from ketwise.doors import predict as predicting
from ketwise.doors.cli import app
from ketwise.doors.steps import Steps
from ketwise.evidence.best import Best
from ketwise.evidence.keeping import load, save

N = 80
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "id": np.arange(N),
        "size": RNG.normal(size=N),
        "count": RNG.integers(0, 9, N),
        "colour": RNG.choice(["red", "blue", "green"], N),
        "code": RNG.choice(["1", "2", "A"], N),
        "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.permutation(400)[:N] * 7.5, unit="D"),
        "same": 1,
        "place": [f"town {number}" for number in RNG.integers(0, 30, N)],
    }
)
TABLE.loc[3, "size"] = np.nan
CLASSES = np.where(TABLE["count"] + 3 * (TABLE.colour == "red") + RNG.normal(0, 1, N) > 5, "yes", "no")
NUMBERS = TABLE["count"] * 0.5 + RNG.normal(0, 0.1, N)
USED = ["size", "count", "colour", "code", "when", "place"]
NEW = TABLE[:20].drop(columns=["id", "same"])


def run(*arguments):
    handler = signal.getsignal(signal.SIGINT)
    try:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table and two models trained on it, for classes and for numbers."""
    folder = tmp_path_factory.mktemp("trained")
    TABLE.assign(y=CLASSES).to_csv(folder / "train.csv", index=False)
    TABLE.assign(y=NUMBERS).to_parquet(folder / "numbers.parquet")
    first = run("fit", folder / "train.csv", "--target", "y", "--out", folder / "classes.ketwise")
    second = run("fit", folder / "numbers.parquet", "--target", "y", "--out", folder / "numbers.ketwise")
    assert (first.exit_code, second.exit_code) == (0, 0), (first.output, second.output)
    return folder, first


@pytest.fixture
def here(trained, tmp_path, monkeypatch):
    """A folder to work in, with a model and new rows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.ketwise").write_bytes((trained[0] / "classes.ketwise").read_bytes())
    NEW.to_csv(tmp_path / "new.csv", index=False)
    return tmp_path


def test_what_is_said(trained):
    folder, result = trained
    said = " ".join(result.stdout.split())
    assert "A classification: y takes two classes, no (" in said
    assert "Remark: Column id numbers the rows. It was dropped" in said
    assert "Dropped, because they never change: same." in said
    assert "Every column was scaled to mean 0 and standard deviation 1. " in said
    assert "It was neither tuned nor compared: whether a quantum model helps here, ketwise verdict says." in said
    assert f"Model: {folder / 'classes.ketwise'}" in said
    assert result.stderr.splitlines() == [
        f"Reading {folder / 'train.csv'}",
        "Training fidelity kernel on 80 rows, for 2 classes",
    ]


def test_the_file_holds_columns_kinds_and_classes(trained):
    best = load(trained[0] / "classes.ketwise")
    assert isinstance(best, Best)
    assert best.kinds == {
        name: "text" if name in ("colour", "code", "place") else "dates" if name == "when" else "numbers"
        for name in best.kinds
    }
    assert set(best.kinds) == set(USED)
    assert best.aside == ("id", "same")
    assert (best.target, best.classes_.tolist(), best.record["rows"]) == ("y", ["no", "yes"], N)


def test_predictions_and_probabilities_are_written(here):
    result = run("predict", "m.ketwise", "new.csv", "--out", "scores.csv")
    assert result.exit_code == 0, result.output
    scores = pd.read_csv("scores.csv")
    assert list(scores.columns) == ["prediction", "probability of no", "probability of yes"]
    best = load("m.ketwise")
    assert scores.prediction.tolist() == best.predict(NEW).tolist()
    np.testing.assert_allclose(scores.iloc[:, 1:].to_numpy(), best.predict_proba(NEW), rtol=1e-12)
    assert (scores.prediction.to_numpy() == CLASSES[:20]).mean() > 0.7
    assert result.stderr.splitlines() == ["Reading new.csv", "Predicting y for 20 rows with the fidelity kernel"]
    assert f"Scores:  {here / 'scores.csv'} (20 rows)" in result.stdout


def test_parquet_in_and_out_and_numbers(trained, here):
    NEW.to_parquet("new.parquet")
    result = run("predict", trained[0] / "numbers.ketwise", "new.parquet", "--out", "scores.parquet")
    assert result.exit_code == 0, result.output
    scores = pd.read_parquet("scores.parquet")
    assert list(scores.columns) == ["prediction"]
    assert np.corrcoef(scores.prediction, NUMBERS[:20])[0, 1] > 0.9
    run("predict", trained[0] / "numbers.ketwise", "new.csv", "--out", "scores.csv")
    np.testing.assert_allclose(pd.read_csv("scores.csv").prediction, scores.prediction, rtol=1e-12)


def test_a_row_alone_is_as_in_any_batch_and_blocks_of_rows_are_too(here, monkeypatch):
    run("predict", "m.ketwise", "new.csv", "--out", "together.csv")
    monkeypatch.setattr(predicting, "ROWS_AT_A_TIME", 7)
    run("predict", "m.ketwise", "new.csv", "--out", "blocks.csv")
    np.testing.assert_allclose(
        pd.read_csv("blocks.csv").iloc[:, 1:], pd.read_csv("together.csv").iloc[:, 1:], rtol=0, atol=1e-12
    )
    NEW[4:5].assign(code=1).to_csv("one.csv", index=False)  # its codes look like numbers now
    NEW[4:5].assign(code="1").to_csv("text.csv", index=False)
    for name in ("one", "text"):
        assert run("predict", "m.ketwise", f"{name}.csv", "--out", f"{name}-scores.csv").exit_code == 0
    assert (here / "one-scores.csv").read_text() == (here / "text-scores.csv").read_text()


def test_columns_in_another_order_gaps_and_columns_that_are_not_used(here):
    run("predict", "m.ketwise", "new.csv", "--out", "scores.csv")
    TABLE[:20].assign(y=CLASSES[:20])[["y", *reversed(TABLE.columns)]].to_csv("other.csv", index=False)
    result = run("predict", "m.ketwise", "other.csv", "--out", "others.csv")
    assert result.exit_code == 0, result.output
    assert (here / "others.csv").read_text() == (here / "scores.csv").read_text()
    NEW.assign(size=np.nan, colour=None).to_csv("gaps.csv", index=False)
    assert run("predict", "m.ketwise", "gaps.csv", "--out", "gap-scores.csv").exit_code == 0


WRONG = {
    "missing column": (
        NEW.drop(columns="size"),
        "new.csv has no column 'size', which the model uses: it has the columns",
    ),
    "two missing": (
        NEW[["size", "colour", "code", "when"]],
        "new.csv has no column 'count', 'place', which the model uses",
    ),
    "renamed": (
        NEW.rename(columns={"count": "Count"}),
        "has no column 'count', which the model uses: did you mean 'Count'?",
    ),
    "extra column": (
        NEW.assign(weight=1.0),
        "new.csv has a column 'weight', which the data that the model learned from had not: check that it is the right "
        "file, then leave the column out or use --allow-extra",
    ),
    "text for numbers": (
        NEW.assign(size=[0.5, "heavy"] + [0.5] * 18),
        "column 'size' held numbers in the data that was learned from and holds text here, such as 'heavy' in row 2",
    ),
    "numbers for dates": (
        NEW.assign(when=3.5),
        "column 'when' held dates in the data that was learned from and holds numbers",
    ),
    "a text never seen": (
        NEW.assign(colour=["mauve", *NEW.colour[1:]]),
        "new.csv: column 'colour' holds 'mauve' in 1 row, the first is row 1, which the data that the model learned "
        "from never held: correct the cells, train again with such rows, or use --allow-unseen",
    ),
    "a class never seen": (
        NEW.assign(y=["no"] * 18 + ["maybe", "maybe"]),
        "the target 'y' holds the class 'maybe' in 2 rows, the first is row 19, which the model never saw and never",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_table_is_one_sentence_and_writes_nothing(here, case):
    table, message = WRONG[case]
    table.to_csv("new.csv", index=False)
    before = sorted(path.name for path in here.iterdir())
    result = run("predict", "m.ketwise", "new.csv", "--out", "scores.csv")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "Reading new.csv"
    (said,) = result.stderr.splitlines()[1:]
    assert said.startswith("ketwise: new.csv")
    assert message in said
    assert sorted(path.name for path in here.iterdir()) == before


def test_what_was_never_seen_can_be_allowed(here):
    NEW.assign(
        weight=1.0, colour=["mauve", *NEW.colour[1:]], place=["nowhere", *NEW.place[1:]], y=["maybe"] * 20
    ).to_csv("new.csv", index=False)
    assert run("predict", "m.ketwise", "new.csv", "--allow-extra").exit_code == 2
    assert run("predict", "m.ketwise", "new.csv", "--allow-unseen").exit_code == 2
    result = run("predict", "m.ketwise", "new.csv", "--allow-unseen", "--allow-extra")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "'colour' holds 'mauve' in 1 row, never seen in training: taken for none of the values there." in said
    assert "'place' holds 'nowhere' in 1 row, never seen in training: taken for one of the rare values there." in said
    assert "holds the class 'maybe' in 20 rows, never seen in training: it is never predicted." in said
    scores = pd.read_csv("scores.csv")
    np.testing.assert_allclose(
        scores["probability of yes"][2:], load("m.ketwise").predict_proba(NEW)[2:, 1], rtol=1e-12
    )


PREDICT_BAD = {
    "no such model": (["none.ketwise", "new.csv"], "there is no file 'none.ketwise': check the name"),
    "no model": (["new.csv", "new.csv"], "new.csv is no .ketwise file: give one that ketwise wrote"),
    "a folder": (["folder", "new.csv"], "folder is no file but a folder"),
    "cut off": (["cut.ketwise", "new.csv"], "cut.ketwise is damaged: it was written with"),
    "one bit": (["bit.ketwise", "new.csv"], "bit.ketwise is damaged: its SHA-256 does not agree; copy it again"),
    "an estimator": (
        ["bare.ketwise", "new.csv"],
        "holds a QuantumKernelRegressor without the columns it was trained on",
    ),
    "no such table": (["m.ketwise", "none.csv"], "there is no file none.csv"),
    "another ending": (["m.ketwise", "new.csv", "--out", "s.xlsx"], "a table is written as .csv or .parquet"),
    "no folder": (["m.ketwise", "new.csv", "--out", "no/s.csv"], "the folder no does not exist; create it first"),
    "over the table": (["m.ketwise", "new.csv", "--out", "new.csv"], "--out would overwrite NEW, new.csv"),
    "over the model": (["m.csv", "new.csv", "--out", "m.csv"], "--out would overwrite MODEL, m.csv"),
    "out is a folder": (["m.ketwise", "new.csv", "--out", "d.csv"], "it is a folder; add a file name"),
    "an empty table": (["m.ketwise", "empty.csv"], "empty.csv is empty"),
    "escape codes": (["\x1b[31mred.ketwise", "new.csv"], "there is no file"),
}


@pytest.mark.parametrize("case", PREDICT_BAD)
def test_bad_arguments_are_one_sentence_and_exit_code_2(here, case):
    arguments, message = PREDICT_BAD[case]
    content = (here / "m.ketwise").read_bytes()
    (here / "folder").mkdir()
    (here / "d.csv").mkdir()
    (here / "m.csv").write_bytes(content)
    (here / "cut.ketwise").write_bytes(content[:-100])
    (here / "bit.ketwise").write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
    (here / "empty.csv").write_text("")
    X = RNG.normal(size=(20, 2))
    save(kw.QuantumKernelRegressor().fit(X, X[:, 0]), "bare.ketwise")
    before = {path.name: path.is_file() and path.read_bytes() for path in here.iterdir()}
    result = run("predict", *arguments)
    assert result.exit_code == 2
    said = result.stderr.splitlines()[-1]
    assert said.startswith("ketwise: ")
    assert message in said
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert {path.name: path.is_file() and path.read_bytes() for path in here.iterdir()} == before


FIT_BAD = {
    "no target": (["train.csv"], "which column is to be predicted? Name it with --target"),
    "another target": (["train.csv", "--target", "Y"], "train.csv has no column 'Y': did you mean 'y'?"),
    "no such table": (["none.csv", "--target", "y"], "there is no file none.csv"),
    "another ending": (
        ["train.csv", "--target", "y", "--out", "m.pkl"],
        "kept in a .ketwise file: give it a name with",
    ),
    "no folder": (["train.csv", "--target", "y", "--out", "no/m.ketwise"], "the folder no does not exist"),
    "over the table": (["data.ketwise", "--target", "y", "--out", "data.ketwise"], "--out would overwrite DATA"),
    "no such model": (
        ["train.csv", "--target", "y", "--model", "forest"],
        "--model 'forest' is no model for classes: there are fidelity-kernel, projected-kernel, re-uploading-circuit, "
        "hardware-efficient-circuit, logistic-regression, and your own as FILE.py:NAME",
    ),
    "a model for numbers": (["train.csv", "--target", "y", "--model", "ridge-regression"], "is no model for classes"),
    "no such file": (["train.csv", "--target", "y", "--model", "none.py:model"], "there is no file none.py"),
    "a model no file holds": (
        ["train.csv", "--target", "y", "--model", "fit_mine.py:forest"],
        "--model forest: this is a RandomForestClassifier, which a .ketwise file cannot hold",
    ),
    "a model that fails": (
        ["train.csv", "--target", "y", "--model", "fit_mine.py:wrong"],
        "wrong failed: ValueError: kernel must be one of 'fidelity', 'projected', got 'cubic'",
    ),
    "several models": (
        ["train.csv", "--target", "y", "--model", "fit_mine.py:both"],
        "holds 2 models, 'a', 'b': name one",
    ),
    "a file that leaves": (
        ["train.csv", "--target", "y", "--model", "fit_leaves.py:model"],
        "ended the run: SystemExit(3)",
    ),
    "a seed below 0": (["train.csv", "--target", "y", "--seed", "-1"], "--seed must be a whole number from 0"),
    "few rows": (["few.csv", "--target", "y"], "4 rows of data: too few"),
    "one row of a class": (["rare.csv", "--target", "y"], "calibrating probabilities needs every class on both sides"),
}


@pytest.mark.parametrize("case", FIT_BAD)
def test_bad_arguments_of_fit(trained, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    arguments, message = FIT_BAD[case]
    content = (trained[0] / "train.csv").read_text()
    (tmp_path / "train.csv").write_text(content)
    (tmp_path / "data.ketwise").write_text(content)
    (tmp_path / "few.csv").write_text("\n".join(content.splitlines()[:5]))
    rare = ["one", *["no", "yes"] * 15]
    TABLE[:31][["size", "count"]].assign(y=rare).to_csv("rare.csv", index=False)
    (tmp_path / "fit_leaves.py").write_text("raise SystemExit(3)")
    (tmp_path / "fit_mine.py").write_text(
        "import ketwise as kw\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "forest = RandomForestClassifier()\nwrong = kw.QuantumKernelClassifier(kernel='cubic', n_qubits=3)\n"
        "both = {'a': kw.QuantumKernelClassifier(), 'b': kw.VariationalClassifier()}\n"
    )
    before = sorted(path.name for path in tmp_path.iterdir())
    result = run("fit", *arguments)
    assert result.exit_code == 2
    said = result.stderr.splitlines()[-1]
    assert said.startswith("ketwise: ")
    assert message in said
    assert "Traceback" not in result.output
    assert [name for name in sorted(path.name for path in tmp_path.iterdir()) if name != "__pycache__"] == before


def test_the_place_is_checked_before_the_work(trained, monkeypatch):
    monkeypatch.setattr(fitting, "load", lambda *a: pytest.fail("the work began"))
    assert run("fit", trained[0] / "train.csv", "--target", "y", "--out", "none/m.ketwise").exit_code == 2


def test_a_full_disk_leaves_the_model_that_was_there(here, trained, monkeypatch):
    before = (here / "m.ketwise").read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ketwise.words.store._write_synced", full)
    result = run("fit", "iris", "--out", "m.ketwise", "--model", "logistic-regression")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "ketwise: No space left on device"
    assert (here / "m.ketwise").read_bytes() == before
    assert sorted(path.name for path in here.iterdir()) == ["m.ketwise", "new.csv"]


def test_an_existing_file_is_replaced_and_a_seed_gives_the_same_file(here):
    files = []
    for seed in ("0", "0", "1"):
        result = run("fit", "iris", "--out", "m.ketwise", "--model", "re-uploading-circuit", "--seed", seed)
        assert result.exit_code == 0, result.output
        files.append((here / "m.ketwise").read_bytes())
    assert files[0] == files[1] != files[2]
    assert run("predict", "m.ketwise", "iris", "--out", "s.csv").exit_code == 0
    scores = pd.read_csv("s.csv")
    assert list(scores.columns)[1:] == [f"probability of {name}" for name in ("setosa", "versicolor", "virginica")]
    assert (scores.prediction == np.repeat(["setosa", "versicolor", "virginica"], 50)).mean() > 0.9


def test_a_model_of_ones_own(here):
    (here / "fit_own.py").write_text(
        "import ketwise as kw\nx = kw.features(2)\n"
        "circuit = kw.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rz(x[0] * x[1], 1)\n"
        "model = kw.QuantumKernelRegressor(circuit, n_qubits=2)\n"
    )
    TABLE[["size", "count"]].fillna(0.0).assign(y=NUMBERS).to_csv("train.csv", index=False)
    result = run("fit", "train.csv", "--target", "y", "--out", "own.ketwise", "--model", "fit_own.py:model")
    assert result.exit_code == 0, result.output
    assert load("own.ketwise").pipeline[-1].encoding_.circuit.n_two_qubit() == 1
    assert run("predict", "own.ketwise", "train.csv", "--out", "s.csv").exit_code == 0
    assert np.corrcoef(pd.read_csv("s.csv").prediction, NUMBERS)[0, 1] > 0.9


def test_a_model_of_one_column_is_applied_to_a_file_of_that_column(here):
    table = TABLE[["size"]].assign(y=np.where(TABLE["size"] > 0, "yes", "no"))
    table.to_csv("train.csv", index=False)
    assert run("fit", "train.csv", "--target", "y", "--out", "one.ketwise").exit_code == 0
    table[["size"]].to_csv("one.csv", index=False)  # a missing value is written as "" there
    table[["size"]].to_parquet("one.parquet")
    for data in ("train.csv", "one.csv", "one.parquet"):
        result = run("predict", "one.ketwise", data, "--out", f"{data}.scores.csv")
        assert result.exit_code == 0, result.output
    scores = [(here / f"{data}.scores.csv").read_text() for data in ("train.csv", "one.csv", "one.parquet")]
    assert scores[0] == scores[1] == scores[2]
    assert len(pd.read_csv("one.csv.scores.csv")) == N
    result = run("fit", "one.csv", "--target", "size", "--out", "none.ketwise")
    assert result.exit_code == 2
    assert "one.csv has one column only, 'size'" in " ".join(result.stderr.split())
    (here / "gap.csv").write_text("size\n1\n\n2\n")
    result = run("predict", "one.ketwise", "gap.csv", "--out", "s.csv")
    assert result.exit_code == 2
    assert "gap.csv, line 3: an empty line" in " ".join(result.stderr.split())


def test_every_model_that_can_be_named_is_in_the_help():
    said = " ".join(run("fit", "--help").stdout.split()).replace("- ", "-")
    for name in [*fitting.models(True), *fitting.models(False)]:
        assert name in said
    assert inspect.signature(cli.fit).parameters["model"].default == fitting.DEFAULT


def test_ctrl_c_writes_nothing(here):
    TABLE.assign(y=CLASSES).to_csv("train.csv", index=False)
    (here / "fit_slow.py").write_text(
        "import ketwise as kw\n"
        "model = kw.VariationalClassifier(max_iter=10**6, tol=0.0, optimizer='adam', n_iter_no_change=10**6)\n"
    )
    code = "from ketwise.doors.cli import main; main()"
    arguments = ["fit", "train.csv", "--target", "y", "--out", "slow.ketwise", "--model", "fit_slow.py:model"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stderr:
            if line.startswith("Training"):
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "ketwise: interrupted; nothing was written"
    assert not (here / "slow.ketwise").exists()


def test_a_missing_engine_is_said_before_the_work(here, monkeypatch):
    def missing():
        raise ImportError("KETWISE_REQUIRE_NATIVE is set and the native engine was not built on this machine")

    monkeypatch.setattr(predicting, "default_backend", missing)
    result = run("predict", "m.ketwise", "new.csv", "--out", "s.csv")
    assert result.exit_code == 2
    assert "KETWISE_REQUIRE_NATIVE is set" in result.stderr


def test_stages_are_seen_on_a_terminal():
    import io

    from rich.console import Console

    screen = io.StringIO()
    with Steps(Console(file=screen, force_terminal=True, width=80)) as steps:
        steps.begin("Reading \x1b[31mred", 1)
        steps.begin("Training", 3)
        steps.advance(2)
    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert "Training" in seen
    assert "2/3" in seen
    assert "\x1b[31mred" not in screen.getvalue()
