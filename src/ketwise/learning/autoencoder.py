"""The quantum autoencoder, which presses samples into fewer qubits, and the novelty detector that it makes."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, OutlierMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.ansatz import hardware_efficient
from ketwise.blocks.encodings import Encoding
from ketwise.learning.minimize import minimize
from ketwise.learning.output_losses import of_outputs
from ketwise.learning.preprocessing import Preparation, choose_encoding, fit_preparation
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.observable import X as PauliX
from ketwise.words.observable import Y as PauliY
from ketwise.words.observable import Z as PauliZ
from ketwise.words.outputs import Probabilities

Array = NDArray[np.float64]

#: Standard deviation of the angles at the start.
START_SPREAD = 0.3


class Compression(BaseEstimator):
    """Trains a circuit behind an encoding until some qubits are |0> for all rows; reads its estimators' arguments."""

    encoding_: Encoding
    preparation_: Preparation
    params_: Array
    n_qubits_kept_: int

    def _compress(self, X: Array) -> None:
        chosen = choose_encoding(
            self.encoding,
            X.shape[1],
            len(X),
            n_qubits=self.n_qubits,
            reduce=self.reduce,
            entangled=True,
            options={},
        )
        if chosen.n_params:
            raise ValueError(
                f"the encoding {chosen.name!r} has {chosen.n_params} trained parameters: the states to compress must "
                "not change while they are compressed"
            )
        n_kept = positive_int("n_kept", self.n_kept)
        if n_kept >= chosen.n_qubits and chosen.n_qubits > 1:
            raise ValueError(
                f"n_kept={n_kept} leaves nothing out: the circuit {chosen.name!r} has {chosen.n_qubits} qubits"
            )
        # One qubit has nothing to be pressed into: then all of it is left out.
        self.n_qubits_kept_ = min(n_kept, chosen.n_qubits - 1)
        pairs = "linear" if self.entangled else "none"
        self.encoding_ = chosen + hardware_efficient(chosen.n_qubits, self.n_layers, pairs=pairs)
        self.preparation_ = fit_preparation(
            X, scale=self.scale, n_kept=chosen.n_features, bandwidth=self.bandwidth, domain=chosen.domain
        )
        features = self.preparation_.transform(X)
        left = range(self.n_qubits_kept_, chosen.n_qubits)
        objective = of_outputs(self.encoding_.compile([PauliZ(q) for q in left]), _ones, features)
        rng = check_random_state(self.random_state)
        starts = START_SPREAD * rng.standard_normal((positive_int("n_init", self.n_init), self.encoding_.n_params))
        ends = [minimize(objective, start, max_iter=self.max_iter, tol=self.tol) for start in starts]
        found = min(ends, key=lambda end: end.value)
        self.params_, self.loss_, self.n_iter_ = found.params, found.value, len(found.losses)

    def _fidelities(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` probabilities that all qubits that are left out are 0."""
        check_is_fitted(self)
        return self._fidelities_of(validate_data(self, X, dtype=np.float64, reset=False))

    def _fidelities_of(self, X: Array) -> Array:
        left = range(self.n_qubits_kept_, self.encoding_.n_qubits)
        program = self.encoding_.compile(Probabilities(left))
        return np.asarray(program(self.params_, self.preparation_.transform(X)))[:, 0]


class QuantumAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Compression):
    """Transformer that presses encoded samples into fewer qubits and gives what those hold, one by one.

    A trained circuit turns the qubits that are left out towards |0> for all training rows; where they get there, all of
    a state is in the others.

    Parameters
    ----------
    n_kept : int
        Qubits to keep.
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS`` that has no trained parameters, or your own.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10.
    n_layers : int
        Of RY, RZ and a line of CX, in the trained circuit.
    bandwidth, scale, reduce
        As for :class:`QuantumKernelClassifier`.
    entangled : bool
        False trains a circuit without CX.
    n_init : int
        Starts, of which the best end is kept.
    max_iter, tol : int, float
        Of L-BFGS.
    random_state : int, RandomState instance or None
        Draws the starts.

    Attributes
    ----------
    params_ : (n_params,) array
    loss_ : float
        Mean probability of a 1 on the qubits that are left out.
    n_qubits_kept_ : int
    n_iter_ : int
    encoding_ : Encoding
        The encoding with the trained circuit behind it.
    preparation_ : Preparation
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    The loss looks at one qubit at a time, which keeps its gradient from fading with their number; the fidelity of the
    compression is at least one minus the loss times the number of qubits left out. Romero, Olson, Aspuru-Guzik, Quantum
    Science and Technology 2, 045001 (2017); local costs: Cerezo et al., Nature Communications 12, 1791 (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> kw.QuantumAutoencoder(2, random_state=0).fit_transform(load_iris().data).shape
    (150, 6)
    """

    def __init__(
        self,
        n_kept: int = 1,
        encoding: str | Encoding | Circuit = "angle",
        *,
        n_qubits: int | None = None,
        n_layers: int = 3,
        bandwidth: float = 1.0,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
        n_init: int = 3,
        max_iter: int = 200,
        tol: float = 1e-8,
        random_state: Any = None,
    ):
        self.n_kept = n_kept
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.bandwidth = bandwidth
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Train on ``X`` (n_samples, n_columns)."""
        self._compress(validate_data(self, X, dtype=np.float64))
        return self

    def transform(self, X: Any) -> Array:
        """Return ``(n_samples, 3 * n_qubits_kept_)`` expectations of X, then Y, then Z on the qubits that are kept."""
        check_is_fitted(self)
        Z = self.preparation_.transform(validate_data(self, X, dtype=np.float64, reset=False))
        words = [pauli(q) for pauli in (PauliX, PauliY, PauliZ) for q in range(max(1, self.n_qubits_kept_))]
        return np.asarray(self.encoding_.compile(words)(self.params_, Z))

    def score_samples(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` fidelities of the compression."""
        return self._fidelities(X)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean fidelity of the compression."""
        return float(self._fidelities(X).mean())

    @property
    def _n_features_out(self) -> int:
        return 3 * max(1, self.n_qubits_kept_)


class QuantumOneClass(OutlierMixin, Compression):
    """Novelty detector: rows that a quantum autoencoder, trained on normal ones, cannot compress.

    Parameters
    ----------
    n_kept : int
        Qubits to keep.
    contamination : float
        Share of the training rows to call outliers, in (0, 0.5].
    encoding, n_qubits, n_layers, bandwidth, scale, reduce, entangled, n_init, max_iter, tol, random_state
        As for :class:`QuantumAutoencoder`.

    Attributes
    ----------
    offset_ : float
        Fidelity below which a row is an outlier.
    params_, loss_, n_qubits_kept_, n_iter_, encoding_, preparation_, n_features_in_, feature_names_in_
        As for :class:`QuantumAutoencoder`.

    Notes
    -----
    Sakhnenko et al., Quantum Machine Intelligence 4, 27 (2022); Kottmann et al., Physical Review Research 3, 043184
    (2021).

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> rng = np.random.default_rng(0)
    >>> t = rng.uniform(-1, 1, 80)
    >>> X = np.column_stack([t, t, -t]) + 0.05 * rng.normal(size=(80, 3))
    >>> detector = kw.QuantumOneClass(random_state=0).fit(X)
    >>> detector.predict([[0.5, 0.5, -0.5], [0.9, -0.9, -0.9]])
    array([ 1, -1])
    """

    def __init__(
        self,
        n_kept: int = 1,
        contamination: float = 0.1,
        encoding: str | Encoding | Circuit = "angle",
        *,
        n_qubits: int | None = None,
        n_layers: int = 3,
        bandwidth: float = 1.0,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
        n_init: int = 3,
        max_iter: int = 200,
        tol: float = 1e-8,
        random_state: Any = None,
    ):
        self.n_kept = n_kept
        self.contamination = contamination
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.bandwidth = bandwidth
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Train on ``X`` (n_samples, n_columns), most of them normal."""
        X = validate_data(self, X, dtype=np.float64)
        if not 0.0 < self.contamination <= 0.5:
            raise ValueError(f"contamination must be in (0, 0.5], got {self.contamination!r}")
        self._compress(X)
        self.offset_ = float(np.percentile(self._fidelities_of(X), 100.0 * self.contamination))
        return self

    def score_samples(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` fidelities of the compression, small for an outlier."""
        return self._fidelities(X)

    def decision_function(self, X: Any) -> Array:
        """Return ``(n_samples,)`` fidelities less the offset: negative for an outlier."""
        return self._fidelities(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return ``(n_samples,)``: -1 for an outlier, 1 for the others."""
        return np.where(self.decision_function(X) < 0.0, -1, 1)


def _ones(outputs: Array) -> tuple[float, Array]:
    """Return the mean probability of a 1 of expectations of Z, and its derivative."""
    return 0.5 - 0.5 * float(outputs.mean()), np.full_like(outputs, -0.5 / outputs.size)
