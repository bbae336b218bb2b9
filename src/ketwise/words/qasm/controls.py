"""Gates with controls as gates of OpenQASM 2, which has NOTs with up to two controls and phases with one.

No qubit is added: the idle ones of a circuit are borrowed and given back as they were.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ketwise.words.angle import Angle
from ketwise.words.circuit import Op
from ketwise.words.qasm.matrices import one_qubit
from ketwise.words.qasm.operations import cx, fixed, on_ones, phase, turn

#: Rows that are phases of the state 1: radians.
PHASES = {"z": math.pi, "s": math.pi / 2, "sdg": -math.pi / 2, "t": math.pi / 4, "tdg": -math.pi / 4}


def without_controls(op: Op, n_qubits: int) -> list[Op]:
    """Return NOTs with at most two controls, phases of at most two qubits and gates without controls.

    ``op`` is a row of the gate table on one qubit, a swap or a phase; the product is exact, phases included.
    """
    ones = tuple(qubit for qubit, _ in op.controls)
    open_ones = [fixed("x", qubit) for qubit, value in op.controls if not value]
    return [*open_ones, *_on_ones(op, ones, n_qubits), *open_ones]


def _on_ones(op: Op, ones: tuple[int, ...], n_qubits: int) -> list[Op]:
    name, qubits, target = op.gate.name, op.qubits, op.qubits[-1] if op.qubits else -1
    if op.angle is not None:
        return _turn(op.gate.pauli or "", op.angle, qubits, ones, n_qubits)
    if name == "x":
        return flip(ones, target, n_qubits)
    if name == "swap":
        a, b = qubits
        return [cx(b, a), *flip((*ones, a), b, n_qubits), cx(b, a)]
    if name in ("sx", "sxdg"):
        h = fixed("h", target)
        return [h, *phases(PHASES["s" if name == "sx" else "sdg"], (*ones, target), n_qubits), h]
    if not ones:
        return [op]
    if name == "y":
        return [fixed("sdg", target), *flip(ones, target, n_qubits), fixed("s", target)]
    if name in PHASES:
        return phases(PHASES[name], (*ones, target), n_qubits)
    if name == "h":  # Z, turned by RY
        back, forth = turn("Y", -math.pi / 4, target), turn("Y", math.pi / 4, target)
        return [back, *phases(math.pi, (*ones, target), n_qubits), forth]
    turns = one_qubit(op.gate.to_matrix(), target, on_ones(ones))
    return [each for part in turns for each in without_controls(part, n_qubits)]


def _turn(axis: str, angle: Angle, qubits: tuple[int, ...], ones: tuple[int, ...], n_qubits: int) -> list[Op]:
    if not axis:
        return phases(-0.5 * angle, ones, n_qubits)
    if not ones:
        return [turn(axis, angle, *qubits)]
    target = qubits[0]
    if axis == "X":
        h = fixed("h", target)
        return [h, *_turn("Z", angle, qubits, ones, n_qubits), h]
    # NOT turns RY and RZ back: half a turn forward, and half a turn back where the controls do not hold.
    flips = flip(ones, target, n_qubits)
    return [turn(axis, 0.5 * angle, target), *flips, turn(axis, -0.5 * angle, target), *flips]


def phases(angle: Angle | float, ones: Sequence[int], n_qubits: int) -> list[Op]:
    """Return ``exp(i angle)`` where all of ``ones`` are 1. Barenco et al., PRA 52, 3457 (1995), Lemma 7.5."""
    if len(ones) <= 2:
        return [phase(angle, on_ones(ones))]
    half = Angle.of(angle) * 0.5
    *rest, near, last = ones
    flips = flip(rest, near, n_qubits)
    pair = on_ones((near, last))
    return [phase(half, pair), *flips, phase(-half, pair), *flips, *phases(half, (*rest, last), n_qubits)]


def flip(ones: Sequence[int], target: int, n_qubits: int) -> list[Op]:
    """Return NOT on ``target`` where all of ``ones`` are 1. Barenco et al. (1995), Lemmas 7.2 and 7.3."""
    if len(ones) <= 2:
        return [fixed("x", target, controls=on_ones(ones))]
    idle = [qubit for qubit in range(n_qubits) if qubit != target and qubit not in ones]
    if len(idle) >= len(ones) - 2:
        return _ladder(ones, idle, target)
    if idle:
        middle = (len(ones) + 1) // 2
        first = flip(ones[:middle], idle[0], n_qubits)
        second = flip((*ones[middle:], idle[0]), target, n_qubits)
        return [*first, *second, *first, *second]
    h = fixed("h", target)
    return [h, *phases(math.pi, (*ones, target), n_qubits), h]


def _ladder(ones: Sequence[int], idle: Sequence[int], target: int) -> list[Op]:
    """Up and down twice, so that what the borrowed qubits held cancels."""
    top = len(ones) - 2
    rungs = [
        fixed("x", target if k == top else idle[k], controls=on_ones((ones[k + 1], idle[k - 1] if k else ones[0])))
        for k in range(top + 1)
    ]
    inner = [*reversed(rungs[1:top]), *rungs[:top]]
    return [rungs[top], *inner, rungs[top], *inner]
