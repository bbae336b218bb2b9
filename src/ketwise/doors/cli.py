"""The command line, ``ketwise verdict``, ``fit``, ``predict``, ``recall``: reads arguments, calls the work, prints."""

import signal
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

BAD_INPUT, INTERRUPTED = 2, 130

app = typer.Typer(
    name="ketwise",
    help="Would a quantum model help on this data?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Entry point of the ``ketwise`` command."""
    app()


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False) -> None:
    """Would a quantum model help on this data?"""
    if version:
        import ketwise

        typer.echo(ketwise.__version__)
        raise typer.Exit


@app.command()
def verdict(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A CSV or Parquet file, or a set of scikit-learn's: breast_cancer, diabetes, digits, iris, wine.",
        ),
    ],
    target: Annotated[str | None, typer.Option(help="Column to predict; bundled sets know theirs.")] = None,
    test: Annotated[
        str | None, typer.Option(metavar="FILE", help="Held-out rows with the same columns: the only test.")
    ] = None,
    groups: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Rows of one group never lie on both sides of a split.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Models are tested on what came after their training rows.")
    ] = None,
    scoring: Annotated[
        str | None, typer.Option(help="A scikit-learn score that decides; default by kind of target.")
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE.py:NAME", help="A scikit-learn estimator, or a dict of them, to beat."),
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option(metavar="FILE.py:NAME", help="The same for the quantum side.")
    ] = None,
    folds: Annotated[int, typer.Option(help="Outer folds.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often the outer folds are drawn.")] = 5,
    configurations: Annotated[int, typer.Option(help="Configurations tried of every model.")] = 12,
    rope: Annotated[float, typer.Option(help="Smallest difference in the score that matters.")] = 0.01,
    budget: Annotated[
        str | None, typer.Option(metavar="5m", help="Time after which nothing more is started; hitting it is said.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Processes; default one a processor.")] = None,
    out: Annotated[
        str, typer.Option(help="The page; the numbers go beside it, in a .json file of the same name.")
    ] = "report.html",
    table: Annotated[
        str | None, typer.Option(metavar="FILE", help="Also write one row a model and fold, as .csv or .parquet.")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Insist on going on with a run that was stopped or killed; the same command does so anyway.",
        ),
    ] = False,
) -> None:
    """Fit quantum and tuned classical models on the same splits; report whether a quantum one helps."""
    signal.signal(signal.SIGINT, _interrupt)
    kept = _Kept()
    try:
        from ketwise.doors.duration import seconds_of
        from ketwise.doors.given import estimators
        from ketwise.doors.places import check_places
        from ketwise.doors.progress import LiveProgress
        from ketwise.evidence.data.table_file import table_path
        from ketwise.evidence.data.tables import load
        from ketwise.evidence.question import Question
        from ketwise.evidence.record import report_paths
        from ketwise.evidence.verdict import judge

        page, numbers = report_paths(out)
        ledger = page.with_suffix(".ledger.jsonl")
        outputs = {"the report": page, "its numbers": numbers, "its ledger": ledger}
        if table is not None:
            outputs["--table"] = table_path(table)
        check_places({"DATA": data, "--test": test}, outputs)
        kept = _Kept(ledger)
        question = Question(
            models=estimators(models or [], "--models"),
            against=estimators(against or [], "--against"),
            scoring=scoring,
            rope=rope,
            cv=None if test is not None else (folds, repeats),
            configurations=configurations,
            budget=None if budget is None else seconds_of(budget),
            random_state=seed,
            asked=_asked(data, target, test, groups, time, models or [], against or []),
        )
        rows = load(data, target, groups=groups, time=time, test=test)
        with LiveProgress() as progress:
            result = judge(rows, question, n_jobs=jobs, progress=progress, ledger=kept.ledger, resume=resume)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # writing takes milliseconds; both files or none
        written = result.save(out)
        if table is not None:
            written.append(result.save_table(table))
    except (ValueError, OSError, MemoryError, ImportError) as error:
        _refuse(error, kept)
    except (KeyboardInterrupt, _Interrupted) as error:
        typer.echo(f"ketwise: {error if isinstance(error, KeyboardInterrupt) else 'interrupted'}{kept}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except SystemExit as error:
        said = f"a model, or a file it comes from, ended the run: SystemExit({error.code!r})"
        _refuse(RuntimeError(f"{said}; let it raise an error, or leave it out"), kept)
    _print_result(result.sentence, [alert["text"] for alert in result.alerts], written)
    if result.stopped is None:
        kept.forget()
        return
    typer.echo(f"\nStopped early{kept}")
    raise typer.Exit(INTERRUPTED if result.stopped["why"] == "interrupted" else 0)


@app.command()
def fit(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A CSV or Parquet file, or a set of scikit-learn's such as iris.")
    ],
    target: Annotated[str | None, typer.Option(help="Column to predict; bundled sets know theirs.")] = None,
    out: Annotated[str, typer.Option(metavar="FILE", help="Where the model goes: a name ending in .ketwise.")] = (
        "model.ketwise"
    ),
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="One of fidelity-kernel, projected-kernel, re-uploading-circuit, hardware-efficient-circuit, "
            "logistic-regression (for classes), ridge-regression (for numbers), or your own: FILE.py:NAME.",
        ),
    ] = "fidelity-kernel",
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
) -> None:
    """Train one model on a table, with the preparation of a verdict, and keep it in a file."""
    with _one_sentence():
        from ketwise.doors.fit import fit as train
        from ketwise.evidence.wording import visible

        trained = train(data, target, out, model, seed)
    for alert in trained.alerts:
        typer.echo(textwrap.fill(f"Remark: {visible(alert.text)}", 100))
    for line in trained.said:
        typer.echo(textwrap.fill(visible(line), 100))
    typer.echo(f"\nModel:   {trained.path}")
    typer.echo(f"Apply:   ketwise predict {visible(out)} NEW --out scores.csv")
    typer.echo("It was neither tuned nor compared: whether a quantum model helps here, ketwise verdict says.")


