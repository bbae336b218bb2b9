"""How both champions do class by class: confusion matrices, and whether stated probabilities come true."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.report.ranking import CHAMPIONS, percent_tick
from ketwise.evidence.report.svg import WIDTH, Axis, line, marker, path, picture, plot, rect, text
from ketwise.evidence.wording import number, percent, shortened, visible

#: More classes than this are drawn without numbers in the cells.
MOST_NUMBERED = 10
N_BINS = 10


def confusion(truth: np.ndarray, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts of shape (true class, predicted class)."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    np.add.at(counts, (truth, labels), 1)
    return counts


def confusion_picture(counts: np.ndarray, classes: Sequence[str], key: str) -> Markup:
    """A confusion matrix; a cell is the fuller the larger its share of its row."""
    n = len(classes)
    short, brief = n <= 3, n <= 20 and max(len(str(name)) for name in classes) <= 3
    left, top = (76 if short else 40 if brief else 112), 40
    cell = min(78.0, (WIDTH - left - 4) / n)
    width = cell * n
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    parts = [text(left, 12, "predicted", "side"), text(0, 12 if brief and not short else top - 9, "true", "side")]
    for place, name in enumerate(classes):
        numbered = str(name) if short or brief else f"{place + 1}  {name}"
        parts.append(text(0, top + cell * (place + 0.5) + 4, shortened(visible(numbered), int(left / 6.8)), "name"))
        if short or n <= 20:
            named = shortened(visible(str(name)), max(3, int(cell / 7)))
            words = named if short or brief else str(place + 1)
            parts.append(text(left + cell * (place + 0.5), top - 9, words, "name" if short else "tick", "middle"))
    for i in range(n):
        for j in range(n):
            x, y = left + cell * j, top + cell * i
            right = "right" if i == j else "wrong"
            if counts[i, j]:
                parts.append(rect(x, y, cell, cell, f"cell {key}", 0.06 + 0.5 * float(shares[i, j])))
            if n <= MOST_NUMBERED:
                shown = counts[i, j] or n <= 4
                middle = y + cell / 2 + (-1 if short else 4)
                if shown:
                    parts.append(text(x + cell / 2, middle, f"{counts[i, j]:,}", f"count {right}", "middle"))
                if short:
                    parts.append(text(x + cell / 2, y + cell / 2 + 16, percent(shares[i, j]), "share", "middle"))
    parts.append(f'<rect x="{left}" y="{top}" width="{width:.1f}" height="{width:.1f}" class="outline"/>')
    for place in range(n):
        parts.append(f'<rect x="{left + cell * place:.1f}" y="{top + cell * place:.1f}" width="{cell:.1f}" '
                     f'height="{cell:.1f}" class="outline right"/>')  # fmt: skip
    said = "; ".join(
        f"of {counts[i].sum()} rows of {visible(str(classes[i]))}, {counts[i, i]} are recognised" for i in range(n)
    )
    return picture(f"confusion-{key}", top + width + 4, f"Confusion matrix of the {key} champion", said + ".", parts)


def confused_most(counts: np.ndarray, classes: Sequence[str], most: int = 3) -> list[tuple[str, str, int]]:
    """The most frequent mistakes: true class, class it was taken for, how often."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [np.unravel_index(place, wrong.shape) for place in order]
    return [(str(classes[i]), str(classes[j]), int(wrong[i, j])) for i, j in pairs if wrong[i, j]]


def reliability(stated: np.ndarray, happened: np.ndarray) -> list[dict[str, float]]:
    """Bins of equal width with rows: mean stated probability, observed share, its 95 % Wilson interval, and rows.

    Wilson, J. Am. Stat. Assoc. 22, 209 (1927).
    """
    places = np.minimum((stated * N_BINS).astype(int), N_BINS - 1)
    bins = []
    for place in range(N_BINS):
        inside = places == place
        rows = int(inside.sum())
        if rows == 0:
            continue
        share, z2 = float(happened[inside].mean()), 1.959964**2
        middle = (share + z2 / (2 * rows)) / (1 + z2 / rows)
        half = np.sqrt(z2 * (share * (1 - share) / rows + z2 / (4 * rows * rows))) / (1 + z2 / rows)
        bins.append(
            {
                "bin": place,
                "stated": float(stated[inside].mean()),
                "share": share,
                "low": max(0.0, float(middle - half)),
                "high": min(1.0, float(middle + half)),
                "rows": rows,
            }
        )
    return bins


