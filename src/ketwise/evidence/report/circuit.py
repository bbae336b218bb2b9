"""The circuit of the quantum champion as a diagram, made from its text drawing: one picture a block of columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from ketwise.evidence.report.svg import circle, line, picture, rect, text
from ketwise.evidence.wording import shortened, visible

#: A diagram is broken after about so many units, and cut after so many pictures.
BLOCK_WIDTH = 900
MOST_BLOCKS = 4
ROW = 34


@dataclass
class Column:
    """What happens at one time: labels by qubit, and between which neighbours a line joins them."""

    labels: dict[int, str] = field(default_factory=dict)
    links: set[int] = field(default_factory=set)

    @property
    def width(self) -> float:
        """Units that the widest label needs."""
        return max([14.0] + [_box_width(label) + 10 for label in self.labels.values()])


def read_drawing(drawing: str) -> tuple[int, list[Column]] | None:
    """Columns of a text drawing (one line a qubit, ``|`` between lines that are joined); None if it is not one.

    Examples
    --------
    >>> n_qubits, columns = read_drawing("q0: -H--@-\\n        |\\nq1: ----X-")
    >>> n_qubits, [column.labels for column in columns], columns[1].links
    (2, [{0: 'H'}, {0: '@', 1: 'X'}], {0})
    """
    columns: list[Column] = []
    n_qubits = 0
    for block in drawing.split("\n\n"):
        rows: dict[int, str] = {}
        gaps: dict[int, str] = {}
        last = -1
        for written in block.split("\n"):
            head = re.match(r"q(\d+): ", written)
            if head:
                last = int(head.group(1))
                rows[last] = " " * head.end() + written[head.end() :]
            elif last >= 0 and not written.strip(" |"):
                gaps[last] = written
            elif written.strip():
                return None
        if sorted(rows) != list(range(len(rows))) or not rows or (n_qubits and len(rows) != n_qubits):
            return None
        n_qubits = len(rows)
        columns += _block(rows, gaps)
    return n_qubits, columns


def _block(rows: dict[int, str], gaps: dict[int, str]) -> list[Column]:
    by_place: dict[int, Column] = {}
    for qubit, row in rows.items():
        for place, label in _labels(row):
            if label != "|":
                by_place.setdefault(place, Column()).labels[qubit] = label
    for qubit, gap in gaps.items():
        for found in re.finditer(r"\|", gap):
            by_place.setdefault(found.start(), Column()).links.add(qubit)
    return [by_place[place] for place in sorted(by_place)]


def _labels(row: str) -> list[tuple[int, str]]:
    """Words on a wire with where they begin; a minus inside brackets is no wire."""
    found, depth, begin = [], 0, None
    for place, sign in enumerate(row + "-"):
        depth += (sign in "([") - (sign in ")]")
        wire = sign in "- " and depth == 0
        if begin is None and not wire:
            begin = place
        elif begin is not None and wire:
            found.append((begin, row[begin:place]))
            begin = None
    return found


def _split(label: str) -> tuple[str, str]:
    """A gate's name, and its angle where it has one."""
    name, bracket, angle = label.partition("(")
    return (name, angle.removesuffix(")")) if bracket else (label, "")


def _box_width(label: str) -> float:
    if label in ("@", "o", "x"):
        return 10.0
    name, angle = _split(label)
    return max(22.0, 12 + 7.4 * len(shortened(name, 12)), 12 + 5.9 * len(shortened(angle, 26)))


def diagrams(drawing: str, model: str) -> tuple[list[Markup], int] | None:
    """Pictures of the circuit, and how many columns were left out; None where the drawing cannot be read."""
    read = read_drawing(drawing)
    if read is None:
        return None
    n_qubits, columns = read
    blocks: list[list[Column]] = [[]]
    width = 0.0
    for column in columns:
        if blocks[-1] and width + column.width > BLOCK_WIDTH:
            blocks.append([])
            width = 0.0
        blocks[-1].append(column)
        width += column.width
    shown = blocks[:MOST_BLOCKS]
    total = len(columns) - sum(map(len, shown))
    return [_diagram(n_qubits, block, number, len(shown), model) for number, block in enumerate(shown)], total


def _diagram(n_qubits: int, columns: Sequence[Column], number: int, n_blocks: int, model: str) -> Markup:
    left, height = 34, ROW * n_qubits + 4
    width = left + sum(column.width for column in columns) + 12
    wires = [ROW * qubit + ROW / 2 for qubit in range(n_qubits)]
    parts = []
    for qubit, y in enumerate(wires):
        parts.append(text(0, y + 4, f"q{qubit}", "side"))
        parts.append(line(left - 8, y, width - 4, y, "wire"))
    x = float(left)
    for column in columns:
        middle = x + column.width / 2
        parts += [line(middle, wires[qubit], middle, wires[qubit + 1], "link") for qubit in sorted(column.links)]
        for qubit, label in sorted(column.labels.items()):
            parts += _gate(middle, wires[qubit], label, bool(column.links))
        x += column.width
    part = f", part {number + 1} of {n_blocks}" if n_blocks > 1 else ""
    counted = sum(len(column.labels) for column in columns)
    drawn = picture(
        f"circuit-{number}",
        height,
        f"Circuit of the {visible(model)}{part}",
        f"{n_qubits} qubits, {len(columns)} columns with {counted} signs; qubit 0 on top, time from left to right.",
        parts,
        width=width,
    )
    return Markup(
        str(drawn).replace('class="picture"', f'class="picture circuit" width="{width:.0f}" height="{height}"', 1)
    )


def _gate(x: float, y: float, label: str, linked: bool) -> list[str]:
    if label == "@":
        return [circle(x, y, 4, "control")]
    if label == "o":
        return [circle(x, y, 4, "control open")]
    if label == "x":
        return [line(x - 4, y - 4, x + 4, y + 4, "link"), line(x - 4, y + 4, x + 4, y - 4, "link")]
    if label == "X" and linked:
        return [circle(x, y, 8, "control open"), line(x - 8, y, x + 8, y, "link"), line(x, y - 8, x, y + 8, "link")]
    name, angle = _split(label)
    width = _box_width(label)
    parts = [rect(x - width / 2, y - 13, width, 26, "gate")]
    parts.append(text(x, y - 1 if angle else y + 4, shortened(name, 12), "gate-name", "middle"))
    if angle:
        parts.append(text(x, y + 9.5, shortened(angle, 26), "angle", "middle"))
    return parts


def circuit_facts(record: Any) -> dict[str, Any] | None:
    """The diagrams and counts; the text drawing where it cannot be read as a circuit; None where none is known."""
    found = record.circuit
    if found is None:
        return None
    drawn = diagrams(found["drawing"], found["model"]) if found["drawing"] else None
    lines = visible_lines(found["drawing"])
    return {
        "pictures": drawn[0] if drawn else [],
        "left_out": drawn[1] if drawn else 0,
        "text": [] if drawn else lines[:60],
        "lines_left_out": 0 if drawn else max(0, len(lines) - 60),
    }


def visible_lines(drawing: str) -> list[str]:
    """Lines of a text drawing, each made safe to show and cut at 400 signs."""
    return [shortened(visible(one), 400) for one in drawing.splitlines()]