@app.command()
def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A file that ketwise fit wrote.")],
    data: Annotated[str, typer.Argument(metavar="NEW", help="A CSV or Parquet file with the model's columns.")],
    out: Annotated[str, typer.Option(metavar="FILE", help="One line a row, as .csv or .parquet.")] = "scores.csv",
    allow_extra: Annotated[
        bool, typer.Option("--allow-extra", help="Leave aside columns that the training data never had.")
    ] = False,
    allow_unseen: Annotated[
        bool, typer.Option("--allow-unseen", help="Predict also where text or classes were never seen in training.")
    ] = False,
) -> None:
    """Apply a model to new rows: predictions and, for classes, probabilities."""
    with _one_sentence():
        from ketwise.doors.predict import predict as apply
        from ketwise.evidence.wording import visible

        predicted = apply(model, data, out, allow_extra=allow_extra, allow_unseen=allow_unseen)
    for line in predicted.said:
        typer.echo(textwrap.fill(f"Remark: {visible(line)}", 100))
    typer.echo(f"Scores:  {predicted.path} ({predicted.n_rows:,} rows)")


@app.command()
def recall(
    patterns: Annotated[
        str, typer.Argument(metavar="PATTERNS", help="A CSV or Parquet file: what is stored, a row a pattern.")
    ],
    probes: Annotated[
        str, typer.Argument(metavar="PROBES", help="A file with the same columns; what is unknown is an empty cell.")
    ],
    out: Annotated[str, typer.Option(metavar="FILE", help="One line a probe, as .csv or .parquet.")] = "recalled.csv",
    method: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Quantum: probabilistic, grover, amplitude, kernel, hopfield-inversion, open-hopfield, variational; "
            "classical: hopfield, pseudo-inverse, dense, nearest.",
        ),
    ] = "probabilistic",
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="A column of PATTERNS that is not stored but recalled.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How columns become bits: threshold (above or below the middle; the default), bits, signs, integers, "
            "categories (the default where a column holds text), or real for amplitude and kernel.",
        ),
    ] = None,
    levels: Annotated[int | None, typer.Option(help="Levels of a column for threshold; default 2.")] = None,
    controls: Annotated[
        int | None, typer.Option(help="Control qubits of probabilistic: more are sharper and succeed more rarely.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
) -> None:
    """Store the rows of one table in an associative memory, and complete the rows of another."""
    with _one_sentence():
        from ketwise.doors.recall import recall as complete
        from ketwise.evidence.wording import visible

        recalled = complete(
            patterns,
            probes,
            out,
            method=method,
            label=label,
            encoding=encoding,
            levels=levels,
            controls=controls,
            seed=seed,
        )
    for line in recalled.remarks:
        typer.echo(textwrap.fill(f"Remark: {visible(line)}", 100))
    for line in recalled.said:
        typer.echo(textwrap.fill(visible(line), 100))
    rows = f"{recalled.n_rows:,} row{'s' * (recalled.n_rows != 1)}"
    typer.echo(f"\nRecalled: {visible(str(recalled.path))} ({rows})")


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Say what goes wrong inside in one sentence, with exit code 2; 130 for Ctrl-C."""
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    except (ValueError, OSError, MemoryError, ImportError) as error:
        _refuse(error, _Kept())
    except (KeyboardInterrupt, _Interrupted):
        typer.echo("ketwise: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except SystemExit as error:
        said = f"a model, or a file it comes from, ended the run: SystemExit({error.code!r})"
        _refuse(RuntimeError(f"{said}; let it raise an error, or leave it out"), _Kept())


class _Kept:
    """The ledger beside the report: what to say of it where a run ends before its end."""

    def __init__(self, ledger: Path | None = None) -> None:
        self.ledger = ledger
        self._before = self._written()

    def _written(self) -> int | None:
        return self.ledger.stat().st_mtime_ns if self.ledger is not None and self.ledger.exists() else None

    def __str__(self) -> str:
        if self._written() in (None, self._before):
            return ""
        return f"; what is finished is kept in {self.ledger}: the same command with --resume goes on from there"

    def forget(self) -> None:
        if self.ledger is not None:
            self.ledger.unlink(missing_ok=True)


def _asked(
    data: str,
    target: str | None,
    test: str | None,
    groups: str | None,
    time: str | None,
    models: list[str],
    against: list[str],
) -> tuple[str, ...]:
    """The words that name data, columns and models, to run the same again."""
    words = ["verdict", data]
    for option, value in (("--target", target), ("--test", test), ("--groups", groups), ("--time", time)):
        words += [] if value is None else [option, value]
    for option, places in (("--models", models), ("--against", against)):
        words += [word for place in places for word in (option, place)]
    return tuple(words)


def _print_result(sentence: str, alerts: list[str], written: list[Path]) -> None:
    from ketwise.evidence.wording import visible

    for alert in alerts:
        typer.echo(textwrap.fill(f"Remark: {visible(alert)}", 100))
    typer.echo(("\n" if alerts else "") + textwrap.fill(visible(sentence), 100) + "\n")
    typer.echo(f"Report:  {written[0]}\nNumbers: {written[1]}")


def _refuse(error: Exception, kept: _Kept) -> NoReturn:
    """One sentence on standard error and exit code 2, as for a wrong option."""
    from ketwise.evidence.trials.ledger import LedgerInUseError
    from ketwise.evidence.wording import visible

    for alert in getattr(error, "alerts", []):  # what dropped the columns that are missing now
        typer.echo(textwrap.fill(f"Remark: {visible(alert.text)}", 100))
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    if isinstance(error, MemoryError) and not text:
        text = "there is not enough memory for this data: use fewer rows or columns"
    typer.echo(f"ketwise: {visible(text)}{'' if isinstance(error, LedgerInUseError) else kept}", err=True)
    raise typer.Exit(BAD_INPUT)


class _Interrupted(SystemExit):
    """Ctrl-C, where nothing else listens to it."""


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # No KeyboardInterrupt: a model in training would take it for its own, keep what it reached and let the run go on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise _Interrupted(INTERRUPTED)


if __name__ == "__main__":
    main()
