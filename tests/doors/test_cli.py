"""The command line: what it prints and writes; one sentence and exit code 2 for bad input; 130 for Ctrl-C."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

import ketwise
from ketwise.doors.cli import app
from ketwise.doors.progress import LiveProgress
from ketwise.evidence.trials.ledger import Ledger
from ketwise.evidence.trials.measure import Step
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.recorded import Recorded
from tests.evidence.conftest import use_quick_models

ROWS = np.random.default_rng(1).normal(size=(40, 3))
GOOD = "a,b,c,y\n" + "".join(f"{a},{b},{c},{'no' if a + b > 0 else 'yes'}\n" for a, b, c in ROWS)
QUICK = ["--folds", "2", "--repeats", "1", "--configurations", "2", "--jobs", "1"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, with a good file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.csv").write_text(GOOD)
    return tmp_path


def run(*arguments):
    handler = signal.getsignal(signal.SIGINT)
    try:
        return CliRunner().invoke(app, ["verdict", *arguments])
    finally:
        signal.signal(signal.SIGINT, handler)


def test_a_verdict_is_printed_and_written(here, quick):
    result = run("good.csv", "--target", "y", *QUICK, "--out", "answer.html")
    assert result.exit_code == 0, result.output
    assert "All quantum models were simulated" in " ".join(result.stdout.split())
    assert "Remark: 40 rows are " in result.stdout
    assert sorted(path.name for path in here.iterdir()) == ["answer.html", "answer.json", "good.csv"]
    document = json.loads((here / "answer.json").read_text())
    assert document["data"]["name"] == "good.csv"
    assert document["command"] == (
        "ketwise verdict good.csv --target y --seed 0 --folds 2 --repeats 1 --configurations 2 --rope 0.01"
    )
    assert str(here / "answer.html") in result.stdout


def test_the_command_in_the_report_gives_the_same_numbers(here, quick):
    run(
        "good.csv",
        "--target",
        "y",
        *QUICK,
        "--seed",
        "5",
        "--scoring",
        "accuracy",
        "--rope",
        "0.02",
        "--out",
        "first.html",
    )
    first = json.loads((here / "first.json").read_text())
    again = run(*first["command"].split()[2:], "--jobs", "1", "--out", "second.html")
    assert again.exit_code == 0
    second = json.loads((here / "second.json").read_text())
    assert {**first, "timings": None} == {**second, "timings": None}


def test_where_nobody_watches_only_what_is_news_is_said(here, quick):
    result = run("good.csv", "--target", "y", "--folds", "4", "--repeats", "1", "--configurations", "2", "--jobs", "1")
    lines = result.stderr.splitlines()
    assert lines[0].startswith("A classification: y takes two classes")
    assert lines[1] == "Deciding score: ROC AUC."
    assert [line[:20] for line in lines[2:]] == ["After 2 of 4 folds: ", "After 3 of 4 folds: "]
    assert "\x1b" not in result.output


BAD = {
    "missing file": (None, ["none.csv", "--target", "y"], "there is no file none.csv: check the name"),
    "not a set": (None, ["irsi"], "no bundled set of that name: did you mean iris?"),
    "folder": (None, ["folder", "--target", "y"], "folder is a folder: give a CSV or Parquet file in it"),
    "empty": ("", ["x.csv", "--target", "y"], "x.csv is empty"),
    "header only": ("a,y\n", ["x.csv", "--target", "y"], "and no rows: add the data"),
    "one row": ("a,y\n1,2\n", ["x.csv", "--target", "y"], "1 row of data: too few"),
    "one class": ("a,y\n" + "1,u\n2,u\n" * 10, ["x.csv", "--target", "y"], "'y' is 'u' in every row"),
    "target missing": (GOOD, ["x.csv", "--target", "Y "], "no column 'Y ': did you mean 'y'?"),
    "no target": (GOOD, ["x.csv"], "Name it with --target; x.csv has the columns 'a', 'b', 'c', 'y'"),
    "target with gaps": (
        GOOD + "1,2,3,\n",
        ["x.csv", "--target", "y"],
        "'y' is missing in 1 of 41 rows, the first is row 41",
    ),
    "ragged": (GOOD + "1,2\n", ["x.csv", "--target", "y"], "x.csv, line 42: 2 cells, but line 1 names 4 columns"),
    "names twice": ("a,a,y\n1,2,3\n", ["x.csv", "--target", "y"], "columns 1 and 2 are both named 'a': rename one"),
    "NUL": (b"a,y\n1,\x00\n", ["x.csv", "--target", "y"], "NUL byte in line 2"),
    "constant": (
        "a,y\n" + "1,u\n1,v\n" * 10,
        ["x.csv", "--target", "y"],
        "no column is left to predict 'y' from: 'a' (never changes)",
    ),
    "more folds than rows": (GOOD, ["x.csv", "--target", "a", "--folds", "30"], "40 rows are too few for 30 folds"),
    "few of a class": (
        "a,y\n" + "".join(f"{i % 7},{'u' if i < 3 else 'v'}\n" for i in range(30)),
        ["x.csv", "--target", "y"],
        "class 'u' has 3 rows, too few for 5 folds: use --folds 3, or leave that class out",
    ),
    "identifier as target": (
        "a,y\n" + "".join(f"{i % 7},name {i}\n" for i in range(60)),
        ["x.csv", "--target", "y"],
        "an identifier or a number written as text",
    ),
    "one fold": (GOOD, ["x.csv", "--target", "y", "--folds", "1"], "at least 2 folds"),
    "bad score": (GOOD, ["x.csv", "--target", "y", "--scoring", "auc"], "no score is named 'auc'"),
    "bad rope": (GOOD, ["x.csv", "--target", "y", "--rope", "-1"], "rope is the smallest difference"),
    "bad seed": (GOOD, ["x.csv", "--target", "y", "--seed", "-3"], "random_state must be"),
    "too many configurations": (GOOD, ["x.csv", "--target", "y", "--configurations", "999"], "the smallest grid has"),
    "no out folder": (
        GOOD,
        ["x.csv", "--target", "y", "--out", "no/r.html"],
        "the folder no does not exist; create it first",
    ),
    "out is a folder": (GOOD, ["x.csv", "--target", "y", "--out", "d.html"], "it is a folder; add a file name"),
    "out is no page": (GOOD, ["x.csv", "--target", "y", "--out", "r.json"], "give it a name that ends in .html"),
    "score of another task": (GOOD, ["x.csv", "--target", "a", "--scoring", "roc_auc", *QUICK], "roc_auc"),
    "nothing to resume": (GOOD, ["x.csv", "--target", "y", "--resume"], "to resume from: run without --resume"),
    "bad budget": (GOOD, ["x.csv", "--target", "y", "--budget", "soon"], "write a duration such as 90s, 5m or 1h30m"),
    "no budget": (GOOD, ["x.csv", "--target", "y", "--budget", "0s"], "a budget of no time allows nothing"),
    "no such model": (GOOD, ["x.csv", "--target", "y", "--against", "none.py:model"], "there is no file none.py"),
    "no name": (GOOD, ["x.csv", "--target", "y", "--models", "sklearn.svm"], "write FILE.py:NAME or MODULE:NAME"),
    "no such name": (GOOD, ["x.csv", "--target", "y", "--models", "sklearn.svm:SVX"], "sklearn.svm has no 'SVX'"),
    "a class, no model": (GOOD, ["x.csv", "--target", "y", "--models", "sklearn.svm:SVC"], "must be a scikit-learn"),
    "table of no kind": (GOOD, ["x.csv", "--target", "y", "--table", "t.xlsx"], "ending, not 't.xlsx'"),
    "escape codes in a name": (None, ["\x1b[31mred.csv", "--target", "y"], "there is no file �[31mred.csv"),
    "escape codes": (GOOD, ["x.csv", "--target", "\x1b[31mred"], "no column"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(here, quick, case):
    content, arguments, message = BAD[case]
    (here / "folder").mkdir()
    (here / "d.html").mkdir()
    if content is not None:
        (here / "x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = sorted(path.name for path in here.iterdir())
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.startswith("ketwise: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert sorted(path.name for path in here.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["good.csv", "--table", "good.csv"], "--table would overwrite DATA, good.csv: give it another name"),
        (["good.csv", "--table", "./sub/../good.csv"], "--table would overwrite DATA, good.csv"),
        (["good.csv", "--table", "link.csv"], "--table would overwrite DATA, good.csv"),
        (["link.csv", "--table", "good.csv"], "--table would overwrite DATA, link.csv"),
        (["good.csv", "--test", "test.csv", "--table", "test.csv"], "--table would overwrite --test, test.csv"),
        (["data.html", "--out", "data.html"], "the report would overwrite DATA, data.html"),
        (["data.json", "--out", "data.html"], "its numbers would overwrite DATA, data.json"),
        (["a.ledger.jsonl", "--out", "a.html"], "its ledger would overwrite DATA, a.ledger.jsonl"),
        (["good.csv", "--table", "to-numbers.csv", "--out", "a.html"], "--table would overwrite its numbers, a.json"),
    ],
)
def test_nothing_is_written_over_what_is_read_or_written(here, monkeypatch, arguments, message):
    monkeypatch.setattr("ketwise.evidence.verdict.judge", lambda *a, **k: pytest.fail("the work began"))
    (here / "sub").mkdir()
    for name in ("test.csv", "data.html", "data.json", "a.ledger.jsonl"):
        (here / name).write_text(GOOD)
    (here / "link.csv").symlink_to("good.csv")
    (here / "to-numbers.csv").symlink_to("a.json")
    result = run(*arguments, "--target", "y")
    assert result.exit_code == 2
    assert message in result.stderr
    assert (here / "good.csv").read_text() == GOOD


def test_the_place_to_write_is_checked_before_the_work(here, monkeypatch):
    monkeypatch.setattr("ketwise.evidence.verdict.judge", lambda *a, **k: pytest.fail("the work began"))
    assert run("good.csv", "--target", "y", "--out", "none/r.html").exit_code == 2


def test_a_wrong_option_is_exit_code_2_too(here):
    assert run("good.csv", "--targt", "y").exit_code == 2
    assert run("good.csv", "--folds", "many").exit_code == 2


def test_a_full_disk_from_the_start(here, quick, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = run("good.csv", "--target", "y", *QUICK)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "ketwise: No space left on device"
    assert [path.name for path in here.iterdir()] == ["good.csv"]


def test_a_full_disk_while_writing_the_report_loses_nothing(here, quick, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ketwise.words.store._write_synced", full)
        result = run("good.csv", "--target", "y", *QUICK)
    assert result.exit_code == 2
    assert "No space left on device; what is finished is kept in " in result.stderr
    assert sorted(path.name for path in here.iterdir()) == ["good.csv", "report.ledger.jsonl"]
    monkeypatch.setattr("ketwise.evidence.trials.measure.try_model", lambda *arguments: pytest.fail("done again"))
    assert run("good.csv", "--target", "y", *QUICK, "--resume").exit_code == 0
    assert sorted(path.name for path in here.iterdir()) == ["good.csv", "report.html", "report.json"]


def test_an_estimator_that_fails_names_itself_and_what_is_kept(here, quick):
    (here / "mine.py").write_text(
        "from sklearn.linear_model import LogisticRegression\n"
        "class Moody(LogisticRegression):\n"
        "    def fit(self, X, y):\n"
        "        raise RuntimeError('not today')\n"
        "model = Moody()\n"
        "good = {'line': LogisticRegression()}\n"
    )
    result = run("good.csv", "--target", "y", *QUICK, "--against", "mine.py:model")
    assert result.exit_code == 2
    said = result.stderr.splitlines()[-1]
    assert said.startswith("ketwise: model failed in fold 1: RuntimeError: not today; what is finished is kept in ")
    result = run("good.csv", "--target", "y", *QUICK, "--against", "mine.py:good", "--table", "t.csv")
    assert result.exit_code == 0, result.output
    document = json.loads((here / "report.json").read_text())
    assert "line" in {model["name"] for model in document["models"]}
    assert "--against mine.py:good" in document["command"]
    assert len((here / "t.csv").read_text().splitlines()) == 1 + 4 * 2


def test_a_held_out_file_groups_and_time(here, quick):
    rows = GOOD.splitlines()
    (here / "train.csv").write_text("\n".join(rows[:26]) + "\n")
    (here / "test.csv").write_text("\n".join([rows[0], *rows[26:]]) + "\n")
    result = run("train.csv", "--target", "y", "--test", "test.csv", "--configurations", "2", "--jobs", "1")
    assert result.exit_code == 0, result.output
    document = json.loads((here / "report.json").read_text())
    assert document["data"]["held_out"] == 15
    assert "--test test.csv" in document["command"]
    many = [f"{row},{i % 9},{i}" for i, row in enumerate(rows[1:] * 4)]
    grouped = "\n".join([f"{rows[0]},g,t", *many]) + "\n"
    (here / "more.csv").write_text(grouped)
    for option, column in (("groups", "g"), ("time", "t")):
        result = run("more.csv", "--target", "y", f"--{option}", column, *QUICK)
        assert result.exit_code == 0, result.output
        document = json.loads((here / "report.json").read_text())
        assert document["settings"]["split"] == option
        assert column not in document["data"]["used"]
        assert f"--{option} {column}" in document["command"]


def test_version_and_help():
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == ketwise.__version__
    assert "verdict" in CliRunner().invoke(app, ["--help"]).stdout


@pytest.mark.parametrize(
    ("jobs", "to_group"), [("1", True), ("2", True), ("2", False)], ids=["alone", "terminal", "one process"]
)
def test_ctrl_c_before_there_is_anything_to_report(tmp_path, jobs, to_group):
    """As from a terminal, where every process of the group is told, and as from ``kill``, where only the first is."""
    command = [sys.executable, "-m", "ketwise.doors", "verdict", "digits", "--jobs", jobs, "--out", "r.html"]
    environment = os.environ | {"PYTHONPATH": str(Path(ketwise.__file__).parents[1])}
    running = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    ledger = tmp_path / "r.ledger.jsonl"
    for _ in range(600):
        if ledger.exists() and ledger.read_bytes().count(b"\n") > 1:
            break
        assert running.poll() is None
        time.sleep(0.1)
    (os.killpg if to_group else os.kill)(running.pid, signal.SIGINT)
    started = time.monotonic()
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.splitlines()[-1].startswith(
        "ketwise: interrupted before two folds were complete: nothing to report; what is finished is kept in "
    )
    assert [path.name for path in tmp_path.iterdir()] == ["r.ledger.jsonl"]
    assert time.monotonic() - started < 8  # a model in training takes longer
    assert _ends(running.pid)


def test_ctrl_c_reports_what_is_complete_and_resume_goes_on(here, monkeypatch):
    use_quick_models(monkeypatch)
    settings = ["--folds", "3", "--repeats", "2", "--configurations", "2", "--jobs", "1"]
    run("good.csv", "--target", "y", *settings, "--out", "whole.html")
    told, seen = LiveProgress.__call__, []

    def interrupts(self, step):
        told(self, step)
        seen.append(step)
        if sum(step.trial is not None for step in seen) == 10:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(LiveProgress, "__call__", interrupts)
        result = run("good.csv", "--target", "y", *settings)
    assert result.exit_code == 130
    assert "Stopped after 3 of 6 folds, because it was interrupted" in " ".join(result.stdout.split())
    assert "with --resume goes on from there" in result.stdout
    assert json.loads((here / "report.json").read_text())["stopped"]["folds_done"] == 3
    result = run("good.csv", "--target", "y", *settings, "--resume")
    assert result.exit_code == 0, result.output
    whole, resumed = (json.loads((here / name).read_text()) for name in ("whole.json", "report.json"))
    assert {**whole, "timings": None} == {**resumed, "timings": None}
    assert not (here / "report.ledger.jsonl").exists()


def test_what_was_kept_is_gone_on_from_by_the_same_command_only(here, quick, monkeypatch):
    """Forgetting --resume costs nothing; another question begins anew."""
    ledger = here / "report.ledger.jsonl"

    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ketwise.words.store._write_synced", full)
        assert run("good.csv", "--target", "y", *QUICK).exit_code == 2
    kept = ledger.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("ketwise.evidence.trials.measure.try_model", lambda *arguments: pytest.fail("done again"))
        result = run("good.csv", "--target", "y", *QUICK)
    assert result.exit_code == 0, result.output
    said = f"Going on from report.ledger.jsonl, which keeps {len(kept.splitlines()) - 1} finished pieces of this run."
    assert said in result.stderr.splitlines()
    assert not ledger.exists()
    ledger.write_bytes(kept)
    refused = run("good.csv", "--target", "y", *QUICK, "--seed", "1", "--resume")
    assert refused.exit_code == 2
    assert "keeps another run" in refused.stderr
    assert ledger.read_bytes() == kept
    other = run("good.csv", "--target", "y", *QUICK, "--seed", "1")
    assert other.exit_code == 0
    assert "Going on" not in other.output
    assert not ledger.exists()


def test_two_runs_to_one_place(here, quick):
    other = Ledger(here / "report.ledger.jsonl", {}, resume=False)
    before = other.path.read_bytes()
    result = run("good.csv", "--target", "y", *QUICK)
    assert result.exit_code == 2
    assert result.stderr.startswith("ketwise: another run is writing to report.ledger.jsonl: wait until it has ended")
    assert result.stderr.count("\n") == 1
    assert other.path.read_bytes() == before
    other.close()
    assert run("good.csv", "--target", "y", *QUICK).exit_code == 0


@pytest.mark.parametrize("place", ["in the model", "in the file"])
def test_a_model_that_exits_is_no_interrupt(here, quick, place):
    where = "        raise SystemExit(3)\n" if place == "in the model" else "        pass\nraise SystemExit(3)\n"
    file = f"quits_{place.replace(' ', '_')}.py"
    (here / file).write_text(
        "from sklearn.linear_model import LogisticRegression\n"
        "class Quits(LogisticRegression):\n"
        "    def fit(self, X, y):\n"
        f"{where}"
        "model = Quits()\n"
    )
    result = run("good.csv", "--target", "y", *QUICK, "--against", f"{file}:model")
    assert result.exit_code == 2
    assert "ketwise: a model, or a file it comes from, ended the run: SystemExit(3); let it raise" in result.stderr
    assert "interrupted" not in result.stderr


def _ends(group):
    """Whether every process of the group is gone within five seconds."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_the_live_table_fills():
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    nothing = Recorded(np.arange(1), np.zeros(1), np.zeros((1, 1)), None, 0)
    with LiveProgress(console) as progress:
        progress(Step("models", ["Two classes [red]said[/red]."], 0, 4, None))
        for done, model in enumerate(["a [bold]model[/bold]", "b\x1b[31m"], 1):
            trial = Trial(model, 0, np.zeros((1, 1)), 0, 0.5 + done / 10, 1.5, 0.1, 3, 10, 4, nothing)
            progress(Step("models", [], done, 4, 83.0, trial, "After 2 of 5 folds: [b]no[/b]", ("a forest",)))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert "Two classes [red]said[/red]." in text
    assert "a [bold]model[/bold]" in text
    assert "After 2 of 5 folds: [b]no[/b]" in text
    assert re.search(r"b�\[31m\s+0\.700\s+1\.5 s\s+1", text)
    assert "Models: 2 of 4 done, about 83 s left. Running: a forest." in text
