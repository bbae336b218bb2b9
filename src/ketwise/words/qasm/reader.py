"""OpenQASM text as a circuit: the statements of a program, from the header to the last gate."""

from __future__ import annotations

from collections.abc import Callable

from ketwise.words.angle import Angle, params
from ketwise.words.circuit import Op
from ketwise.words.qasm.calls import unfold
from ketwise.words.qasm.gate_statements import Scope, check_qubits, read_call, read_definition
from ketwise.words.qasm.operands import MAX_QUBITS, Register, broadcast, operand
from ketwise.words.qasm.tokens import Token, Tokens, shown
from ketwise.words.qasm.values import number, whole

_FIXED = "a Circuit is one fixed sequence of gates"
#: Statements that are refused, each with what to do instead.
REFUSED = {
    **dict.fromkeys(
        ("if", "else", "for", "while", "switch", "break", "continue", "end", "return"),
        f"control flow is not read: {_FIXED}; write the gates out",
    ),
    **dict.fromkeys(("def", "extern"), f"subroutines are not read: {_FIXED}; write a gate instead"),
    **dict.fromkeys(("cal", "defcal", "defcalgrammar"), "pulses are not read; leave calibrations out"),
    **dict.fromkeys(("delay", "box", "stretch", "duration", "nop"), "timing is not read; leave it out"),
    **dict.fromkeys(("bool", "complex", "array"), "values of this type are not read; declare single floats or ints"),
    "opaque": "a gate without a definition cannot be simulated; write its body, gate ... { ... }",
    **dict.fromkeys(("pragma", "#"), "pragmas are not read; leave the line out"),
    "@": "annotations are not read; leave the line out",
}
NUMBERS = ("int", "uint", "float", "angle")


