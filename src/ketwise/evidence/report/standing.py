"""How all models stand: their scores with intervals, and their scores against the time of a fit."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ketwise.evidence.report.svg import (
    WIDTH,
    Axis,
    circle,
    dots,
    line,
    marker,
    padded,
    path,
    picture,
    plot,
    shape,
    text,
)
from ketwise.evidence.wording import number, seconds, shortened, visible


def scores_picture(models: Sequence[dict[str, Any]], score: str) -> Markup:
    """Mean outer score of every model with its 95 % interval and the score of every fold, best first."""
    ordered = sorted(models, key=lambda model: -model["mean"])
    shown, outside = _in_view(ordered)
    row, top, left, right = 36, 4, 8, WIDTH - 8
    floor = top + row * len(ordered) + 4
    height = floor + 38
    lows = [min(model["interval"][0], min(model["scores"])) for model in shown]
    highs = [max(model["interval"][1], max(model["scores"])) for model in shown]
    axis = Axis(*padded(min(lows), max(highs), 0.02), left, right)
    parts = []
    for tick in axis.ticks(5):
        parts.append(line(axis(tick), top, axis(tick), floor, "grid"))
        parts.append(text(axis(tick), floor + 15, number(tick, axis.digits(5)), "tick", "middle"))
    for index, model in enumerate(ordered):
        words, y = top + row * index + 13, top + row * index + 25
        cls = shape(model["side"])
        parts.append(text(0, words, shortened(visible(model["name"]), 42), "name halo"))
        parts.append(text(WIDTH, words, number(model["mean"]), "value halo", "end"))
        if model in outside:
            parts.append(text(0, y + 4, "◂ off the picture", "tick"))
            continue
        parts.append(line(axis(model["interval"][0]), y, axis(model["interval"][1]), y, f"whisker {cls}"))
        parts.append(dots([(axis(value), y) for value in model["scores"]], f"fold {cls}"))
        parts.append(marker(axis(model["mean"]), y, cls))
    parts.append(text((left + right) / 2, height - 5, score, "side", "middle"))
    described = "; ".join(
        f"{visible(model['name'])} {number(model['mean'])} ({number(low)} to {number(high)})"
        for model in ordered
        for low, high in [model["interval"]]
    )
    title = f"{score} of every model on rows it had not seen, with 95 % intervals"
    return picture("scores-picture", height, title, described + ".", parts)


def time_picture(models: Sequence[dict[str, Any]], fit_seconds: Mapping[str, float], score: str) -> Markup:
    """Mean outer score against the seconds of one fit, with the line of the models that nothing beats in both."""
    ordered = sorted((m for m in models if m["name"] in fit_seconds), key=lambda model: -model["mean"])
    means = [model["mean"] for model in ordered]
    shown = _near(means)
    height = 400
    times = [max(fit_seconds[model["name"]], 1e-5) for model in ordered]
    drawn = plot(
        (min(times) / 2, max(times) * 2),
        padded(means[shown - 1], means[0], 0.1),
        height=height,
        left=46,
        logarithmic=(True, False),
    )
    parts = drawn.frame("one fit, on one processor", score, across_text=seconds)
    places = drawn.at(times[:shown], means[:shown])
    parts.append(path(_front(places), "front"))
    places += [(drawn.across(spent), drawn.up.start - 9) for spent in times[shown:]]
    names = [shortened(visible(model["name"]), 30) for model in ordered]
    names[shown:] = [f"{name} {number(mean)}" for name, mean in zip(names[shown:], means[shown:], strict=True)]
    labels, markers = [], []
    for index, ((x, y), (label_x, label_y, anchor)) in enumerate(
        zip(places, place_labels(names, places, drawn.up.start), strict=True)
    ):
        if abs(label_y - y) > 6:
            parts.append(line(x, y, label_x, label_y + (2 if label_y < y else -2), "leader"))
        labels.append(text(label_x, label_y + 4, names[index], "name halo", anchor))
        far = text(x, y + 4, "▾", "name", "middle")
        markers.append(marker(x, y, shape(ordered[index]["side"])) if index < shown else far)
    parts += labels + markers
    described = "; ".join(
        f"{visible(m['name'])}: {number(m['mean'])} in {seconds(fit_seconds[m['name']])}" for m in ordered
    )
    if shown < len(ordered):
        described += ". Far below the picture: " + ", ".join(visible(model["name"]) for model in ordered[shown:])
    return picture("time-picture", height, f"{score} against the time of one fit", described + ".", parts)


def forest_picture(lines: Sequence[dict[str, Any]], champion: str, rope: float, score: str) -> Markup:
    """The quantum champion minus each of its ablations, with 95 % intervals, the margin that does not matter shaded."""
    row, top, left, right = 42, 6, 8, WIDTH - 8
    floor = top + row * len(lines) + 2
    height = floor + 56
    ends = [value for one in lines for value in (*one["difference"]["interval"], one["difference"]["mean"])]
    axis = Axis(*padded(min(*ends, -1.5 * rope), max(*ends, 1.5 * rope)), left, right)
    parts = []
    if rope > 0:
        width = axis(rope) - axis(-rope)
        parts.append(f'<rect x="{axis(-rope):.1f}" y="{top}" width="{width:.1f}" height="{floor - top}" class="rope"/>')
    for tick in axis.ticks(5):
        parts.append(line(axis(tick), floor, axis(tick), floor + 4, "axis"))
        parts.append(text(axis(tick), floor + 17, signed(tick, axis.digits(5)), "tick", "middle"))
    parts.append(line(axis(0), top, axis(0), floor, "zero"))
    parts.append(line(left, floor, right, floor, "axis"))
    for index, one in enumerate(lines):
        words, y = top + row * index + 15, top + row * index + 29
        low, high = one["difference"]["interval"]
        parts.append(text(0, words, shortened(visible(one["name"]), 42), "name"))
        parts.append(text(WIDTH, words, _exactly(one["difference"]["mean"]), "value", "end"))
        parts.append(line(axis(low), y, axis(high), y, "interval"))
        parts.append(circle(axis(one["difference"]["mean"]), y, 4.5, "mean"))
    parts.append(text(0, height - 8, "← the ablation is better", "side"))
    parts.append(text(WIDTH, height - 8, "the champion is better →", "side", "end"))
    described = "; ".join(
        f"against {visible(one['name'])} {number(one['difference']['mean'])} "
        f"({number(one['difference']['interval'][0])} to {number(one['difference']['interval'][1])})"
        for one in lines
    )
    title = f"{score} of {visible(champion)} minus that of each ablation, with 95 % intervals"
    return picture("ablations-picture", height, title, described + ".", parts)


def signed(value: float, digits: int) -> str:
    """A difference: with its sign, and a plain 0 for nothing."""
    words = number(value, digits)
    return "0" if not words.strip("−0.") else "+" + words if value > 0 else words


def _exactly(difference: float) -> str:
    words = number(difference)
    return "+" + words if difference > 0 and words.strip("0.") else words


def _in_view(ordered: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Models to be drawn to scale, and those so far below that they would leave the others less than half the width."""
    for count in range(2, len(ordered)):
        above, below = ordered[:count], ordered[count:]
        span = max(m["interval"][1] for m in above) - min(m["interval"][0] for m in above)
        if above[-1]["mean"] - below[0]["mean"] > span > 0:
            return above, below
    return ordered, []


