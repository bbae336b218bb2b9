"""Curves that lie on each other, drawn as one: which they are, and where their names go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]

#: Pixels by which curves may differ that are drawn as one.
TOGETHER = 3.0
#: Width of a letter and of the sign before a name, and height of a line of text.
LETTER, MARK, HEIGHT = 6.4, 26.0, 13.0
#: A name with more than this in its way is left to the key below the picture.
MOST_COST = 26.0


@dataclass(frozen=True)
class Curve:
    """One method's numbers in one picture.

    Attributes
    ----------
    name, side : str
    which : int
        Its shape: see :func:`~ketwise.evidence.memory.marks.mark`.
    points : list of (float, float)
        Pixels, from left to right.
    errors : list of (float, float)
        Ends of the error bars, pixels upwards; empty for none.
    """

    name: str
    side: str
    which: int
    points: list[tuple[float, float]]
    errors: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Bundle:
    """Curves that are the same to within :data:`TOGETHER`; the first is drawn for all."""

    curves: list[Curve]

    @property
    def side(self) -> str:
        """Of all curves, or "both"."""
        sides = {curve.side for curve in self.curves}
        return sides.pop() if len(sides) == 1 else "both"

    @property
    def label(self) -> str:
        """The first name, and how many more there are."""
        more = len(self.curves) - 1
        return self.curves[0].name + (f" +{more}" if more else "")


def bundled(curves: Sequence[Curve]) -> list[Bundle]:
    """Put every curve with the first one that it does not differ from.

    Examples
    --------
    >>> flat = [Curve(name, "quantum", 0, [(0.0, y), (9.0, y)]) for name, y in (("a", 5.0), ("b", 50.0), ("c", 6.0))]
    >>> [bundle.label for bundle in bundled(flat)]
    ['a +1', 'b']
    """
    found: list[Bundle] = []
    for curve in curves:
        for bundle in found:
            if _same(bundle.curves[0].points, curve.points):
                bundle.curves.append(curve)
                break
        else:
            found.append(Bundle([curve]))
    return found


def _same(a: Sequence[tuple[float, float]], b: Sequence[tuple[float, float]]) -> bool:
    if [x for x, _ in a] != [x for x, _ in b]:
        return False
    return all(abs(one - other) <= TOGETHER for (_, one), (_, other) in zip(a, b, strict=True))


def label_places(
    labels: Sequence[str], lines: Sequence[Sequence[tuple[float, float]]], frame: Box
) -> list[tuple[float, float] | None]:
    """Where the name of every line starts ``(x, y)``: near it, clear of lines and other names; None where nowhere is.

    Parameters
    ----------
    labels : sequence of str
    lines : sequence of sequences of (float, float)
        Pixels.
    frame : (left, top, right, bottom)
        Where names may stand.
    """
    dense = [_dense(line) for line in lines]
    taken = np.zeros((0, 4))
    found: list[tuple[float, float] | None] = [None] * len(labels)
    for index in sorted(range(len(labels)), key=lambda k: -len(labels[k])):
        boxes, at = _candidates(dense[index], MARK + LETTER * len(labels[index]) + 3)
        costs = _costs(boxes, dense, index, taken, frame) + _shared(dense, index)[at]
        best = int(np.argmin(costs))
        if costs[best] < MOST_COST:
            taken = np.vstack([taken, boxes[best]])
            found[index] = (float(boxes[best, 0]), float(boxes[best, 3]) - 3.0)
    return found


def _candidates(line: Array, width: float) -> tuple[Array, NDArray[np.intp]]:
    """Boxes ``(n, 4)`` above, below and beside points of a line (left, top, right, bottom), and which points."""
    downs = np.array([-11.0, 13.0, -19.0, 21.0, 0.0])
    starts = np.array([-width / 2, 9.0, -9.0 - width])
    x, down, start = (part.ravel() for part in np.meshgrid(np.arange(len(line)), downs, starts, indexing="ij"))
    x = x.astype(np.intp)
    keep = (down != 0.0) | (start != -width / 2)
    left, middle = (line[x, 0] + start)[keep], (line[x, 1] + down)[keep]
    return np.column_stack([left, middle - HEIGHT / 2, left + width, middle + HEIGHT / 2]), x[keep]


def _shared(dense: Sequence[Array], own: int) -> Array:
    """What it costs to stand by a point ``(n_points,)`` where other lines run too: there a name says little."""
    found = np.zeros(len(dense[own]))
    for index, line in enumerate(dense):
        if index != own:
            gaps = np.hypot(*(dense[own][:, np.newaxis] - line).transpose(2, 0, 1)).min(axis=1)
            found += 6.0 * (gaps < 5.0)
    return found


def _costs(boxes: Array, dense: Sequence[Array], own: int, taken: Array, frame: Box) -> Array:
    """What lies under each box: names and the edge cost most, then other lines, then its own; and other lines near."""
    left, top, right, bottom = boxes.T
    costs: Array = 20.0 * (
        np.maximum(0.0, frame[0] - left)
        + np.maximum(0.0, frame[1] - top)
        + np.maximum(0.0, right - frame[2])
        + np.maximum(0.0, bottom - frame[3])
    )
    for box in taken:
        wide = np.minimum(right, box[2]) - np.maximum(left, box[0])
        tall = np.minimum(bottom, box[3]) - np.maximum(top, box[1])
        costs += 5.0 * np.maximum(0.0, wide) * np.maximum(0.0, tall + 1.0)
    away = []
    for index, line in enumerate(dense):
        across = np.maximum(0.0, np.maximum(left[:, np.newaxis] - line[:, 0], line[:, 0] - right[:, np.newaxis]))
        up = np.maximum(0.0, np.maximum(top[:, np.newaxis] - line[:, 1], line[:, 1] - bottom[:, np.newaxis]))
        distance = np.hypot(across, up)
        away.append(distance.min(axis=1))
        margin, weight = (1.0, 4.0) if index == own else (3.0, 6.0)
        costs += weight * np.count_nonzero(distance < margin, axis=1)
    others = [each for index, each in enumerate(away) if index != own]
    if others:
        # As near to another line as to its own, a name would be read as that one's.
        costs += np.maximum(0.0, 16.0 - (np.min(others, axis=0) - away[own]))
    return costs + away[own] / 4


def _dense(line: Sequence[tuple[float, float]]) -> Array:
    """Points every six pixels along a line."""
    found = [line[0]]
    for (x1, y1), (x2, y2) in pairwise(line):
        steps = max(1, math.ceil(math.hypot(x2 - x1, y2 - y1) / 6))
        found += [(x1 + (x2 - x1) * k / steps, y1 + (y2 - y1) * k / steps) for k in range(1, steps + 1)]
    return np.array(found, dtype=np.float64)
