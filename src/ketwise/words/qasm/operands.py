"""Registers of qubits and of bits, and what stands behind an operand such as ``q[1:3]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ketwise.words.qasm.expressions import Expressions
from ketwise.words.qasm.tokens import Tokens
from ketwise.words.qasm.values import number, whole

#: Qubits that a text may declare.
MAX_QUBITS = 10_000


@dataclass(frozen=True)
class Register:
    """Qubits, or bits that results are measured into; ``single`` for one without an index."""

    members: tuple[int, ...]
    single: bool = False
    quantum: bool = True
    hardware: bool = False


def operand(tokens: Tokens, names: dict[str, Any], expressions: Expressions, quantum: bool = True) -> Register:
    """Read the name of a register with any indices."""
    what = "a qubit" if quantum else "a bit"
    if tokens.token.kind == "hardware":
        return _hardware(tokens, names)
    token = tokens.name(what)
    found = names.get(token.text)
    if not isinstance(found, Register) or found.quantum != quantum:
        declared = [name[:20] for name, each in names.items() if isinstance(each, Register) and each.quantum == quantum]
        known = f"declared are {', '.join(declared[:5])}" if declared else "none is declared"
        raise tokens.error(f"{token.text[:40]!r} is not the name of {what}; {known}", token.place)
    while tokens.token.text == "[":
        found = _indexed(found, tokens, expressions)
    return found


def _hardware(tokens: Tokens, names: dict[str, Any]) -> Register:
    token = tokens.take()
    if len(token.text) > 6 or int(token.text[1:]) >= MAX_QUBITS:
        raise tokens.error(f"{token.text[:12]} is beyond the {MAX_QUBITS} qubits that are read", token.place)
    if any(isinstance(each, Register) and each.quantum and not each.hardware for each in names.values()):
        raise tokens.error("qubits are either declared or written $0, $1, ...: use one of the two", token.place)
    found: Register = names.setdefault(token.text, Register((int(token.text[1:]),), single=True, hardware=True))
    return found


def _indexed(register: Register, tokens: Tokens, expressions: Expressions) -> Register:
    start = tokens.expect("[", "before an index")
    if register.single:
        raise tokens.error("a single qubit or bit has no index; take the brackets away", start.place)
    size = len(register.members)
    if tokens.accept("{"):
        places = [_index(expressions)]
        while tokens.accept(",") and tokens.token.text != "}":
            places.append(_index(expressions))
        tokens.expect("}", "after the last index of a set")
        chosen, single = places, False
    else:
        first = None if tokens.token.text == ":" else _index(expressions)
        if tokens.token.text == ":":
            chosen, single = _range(first, size, tokens, expressions), False
        elif first is not None:
            chosen, single = [first], True
    tokens.expect("]", "after an index")
    for place in chosen:
        if not -size <= place < size:
            raise tokens.error(f"index {place} is out of range: there are {size}, 0 to {size - 1}", start.place)
    with tokens.at(start.place):
        expressions.budget.spend(len(chosen))
    return Register(tuple(register.members[place] for place in chosen), single, register.quantum)


def _index(expressions: Expressions) -> int:
    place = expressions.tokens.token.place
    value = expressions.value()
    with expressions.tokens.at(place):
        return whole(number(value, "an index"), "an index")


def _range(first: int | None, size: int, tokens: Tokens, expressions: Expressions) -> list[int]:
    """``first:last`` or ``first:step:last``, with both ends inside."""
    place = tokens.expect(":", "in a range").place
    bounds = []
    if tokens.token.text not in ("]", ":"):
        bounds.append(_index(expressions))
    step = 1
    if tokens.accept(":"):
        if not bounds or bounds[0] == 0:
            raise tokens.error("the step of a range first:step:last must not be zero", place)
        step = bounds.pop()
        if tokens.token.text != "]":
            bounds.append(_index(expressions))
    low = (0 if step > 0 else size - 1) if first is None else first + size * (first < 0)
    high = (size - 1 if step > 0 else 0) if not bounds else bounds[0] + size * (bounds[0] < 0)
    chosen = range(low, high + (1 if step > 0 else -1), step)
    if not chosen or not (0 <= chosen[0] < size and 0 <= chosen[-1] < size):
        raise tokens.error(f"the range selects nothing or goes beyond the {size} there are; both ends count", place)
    return list(chosen)


def broadcast(operands: list[Register], tokens: Tokens, place: int) -> list[tuple[int, ...]]:
    """Return the tuples of qubits that a call on registers stands for; single qubits take part in each."""
    sizes = {len(each.members) for each in operands if not each.single}
    if len(sizes) > 1:
        raise tokens.error(f"registers of {' and '.join(map(str, sorted(sizes)))} qubits do not go together", place)
    rows = [
        tuple(each.members[0 if each.single else k] for each in operands) for k in range(sizes.pop() if sizes else 1)
    ]
    for row in rows:
        if len(set(row)) < len(row):
            raise tokens.error("a qubit is given twice; each qubit of a gate must be different", place)
    return rows
