"""The support vector classifier of Huang et al.: a Gaussian of what single qubits hold after a random start evolved."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import SVC
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels.gaussian import gaussian
from ketwise.learning.preprocessing import fit_preparation
from ketwise.words.angle import features
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit
from ketwise.words.observable import X as PauliX
from ketwise.words.observable import Y as PauliY
from ketwise.words.observable import Z as PauliZ

Array = NDArray[np.float64]


class ProjectedKernelClassifier(ClassifierMixin, BaseEstimator):
    """Support vector classifier on the projected kernel of a Heisenberg chain with the data as couplings.

    Qubits start in random states, one more than columns; ``exp(-i t n / steps x_j (XX + YY + ZZ))`` acts on neighbours,
    ``steps`` times over. The kernel is ``exp(-gamma ||v - v'||**2)`` of the vectors v of all <X>, <Y>, <Z>; for n
    columns ``gamma = gamma_factor / (var(v) n)``, with the variance of all numbers of the training rows.

    Parameters
    ----------
    time : float
        Evolution time t, a column.
    steps : int
        Of Trotter's product.
    gamma_factor : float
    C : float
        Inverse strength of the regularisation.
    bandwidth : float
        Factor on the scaled features.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    entangled : bool
        False puts turns of single qubits about X, Y and Z in the place of the couplings.
    class_weight : dict, "balanced" or None
    random_state : int, RandomState instance or None
        Draws the initial states.

    Attributes
    ----------
    classes_ : (n_classes,) array
    encoding_ : Encoding
        The circuit in use, with its initial states.
    gamma_ : float
    support_bloch_ : (n_support, 3 * n_qubits) array
        Expectations of the support vectors.
    svc_ : SVC
    preparation_ : Preparation
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Three settings a row on a device, where a fidelity kernel takes a circuit a pair. Huang et al., Nature
    Communications 12, 2631 (2021); the scale of gamma as in Bowles, Ahmed, Schuld, arXiv:2403.07059 (2024).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> kw.ProjectedKernelClassifier(C=10, random_state=0).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.85
    True
    """

    def __init__(
        self,
        *,
        time: float = 1.0 / 3.0,
        steps: int = 5,
        gamma_factor: float = 1.0,
        C: float = 1.0,
        bandwidth: float = 1.0,
        scale: str | None = "minmax",
        entangled: bool = True,
        class_weight: Any = None,
        random_state: Any = None,
    ):
        self.time = time
        self.steps = steps
        self.gamma_factor = gamma_factor
        self.C = C
        self.bandwidth = bandwidth
        self.scale = scale
        self.entangled = entangled
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        if real_number("gamma_factor", self.gamma_factor) <= 0:
            raise ValueError(f"gamma_factor must be positive, got {self.gamma_factor}")
        n_columns = X.shape[1]
        encoding = random_chain(n_columns, self.time, self.steps, check_random_state(self.random_state))
        self.encoding_ = encoding if self.entangled else encoding.twin()
        self.preparation_ = fit_preparation(X, scale=self.scale, n_kept=n_columns, bandwidth=self.bandwidth)
        bloch = self._bloch(X)
        self.gamma_ = float(self.gamma_factor / (n_columns * max(bloch.var(), np.finfo(float).tiny)))
        svc = SVC(kernel="precomputed", C=self.C, class_weight=self.class_weight)
        self.svc_ = svc.fit(gaussian(bloch, gamma=self.gamma_), y)
        self.classes_ = svc.classes_
        self.support_bloch_ = bloch[svc.support_]
        return self

    def decision_function(self, X: Any) -> Array:
        """Return ``(n_samples,)`` signed distances for two classes, ``(n_samples, n_classes)`` scores for more."""
        check_is_fitted(self)
        return self.svc_.decision_function(self._kernel_rows(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` predicted labels."""
        check_is_fitted(self)
        return self.svc_.predict(self._kernel_rows(X))

    def _kernel_rows(self, X: Any) -> Array:
        """Return the kernel with the training rows; of its columns only the support vectors' are read and filled."""
        X = validate_data(self, X, dtype=np.float64, reset=False)
        rows = np.zeros((len(X), self.svc_.shape_fit_[0]))
        rows[:, self.svc_.support_] = gaussian(self._bloch(X), self.support_bloch_, gamma=self.gamma_)
        return rows

    def _bloch(self, X: Array) -> Array:
        n_qubits = self.encoding_.n_qubits
        words = [pauli(q) for pauli in (PauliX, PauliY, PauliZ) for q in range(n_qubits)]
        return np.asarray(self.encoding_.compile(words)(None, self.preparation_.transform(X)))


def random_chain(n_features: int, time: float, steps: int, rng: Any) -> Encoding:
    """Return Trotter's product of a Heisenberg chain with the features as couplings, on random turns of every qubit.

    Parameters
    ----------
    n_features : int
        One less than the qubits.
    time : float
        The evolution takes ``time * n_features``.
    steps : int
    rng : RandomState
        Draws RY and RZ of every qubit, uniform in [0, 2 pi): more often near the poles than on the sphere at large.

    Examples
    --------
    >>> random_chain(2, 1.0, 3, np.random.RandomState(0)).circuit.counts()
    Counter({'rxx': 6, 'ryy': 6, 'rzz': 6, 'ry': 3, 'rz': 3})
    """
    x = features(n_features)
    turn = real_number("time", time) * n_features / positive_int("steps", steps)
    circuit = Circuit(n_features + 1)
    for q, (latitude, longitude) in enumerate(rng.uniform(0.0, 2.0 * np.pi, (n_features + 1, 2))):
        circuit.ry(float(latitude), q).rz(float(longitude), q)
    twin = circuit.copy()
    for _ in range(steps):
        for j in range(n_features):
            angle = turn * x[j]
            circuit.rxx(angle, j, j + 1).ryy(angle, j, j + 1).rzz(angle, j, j + 1)
            twin.rx(angle, j).ry(angle, j).rz(angle, j)
    return Encoding("random chain", circuit, unentangled=twin)
