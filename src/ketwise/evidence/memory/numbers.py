"""The numbers behind the pictures as tables of words: methods across, loads or broken bits down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ketwise.evidence.memory.judging import percent_of
from ketwise.evidence.memory.record import mean_and_error
from ketwise.evidence.wording import number, quantity

Row = Mapping[str, Any]
#: Columns of a table of recalls.
MEASURES = {
    "overlap": "mean overlap",
    "exact": "recalled without an error",
    "read": "right in a single run",
    "repetitions": "repetitions, 1/P0",
    "runs": "readings for the likeliest answer",
}


def recall_table(rows: Iterable[Row], measure: str, across: str) -> dict[str, Any]:
    """Return a measure as a head, and lines of cells.

    Parameters
    ----------
    rows : iterable of dict
        Of one curve and one kind of damage.
    measure : str
    across : str
        "load" or "share".

    Returns
    -------
    dict
        ``title``, ``first`` (what goes down), ``methods`` (name, side) and ``lines`` (name, cells).
    """
    listed = list(rows)
    methods = list(dict.fromkeys((row["method"], row["side"]) for row in listed))
    found = {(row[across], row["method"]): row[measure] for row in listed}
    steps = sorted({row[across] for row in listed})
    if measure in ("repetitions", "runs"):
        methods = [each for each in methods if each[1] == "quantum"]
    say = _count if measure in ("repetitions", "runs") else _share
    lines = [
        (_step(step, across, listed), [say(found[step, name]) if (step, name) in found else "–" for name, _ in methods])
        for step in steps
    ]
    return {
        "title": MEASURES[measure],
        "first": "p / n (patterns)" if across == "load" else "broken bits",
        "methods": methods,
        "lines": lines,
    }


def _step(step: float, across: str, rows: Sequence[Row]) -> str:
    if across == "share":
        return percent_of(step)
    count = next(row["n_patterns"] for row in rows if row["load"] == step)
    return f"{step:.3g} ({count})"


def _share(values: Any) -> str:
    mean, error = mean_and_error(np.asarray(values))
    return f"{number(float(mean))} ± {number(float(error))}"


def _count(values: Any) -> str:
    mean, error = (float(each) for each in mean_and_error(np.asarray(values, dtype=float)))
    if math.isnan(mean):
        return "–"
    return counted(mean) if not error > 0 else f"{counted(mean)} ± {counted(error)}"


def counted(value: float) -> str:
    """A count or a mean of counts, of any size.

    Examples
    --------
    >>> counted(12.34), counted(math.inf), counted(math.nan), counted(5_380_000)
    ('12.3', '∞', 'not counted', '5.4 million')
    """
    if math.isnan(value):
        return "not counted"
    if math.isinf(value):
        return "∞"
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 999.5 and value % 1 else quantity(value)


def price_lines(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return one line a method and memory."""
    keys: dict[str, Callable[[float], str]] = {
        "n_qubits": lambda value: f"{value:.0f}" if value else "–",
        "storage_gates": counted,
        "storage_cx": counted,
        "storage_depth": counted,
        "recall_gates": counted,
        "operations": counted,
    }
    found = []
    for row in rows:
        quantum = row["side"] == "quantum"
        cells = [say(row[key]) if quantum or key == "operations" else "–" for key, say in keys.items()]
        found.append({"method": row["method"], "side": row["side"], "size": _size(row), "cells": cells})
    return found


def _size(row: Row) -> str:
    return f"{row['n_patterns']} × {row['n_bits']}"


def device_lines(rows: Iterable[Row]) -> list[tuple[str, list[str]]]:
    """Return one line a rate of errors."""
    return [
        (
            f"{row['rate']:g}",
            [f"{number(row[key])} ± {number(row[f'{key}_error'])}" for key in ("success", "right", "spurious")],
        )
        for row in rows
    ]
