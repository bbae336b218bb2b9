"""Classical surrogates: linear models on the frequencies that a circuit could have used, with nothing quantum left."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.blocks.spectrum import Spectrum, frequencies, log10_bound, sample_frequencies
from ketwise.learning.losses import probabilities
from ketwise.learning.one_thread import one_blas_thread
from ketwise.learning.preprocessing import choose_encoding, fit_preparation
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]


class SpectrumSurrogateClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression on the cosines and sines of an encoding's frequencies.

    An expectation of a circuit is a trigonometric sum over the frequencies of its encoding. This is such a sum
    without the circuit: where there are few frequencies it has all of them, and can be any expectation; where there
    are many it has a draw.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS``, or your own. Trained values are taken where training starts.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced
        with a :class:`ReductionWarning`.
    repeats, layers : int, optional
        Of an encoding given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features.
    n_frequencies : int
        Most pairs of a frequency and its negative; with more in the encoding, so many are drawn.
    C : float
        Inverse strength of the regularisation, beside features whose squares sum to 1.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than the circuit takes; None never reduces.
    entangled : bool
        False takes the frequencies of gates on two or more qubits out.
    class_weight : dict, "balanced" or None
    random_state : int, RandomState instance or None
        Draws frequencies where not all are used.

    Attributes
    ----------
    classes_ : (n_classes,) array
    spectrum_ : Spectrum
        The frequencies in use, one of each pair.
    exact_ : bool
        Whether they are all that the encoding has.
    coef_ : (n_scores, 2 * n_frequencies) array
        Weights of the cosines, then of the sines.
    intercept_ : (n_scores,) array
    preparation_ : Preparation
        From columns to the circuit's features.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Cosines and sines are multiplied by the root of the frequency's weight. Schreiber, Eisert, Meyer, PRL 131, 100803
    (2023); with drawn frequencies: Landman et al., arXiv:2210.13200 (2022).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> kw.SpectrumSurrogateClassifier(C=100, random_state=0).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.9
    True
    """

    def __init__(
        self,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
        layers: int | None = None,
        bandwidth: float = 0.3,
        n_frequencies: int = 1000,
        C: float = 10.0,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
        class_weight: Any = None,
        random_state: Any = None,
    ):
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.repeats = repeats
        self.layers = layers
        self.bandwidth = bandwidth
        self.n_frequencies = n_frequencies
        self.C = C
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n_samples, n_columns) and labels ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        waves = _fit_waves(self, X)
        model = LogisticRegression(C=self.C, class_weight=self.class_weight, max_iter=2000)
        with one_blas_thread():
            model.fit(waves, y)
        self.classes_, self.coef_, self.intercept_ = model.classes_, model.coef_, model.intercept_
        return self

    def decision_function(self, X: Any) -> Array:
        """Return ``(n_samples,)`` log-odds of the second class, or ``(n_samples, n_classes)`` log-probabilities + c."""
        scores = _scores(self, X)
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> Array:
        """Return ``(n_samples, n_classes)`` probabilities."""
        return probabilities(_scores(self, X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the ``(n_samples,)`` most probable labels."""
        check_is_fitted(self)
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]


class SpectrumSurrogateRegressor(RegressorMixin, BaseEstimator):
    """Ridge regression on the cosines and sines of an encoding's frequencies.

    An expectation of a circuit is a trigonometric sum over the frequencies of its encoding. This is such a sum
    without the circuit: where there are few frequencies it has all of them, and can be any expectation; where there
    are many it has a draw.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name out of ``kw.encodings.ENCODINGS``, or your own. Trained values are taken where training starts.
    n_qubits : int, optional
        For an encoding given by name. Default: a qubit for each column, up to 10; beyond that columns are reduced
        with a :class:`ReductionWarning`.
    repeats, layers : int, optional
        Of an encoding given by name that has them. Default: its own.
    bandwidth : float
        Factor on the scaled features.
    n_frequencies : int
        Most pairs of a frequency and its negative; with more in the encoding, so many are drawn.
    alpha : float
        Strength of the regularisation, beside features whose squares sum to 1.
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range in the training rows to [-pi/2, pi/2], values outside it to the ends.
    reduce : {"pca"} or None
        What to do with more columns than the circuit takes; None never reduces.
    entangled : bool
        False takes the frequencies of gates on two or more qubits out.
    random_state : int, RandomState instance or None
        Draws frequencies where not all are used.

    Attributes
    ----------
    spectrum_ : Spectrum
        The frequencies in use, one of each pair.
    exact_ : bool
        Whether they are all that the encoding has.
    coef_ : (1, 2 * n_frequencies) array
        Weights of the cosines, then of the sines.
    intercept_ : (1,) array
    preparation_ : Preparation
        From columns to the circuit's features.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,) array
        Where the columns had names.

    Notes
    -----
    Cosines and sines are multiplied by the root of the frequency's weight. Schreiber, Eisert, Meyer, PRL 131, 100803
    (2023); with drawn frequencies: Landman et al., arXiv:2210.13200 (2022).

    Examples
    --------
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> kw.SpectrumSurrogateRegressor(random_state=0).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.4
    True
    """

    def __init__(
        self,
        encoding: str | Encoding | Circuit = "iqp",
        *,
        n_qubits: int | None = None,
        repeats: int | None = None,
        layers: int | None = None,
        bandwidth: float = 0.3,
        n_frequencies: int = 1000,
        alpha: float = 0.1,
        scale: str | None = "minmax",
        reduce: str | None = "pca",
        entangled: bool = True,
        random_state: Any = None,
    ):
        self.encoding = encoding
        self.n_qubits = n_qubits
        self.repeats = repeats
        self.layers = layers
        self.bandwidth = bandwidth
        self.n_frequencies = n_frequencies
        self.alpha = alpha
        self.scale = scale
        self.reduce = reduce
        self.entangled = entangled
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n_samples, n_columns) and targets ``y`` (n_samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        waves = _fit_waves(self, X)
        with one_blas_thread():
            model = Ridge(alpha=self.alpha).fit(waves, y)
        self.coef_, self.intercept_ = model.coef_[np.newaxis], np.array([model.intercept_])
        return self

    def predict(self, X: Any) -> Array:
        """Return the ``(n_samples,)`` predicted targets."""
        return _scores(self, X)[:, 0]


Surrogate = SpectrumSurrogateClassifier | SpectrumSurrogateRegressor


def _fit_waves(estimator: Surrogate, X: Array) -> Array:
    """Choose the encoding and its frequencies, learn the preparation, and return the training rows as waves."""
    most = positive_int("n_frequencies", estimator.n_frequencies)
    source = choose_encoding(
        estimator.encoding,
        X.shape[1],
        len(X),
        n_qubits=estimator.n_qubits,
        reduce=estimator.reduce,
        entangled=estimator.entangled,
        options={"repeats": estimator.repeats, "layers": estimator.layers},
    )
    estimator.preparation_ = fit_preparation(
        X,
        scale=estimator.scale,
        n_kept=source.n_features,
        bandwidth=estimator.bandwidth,
        domain=source.domain,
    )
    estimator._premap = source.premap
    estimator.exact_, estimator.spectrum_ = _spectrum(source, most, check_random_state(estimator.random_state))
    if not estimator.spectrum_.frequencies.any():
        raise ValueError(
            f"the circuit {source.name!r} has no frequencies where its training starts: its angles multiply the data "
            "by parameters that start at 0; give an Encoding that starts elsewhere"
        )
    return _waves(estimator, X)


def _spectrum(source: Encoding, most: int, rng: Any) -> tuple[bool, Spectrum]:
    """Return all frequencies of the encoding, or as many as are wanted, and which of the two."""
    # The bound can be larger than the spectrum, where sums of different angles agree.
    if log10_bound(source) < np.log10(2 * most) + 3:
        try:
            return True, frequencies(source, limit=2 * most - 1).half()
        except ValueError:  # more than wanted
            pass
    return False, sample_frequencies(source, most, seed=np.random.default_rng(rng.randint(2**31))).half()


def _waves(estimator: Surrogate, X: Array) -> Array:
    """Return ``(n_samples, 2 * n_frequencies)`` cosines and sines, whose squares sum to 1 in every row."""
    spectrum = estimator.spectrum_
    features = estimator._premap.forward(estimator.preparation_.transform(X))
    phases = fixed_order_product(spectrum.products(features), spectrum.frequencies)
    return np.hstack([np.cos(phases), np.sin(phases)]) * np.sqrt(np.tile(spectrum.weights, 2))


def _scores(estimator: Surrogate, X: Any) -> Array:
    """Return ``(n_samples, n_scores)`` weighted sums of the waves, each row for itself."""
    check_is_fitted(estimator)
    X = validate_data(estimator, X, dtype=np.float64, reset=False)
    return fixed_order_product(_waves(estimator, X), estimator.coef_) + estimator.intercept_
