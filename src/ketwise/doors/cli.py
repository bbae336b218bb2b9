"""The command line, ``ketwise verdict DATA --target COLUMN``: reads arguments, calls the evidence layer, prints."""

import signal
import textwrap
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
            help="A CSV file, or a set bundled with scikit-learn: breast_cancer, diabetes, digits, iris, wine.",
        ),
    ],
    target: Annotated[str | None, typer.Option(help="Column to predict; bundled sets know theirs.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 0,
    folds: Annotated[int, typer.Option(help="Outer folds.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often the outer folds are drawn.")] = 2,
    configurations: Annotated[int, typer.Option(help="Configurations tried of every model.")] = 12,
    scoring: Annotated[
        str | None, typer.Option(help="A scikit-learn score that decides; default by kind of target.")
    ] = None,
    rope: Annotated[float, typer.Option(help="Smallest difference in the score that matters.")] = 0.01,
    jobs: Annotated[int | None, typer.Option(help="Processes; default one a processor.")] = None,
    out: Annotated[
        str, typer.Option(help="The page; the numbers go beside it, in a .json file of the same name.")
    ] = "report.html",
) -> None:
    """Fit quantum and tuned classical models on the same splits; report whether a quantum one helps."""
    signal.signal(signal.SIGINT, _interrupt)
    try:
        from ketwise.doors.progress import LiveProgress
        from ketwise.evidence.data.tables import load
        from ketwise.evidence.record import report_paths
        from ketwise.evidence.verdict import judge

        report_paths(out)
        table = load(data, target)
        with LiveProgress() as progress:
            result = judge(
                table,
                cv=(folds, repeats),
                configurations=configurations,
                scoring=scoring,
                rope=rope,
                random_state=seed,
                n_jobs=jobs,
                progress=progress,
            )
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # writing takes milliseconds; both files or none
        written = result.save(out)
    except (ValueError, OSError, MemoryError, ImportError) as error:
        _refuse(error)
    except SystemExit:
        typer.echo("ketwise: interrupted; nothing was written", err=True)
        raise
    _print_result(result.sentence, [alert["text"] for alert in result.alerts], written)


def _print_result(sentence: str, alerts: list[str], written: list[Path]) -> None:
    from ketwise.evidence.wording import visible

    for alert in alerts:
        typer.echo(textwrap.fill(f"Remark: {visible(alert)}", 100))
    typer.echo(("\n" if alerts else "") + textwrap.fill(visible(sentence), 100) + "\n")
    typer.echo(f"Report:  {written[0]}\nNumbers: {written[1]}")


def _refuse(error: Exception) -> NoReturn:
    """One sentence on standard error and exit code 2, as for a wrong option."""
    from ketwise.evidence.wording import visible

    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    if isinstance(error, MemoryError) and not text:
        text = "there is not enough memory for this data: use fewer rows or columns"
    typer.echo(f"ketwise: {visible(text)}", err=True)
    raise typer.Exit(BAD_INPUT)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # No KeyboardInterrupt: a model in training would take it for its own, keep what it reached and let the run go on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(INTERRUPTED)


if __name__ == "__main__":
    main()
