"""Decision maps for data with two columns: what both champions would predict at every point, and the rows on top."""

from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.report.png import image, tinted
from ketwise.evidence.report.ranking import CHAMPIONS
from ketwise.evidence.report.svg import Plot, picture, plot, text
from ketwise.evidence.wording import shortened, significant, visible

#: Eight colours that differ for all common kinds of colour vision (Okabe and Ito), without those of the two sides.
CLASS_TINTS = np.array(
    [
        [86, 180, 233],
        [230, 159, 0],
        [0, 158, 115],
        [204, 121, 167],
        [120, 120, 130],
        [0, 114, 178],
        [213, 94, 0],
        [200, 190, 40],
    ]
)
SCORE_TINT = np.array([[0, 140, 150]])
MOST_POINTS = 400


def map_picture(found: dict[str, Any], key: str, classes: list[str]) -> Markup:
    """The map of one champion; classes are told apart by the shapes of their points as well as by tint."""
    x, y = np.asarray(found["x"], dtype=float), np.asarray(found["y"], dtype=float)
    values, points = np.asarray(found[key], dtype=float), np.asarray(found["points"], dtype=float)
    truth = np.asarray(found["truth"])
    height = 366
    drawn = plot((float(x[0]), float(x[-1])), (float(y[0]), float(y[-1])), height=height, left=52)
    left, top = drawn.across.start, drawn.up.end
    wide, tall = drawn.across.end - left, drawn.up.start - top
    # Rows of an image run downwards, the map's upwards; half a step lies outside the outermost grid points.
    upright = values[::-1]
    if len(classes) > 2:
        which = upright.astype(int) % len(CLASS_TINTS)
        data, borders = tinted(CLASS_TINTS, np.full(upright.shape, 0.4), which), upright
    elif classes:
        data, borders = tinted(SCORE_TINT, 0.8 * upright), upright >= 0.5
    else:
        low, high = _limits(found)
        data, borders = tinted(SCORE_TINT, 0.85 * (upright - low) / ((high - low) or 1.0)), None
    parts: list[str] = [image(data, left, top, wide, tall)]
    if borders is not None:
        parts.append(_borders(borders, left, top, wide, tall))
    parts += [
        part
        for part in drawn.frame(found["columns"][0], found["columns"][1], significant, significant)
        if "grid" not in part
    ]
    chosen = np.linspace(0, len(points) - 1, min(MOST_POINTS, len(points))).round().astype(int)
    shown = [k for k in chosen if x[0] <= points[k, 0] <= x[-1] and y[0] <= points[k, 1] <= y[-1]]
    parts += _points(drawn, points[shown], truth[shown], len(classes))
    if borders is not None:
        parts += _region_names(borders.astype(int), classes, left, top, wide, tall)
    described = (
        f"The predictions of the {key} champion over {visible(found['columns'][0])} and "
        f"{visible(found['columns'][1])}, with {len(shown)} rows as points."
    )
    return picture(f"map-{key}", height, f"Decision map of the {key} champion", described, parts)


def _limits(found: dict[str, Any]) -> tuple[float, float]:
    everything = np.concatenate([np.asarray(found[key], dtype=float).ravel() for key in CHAMPIONS])
    return float(everything.min()), float(everything.max())


def _borders(labels: np.ndarray, left: float, top: float, wide: float, tall: float) -> str:
    """Lines between neighbouring pixels of different classes, joined where they run on."""
    rows, columns = labels.shape
    dx, dy = wide / columns, tall / rows
    steps = []
    for i, changes in enumerate(labels[1:] != labels[:-1], start=1):
        for begin, end in _runs(changes):
            steps.append(f"M{left + begin * dx:.1f} {top + i * dy:.1f}H{left + end * dx:.1f}")
    for j, changes in enumerate((labels[:, 1:] != labels[:, :-1]).T, start=1):
        for begin, end in _runs(changes):
            steps.append(f"M{left + j * dx:.1f} {top + begin * dy:.1f}V{top + end * dy:.1f}")
    return f'<path d="{"".join(steps)}" class="border"/>' if steps else ""


def _region_names(
    labels: np.ndarray, classes: list[str], left: float, top: float, wide: float, tall: float
) -> list[str]:
    """The name of every class that is predicted somewhere, in the middle of where there is most room for it."""
    from scipy.ndimage import distance_transform_edt

    rows, columns = labels.shape
    parts = []
    for code in np.unique(labels):
        # Beyond the picture there is no room either, and words need more of it across than upwards.
        room = distance_transform_edt(np.pad(labels == code, 1), sampling=(1.0, 0.45))[1:-1, 1:-1]
        i, j = np.unravel_index(int(np.argmax(room)), room.shape)
        name = shortened(visible(classes[code]), 16)
        half = 3.4 * len(name) + 3
        x = min(max(left + (j + 0.5) * wide / columns, left + half), left + wide - half)
        parts.append(text(x, top + (i + 0.5) * tall / rows + 4, name, "region", "middle"))
    return parts


def _runs(marked: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


_OUTLINES = (
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
    "m-2.8-2.8h5.6v5.6h-5.6z",
    "m0-3.6l3.6 6.2h-7.2z",
    "m0-3.8l3.8 3.8l-3.8 3.8l-3.8-3.8z",
    "m-1-3.4h2v2.4h2.4v2h-2.4v2.4h-2v-2.4h-2.4v-2h2.4z",
    "m0 3.6l3.6-6.2h-7.2z",
)


def outline(code: int) -> str:
    """The shape of a class's points, to be placed after a ``M x y``: six of them, hollow and then filled."""
    return _OUTLINES[code % len(_OUTLINES)]


def point_style(code: int, n_classes: int) -> str:
    """Hollow or filled: of two classes the second is filled, of many those after the sixth."""
    return "filled" if (code == 1 if n_classes == 2 else code // len(_OUTLINES) % 2) else "hollow"


def _points(drawn: Plot, points: np.ndarray, truth: np.ndarray, n_classes: int) -> list[str]:
    if n_classes == 0:
        steps = "".join(f"M{x:.1f} {y:.1f}{_OUTLINES[0]}" for x, y in drawn.at(points[:, 0], points[:, 1]))
        return [f'<path d="{steps}" class="point hollow"/>']
    parts = []
    for code in np.unique(truth.astype(int)):
        mine = points[truth.astype(int) == code]
        steps = "".join(f"M{x:.1f} {y:.1f}{outline(code)}" for x, y in drawn.at(mine[:, 0], mine[:, 1]))
        parts.append(f'<path d="{steps}" class="point {point_style(code, n_classes)}"/>')
    return parts


def map_key(classes: list[str]) -> list[dict[str, str]]:
    """What the points' shapes mean."""
    return [
        {"name": shortened(visible(name), 30), "path": f"M7 7{outline(code)}", "style": point_style(code, len(classes))}
        for code, name in enumerate(classes)
    ]


def map_facts(record: Any) -> dict[str, Any] | None:
    """Both maps and the key; None where the data has other than two columns or no map was made."""
    found = record.decision_map
    if found is None:
        return None
    classes = list(record.task["classes"])
    scale = None
    if not classes:
        low, high = _limits(found)
        scale = f"from {significant(low)} (clear) to {significant(high)} (full)"
    return {
        "pictures": {key: map_picture(found, key, classes) for key in CHAMPIONS},
        "key": map_key(classes),
        "two": len(classes) == 2,
        "scale": scale,
        "left_out": max(0, len(found["points"]) - MOST_POINTS),
    }
