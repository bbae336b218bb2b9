"""The associative memory as an estimator: patterns are stored, broken probes completed; the method is a value."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.blocks.memory.patterns import as_table
from ketwise.learning.memory.answers import Answer, Completed, Weighed, repetitions, stored_rows
from ketwise.learning.memory.method import Cost, Method
from ketwise.learning.memory.methods import method_of
from ketwise.learning.memory.storing import first_equal, store_rows
from ketwise.words.checks import positive_int

Array = NDArray[np.float64]


class Recalled(NamedTuple):
    """What a memory gives for probes.

    Attributes
    ----------
    patterns : (n_probes, n_columns) array
        The recalled pattern, with values as they were stored.
    probabilities : (n_probes,) array
        That it is read, where a run of the memory succeeds; 1 for a deterministic method. Of a method that makes
        patterns of its own it is the product of its bits' probabilities, as if each were read from a run of its own.
    rows : (n_probes,) int array
        Which stored row it is, the first of equal ones; -1 for a pattern that was never stored.
    success : (n_probes,) array
        Probability that a run of storage and recall succeeds.
    repetitions : (n_probes,) array
        Expected runs until one does, each with a storage of its own; infinite where none can.
    """

    patterns: Array
    probabilities: Array
    rows: NDArray[np.intp]
    success: Array
    repetitions: Array


class RecallCost(NamedTuple):
    """What one answer takes on a device and on this computer.

    Attributes
    ----------
    each : Cost
        Of one repetition, whatever the probe.
    repetitions : (n_probes,) array
        Expected repetitions, each with a storage: reading uses the memory up.
    gates : (n_probes,) array
        All gates of all repetitions.
    n_patterns, n_bits : int
    """

    each: Cost
    repetitions: Array
    gates: Array
    n_patterns: int
    n_bits: int

    def error_free(self, rate: float) -> float:
        """Return the probability that no gate of one repetition errs, if each does with probability ``rate``."""
        return float((1.0 - rate) ** (self.each.storage_gates + self.each.recall_gates))


class AssociativeMemory(BaseEstimator):
    """Stores patterns and recalls the one that a broken probe belongs to.

    Parameters
    ----------
    method : str or Method
        A name out of ``kw.memory.METHODS``, or a value with settings of its own such as
        ``kw.memory.Probabilistic(n_controls=8)``. Quantum: "probabilistic", "grover", "amplitude", "kernel",
        "hopfield-inversion", "open-hopfield", "variational"; classical: "hopfield", "pseudo-inverse", "dense",
        "nearest".
    encoding : {"threshold", "bits", "signs", "integers", "categories", "real"}
        How columns become bits: see Notes. "threshold" takes any real numbers; "bits" takes 0 and 1 only.
    n_levels : int
        Levels of a column for "threshold", each above the first a bit.
    strict : bool
        Refuse a pattern that is given twice; else it counts twice in every method that weighs patterns.
    random_state : int, RandomState instance or None
        For methods that draw something, and for :meth:`sample`.

    Attributes
    ----------
    patterns_ : (n_patterns, n_columns) array
        As given.
    code_ : Code or None
        From columns to bits; None for "real".
    n_bits_ : int
        Bits of a pattern, or columns for "real".
    trained_ : VariationalMemory or None
        The trained map, for "variational".
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    "threshold" is a bit a column, 1 above the middle of the range that the column has in the patterns (an image of
    grey levels is stored black and white); tables of 0 and 1, or of -1 and 1, are taken as they are. "bits" and "signs"
    refuse anything else; "integers" writes whole numbers in binary; "categories" has a bit for each value. "real" hands
    the numbers to methods that take them: amplitudes of "amplitude", phases of "kernel".

    All answers are exact reductions of what the circuits give, or the classical method itself; ``docs/memory.md`` says
    for each method which gates a device would run. A probability is one of a single successful run.

    Examples
    --------
    >>> import ketwise as kw
    >>> memory = kw.AssociativeMemory().fit([[0, 0, 0, 1], [1, 1, 0, 0]])
    >>> memory.recall([[1, 1, 1, None]]).patterns
    array([[1., 1., 0., 0.]])
    """

    def __init__(
        self,
        method: str | Method = "probabilistic",
        *,
        encoding: str = "threshold",
        n_levels: int = 2,
        strict: bool = False,
        random_state: Any = None,
    ):
        self.method = method
        self.encoding = encoding
        self.n_levels = n_levels
        self.strict = strict
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Store the patterns ``X`` (n_patterns, n_columns); what was stored before is forgotten."""
        return self._store(_rows(self, X, "patterns", reset=True))

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Store more patterns: the same as a fit to all of them at once, in any order, and as much work."""
        if not hasattr(self, "patterns_"):
            return self.fit(X)
        return self._store(np.concatenate([self.patterns_, _rows(self, X, "patterns", reset=False)]))

    def recall(self, X: Any) -> Recalled:
        """Return the pattern that each probe is likeliest to come from.

        It is read most often for each time that it was stored: a pattern that is given twice is read twice as often,
        which says nothing of the probe.

        Parameters
        ----------
        X : (n_probes, n_columns) array
            NaN or None for what is unknown.

        Returns
        -------
        Recalled

        Raises
        ------
        ValueError
            For a probe of which nothing is known, and for values outside a strict alphabet.
        MemoryError
            When a weight for each probe and pattern does not fit: recall fewer probes at a time.
        """
        return self._recall(_rows(self, X, "probes", reset=False))

    def _recall(self, rows: Array) -> Recalled:
        answer = self._answer(rows)
        runs = repetitions(answer.success)
        if isinstance(answer, Weighed):
            # Equal rows have equal shares: the first of them is found.
            best: NDArray[np.intp] = self._first[np.argmax(answer.posterior, axis=1)]
            probabilities = _shares(answer.posterior, self._first)[np.arange(len(best)), best]
            return Recalled(self.patterns_[best], probabilities, best, answer.success, runs)
        assert self.code_ is not None
        found = stored_rows(answer.bits, self._bits)
        patterns = self.code_.values(answer.bits)
        patterns[found >= 0] = self.patterns_[found[found >= 0]]
        return Recalled(patterns, answer.probabilities(answer.bits), found, answer.success, runs)

    def distribution(self, X: Any) -> Array:
        """Return the probabilities ``(n_probes, n_patterns)`` that each stored row is read.

        Rows that are equal share theirs. What is missing to 1 is a pattern that was never stored: methods that do not
        weigh patterns give all to the one they make, if it is stored.
        """
        answer = self._answer(_rows(self, X, "probes", reset=False))
        if isinstance(answer, Weighed):
            return answer.posterior
        found = np.zeros((len(answer.bits), len(self.patterns_)))
        rows, probabilities = stored_rows(answer.bits, self._bits), answer.probabilities(answer.bits)
        for probe in np.flatnonzero(rows >= 0):
            same = self._first == rows[probe]
            found[probe, same] = probabilities[probe] / np.count_nonzero(same)
        return found

    def bit_probabilities(self, X: Any) -> Array:
        """Return the probabilities ``(n_probes, n_bits)`` that each bit is read as 1; with "real", the mean values."""
        answer = self._answer(_rows(self, X, "probes", reset=False))
        if isinstance(answer, Completed):
            return answer.marginals
        return fixed_order_product(answer.posterior, self._bits.astype(np.float64).T)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of probes that are recalled without an error.

        Parameters
        ----------
        X : (n_probes, n_columns) array
        y : (n_probes, n_columns) array, optional
            The true patterns. Default: the known values of the probes themselves, which tells whether they are stable.
            Labels (n_probes,), as pipelines hand them on, say nothing about patterns and are left aside.
        """
        probes = _rows(self, X, "probes", reset=False)
        truth = probes
        if y is not None and np.ndim(y) != 1:
            truth = np.asarray(as_table("the true patterns", y), dtype=np.float64)
            if truth.shape != probes.shape:
                raise ValueError(f"{len(probes)} probes need true patterns of shape {probes.shape}, got {truth.shape}")
        right = np.isnan(truth) | (self._recall(probes).patterns == truth)
        return float(np.all(right, axis=1).mean())

    def sample(self, n_samples: int = 1, X: Any = None) -> Array:
        """Return what successful runs read.

        Parameters
        ----------
        n_samples : int
            Runs for each probe.
        X : (n_probes, n_columns) array, optional
            Default: no probe; the memory itself is measured, and every stored row is equally likely.

        Returns
        -------
        (n_samples, n_columns) or (n_probes, n_samples, n_columns) array
            A method that makes patterns of its own is sampled bit by bit.
        """
        check_is_fitted(self)
        count = positive_int("n_samples", n_samples)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        if X is None:
            return self.patterns_[rng.integers(len(self.patterns_), size=count)]
        answer = self._answer(_rows(self, X, "probes", reset=False))
        if isinstance(answer, Weighed):
            drawn = [rng.choice(len(self.patterns_), size=count, p=weights) for weights in answer.posterior]
            return self.patterns_[np.array(drawn)]
        assert self.code_ is not None
        bits = rng.random((len(answer.bits), count, self.n_bits_)) < answer.marginals[:, np.newaxis]
        return self.code_.values(bits.reshape(-1, self.n_bits_)).reshape(len(bits), count, -1)

    def cost(self, X: Any) -> RecallCost:
        """Return what an answer to each probe takes on a device, beside the classical operations."""
        success = self._answer(_rows(self, X, "probes", reset=False)).success
        each = method_of(self.method).cost(self._bits)
        runs = repetitions(success)
        gates = float(each.storage_gates + each.recall_gates) * runs if each.n_qubits else 0.0 * success
        return RecallCost(each, runs, gates, len(self._bits), self.n_bits_)

    def _store(self, rows: Array, seed: int | None = None, trained: Any = None) -> Self:
        held = store_rows(self, rows, seed=seed, trained=trained, strict=self.strict)
        first = first_equal(held.bits)
        # Nothing of an earlier fit is touched before all of it has gone well.
        self.patterns_, self.code_, self.n_bits_ = rows, held.code, held.bits.shape[1]
        self._bits, self._first, self._held, self._seed = held.bits, first, held.content, held.seed
        self.trained_ = held.trained
        return self

    def _answer(self, rows: Array) -> Answer:
        blank = np.flatnonzero(np.isnan(rows).all(axis=1))
        if len(blank):
            raise ValueError(
                f"nothing is known of probe {blank[0]}: every pattern is equally near; give at least one value, or "
                "sample the memory without a probe"
            )
        bits = rows if self.code_ is None else self.code_.bits(rows)
        return method_of(self.method).answer(self._held, bits, self._seed)


def _rows(memory: AssociativeMemory, given: Any, what: str, *, reset: bool) -> Array:
    """Return checked rows; NaN is for probes only."""
    if not hasattr(given, "dtype") and not hasattr(given, "columns"):
        given = as_table(what, given)
    if what == "patterns" and np.shape(given)[:1] == (0,):
        raise ValueError("the memory is empty: give at least one pattern")
    if not reset:
        check_is_fitted(memory)
    found: Array = validate_data(memory, given, dtype=np.float64, ensure_all_finite="allow-nan", reset=reset)
    if what == "patterns" and np.isnan(found).any():
        row, column = np.argwhere(np.isnan(found))[0]
        raise ValueError(
            f"patterns must be complete: row {row}, column {column} is missing (NaN); fill it or leave it out"
        )
    return found


def _shares(posterior: Array, first: NDArray[np.intp]) -> Array:
    """Return the posterior with all of equal rows' in the first of them."""
    if len(np.unique(first)) == len(first):
        return posterior
    found = np.zeros_like(posterior)
    np.add.at(found.T, first, posterior.T)
    return found