class Reader:
    """Reads one text. ``ops`` act on ``n_qubits`` qubits; parameter ``k`` in them is input ``inputs[k]``."""

    def __init__(self, text: str):
        self.tokens = Tokens(text)
        self.inputs: list[str] = []
        self.ops: list[Op] = []
        self.n_qubits = 0
        self._touched: set[int] = set()
        self._measured: set[int] = set()
        self.scope = Scope(self.tokens, self._header())
        both: dict[str, Callable[[Token], None]] = {
            "include": lambda token: self.scope.include(),
            "gate": lambda token: read_definition(self.scope),
            "qreg": self._old_register,
            "creg": self._old_register,
            "barrier": self._barrier,
            "measure": self._measure,
            "reset": self._reset,
        }
        only_3: dict[str, Callable[[Token], None]] = {
            "qubit": self._register,
            "bit": self._register,
            "input": self._input,
            "output": self._output,
            "const": lambda token: self._value(self.tokens.take()),
            "let": self._alias,
            **dict.fromkeys(NUMBERS, self._value),
        }
        self._statements = both | (only_3 if self.scope.version == 3 else {})

    def read(self) -> None:
        """Read everything up to the end."""
        while self.tokens.token.kind != "end":
            with self.tokens.at(self.tokens.token.place):
                self.scope.expressions.budget.spend(1)
            self._statement(self.tokens.token)
        if not self.n_qubits:
            raise self.tokens.error("the program has no qubits; declare some, as in qubit[2] q;")

    def _header(self) -> int:
        tokens = self.tokens
        if tokens.accept("OPENQASM") and tokens.token.kind in ("real", "whole"):
            token = tokens.take()
            major = token.text.split(".")[0]
            if major not in ("2", "3"):
                raise tokens.error(f"versions 2 and 3 are read, not {token.text[:10]}", token.place)
            tokens.expect(";", "after the version")
            return int(major)
        raise tokens.error("a program begins with its version: OPENQASM 3.0; or OPENQASM 2.0;")

    def _statement(self, token: Token) -> None:
        tokens = self.tokens
        declared = self.scope.names.get(token.text)
        if token.text in REFUSED and token.kind != "string":
            raise tokens.error(REFUSED[token.text])
        if tokens.accept(";"):
            return
        if token.kind != "name":
            raise tokens.error(f"expected a statement, found {shown(token)}")
        if isinstance(declared, Register) and not declared.quantum:
            self._assignment(self._bits())
        elif token.text in self._statements:
            self._statements[tokens.take().text](token)
        else:
            self._gate_call(token)

    # -- gates

    def _gate_call(self, token: Token) -> None:
        call = read_call(self.scope)
        operands = [] if self.tokens.accept(";") else self._operands()
        check_qubits(self.tokens, token.place, call, len(operands))
        for qubits in broadcast(operands, self.tokens, token.place):
            if not self._measured.isdisjoint(qubits):
                raise self.tokens.error(
                    f"a gate after a measurement of its qubits is not read: {_FIXED}; measure at the end",
                    token.place,
                )
            self._touched.update(qubits)
            self.ops += unfold(call, {}, qubits, self.scope.expressions)

    def _operands(self) -> list[Register]:
        found = [self._qubits()]
        while self.tokens.accept(","):
            found.append(self._qubits())
        self.tokens.expect(";", "after the qubits")
        return found

    def _qubits(self) -> Register:
        found = operand(self.tokens, self.scope.names, self.scope.expressions)
        if found.hardware:
            self.n_qubits = max(self.n_qubits, found.members[0] + 1)
        return found

    def _bits(self) -> Register:
        return operand(self.tokens, self.scope.names, self.scope.expressions, quantum=False)

    # -- measurements: accepted at the end, where a Circuit leaves off

    def _measure(self, token: Token) -> None:
        qubits = self._qubits()
        if self.tokens.accept("->"):
            self._same_size(qubits, self._bits(), token)
        self.tokens.expect(";", "after a measurement")
        self._measured.update(qubits.members)

    def _assignment(self, bits: Register) -> None:
        token = self.tokens.expect("=", "after a bit")
        if self.tokens.token.text != "measure":
            raise self.tokens.error(f"bits take results of measurements only: {_FIXED}; take the assignment out")
        self.tokens.take()
        qubits = self._qubits()
        self._same_size(qubits, bits, token)
        self.tokens.expect(";", "after a measurement")
        self._measured.update(qubits.members)

    def _same_size(self, qubits: Register, bits: Register, token: Token) -> None:
        if len(qubits.members) != len(bits.members):
            raise self.tokens.error(
                f"{len(qubits.members)} qubits do not go into {len(bits.members)} bits; give as many", token.place
            )

    def _reset(self, token: Token) -> None:
        qubits = self._qubits()
        if not self._touched.isdisjoint(qubits.members):
            raise self.tokens.error(f"reset after a gate is not read: {_FIXED}; qubits start as 0", token.place)
        self.tokens.expect(";", "after reset")

    def _barrier(self, token: Token) -> None:
        if not self.tokens.accept(";"):
            self._operands()

    # -- declarations

    def _size(self, what: str) -> int:
        place = self.tokens.expect("[", f"before the size of {what}").place
        value = self.scope.expressions.value()
        self.tokens.expect("]", f"after the size of {what}")
        with self.tokens.at(place):
            size = whole(number(value, "a size"), "a size")
            if not 1 <= size <= MAX_QUBITS:
                raise ValueError(f"a size must be from 1 to {MAX_QUBITS}, got {size}")
        return size

    def _declare(self, name: Token, size: int | None, quantum: bool) -> None:
        if quantum:
            if any(isinstance(each, Register) and each.hardware for each in self.scope.names.values()):
                raise self.tokens.error(
                    "qubits are either declared or written $0, $1, ...: use one of the two", name.place
                )
            if self.n_qubits + (size or 1) > MAX_QUBITS:
                raise self.tokens.error(f"a program may have {MAX_QUBITS} qubits at most", name.place)
        first = self.n_qubits if quantum else 0
        self.scope.declare(name, Register(tuple(range(first, first + (size or 1))), size is None, quantum))
        self.n_qubits += (size or 1) * quantum

    def _register(self, token: Token) -> None:
        size = self._size("a register") if self.tokens.token.text == "[" else None
        name = self.tokens.name("a register")
        self._declare(name, size, token.text == "qubit")
        if token.text == "bit" and self.tokens.token.text == "=":
            self._assignment(self.scope.names[name.text])
        else:
            self.tokens.expect(";", "after a declaration")

    def _old_register(self, token: Token) -> None:
        name = self.tokens.name("a register")
        size = self._size("a register") if self.tokens.token.text == "[" or self.scope.version == 2 else None
        self._declare(name, size, token.text == "qreg")
        self.tokens.expect(";", "after a declaration")

    def _width(self) -> None:
        if self.tokens.token.text == "[":
            self._size("a type")

    def _input(self, token: Token) -> None:
        kind = self.tokens.take()
        if kind.text not in ("float", "angle"):
            raise self.tokens.error("an input must be of type float or angle; write other values in", kind.place)
        self._width()
        name = self.tokens.name("an input")
        self.scope.declare(name, params(len(self.inputs) + 1)[-1])
        self.inputs.append(name.text)
        self.tokens.expect(";", "after an input")

    def _output(self, token: Token) -> None:
        kind = self.tokens.take()
        if kind.text != "bit":
            raise self.tokens.error("an output must be of type bit; leave others out", kind.place)
        self._register(kind)

    def _value(self, token: Token) -> None:
        """A number with a name; as nothing is assigned later, it is the same with and without ``const``."""
        if token.text not in NUMBERS:
            raise self.tokens.error(f"a value must be of type {', '.join(NUMBERS)}, got {shown(token)}", token.place)
        self._width()
        name = self.tokens.name("a value")
        self.tokens.expect("=", "after the name of a value")
        value = self.scope.expressions.value()
        self.tokens.expect(";", "after a value")
        with self.tokens.at(name.place):
            if token.text in ("int", "uint"):
                value = whole(number(value, "a whole number"), "an int")
            elif not isinstance(value, Angle):
                value = float(value)
        self.scope.declare(name, value)

    def _alias(self, token: Token) -> None:
        name = self.tokens.name("an alias")
        self.tokens.expect("=", "after the name of an alias")
        parts = [self._qubits()]
        while self.tokens.accept("++"):
            parts.append(self._qubits())
        self.tokens.expect(";", "after an alias")
        members = tuple(member for part in parts for member in part.members)
        with self.tokens.at(name.place):
            self.scope.expressions.budget.spend(len(members))
            if len(set(members)) < len(members):
                raise ValueError("an alias has a qubit twice; name each once")
        self.scope.declare(name, Register(members, len(parts) == 1 and parts[0].single))
