"""The Born machine: a circuit trained so that its measured bit strings are distributed as the data are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.ansatz import strongly_entangling
from ketwise.learning.minimize import minimize
from ketwise.learning.output_losses import OutputLoss, mmd, of_outputs
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Probabilities

Array = NDArray[np.float64]

#: Probabilities are kept this far from 0 where their logarithm is taken.
LEAST = 1e-12
#: Standard deviation of the angles at the start.
START_SPREAD = 0.5


class BornMachine(DensityMixin, BaseEstimator):
    """Distribution over bit strings, a qubit a column: the probabilities that a trained circuit is measured with.

    Parameters
    ----------
    circuit : Circuit, optional
        Your own, without features, a qubit a column. Default: strongly entangling layers.
    n_layers : int
        Of the default circuit.
    loss : {"mmd", "likelihood"}
        "mmd": the squared maximum mean discrepancy, its kernel a mean of Gaussians of the number of differing bits; a
        device can estimate it from samples. "likelihood": minus the mean log-probability of the rows, which on a device
        takes exponentially many shots.
    bandwidths : sequence of float
        Standard deviations of the Gaussians of "mmd", in bits.
    threshold : float
        A value above it is a 1.
    max_iter, tol : int, float
        Of L-BFGS, on exact probabilities.
    random_state : int, RandomState instance or None
        Draws the start, and samples.

    Attributes
    ----------
    params_ : (n_params,) array
    probabilities_ : (2**n,) array
        Of all bit strings; column q is bit q of the index.
    loss_ : float
    n_iter_ : int
    converged_ : bool
    circuit_ : Circuit
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Liu, Wang, PRA 98, 062324 (2018); Benedetti et al., npj Quantum Information 5, 45 (2019).

    Examples
    --------
    Bars and stripes of 2 x 2 pixels:

    >>> import numpy as np, ketwise as kw
    >>> X = np.array([[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])
    >>> machine = kw.BornMachine(n_layers=3, random_state=0).fit(X)
    >>> bool(np.exp(machine.score_samples(X)).sum() > 0.98)
    True
    """

    def __init__(
        self,
        circuit: Circuit | None = None,
        *,
        n_layers: int = 3,
        loss: str = "mmd",
        bandwidths: Sequence[float] = (0.5, 1.0, 2.0),
        threshold: float = 0.5,
        max_iter: int = 500,
        tol: float = 1e-10,
        random_state: Any = None,
    ):
        self.circuit = circuit
        self.n_layers = n_layers
        self.loss = loss
        self.bandwidths = bandwidths
        self.threshold = threshold
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Train on the bits of ``X`` (n_samples, n_columns)."""
        X = validate_data(self, X, dtype=np.float64)
        if self.loss not in ("mmd", "likelihood"):
            raise ValueError(f"loss must be 'mmd' or 'likelihood', got {self.loss!r}")
        self.circuit_ = self._circuit(X.shape[1])
        program = self.circuit_.compile(Probabilities())
        data = np.bincount(self._codes(X), minlength=1 << X.shape[1]) / len(X)
        judge = mmd(data, self.bandwidths) if self.loss == "mmd" else negative_log_likelihood(data)
        start = START_SPREAD * check_random_state(self.random_state).standard_normal(self.circuit_.n_params)
        found = minimize(of_outputs(program, judge), start, max_iter=self.max_iter, tol=self.tol)
        self.params_, self.loss_, self.n_iter_ = found.params, found.value, len(found.losses)
        self.converged_ = found.converged
        self.probabilities_ = np.asarray(program(self.params_))
        return self

    def score_samples(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` log-probabilities of the rows' bits."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.log(np.maximum(self.probabilities_, LEAST))[self._codes(X)]

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean log-probability of the rows' bits."""
        return float(self.score_samples(X).mean())

    def sample(self, n_samples: int = 1) -> Array:
        """Return ``(n_samples, n_columns)`` rows of zeros and ones, as measurements of the circuit would be."""
        check_is_fitted(self)
        rng, weights = check_random_state(self.random_state), self.probabilities_
        drawn = rng.choice(len(weights), positive_int("n_samples", n_samples), p=weights / weights.sum())
        return ((drawn[:, np.newaxis] >> np.arange(self.n_features_in_)) & 1).astype(np.float64)

    def _codes(self, X: Array) -> NDArray[np.intp]:
        codes = np.zeros(len(X), dtype=np.intp)
        for q, column in enumerate(X.T):
            codes |= (column > self.threshold).astype(np.intp) << q
        return codes

    def _circuit(self, n_columns: int) -> Circuit:
        if self.circuit is None:
            return strongly_entangling(n_columns, self.n_layers)
        if not isinstance(self.circuit, Circuit):
            raise TypeError(f"circuit must be a Circuit, got {self.circuit!r}")
        if self.circuit.n_qubits != n_columns or self.circuit.n_features or not self.circuit.n_params:
            raise ValueError(
                f"circuit must have {n_columns} qubits, one a column, parameters and no features; got {self.circuit!r}"
            )
        return self.circuit.copy()


def negative_log_likelihood(data: Array) -> OutputLoss:
    """Return minus the mean log-probability of the data, with its gradient.

    Examples
    --------
    >>> value, _ = negative_log_likelihood(np.array([0.5, 0.5]))(np.array([0.5, 0.5]))
    >>> round(value, 6)
    0.693147
    """
    seen = data > 0

    def loss(probabilities: Array) -> tuple[float, Array]:
        kept = np.maximum(probabilities, LEAST)
        gradient = np.where(seen, -data / kept, 0.0)
        return float(-(data[seen] * np.log(kept[seen])).sum()), gradient

    return loss