def _near(means: Sequence[float]) -> int:
    """How many of the means (best first) are drawn to scale: not the few far below, which would flatten the others."""
    for count in range(len(means) - 1, max(2, len(means) // 2) - 1, -1):
        if means[count - 1] - means[count] > 3 * (means[0] - means[count - 1]) > 0:
            return count
    return len(means)


def _front(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Steps through the points that no other beats in both time and score (pixels: up is small)."""
    steps: list[tuple[float, float]] = []
    for x, y in sorted(places):
        if not steps or y < steps[-1][1]:
            steps += [(x, steps[-1][1]), (x, y)] if steps else [(x, y)]
    return steps


def place_labels(
    names: Sequence[str], places: Sequence[tuple[float, float]], floor: float = math.inf
) -> list[tuple[float, float, str]]:
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
                outside = max(0.0, 48 - box[0]) + max(0.0, box[2] - WIDTH + 2) + max(0.0, 8 - box[1])
                outside += max(0.0, box[3] - floor)
                shared = sum(overlap(other, box) for other in taken)
                choices.append((shared + 50 * outside, box, label_x, y + down, anchor))
        _, box, label_x, label_y, anchor = min(choices, key=lambda choice: choice[0])
        taken.append(box)
        found.append((label_x, label_y, anchor))
    return found


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Area that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
