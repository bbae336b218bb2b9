"""Gate calls: modifiers, gates of the libraries and gates that the text defines, unfolded to operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ketwise.words.angle import Angle, params
from ketwise.words.circuit import Op
from ketwise.words.gates import rotation
from ketwise.words.qasm.expressions import Code, Expressions
from ketwise.words.qasm.ladders import word_as_ladder
from ketwise.words.qasm.library import Standard
from ketwise.words.qasm.operations import controlled, phase, undone
from ketwise.words.qasm.powers import power
from ketwise.words.qasm.values import Value

#: Definitions that use definitions that use definitions.
MAX_DEPTH = 64
#: Names that :func:`dumps` gives to turns about a Pauli word, and Qiskit to those about two letters.
_TURN = re.compile("r[xyz]{2,}")


@dataclass(frozen=True)
class Modifier:
    """``ctrl``, ``negctrl``, ``inv`` or ``pow``, with the number in its brackets."""

    name: str
    amount: int | float

    @property
    def n_controls(self) -> int:
        """Qubits that it puts before those of the gate."""
        return int(self.amount) if self.name in ("ctrl", "negctrl") else 0


@dataclass(frozen=True)
class Definition:
    """A gate that the text defines."""

    formals: tuple[str, ...]
    n_qubits: int
    body: tuple[Call, ...]
    depth: int

    @property
    def n_angles(self) -> int:
        """Angles that a call gives."""
        return len(self.formals)


@dataclass(frozen=True)
class Call:
    """A call whose angles are not evaluated yet; no callee stands for ``gphase``. ``qubits`` are those of a body."""

    callee: Standard | Definition | None
    angles: tuple[Code, ...]
    modifiers: tuple[Modifier, ...]
    place: int
    qubits: tuple[int, ...] = ()

    @property
    def n_controls(self) -> int:
        """Qubits that the modifiers put before those of the gate."""
        return sum(each.n_controls for each in self.modifiers)

    @property
    def n_qubits(self) -> int:
        """Qubits that the call takes."""
        return self.n_controls + (self.callee.n_qubits if self.callee else 0)


def unfold(call: Call, formals: Mapping[str, Value], qubits: tuple[int, ...], expressions: Expressions) -> list[Op]:
    """Return the operations of one call on ``qubits``, controls first; ``formals`` are the values of names."""
    values = [expressions.evaluate(code, formals) for code in call.angles]
    budget, inner = expressions.budget, qubits[call.n_controls :]
    ops: list[Op] = []
    if isinstance(call.callee, Definition):
        inside = dict(zip(call.callee.formals, values, strict=True))
        for each in call.callee.body:
            ops += unfold(each, inside, tuple(inner[k] for k in each.qubits), expressions)
    with expressions.tokens.at(call.place):
        if isinstance(call.callee, Standard):
            ops = call.callee.build(tuple(map(Angle.of, values)), inner)
        elif call.callee is None:
            ops = [phase(Angle.of(values[0]))]
        budget.spend(1 + len(ops) * (1 + len(call.modifiers)))
        last = call.n_controls
        for modifier in reversed(call.modifiers):  # the nearest one acts first, and its controls stand last
            if modifier.name == "inv":
                ops = undone(ops)
            elif modifier.name == "pow":
                ops = power(ops, modifier.amount, budget)
            else:
                first = last - modifier.n_controls
                ops = controlled(ops, tuple((qubit, int(modifier.name == "ctrl")) for qubit in qubits[first:last]))
                last = first
    return ops


def recognised(name: str, definition: Definition, expressions: Expressions) -> Standard | Definition:
    """Return the row of the gate table in place of a definition that spells out a turn about its Pauli word."""
    word = name[1:].upper()
    if not _TURN.fullmatch(name) or definition.n_angles != 1 or definition.n_qubits != len(word):
        return definition
    angle, qubits = params(1)[0], tuple(range(len(word)))
    ladder = word_as_ladder(word, angle, qubits)
    if len(definition.body) != len(ladder) or any(isinstance(call.callee, Definition) for call in definition.body):
        return definition
    spelled = [
        op for call in definition.body for op in unfold(call, {definition.formals[0]: angle}, call.qubits, expressions)
    ]
    if spelled != ladder:
        return definition
    return Standard(1, len(word), lambda angles, on: [Op(rotation(word), on, angles[0])])
