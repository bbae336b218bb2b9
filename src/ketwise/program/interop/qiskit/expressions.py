"""Qiskit's parameter expressions and our angles, which are polynomials: there and back."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qiskit.circuit import Parameter, ParameterExpression

from ketwise.words.angle import Angle

#: How far the polynomial read may be from the expression at the point where both are evaluated.
TOLERANCE = 1e-9


class NotPolynomialError(ValueError):
    """An expression that no polynomial equals, such as ``sin(x)`` or ``1 / x``."""


def polynomial(expression: Any, symbols: Mapping[Parameter, Angle]) -> Angle:
    """Return a number or a Qiskit expression as an angle.

    Parameters
    ----------
    expression : float or ParameterExpression
    symbols : mapping from Parameter to Angle
        What stands for each parameter.

    Raises
    ------
    NotPolynomialError
        If it is a function, or divides by a parameter.
    """
    if not isinstance(expression, ParameterExpression):
        return Angle.of(_real(expression))
    if isinstance(expression, Parameter):
        return _symbol(expression, symbols)
    if not expression.parameters:
        return Angle.of(_real(expression.numeric()))
    stack: list[Any] = []
    # The record of how an expression was made is what Qiskit's own files keep of it, and is read in the same way.
    for step in expression._qpy_replay:
        stack += [_operand(side, symbols) for side in (step.lhs, step.rhs) if side is not None]
        name = str(step.op).rpartition(".")[2]
        if name == "CONJ":  # parameters are real
            continue
        if name not in _OPERATIONS or len(stack) < 2:
            raise NotPolynomialError(f"the angle {expression} is not a polynomial in its parameters")
        right, left = stack.pop(), stack.pop()
        try:
            stack.append(_OPERATIONS[name](left, right))
        except (TypeError, ValueError, ZeroDivisionError):
            raise NotPolynomialError(f"the angle {expression} is not a polynomial in its parameters") from None
    found = Angle.of(stack.pop())
    _check(expression, found, symbols)
    return found


def to_expression(angle: Angle, symbols: Sequence[Sequence[Any]]) -> Any:
    """Return an angle as a float or a Qiskit expression; ``symbols`` are the parameters for features and for params."""
    total: Any = 0.0
    for monomial, coefficient in angle.terms.items():
        term: Any = None
        for kind, index in monomial:
            symbol = symbols[kind][index]
            term = symbol if term is None else term * symbol
        if term is None:
            part = coefficient
        else:
            part = term if coefficient == 1.0 else coefficient * term
        total = part if isinstance(total, float) and total == 0.0 else total + part
    return total


def _operand(given: Any, symbols: Mapping[Parameter, Angle]) -> Any:
    return polynomial(given, symbols) if isinstance(given, ParameterExpression) else _real(given)


def _symbol(parameter: Parameter, symbols: Mapping[Parameter, Angle]) -> Angle:
    try:
        return symbols[parameter]
    except KeyError:
        raise ValueError(
            f"the parameter {parameter.name} is used inside a gate but is not a parameter of the circuit"
        ) from None


def _real(value: Any) -> float:
    number = complex(value)
    if number.imag:
        raise ValueError(f"an angle must be real, got {value}")
    return number.real


def _power(base: Any, exponent: Any) -> Any:
    number = _constant(exponent)
    if isinstance(base, Angle) and not base.is_constant:
        if number < 0 or number != int(number):
            raise ValueError("not a whole power")
        return base ** int(number)
    return _constant(base) ** number


def _constant(value: Any) -> float:
    if not isinstance(value, Angle):
        return float(value)
    if not value.is_constant:
        raise ValueError("not a constant")
    return value.terms.get((), 0.0)


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "ADD": operator.add,
    "SUB": operator.sub,
    "RSUB": lambda left, right: right - left,
    "MUL": operator.mul,
    "DIV": lambda left, right: left / _constant(right),
    "RDIV": lambda left, right: right / _constant(left),
    "POW": _power,
    "RPOW": lambda left, right: _power(right, left),
}


def _check(expression: ParameterExpression, found: Angle, symbols: Mapping[Parameter, Angle]) -> None:
    """Compare both at one point: the record that was read is not a documented part of Qiskit."""
    at: dict[Any, float] = {}
    values: dict[Any, float] = {}
    for place, parameter in enumerate(expression.parameters):
        at[parameter] = math.sqrt(2.0 + place)
        ((monomial, _),) = symbols[parameter].terms.items()
        values[monomial[0]] = at[parameter]
    theirs = _real(expression.bind_all(at))
    terms = [c * math.prod(values[symbol] for symbol in monomial) for monomial, c in found.terms.items()]
    if not math.isclose(theirs, math.fsum(terms), rel_tol=TOLERANCE, abs_tol=TOLERANCE * sum(map(abs, terms))):
        raise NotPolynomialError(
            f"the angle {expression} could not be read: this version of Qiskit keeps expressions in another way. "
            'Install versions that work together: pip install "ketwise[qiskit]"'
        )
