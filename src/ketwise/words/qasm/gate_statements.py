"""Gate calls and gate definitions as they stand in the text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ketwise.words.qasm.calls import MAX_DEPTH, Call, Definition, Modifier, recognised
from ketwise.words.qasm.expressions import Code, Expressions
from ketwise.words.qasm.library import BUILT_IN, INCLUDES, STANDARD, Standard
from ketwise.words.qasm.tokens import Token, Tokens
from ketwise.words.qasm.values import Budget, number, whole

MODIFIERS = ("ctrl", "negctrl", "inv", "pow")


@dataclass
class Scope:
    """What a text has declared so far."""

    tokens: Tokens
    version: int
    names: dict[str, Any] = field(default_factory=dict)
    gates: dict[str, Standard | Definition] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    included: bool = False
    expressions: Expressions = field(init=False)

    def __post_init__(self) -> None:
        self.gates |= BUILT_IN[self.version]
        self.expressions = Expressions(self.tokens, self.version, self.names, Budget())

    def declare(self, token: Token, value: Any) -> None:
        """Give a name its meaning, once."""
        if token.text in self.names:
            raise self.tokens.error(f"{token.text[:40]!r} is declared already; choose another name", token.place)
        self.names[token.text] = value

    def include(self) -> None:
        """Read the file name of an include: the library of the version is known, no file is opened."""
        token = self.tokens.take()
        known = INCLUDES[self.version]
        if token.kind != "string" or token.text[1:-1] != known:
            raise self.tokens.error(
                f'include "{known}" is the only one that is read, no file is opened; copy other definitions in',
                token.place,
            )
        self.tokens.expect(";", "after include")
        self.included = True
        self.gates = {**STANDARD[self.version], **self.gates}


def read_call(scope: Scope, formals: tuple[str, ...] = ()) -> Call:
    """Read a call up to its operands."""
    tokens, place = scope.tokens, scope.tokens.token.place
    modifiers: list[Modifier] = []
    while scope.version == 3 and tokens.token.kind == "name" and tokens.token.text in MODIFIERS:
        modifiers.append(_modifier(scope))
    token = tokens.name("a gate")
    gate = None if token.text == "gphase" and scope.version == 3 else _gate(scope, token)
    angles = _angles(scope, formals)
    expected = gate.n_angles if gate else 1
    if len(angles) != expected:
        raise tokens.error(f"{token.text[:40]} takes {_count(expected, 'angle')}, got {len(angles)}", token.place)
    return Call(gate, angles, tuple(modifiers), place)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _modifier(scope: Scope) -> Modifier:
    tokens, token = scope.tokens, scope.tokens.take()
    amount: int | float = 1
    if token.text != "inv" and (token.text == "pow" or tokens.token.text == "("):
        tokens.expect("(", f"after {token.text}")
        value = scope.expressions.value()
        tokens.expect(")", f"after the number of {token.text}")
        with tokens.at(token.place):
            amount = number(value, f"the number of {token.text}")
            if token.text != "pow" and whole(amount, f"the number of {token.text}") < 1:
                raise ValueError(f"{token.text} needs at least one control, got {amount}")
    tokens.expect("@", f"after {token.text}")
    return Modifier(token.text, amount)


def _gate(scope: Scope, token: Token) -> Standard | Definition:
    found = scope.gates.get(token.text)
    if found is not None:
        return found
    if token.text in STANDARD[scope.version] and not scope.included:
        hint = f'write include "{INCLUDES[scope.version]}"; above it'
    else:
        hint = "define it above, gate ... { ... }"
    raise scope.tokens.error(f"there is no gate {token.text[:40]!r}; {hint}", token.place)


def _angles(scope: Scope, formals: tuple[str, ...]) -> tuple[Code, ...]:
    tokens = scope.tokens
    angles: list[Code] = []
    if tokens.accept("("):
        while not tokens.accept(")"):
            if angles:
                tokens.expect(",", "between angles")
            angles.append(scope.expressions.parse(formals))
    return tuple(angles)


def read_definition(scope: Scope) -> None:
    """Read ``name(angles) qubits { calls }`` and keep it."""
    tokens = scope.tokens
    token = tokens.name("the new gate")
    if token.text in scope.own or token.text in BUILT_IN[scope.version] or token.text == "gphase":
        raise tokens.error(f"gate {token.text[:40]!r} is defined already; choose another name", token.place)
    formals: list[str] = []
    if tokens.accept("("):
        formals = [] if tokens.token.text == ")" else _names(tokens, "an angle")
        tokens.expect(")", "after the names of angles")
    qubits = _names(tokens, "a qubit of the gate")
    if len({*formals, *qubits}) < len(formals) + len(qubits):
        raise tokens.error("a name stands for two angles or qubits of this gate; give each its own", token.place)
    tokens.expect("{", "before the body of a gate")
    body: list[Call] = []
    while not tokens.accept("}"):
        call = _body_call(scope, tuple(formals), qubits)
        if call is not None:
            body.append(call)
    depth = 1 + max((call.callee.depth for call in body if isinstance(call.callee, Definition)), default=0)
    if depth > MAX_DEPTH:
        raise tokens.error(f"gates may be made of others {MAX_DEPTH} deep at most; write some of them out", token.place)
    definition = Definition(tuple(formals), len(qubits), tuple(body), depth)
    scope.gates[token.text] = recognised(token.text, definition, scope.expressions)
    scope.own.add(token.text)


def _names(tokens: Tokens, what: str) -> list[str]:
    names = [tokens.name(what).text]
    while tokens.accept(","):
        names.append(tokens.name(what).text)
    return names


def _body_call(scope: Scope, formals: tuple[str, ...], qubits: list[str]) -> Call | None:
    tokens = scope.tokens
    if tokens.accept(";"):
        return None
    start = tokens.token
    is_barrier = tokens.accept("barrier")
    call = None if is_barrier else read_call(scope, formals)
    places: list[int] = []
    while not tokens.accept(";"):
        if places:
            tokens.expect(",", "between qubits")
        token = tokens.name("a qubit of the gate")
        if token.text not in qubits:
            raise tokens.error(
                f"{token.text[:40]!r} is no qubit of this gate, those are {', '.join(qubits)[:60]}", token.place
            )
        places.append(qubits.index(token.text))
    if call is None:
        return None
    check_qubits(tokens, start.place, call, len(places))
    if len(set(places)) < len(places):
        raise tokens.error("a qubit is given twice; each qubit of a gate must be different", start.place)
    return replace(call, qubits=tuple(places))


def check_qubits(tokens: Tokens, place: int, call: Call, given: int) -> None:
    """Refuse a call with another number of operands than it takes."""
    if given != call.n_qubits:
        controls = f", {call.n_controls} of them controls" if call.n_controls else ""
        raise tokens.error(f"this gate takes {_count(call.n_qubits, 'qubit')}{controls}, got {given}", place)
