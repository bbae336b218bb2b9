"""Quantum random features, or kitchen sinks: what random circuits measure, as columns for any classical model."""

from __future__ import annotations

import hashlib
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.words.angle import features
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]

#: Keeps a quotient of two numbers that are both 0 a number.
TINY = np.finfo(np.float64).tiny


class QuantumRandomFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Bits, or their means, that random circuits measure on a row: features for a linear model.

    Circuit e turns its qubits by ``RX(W_e x + b_e)`` with random W and b, then lays CX on neighbours and next
    neighbours; its qubits are measured.

    Parameters
    ----------
    n_circuits : int
        Random circuits (the paper's episodes).
    n_qubits : int, "full" or "half"
        Of each circuit: as many as columns, half of them rounded up, or a number.
    shots : int or None
        Measurements of each circuit, whose mean bits are the features; None for the exact probability of a 1.
    noise : {"own", "shared"}
        Where the shots come from: from random numbers of each row and circuit, as on a device, or, a number a shot,
        from the same ones for all, as from a simulator whose random key is fixed. With these a row's bits are a
        function of the probabilities alone.
    spread : float
        Standard deviation of the entries of W.
    scale : bool
        Whether each column's range in the training rows is mapped to [-1, 1] first.
    random_state : int, RandomState instance or None
        Draws W, b and the seed of the measurements.

    Attributes
    ----------
    weights_ : (n_circuits, n_qubits, n_features_in_) array
    offsets_ : (n_circuits, n_qubits) array
        In [0, 2 pi).
    scaler_ : MinMaxScaler or None
    seed_ : int
        With the values of a row it says how the measurements of that row come out, so that a row has the same features
        each time and its neighbours do not matter.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    RX and CX: the measured bits are sums modulo 2 of independent ones, and they are drawn as such; ``sink`` returns the
    circuit for a device.
    Wilson et al., arXiv:1806.08321 (2018), in the form for any number of qubits of Bowles, Ahmed, Schuld,
    arXiv:2403.07059 (2024), whose published code has "shared"; random features: Rahimi, Recht, NeurIPS 20 (2007).

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> X = np.random.default_rng(0).normal(size=(5, 3))
    >>> bits = kw.QuantumRandomFeatures(10, random_state=0).fit_transform(X)
    >>> bits.shape, np.unique(bits)
    ((5, 30), array([0., 1.]))
    """

    def __init__(
        self,
        n_circuits: int = 100,
        *,
        n_qubits: int | str = "full",
        shots: int | None = 1,
        noise: str = "own",
        spread: float = 1.0,
        scale: bool = True,
        random_state: Any = None,
    ):
        self.n_circuits = n_circuits
        self.n_qubits = n_qubits
        self.shots = shots
        self.noise = noise
        self.spread = spread
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the columns' ranges from ``X`` (n_samples, n_columns), and draw the circuits."""
        X = validate_data(self, X, dtype=np.float64)
        n_circuits = positive_int("n_circuits", self.n_circuits)
        if self.shots is not None:
            positive_int("shots", self.shots)
        if self.noise not in ("own", "shared"):
            raise ValueError(f"noise must be 'own' or 'shared', got {self.noise!r}")
        rng = check_random_state(self.random_state)
        n_qubits = self._count_qubits(X.shape[1])
        self.weights_ = real_number("spread", self.spread) * rng.standard_normal((n_circuits, n_qubits, X.shape[1]))
        self.offsets_ = rng.uniform(0.0, 2.0 * np.pi, (n_circuits, n_qubits))
        self.seed_ = int(rng.randint(1 << 31))
        self.scaler_ = MinMaxScaler((-1.0, 1.0)).fit(X) if self.scale else None
        return self

    def transform(self, X: Any) -> Array:
        """Return ``(n_samples, n_circuits * n_qubits)`` mean bits, circuit after circuit."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        rows = np.ascontiguousarray(X if self.scaler_ is None else self.scaler_.transform(X))
        n_circuits, n_qubits = self.offsets_.shape
        sums = parities(n_qubits)
        shares = np.random.Generator(np.random.Philox(key=self.seed_)).random(self.shots or 0)
        found = np.empty((len(rows), n_circuits, n_qubits))
        for row, into in zip(rows + 0.0, found, strict=True):  # -0.0 becomes 0.0
            angles = self.offsets_.copy()
            for value, weights in zip(row, self.weights_.T, strict=True):
                angles += value * weights.T
            if self.shots is None:
                means = [np.cos(angles[:, summed]).prod(axis=1) for summed in sums]
                into[:] = 0.5 * (1.0 - np.array(means).T)
            elif self.noise == "shared":
                ones = np.sin(0.5 * angles) ** 2
                into[:] = np.mean([bits_at(ones, share) for share in shares], axis=0)
            else:
                uniform = _generator(self.seed_, row).random((self.shots, n_circuits, n_qubits))
                bits = uniform < np.sin(0.5 * angles) ** 2
                into[:] = np.mean([bits[..., summed].sum(axis=2) % 2 for summed in sums], axis=1).T
        return found.reshape(len(rows), -1)

    def _count_qubits(self, n_columns: int) -> int:
        if self.n_qubits == "full":
            return n_columns
        if self.n_qubits == "half":
            return -(-n_columns // 2)
        if isinstance(self.n_qubits, str):
            raise ValueError(f"n_qubits must be a number, 'full' or 'half', got {self.n_qubits!r}")
        return positive_int("n_qubits", self.n_qubits)

    @property
    def _n_features_out(self) -> int:
        return int(self.offsets_.size)


def sink(n_qubits: int) -> Circuit:
    """Return RX by a feature on every qubit, CX on pairs of neighbours, and CX on all next neighbours.

    Examples
    --------
    >>> sink(4).counts()
    Counter({'rx': 4, 'cx': 4})
    """
    x = features(n_qubits)
    circuit = Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.rx(x[q], q)
    for q in range(0, n_qubits - 1, 2):
        circuit.cx(q, q + 1)
    for q in range(n_qubits - 2):
        circuit.cx(q, q + 2)
    return circuit


def parities(n_qubits: int) -> list[NDArray[np.intp]]:
    """Return, for each measured bit of :func:`sink`, the qubits whose bits behind RX it is the sum of, modulo 2.

    Examples
    --------
    >>> [summed.tolist() for summed in parities(3)]
    [[0], [0, 1], [0, 2]]
    """
    sums = np.eye(n_qubits, dtype=bool)
    for op in sink(n_qubits).ops:
        for control, _ in op.controls:
            sums[op.qubits[0]] ^= sums[control]
    return [np.flatnonzero(row) for row in sums]


def bits_at(ones: Array, share: float) -> Array:
    """Return the bits of :func:`sink` below which that share of all outcomes lies, in the order of strings.

    Strings are compared as text, qubit 0 first, as the outcomes of a simulator that draws basis states with it on the
    left.

    Parameters
    ----------
    ones : (n_circuits, n_qubits) array
        Probability of a 1 on each qubit behind RX.
    share : float
        In [0, 1).

    Returns
    -------
    (n_circuits, n_qubits) array

    Examples
    --------
    >>> bits_at(np.array([[0.5, 0.5]]), 0.3)  # 00, 01, 10 and 11 have a quarter each
    array([[0., 1.]])
    """
    n_circuits, n_qubits = ones.shape
    left, bits = np.full(n_circuits, share), np.zeros((n_circuits, n_qubits))
    behind = np.zeros((n_circuits, n_qubits), dtype=bool)  # RX
    for q, summed in enumerate(parities(n_qubits)):
        flipped = behind[:, summed[:-1]].sum(axis=1) % 2 == 1  # by CX, from qubits before this one
        zero = np.where(flipped, ones[:, q], 1.0 - ones[:, q])
        one = left >= zero
        left = np.where(one, left - zero, left) / np.maximum(np.where(one, 1.0 - zero, zero), TINY)
        bits[:, q] = one
        behind[:, q] = one != flipped
    return bits


def _generator(seed: int, row: Array) -> np.random.Generator:
    """Return a generator that the values of a row and the seed decide."""
    key = int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8).digest(), "little")
    return np.random.Generator(np.random.Philox(key=np.array([seed, key], np.uint64)))
