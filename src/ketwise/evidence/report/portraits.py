"""What both champions use and how they learn: permutation importance of columns, and learning curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.inference.correlated import correlated_posterior
from ketwise.evidence.report.ranking import CHAMPIONS
from ketwise.evidence.report.svg import WIDTH, Axis, band, line, marker, padded, path, picture, plot, text
from ketwise.evidence.wording import number, shortened, visible

MOST_COLUMNS = 12


def leading_columns(importance: dict[str, dict[str, Any]], most: int = MOST_COLUMNS) -> list[str]:
    """The columns that either champion would miss most, by mean drop, largest first."""
    missed: dict[str, float] = {}
    for one in importance.values():
        for name, drops in zip(one["columns"], np.asarray(one["drops"]), strict=True):
            missed[name] = max(missed.get(name, -np.inf), float(np.mean(drops)))
    return sorted(missed, key=lambda name: -missed[name])[:most]


def importance_picture(importance: dict[str, dict[str, Any]], score: str) -> Markup:
    """By how much the score drops when a column is shuffled, for both champions, with the range over folds."""
    columns = leading_columns(importance)
    drops = {
        key: dict(zip(one["columns"], np.asarray(one["drops"], dtype=float), strict=True))
        for key, one in importance.items()
    }
    row, top, left, right = 40, 4, 8, WIDTH - 8
    floor = top + row * len(columns) + 4
    height = floor + 40
    everything = np.concatenate([found[name] for found in drops.values() for name in columns if name in found])
    axis = Axis(*padded(min(0.0, float(everything.min())), max(0.0, float(everything.max())), 0.02), left, right)
    parts = []
    for tick in axis.ticks(5):
        parts.append(line(axis(tick), top, axis(tick), floor, "grid"))
        parts.append(text(axis(tick), floor + 15, number(tick, axis.digits(5)), "tick", "middle"))
    parts.append(line(axis(0), top, axis(0), floor, "zero"))
    said = []
    for index, name in enumerate(columns):
        parts.append(text(0, top + row * index + 12, shortened(visible(name), 46), "name halo"))
        means = []
        for key, down in (("quantum", 21), ("classical", 31)):
            if name not in drops[key]:
                continue
            found, y = drops[key][name], top + row * index + down
            parts.append(line(axis(found.min()), y, axis(found.max()), y, f"whisker {key}"))
            parts.append(marker(axis(found.mean()), y, key))
            means.append(f"{key} {number(found.mean())}")
        said.append(f"{visible(name)}: {', '.join(means)}")
    parts.append(text((left + right) / 2, height - 6, f"drop in {score}", "side", "middle"))
    title = f"By how much {score} drops when a column is shuffled"
    return picture("importance-picture", height, title, "; ".join(said) + ".", parts)


def learning_lines(learning: dict[str, Any], n_test: float, most: float | None) -> list[dict[str, float]]:
    """Mean score and 95 % interval at each number of training rows, the intervals corrected as everywhere.

    Parameters
    ----------
    learning : dict
        ``rows`` (n_sizes,) and ``scores`` (n_sizes, n_folds); folds without a score are nan.
    n_test : float
        Rows in a test fold.
    most : float or None
        The score of a perfect model, where intervals are cut.
    """
    lines = []
    for rows, scores in zip(np.asarray(learning["rows"]), np.asarray(learning["scores"], dtype=float), strict=True):
        found = scores[np.isfinite(scores)]
        if len(found) == 0:
            continue
        low, high = (float(found[0]),) * 2
        if len(found) > 1:
            low, high = correlated_posterior(found, n_test / float(rows)).interval()
        high = high if most is None else min(high, most)
        lines.append({"rows": float(rows), "mean": float(found.mean()), "low": low, "high": high})
    return lines


def learning_picture(lines: Mapping[str, Sequence[dict[str, float]]], score: str) -> Markup:
    """Score against training rows for both champions, with bands."""
    height = 360
    means = [one["mean"] for found in lines.values() for one in found]
    reach = (max(means) - min(means)) or 0.02
    # A first point from very few rows can have an interval so wide that it would flatten everything else.
    low = max(min(one["low"] for found in lines.values() for one in found), min(means) - reach)
    high = min(max(one["high"] for found in lines.values() for one in found), max(means) + reach)
    sizes = sorted({one["rows"] for found in lines.values() for one in found})
    logarithmic = len(sizes) > 1
    across = (sizes[0] * 0.93, sizes[-1] * 1.07) if logarithmic else (sizes[0] - 1, sizes[0] + 1)
    drawn = plot(across, padded(low, high), height=height, left=46, logarithmic=(logarithmic, False))
    shown = _apart(sizes, drawn.across)
    parts = drawn.frame("training rows", score, across_text=lambda value: f"{value:,.0f}", across_ticks=shown)
    for key in CHAMPIONS:
        rows = [one["rows"] for one in lines[key]]
        upper = drawn.at(rows, np.clip([one["high"] for one in lines[key]], drawn.up.low, drawn.up.high))
        lower = drawn.at(rows, np.clip([one["low"] for one in lines[key]], drawn.up.low, drawn.up.high))
        parts.append(band(upper, lower, f"band {key}"))
    for key in CHAMPIONS:
        points = drawn.at([one["rows"] for one in lines[key]], [one["mean"] for one in lines[key]])
        parts.append(path(points, f"series {key}"))
        parts += [marker(x, y, key) for x, y in points]
    described = ". ".join(
        f"The {key} champion: "
        + ", ".join(
            f"{one['rows']:,.0f} rows {number(one['mean'])} ({number(one['low'])} to {number(one['high'])})"
            for one in lines[key]
        )
        for key in CHAMPIONS
    )
    return picture("learning-picture", height, f"{score} against training rows", described + ".", parts)


def _apart(sizes: Sequence[float], axis: Axis) -> list[float]:
    """Those of the sizes whose numbers do not run into each other; the largest always."""
    kept: list[float] = []
    for size in sorted(sizes, reverse=True):
        if not kept or axis(kept[-1]) - axis(size) > 38:
            kept.append(size)
    return kept


def portrait_facts(record: Any) -> dict[str, Any] | None:
    """Both pictures; None where portraits were not taken."""
    if record.portraits is None:
        return None
    importance = {key: record.portraits[key]["importance"] for key in CHAMPIONS}
    n_test = len(record.predictions["row"]) / len(np.unique(record.predictions["fold"]))
    lines = {
        key: learning_lines(record.portraits[key]["learning"], n_test, record.score.get("most")) for key in CHAMPIONS
    }
    columns = {name for one in importance.values() for name in one["columns"]}
    return {
        "importance": importance_picture(importance, record.score["label"]) if columns else None,
        "left_out": max(0, len(columns) - MOST_COLUMNS),
        "learning": learning_picture(lines, record.score["label"]) if all(lines.values()) else None,
        "n_folds": np.asarray(record.portraits["quantum"]["learning"]["scores"]).shape[1],
    }
