"""Ready-made pre-maps: arcs of the features, products, fixed-point bits; each can be made again from its name.

Those that turn amplitudes into angles are in ``dense.py`` and ``sparse.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ketwise.blocks.preparation.dense import amplitude_angles
from ketwise.blocks.preparation.premap import Array, PreMap
from ketwise.blocks.preparation.sparse import merge_angles
from ketwise.words.checks import nonzero_number, positive_int, real_number

#: Values nearer to the ends of [-1, 1] than this are taken at this distance: at the ends themselves the derivative of
#: an arccosine is not finite, though that of its cosines is.
EDGE = 1e-14
#: Beyond the ends by more than rounding is outside.
OUTSIDE = 1e-12


@dataclass(frozen=True)
class _Arccos:
    scale: float

    def __call__(self, X: Array) -> Array:
        return np.arccos(self.checked(X))

    def checked(self, X: Array) -> Array:
        scaled = np.ascontiguousarray(self.scale * X)
        if np.abs(scaled).max(initial=0.0) > 1.0 + OUTSIDE:
            row, column = np.argwhere(np.abs(scaled) > 1.0 + OUTSIDE)[0]
            raise ValueError(
                f"this encoding takes the arccosine of {_times(self.scale)}features, which must lie in [-1, 1]; row "
                f"{row}, feature {column} gives {scaled[row, column]:.6g}: scale the data, or in an estimator with "
                "scale='minmax' (features in [-pi/2, pi/2]) set bandwidth=0.63"
            )
        return np.clip(scaled, EDGE - 1.0, 1.0 - EDGE)


@dataclass(frozen=True)
class _ArccosBack:
    arccos: _Arccos

    def __call__(self, X: Array, cotangent: Array) -> Array:
        return -self.arccos.scale * cotangent / np.sqrt(1.0 - self.arccos.checked(X) ** 2)


def arccos(scale: float = 1.0) -> PreMap:
    """Return ``arccos(scale * x)`` of every feature; values outside [-1, 1] are refused.

    Examples
    --------
    >>> arccos(0.5).forward(np.array([[2.0, 0.0]])).round(4)
    array([[0.    , 1.5708]])
    """
    factor = nonzero_number("scale", scale)
    edge = 1.0 / abs(factor)
    function = _Arccos(factor)
    return PreMap("arccos", function, _ArccosBack(function), domain=(-edge, edge), settings=(("scale", factor),))


@dataclass(frozen=True)
class _Arctan:
    scale: float

    def __call__(self, X: Array) -> Array:
        return np.arctan(np.ascontiguousarray(self.scale * X))


@dataclass(frozen=True)
class _ArctanBack:
    scale: float

    def __call__(self, X: Array, cotangent: Array) -> Array:
        return self.scale * cotangent / (1.0 + (self.scale * X) ** 2)


def arctan(scale: float = 1.0) -> PreMap:
    """Return ``arctan(scale * x)`` of every feature, which takes any number.

    Examples
    --------
    >>> arctan().forward(np.array([[1.0]])).round(4)
    array([[0.7854]])
    """
    factor = nonzero_number("scale", scale)
    return PreMap("arctan", _Arctan(factor), _ArctanBack(factor), settings=(("scale", factor),))


@dataclass(frozen=True)
class _Products:
    def __call__(self, X: Array) -> Array:
        return np.hstack([X, *(X[:, [i]] * X[:, [j]] for i, j in combinations(range(X.shape[1]), 2))])


@dataclass(frozen=True)
class _ProductsBack:
    def __call__(self, X: Array, cotangent: Array) -> Array:
        n_features = X.shape[1]
        total = cotangent[:, :n_features].copy()
        for column, (i, j) in enumerate(combinations(range(n_features), 2), start=n_features):
            total[:, i] += cotangent[:, column] * X[:, j]
            total[:, j] += cotangent[:, column] * X[:, i]
        return total


def products(n_features: int) -> PreMap:
    """Return the features and then the products of every two of them.

    Examples
    --------
    >>> products(3).forward(np.array([[2.0, 3.0, 5.0]]))
    array([[ 2.,  3.,  5.,  6., 10., 15.]])
    """
    n_features = positive_int("n_features", n_features)
    return PreMap("products", _Products(), _ProductsBack(), n_features, settings=(("n_features", n_features),))


@dataclass(frozen=True)
class _Bits:
    bits: int
    low: float
    high: float

    def __call__(self, X: Array) -> Array:
        steps = 1 << self.bits
        level = np.clip(np.floor((X - self.low) / (self.high - self.low) * steps), 0, steps - 1).astype(np.int64)
        digits = (level[:, :, np.newaxis] >> np.arange(self.bits)) & 1
        return digits.reshape(len(X), -1).astype(np.float64)


@dataclass(frozen=True)
class _BitsBack:
    def __call__(self, X: Array, cotangent: Array) -> Array:
        return np.zeros(X.shape)


def fixed_point(n_features: int, bits: int, low: float = 0.0, high: float = 1.0) -> PreMap:
    """Return each feature as a binary number of so many bits, lowest first: steps, whose derivative is 0.

    Values outside [low, high] count as its ends.

    Examples
    --------
    >>> fixed_point(1, bits=3).forward(np.array([[0.8]]))  # the sixth of eight steps, 110
    array([[0., 1., 1.]])
    """
    n_features, bits = positive_int("n_features", n_features), positive_int("bits", bits)
    low, high = real_number("low", low), real_number("high", high)
    if high <= low:
        raise ValueError(f"high must be above low, got {low} and {high}")
    settings = (("n_features", n_features), ("bits", bits), ("low", low), ("high", high))
    return PreMap("fixed_point", _Bits(bits, low, high), _BitsBack(), n_features, (low, high), settings)


@dataclass(frozen=True)
class _After:
    first: PreMap
    then: PreMap

    def __call__(self, X: Array) -> Array:
        return self.then.forward(self.first.forward(X))


@dataclass(frozen=True)
class _AfterBack:
    first: PreMap
    then: PreMap

    def __call__(self, X: Array, cotangent: Array) -> Array:
        return self.first.backward(X, self.then.backward(self.first.forward(X), cotangent))


def _domain(first: PreMap, then: PreMap) -> tuple[float, float] | None:
    """Return what the first may take so that the second takes what it gives; of other pairs nothing is known."""
    if first.name != "products" or then.domain is None or then.domain[0] != -then.domain[1]:
        return then.domain if first.name == "products" else first.domain
    edge = min(then.domain[1], then.domain[1] ** 0.5)
    return -edge, edge


def one_after_another(first: PreMap, then: PreMap) -> PreMap:
    """Return the pre-map that applies ``then`` to what ``first`` gives.

    Examples
    --------
    >>> one_after_another(products(2), arctan()).forward(np.array([[1.0, 1.0]])).round(4)
    array([[0.7854, 0.7854, 0.7854]])
    """
    remade = bool(first.settings and then.settings)
    return PreMap(
        "one_after_another",
        _After(first, then),
        _AfterBack(first, then),
        first.n_features,
        _domain(first, then),
        (("first", (first.name, first.settings)), ("then", (then.name, then.settings))) if remade else (),
    )


#: How each pre-map of the package is made; with its ``settings`` it is made again.
PREMAPS: dict[str, Callable[..., PreMap]] = {
    "arccos": arccos,
    "arctan": arctan,
    "products": products,
    "fixed_point": fixed_point,
    "amplitude_angles": amplitude_angles,
    "merge_angles": merge_angles,
}


def premap(name: str, **settings: Any) -> PreMap:
    """Return the pre-map of that name, made again from its settings.

    Examples
    --------
    >>> premap("arccos", scale=0.5) == arccos(0.5)
    True
    """
    if name == "one_after_another":
        first, then = (premap(part[0], **dict(part[1])) for part in (settings["first"], settings["then"]))
        return one_after_another(first, then)
    if name not in PREMAPS:
        raise ValueError(f"there is no pre-map {name!r}; there are {', '.join(PREMAPS)}")
    return PREMAPS[name](**settings)


def _times(scale: float) -> str:
    return "" if scale == 1.0 else f"{scale:g} times the "
