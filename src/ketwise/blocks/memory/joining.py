"""Circuits joined: one after another, and on chosen qubits of a larger one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ketwise.words.circuit import Circuit


def chained(parts: Iterable[Circuit]) -> Circuit:
    """Return circuits one after another, joined in pairs, so that a long list does not cost the square of its length.

    Examples
    --------
    >>> import ketwise as kw
    >>> len(chained([kw.Circuit(1).x(0)] * 5))
    5
    """
    row = list(parts)
    while len(row) > 1:
        row = [row[i] + row[i + 1] if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def place(circuit: Circuit, part: Circuit, qubits: Sequence[int]) -> Circuit:
    """Append ``part`` to ``circuit`` with its qubit k on ``qubits[k]``.

    Examples
    --------
    >>> import ketwise as kw
    >>> place(kw.Circuit(3), kw.Circuit(2).cx(0, 1), [2, 0]).ops[0].support
    (2, 0)
    """
    for op in part.ops:
        controls = {qubits[q]: value for q, value in op.controls}
        circuit.append(op.gate, [qubits[q] for q in op.qubits], op.angle, controls)
    return circuit
