"""The pictures of the report as SVG: coloured by the page's style sheet, deterministic, each with its text in words."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.inference.correlated import Posterior
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, TWIN
from ketwise.evidence.wording import number, seconds, shortened, visible

WIDTH = 400
SHAPES = {QUANTUM: "quantum", TWIN: "twin", CLASSICAL: "classical"}


@dataclass(frozen=True)
class Axis:
    """From values to pixels, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round values inside the range."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)
            return [10.0**power for power in powers]
        rough = (self.high - self.low) / most
        unit = 10 ** math.floor(math.log10(rough))
        step = unit * next(factor for factor in (1, 2, 5, 10) if factor * unit >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        return [round(index * step, 12) for index in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def digits(self) -> int:
        """Decimals that tell the ticks apart."""
        ticks = self.ticks()
        step = ticks[1] - ticks[0] if len(ticks) > 1 else self.high - self.low
        return max(0, -math.floor(math.log10(step) + 1e-9))


def posterior_picture(posterior: Posterior, rope: float, score: str) -> Markup:
    """The posterior of the difference, with the region of practical equivalence shaded and the 95 % interval below."""
    height, base, top = 236, 164, 22
    low, high = posterior.interval()
    wide_low, wide_high = posterior.interval(0.99 if posterior.degrees > 3 else 0.97)
    reach_low, reach_high = min(wide_low, -1.5 * rope, 0.0), max(wide_high, 1.5 * rope, 0.0)
    pad = 0.04 * (reach_high - reach_low) or 0.01
    axis = Axis(reach_low - pad, reach_high + pad, 14, WIDTH - 14)
    parts = []
    if rope > 0:
        parts.append(_rect(axis(-rope), top - 8, axis(rope) - axis(-rope), base - top + 8, "rope"))
    points = np.linspace(axis.low, axis.high, 321)
    density = posterior.density(points)
    if density.max() > 0:
        for cls, left, right in (("classical", axis.low, -rope), ("same", -rope, rope), ("quantum", rope, axis.high)):
            inside = np.unique(np.clip(np.append(points, [left, right]), left, right))
            tall = posterior.density(inside) / posterior.density(posterior.mean) * (base - top)
            if len(inside) > 1:
                parts.append(_area([axis(x) for x in inside], base - tall, base, f"area {cls}"))
        outline = [
            (axis(x), base - y / float(posterior.density(posterior.mean)) * (base - top))
            for x, y in zip(points, density, strict=True)
        ]
        parts.append(_path(outline, "curve"))
    else:
        parts.append(_line(axis(posterior.mean), top, axis(posterior.mean), base, "curve"))
    parts.append(_line(axis(0), top - 8, axis(0), base, "zero"))
    parts.append(_line(14, base, WIDTH - 14, base, "axis"))
    for tick in axis.ticks():
        parts.append(_line(axis(tick), base, axis(tick), base + 4, "axis"))
        parts.append(_text(axis(tick), base + 18, _signed(tick, axis.digits()), "tick", "middle"))
    bar = base + 34
    parts.append(_line(axis(low), bar, axis(high), bar, "interval"))
    parts.append(_circle(axis(posterior.mean), bar, 4.5, "mean"))
    parts.append(_text(14, height - 10, "← classical better", "side", "start"))
    parts.append(_text(WIDTH - 14, height - 10, "quantum better →", "side", "end"))
    described = (
        f"Student's t with mean {number(posterior.mean, 4)}. The 95 % interval runs from {number(low, 4)} "
        f"to {number(high, 4)}. "
        f"Differences between −{rope:g} and {rope:g} are shaded: too small to matter."
    )
    return _svg(
        height, f"How large the difference in {score} may be, quantum minus classical", described, parts, "posterior"
    )


def scores_picture(models: Sequence[dict[str, Any]], score: str) -> Markup:
    """Mean outer score of every model with its 95 % interval and the score of every fold, best first."""
    ordered = sorted(models, key=lambda model: -model["mean"])
    shown, outside = _in_view(ordered)
    row, top, left, right = 37, 4, 8, WIDTH - 8
    floor = top + row * len(ordered) + 4
    height = floor + 38
    lows = [min(model["interval"][0], min(model["scores"])) for model in shown]
    highs = [max(model["interval"][1], max(model["scores"])) for model in shown]
    pad = 0.02 * (max(highs) - min(lows)) or 0.01
    axis = Axis(min(lows) - pad, max(highs) + pad, left, right)
    parts = []
    for tick in axis.ticks(5):
        parts.append(_line(axis(tick), top, axis(tick), floor, "grid"))
        parts.append(_text(axis(tick), floor + 15, number(tick, axis.digits()), "tick", "middle"))
    for index, model in enumerate(ordered):
        words, y = top + row * index + 13, top + row * index + 25
        cls = SHAPES[model["side"]]
        parts.append(_text(0, words, shortened(visible(model["name"]), 44), "name halo", "start"))
        parts.append(_text(WIDTH, words, number(model["mean"]), "value halo", "end"))
        if model in outside:
            parts.append(_text(0, y + 4, "◂ off the picture", "tick", "start"))
            continue
        parts.append(_line(axis(model["interval"][0]), y, axis(model["interval"][1]), y, f"whisker {cls}"))
        parts += [_circle(axis(value), y, 2.2, f"fold {cls}") for value in model["scores"]]
        parts.append(_marker(axis(model["mean"]), y, cls))
    parts.append(_text((left + right) / 2, height - 5, score, "side", "middle"))
    described = "; ".join(
        f"{visible(model['name'])} {number(model['mean'])} ({number(low)} to {number(high)})"
        for model in ordered
        for low, high in [model["interval"]]
    )
    return _svg(
        height, f"{score} of every model on rows it had not seen, with 95 % intervals", described + ".", parts, "scores"
    )


def time_picture(models: Sequence[dict[str, Any]], fit_seconds: dict[str, float], score: str) -> Markup:
    """Mean outer score against the seconds of one fit, with the line of the models that nothing beats in both."""
    ordered = sorted(models, key=lambda model: -model["mean"])
    shown, outside = _in_view(ordered)
    height, top, left, right, floor = 372, 12, 44, WIDTH - 8, 372 - 46
    times = [max(fit_seconds[model["name"]], 1e-5) for model in shown]
    across = Axis(min(times) / 2, max(times) * 2, left, right, logarithmic=True)
    means = [model["mean"] for model in shown]
    pad = 0.1 * (max(means) - min(means)) or 0.01
    up = Axis(min(means) - pad, max(means) + pad, floor, top)
    parts = []
    for tick in up.ticks(5):
        parts.append(_line(left, up(tick), right, up(tick), "grid"))
        parts.append(_text(left - 6, up(tick) + 4, number(tick, up.digits()), "tick", "end"))
    for tick in across.ticks():
        parts.append(_line(across(tick), floor, across(tick), floor + 4, "axis"))
        parts.append(_text(across(tick), floor + 18, seconds(tick), "tick", "middle"))
    parts.append(_line(left, floor, right, floor, "axis"))
    places = [(across(t), up(mean)) for t, mean in zip(times, means, strict=True)]
    parts.append(_path(_front(places), "front"))
    names = [shortened(visible(model["name"]), 34) for model in shown]
    labels: list[str] = []
    markers: list[str] = []
    for model, name, (x, y), (label_x, label_y, anchor) in zip(
        shown, names, places, _place(names, places), strict=True
    ):
        if abs(label_y - y) > 6:
            parts.append(_line(x, y, label_x, label_y + (2 if label_y < y else -2), "leader"))
        labels.append(_text(label_x, label_y + 4, name, "name halo", anchor))
        markers.append(_marker(x, y, SHAPES[model["side"]]))
    parts += labels + markers
    parts.append(_text((left + right) / 2, height - 8, "seconds of one fit, one processor", "side", "middle"))
    described = "; ".join(
        f"{visible(m['name'])}: {number(m['mean'])} in {seconds(fit_seconds[m['name']])}" for m in ordered
    )
    if outside:
        described += ". Far below and not in the picture: " + ", ".join(visible(model["name"]) for model in outside)
    return _svg(height, f"{score} against the time of one fit", described + ".", parts, "time")


def _in_view(ordered: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Models to be drawn to scale, and those so far below that they would leave the others less than half the width."""
    for count in range(2, len(ordered)):
        above, below = ordered[:count], ordered[count:]
        span = max(m["interval"][1] for m in above) - min(m["interval"][0] for m in above)
        if above[-1]["mean"] - below[0]["mean"] > span > 0:
            return above, below
    return ordered, []


def _front(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Steps through the points that no other beats in both time and score (pixels: up is small)."""
    steps: list[tuple[float, float]] = []
    for x, y in sorted(places):
        if not steps or y < steps[-1][1]:
            steps += [(x, steps[-1][1]), (x, y)] if steps else [(x, y)]
    return steps


def _place(names: Sequence[str], places: Sequence[tuple[float, float]]) -> list[tuple[float, float, str]]:
    """A label's ``(x, y, anchor)`` for every point: beside it, or as near as it is clear of points and labels."""
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in places]
    found = []
    for name, (x, y) in zip(names, places, strict=True):
        width = 6.6 * len(name)
        choices = []
        for down in (0, -15, 15, -30, 30, -45, 45, -60, 60, -75, 75):
            for anchor, label_x in (("start", x + 10), ("end", x - 10)):
                left = label_x if anchor == "start" else label_x - width
                box = (left, y + down - 7, left + width, y + down + 7)
                outside = max(0.0, 46 - box[0]) + max(0.0, box[2] - WIDTH + 2) + max(0.0, 8 - box[1])
                choices.append(
                    (sum(map(_overlap, taken, [box] * len(taken))) + 50 * outside, box, label_x, y + down, anchor)
                )
        _, box, label_x, label_y, anchor = min(choices, key=lambda choice: choice[0])
        taken.append(box)
        found.append((label_x, label_y, anchor))
    return found


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Area that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _signed(value: float, digits: int) -> str:
    return ("+" if value > 0 else "") + number(value, digits) if value else "0"


def _svg(height: float, title: str, described: str, parts: Iterable[str], name: str) -> Markup:
    return Markup(
        f'<svg class="picture" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(visible(title))}</title><desc id="{name}-desc">{escape(described)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, cls: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{cls}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, cls: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{cls}"/>'


def _rect(x: float, y: float, width: float, height: float, cls: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{cls}"/>'


def _circle(x: float, y: float, radius: float, cls: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{cls}"/>'


def _marker(x: float, y: float, cls: str) -> str:
    """A disc for classical, a diamond for quantum, a hollow diamond without entanglement: told apart without colour."""
    if cls == "classical":
        return _circle(x, y, 4.6, "marker classical")
    return (
        f'<path d="M{x:.1f} {y - 6.2:.1f}L{x + 6.2:.1f} {y:.1f}L{x:.1f} {y + 6.2:.1f}L{x - 6.2:.1f} {y:.1f}Z" '
        f'class="marker {cls}"/>'
    )


def _path(points: Iterable[tuple[float, float]], cls: str) -> str:
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{steps}" class="{cls}"/>'


def _area(xs: Sequence[float], ys: Iterable[float], base: float, cls: str) -> str:
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<path d="M{xs[0]:.1f} {base:.1f}L{steps}L{xs[-1]:.1f} {base:.1f}Z" class="{cls}"/>'
