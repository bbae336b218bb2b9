"""Every piece of a report measured in turn; what is finished is kept when Ctrl-C ends it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketwise.evidence.memory.device import device_memory, device_row
from ketwise.evidence.memory.fitting import fitting
from ketwise.evidence.memory.pieces import SMALL, SMALL_NOISE, Row, measured_piece, pieces_of
from ketwise.evidence.memory.progress import Watch
from ketwise.evidence.memory.question import Question


@dataclass
class Found:
    """What was measured.

    Attributes
    ----------
    recall, price, device : list of dict
        Rows of the three tables.
    device_facts : dict or None
        The memory whose gates err.
    left_out : list of dict
        Methods that do not take these patterns.
    done, total : int
        Pieces.
    seconds : float
    """

    recall: list[Row] = field(default_factory=list)
    price: list[Row] = field(default_factory=list)
    device: list[Row] = field(default_factory=list)
    device_facts: dict[str, Any] | None = None
    left_out: list[dict[str, str]] = field(default_factory=list)
    done: int = 0
    total: int = 0
    seconds: float = 0.0

    @property
    def stopped(self) -> str | None:
        """In words, where it was interrupted."""
        if self.done == self.total:
            return None
        return f"Stopped early: {self.done} of {self.total} memories were measured."


def run(question: Question, progress: Any) -> Found:
    """Measure.

    Raises
    ------
    KeyboardInterrupt
        Before the first piece is finished; after that, what is finished is returned.
    """
    start = time.monotonic()
    fit = fitting(question)
    pieces = pieces_of(question, bool(fit.small))
    device = device_memory(question)
    rates = question.noise_rates if device is not None else ()
    found = Found(left_out=fit.left_out, total=len(pieces) + len(rates))
    watch = Watch(progress, found.total)
    try:
        for piece in pieces:
            watch.tell(found.done, piece.said)
            few = piece.curve in (SMALL, SMALL_NOISE)
            recall, price = measured_piece(question, piece, fit.small if few else fit.main)
            found.recall += recall
            found.price += [row for row in price if _which(row) not in {_which(one) for one in found.price}]
            found.done += 1
        for rate in rates:
            assert device is not None
            found.device_facts = device.facts()
            watch.tell(found.done, f"errors in the gates at a rate of {rate:g}")
            found.device.append(device_row(device, rate, question.trajectories, question.seed))
            found.done += 1
        watch.tell(found.done, "")
    except KeyboardInterrupt:
        if not found.done:
            raise
    found.seconds = time.monotonic() - start
    return found


def _which(row: Row) -> tuple[Any, ...]:
    """A memory whose probes are broken more and more has one price."""
    return row["curve"], row["method"], row["n_bits"], row["n_patterns"]


def columns(rows: list[Row]) -> dict[str, Any]:
    """Return rows as columns: lists of text, arrays of numbers.

    Examples
    --------
    >>> columns([{"method": "nearest", "n_bits": 8}, {"method": "dense", "n_bits": 9}])
    {'method': ['nearest', 'dense'], 'n_bits': array([8, 9])}
    """
    if not rows:
        return {}
    made = {key: [row[key] for row in rows] for key in rows[0]}
    return {key: values if isinstance(values[0], str) else np.array(values) for key, values in made.items()}
