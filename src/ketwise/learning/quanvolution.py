"""Quanvolution: small random circuits slide over an image, and what they measure is the next image."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.learning.networks.weinet import image_side
from ketwise.words.angle import features
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Probabilities

Array = NDArray[np.float64]

#: Gates of a random circuit, after Henderson et al.: half of them turns, half joining two qubits.
TURNS = ("rx", "ry", "rz")


class Quanvolution(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Images of what random circuits measure on every window of an image.

    A pixel above the threshold turns its qubit to |1>, a random circuit follows, and the number of ones of the most
    probable bit string is the value of the window.

    Parameters
    ----------
    window : int
        Side of the window; its square is the number of qubits.
    n_channels : int
        Random circuits.
    n_gates : int
        Of each circuit.
    threshold : float, optional
        Default: half way between the least and the greatest pixel of the training images.
    random_state : int, RandomState instance or None
        Draws the circuits.

    Attributes
    ----------
    table_ : (n_channels, 2**(window**2)) int array
        The value of every pattern of bits, the first pixel in bit 0: all that the circuits do.
    threshold_ : float
    circuits_ : list of Circuit
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    There are ``2**(window**2)`` patterns of bits, and each circuit is a table of as many small numbers: nothing is left
    that a classical computer would find hard. Henderson, Shakya, Pradhan, Cook, Quantum Machine Intelligence 2, 2
    (2020).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_digits
    >>> X, _ = load_digits(return_X_y=True)
    >>> kw.Quanvolution(n_channels=2, random_state=0).fit_transform(X[:10]).shape
    (10, 98)
    """

    def __init__(
        self,
        *,
        window: int = 2,
        n_channels: int = 1,
        n_gates: int = 20,
        threshold: float | None = None,
        random_state: Any = None,
    ):
        self.window = window
        self.n_channels = n_channels
        self.n_gates = n_gates
        self.threshold = threshold
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Draw the circuits for images ``X`` (n_samples, side * side), line by line."""
        X = validate_data(self, X, dtype=np.float64)
        side = image_side(X.shape[1])
        if positive_int("window", self.window) > side:
            raise ValueError(f"window={self.window} is larger than the images, which have {side} x {side} pixels")
        rng = check_random_state(self.random_state)
        n_qubits = self.window**2
        self.circuits_ = [random_filter(n_qubits, self.n_gates, rng) for _ in range(self._channels())]
        self.threshold_ = float(0.5 * (X.min() + X.max()) if self.threshold is None else self.threshold)
        patterns = (np.arange(1 << n_qubits)[:, np.newaxis] >> np.arange(n_qubits)) & 1
        self.table_ = np.array([_counts(circuit, patterns) for circuit in self.circuits_])
        return self

    def transform(self, X: Any) -> Array:
        """Return ``(n_samples, n_channels * (side - window + 1)**2)`` numbers of ones, channel after channel."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        side = image_side(X.shape[1])
        bits = np.greater(X, self.threshold_).reshape(len(X), side, side)
        steps = side - self.window + 1
        code = np.zeros((len(X), steps, steps), dtype=np.intp)
        for q in range(self.window**2):
            line, column = divmod(q, self.window)
            code += bits[:, line : line + steps, column : column + steps].astype(np.intp) << q
        return self.table_[:, code].swapaxes(0, 1).reshape(len(X), -1).astype(np.float64)

    def _channels(self) -> int:
        return positive_int("n_channels", self.n_channels)

    @property
    def _n_features_out(self) -> int:
        return len(self.table_) * (image_side(self.n_features_in_) - self.window + 1) ** 2


def random_filter(n_qubits: int, n_gates: int, rng: Any) -> Circuit:
    """Return ``RY(pi x)`` on every qubit, then gates drawn at random: turns about X, Y, Z and CX between any two.

    Examples
    --------
    >>> len(random_filter(4, 20, np.random.RandomState(0)))
    24
    """
    x = features(n_qubits)
    circuit = Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.ry(np.pi * x[q], q)
    for _ in range(positive_int("n_gates", n_gates)):
        if n_qubits > 1 and rng.uniform() < 0.5:
            a, b = rng.choice(n_qubits, 2, replace=False)
            circuit.cx(int(a), int(b))
        else:
            turn = getattr(circuit, TURNS[rng.randint(len(TURNS))])
            turn(float(rng.uniform(0.0, 2.0 * np.pi)), int(rng.randint(n_qubits)))
    return circuit


def _counts(circuit: Circuit, patterns: NDArray[Any]) -> NDArray[np.int64]:
    """Return the number of ones of the most probable bit string behind each pattern."""
    likely = circuit.compile(Probabilities())(None, patterns.astype(np.float64))
    # Strings that are equally probable but for rounding: the first of them.
    best = np.argmax(np.round(likely, 12), axis=1)
    return np.bitwise_count(best).astype(np.int64)