def reliability_picture(bins: dict[str, list[dict[str, float]]], stated_of: str) -> Markup:
    """Stated probability against what happened for both champions, with a strip of how many rows were told what."""
    height = 440
    drawn = plot((0.0, 1.0), (0.0, 1.0), height=350)
    parts = drawn.frame(f"stated: probability of {stated_of}", "how often it was so", percent_tick, percent_tick)
    parts.append(line(drawn.across(0), drawn.up(0), drawn.across(1), drawn.up(1), "chance"))
    for key in CHAMPIONS:
        for one in bins[key]:
            x = drawn.across(one["stated"])
            parts.append(line(x, drawn.up(one["low"]), x, drawn.up(one["high"]), f"whisker thin {key}"))
    for key in CHAMPIONS:
        points = drawn.at([one["stated"] for one in bins[key]], [one["share"] for one in bins[key]])
        parts.append(path(points, f"series light {key}"))
        parts += [marker(x, y, key) for x, y in points]
    most = max(one["rows"] for found in bins.values() for one in found)
    for key, base, sign in (("quantum", 396, -1), ("classical", 398, 1)):
        tall = Axis(0, most, 0, 32)
        for one in bins[key]:
            left, right = drawn.across(one["bin"] / N_BINS) + 1, drawn.across((one["bin"] + 1) / N_BINS) - 1
            high = max(tall(one["rows"]), 0.8)
            parts.append(rect(left, base - high if sign < 0 else base, right - left, high, f"bar {key}"))
    parts.append(text(0, 400, "rows", "side"))
    described = ". ".join(
        f"The {key} champion: "
        + ", ".join(
            f"stated {percent(o['stated'])}, so in {percent(o['share'])} of {o['rows']} rows" for o in bins[key]
        )
        for key in CHAMPIONS
    )
    title = f"Do the stated probabilities of {visible(stated_of)} come true"
    return picture("calibration-picture", height, title, described + ".", parts)


def brier(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Brier's score: mean squared distance of the probabilities from what happened, 0 to 2 (two classes: halved)."""
    happened = np.eye(probabilities.shape[1])[truth]
    whole = float(np.mean(np.sum((probabilities - happened) ** 2, axis=1)))
    return whole / 2 if probabilities.shape[1] == 2 else whole


def class_facts(record: Any) -> dict[str, Any]:
    """Confusion matrices with the most frequent mistakes."""
    predictions, classes = record.predictions, record.task["classes"]
    truth = np.asarray(predictions["truth"], dtype=int)
    found = {}
    for key in CHAMPIONS:
        counts = confusion(truth, np.asarray(predictions[key]["labels"], dtype=int), len(classes))
        found[key] = {
            "picture": confusion_picture(counts, classes, key),
            "right": float(np.trace(counts) / max(counts.sum(), 1)),
            "mistakes": confused_most(counts, classes) if len(classes) > 2 else [],
        }
    return found


def calibration_facts(record: Any) -> dict[str, Any] | None:
    """The reliability picture and Brier scores from calibrated probabilities; None without them."""
    portraits, classes = record.portraits, record.task["classes"]
    if portraits is None or any(portraits[key]["probabilities"] is None for key in CHAMPIONS):
        return None
    truth = np.asarray(record.predictions["truth"], dtype=int)
    given = {key: np.asarray(portraits[key]["probabilities"], dtype=float) for key in CHAMPIONS}
    two = len(classes) == 2
    bins = {}
    for key, found in given.items():
        sure = found[:, 1] if two else found.max(axis=1)
        happened = truth == 1 if two else found.argmax(axis=1) == truth
        bins[key] = reliability(sure, happened)
    stated_of = shortened(visible(classes[1]), 24) if two else "the class it names"
    return {
        "picture": reliability_picture(bins, stated_of),
        "brier": {key: number(brier(found, truth)) for key, found in given.items()},
    }
