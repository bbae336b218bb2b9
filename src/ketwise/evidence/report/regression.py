"""How both champions predict numbers: predicted against true values, and how far they are off."""

from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.report.ranking import CHAMPIONS
from ketwise.evidence.report.svg import WIDTH, Axis, dots, line, padded, picture, plot, rect, text
from ketwise.evidence.wording import number, percent, significant

MOST_POINTS = 500


def predicted_picture(truth: np.ndarray, predicted: np.ndarray, key: str, limits: tuple[float, float]) -> Markup:
    """Predicted against true values on equal axes; what lies on the diagonal is right."""
    drawn = plot(limits, limits, height=360, left=52)
    shown = np.linspace(0, len(truth) - 1, min(MOST_POINTS, len(truth))).round().astype(int)
    parts = drawn.frame("true", "predicted", significant, significant)
    parts.append(
        line(drawn.across(limits[0]), drawn.up(limits[0]), drawn.across(limits[1]), drawn.up(limits[1]), "chance")
    )
    inside = np.clip(predicted, *limits)
    parts.append(dots(drawn.at(truth[shown], inside[shown]), f"cloud {key}"))
    described = f"Correlation {number(_correlation(truth, predicted))} on {len(truth)} rows."
    return picture(f"predicted-{key}", 360, f"Predicted against true values, {key} champion", described, parts)


def residual_picture(residuals: dict[str, np.ndarray]) -> Markup:
    """How often both champions are off by how much: quantum upwards, classical downwards, with their quartiles."""
    height, middle, tall = 300, 124, 104
    everything = np.concatenate(list(residuals.values()))
    reach = float(np.quantile(np.abs(everything), 0.995)) or 1.0
    edges = np.linspace(-reach, reach, 42)
    counts = {key: np.histogram(np.clip(values, -reach, reach), edges)[0] for key, values in residuals.items()}
    most = max(int(found.max()) for found in counts.values())
    axis, up = Axis(-reach, reach, 10, WIDTH - 10), Axis(0, most, 0, tall)
    parts = [line(axis(0), 16, axis(0), middle + tall + 4, "zero")]
    for key, sign in (("quantum", -1), ("classical", 1)):
        for left, right, count in zip(edges[:-1], edges[1:], counts[key], strict=True):
            if count:
                x, high = axis(left) + 0.5, max(up(count), 0.8)
                top = middle - high if sign < 0 else middle
                parts.append(rect(x, top, axis(right) - axis(left) - 1, high, f"bar {key}"))
        low, half, high = np.clip(np.quantile(residuals[key], [0.25, 0.5, 0.75]), -reach, reach)
        y = middle + sign * (tall + 8)
        parts.append(line(axis(low), y, axis(high), y, f"whisker {key}"))
        parts.append(line(axis(half), y - 4, axis(half), y + 4, f"median {key}"))
    floor = middle + tall + 20
    parts.append(line(10, middle, WIDTH - 10, middle, "axis"))
    for tick in axis.ticks(5):
        parts.append(line(axis(tick), floor, axis(tick), floor + 4, "axis"))
        parts.append(text(axis(tick), floor + 17, significant(tick), "tick", "middle"))
    parts.append(line(10, floor, WIDTH - 10, floor, "axis"))
    parts.append(text(WIDTH / 2, height - 8, "predicted − true", "side", "middle"))
    described = ". ".join(
        f"The {key} champion is off by at most {significant(float(np.quantile(np.abs(values), 0.5)))} in half of the "
        f"rows and by at most {significant(float(np.quantile(np.abs(values), 0.9)))} in 90 %"
        for key, values in residuals.items()
    )
    return picture("residual-picture", height, "How far both champions are off", described + ".", parts)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else 0.0


def regression_facts(record: Any) -> dict[str, Any]:
    """Pictures, and errors in units of the target."""
    predictions = record.predictions
    truth = np.asarray(predictions["truth"], dtype=float)
    predicted = {key: np.asarray(predictions[key]["values"], dtype=float)[:, 0] for key in CHAMPIONS}
    spread = padded(float(truth.min()), float(truth.max()), 0.06)
    residuals = {key: values - truth for key, values in predicted.items()}
    return {
        "pictures": {key: predicted_picture(truth, values, key, spread) for key, values in predicted.items()},
        "residuals": residual_picture(residuals),
        "left_out": max(0, len(truth) - MOST_POINTS),
        "rows": [
            (name, {key: significant(float(of(values))) for key, values in residuals.items()})
            for name, of in (
                ("root mean squared error", lambda off: np.sqrt(np.mean(off**2))),
                ("mean absolute error", lambda off: np.mean(np.abs(off))),
                ("off by at most this in half of the rows", lambda off: np.quantile(np.abs(off), 0.5)),
                ("off by at most this in 90 % of the rows", lambda off: np.quantile(np.abs(off), 0.9)),
                ("mean of predicted − true", np.mean),
            )
        ]
        + [
            (
                "share of the variance explained",
                {key: percent(max(0.0, 1 - float(np.mean(off**2) / np.var(truth)))) for key, off in residuals.items()},
            )
        ],
    }
