"""The one table of a run, from its JSON lines; by itself it prints the table of an earlier run.

python benchmarks/table.py build/benchmarks/bench.jsonl
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from case import OURS, PRECISION, spread

#: Shorter than the columns' own names.
HEADS = {"TensorCircuit-NG": "TC-NG", "default.qubit": "default.q", "default.qubit jit": "default.q jit"}


def read(paths: Sequence[Path]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The machine and the cases of a run, or of several that were made one after the other."""
    runs = [[json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in paths]
    return runs[0][0]["machine"], [case for run in runs for case in run[1:]]


def best(rows: Iterable[dict[str, Any]], column: str, dtype: str) -> dict[str, Any] | None:
    """The fastest setting of a column; one that failed where none was measured."""
    mine = [row for row in rows if row["column"] == column and row["dtype"] == dtype]
    timed = [row for row in mine if row["times_s"]]
    return min(timed, key=lambda row: row["median_s"]) if timed else next(iter(mine), None)


def columns(cases: Sequence[dict[str, Any]]) -> list[str]:
    """Ours first, then the peers that were measured at least once, in the order in which they appear."""
    rows = [row for case in cases for row in case["rows"]]
    seen = dict.fromkeys(row["column"] for row in rows if row["times_s"])
    ours = dict.fromkeys(row["column"] for row in rows if row["ours"])
    return [*ours, *(column for column in seen if column not in ours)]


def ways(cases: Sequence[dict[str, Any]]) -> list[str]:
    """Columns of ours, beside the one that the ratio is for, that have a rival of their own."""
    goals = (goal for case in cases for goal in case["goals"])
    return [*dict.fromkeys(goal["own"] for goal in goals if goal.get("own", OURS) != OURS)]


def cell(row: dict[str, Any] | None) -> str:
    """Milliseconds, median, and half the range in percent."""
    if row is None:
        return "-"
    if not row["times_s"]:
        return "none" if "not installed" in row["error"] else "gave up" if "gave up" in row["error"] else "failed"
    value = 1e3 * row["median_s"]
    number = f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
    return f"{number} ±{spread(row['times_s']):.0%}" if len(row["times_s"]) > 1 else number


def lines(cases: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Head and cells of the table."""
    shown, others = columns(cases), ways(cases)
    marks = ["ratio", "of all", *(f"ratio {way}" for way in others), "peak"]
    head = ["ms", "n", "precision", *(HEADS.get(c, c) for c in shown), *marks]
    found = [head]
    for case in cases:
        for dtype, precision in PRECISION.items():
            if not any(row["dtype"] == dtype for row in case["rows"]):
                continue
            own = best(case["rows"], OURS, dtype)
            ratios = [case["ratios"][dtype].get(key, {}).get("times") for key in ("same", "any")]
            judged = {goal.get("own"): goal["measured"] for goal in case["goals"] if goal["dtype"] == dtype}
            ratios += [judged.get(way) for way in others]
            share = own and own["share"]
            found.append(
                [
                    *(case["scenario"], str(case["n_qubits"]), precision),
                    *(cell(best(case["rows"], column, dtype)) for column in shown),
                    *(f"{ratio:.3g}" if ratio else "-" for ratio in ratios),
                    f"{share:.0%}" if share else "-",
                ]
            )
    return found


def text(cases: Sequence[dict[str, Any]]) -> str:
    """The table for a terminal, and below it what a cell cannot say."""
    cells = lines(cases)
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    drawn = [
        "  ".join(
            value.ljust(w) if k == 0 else value.rjust(w) for k, (value, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    return "\n".join([drawn[0], "-" * len(drawn[0]), *drawn[1:], "", *remarks(cases)])


def markdown(cases: Sequence[dict[str, Any]]) -> str:
    """The table for a page."""
    head, *rest = lines(cases)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rest))


def remarks(cases: Sequence[dict[str, Any]]) -> list[str]:
    """How to read the table; who is missing and why; who compiles for how long; which goals are met."""
    found = [
        "ms: median ± half the range, of a peer's fastest setting. ratio: the fastest peer of the same precision that",
        "does the whole work and does not compile first, divided by ours; of all: float64 peers count beside float32.",
        "peak: share of the multiply-add peak of this machine, measured in between, for the operations of the circuit",
        "as it is written (docs/performance.md).",
    ]
    missing = dict.fromkeys(
        f"{row['column']}: {row['error']}"
        for case in cases
        for row in case["rows"]
        if row["error"] and "not installed" in row["error"]
    )
    found += [f"missing  {words}" for words in missing]
    for case in cases:
        where = f"{case['scenario']} n={case['n_qubits']}"
        for row in case["rows"]:
            who = f"{where} {PRECISION[row['dtype']]}, {row['name']}"
            if row["error"] and "not installed" not in row["error"]:
                found.append(f"absent   {who}: {row['error']}")
            elif row["times_s"] and row["apart"]:
                first = f", {row['first_s']:.3g} s before the first result" if "compile" in row["apart"] else ""
                found.append(f"apart    {who}: {row['apart']}{first}")
            elif row["times_s"] and not row["ours"] and row["note"]:
                found.append(f"note     {who}: {row['note']}")
    for case in cases:
        for goal in case["goals"]:
            mark = {True: "met    ", False: "NOT met", None: "open   "}[goal["met"]]
            where = f"{case['scenario']} n={case['n_qubits']} {PRECISION[goal['dtype']]}"
            found.append(f"{mark}  {where}: {goal['words']}")
    return found


if __name__ == "__main__":
    about, measured = read([Path(word) for word in sys.argv[1:] if word != "--markdown"])
    print(about["processor"], f"{about['cores']} cores")
    print(markdown(measured) if "--markdown" in sys.argv else text(measured))
