"""The answer as a picture: how large the difference may be, and the three shares of its probability."""

from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.inference.posterior import Distribution
from ketwise.evidence.report.standing import signed
from ketwise.evidence.report.svg import WIDTH, Axis, area, circle, line, path, picture, rect, text
from ketwise.evidence.wording import number


def posterior_picture(posterior: Distribution, rope: float, score: str, kind: str) -> Markup:
    """The posterior of the difference, the region of practical equivalence shaded, the 95 % interval below."""
    height, base, top = 236, 164, 22
    low, high = posterior.interval()
    wide_low, wide_high = _reach(posterior)
    reach_low, reach_high = min(wide_low, -1.5 * rope, 0.0), max(wide_high, 1.5 * rope, 0.0)
    pad = 0.04 * (reach_high - reach_low) or 0.01
    axis = Axis(reach_low - pad, reach_high + pad, 14, WIDTH - 14)
    parts = []
    if rope > 0:
        parts.append(rect(axis(-rope), top - 8, axis(rope) - axis(-rope), base - top + 8, "rope"))
    points = np.unique(np.append(np.linspace(axis.low, axis.high, 241), np.linspace(low, high, 81)))
    density = posterior.density(points)
    tallest = float(density.max())
    if tallest > 0:
        for cls, left, right in (("classical", axis.low, -rope), ("same", -rope, rope), ("quantum", rope, axis.high)):
            inside = np.unique(np.clip(np.append(points, [left, right]), left, right))
            tall = posterior.density(inside) / tallest * (base - top)
            if len(inside) > 1:
                parts.append(area([axis(x) for x in inside], base - tall, base, f"area {cls}"))
        outline = [(axis(x), base - y / tallest * (base - top)) for x, y in zip(points, density, strict=True)]
        parts.append(path(outline, "curve"))
    else:
        parts.append(line(axis(posterior.mean), top, axis(posterior.mean), base, "curve"))
    parts.append(line(axis(0), top - 8, axis(0), base, "zero"))
    parts.append(line(14, base, WIDTH - 14, base, "axis"))
    for tick in axis.ticks():
        parts.append(line(axis(tick), base, axis(tick), base + 4, "axis"))
        parts.append(text(axis(tick), base + 18, signed(tick, axis.digits()), "tick", "middle"))
    bar = base + 34
    parts.append(line(axis(low), bar, axis(high), bar, "interval"))
    parts.append(circle(axis(posterior.mean), bar, 4.5, "mean"))
    parts.append(text(14, height - 10, "← classical better", "side"))
    parts.append(text(WIDTH - 14, height - 10, "quantum better →", "side", "end"))
    described = (
        f"{kind} with mean {number(posterior.mean, 4)}. The 95 % interval runs from {number(low, 4)} "
        f"to {number(high, 4)}. Differences between −{rope:g} and {rope:g} are shaded: too small to matter."
    )
    title = f"How large the difference in {score} may be, quantum minus classical"
    return picture("posterior", height, title, described, parts)


def _reach(posterior: Distribution) -> tuple[float, float]:
    """What is worth showing: 99 % of the probability, less where tails are so heavy that the middle would vanish."""
    low, high = posterior.interval()
    wide_low, wide_high = posterior.interval(0.99)
    return (wide_low, wide_high) if wide_high - wide_low < 2 * (high - low) else posterior.interval(0.97)


def shares(probabilities: dict[str, float]) -> list[dict[str, Any]]:
    """The bar below the posterior: widths in thousandths of three parts that fill it."""
    parts = [
        ("classical", "classical better", probabilities["worse"]),
        ("same", "too close to matter", probabilities["same"]),
        ("quantum", "quantum better", probabilities["better"]),
    ]
    widths = [round(1000 * share) for _, _, share in parts]
    widths[int(np.argmax(widths))] += 1000 - sum(widths)
    starts = np.cumsum([0, *widths[:2]]).tolist()
    return [
        {"side": side, "label": label, "share": share, "width": width, "start": start}
        for (side, label, share), width, start in zip(parts, widths, starts, strict=True)
    ]
