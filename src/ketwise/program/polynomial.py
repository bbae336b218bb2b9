"""Angles lowered to flat arrays: values from params and features, and the chain rule back to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.words.angle import FEATURE, Angle

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class Monomials:
    """Monomials of some angles: a coefficient, and for each kind of symbol an index for every factor.

    The index one past the end stands for the number 1, so that all monomials have the same number of factors.
    """

    def __init__(self, angles: Sequence[Angle], n_features: int, n_params: int):
        owner, coefficient, factors = [], [], []
        for a, angle in enumerate(angles):
            for monomial, value in (angle.terms or {(): 0.0}).items():
                owner.append(a)
                coefficient.append(value)
                factors.append(monomial)
        self.coefficient = np.array(coefficient, dtype=np.float64)
        self.owner = np.array(owner, dtype=np.intp)
        self.starts = np.searchsorted(self.owner, np.arange(len(angles)))
        self.sizes = (n_features, n_params)
        # Per kind: one array (n_monomials,) of indices a factor.
        self.index: tuple[list[Indices], list[Indices]] = ([], [])
        for kind, size in enumerate(self.sizes):
            of_kind = [[i for k, i in monomial if k == kind] for monomial in factors]
            for place in range(max(map(len, of_kind), default=0)):
                self.index[kind].append(
                    np.array([f[place] if place < len(f) else size for f in of_kind], dtype=np.intp)
                )

    def gather(self, inputs: tuple[Floats, Floats]) -> tuple[list[Floats], list[Floats]]:
        """Return the factors ``(batch or 1, n_monomials)`` of every monomial, by kind."""
        padded = [np.hstack([v, np.ones((len(v), 1))]) for v in inputs]
        first, second = ([padded[kind][:, index] for index in self.index[kind]] for kind in range(2))
        return first, second

    def values(self, inputs: tuple[Floats, Floats]) -> Floats:
        """Return the angles ``(batch or 1, n_angles)``."""
        product = self.coefficient[None, :]
        with np.errstate(over="ignore", invalid="ignore"):  # AngleMap.values refuses what is not finite
            for of_kind in self.gather(inputs):
                for factor in of_kind:
                    product = product * factor
            return product if len(self.starts) == len(self.owner) else np.add.reduceat(product, self.starts, axis=1)

    def pull_back(self, d_angles: Floats, inputs: tuple[Floats, Floats], into: tuple[Floats, Floats]) -> None:
        """Add to ``into`` what ``d_angles (batch or 1, n_angles)`` means for each input, summed where it is shared."""
        factors = self.gather(inputs)
        flat = [(kind, place) for kind in range(2) for place in range(len(self.index[kind]))]
        weight = d_angles[:, self.owner] * self.coefficient
        for kind, place in flat:
            part = weight
            for other in flat:
                if other != (kind, place):
                    part = part * factors[other[0]][other[1]]
            index, target = self.index[kind][place], into[kind]
            if len(target) == 1:
                target[0] += np.bincount(index, weights=part.sum(axis=0), minlength=self.sizes[kind] + 1)[:-1]
            else:
                columns = np.zeros((self.sizes[kind] + 1, len(target)))
                np.add.at(columns, index, np.broadcast_to(part, (len(target), len(index))).T)
                target += columns[:-1].T


class AngleMap:
    """All angles of a circuit as functions of ``(params, features)``.

    Angles that hold a feature always have a row a sample. The others are shared unless the caller gave a batch of
    parameters.
    """

    def __init__(self, angles: Sequence[Angle], n_features: int, n_params: int):
        self.sizes = (n_features, n_params)
        has_feature = np.array([any(k == FEATURE for m in a.terms for k, _ in m) for a in angles], dtype=bool)
        has_symbol = np.array([not a.is_constant for a in angles], dtype=bool)
        self._split = {}
        for batched_params, differs in ((False, has_feature), (True, has_symbol)):
            column = np.full(len(angles), -1, dtype=np.int32)
            column[differs] = np.arange(differs.sum(), dtype=np.int32)
            row_angles = [a for a, d in zip(angles, differs, strict=True) if d]
            shared_angles = [a for a, d in zip(angles, differs, strict=True) if not d]
            self._split[batched_params] = (
                column,
                np.flatnonzero(~differs),
                Monomials(row_angles, n_features, n_params),
                Monomials(shared_angles, n_features, n_params),
            )
        self.n_angles = len(angles)

    def values(self, params: Floats, features: Floats, batch: int, batched_params: bool) -> AngleValues:
        """Return the angles for ``params (batch or 1, n_params)`` and ``features (batch or 1, n_features)``."""
        column, shared_at, rows, shared = self._split[batched_params]
        inputs = (features, params)
        values = np.zeros(self.n_angles)
        if len(shared_at):
            values[shared_at] = shared.values((features[:1], params[:1]))[0]
        table = np.zeros((batch, len(rows.starts)))
        if len(rows.starts):
            table[:] = rows.values(inputs)
        for name, array in (("shared", values[None, :]), ("rows", table)):
            if not np.isfinite(array).all():
                row, a = np.argwhere(~np.isfinite(array))[0]
                where = a if name == "shared" else int(np.flatnonzero(column == a)[0])
                raise ValueError(f"the angle of rotation {where} is not finite for sample {row}: values are too large")
        return AngleValues(batch, values, table, column)

    def pull_back(
        self,
        d_shared: Floats,
        d_rows: Floats,
        params: Floats,
        features: Floats,
        batched_params: bool,
    ) -> tuple[Floats, Floats]:
        """Return ``d_params`` and ``d_features``, each with the shape of its input."""
        _, shared_at, rows, shared = self._split[batched_params]
        into = (np.zeros(features.shape), np.zeros(params.shape))
        if len(rows.starts) and len(d_rows):
            rows.pull_back(d_rows, (features, params), into)
        if len(shared_at):
            # Shared angles hold no symbol when parameters come in a batch, and never a feature.
            first = (features[:1], params[:1])
            part = (np.zeros(first[0].shape), np.zeros(first[1].shape))
            shared.pull_back(d_shared[None, shared_at], first, part)
            if not batched_params:
                into[1][:] += part[1]
        return into[1], into[0]
