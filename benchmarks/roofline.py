"""Draws which part of the machine's limit the engine reaches, from the JSON lines of a run, as a self-contained SVG.

Across: the number of qubits, and with it the memory that a core works in. Up: the share of the multiply-add peak. The
curves are roofs: no engine whose every pass applies the gates of one qubit (or of three) can be above, because of the
bytes that a pass reads and writes at the speed of that memory, measured in the same run.

    python benchmarks/roofline.py build/benchmarks/bench.jsonl --out docs/roofline.svg
"""

import argparse
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import counts
from case import OURS, PRECISION
from qnn_gradient import SHARES
from table import best, read

#: Bytes of a row of the state: 64 of real and 64 of imaginary parts, one sample a lane, in either precision.
ROW = 128
#: A pair of amplitudes in float32, read and written: bytes of one state. float64 doubles them, and halves the peak.
PAIR = 2 * 2 * 8
WIDTH, HEIGHT, LEFT, GAP, TOP, FLOOR = 760, 380, 46, 52, 56, 300
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #222 }
.title { font-size: 14px; font-weight: 600 } .small { font-size: 11px; fill: #555 }
.grid { stroke: #ddd } .axis { stroke: #222 } .goal { stroke: #222; stroke-dasharray: 2 4 }
.roof { fill: none; stroke-width: 2 } .one { stroke: #b4541a } .three { stroke: #2a7f62 }
.complex64 { fill: #1f4e9e; stroke: #1f4e9e } .complex128 { fill: #fff; stroke: #1f4e9e; stroke-width: 2 }
.line { fill: none; stroke: #1f4e9e; stroke-opacity: 0.35 }
"""


@dataclass(frozen=True)
class Work:
    """What a rotation does to a pair of amplitudes in one scenario."""

    scenario: str
    title: str
    flops: int
    states: int  # that a pass of the part with most bytes has open, and a core works in

    @property
    def bytes(self) -> int:
        """Read and written for a pair, all passes of a rotation together: in reverse two states are open."""
        return PAIR * (1 if self.states == 1 else 3)


WORKS = (
    Work("QNN forward", "Forward pass", counts.MATRIX, 1),
    Work("QNN gradient", "Gradient", 3 * counts.MATRIX + counts.OVERLAPS, 2),
)


def speed(bandwidth: Sequence[Sequence[float]], kibibytes: float) -> float:
    """GB/s for a block of memory, between the measured sizes on a logarithmic scale."""
    at = math.log(kibibytes)
    for (low, slow), (high, fast) in pairwise((math.log(size), rate) for size, rate in bandwidth):
        if low <= at <= high:
            return slow + (at - low) / (high - low) * (fast - slow)
    return bandwidth[0][1] if kibibytes < bandwidth[0][0] else bandwidth[-1][1]


def roof(work: Work, n_qubits: float, qubits_a_pass: int, bandwidth: Sequence[Sequence[float]], peak: float) -> float:
    """Highest share of the peak that the bytes of the passes allow."""
    kibibytes = work.states * ROW * 2**n_qubits / 1024
    return min(1.0, qubits_a_pass * work.flops / work.bytes * speed(bandwidth, kibibytes) / peak)


def panel(work: Work, left: float, width: float, machine: dict[str, Any], cases: Sequence[dict[str, Any]]) -> list[str]:
    """Axes, roofs and points of one kind of work."""
    mine = sorted((case for case in cases if case["scenario"] == work.scenario), key=lambda case: case["n_qubits"])
    if not mine:
        return []
    low, high = mine[0]["n_qubits"] - 0.5, mine[-1]["n_qubits"] + 0.5

    def x(n: float) -> float:
        return left + (n - low) / (high - low) * width

    def y(share: float) -> float:
        return FLOOR - min(share, 1.1) / 1.1 * (FLOOR - TOP)

    parts = [text(left, TOP - 14, work.title, "title")]
    for tenth in (0, 2, 4, 6, 8, 10):
        parts += [line(left, y(tenth / 10), left + width, y(tenth / 10), "grid")]
        parts += [text(left - 6, y(tenth / 10) + 4, f"{10 * tenth}%", "small", "end")]
    for case in mine:
        n = case["n_qubits"]
        parts += [text(x(n), FLOOR + 16, str(n), "", "middle")]
        parts += [text(x(n), FLOOR + 30, memory(work.states * ROW * 2**n), "small", "middle")]
    parts += [line(left, FLOOR, left + width, FLOOR, "axis")]
    goal = SHARES[work.scenario]
    parts += [line(left, y(goal), left + width, y(goal), "goal"), text(left + 4, y(goal) - 4, "goal", "small")]
    peaks = [
        limits["all_cores"]["complex64"]
        for case in mine
        for limits in [case["peak_gflops"].get(machine["isa"])]
        if limits
    ]
    peak = statistics.median(peaks) if peaks else None
    if machine["bandwidth"] and peak:
        steps = [low + k * (high - low) / 60 for k in range(61)]
        for qubits, cls in ((1, "one"), (3, "three")):
            shares = [roof(work, n, qubits, machine["bandwidth"], peak) for n in steps]
            parts.append(path(zip(map(x, steps), map(y, shares), strict=True), f"roof {cls}"))
    for dtype in PRECISION:
        rows = [(case["n_qubits"], best(case["rows"], OURS, dtype)) for case in mine]
        points = [(x(n), y(row["share"])) for n, row in rows if row and row["share"] is not None]
        parts.append(path(points, "line"))
        parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4.5" class="{dtype}"/>' for px, py in points]
    return parts


def picture(machine: dict[str, Any], cases: Sequence[dict[str, Any]]) -> str:
    """The whole SVG."""
    width = (WIDTH - LEFT - GAP - 14) / 2
    parts = panel(WORKS[0], LEFT, width, machine, cases)
    parts += panel(WORKS[1], LEFT + width + GAP, width, machine, cases)
    entries: list[tuple[str, Callable[[float], str]]] = [
        ("float32", lambda at: f'<circle cx="{at:.0f}" cy="352" r="4.5" class="complex64"/>'),
        ("float64", lambda at: f'<circle cx="{at:.0f}" cy="352" r="4.5" class="complex128"/>'),
        ("roof: one qubit a pass", lambda at: line(at - 10, 352, at + 8, 352, "roof one")),
        ("roof: three qubits a pass", lambda at: line(at - 10, 352, at + 8, 352, "roof three")),
    ]
    for at, (words, mark) in zip((60, 150, 250, 430), entries, strict=True):
        parts += [mark(at), text(at + 14, 356, words, "")]
    parts += [
        text(LEFT - 40, 20, "share of the multiply-add peak", ""),
        text(WIDTH - 14, 20, machine["processor"], "small", "end"),
    ]
    parts += [text(WIDTH - 14, 374, "across: qubits, and the memory that a core works in", "small", "end")]
    described = "Measured share of the peak by number of qubits, below the roofs that memory sets."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>Roofline of the batched engine</title><desc>{described}</desc><style>{STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def memory(size: float) -> str:
    """Bytes in short."""
    return f"{size / 1024:.0f} KiB" if size < 2**20 else f"{size / 2**20:.0f} MiB"


def text(x: float, y: float, words: str, cls: str, anchor: str = "start") -> str:
    """Words; what has a meaning in SVG is escaped."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{cls}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, cls: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{cls}"/>'


def path(points: Iterable[tuple[float, float]], cls: str) -> str:
    """A line through points; nothing without any."""
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{steps}" class="{cls}"/>' if steps else ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="JSON lines of a run, or of its parts")
    parser.add_argument("--out", type=Path, default=Path("docs/roofline.svg"))
    options = parser.parse_args()
    options.out.write_text(picture(*read(options.runs)), "utf-8")
    print(options.out)
