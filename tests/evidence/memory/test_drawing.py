"""Curves that lie on each other, names beside curves, marks without colour, and values that no axis holds."""

import re
from pathlib import Path

import numpy as np
import pytest

from ketwise.evidence.memory import page
from ketwise.evidence.memory.bundles import HEIGHT, LETTER, MARK, Curve, bundled, label_places
from ketwise.evidence.memory.drawing import Series, curves_picture
from ketwise.evidence.memory.marks import mark, numbered
from ketwise.evidence.report.standing import overlap
from ketwise.evidence.report.svg import plot
from ketwise.evidence.wording import significant
from tests.evidence.report.markup import Page


def curve(name, side, *ys):
    return Curve(name, side, 0, [(10.0 * k, float(y)) for k, y in enumerate(ys)])


def test_curves_are_one_only_where_they_are_the_same_everywhere():
    found = bundled([curve("a", "quantum", 1, 50), curve("b", "classical", 2, 51), curve("c", "quantum", 1, 60)])
    assert [[one.name for one in bundle.curves] for bundle in found] == [["a", "b"], ["c"]]
    assert [bundle.side for bundle in found] == ["both", "quantum"]
    assert [bundle.label for bundle in found] == ["a +1", "c"]
    assert len(bundled([curve("a", "quantum", 1, 2), curve("b", "quantum", 1, 2, 3)])) == 2


def test_no_two_methods_have_the_same_mark():
    shapes = {side: {mark(50, 50, side, which) for which in range(7)} for side in ("quantum", "classical")}
    assert len(shapes["quantum"]) == len(shapes["classical"]) == 7
    style = (Path(page.__file__).parent / "memory.css").read_text("utf-8")
    assert ".mark.quantum { fill: var(--quantum)" in style  # full
    assert ".mark.classical { fill: var(--paper)" in style  # hollow
    assert numbered(["quantum", "classical", "quantum"]) == [0, 0, 1]


def test_names_do_not_cover_each_other_and_stay_inside():
    rng = np.random.default_rng(0)
    frame = (40.0, 20.0, 360.0, 280.0)
    for _ in range(20):
        lines = [[(50.0 + 30 * k, float(y)) for k, y in enumerate(np.sort(rng.uniform(30, 270, 10)))] for _ in range(6)]
        names = ["m" * int(n) for n in rng.integers(4, 18, 6)]
        boxes = []
        for name, place in zip(names, label_places(names, lines, frame), strict=True):
            if place is not None:
                right = place[0] + MARK + LETTER * len(name)
                boxes.append((place[0], place[1] + 3 - HEIGHT, right, place[1] + 3))
        assert len(boxes) >= 3
        assert all(box[0] >= 39 and box[2] <= 361 and box[1] >= 19 and box[3] <= 281 for box in boxes)
        assert all(overlap(a, b) < 1 for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_name_stands_by_its_own_curve():
    lines = [[(50.0, 60.0), (340.0, 60.0)], [(50.0, 220.0), (340.0, 220.0)]]
    (_, upper), (_, lower) = label_places(["upper", "lower"], lines, (40.0, 20.0, 360.0, 280.0))
    assert abs(upper - 60) < 25
    assert abs(lower - 220) < 25


def test_values_off_the_axes_are_said_and_not_drawn():
    drawn = plot((0.0, 1.0), (1.0, 100.0), logarithmic=(False, True))
    series = [
        Series("a", "quantum", 0, [0.0, 0.5, 1.0], [10.0, 1e9, np.inf], [1.0, 1.0, np.nan]),
        Series("b", "classical", 0, [0.0, 0.5, 1.0], [np.nan] * 3),
    ]
    found = curves_picture("x", drawn, series, [], "title", significant)
    Page(str(found.svg))
    assert found.beyond == ["a, up to ∞"]
    assert [one["names"] for one in found.key] == [["a"]]
    assert str(found.svg).count('class="error quantum"') == 1
    assert not re.search(r'="[^"]*(nan|inf)', str(found.svg))


def test_both_sides_on_one_line_are_seen_as_both():
    drawn = plot((0.0, 1.0), (0.0, 1.0))
    series = [
        Series(name, side, 0, [0.0, 0.5, 1.0], [1.0, 1.0, 0.0]) for name, side in (("q", "quantum"), ("c", "classical"))
    ]
    found = curves_picture("x", drawn, series, [], "title", significant)
    svg = str(found.svg)
    assert 'class="series quantum"' in svg
    assert 'class="series classical"' in svg
    assert 'class="mark quantum"' in svg
    assert 'class="mark classical"' in svg
    assert [one["names"] for one in found.key] == [["q", "c"]]


def test_limits_are_lines_across():
    drawn = plot((0.02, 2.0), (0.0, 1.0), logarithmic=(True, False))
    found = curves_picture("x", drawn, [], [], "title", significant, [0.138])
    (x,) = re.findall(r'<line x1="([\d.]+)"[^>]*class="limit"', str(found.svg))
    assert float(x) == pytest.approx(drawn.across(0.138), abs=0.06)
