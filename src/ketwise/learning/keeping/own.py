"""Forms of the estimators of this package, a row each: what ``fit`` sets, and what must agree in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.svm import SVC

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.preparation.premap import PreMap
from ketwise.blocks.spectrum import Spectrum
from ketwise.learning.aligned_rbf import AlignedRBFClassifier, AlignedRBFRegressor
from ketwise.learning.keeping.estimator_form import estimator_form
from ketwise.learning.keeping.form import FLOAT, TRUTH, WHOLE, Form, array, one
from ketwise.learning.keeping.scikit_learn import CLASSES, check_scores
from ketwise.learning.keeping.support_vectors import SupportVectors
from ketwise.learning.kernel import KERNELS, QuantumKernelClassifier, QuantumKernelRegressor
from ketwise.learning.model import Model
from ketwise.learning.preprocessing import Preparation
from ketwise.learning.surrogate import SpectrumSurrogateClassifier, SpectrumSurrogateRegressor
from ketwise.learning.training import Training
from ketwise.learning.variational_classifier import VariationalClassifier
from ketwise.learning.variational_regressor import VariationalRegressor

_PREPARED = {"preparation_": one(Preparation)}
_KERNEL = _PREPARED | {"encoding_": one(Encoding)}
_ALIGNED = _PREPARED | {"gamma_": FLOAT, "alignment_": FLOAT}
_MACHINE = {"svc_": one(SVC, SupportVectors), "classes_": CLASSES}
_RIDGE = {"dual_coef_": array("rows"), "intercept_": FLOAT}
_WAVES = _PREPARED | {
    "_premap": one(PreMap),
    "spectrum_": one(Spectrum),
    "exact_": TRUTH,
    "coef_": array("scores", "waves"),
    "intercept_": array("scores"),
}
_TRAINED = _PREPARED | {
    "model_": one(Model),
    "_training": one(Training),
    "_rng": one(np.random.RandomState),
    "params_": array("params"),
    "weights_": array("scores", "observables"),
    "intercept_": array("scores"),
    "loss_curve_": one(list),
    "validation_scores_": one(list),
    "n_iter_": WHOLE,
    "converged_": TRUTH,
}
#: A place on the machine that trained, and functions.
_OF_THE_FIT = frozenset({"checkpoint", "callbacks"})


def _check_kernel(model: Any) -> None:
    if model.kernel not in KERNELS or model.encoding_.n_params:
        raise ValueError("a kernel of a known name and an encoding without parameters are needed")
    rows = model.support_features_ if hasattr(model, "svc_") else model.fit_features_
    _check_width(model, model.encoding_.n_features, rows.shape[1])
    _check_machine(model, rows)


def _check_aligned(model: Any) -> None:
    rows = model._support if hasattr(model, "svc_") else model._rows
    _check_width(model, rows.shape[1])
    _check_machine(model, rows)


def _check_surrogate(model: Any) -> None:
    spectrum = model.spectrum_
    if model.coef_.shape[1] != 2 * len(spectrum.frequencies):
        raise ValueError("coef_ must have two weights for every frequency of spectrum_")
    _check_width(model)
    if hasattr(model, "classes_"):
        check_scores(model.classes_, len(model.intercept_))


def _check_trained(model: Any) -> None:
    inner, theta = model.model_, model._training.theta
    _check_width(model, inner.encoding.n_features)
    if len(theta) != inner.encoding.n_params + inner.n_scores * (len(inner.observables) + 1):
        raise ValueError("_training and model_ do not agree in the number of values")
    if hasattr(model, "classes_"):
        check_scores(model.classes_, inner.n_scores)
    elif inner.n_scores != 1:
        raise ValueError("a regression has one score")


def _check_machine(model: Any, rows: Any) -> None:
    if hasattr(model, "svc_") and (
        len(model.svc_.support_) != len(rows) or not np.array_equal(model.svc_.classes_, model.classes_)
    ):
        raise ValueError("svc_, classes_ and the support vectors do not agree")


def _check_width(model: Any, *wanted: int) -> None:
    """Refuse a preparation that takes other columns than the estimator, or makes another number of features."""
    scaler, pca = model.preparation_.scaler, model.preparation_.pca
    for step in (scaler, pca):
        if step is not None and step.n_features_in_ != model.n_features_in_:
            raise ValueError(f"preparation_ takes {step.n_features_in_} columns, not {model.n_features_in_}")
    width = model.n_features_in_ if pca is None else len(pca.components_)
    if any(each != width for each in wanted):
        raise ValueError(f"preparation_ makes {width} features, and {wanted} are taken")


OWN_FORMS: tuple[Form, ...] = (
    estimator_form(
        QuantumKernelClassifier,
        _KERNEL | _MACHINE | {"support_features_": array("vectors", "features")},
        _check_kernel,
    ),
    estimator_form(
        QuantumKernelRegressor, _KERNEL | _RIDGE | {"fit_features_": array("rows", "features")}, _check_kernel
    ),
    estimator_form(
        AlignedRBFClassifier, _ALIGNED | _MACHINE | {"_support": array("vectors", "features")}, _check_aligned
    ),
    estimator_form(AlignedRBFRegressor, _ALIGNED | _RIDGE | {"_rows": array("rows", "features")}, _check_aligned),
    estimator_form(SpectrumSurrogateClassifier, _WAVES | {"classes_": CLASSES}, _check_surrogate),
    estimator_form(SpectrumSurrogateRegressor, _WAVES, _check_surrogate),
    estimator_form(VariationalClassifier, _TRAINED | {"classes_": CLASSES}, _check_trained, dropped=_OF_THE_FIT),
    estimator_form(
        VariationalRegressor,
        _TRAINED | {"target_mean_": FLOAT, "target_scale_": FLOAT},
        _check_trained,
        dropped=_OF_THE_FIT,
    ),
)
