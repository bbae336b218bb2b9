"""Angles: sparse polynomials in one vector of values ``[features | params]``, and the symbols they are written in."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, overload

from ketwise.words.checks import positive_int, real_number

FEATURE, PARAM = 0, 1
#: What is drawn for each kind of symbol: ``x[3]`` is a feature (data), ``w[3]`` a parameter (trained).
LETTERS = ("x", "w")

Symbol = tuple[int, int]
Monomial = tuple[Symbol, ...]


class Angle:
    """A polynomial with real coefficients in features and parameters, in radians. Immutable and hashable.

    Build one from :func:`features` and :func:`params` with ``+ - *``, division by a number and whole powers.

    Examples
    --------
    >>> import ketwise as kw
    >>> x, w = kw.features(2), kw.params(2)
    >>> w[0] * x[1] + 2 * w[1] - 1
    w[0]*x[1] + 2*w[1] - 1
    """

    __slots__ = ("terms",)
    __array_ufunc__ = None  # np.float64(2) * angle must call Angle.__rmul__

    terms: Mapping[Monomial, float]

    def __init__(self, terms: Mapping[Monomial, float] | tuple[tuple[Monomial, float], ...]):
        self.terms = {monomial: value for monomial, value in sorted(dict(terms).items()) if value != 0.0}
        if not all(map(math.isfinite, self.terms.values())):
            raise ValueError(f"the coefficients of an angle must be finite, got {self!r}")

    def __reduce__(self) -> tuple[type[Angle], tuple[tuple[tuple[Monomial, float], ...]]]:
        # A call of the class, so that whoever reads a copy back checks it; and no dict, whose keys skops wants as text.
        return Angle, (tuple(self.terms.items()),)

    @classmethod
    def of(cls, value: Any) -> Angle:
        """Return ``value`` as an Angle; numbers become constants, anything else is refused."""
        return value if isinstance(value, Angle) else cls({(): real_number("an angle", value)})

    @property
    def is_constant(self) -> bool:
        """Whether no symbol occurs."""
        return all(not monomial for monomial in self.terms)

    def sizes(self) -> tuple[int, int]:
        """Return the least numbers of features and of parameters that this angle needs."""
        sizes = [0, 0]
        for monomial in self.terms:
            for kind, index in monomial:
                sizes[kind] = max(sizes[kind], index + 1)
        return sizes[FEATURE], sizes[PARAM]

    def shift(self, features: int = 0, params: int = 0) -> Angle:
        """Return the same polynomial with the indices of its symbols moved up."""
        by = (positive_int("features", features, minimum=0), positive_int("params", params, minimum=0))
        return Angle(
            {tuple((kind, i + by[kind]) for kind, i in monomial): value for monomial, value in self.terms.items()}
        )

    def __add__(self, other: Any) -> Angle:
        terms = dict(self.terms)
        for monomial, value in Angle.of(other).terms.items():
            terms[monomial] = terms.get(monomial, 0.0) + value
        return Angle(terms)

    def __mul__(self, other: Any) -> Angle:
        terms: dict[Monomial, float] = {}
        for left, a in self.terms.items():
            for right, b in Angle.of(other).terms.items():
                monomial = tuple(sorted(left + right))
                terms[monomial] = terms.get(monomial, 0.0) + a * b
        return Angle(terms)

    def __pow__(self, exponent: int) -> Angle:
        power = Angle.of(1.0)
        for _ in range(positive_int("the power of an angle", exponent, minimum=0)):
            power = power * self
        return power

    def __truediv__(self, other: Any) -> Angle:
        return self * (1.0 / real_number("the divisor of an angle", other))

    def __neg__(self) -> Angle:
        return self * -1.0

    def __sub__(self, other: Any) -> Angle:
        return self + -Angle.of(other)

    def __rsub__(self, other: Any) -> Angle:
        return Angle.of(other) + -self

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self.terms == other.terms if isinstance(other, Angle) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.terms.items()))

    def __repr__(self) -> str:
        text = ""
        # Products come first and the constant last, as one writes them by hand.
        for monomial, value in sorted(self.terms.items(), key=lambda term: (-len(term[0]), term[0][::-1])):
            factors = "*".join(f"{LETTERS[kind]}[{index}]" for kind, index in reversed(monomial))
            size = f"{abs(value):.6g}"
            body = size if not factors else factors if size == "1" else f"{size}*{factors}"
            sign = "-" if value < 0 else "+"
            text += f" {sign} {body}" if text else body if value > 0 else f"-{body}"
        return text or "0"


class Symbols(Sequence[Angle]):
    """A vector of symbols: indexing gives an :class:`Angle`, slicing a list of them."""

    def __init__(self, kind: int, size: int):
        self._kind = kind
        self._size = positive_int(f"the number of {('features', 'params')[kind]}", size, minimum=0)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Angle: ...
    @overload
    def __getitem__(self, index: slice) -> list[Angle]: ...
    def __getitem__(self, index: int | slice) -> Angle | list[Angle]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._size))]
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(f"{LETTERS[self._kind]}[...] takes a whole number or a slice, got {index!r}") from None
        if not -self._size <= place < self._size:
            raise IndexError(f"{LETTERS[self._kind]}[{place}] is out of range: there are {self._size}")
        return Angle({((self._kind, place % self._size),): 1.0})

    def __repr__(self) -> str:
        return f"{('features', 'params')[self._kind]}({self._size})"


def features(n_features: int) -> Symbols:
    """Return the symbols ``x[0] .. x[n_features - 1]``, which stand for one row of data.

    Examples
    --------
    >>> import ketwise as kw
    >>> x = kw.features(2)
    >>> kw.Circuit(2).rx(x[0], 0).rzz(x[0] * x[1], 0, 1).n_features
    2
    """
    return Symbols(FEATURE, n_features)


def params(n_params: int) -> Symbols:
    """Return the symbols ``w[0] .. w[n_params - 1]``, which stand for trained parameters.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(3)
    >>> kw.Circuit(1).rot(*w, 0).n_params
    3
    """
    return Symbols(PARAM, n_params)
