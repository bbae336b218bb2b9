"""Expressions: parsed once into a flat program for a stack, evaluated as often as a gate is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ketwise.words.angle import Angle
from ketwise.words.qasm.tokens import MAX_DIGITS, Token, Tokens, shown
from ketwise.words.qasm.values import CASTS, CONSTANTS, FUNCTIONS, Budget, Value, apply, binary, checked

#: Brackets, signs and powers in one another.
MAX_NESTING = 64
MAX_LENGTH = 100_000
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}
_SIGN = 3


class Step(NamedTuple):
    """What to do with the stack: ``push`` a value, ``load`` a formal name, ``negate``, ``apply`` or an operator."""

    action: str
    what: Any
    place: int


Code = tuple[Step, ...]


class Expressions:
    """Reads expressions from ``tokens``; ``names`` are the values that the text has declared so far."""

    def __init__(self, tokens: Tokens, version: int, names: Mapping[str, Any], budget: Budget):
        self.tokens = tokens
        self.version = version
        self.names = names
        self.budget = budget
        self._power = "**" if version == 3 else "^"

    def parse(self, formals: Mapping[str, int] | tuple[str, ...] = ()) -> Code:
        """Read one expression; ``formals`` are names whose values are given when it is evaluated."""
        code: list[Step] = []
        self._operand(code, formals, 0, 0)
        return tuple(code)

    def value(self) -> Value:
        """Read one expression and return its value."""
        return self.evaluate(self.parse(), {})

    def evaluate(self, code: Code, formals: Mapping[str, Value]) -> Value:
        """Return the value at given values of the formal names."""
        stack: list[Value] = []
        for action, what, place in code:
            try:
                self.budget.spend(1)
                if action == "push":
                    stack.append(what)
                elif action == "load":
                    stack.append(formals[what])
                elif action == "negate":
                    stack.append(checked(-stack.pop()))
                elif action == "apply":
                    name, count = what
                    arguments = stack[len(stack) - count :]
                    del stack[len(stack) - count :]
                    stack.append(apply(name, arguments, self.version))
                else:
                    right = stack.pop()
                    stack.append(binary(action, stack.pop(), right, self.version == 3, self.budget))
            except (ArithmeticError, ValueError) as error:
                raise self.tokens.error(str(error), place) from None
        return stack[0]

    def _operand(self, code: list[Step], formals: Any, least: int, depth: int) -> None:
        """Read an operand and every operator after it that binds at least as strongly as ``least``."""
        if depth > MAX_NESTING or len(code) > MAX_LENGTH:
            raise self.tokens.error(
                f"an expression may be nested {MAX_NESTING} deep and have {MAX_LENGTH} parts at most; simplify it"
            )
        token = self.tokens.take()
        if token.kind in ("whole", "real"):
            code.append(Step("push", self._number(token), token.place))
        elif token.kind == "name":
            self._name(token, code, formals, depth)
        elif token.text == "(" and token.kind == "symbol":
            self._operand(code, formals, 0, depth + 1)
            self.tokens.expect(")", "to close the bracket")
        elif token.text in ("-", "+") and token.kind == "symbol" and (token.text == "-" or self.version == 2):
            self._operand(code, formals, _SIGN, depth + 1)
            if token.text == "-":
                code.append(Step("negate", None, token.place))
        else:
            raise self.tokens.error(f"expected a number, a name or a bracket, found {shown(token)}", token.place)
        while self.tokens.token.kind == "symbol":
            token = self.tokens.token
            if token.text == self._power:
                self.tokens.take()
                self._operand(code, formals, _SIGN, depth + 1)  # binds to the right, and a sign may stand there
                code.append(Step("**", None, token.place))
                continue
            strength = _STRENGTH.get(token.text, 0) if token.text != "%" or self.version == 3 else 0
            if strength == 0 or strength < least:
                return
            self.tokens.take()
            self._operand(code, formals, strength + 1, depth + 1)
            code.append(Step(token.text, None, token.place))

    def _number(self, token: Token) -> Value:
        text = token.text.replace("_", "")
        if token.kind == "real":
            try:
                return checked(float(text))
            except ValueError as error:
                raise self.tokens.error(str(error), token.place) from None
        base = {"x": 16, "b": 2, "o": 8}.get(text[1:2].lower(), 10)
        if len(text) > MAX_DIGITS * (1 if base >= 10 else 3):
            raise self.tokens.error("a whole number must fit into 64 bits; write it with a decimal point", token.place)
        return int(text[2:] if base != 10 else text, base)

    def _name(self, token: Token, code: list[Step], formals: Any, depth: int) -> None:
        name = token.text
        if name in formals:
            code.append(Step("load", name, token.place))
        elif name in FUNCTIONS[self.version] or (name in CASTS and self.version == 3):
            code.append(Step("apply", (name, self._arguments(name, code, formals, depth)), token.place))
        elif isinstance(self.names.get(name), int | float | Angle):
            code.append(Step("push", self.names[name], token.place))
        elif name in CONSTANTS[self.version] and name not in self.names:
            code.append(Step("push", CONSTANTS[self.version][name], token.place))
        else:
            hint = "functions are " + ", ".join(sorted(FUNCTIONS[self.version]))
            if self.version == 3:
                hint = f"declare it with input or const; {hint}"
            raise self.tokens.error(f"{name[:40]!r} has no value here; {hint}", token.place)

    def _arguments(self, name: str, code: list[Step], formals: Any, depth: int) -> int:
        if name in CASTS and self.tokens.accept("["):
            self._operand([], formals, 0, depth + 1)
            self.tokens.expect("]", "after the width of a type")
        self.tokens.expect("(", f"after {name}")
        count = 0
        while not self.tokens.accept(")"):
            if count:
                self.tokens.expect(",", "between arguments")
            self._operand(code, formals, 0, depth + 1)
            count += 1
        if count == 0:
            raise self.tokens.error(f"{name} needs an argument in its brackets")
        return count
