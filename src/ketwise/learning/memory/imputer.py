"""The associative memory as an imputer: complete rows are stored, and what is missing of others is recalled."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.memory.answers import Weighed
from ketwise.learning.memory.method import Method
from ketwise.learning.memory.methods import method_of
from ketwise.learning.memory.storing import complete_rows, store_rows

Array = NDArray[np.float64]

STRATEGIES = ("likeliest", "mean")
#: Rows are filled so many weights at a time, one for each stored row.
WEIGHTS_AT_A_TIME = 1 << 22


class AssociativeMemoryImputer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Fills gaps (NaN) with what an associative memory recalls from the known part of a row.

    Parameters
    ----------
    method, encoding, n_levels
        As for :class:`AssociativeMemory`; "categories" suits columns of category numbers.
    strategy : {"likeliest", "mean"}
        The value with the greatest probability among the stored rows, or the mean of all by their probabilities. For
        methods that make patterns of their own: what their bits stand for, whichever is asked for.
    random_state : int, RandomState instance or None
        For methods that draw something.

    Attributes
    ----------
    patterns_ : (n_patterns, n_columns) array
        The stored rows: those without gaps.
    code_ : Code or None
        From columns to bits; None for "real".
    trained_ : VariationalMemory or None
        The trained map, for "variational".
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Known values stay as they are. A value that no stored row has counts as unknown where the alphabet of its column is
    strict, and stays too. Of a row of nothing but gaps every stored row is equally likely.

    Examples
    --------
    >>> import ketwise as kw
    >>> import numpy as np
    >>> known = np.array([[0, 0, 1, 1], [1, 1, 0, 0]])
    >>> kw.AssociativeMemoryImputer().fit(known).transform([[np.nan, 0, 1, np.nan]])
    array([[0., 0., 1., 1.]])
    """

    def __init__(
        self,
        method: str | Method = "probabilistic",
        *,
        encoding: str = "threshold",
        n_levels: int = 2,
        strategy: str = "likeliest",
        random_state: Any = None,
    ):
        self.method = method
        self.encoding = encoding
        self.n_levels = n_levels
        self.strategy = strategy
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Store the rows of ``X`` (n_samples, n_columns) that have no gaps."""
        if self.strategy not in STRATEGIES:
            raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, got {self.strategy!r}")
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        return self._store(X[complete_rows(X)])

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Store more rows."""
        if not hasattr(self, "patterns_"):
            return self.fit(X)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self._store(np.concatenate([self.patterns_, X[~np.isnan(X).any(axis=1)]]))

    def transform(self, X: Any) -> Array:
        """Return ``X`` (n_samples, n_columns) with its gaps filled."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        filled: Array = np.array(X)
        gaps = np.isnan(X)
        broken = np.flatnonzero(gaps.any(axis=1))
        bits = self._bits(X[broken])
        blank = np.isnan(bits).all(axis=1)
        step = max(1, WEIGHTS_AT_A_TIME // len(self.patterns_))
        for rows, given in ((broken[~blank], bits[~blank]), (broken[blank], None)):
            for start in range(0, len(rows), step):
                some = rows[start : start + step]
                values = self._recalled(gaps[some], None if given is None else given[start : start + step])
                filled[some] = np.where(gaps[some], values, X[some])
        return filled

    def _bits(self, X: Array) -> Array:
        """Return the bits of the rows; values outside a strict alphabet are unknown to the memory."""
        if self.code_ is None:
            return X
        known = X.copy()
        for j, column in enumerate(self.code_.columns):
            known[column.read(np.where(np.isnan(X[:, j]), column.symbols[0], X[:, j])) < 0, j] = np.nan
        return self.code_.bits(known)

    def _recalled(self, gaps: NDArray[np.bool_], bits: Array | None) -> Array:
        """Return values for the gaps; the others are not meant. Without bits the memory itself is taken."""
        if bits is None:
            posterior = np.full((len(gaps), len(self.patterns_)), 1.0 / len(self.patterns_))
        else:
            answer = method_of(self.method).answer(self._held, bits, self._seed)
            if not isinstance(answer, Weighed):
                assert self.code_ is not None
                return self.code_.values(answer.bits)
            posterior = answer.posterior
        found = np.zeros(gaps.shape)
        for j in np.flatnonzero(gaps.any(axis=0)):
            rows = gaps[:, j]
            if self.strategy == "mean":
                found[rows, j] = fixed_order_product(posterior[rows], self.patterns_[np.newaxis, :, j])[:, 0]
                continue
            order = np.argsort(self.patterns_[:, j], kind="stable")
            values, starts = np.unique(self.patterns_[order, j], return_index=True)
            found[rows, j] = values[np.argmax(np.add.reduceat(posterior[rows][:, order], starts, axis=1), axis=1)]
        return found

    def _store(self, rows: Array, seed: int | None = None, trained: Any = None) -> Self:
        held = store_rows(self, rows, seed=seed, trained=trained)
        self.patterns_, self.code_, self._held, self._seed = rows, held.code, held.content, held.seed
        self.trained_ = held.trained
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
