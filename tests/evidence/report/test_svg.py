"""Axes, labels and the text of pictures."""

import re

import numpy as np
import pytest

from ketwise.evidence.inference.posterior import Draws, Posterior
from ketwise.evidence.report.answer import posterior_picture, shares
from ketwise.evidence.report.standing import overlap, place_labels, signed, time_picture
from ketwise.evidence.report.svg import Axis, dots, padded, text
from tests.evidence.report.markup import Page


@pytest.mark.parametrize(("low", "high"), [(0.98, 1.002), (-3.0, 7.0), (0.123, 0.124), (-1e-6, 1e-6)])
def test_ticks_are_round_inside_and_told_apart(low, high):
    axis = Axis(low, high, 0, 100)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 8
    assert all(low <= tick <= high for tick in ticks)
    assert len({f"{tick:.{axis.digits()}f}" for tick in ticks}) == len(ticks)
    assert axis(low) == 0
    assert axis(high) == pytest.approx(100)


@pytest.mark.parametrize(("low", "high"), [(1e-5, 40.0), (0.9, 1.3), (1e-12, 1e9), (3.0, 17.0), (1e-300, 1e300)])
def test_logarithmic_ticks_are_round_and_few(low, high):
    ticks = Axis(low, high, 0, 100, logarithmic=True).ticks(5)
    assert 1 <= len(ticks) <= 8
    for tick in ticks:
        assert low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)
        assert f"{tick:.6e}"[:8] in ("1.000000", "2.000000", "3.000000", "5.000000")


def test_a_range_is_never_empty():
    for low, high in ((0.0, 0.0), (1.0, 1.0), (-5.0, -5.0), (0.1, 0.2)):
        wide_low, wide_high = padded(low, high)
        assert wide_low < low <= high < wide_high


def test_words_are_escaped_and_what_is_unseen_is_shown():
    drawn = text(1, 2, "<b>&\u202e\x00", "name")
    assert "&lt;b&gt;&amp;��" in drawn
    assert dots([], "x") == '<path d="" class="dots x"/>'


def test_any_posterior_can_be_drawn():
    rng = np.random.default_rng(0)
    for posterior in (
        Posterior(0.0, 0.0, 9),
        Posterior(0.3, 0.0, 2),
        Posterior(-2.0, 5.0, 1),
        Posterior(1e-6, 1e-7, 9),
        Posterior(0.1, 0.01, np.inf),
        Draws(0.1, rng.normal(0.1, 0.02, 500)),
        Draws(0.1, np.full(10, 0.1)),
    ):
        for rope in (0.0, 0.01, 5.0):
            drawn = str(posterior_picture(posterior, rope, "score", "a posterior"))
            Page(drawn)
            assert "nan" not in drawn


def test_the_curve_of_a_normal_posterior_has_its_half_width():
    # The density falls to half of its peak at 1.17741 standard deviations.
    drawn = str(posterior_picture(Posterior(0.0, 0.01, np.inf), 0.0, "score", "normal"))
    steps = re.search(r'<path d="M([^"]*)" class="curve"', drawn).group(1)
    points = np.array([pair.split() for pair in steps.split("L")], dtype=float)
    base, top = 164.0, points[:, 1].min()
    high = points[points[:, 1] < (base + top) / 2, 0]
    bar = re.search(r'<line x1="([\d.]+)" y1="198.0" x2="([\d.]+)"', drawn)
    interval = float(bar.group(2)) - float(bar.group(1))
    assert (high.max() - high.min()) / interval == pytest.approx(1.17741 / 1.95996, rel=0.02)


def test_shares_fill_the_bar():
    for worse, same in ((0.0, 1.0), (0.3333, 0.3333), (0.0004, 0.0004), (0.5, 0.4999)):
        parts = shares({"worse": worse, "same": same, "better": 1 - worse - same})
        assert sum(part["width"] for part in parts) == 1000
        assert parts[1]["start"] == parts[0]["width"]


def test_labels_do_not_cover_each_other():
    rng = np.random.default_rng(1)
    for _ in range(20):
        places = [(float(x), float(y)) for x, y in zip(rng.uniform(50, 350, 9), rng.uniform(20, 320, 9), strict=True)]
        names = ["m" * int(n) for n in rng.integers(5, 20, 9)]
        boxes = []
        for (x, y, anchor), name in zip(place_labels(names, places), names, strict=True):
            left = x if anchor == "start" else x - 6.6 * len(name)
            boxes.append((left, y - 7, left + 6.6 * len(name), y + 7))
        assert sum(overlap(a, b) > 0 for i, a in enumerate(boxes) for b in boxes[:i]) <= 1


def test_the_front_joins_what_nothing_beats():
    seconds = {"fast": 0.01, "slow": 1.0, "beaten": 1.0}
    models = [
        {"name": name, "mean": mean, "interval": [mean - 0.01, mean + 0.01], "side": "classical"}
        for name, mean in (("fast", 0.8), ("slow", 0.9), ("beaten", 0.7))
    ]
    drawn = str(time_picture(models, seconds, "score"))
    steps = re.search(r'<path d="M([^"]*)" class="front"', drawn).group(1).split("L")
    assert len(steps) == 3
    discs = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)
    assert [f"{float(x):g} {float(y):g}" for x, y in (discs[1], discs[0])] == [steps[0], steps[2]]


def test_differences_have_their_sign():
    assert [signed(value, 2) for value in (0.014, -0.014, 0.0, -0.0001)] == ["+0.01", "−0.01", "0", "0"]


def test_a_model_far_below_does_not_flatten_the_others():
    models = [
        {"name": name, "mean": mean, "side": "classical"} for name, mean in (("a", 0.99), ("b", 0.98), ("dummy", 0.5))
    ]
    drawn = str(time_picture(models, {"a": 0.1, "b": 0.01, "dummy": 0.001}, "score"))
    assert drawn.count("<circle") == 2
    assert ">dummy 0.500</text>" in drawn
    assert "Far below the picture: dummy" in drawn
    near = [dict(model, mean=0.9 + 0.01 * k) for k, model in enumerate(models)]
    assert str(time_picture(near, {"a": 0.1, "b": 0.01, "dummy": 0.001}, "score")).count("<circle") == 3
