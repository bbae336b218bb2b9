"""Drawing of circuits as SVG, for notebooks and documents: the columns of the text drawing, with room for angles.

The picture stands by itself: its own background, colours for light and dark, no scripts, nothing that is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ketwise.words.draw import columns
from ketwise.words.gates import Gate
from ketwise.words.visible import shortened, visible

if TYPE_CHECKING:
    from ketwise.words.circuit import Op

#: Wider pictures go on below, in another block.
WIDTH = 1000
#: Operations that are drawn; of the others their number is said.
MOST_OPS = 1500
#: Characters of a name and of an angle that are shown; the whole text is what the mouse shows.
NAME_CHARACTERS, ANGLE_CHARACTERS = 14, 26

#: Between wires, blocks and columns, and to the edge; half the height of a box.
_WIRE, _BLOCK, _GAP, _MARGIN, _HALF = 44, 22, 10, 8, 15
#: Width of a character in a name and in an angle.
_NAME_WIDTH, _ANGLE_WIDTH = 7.9, 6.1

_STYLE = """
.ketwise-circuit .back{fill:#fff}.ketwise-circuit .wire{stroke:#8a8f98}.ketwise-circuit .link{stroke:#1f2937}
.ketwise-circuit .join{stroke:#1f2937;stroke-width:5}.ketwise-circuit .box{fill:#fff;stroke:#1f2937}
.ketwise-circuit .turn{fill:#dbeafe}.ketwise-circuit .data{fill:#fef3c7}.ketwise-circuit .trained{fill:#d1fae5}
.ketwise-circuit .on{fill:#1f2937}.ketwise-circuit .off{fill:#fff;stroke:#1f2937}
.ketwise-circuit text{fill:#111827;font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;text-anchor:middle}
.ketwise-circuit .angle{font-size:10px}.ketwise-circuit .side{text-anchor:start}
@media (prefers-color-scheme:dark){
.ketwise-circuit .back{fill:#111827}.ketwise-circuit .wire{stroke:#6b7280}.ketwise-circuit .link{stroke:#e5e7eb}
.ketwise-circuit .join{stroke:#e5e7eb}.ketwise-circuit .box{fill:#1f2937;stroke:#e5e7eb}
.ketwise-circuit .turn{fill:#1e3a8a}.ketwise-circuit .data{fill:#78350f}.ketwise-circuit .trained{fill:#065f46}
.ketwise-circuit .on{fill:#e5e7eb}.ketwise-circuit .off{fill:#111827;stroke:#e5e7eb}
.ketwise-circuit text{fill:#f9fafb}}
"""


def draw_svg(n_qubits: int, ops: Sequence[Op], *, width: int = WIDTH, most_ops: int = MOST_OPS) -> str:
    """Return the drawing as one ``<svg>`` element; qubit 0 on top, time from left to right.

    A full dot is a control on 1, an open one a control on 0, ``⊕`` a NOT with controls, crosses a swap. Boxes that a
    thick line joins are one operation: a rotation about a Pauli word, a letter a qubit, or a gate on several qubits,
    whose boxes count its own bits from 0. Rotations by data are amber, by parameters green, by both or numbers blue.

    Parameters
    ----------
    n_qubits : int
    ops : sequence of Op
    width : int
        Where a block of columns ends, in pixels; a single column may be wider.
    most_ops : int
        Operations that are drawn; below the picture it says how many there are.

    Examples
    --------
    >>> import ketwise as kw
    >>> svg = draw_svg(2, kw.Circuit(2).h(0).cx(0, 1).ops)
    >>> svg[:4], svg.count("<title>"), "⊕" in svg
    ('<svg', 2, False)
    """
    shown = ops[:most_ops]
    side = 8 * len(f"q{n_qubits - 1}") + 14
    blocks: list[list[tuple[float, list[Op]]]] = [[]]
    x, right = float(side), side + 40.0
    for column in columns(n_qubits, shown):
        wide = max(_box_width(label) for op in column for label in _labels(op).values()) + _GAP
        if blocks[-1] and x + wide > width - _MARGIN:
            blocks.append([])
            x = float(side)
        blocks[-1].append((x + wide / 2, column))
        x += wide
        right = max(right, x)
    height_of_block = _WIRE * n_qubits + _BLOCK
    parts: list[str] = []
    for number, block in enumerate(blocks):
        parts += _block(n_qubits, block, number * height_of_block, side, right)
    height = height_of_block * len(blocks)
    if len(shown) < len(ops):
        parts.append(
            f'<text class="side" x="6" y="{height + 8}">the first {len(shown):,} of {len(ops):,} operations</text>'
        )
        height += 24
    label = f"Circuit of {n_qubits} qubit{'s' * (n_qubits > 1)} and {len(ops):,} operation{'s' * (len(ops) != 1)}"
    wide = right + _MARGIN
    size = f'viewBox="0 0 {wide:g} {height}" width="{wide:g}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ketwise-circuit" role="img" aria-label="{label}" {size}>'
        f"<style>{_STYLE}</style>"
        f'<rect class="back" width="100%" height="100%" rx="6"/>{"".join(parts)}</svg>'
    )


def _labels(op: Op) -> dict[int, tuple[str, str]]:
    """Return, by qubit, the name in its box and the angle below it; dots, crosses and targets have no name."""
    labels = {qubit: ("", "") for qubit, _ in op.controls}
    if _is_swap(op.gate) or _is_target(op):
        return labels | dict.fromkeys(op.qubits, ("", ""))
    if op.gate.pauli is not None:
        if not op.qubits and op.angle is not None:
            # A phase is symmetric in its controls: the last one carries it, in the convention exp(i angle).
            last, value = op.controls[-1] if op.controls else (0, None)
            name = "GPHASE" if value is None else "P" if value else "P0"
            return labels | {last: (name, str(op.angle * -0.5))}
        angles = [str(op.angle), *[""] * (len(op.qubits) - 1)]
        pairs = zip(op.qubits, op.gate.pauli, angles, strict=True)
        return labels | {qubit: (f"R{letter}", angle) for qubit, letter, angle in pairs}
    name = shortened(visible(op.gate.name.upper()), NAME_CHARACTERS)
    several = len(op.qubits) > 1
    return labels | {qubit: (f"{name}:{k}" if several else name, "") for k, qubit in enumerate(op.qubits)}


def _is_swap(gate: Gate) -> bool:
    return gate.name == "swap" and gate.permutation is not None


def _is_target(op: Op) -> bool:
    return op.gate.name == "x" and op.gate.pauli is None and bool(op.controls)


def _box_width(label: tuple[str, str]) -> float:
    name, angle = label
    if not name:
        return 20.0
    angle = shortened(angle, ANGLE_CHARACTERS)
    return max(30.0, _NAME_WIDTH * len(name) + 12, _ANGLE_WIDTH * len(angle) + 10)


def _block(n_qubits: int, block: Sequence[tuple[float, list[Op]]], top: float, side: float, right: float) -> list[str]:
    wires = [top + _WIRE * (qubit + 0.5) + _BLOCK / 2 for qubit in range(n_qubits)]
    parts = []
    for qubit, y in enumerate(wires):
        parts.append(f'<text class="side" x="6" y="{y + 4:g}">q{qubit}</text>')
        parts.append(f'<line class="wire" x1="{side - 6:g}" y1="{y:g}" x2="{right:g}" y2="{y:g}"/>')
    for x, column in block:
        for op in column:
            parts.append(f"<g><title>{escape(visible(_in_words(op)))}</title>{''.join(_op(op, x, wires))}</g>")
    return parts


def _in_words(op: Op) -> str:
    angle = "" if op.angle is None else f"({op.angle * -0.5 if not op.qubits else op.angle})"
    on = f" on {', '.join(map(str, op.qubits))}" if op.qubits else ""
    where = " and ".join(f"{qubit} is {value}" for qubit, value in op.controls)
    return f"{op.gate.name}{angle}{on}{f' where {where}' if where else ''}"


def _op(op: Op, x: float, wires: Sequence[float]) -> list[str]:
    labels = _labels(op)
    parts = []
    if len(labels) > 1:
        parts.append(_line("link", x, wires[min(labels)], x, wires[max(labels)]))
    if len(op.qubits) > 1 and not _is_swap(op.gate):
        parts.append(_line("join", x, wires[min(op.qubits)], x, wires[max(op.qubits)]))
    for qubit, value in op.controls:
        if not labels[qubit][0]:
            parts.append(f'<circle class="{"on" if value else "off"}" cx="{x:g}" cy="{wires[qubit]:g}" r="4.5"/>')
    for qubit, label in labels.items():
        y = wires[qubit]
        if label[0]:
            parts += _box(label, x, y, _kind(op))
        elif qubit in op.qubits and _is_swap(op.gate):
            parts += [_line("link", x - 6, y - 6, x + 6, y + 6), _line("link", x - 6, y + 6, x + 6, y - 6)]
        elif qubit in op.qubits:
            parts.append(f'<circle class="off" cx="{x:g}" cy="{y:g}" r="9"/>')
            parts += [_line("link", x - 9, y, x + 9, y), _line("link", x, y - 9, x, y + 9)]
    return parts


def _kind(op: Op) -> str:
    """Return the class of a box's colour."""
    if op.angle is None:
        return "box"
    features, params = op.angle.sizes()
    return "box trained" if params and not features else "box data" if features and not params else "box turn"


def _box(label: tuple[str, str], x: float, y: float, kind: str) -> list[str]:
    name, angle = label
    wide = _box_width(label)
    left = x - wide / 2
    parts = [
        f'<rect class="{kind}" x="{left:g}" y="{y - _HALF:g}" width="{wide:g}" height="{2 * _HALF}" rx="4"/>',
        f'<text x="{x:g}" y="{y - 1 if angle else y + 4.5:g}">{escape(name)}</text>',
    ]
    if angle:
        parts.append(
            f'<text class="angle" x="{x:g}" y="{y + 10:g}">{escape(shortened(angle, ANGLE_CHARACTERS))}</text>'
        )
    return parts


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'
