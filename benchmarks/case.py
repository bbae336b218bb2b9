"""A case is one problem size of one scenario: who computes it, the operations that count, and its goals."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from contest import Contestant, Row, hold
from limits import Peak

#: How much is run: everything, a selection for some minutes, or the least that shows that a script works.
Extent = Literal["full", "quick", "tiny"]
PRECISION = {"complex64": "float32", "complex128": "float64"}
OURS = "ketwise"


@dataclass(frozen=True)
class Goal:
    """What ``ketwise`` must reach in one precision.

    ``times``: so many times as fast as the peer in a column, or as the fastest rival of the same precision.
    ``longer``: at most so many times as long as the peer. ``share``: so much of the multiply-add peak. ``seconds``: at
    most so long. ``own`` is the column of ours that is meant, where there are several ways of ours.
    """

    kind: Literal["times", "longer", "share", "seconds"]
    value: float
    dtype: str
    column: str | None = None
    own: str = OURS


@dataclass(frozen=True)
class Case:
    """One problem size; ``flops`` are counted as docs/performance.md says, None where nothing is to be counted."""

    scenario: str
    problem: str
    n_qubits: int
    samples: int
    contestants: tuple[Contestant, ...]
    goals: tuple[Goal, ...] = ()
    flops: float | None = None

    def measure(self, isas: Sequence[str], repeats: int, budget: float) -> dict[str, Any]:
        """Run all contestants, and the multiply-add peak in between; return everything as a JSON object.

        Raises
        ------
        ValueError
            When two contestants disagree about a value.
        """
        peaks = [Peak(isa) for isa in isas] if self.flops else []

        def between() -> None:
            for peak in peaks:
                peak.measure()

        request = {"problem": self.problem, "n_qubits": self.n_qubits, "samples": self.samples}
        rows = hold(self.contestants, request, repeats, budget, between)
        limits = {peak.isa: peak.record() for peak in peaks}
        shares = {row.contestant: self._share(row, limits) for row in rows}
        return {
            "scenario": self.scenario,
            "n_qubits": self.n_qubits,
            "samples": self.samples,
            "flops": self.flops,
            "peak_gflops": limits,
            "rows": [row.record() | {"share": shares[row.contestant]} for row in rows],
            "ratios": {dtype: ratios(rows, dtype) for dtype in PRECISION},
            "goals": [judge(goal, rows, shares) for goal in self.goals],
        }

    def _share(self, row: Row, limits: dict[str, Any]) -> float | None:
        """Which part of the peak of its instruction set a row of ours reaches."""
        peak = limits.get(row.about.get("isa", ""), {}).get("all_cores", {}).get(row.contestant.dtype)
        if not (row.contestant.ours and row.times and self.flops and peak):
            return None
        return self.flops / row.median / (1e9 * peak)


def own(rows: Sequence[Row], dtype: str, column: str = OURS) -> Row | None:
    """Our row, with the best instruction set."""
    return next((r for r in rows if r.contestant.column == column and r.contestant.dtype == dtype and r.times), None)


def fastest(rows: Sequence[Row], dtypes: Sequence[str], column: str | None = None) -> Row | None:
    """The fastest peer of a column, or of all that count."""
    wanted = [
        row
        for row in rows
        if row.times
        and not row.contestant.ours
        and row.contestant.dtype in dtypes
        and (row.contestant.column == column if column else not row.contestant.apart)
    ]
    return min(wanted, key=lambda row: row.median, default=None)


def ratios(rows: Sequence[Row], dtype: str) -> dict[str, Any]:
    """How many times as long the fastest rival takes: of the same precision, and of any that is as exact."""
    ours = own(rows, dtype)
    found: dict[str, Any] = {}
    for key, dtypes in (("same", [dtype]), ("any", sorted({dtype, "complex128"}))):
        rival = fastest(rows, dtypes)
        if ours and rival:
            found[key] = {"times": rival.median / ours.median, "rival": f"{rival.contestant.name}, {dtype_of(rival)}"}
    return found


def dtype_of(row: Row) -> str:
    """Precision in the words of the table."""
    return PRECISION[row.contestant.dtype]


def judge(goal: Goal, rows: Sequence[Row], shares: dict[Contestant, float | None]) -> dict[str, Any]:
    """A goal with what was measured; ``met`` is None where there is nothing to hold it against."""
    measured, met, words = _measured(goal, rows, shares)
    return asdict(goal) | {"measured": measured, "met": met, "words": words}


def _measured(
    goal: Goal, rows: Sequence[Row], shares: dict[Contestant, float | None]
) -> tuple[float | None, bool | None, str]:
    ours = own(rows, goal.dtype, goal.own)
    if ours is None:
        return None, False, "ours was not measured"
    if goal.kind == "seconds":
        words = f"{_seconds(ours.median)}; at most {_seconds(goal.value)}"
        return ours.median, ours.median <= goal.value, words
    if goal.kind == "share":
        share = shares[ours.contestant]
        if share is None:
            return None, None, "the multiply-add peak was not measured: no C++ compiler"
        return share, share >= goal.value, f"{share:.0%} of the multiply-add peak; at least {goal.value:.0%}"
    rival = fastest(rows, [goal.dtype], goal.column)
    if rival is None:
        why = next((f": {r.error}" for r in rows if r.contestant.column == goal.column and r.error), "")
        return None, None, f"{goal.column or 'a rival'} was not measured{why}"
    if goal.kind == "times":
        times = rival.median / ours.median
        who = "" if goal.own == OURS else f"{goal.own}: "
        return times, times >= goal.value, f"{who}{times:.3g} times {rival.contestant.name}; at least {goal.value:g}"
    times = ours.median / rival.median
    words = f"{times:.2f} times as long as {rival.contestant.name}; at most {goal.value:g}"
    return times, times <= goal.value, words


def _seconds(value: float) -> str:
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value * 1e6:.3g} µs"


def spread(times: Sequence[float]) -> float:
    """Half the range from the fastest run to the slowest, as a share of the median."""
    return (max(times) - min(times)) / 2.0 / statistics.median(times)
