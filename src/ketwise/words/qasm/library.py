"""The standard gates of OpenQASM 3 (stdgates.inc) and of OpenQASM 2 (qelib1.inc), from memory: no file is opened.

Where the gate table has a row with the name, the row is the gate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ketwise.words.angle import Angle
from ketwise.words.circuit import Op
from ketwise.words.gates import TABLE
from ketwise.words.qasm.operations import cx, fixed, on_ones, phase, turn

Angles = tuple[Angle, ...]
Qubits = tuple[int, ...]


@dataclass(frozen=True)
class Standard:
    """A gate of a library: how many angles and qubits it takes, and what it does with them."""

    n_angles: int
    n_qubits: int
    build: Callable[[Angles, Qubits], list[Op]]


def _row(name: str, n_controls: int = 0) -> Standard:
    gate = TABLE[name]

    def build(angles: Angles, qubits: Qubits) -> list[Op]:
        controls = on_ones(qubits[:n_controls])
        return [Op(gate, qubits[n_controls:], angles[0] if angles else None, controls)]

    return Standard(int(gate.is_rotation), gate.n_qubits + n_controls, build)


def _phase(n_qubits: int) -> Standard:
    return Standard(1, n_qubits, lambda angles, qubits: [phase(angles[0], on_ones(qubits))])


def _euler(angles: Angles, phases: Angle, qubits: Qubits) -> list[Op]:
    """RZ(lambda), RY(theta), RZ(phi) and a phase on the last qubit, where all others are 1."""
    theta, phi, lam = angles
    controls, target = on_ones(qubits[:-1]), qubits[-1]
    turns = [turn(axis, angle, target, controls=controls) for axis, angle in (("Z", lam), ("Y", theta), ("Z", phi))]
    return [op for op in [*turns, phase(phases, controls)] if op.angle is not None and op.angle.terms]


def _u(angles: Angles, qubits: Qubits) -> list[Op]:
    """U of OpenQASM 3, whose phase makes U(theta, phi, lambda) the product of e^(i theta/2) and the version 2 one."""
    theta, phi, lam = angles
    if not theta.terms:  # the common way to write a phase
        return [phase(phi + lam, on_ones(qubits))]
    return _euler(angles, (theta + phi + lam) * 0.5, qubits)


def _u3(angles: Angles, qubits: Qubits) -> list[Op]:
    """u3 of OpenQASM 3: of determinant 1."""
    return _euler(angles, Angle.of(0.0), qubits)


def _u2(angles: Angles, qubits: Qubits) -> list[Op]:
    return _u3((Angle.of(math.pi / 2), *angles), qubits)


def _old_u(angles: Angles, qubits: Qubits) -> list[Op]:
    """U of OpenQASM 2 with real first entry, and cu3 where there is a control."""
    return _euler(angles, (angles[1] + angles[2]) * 0.5, qubits) if angles[0].terms else _u(angles, qubits)


def _old_u2(angles: Angles, qubits: Qubits) -> list[Op]:
    return _old_u((Angle.of(math.pi / 2), *angles), qubits)


def _cu(angles: Angles, qubits: Qubits) -> list[Op]:
    theta, phi, lam, gamma = angles
    return _euler((theta, phi, lam), gamma + (phi + lam) * 0.5, qubits)


def _rccx(angles: Angles, qubits: Qubits) -> list[Op]:
    """Margolus' gate: a Toffoli gate up to phases (Maslov, PRA 93, 022311, 2016, Fig. 3)."""
    a, b, c = qubits
    return [
        fixed("h", c),
        fixed("t", c),
        cx(b, c),
        fixed("tdg", c),
        cx(a, c),
        fixed("t", c),
        cx(b, c),
        fixed("tdg", c),
        fixed("h", c),
    ]


def _rc3x(angles: Angles, qubits: Qubits) -> list[Op]:
    """A Toffoli gate of three controls up to phases (Maslov, PRA 93, 022311, 2016, Fig. 4)."""
    a, b, c, d = qubits
    ends = [fixed("h", d), fixed("t", d), cx(c, d), fixed("tdg", d), fixed("h", d)]
    middle = [cx(a, d), fixed("t", d), cx(b, d), fixed("tdg", d)]
    return [*ends, *middle, *middle, *ends]


def _nothing(n_angles: int) -> Standard:
    return Standard(n_angles, 1, lambda angles, qubits: [])


_BOTH = {
    **{gate.qasm: _row(name) for name, gate in TABLE.items() if gate.qasm and gate.n_qubits},
    **{"c" + name: _row(name, 1) for name in ("x", "y", "z", "h", "rx", "ry", "rz", "swap")},
    "ccx": _row("x", 2),
    "p": _phase(1),
    "u1": _phase(1),
    "cp": _phase(2),
    "cu": Standard(4, 2, _cu),
    "id": _nothing(0),
}

#: Gates that need no include.
BUILT_IN: dict[int, dict[str, Standard]] = {
    3: {"U": Standard(3, 1, _u)},
    2: {"U": Standard(3, 1, _old_u), "CX": _row("x", 1)},
}
#: The one file that each version may include.
INCLUDES = {3: "stdgates.inc", 2: "qelib1.inc"}
#: What it holds.
STANDARD: dict[int, dict[str, Standard]] = {
    3: {
        **_BOTH,
        "CX": _row("x", 1),
        "phase": _phase(1),
        "cphase": _phase(2),
        "u2": Standard(2, 1, _u2),
        "u3": Standard(3, 1, _u3),
    },
    2: {
        **_BOTH,
        "u": Standard(3, 1, _old_u),
        "u0": _nothing(1),
        "u2": Standard(2, 1, _old_u2),
        "u3": Standard(3, 1, _old_u),
        "cu1": _phase(2),
        "cu3": Standard(3, 2, _old_u),
        "sxdg": _row("sxdg"),
        "csx": _row("sx", 1),
        "c3sqrtx": _row("sx", 3),
        "c3x": _row("x", 3),
        "c4x": _row("x", 4),
        "rxx": _row("rxx"),
        "rzz": _row("rzz"),
        "rccx": Standard(0, 3, _rccx),
        "rc3x": Standard(0, 4, _rc3x),
    },
}
