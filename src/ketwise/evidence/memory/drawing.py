"""A picture of many curves: bundles with marks, error bars and names, lines that mark a limit, and a key."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from ketwise.evidence.memory.bundles import MARK, Bundle, Curve, bundled, label_places
from ketwise.evidence.memory.marks import mark, sign
from ketwise.evidence.report.svg import Plot, line, path, picture, text
from ketwise.evidence.wording import shortened, visible

Numbers = Sequence[float]


@dataclass(frozen=True)
class Series:
    """One method's numbers, before they are pixels."""

    name: str
    side: str
    which: int
    xs: Numbers
    ys: Numbers
    errors: Numbers = field(default_factory=tuple)


@dataclass(frozen=True)
class Drawn:
    """A picture with its key, signs and names of each bundle, and what is too large for it, in words."""

    svg: Markup
    key: list[dict[str, Any]]
    beyond: list[str]


def curves_picture(
    name: str,
    plot: Plot,
    series: Sequence[Series],
    frame: Sequence[str],
    title: str,
    said: Callable[[float], str],
    limits: Sequence[float] = (),
) -> Drawn:
    """Draw the series.

    Parameters
    ----------
    name : str
        An id.
    plot : Plot
    series : sequence of Series
        Values that are no numbers, or off the axes, are left out.
    frame : sequence of str
        Grid and axes.
    title : str
    said : callable
        A value in words, for those who listen.
    limits : sequence of float
        Values across at which a line is drawn.
    """
    bundles = bundled([curve for one in series if (curve := _curve(plot, one)).points])
    parts = list(frame)
    parts += [line(plot.across(at), plot.up.start, plot.across(at), plot.up.end, "limit") for at in limits]
    for bundle in bundles:
        parts += _drawn(bundle)
    labels = [shortened(visible(bundle.label), 26) for bundle in bundles]
    lines = [bundle.curves[0].points for bundle in bundles]
    box = (plot.across.start + 2, plot.up.end - 2, plot.across.end + 8, plot.up.start - 1)
    for bundle, words, place in zip(bundles, labels, label_places(labels, lines, box), strict=True):
        if place is not None:
            first, (x, y) = bundle.curves[0], place
            parts += [line(x + 1, y - 4, x + MARK - 5, y - 4, f"series {first.side}")]
            parts += [mark(x + MARK / 2 - 2, y - 4, first.side, first.which), text(x + MARK, y, words, "name halo")]
    height = plot.up.start + 44
    described = "; ".join(f"{one.name}: {_in_words(one, said)}" for one in series)
    return Drawn(
        picture(name, height, title, f"{described}.", parts),
        [
            {
                "signs": [sign(curve.side, curve.which) for curve in bundle.curves],
                "names": [curve.name for curve in bundle.curves],
            }
            for bundle in bundles
        ],
        [
            f"{one.name}, up to {said(max(above))}"
            for one in series
            if (above := [y for y in one.ys if y > plot.up.high and not math.isnan(y)])
        ],
    )


def _curve(plot: Plot, one: Series) -> Curve:
    """The part of a series that lies between the axes."""
    points, errors = [], []
    for index, (x, y) in enumerate(zip(one.xs, one.ys, strict=True)):
        if not math.isfinite(y) or not plot.up.low <= y <= plot.up.high:
            continue
        points.append((plot.across(x), plot.up(y)))
        error = one.errors[index] if len(one.errors) else math.nan
        if math.isfinite(error) and error > 0:
            low, high = max(plot.up.low, y - error), min(plot.up.high, y + error)
            errors.append((plot.up(low), plot.up(high)))
        else:
            errors.append((plot.up(y), plot.up(y)))
    return Curve(one.name, one.side, one.which, points, errors)


def _drawn(bundle: Bundle) -> list[str]:
    """Its line, solid for quantum and dashed for classical methods, one over the other for both; bars; marks."""
    first, side = bundle.curves[0], bundle.side
    sides = ["quantum", "classical"] if side == "both" else [side]
    parts = [path(first.points, f"series {one}") for one in sides] if len(first.points) > 1 else []
    for (x, _), (low, high) in zip(first.points, first.errors, strict=True):
        if abs(low - high) > 1:
            parts.append(line(x, low, x, high, f"error {first.side}"))
    # The marks of all that lie here, in turn.
    turns = [bundle.curves[index % len(bundle.curves)] for index in range(len(first.points))]
    marks = [mark(x, y, curve.side, curve.which) for (x, y), curve in zip(first.points, turns, strict=True)]
    return parts + marks


def _in_words(one: Series, said: Callable[[float], str]) -> str:
    return ", ".join(f"{said(y)} at {x:.3g}" for x, y in zip(one.xs, one.ys, strict=True))
