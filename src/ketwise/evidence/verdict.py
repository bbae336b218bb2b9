"""``kw.verdict``: does a quantum model help on this data? Convert, check, measure, compare, and keep everything."""

import os
import time as clock
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ketwise.evidence.assemble import assemble
from ketwise.evidence.data.tables import Table, table
from ketwise.evidence.measured import measure
from ketwise.evidence.prepared import prepared
from ketwise.evidence.question import Question, processes
from ketwise.evidence.record import Verdict
from ketwise.evidence.source import Source
from ketwise.evidence.trials.ledger import Ledger, kept_seed
from ketwise.evidence.trials.measure import Progress, Watch
from ketwise.evidence.trials.parallel import Crew
from ketwise.program.backends.default import default_backend
from ketwise.words.result import library_versions


def verdict(
    X: Any,
    y: Any,
    *,
    models: Mapping[str, Any] | None = None,
    against: Mapping[str, Any] | None = None,
    groups: Any = None,
    time: Any = None,
    scoring: str | Callable[..., float] | None = None,
    rope: float = 0.01,
    cv: Any = None,
    configurations: int = 12,
    budget: float | None = None,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    ledger: str | os.PathLike[str] | None = None,
) -> Verdict:
    """Compare quantum models with tuned classical ones on the same splits with the same tuning budget.

    Parameters
    ----------
    X : (n_rows, n_columns) array or DataFrame
        Numbers, dates or text, gaps allowed.
    y : (n_rows,) array or Series
        Classes or numbers; which of the two is recognised and said.
    models, against : dict of str -> estimator, optional
        More models for the quantum side, and more for the classical. Each is cloned and used as it is. A ``Pipeline``
        is given the columns as they came; anything else is given them prepared (gaps filled, text one-hot, scaled).
    groups : (n_rows,) array or Series, optional
        Rows of one group (a patient, a scaffold) never lie on both sides of a split.
    time : (n_rows,) array or Series, optional
        Dates or numbers. Models are tested on what came after their training rows.
    scoring : str or callable, optional
        The one score that decides, larger is better; default ROC AUC for two classes (average precision where one is
        rare), balanced accuracy for many, and -RMSE/sd for a regression.
    rope : float
        The smallest difference in that score that matters.
    cv : int, (folds, repeats), splitter or list of (train, test), optional
        Outer folds, default (5, 5).
    configurations : int
        Configurations tried of every model: a fixed first one, the others drawn from its grid.
    budget : float, optional
        Seconds after which nothing more is started. A ceiling, not a tuning device: hitting it is said in the verdict.
    random_state : int or None
        None draws one and records it.
    n_jobs : int, optional
        Processes; default one a processor. The numbers do not depend on it.
    progress : callable, optional
        Called with a :class:`~ketwise.evidence.trials.measure.Step` after every trial.
    ledger : path, optional
        A file that keeps every finished trial. Where it exists the run goes on from it, to the same numbers, and
        anything but a ledger of the same run is refused; it is left there at the end.

    Returns
    -------
    Verdict
        A :class:`~ketwise.words.result.Result`; ``.save("report.html")`` writes the report.

    Raises
    ------
    ValueError
        For data that cannot be used, or a model that fails: what, where, and what to do.
    KeyboardInterrupt
        For Ctrl-C before two folds are complete; after that the verdict is of the complete ones, and says so.

    Notes
    -----
    Cost: ``folds * repeats * (3 * configurations + 1)`` fits of every model, as many of three ablations, and some tens
    of the champions.
    """
    if random_state is None and ledger is not None:
        random_state = kept_seed(ledger)  # the one that was drawn when the run began
    question = Question(
        models=models,
        against=against,
        scoring=scoring,
        rope=rope,
        cv=cv,
        configurations=configurations,
        budget=budget,
        random_state=random_state,
    )
    return judge(
        table(X, y, groups=groups, time=time),
        question,
        n_jobs=n_jobs,
        progress=progress,
        ledger=ledger,
        resume=ledger is not None and os.path.exists(ledger),
    )


def judge(
    data: Table,
    question: Question,
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    ledger: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> Verdict:
    """As :func:`verdict`, of a table that was read already.

    Parameters
    ----------
    data : Table
    question : Question
    n_jobs, progress, ledger
        As for :func:`verdict`.
    resume : bool
        Refuse a ledger that this run cannot go on from; else such a one is begun anew.
    """
    started, start = datetime.now(UTC), clock.perf_counter()
    # Asked here, where a missing native engine is said aloud: trials keep their warnings to themselves.
    engine = default_backend().name
    n_jobs = processes(n_jobs)
    ready = prepared(data, question)
    versions = library_versions("ketwise", "numpy", "scipy", "scikit-learn", "pandas", "joblib") | {"engine": engine}
    said = [ready.bench.task.said, f"Deciding score: {ready.bench.score.label}.", *data.notes]
    book = None
    if ledger is not None:
        asked = question.fingerprint(data, ready.folds, ready.opponents, ready.tried, versions)
        book = Ledger(ledger, asked, resume)
        if book.found:
            said.append(f"Going on from {ledger}, which keeps {len(book.found)} finished pieces of this run.")
    watch = Watch(progress, said)
    try:
        measured = measure(ready, question, Crew(n_jobs, book, question.budget), watch)
    finally:
        if book is not None:
            book.close()
    timings = {
        "started": started.isoformat(timespec="seconds"),
        "seconds": clock.perf_counter() - start,
        "processes": n_jobs,
    }
    found = assemble(data, question, ready, measured, versions, timings)
    return found.from_source(Source(data, question.with_folds(ready.folds), n_jobs))
