"""Forms of what estimators carry: preparation, model, optimiser and training, spectrum, support vectors, generators."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.spectrum import Spectrum
from ketwise.learning.keeping.form import FLOAT, NUMBER, TRUTH, WHOLE, Form, Parts, array, check_parts, one, record_form
from ketwise.learning.keeping.support_vectors import SupportVectors
from ketwise.learning.model import Model
from ketwise.learning.optimizers import (
    QNSPSA,
    SPSA,
    STEPPERS,
    Adam,
    AdamState,
    NaturalGradient,
    NaturalGradientState,
    QNSPSAState,
    Rotosolve,
    RotosolveState,
    SciPy,
    ShotAdaptive,
    ShotAdaptiveState,
    SPSAState,
)
from ketwise.learning.preprocessing import Preparation
from ketwise.learning.training import Training
from ketwise.words.observable import Observable

_SUPPORT = {
    "classes_": array("classes", kinds="biufUO"),
    "n_support_": array("classes", kinds="i"),
    "dual_coef_": array("others", "vectors"),
    "intercept_": array("pairs"),
}
_RANDOM = {"key": array("words", kinds="u"), "pos": WHOLE, "has_gauss": WHOLE, "gauss": one(float)}
_WORDS = 624


def _take_support(value: SVC | SupportVectors) -> Parts:
    kept = SupportVectors.of(value) if isinstance(value, SVC) else value
    return {name: getattr(kept, name) for name in _SUPPORT}


def _make_support(parts: Parts) -> SupportVectors:
    check_parts(parts, _SUPPORT)
    return SupportVectors(**parts)


def _take_random(generator: np.random.RandomState) -> Parts:
    state: Any = generator.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":
        raise ValueError(
            f"a RandomState of {state['bit_generator']}: use one of MT19937, as RandomState(seed) makes it"
        )
    return {"has_gauss": int(state["has_gauss"]), "gauss": float(state["gauss"])} | {
        "key": state["state"]["key"],
        "pos": int(state["state"]["pos"]),
    }


def _make_random(parts: Parts) -> np.random.RandomState:
    check_parts(parts, _RANDOM)
    if parts["key"].shape != (_WORDS,) or not 0 <= parts["pos"] <= _WORDS or parts["has_gauss"] not in (0, 1):
        raise ValueError(f"the state of MT19937 is {_WORDS} words and a place among them")
    generator = np.random.RandomState()
    generator.set_state(
        {
            "bit_generator": "MT19937",
            "state": {"key": parts["key"], "pos": parts["pos"]},
            "has_gauss": parts["has_gauss"],
            "gauss": parts["gauss"],
        }
    )
    return generator


def _check_preparation(preparation: Preparation) -> None:
    scaler, pca = preparation.scaler, preparation.pca
    if scaler is not None and pca is not None and scaler.n_features_in_ != pca.n_features_in_:
        raise ValueError("scaler and pca must take the same columns")


def _check_model(model: Model) -> None:
    if model.dtype not in ("complex64", "complex128") or model.n_scores < 1:
        raise ValueError("dtype must be complex64 or complex128, and n_scores positive")
    if not model.observables or not all(isinstance(each, Observable) for each in model.observables):
        raise ValueError("observables must hold observables")
    for each in model.observables:
        each.check_fits(model.encoding.n_qubits)


def _check_training(training: Training) -> None:
    if not all(type(value) is float for value in (*training.losses, *training.scores)):
        raise ValueError("losses and scores must hold numbers")
    if not np.isfinite(training.theta).all():
        raise ValueError("theta must be finite")
    arrays = [value for value in training.state or () if isinstance(value, np.ndarray)]
    if any(len(value) != len(training.theta) for value in arrays):
        raise ValueError("state and theta do not agree in the number of values")


def _check_spectrum(spectrum: Spectrum) -> None:
    monomials = spectrum.monomials
    whole = all(
        type(each) is tuple and each and all(type(index) is int and index >= 0 for index in each) for each in monomials
    )
    if not whole or spectrum.frequencies.shape[1] != len(monomials):
        raise ValueError("monomials must be tuples of features, a column of frequencies each")


_STEP = {"step": WHOLE}
_VALUES = array("values")

_OPTIMIZERS = (
    record_form(Adam, dict.fromkeys(["learning_rate", "beta1", "beta2", "epsilon"], NUMBER)),
    record_form(NaturalGradient, {"learning_rate": NUMBER, "approx": one(str), "regularization": NUMBER}),
    record_form(Rotosolve, {"tol": NUMBER}),
    record_form(
        SPSA,
        dict.fromkeys(["learning_rate", "perturbation", "stability", "learning_decay", "perturbation_decay"], NUMBER),
    ),
    record_form(QNSPSA, dict.fromkeys(["learning_rate", "perturbation", "regularization"], NUMBER)),
    record_form(
        ShotAdaptive,
        dict.fromkeys(["learning_rate", "lipschitz", "memory", "bias"], NUMBER)
        | {"least_shots": WHOLE, "budget": one(int, None)},
    ),
    record_form(SciPy, {"method": one(str), "options": one(dict)}),
    record_form(AdamState, _STEP | {"mean": _VALUES, "square": _VALUES}),
    record_form(NaturalGradientState, _STEP),
    record_form(RotosolveState, _STEP),
    record_form(SPSAState, _STEP),
    record_form(QNSPSAState, _STEP | {"metric": array("values", "values")}),
    record_form(
        ShotAdaptiveState,
        _STEP | {"shots": array("values", kinds="i"), "spent": WHOLE, "mean": _VALUES, "variance": _VALUES},
    ),
)

PART_FORMS = (
    Form("SupportVectors", (SVC, SupportVectors), _take_support, _make_support, frozenset(_SUPPORT)),
    Form("RandomState", (np.random.RandomState,), _take_random, _make_random, frozenset(_RANDOM)),
    record_form(
        Preparation,
        {"scaler": one(MinMaxScaler, StandardScaler, None), "pca": one(PCA, None), "bandwidth": FLOAT},
        _check_preparation,
    ),
    record_form(
        Model,
        {"encoding": one(Encoding), "observables": one(tuple), "n_scores": WHOLE, "dtype": one(str)},
        _check_model,
    ),
    record_form(
        Training,
        {
            "theta": array("values"),
            "state": one(*STEPPERS.values(), None),
            "losses": one(tuple),
            "scores": one(tuple),
            "converged": TRUTH,
        },
        _check_training,
    ),
    record_form(
        Spectrum,
        {
            "monomials": one(tuple),
            "frequencies": array("waves", "monomials"),
            "weights": array("waves"),
        },
        _check_spectrum,
    ),
    *_OPTIMIZERS,
)
