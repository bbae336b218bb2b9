"""All remarks about the data, made before anything is trained: which there are, and in which order they are sought."""

from dataclasses import replace

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.dependence import groups, time_order
from ketwise.evidence.data.identifiers import identifiers
from ketwise.evidence.data.leaks import leaks, tried_alone
from ketwise.evidence.data.power import few_rows
from ketwise.evidence.data.rows import held_out_rows, imbalance, labels, repeated_rows
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import Score, Task, deciding_score
from ketwise.evidence.data.texts import text_columns


def find(table: Table, task: Task, *, score: Score | None = None, rope: float = 0.01) -> list[Alert]:
    """All alerts of a table, by code. Those with ``dropped`` name columns that must not be used.

    Parameters
    ----------
    table : Table
    task : Task
        Recognised from its target.
    score : Score, optional
        The deciding score; default that of the task.
    rope : float
        The smallest difference in that score that matters.

    Notes
    -----
    Held-out rows are looked at for one thing only: whether they are new (KW007).

    Cost: a few sorts of every column, on at most 4,000 rows; about two seconds for 10,000 rows of 1,000 numbers.
    """
    score = deciding_score(task, None) if score is None else score
    seen, asked = table.training(), replace(task, y=task.learned, held_out=0)
    found = time_order(seen, asked)
    found += identifiers(seen, asked, skipped=_columns(found))
    found += text_columns(seen, skipped=_columns(found))
    dropped = {name for alert in found if alert.dropped for name in alert.columns}
    alone = tried_alone(seen, asked, [name for name in seen.X.columns if name not in dropped])
    suspected = leaks(seen, alone)
    found += suspected
    found += groups(seen, asked, skipped=_columns(found) - _columns(suspected))
    best = max((alone[name].ranking for name in alone.keys() - _columns(suspected)), default=0.0)
    rows = [imbalance(asked, score), repeated_rows(seen, dropped), few_rows(table, task, score, rope, best)]
    found += [alert for alert in rows if alert is not None]
    found += labels(asked) + held_out_rows(table, dropped)
    return sorted(found, key=lambda alert: alert.code)


def _columns(alerts: list[Alert]) -> set[str]:
    return {name for alert in alerts for name in alert.columns}
