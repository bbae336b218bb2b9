"""``kw.verdict``: does a quantum model help on this data? Convert, check, measure, compare, and keep everything."""

import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ketwise.evidence.data import alerts as remarks
from ketwise.evidence.data.columns import Columns, choose_columns, describe, used_frame
from ketwise.evidence.data.tables import Table, table
from ketwise.evidence.data.task import Task, deciding_score, recognise
from ketwise.evidence.inference.correlated import compare
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import (
    CLASSICAL,
    QUANTUM,
    Opponent,
    fewest_configurations,
    given_opponents,
)
from ketwise.evidence.models.quantum import MOST_QUBITS, quantum_opponents
from ketwise.evidence.record import Verdict
from ketwise.evidence.replay import command, cv_setting
from ketwise.evidence.trials.folds import MOST_ROWS, Fold, outer_folds
from ketwise.evidence.trials.measure import Progress, measure, measure_second_lines
from ketwise.evidence.trials.parallel import usable_cpus
from ketwise.evidence.trials.protocol import Bench
from ketwise.evidence.trials.tally import Tally
from ketwise.evidence.wording import headline, sentence
from ketwise.program.backends.default import default_backend
from ketwise.words.result import library_versions


def verdict(
    X: Any,
    y: Any,
    *,
    models: Mapping[str, Any] | None = None,
    against: Mapping[str, Any] | None = None,
    scoring: str | Callable[..., float] | None = None,
    rope: float = 0.01,
    cv: Any = None,
    configurations: int = 12,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
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
    scoring : str or callable, optional
        The one score that decides, larger is better; default ROC AUC for two classes, balanced accuracy for many, and
        -RMSE/sd for a regression.
    rope : float
        The smallest difference in that score that matters.
    cv : int, (folds, repeats), splitter or list of (train, test), optional
        Outer folds, default (5, 2).
    configurations : int
        Configurations tried of every model: a fixed first one, the others drawn from its grid.
    random_state : int or None
        None draws one and records it.
    n_jobs : int, optional
        Processes; default one a processor. The numbers do not depend on it.
    progress : callable, optional
        Called with a :class:`Step` after every trial.

    Returns
    -------
    Verdict
        A :class:`~ketwise.words.result.Result`; ``.save("report.html")`` writes the report.

    Raises
    ------
    ValueError
        For data that cannot be used, or a model that fails: what, where, and what to do.

    Notes
    -----
    Cost: ``folds * repeats * (3 * configurations + 1)`` fits of every model.
    """
    return judge(
        table(X, y),
        models=models,
        against=against,
        scoring=scoring,
        rope=rope,
        cv=cv,
        configurations=configurations,
        random_state=random_state,
        n_jobs=n_jobs,
        progress=progress,
    )


def judge(
    data: Table,
    *,
    models: Mapping[str, Any] | None = None,
    against: Mapping[str, Any] | None = None,
    scoring: str | Callable[..., float] | None = None,
    rope: float = 0.01,
    cv: Any = None,
    configurations: int = 12,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """As :func:`verdict`, of a table that was read already."""
    started, clock = datetime.now(UTC), time.perf_counter()
    # Asked here, where a missing native engine is said aloud: trials keep their warnings to themselves.
    engine = default_backend().name
    seed = _check_seed(random_state)
    if not (isinstance(rope, (int, float)) and 0 <= rope < np.inf):
        raise ValueError(f"rope is the smallest difference that matters, a number of at least 0, got {rope!r}")
    if isinstance(configurations, bool) or not isinstance(configurations, (int, np.integer)) or configurations < 1:
        raise ValueError(f"configurations must be a whole number of at least 1, got {configurations!r}")
    n_jobs = usable_cpus() if n_jobs in (None, -1) else n_jobs
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs < 1:
        raise ValueError(f"n_jobs must be a whole number of at least 1, got {n_jobs!r}")
    task = recognise(data.y)
    score = deciding_score(task, scoring)
    alerts = remarks.find(data, task)
    columns = choose_columns(data, alerts)
    opponents = _roster(task, models, against, configurations)
    folds = outer_folds(task, cv, seed)
    bench = Bench(used_frame(data, columns), task, columns, score, seed)
    said = [task.said, f"Deciding score: {score.label}.", *data.notes]
    tally = measure(bench, opponents, folds, configurations, n_jobs, said, progress)
    lines = measure_second_lines(bench, tally, n_jobs)
    comparison = compare(tally.differences(), tally.test_to_train, rope, len(task.y))
    low, high = comparison.posterior.interval()
    quantum, classical, twin = tally.champion_line(QUANTUM), tally.champion_line(CLASSICAL), _twin_line(tally)
    settings = {
        "rope": float(rope),
        "scoring": score.name,
        "configurations": int(configurations),
        "cv": cv_setting(cv),
        "outer_folds": len(folds),
        "inner_folds": len(folds[0].inner),
        "test_to_train": tally.test_to_train,
        "n_train": sorted({len(fold.train) for fold in folds}),
        "most_rows": MOST_ROWS,
        "most_qubits": MOST_QUBITS,
        "class_weight": bench.class_weight,
    }
    return Verdict(
        outcome=comparison.outcome,
        clearly_worse=comparison.clearly_worse,
        headline=headline(comparison),
        sentence=sentence(
            comparison,
            quantum["mean"],
            classical["mean"],
            None if twin is None else twin["mean"],
            score.label,
            rope,
            len(task.y),
        ),
        difference=comparison.posterior.mean,
        interval=[low, high],
        probabilities={
            "worse": comparison.worse,
            "same": comparison.same,
            "better": comparison.better,
            "ahead": comparison.ahead,
        },
        posterior={
            "mean": comparison.posterior.mean,
            "scale": comparison.posterior.scale,
            "degrees": comparison.posterior.degrees,
        },
        differences=tally.differences(),
        rows_needed=comparison.rows_needed,
        score={"name": score.name, "label": score.label, "meaning": score.meaning},
        task={"kind": task.kind, "classes": task.classes, "counts": task.counts, "said": task.said},
        data=_data_facts(data, columns, folds),
        alerts=[asdict(alert) | {"columns": list(alert.columns)} for alert in alerts],
        champions={QUANTUM: quantum, CLASSICAL: classical, "twin": twin},
        models=tally.model_lines(),
        second_lines=lines,
        scores=tally.rows(),
        command=command(data, settings, seed, scoring, models, against),
        settings=settings,
        seeds={"random_state": seed},
        versions=library_versions("ketwise", "numpy", "scipy", "scikit-learn", "pandas", "joblib") | {"engine": engine},
        timings={
            "started": started.isoformat(timespec="seconds"),
            "seconds": time.perf_counter() - clock,
            "processes": int(n_jobs),
            "machine": f"{platform.system()} {platform.machine()}",
            "trials": tally.clock(),
        },
    )


def _check_seed(random_state: int | None) -> int:
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0]) & 0x7FFFFFFF
    if (
        isinstance(random_state, bool)
        or not isinstance(random_state, (int, np.integer))
        or not 0 <= random_state < 2**31
    ):
        raise ValueError(f"random_state must be None or a whole number from 0 to 2147483647, got {random_state!r}")
    return int(random_state)


def _roster(
    task: Task, models: Mapping[str, Any] | None, against: Mapping[str, Any] | None, configurations: int
) -> list[Opponent]:
    classical, quantum = classical_opponents(task.is_classification), quantum_opponents(task.is_classification)
    most = fewest_configurations([*classical, *quantum])
    if configurations > most:
        raise ValueError(
            f"configurations={configurations}: the smallest grid has {most}, and all models get the same number"
        )
    taken = {opponent.name for opponent in [*classical, *quantum]}
    classical += given_opponents(against, CLASSICAL, "against", taken)
    return classical + given_opponents(models, QUANTUM, "models", taken) + quantum


def _twin_line(tally: Tally) -> dict[str, Any] | None:
    names = tally.twins()
    return None if names is None else tally.line("without entanglement", tally.champion_scores(names))


def _data_facts(data: Table, columns: Columns, folds: list[Fold]) -> dict[str, Any]:
    sampled = [
        f"Of the {len(fold.train_all)} training rows of a fold {len(fold.train)} were sampled, the same for all models."
        for fold in folds[:1]
        if len(fold.train) < len(fold.train_all)
    ]
    return {
        "name": data.name,
        "source": data.source,
        "target": data.target,
        "rows": len(data.y),
        "columns": data.X.shape[1],
        "used": columns.used,
        "text_columns": columns.texts,
        "constant": columns.constant,
        "identifiers": columns.identifiers,
        "missing": [{"column": name, "count": count} for name, count in columns.missing],
        "notes": [*data.notes, *describe(columns), *sampled],
        "sha256": data.sha256,
    }
