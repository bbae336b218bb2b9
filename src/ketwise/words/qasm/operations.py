"""Short ways to write operations: rows of the gate table on qubits, turns about a Pauli word, phases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ketwise.words.angle import Angle
from ketwise.words.circuit import Op
from ketwise.words.gates import TABLE, rotation

Controls = tuple[tuple[int, int], ...]


def fixed(name: str, *qubits: int, controls: Controls = ()) -> Op:
    """Return a row without an angle."""
    return Op(TABLE[name], qubits, None, controls)


def cx(control: int, target: int) -> Op:
    """Return NOT with one control."""
    return fixed("x", target, controls=((control, 1),))


def turn(word: str, angle: Angle | float, *qubits: int, controls: Controls = ()) -> Op:
    """Return ``exp(-i angle/2 P)`` for the word ``P`` whose character ``k`` acts on ``qubits[k]``."""
    return Op(rotation(word), qubits, Angle.of(angle), controls)


def phase(angle: Angle | float, controls: Controls = ()) -> Op:
    """Return ``exp(i angle)`` on the states that the controls select."""
    return Op(TABLE["gphase"], (), -2.0 * Angle.of(angle), controls)


def on_ones(qubits: Iterable[int]) -> Controls:
    """Return controls that ask every qubit to be 1."""
    return tuple((qubit, 1) for qubit in qubits)


def controlled(ops: Iterable[Op], controls: Controls) -> list[Op]:
    """Return operations that act where the controls hold too."""
    return [replace(op, controls=controls + op.controls) for op in ops]


def undone(ops: Iterable[Op]) -> list[Op]:
    """Return operations that undo these."""
    return [op.inverse() for op in reversed(list(ops))]
