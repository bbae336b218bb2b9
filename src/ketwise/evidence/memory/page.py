"""The page of a report on memories: templates filled from the record, in the verdict page's style and policy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ketwise.evidence import report
from ketwise.evidence.memory.judging import percent_of
from ketwise.evidence.memory.numbers import counted, device_lines, price_lines, recall_table
from ketwise.evidence.memory.pictures import SHARES, Pictures, rows_of
from ketwise.evidence.memory.pieces import FEW_PATTERNS, SMALL_NOISE
from ketwise.evidence.report.shell import content_policy, in_frame, templates

if TYPE_CHECKING:
    from jinja2 import Environment

    from ketwise.evidence.memory.record import MemoryReport

_FOLDER = Path(__file__).parent
_STYLE = (Path(report.__path__[0]) / "page.css", _FOLDER / "memory.css")


def page(record: MemoryReport) -> str:
    """The report as one HTML page: no scripts, nothing loaded, only its own style allowed."""
    style = "\n".join(path.read_text("utf-8") for path in _STYLE)
    template = _environment().get_template("memory.html.j2")
    return template.render(style=Markup(style), policy=content_policy(style), v=record, **content(record))


def frame(record: MemoryReport) -> str:
    """The report for a notebook."""
    return in_frame("ketwise memory report", page(record))


def content(record: MemoryReport) -> dict[str, Any]:
    """Everything the templates need beside the record: pictures, and tables in words."""
    drawn = Pictures(record)
    loads = ["parts"] if record.data["given"] else ["capacity"]
    return {
        "capacity": _by_damage(drawn, "capacity", ("overlap", "exact")),
        "small": _by_damage(drawn, "small", ("overlap", "exact")),
        "noise": [
            {"damage": damage, "likeliest": likeliest, "single": drawn.single_run(damage)}
            for damage in ("flipped", "unknown")
            if (likeliest := drawn.recalls("noise", damage, "exact"))
        ],
        "small_noise": {
            "n_patterns": FEW_PATTERNS,
            "pictures": [
                {"damage": damage, "drawn": picture}
                for damage in ("flipped", "unknown")
                if (picture := drawn.recalls(SMALL_NOISE, damage, "exact"))
            ],
        },
        "first": drawn.recalls("noise", "flipped", "exact", "first")
        or drawn.recalls("noise", "unknown", "exact", "first"),
        "repetitions_share": drawn.repetitions(["noise"], "share"),
        "repetitions_patterns": drawn.repetitions(loads, "n_patterns"),
        "storage": drawn.storage(loads),
        "work": drawn.work(loads),
        "device": drawn.device(),
        "tables": _tables(drawn.recall),
        "prices": price_lines(row for row in drawn.price if row["curve"] in (*loads, "small")),
        "device_lines": device_lines(rows_of(record.device)),
        "cards": _cards(record),
        "holding": sorted({row["method"] for row in drawn.recall} - _menders(drawn)),
        "shape": lambda side: side,
    }


def _menders(drawn: Pictures) -> set[str]:
    return {row["method"] for row in drawn.recall if row["damage"] == "flipped"}


def _by_damage(drawn: Pictures, curve: str, measures: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for damage in ("none", "flipped", "unknown"):
        rows = [row for row in drawn.recall if row["curve"] == curve and row["damage"] == damage]
        if rows:
            pictures = [drawn.recalls(curve, damage, measure) for measure in measures]
            found.append(
                {"damage": damage, "share": rows[0]["share"], "broken": rows[0]["broken"], "pictures": pictures}
            )
    return found


def _tables(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every measure of every curve and kind of damage, folded on the page."""
    found = []
    for curve, damage in dict.fromkeys((row["curve"], row["damage"]) for row in rows):
        mine = [row for row in rows if (row["curve"], row["damage"]) == (curve, damage)]
        across = "share" if curve in SHARES else "load"
        tables = [
            recall_table(mine, measure, across) for measure in ("overlap", "exact", "read", "repetitions", "runs")
        ]
        size = (
            f"{mine[0]['n_bits']} bits" if across == "load" else f"{mine[0]['n_patterns']} × {mine[0]['n_bits']} bits"
        )
        found.append(
            {
                "curve": curve,
                "damage": damage,
                "size": size,
                "share": None if across == "share" else mine[0]["share"],
                "tables": [table for table in tables if table["methods"]],
            }
        )
    return found


def _cards(record: MemoryReport) -> list[dict[str, Any]]:
    """For each kind of damage the best of both sides, and what a reading costs beside an answer."""
    return [{"damage": damage, "one": one} for damage, one in record.verdict.items()]


@cache
def _environment() -> Environment:
    return templates(
        _FOLDER / "templates",
        percent_of=percent_of,
        counted=counted,
        unbroken=lambda words: words.replace(" %", "\u00a0%"),
    )
