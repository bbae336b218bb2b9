"""Which pictures a report has: recalls against load and against broken bits, repetitions, gates, errors in gates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ketwise.evidence.memory.drawing import Drawn, Series, curves_picture
from ketwise.evidence.memory.marks import numbered
from ketwise.evidence.memory.pieces import NOISE, SMALL_NOISE
from ketwise.evidence.memory.record import MemoryReport, mean_and_error
from ketwise.evidence.report.ranking import percent_tick
from ketwise.evidence.report.svg import padded, plot
from ketwise.evidence.wording import number, power_of_ten, significant

Row = dict[str, Any]

#: Curves against the share of broken bits; the others are against load.
SHARES = (NOISE, SMALL_NOISE)
#: Height of a picture, and room on its right for half a number.
HEIGHT, RIGHT = 320, 18
#: Patterns a bit that a Hebbian network holds, and that the pseudo-inverse rule does.
LIMITS = (0.138, 1.0)
#: Largest number of repetitions, and of gates or operations, that is drawn.
MOST_REPETITIONS, MOST_GATES = 1e6, 1e12
#: Pixels that two numbers below an axis need.
APART = 34


class Pictures:
    """The pictures of one record, drawn from its tables."""

    def __init__(self, record: MemoryReport):
        self.record = record
        self.recall, self.price = rows_of(record.recall), rows_of(record.price)
        names = dict.fromkeys((row["method"], row["side"]) for row in self.recall)
        self.shapes = dict(zip(names, numbered([side for _, side in names]), strict=True))

    def recalls(self, curve: str, damage: str, measure: str, name: str = "") -> Drawn | None:
        """A measure against load, or against the share of broken bits; None where nothing was measured.

        ``name`` is the picture's id where it is drawn a second time.
        """
        rows = [row for row in self.recall if row["curve"] == curve and row["damage"] == damage]
        across = "share" if curve in SHARES else "load"
        if not rows:
            return None
        series = self._series(rows, across, lambda row: row[measure])
        name = name or f"{curve}-{damage}-{measure}"
        return self._shares(name, series, across, measure, damage, [r[across] for r in rows])

    def single_run(self, damage: str) -> Drawn | None:
        """What one run reads: the probability of quantum methods, beside the answers of classical ones."""
        rows = [row for row in self.recall if row["curve"] == "noise" and row["damage"] == damage]
        if not any(row["side"] == "quantum" for row in rows):
            return None
        series = self._series(rows, "share", lambda row: row["read"] if row["side"] == "quantum" else row["exact"])
        return self._shares(f"single-{damage}", series, "share", "read", damage, [row["share"] for row in rows])

    def repetitions(self, curves: Sequence[str], across: str) -> Drawn | None:
        """Expected repetitions of quantum methods against the share of flipped bits, or against patterns."""
        rows = [row for row in self.recall if row["curve"] in curves and row["side"] == "quantum"]
        rows = self._least_damaged(rows) if across == "n_patterns" else [r for r in rows if r["damage"] == "flipped"]
        series = self._series(rows, across, lambda row: row["repetitions"])
        label = {"share": "share of flipped bits", "n_patterns": "stored patterns p"}[across]
        return self._counts(
            f"repetitions-{across}",
            series,
            label,
            "repetitions for one reading, 1/P0",
            across == "share",
            MOST_REPETITIONS,
        )

    def storage(self, curves: Sequence[str]) -> Drawn | None:
        """Gates of one storage against all bits that are stored."""
        rows = [row for row in self.price if row["curve"] in curves and row["side"] == "quantum"]
        rows = [row for row in rows if row["storage_gates"] > 0]
        series = self._series(rows, "p n", lambda row: np.array([row["storage_gates"]] * 2))
        return self._counts("storage", series, "stored bits p n", "gates of one storage", False, MOST_GATES)

    def work(self, curves: Sequence[str]) -> Drawn | None:
        """Gates of one reading, all repetitions together, beside the operations of the classical methods."""
        prices = {(row["curve"], row["method"], row["n_patterns"]): row for row in self.price}
        rows = []
        for row in self._least_damaged([row for row in self.recall if row["curve"] in curves]):
            price = prices[row["curve"], row["method"], row["n_patterns"]]
            gates = price["storage_gates"] + price["recall_gates"]
            work = gates * row["repetitions"] if row["side"] == "quantum" else np.array([price["operations"]] * 2)
            rows.append(row | {"work": work})
        series = self._series(rows, "p n", lambda row: row["work"])
        return self._counts(
            "work", series, "stored bits p n", "gates of a reading, operations of an answer", False, MOST_GATES
        )

    def device(self) -> Drawn | None:
        """Success, right and spurious readings against the rate of errors in the gates."""
        rows = rows_of(self.record.device)
        noisy = [row["rate"] for row in rows if row["rate"] > 0]
        if not rows:
            return None
        least = min(noisy, default=1e-4)
        # A rate of 0 has no place on a logarithmic axis: it stands to the left of all others.
        zero = least / 4
        series = [
            Series(
                name,
                side,
                which,
                [row["rate"] or zero for row in rows],
                [row[key] for row in rows],
                [row[f"{key}_error"] for row in rows],
            )
            for key, name, side, which in (
                ("success", "success P0", "quantum", 2),
                ("right", "right, where it succeeds", "quantum", 0),
                ("spurious", "never stored", "quantum", 3),
            )
        ]
        drawn = plot(
            (zero / 1.5, max(noisy, default=1e-3) * 1.5),
            (0.0, 1.0),
            height=HEIGHT,
            right=RIGHT,
            logarithmic=(True, False),
        )
        ticks = [value for value in drawn.across.ticks(5) if value >= least * (1 - 1e-9)]
        ticks = [zero, *ticks] if any(row["rate"] == 0 for row in rows) else ticks
        frame = drawn.frame(
            "errors a gate (depolarising rate)",
            "probability",
            lambda value: "0" if value == zero else _short(value),
            percent_tick,
            ticks,
        )
        title = "Success, right and spurious readings against the rate of errors in the gates"
        return curves_picture("device", drawn, series, frame, title, lambda value: number(value))

    def _series(self, rows: Iterable[Row], across: str, measure: Callable[[Row], Any]) -> list[Series]:
        found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
        for row in rows:
            x = row["n_patterns"] * row["n_bits"] if across == "p n" else row[across]
            mean, error = mean_and_error(np.asarray(measure(row), dtype=float))
            found.setdefault((row["method"], row["side"]), []).append((float(x), float(mean), float(error)))
        return [
            Series(name, side, self.shapes[name, side], *map(list, zip(*sorted(points), strict=True)))
            for (name, side), points in found.items()
        ]

    def _least_damaged(self, rows: Iterable[Row]) -> list[Row]:
        """Of each method and memory the row with flipped bits, or with unknown ones where it mends no others."""
        found: dict[Any, Row] = {}
        for row in rows:
            if row["damage"] != "none":
                found.setdefault((row["method"], row["n_bits"], row["n_patterns"]), row)
        return list(found.values())

    def _shares(
        self, name: str, series: list[Series], across: str, measure: str, damage: str, values: Sequence[float]
    ) -> Drawn:
        low = min(0.0, *(y for one in series for y in one.ys)) if measure == "overlap" else 0.0
        logarithmic = across == "load" and max(values) > 5 * min(values)
        drawn = plot(
            _range(values, logarithmic), (low, 1.0), height=HEIGHT, right=RIGHT, logarithmic=(logarithmic, False)
        )
        words = {"overlap": "mean overlap", "exact": "recalled without an error", "read": "right in a single run"}[
            measure
        ]
        label = "patterns a bit, p / n" if across == "load" else f"share of {damage} bits"
        limits = [at for at in LIMITS if name.startswith("capacity") and drawn.across.low <= at <= drawn.across.high]
        ticks = [
            at for at in drawn.across.ticks(5) if all(abs(drawn.across(at) - drawn.across(to)) > APART for to in limits)
        ]
        frame = drawn.frame(
            label,
            words,
            percent_tick if across == "share" else _short,
            percent_tick if measure != "overlap" else None,
            [*ticks, *limits],
        )
        title = f"{words.capitalize()} against {label}"
        return curves_picture(name, drawn, series, frame, title, lambda value: number(value), limits)

    def _counts(self, name: str, series: list[Series], across: str, up: str, shares: bool, most: float) -> Drawn | None:
        values = [y for one in series for y in one.ys if math.isfinite(y) and 0 < y <= most]
        xs = [x for one in series for x in one.xs]
        if not values:
            return None
        logarithmic = not shares and max(xs) > 5 * min(xs)
        drawn = plot(
            _range(xs, logarithmic),
            (min(values) / 1.6, min(most, max(values) * 1.6)),
            height=HEIGHT,
            left=46,
            right=RIGHT,
            logarithmic=(logarithmic, True),
        )
        frame = drawn.frame(across, up, percent_tick if shares else _short, _short)
        return curves_picture(name, drawn, series, frame, f"{up.capitalize()} against {across}", significant)


def rows_of(columns: dict[str, Any]) -> list[Row]:
    """The rows of a table that is kept as columns, with plain numbers.

    Examples
    --------
    >>> rows_of({"method": ["nearest"], "n_bits": np.array([8])})
    [{'method': 'nearest', 'n_bits': 8}]
    """
    if not columns:
        return []
    listed = {
        name: list(column) if np.ndim(column) == 2 else column.tolist() if isinstance(column, np.ndarray) else column
        for name, column in columns.items()
    }
    return [dict(zip(listed, values, strict=True)) for values in zip(*listed.values(), strict=True)]


def _range(values: Sequence[float], logarithmic: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if logarithmic:
        return low / 1.25, high * 1.25
    return (0.0, high) if low == 0 < high else padded(low, high)


def _short(value: float) -> str:
    """A tick: a plain number, or a power of ten where that is shorter."""
    exponent = round(math.log10(value)) if value > 0 else 0
    if value > 0 and (value >= 1e4 or value < 1e-3):
        mantissa = value / 10.0**exponent
        if mantissa < 0.999:
            exponent, mantissa = exponent - 1, mantissa * 10
        return power_of_ten(exponent) if abs(mantissa - 1) < 1e-6 else f"{mantissa:.0f}·{power_of_ten(exponent)}"
    return f"{value:g}"
