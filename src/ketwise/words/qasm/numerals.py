"""Angles as text that both versions read back to the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ketwise.words.angle import LETTERS, Angle

#: Multiples of pi that are written as such.
_FRACTIONS = sorted({Fraction(n, d) for d in (1, 2, 3, 4, 6, 8, 12, 16) for n in range(1, 2 * d + 1)})
_MULTIPLES = {f.numerator * math.pi / f.denominator: f for f in reversed(_FRACTIONS)}


def input_name(kind: int, index: int) -> str:
    """Return the name of an input: ``x_3`` is the feature ``x[3]``, ``w_3`` the parameter ``w[3]``."""
    return f"{LETTERS[kind]}_{index}"


def real(value: float) -> str:
    """Return a number with a decimal point, or a fraction of pi where that gives the same bits."""
    fraction = _MULTIPLES.get(abs(value))
    if fraction is None:
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    times = "" if fraction.numerator == 1 else f"{fraction.numerator}*"
    over = "" if fraction.denominator == 1 else f"/{fraction.denominator}"
    return f"{'-' if value < 0 else ''}{times}pi{over}"


def polynomial(angle: Angle, name: Callable[[int, int], str] = input_name) -> str:
    """Return an angle as a sum of products of its inputs, which ``name`` names."""
    text = ""
    for monomial, value in list(angle.terms.items())[::-1]:
        factors = "*".join(name(kind, index) for kind, index in monomial)
        size = real(abs(value))
        body = size if not factors else factors if abs(value) == 1.0 else f"{size}*{factors}"
        text += f" {'-' if value < 0 else '+'} {body}" if text else body if value > 0 else f"-{body}"
    return text or "0.0"


def bound(angle: Angle, given: Mapping[int, NDArray[np.float64]]) -> Angle:
    """Return an angle with values put in for the kinds of symbols that ``given`` has."""
    total = Angle.of(0.0)
    for monomial, value in angle.terms.items():
        known = math.prod(float(given[kind][index]) for kind, index in monomial if kind in given)
        total = total + Angle({tuple(symbol for symbol in monomial if symbol[0] not in given): value * known})
    return total
