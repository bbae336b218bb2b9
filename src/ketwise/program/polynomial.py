"""Angles lowered to flat arrays: values from params and features, and the chain rule back to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.engine.native import native_polynomials
from ketwise.words.angle import FEATURE, PARAM, Angle

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


class NumpyPolynomials:
    """The native class of the same methods, in NumPy: for machines without a compiler, and for the tests.

    Angle ``a`` is the sum of the monomials ``first[a] .. first[a + 1]``, at least one; monomial ``m`` is
    ``coefficient[m]`` times the symbols ``factor[start[m]] .. factor[start[m + 1]]`` of ``[features | params]``.
    """

    def __init__(
        self, n_features: int, n_params: int, first: Integers, coefficient: Floats, start: Integers, factor: Integers
    ):
        self._sizes = (n_features, n_params)
        self._coefficient = coefficient
        self._owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
        degree = np.diff(start)
        # A row for the first factor of every monomial, for the second, ...; one past the end stands for the number 1.
        self._index = np.full((int(degree.max(initial=0)), len(degree)), n_features + n_params)
        for place, index in enumerate(self._index):
            index[degree > place] = factor[start[:-1][degree > place] + place]

    def values(self, features: Floats, params: Floats, column: Integers, shared: Floats, rows: Floats) -> int:
        """Fill ``rows (batch, n_rows)`` with the angles that have a column, ``shared (n_angles,)`` with the others.

        Returns ``sample * n_angles + angle`` of the first value that is not finite, shared ones before others, or -1.
        """
        alone, differs = np.flatnonzero(column < 0), np.flatnonzero(column >= 0)
        if len(alone):
            shared[alone] = self._evaluate(column < 0, _one(features), _one(params))[0]
        if len(differs):
            rows[:] = self._evaluate(column >= 0, features, params)
        for table, angles in ((shared[None, alone], alone), (rows, differs)):
            bad = np.argwhere(~np.isfinite(table))
            if len(bad):
                return int(bad[0, 0] * len(column) + angles[bad[0, 1]])
        return -1

    def pull_back(
        self,
        d_shared: Floats | None,
        d_rows: Floats,
        column: Integers,
        features: Floats,
        params: Floats,
        d_features: Floats | None,
        d_params: Floats | None,
    ) -> None:
        """Add derivatives by the symbols to ``d_features`` and ``d_params``: a row a sample, or one row for their sum.

        Those in ``d_rows (batch, n_rows)`` belong to a sample; those of shared angles, ``d_shared (n_angles,)``, count
        once, where there is one row for the sum.
        """
        into = (d_features, d_params)
        if d_rows.size:
            chosen = column[self._owner] >= 0
            self._add(chosen, d_rows[:, column[self._owner[chosen]]], features, params, into)
        if d_shared is not None:
            chosen = column[self._owner] < 0
            sums = [target if target is not None and len(target) == 1 else None for target in into]
            d_alone = d_shared[None, self._owner[chosen]]
            self._add(chosen, d_alone, _one(features), _one(params), (sums[0], sums[1]))

    def _factors(self, chosen: NDArray[np.bool_], features: Floats, params: Floats) -> list[Floats]:
        """Return the first factors ``(batch or 1, n_chosen)`` of the chosen monomials, the second ones, ..."""
        batch = len(features) if len(params) == 1 else len(params)
        wide = [np.broadcast_to(v, (batch, v.shape[1])) for v in (features, params, np.ones((1, 1)))]
        table = np.hstack(wide)
        return [table[:, index[chosen]] for index in self._index]

    def _evaluate(self, angles: NDArray[np.bool_], features: Floats, params: Floats) -> Floats:
        """Return ``(batch or 1, n_chosen)``."""
        chosen = angles[self._owner]
        product = self._coefficient[None, chosen]
        with np.errstate(over="ignore", invalid="ignore"):  # the caller refuses what is not finite
            for factor in self._factors(chosen, features, params):
                product = product * factor
            return np.add.reduceat(product, np.flatnonzero(np.diff(self._owner[chosen], prepend=-1)), axis=1)

    def _add(
        self,
        chosen: NDArray[np.bool_],
        d_monomials: Floats,
        features: Floats,
        params: Floats,
        into: tuple[Floats | None, Floats | None],
    ) -> None:
        factors = self._factors(chosen, features, params)
        with np.errstate(over="ignore", invalid="ignore"):
            weight = d_monomials * self._coefficient[chosen]
            for place, index in enumerate(self._index[:, chosen]):
                part = weight
                for other, factor in enumerate(factors):
                    if other != place:
                        part = part * factor
                for target, start, size in zip(into, (0, self._sizes[0]), self._sizes, strict=True):
                    of_kind = (index >= start) & (index < start + size)
                    if target is None or not of_kind.any():
                        continue
                    terms = part[:, of_kind]
                    if len(target) == 1:
                        terms = terms.sum(axis=0, keepdims=True)
                    np.add.at(target.T, index[of_kind] - start, terms.T)


def _one(rows: Floats) -> Floats:
    """Return the first row, or zeros where there is none."""
    return rows[:1] if len(rows) else np.zeros((1, rows.shape[1]))


class AngleMap:
    """All angles of a circuit as functions of ``(params, features)``.

    Angles that hold a feature always have a row a sample. The others are shared unless the caller gave a batch of
    parameters.
    """

    def __init__(self, angles: Sequence[Angle], n_features: int, n_params: int):
        first, start, factor = [0], [0], []
        coefficient: list[float] = []
        kinds = np.zeros((2, len(angles)), dtype=bool)
        shift = (0, n_features)
        for a, angle in enumerate(angles):
            for monomial, value in (angle.terms or {(): 0.0}).items():
                coefficient.append(value)
                for kind, index in monomial:
                    factor.append(shift[kind] + index)
                    kinds[kind, a] = True
                start.append(len(factor))
            first.append(len(coefficient))
        make: Any = native_polynomials() or NumpyPolynomials
        self._polynomials = make(
            n_features, n_params, _int32(first), np.array(coefficient, dtype=np.float64), _int32(start), _int32(factor)
        )
        self._kinds = kinds
        # By whether the parameters come in a batch: the column of every angle, and the number of columns.
        self._columns = [_columns(kinds[FEATURE]), _columns(kinds[FEATURE] | kinds[PARAM])]
        self.n_angles = len(angles)

    def values(self, params: Floats, features: Floats, batch: int, batched_params: bool) -> AngleValues:
        """Return the angles for ``params (batch or 1, n_params)`` and ``features (batch or 1, n_features)``."""
        column, n_rows = self._columns[batched_params]
        shared, rows = np.zeros(self.n_angles), np.empty((batch, n_rows))
        bad = self._polynomials.values(features, params, column, shared, rows)
        if bad >= 0:
            row, angle = divmod(bad, self.n_angles)
            raise ValueError(f"the angle of rotation {angle} is not finite for sample {row}: values are too large")
        return AngleValues(batch, shared, rows, column)

    def needed(self, *, of_params: bool, of_features: bool) -> NDArray[np.bool_]:
        """Return ``(n_angles,)``: whose derivatives :meth:`pull_back` looks at."""
        return (self._kinds[PARAM] & of_params) | (self._kinds[FEATURE] & of_features)

    def pull_back(
        self,
        d_shared: Floats,
        d_rows: Floats,
        params: Floats,
        features: Floats,
        batched_params: bool,
        *,
        of_params: bool = True,
        of_features: bool = True,
    ) -> tuple[Floats | None, Floats | None]:
        """Return ``d_params`` and ``d_features``, each with the shape of its input, or None if not asked for."""
        if not of_params and not of_features:
            return None, None
        d_params = np.zeros(params.shape) if of_params else None
        d_features = np.zeros(features.shape) if of_features else None
        column, _ = self._columns[batched_params]
        self._polynomials.pull_back(d_shared, d_rows, column, features, params, d_features, d_params)
        return d_params, d_features

    def pull_back_rows(
        self, d_angles: Floats, params: Floats, features: Floats, *, of_features: bool = False
    ) -> Floats:
        """Return the derivatives of every sample, ``(batch, n_params)`` or of the features, ``(batch, n_features)``.

        From ``d_angles (batch, n_angles)``, where every angle has a row a sample whether its value is shared or not.
        """
        given = features if of_features else params
        found = np.zeros((len(d_angles), given.shape[1]))
        into = (found, None) if of_features else (None, found)
        self._polynomials.pull_back(None, d_angles, _int32(range(self.n_angles)), features, params, *into)
        return found


def _int32(values: Any) -> Integers:
    return np.array(values, dtype=np.int32)


def _columns(differs: NDArray[np.bool_]) -> tuple[Integers, int]:
    """Return a column for every angle that differs from sample to sample, -1 for the others; and their number."""
    column = np.full(len(differs), -1, dtype=np.int32)
    column[differs] = np.arange(differs.sum())
    return column, int(differs.sum())
