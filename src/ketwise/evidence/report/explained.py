"""Diagnostics that explain and never decide: the kernel matrix, and the geometric difference along regularisations."""

from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.report.png import image, tinted
from ketwise.evidence.report.svg import WIDTH, line, path, picture, plot, rect, text
from ketwise.evidence.wording import number, percent, power_of_ten, quantity, shortened, significant, visible

QUANTUM_TINT = np.array([[110, 90, 220]])


def kernel_picture(kernel: dict[str, Any], classes: list[str]) -> Markup:
    """The kernel matrix of some rows sorted by the target, the fuller a cell the more alike its two rows."""
    matrix, truth = np.asarray(kernel["matrix"], dtype=float), np.asarray(kernel["truth"])
    size = len(matrix)
    low, high = float(matrix.min()), float(matrix.max())
    left, top, side = 74, 8, WIDTH - 84
    strength = (matrix - low) / (high - low) if high > low else np.full_like(matrix, 0.5)
    parts: list[str] = [image(tinted(QUANTUM_TINT, strength), left, top, side, side)]
    parts.append(f'<rect x="{left}" y="{top}" width="{side}" height="{side}" class="outline"/>')
    step = side / size
    if classes:
        starts = [0, *(np.flatnonzero(np.diff(truth)) + 1).tolist(), size]
        for begin, end in pairwise(starts):
            middle = top + step * (begin + end) / 2
            parts.append(text(left - 8, middle + 4, shortened(visible(classes[int(truth[begin])]), 10), "name", "end"))
            if begin:
                parts.append(line(left, top + step * begin, left + side, top + step * begin, "cut"))
                parts.append(line(left + step * begin, top, left + step * begin, top + side, "cut"))
        sorted_by = "grouped by class"
    else:
        parts.append(text(left - 8, top + 12, significant(float(truth[0])), "tick", "end"))
        parts.append(text(left - 8, top + side, significant(float(truth[-1])), "tick", "end"))
        sorted_by = "sorted by the target"
    scale_y = top + side + 18
    ramp = np.linspace(0, 1, 64)[None, :]
    parts.append(image(tinted(QUANTUM_TINT, ramp), left, scale_y, side, 10))
    parts.append(f'<rect x="{left}" y="{scale_y}" width="{side}" height="10" class="outline"/>')
    parts.append(text(left, scale_y + 26, number(low, 2), "tick"))
    parts.append(text(left + side, scale_y + 26, number(high, 2), "tick", "end"))
    parts.append(text(left + side / 2, scale_y + 26, "kernel value", "side", "middle"))
    described = (
        f"{size} training rows, {sorted_by}. Off the diagonal the values are {number(kernel['mean'])} on average with "
        f"a standard deviation of {number(kernel['sd'])}, from {number(kernel['least'])} to {number(kernel['most'])}."
    )
    return picture("kernel-picture", scale_y + 34, "Kernel matrix of the quantum champion", described, parts)


