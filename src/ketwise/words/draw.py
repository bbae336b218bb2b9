"""Text drawing of circuits: one line a qubit, qubit 0 on top, columns in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ketwise.words.circuit import Op

#: Wider drawings are cut into blocks of about this many characters.
LINE_WIDTH = 110


def _labels(op: Op) -> dict[int, str]:
    angle = "" if op.angle is None else f"({op.angle})"
    labels = {qubit: "@" if value else "o" for qubit, value in op.controls}
    if op.gate.permutation is not None and op.gate.name == "swap":
        return labels | dict.fromkeys(op.qubits, "x")
    if op.gate.pauli is not None:
        for k, (qubit, letter) in enumerate(zip(op.qubits, op.gate.pauli, strict=True)):
            labels[qubit] = f"R{letter}{angle}" if k == 0 else f"R{letter}"
        if not op.qubits and op.angle is not None:
            # A phase is symmetric in its controls: the last one carries it, in the convention exp(i angle).
            last, value = op.controls[-1] if op.controls else (0, None)
            labels[last] = f"{'GPHASE' if value is None else 'P' if value else 'P0'}({op.angle * -0.5})"
        return labels
    text = op.gate.name.upper()
    for k, qubit in enumerate(op.qubits):
        labels[qubit] = text if len(op.qubits) == 1 else f"{text}:{k}"
    return labels


def _reach(op: Op) -> tuple[int, int]:
    """Return the first and the last qubit that an operation is drawn on; a global phase stands on qubit 0."""
    support = op.support or (0,)
    return min(support), max(support)


def columns(n_qubits: int, ops: Sequence[Op]) -> list[list[Op]]:
    """Return the operations by columns of a drawing: each as early as it can, and none under another's line.

    Examples
    --------
    >>> import ketwise as kw
    >>> [[op.name for op in column] for column in columns(3, kw.Circuit(3).h(0).h(2).cx(0, 2).h(1).ops)]
    [['h', 'h'], ['cx'], ['h']]
    """
    placed: list[list[Op]] = []
    free = [0] * n_qubits
    for op in ops:
        low, high = _reach(op)
        start = max(free[low : high + 1])
        if start == len(placed):
            placed.append([])
        placed[start].append(op)
        free[low : high + 1] = [start + 1] * (high - low + 1)
    return placed


def draw(n_qubits: int, ops: Sequence[Op]) -> str:
    """Return the drawing; ``@`` and ``o`` are controls on 1 and on 0, ``x`` marks a swap.

    ``P(a)`` is a phase ``exp(i a)`` where the qubit is 1, ``P0(a)`` where it is 0, ``GPHASE(a)`` everywhere.
    """
    head = [f"q{q}: " for q in range(n_qubits)]
    indent = max(map(len, head))
    rows = [text.ljust(indent) for text in head]
    gaps = [" " * indent for _ in range(n_qubits - 1)]
    blocks = []

    def flush() -> None:
        lines = [line for pair in zip(rows, [*gaps, ""], strict=True) for line in pair][:-1]
        drawn = [line.rstrip() for k, line in enumerate(lines) if k % 2 == 0 or line.strip()]
        blocks.append("\n".join(drawn))

    for column in columns(n_qubits, ops):
        cells = {qubit: label for op in column for qubit, label in _labels(op).items()}
        links = {q for op in column for q in range(*_reach(op))}
        width = max(map(len, cells.values()))
        if len(rows[0]) > indent and len(rows[0]) + width + 2 > LINE_WIDTH:
            flush()
            rows = [text.ljust(indent) for text in head]
            gaps = [" " * indent for _ in range(n_qubits - 1)]
        for q in range(n_qubits):
            label = cells.get(q, "|" if q in links and q - 1 in links else "")
            rows[q] += "-" + label.ljust(width, "-") + "-"
        for q in range(n_qubits - 1):
            gaps[q] += " " + ("|" if q in links else " ").ljust(width) + " "
    flush()
    return "\n\n".join(blocks)
