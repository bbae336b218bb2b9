"""The quantum reservoir: a fixed random evolution that takes in a sequence value by value and is read out at each."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.engine.memory import require
from ketwise.learning.one_thread import one_blas_thread
from ketwise.learning.preprocessing import fit_preparation
from ketwise.words.checks import positive_int, real_number
from ketwise.words.observable import X as PauliX
from ketwise.words.observable import Z as PauliZ

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]


class QuantumReservoir(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What a small quantum system that a sequence drives holds at the end, or at every step: features for any model.

    A row is a sequence, step after step. At each, the first qubits are reset and take in the step's values v by
    ``RY(pi/2 + v)``, so that ``<Z> = -sin(v)``; then all qubits evolve under a fixed random Ising model. Of older
    values they keep what they can.

    Parameters
    ----------
    n_memory : int
        Qubits beside those that take in the values.
    n_inputs : int
        Values a step; a row has ``n_steps * n_inputs``.
    time : float
        Of the evolution between two values.
    field : float
        Strength of the transverse field, beside couplings uniform in [-1/2, 1/2].
    every_step : bool
        Whether to read out after every step, not after the last alone.
    bandwidth : float
        Factor on the scaled values.
    scale : {"minmax", "standard"} or None
        "minmax" maps the range of all values in the training rows to [-pi/2, pi/2].
    random_state : int, RandomState instance or None
        Draws the couplings.

    Attributes
    ----------
    unitary_ : (2**n, 2**n) complex array
        Of one step; the qubits that take in values are the lowest.
    preparation_ : Preparation
        Scales all values of a row alike.
    n_steps_ : int
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Exact density matrices: ``4**n`` numbers a row. Features are <Z> of every qubit, then <ZZ> of every pair. Without
    the reset the state would keep every value for ever, more and more scrambled. Fujii, Nakajima, Physical Review
    Applied 8, 024030 (2017).

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> X = np.random.default_rng(0).uniform(size=(5, 12))
    >>> kw.QuantumReservoir(3, random_state=0).fit_transform(X).shape
    (5, 10)
    """

    def __init__(
        self,
        n_memory: int = 4,
        *,
        n_inputs: int = 1,
        time: float = 4.0,
        field: float = 0.5,
        every_step: bool = False,
        bandwidth: float = 1.0,
        scale: str | None = "minmax",
        random_state: Any = None,
    ):
        self.n_memory = n_memory
        self.n_inputs = n_inputs
        self.time = time
        self.field = field
        self.every_step = every_step
        self.bandwidth = bandwidth
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Draw the evolution, and learn the range of the values of ``X`` (n_samples, n_steps * n_inputs)."""
        X = validate_data(self, X, dtype=np.float64)
        n_inputs, n_memory = positive_int("n_inputs", self.n_inputs), positive_int("n_memory", self.n_memory)
        if X.shape[1] % n_inputs:
            raise ValueError(f"rows must hold n_inputs={n_inputs} values a step, and {X.shape[1]} is no multiple of it")
        self.n_steps_ = X.shape[1] // n_inputs
        self.preparation_ = fit_preparation(X.reshape(-1, 1), scale=self.scale, n_kept=1, bandwidth=self.bandwidth)
        rng = check_random_state(self.random_state)
        self.unitary_ = ising_evolution(n_inputs + n_memory, self.time, self.field, rng)
        return self

    def transform(self, X: Any) -> Array:
        """Return ``(n_samples, n)`` means of Z and ZZ, or ``(n_samples, n_steps * n)`` with ``every_step``."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        # From a quarter turn on, <Z> rises and falls with the values: it would be the same for v and -v.
        angles = 0.5 * np.pi + self.preparation_.transform(X.reshape(-1, 1))
        values = angles.reshape(len(X), self.n_steps_, self.n_inputs)
        signs = _readout(self.n_inputs + self.n_memory)
        seen = [_means(populations, signs) for populations in drive(self.unitary_, values)]
        return np.hstack(seen) if self.every_step else seen[-1]

    @property
    def _n_features_out(self) -> int:
        n_qubits = self.n_inputs + self.n_memory
        return n_qubits * (n_qubits + 1) // 2 * (self.n_steps_ if self.every_step else 1)


def ising_evolution(n_qubits: int, time: float, field: float, rng: Any) -> Matrix:
    """Return ``exp(-i t H)`` of ``H = sum_{p<q} J_pq X_p X_q + field sum_q Z_q`` with J uniform in [-1/2, 1/2].

    Examples
    --------
    >>> unitary = ising_evolution(2, 1.0, 0.5, np.random.RandomState(0))
    >>> bool(np.allclose(unitary.conj().T @ unitary, np.eye(4)))
    True
    """
    require("the evolution of a reservoir", n_qubits, lambda n: 16 * 4**n * 8)
    hamiltonian = np.zeros((1 << n_qubits, 1 << n_qubits), dtype=complex)
    for q in range(n_qubits):
        hamiltonian += real_number("field", field) * PauliZ(q).to_matrix(n_qubits)
        for p in range(q):
            hamiltonian += rng.uniform(-0.5, 0.5) * (PauliX(p) * PauliX(q)).to_matrix(n_qubits)
    with one_blas_thread():
        return np.asarray(expm(-1j * real_number("time", time) * hamiltonian))


def drive(unitary: Matrix, values: Array) -> list[Array]:
    """Return the populations ``(batch, 2**n)`` after every step of sequences ``(batch, n_steps, n_inputs)``.

    The start is |0...0>. A step resets the lowest qubits, turns each by ``RY`` of its value, and applies the unitary.

    Parameters
    ----------
    unitary : (2**n, 2**n) array
    values : (batch, n_steps, n_inputs) array
        Radians.

    Examples
    --------
    The identity leaves the other qubit where it was, and the first with its last value:

    >>> drive(np.eye(4), np.array([[[1.0], [np.pi]]]))[-1].round(6)
    array([[0., 1., 0., 0.]])
    """
    batch, _, n_inputs = values.shape
    size, inner = len(unitary), 1 << n_inputs
    require(f"the density matrices of {batch} sequences", size.bit_length() - 1, lambda n: 16 * 4**n * 4 * batch)
    outer = size // inner
    memory = np.zeros((batch, outer, outer), dtype=complex)
    memory[:, 0, 0] = 1.0
    adjoint = unitary.conj().T
    seen = []
    for step in values.swapaxes(0, 1):
        laid = np.ones((batch, 1))
        for angle in step.T:  # the lowest qubit first: it varies fastest
            turned = np.column_stack([np.cos(angle / 2), np.sin(angle / 2)])
            laid = (turned[:, :, np.newaxis] * laid[:, np.newaxis, :]).reshape(batch, -1)
        whole = np.einsum("bij,bk,bl->bikjl", memory, laid, laid).reshape(batch, size, size)
        whole = unitary @ whole @ adjoint
        seen.append(np.einsum("bii->bi", whole).real.copy())
        memory = np.einsum("bikjk->bij", whole.reshape(batch, outer, inner, outer, inner))
    return seen


def _readout(n_qubits: int) -> Array:
    """Return the ``(n_outputs, 2**n)`` diagonals of Z on every qubit and ZZ on every pair."""
    single = 1.0 - 2.0 * ((np.arange(1 << n_qubits) >> np.arange(n_qubits)[:, np.newaxis]) & 1)
    pairs = [single[p] * single[q] for p in range(n_qubits) for q in range(p + 1, n_qubits)]
    return np.array([*single, *pairs])


def _means(populations: Array, signs: Array) -> Array:
    return np.column_stack([(populations * row).sum(axis=1) for row in signs])