def geometry_picture(geometry: dict[str, Any]) -> Markup:
    """Geometric difference and both model complexities along the path of regularisations, on logarithmic axes."""
    height = 340
    strength = np.asarray(geometry["regularisation"], dtype=float)
    lines = {
        "difference": np.asarray(geometry["difference"], dtype=float),
        "quantum": np.asarray(geometry["s_quantum"], dtype=float),
        "classical": np.asarray(geometry["s_classical"], dtype=float),
    }
    root = float(np.sqrt(geometry["rows"]))
    usable = [value for found in lines.values() for value in found if np.isfinite(value) and value > 0] + [root]
    low, high = min(usable), max(usable)
    across = (float(strength.min()), float(strength.max()) * (1 if len(strength) > 1 else 10))
    drawn = plot(across, (low / 1.3, high * 1.3), height=height, left=46, right=78, logarithmic=(True, True))
    parts = drawn.frame("regularisation", "geometric difference g, complexities s", significant, significant)
    parts.append(line(drawn.across.start, drawn.up(root), drawn.across.end, drawn.up(root), "chance"))
    ends = [("√N", root)]
    for key, name in (("classical", "s classical"), ("quantum", "s quantum"), ("difference", "g")):
        good = np.isfinite(lines[key]) & (lines[key] > 0)
        if good.any():
            parts.append(path(drawn.at(strength[good], lines[key][good]), f"series {key}"))
            ends.append((name, float(lines[key][good][-1])))
    parts += _end_labels(ends, drawn.up, drawn.across.end + 8)
    shown = sorted({0, len(strength) // 2, len(strength) - 1})
    described = "; ".join(
        f"at {significant(float(strength[k]), 2)}: g {significant(float(lines['difference'][k]))}, s quantum "
        f"{significant(float(lines['quantum'][k]))}, s classical {significant(float(lines['classical'][k]))}"
        for k in shown
    )
    title = "Geometric difference and model complexities along the regularisation"
    return picture("geometry-picture", height, title, described + f". √N is {significant(root)}.", parts)


def _end_labels(ends: list[tuple[str, float]], up: Any, x: float) -> list[str]:
    """Names beside the ends of lines, moved apart where they would touch."""
    places = sorted((up(value) + 4, name) for name, value in ends)
    parts, last = [], -np.inf
    for y, name in places:
        last = max(y, last + 14)
        parts.append(text(x, last, name, "name"))
    return parts


def noise_picture(kernel: dict[str, Any], shots: int) -> Markup:
    """The spread of kernel values beside the noise that a device would add with so many shots."""
    most = max(kernel["sd"], kernel["shot_noise"]) or 1.0
    wide = WIDTH - 74
    parts = []
    for row, (name, value, cls) in enumerate(
        (
            ("spread of the kernel's values", kernel["sd"], "quantum"),
            (f"noise of {shots:,} shots", kernel["shot_noise"], "same"),
        )
    ):
        y = 12 + 40 * row
        parts.append(text(0, y, name, "name"))
        parts.append(rect(0, y + 7, max(1.0, wide * value / most), 11, f"bar {cls}"))
        parts.append(text(max(1.0, wide * value / most) + 7, y + 17, significant(value, 2), "value"))
    described = f"Standard deviation {significant(kernel['sd'])} against {significant(kernel['shot_noise'])}."
    return picture("noise-picture", 76, "Spread of the kernel against shot noise", described, parts)


def diagnosis_facts(record: Any) -> dict[str, Any] | None:
    """Pictures and facts of the diagnosis; None where none was made."""
    found = record.diagnosis
    if found is None:
        return None
    kernel, geometry = found["kernel"], found["geometry"]
    facts = []
    if kernel is not None:
        width = significant(kernel["rbf_gamma"])
        facts += [
            ("Pairs of rows whose value is below the noise", percent(kernel["share_below_noise"]), ""),
            (
                "Alignment with the labels",
                number(kernel["alignment_labels"]),
                f"the best RBF kernel: {number(kernel['rbf_alignment_labels'])}",
            ),
            (
                "Alignment with the best RBF kernel",
                number(kernel["alignment_rbf"]),
                f"of width γ = {width}; 1 is the same kernel",
            ),
        ]
    gradient, spectrum = found["gradient"], found["spectrum"]
    if gradient is not None:
        spread = f"of single parameters {significant(gradient['least'], 2)} to {significant(gradient['most'], 2)}"
        facts.append(("Variance of the gradient at the start", significant(gradient["mean"], 2), spread))
        facts.append(("Shots to see the gradient", quantity(gradient["shots_to_see"]), "a component, one row"))
    if spectrum is not None:
        size = spectrum["size"]
        bound = spectrum["log10_bound"]
        shown = (
            quantity(size)
            if size is not None
            else f"at most {power_of_ten(round(bound))}"
            if bound > 6
            else f"at most {10**bound:,.0f}"
        )
        facts.append(("Frequencies the model can use", shown, ""))
    return {
        "model": found["model"],
        "kernel": None if kernel is None else kernel_picture(kernel, record.task["classes"]),
        "noise": None if kernel is None else noise_picture(kernel, found["shots"]),
        "geometry": None if geometry is None else geometry_picture(geometry),
        "facts": facts,
        "says": [part["says"] for part in (geometry, gradient, spectrum) if part is not None],
        "engineered": found["engineered"],
        "remarks": found["remarks"],
    }
