"""Values of expressions, whole numbers, reals and polynomials in the inputs, and arithmetic on them within limits."""

from __future__ import annotations

import math
from collections.abc import Callable

from ketwise.words.angle import Angle

Value = int | float | Angle

#: Steps that one text may take: operations written out, and terms of polynomials multiplied.
MAX_STEPS = 2_000_000
MAX_TERMS = 1000
MAX_DEGREE = 64
MAX_WHOLE = 2**63 - 1


class Budget:
    """Counts the work that a text asks for, so that a short one cannot ask for a long time."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Count ``steps``; refuse what is beyond the limit."""
        self.left -= steps
        if self.left < 0:
            raise ValueError(f"the program unfolds to more than {MAX_STEPS:,} steps; split it into smaller ones")


def checked(value: Value) -> Value:
    """Return a value that is within the limits; a polynomial without inputs becomes a number."""
    if isinstance(value, Angle):
        if value.is_constant:
            return float(value.terms.get((), 0.0))
        if len(value.terms) > MAX_TERMS or max(map(len, value.terms)) > MAX_DEGREE:
            raise ValueError(f"an angle may have {MAX_TERMS} terms of degree {MAX_DEGREE} at most; simplify it")
        return value
    if isinstance(value, int):
        if abs(value) > MAX_WHOLE:
            raise ValueError("a whole number must fit into 64 bits; write it with a decimal point")
        return value
    if not math.isfinite(value):
        raise ValueError(f"a number must be finite, got {value}; no angle needs to be that large")
    return value


def number(value: Value, what: str) -> int | float:
    """Return a value that must not depend on the inputs."""
    if isinstance(value, Angle):
        raise ValueError(f"{what} must be known when the text is read, but it depends on an input; write a number")
    return value


def whole(value: Value, what: str) -> int:
    """Return a value that must be a whole number."""
    if not isinstance(value, int):
        raise ValueError(f"{what} must be a whole number, got {value}; write it without a decimal point")
    return value


def _size(value: Value) -> int:
    return len(value.terms) if isinstance(value, Angle) else 1


def _times(a: Value, b: Value, budget: Budget) -> Value:
    work = _size(a) * _size(b)
    budget.spend(work)
    if work > MAX_TERMS:
        raise ValueError(f"this product has {work} terms, {MAX_TERMS} at most are read; simplify it")
    return checked(a * b)


def _power(a: Value, b: Value, budget: Budget) -> Value:
    exponent = number(b, "an exponent")
    if isinstance(a, Angle):
        if exponent != int(exponent) or not 0 <= exponent <= MAX_DEGREE:
            raise ValueError(f"an input can be raised to whole powers from 0 to {MAX_DEGREE} only, got {exponent}")
        product: Value = 1.0
        for _ in range(int(exponent)):
            product = _times(product, a, budget)
        return product
    if isinstance(a, int) and isinstance(exponent, int) and exponent >= 0:
        if exponent * max(a.bit_length() - 1, 0) > 64:
            raise ValueError("a whole number must fit into 64 bits; write it with a decimal point")
        return int(a ** (exponent if abs(a) > 1 else min(exponent, 2 - exponent % 2)))
    try:
        return math.pow(a, exponent)
    except (ArithmeticError, ValueError):
        raise ValueError(f"{a}**{exponent} has no real value; write another number") from None


def _over(a: Value, b: Value, whole_division: bool) -> Value:
    if isinstance(b, Angle):
        raise ValueError(
            "an angle must be a polynomial in the inputs: it cannot be divided by one; add an input for it"
        )
    if b == 0:
        raise ValueError("division by zero; give another divisor")
    if whole_division and isinstance(a, int) and isinstance(b, int):
        if a % b:
            raise ValueError(f"{a}/{b} divides whole numbers and would drop the rest; write {a}.0/{b}")
        return a // b
    return a / b


def _rest(a: Value, b: Value) -> Value:
    a, b = number(a, "a remainder"), number(b, "a remainder")
    if b == 0:
        raise ValueError("division by zero; give another divisor")
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) % abs(b) * (-1 if a < 0 else 1)
    return math.fmod(a, b)


def binary(symbol: str, a: Value, b: Value, whole_division: bool, budget: Budget) -> Value:
    """Return ``a symbol b``; ``whole_division`` says whether 6/3 of whole numbers is a whole number."""
    if symbol == "*":
        return _times(a, b, budget)
    if symbol == "/":
        return checked(_over(a, b, whole_division))
    if symbol == "%":
        return checked(_rest(a, b))
    if symbol == "**":
        return checked(_power(a, b, budget))
    budget.spend(_size(a) + _size(b))
    return checked(a + b if symbol == "+" else a - b)


def _modulo(a: float, b: float) -> float:
    return number(_rest(a, b), "a remainder")


def _count(bits: float) -> int:
    return whole(bits, "the argument of popcount").bit_count()


#: Functions of OpenQASM 3 and of OpenQASM 2, each with its number of arguments.
FUNCTIONS: dict[int, dict[str, tuple[int, Callable[..., int | float]]]] = {
    3: {
        "arccos": (1, math.acos),
        "arcsin": (1, math.asin),
        "arctan": (1, math.atan),
        "ceiling": (1, lambda a: float(math.ceil(a))),
        "cos": (1, math.cos),
        "exp": (1, math.exp),
        "floor": (1, lambda a: float(math.floor(a))),
        "log": (1, math.log),
        "mod": (2, _modulo),
        "popcount": (1, _count),
        "pow": (2, math.pow),
        "sin": (1, math.sin),
        "sqrt": (1, math.sqrt),
        "tan": (1, math.tan),
    },
    2: {
        "cos": (1, math.cos),
        "exp": (1, math.exp),
        "ln": (1, math.log),
        "sin": (1, math.sin),
        "sqrt": (1, math.sqrt),
        "tan": (1, math.tan),
    },
}
#: Casts of OpenQASM 3; ``angle`` is read as a real number and not wrapped.
CASTS: dict[str, Callable[[int | float], int | float]] = {"int": int, "uint": int, "float": float, "angle": float}
CONSTANTS: dict[int, dict[str, float]] = {
    3: {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "euler": math.e, "ℇ": math.e},
    2: {"pi": math.pi},
}


def apply(name: str, arguments: list[Value], version: int) -> Value:
    """Return a function or a cast of its arguments."""
    if name in CASTS and version == 3:
        arity, function = 1, CASTS[name]
        if isinstance(arguments[0], Angle) and name in ("float", "angle"):
            return arguments[0]
    else:
        arity, function = FUNCTIONS[version][name]
    if len(arguments) != arity:
        raise ValueError(f"{name} takes {arity} argument{'s' * (arity > 1)}, got {len(arguments)}")
    numbers = [number(argument, f"the argument of {name}") for argument in arguments]
    try:
        return checked(function(*numbers))
    except (ArithmeticError, ValueError) as error:
        raise ValueError(f"{name}({', '.join(map(str, numbers))}) has no real value: {error}") from None
