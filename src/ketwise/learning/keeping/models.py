"""Forms of designs and of the estimators of the literature: what ``fit`` sets, and what must agree in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from ketwise.blocks.encodings import Encoding
from ketwise.learning.autoencoder import QuantumAutoencoder, QuantumOneClass
from ketwise.learning.born_machine import BornMachine
from ketwise.learning.circuit_classifier import CircuitClassifier
from ketwise.learning.keeping.estimator_form import estimator_form
from ketwise.learning.keeping.form import FLOAT, TRUTH, WHOLE, Form, array, one, record_form
from ketwise.learning.keeping.scikit_learn import CLASSES
from ketwise.learning.keeping.support_vectors import SupportVectors
from ketwise.learning.kernel_kmeans import QuantumKernelKMeans
from ketwise.learning.kernel_pca import QuantumKernelPCA
from ketwise.learning.metric_learner import QuantumMetricLearner
from ketwise.learning.networks.boltzmann import Boltzmann
from ketwise.learning.networks.circuits import (
    CircuitCentric,
    DataReuploading,
    IQPVariational,
    SeparableVariational,
    TreeTensor,
)
from ketwise.learning.networks.dressed import Dressed
from ketwise.learning.networks.weinet import WeiNet, image_side
from ketwise.learning.preprocessing import Preparation
from ketwise.learning.projected_kernel import ProjectedKernelClassifier
from ketwise.learning.quanvolution import Quanvolution
from ketwise.learning.random_features import QuantumRandomFeatures
from ketwise.learning.reservoir import QuantumReservoir
from ketwise.words.circuit import Circuit

#: Copies, layers and repeats of a design, and columns that it is built for: more are a mistake, and cost memory.
MOST_OF_A_DESIGN = 10_000

_PREPARED = {"preparation_": one(Preparation)}
_DESCENT = {"loss_curve_": array("n_iter_"), "n_iter_": WHOLE, "converged_": TRUTH}
_KERNEL = _PREPARED | {"encoding_": one(Encoding), "fit_features_": array("rows", "features")}
_COMPRESSED = _PREPARED | {
    "encoding_": one(Encoding),
    "params_": array("params"),
    "loss_": FLOAT,
    "n_iter_": WHOLE,
    "n_qubits_kept_": WHOLE,
}
_READ = {"read": one(str)}
_COMMON = {"entangled": TRUTH, "scale": one(str, None)}


def _check_design(design: Any) -> None:
    sizes = [getattr(design, name, 1) for name in ("n_copies", "n_layers", "repeats")]
    if not all(1 <= size <= MOST_OF_A_DESIGN for size in sizes):
        raise ValueError(f"copies, layers and repeats must be from 1 to {MOST_OF_A_DESIGN}")
    if not np.isfinite(getattr(design, "temperature", 1.0)):
        raise ValueError("the temperature must be finite")


def _check_network(model: CircuitClassifier) -> None:
    values, design = len(model.theta_), model._design()
    # Of each layer and each column something is trained: sizes that say otherwise are refused before they are built.
    if max(getattr(design, "n_layers", 1), 1) > values or getattr(design, "n_copies", 1) > 24:
        raise ValueError("the design has more layers than there are trained values")
    if model.n_features_in_ > MOST_OF_A_DESIGN or len(model.classes_) != 2:
        raise ValueError(f"two classes and at most {MOST_OF_A_DESIGN} columns are expected")
    if design.build(model.n_features_in_).n_values != values or not np.isfinite(model.theta_).all():
        raise ValueError("theta_ and the design do not agree in the number of values, or it is not finite")


def _check_encoded(model: Any) -> None:
    rows = next((getattr(model, n) for n in ("fit_features_", "examples_") if hasattr(model, n)), None)
    if rows is not None and rows.shape[1] != model.encoding_.n_features:
        raise ValueError("the rows that are kept and encoding_ do not agree in the number of features")
    if hasattr(model, "params_") and len(model.params_) != model.encoding_.n_params:
        raise ValueError("params_ and encoding_ do not agree in the number of values")
    if hasattr(model, "n_qubits_kept_") and not 0 <= model.n_qubits_kept_ < model.encoding_.n_qubits:
        raise ValueError("n_qubits_kept_ must be less than the qubits of encoding_")
    if hasattr(model, "support_bloch_") and model.support_bloch_.shape != (
        len(model.svc_.support_),
        3 * model.encoding_.n_qubits,
    ):
        raise ValueError("the support vectors, svc_ and encoding_ do not agree")
    for name in ("example_codes_", "labels_"):
        if (codes := getattr(model, name, None)) is not None:
            most = len(model.classes_) if hasattr(model, "classes_") else len(model._spreads)
            if not ((codes >= 0) & (codes < most)).all():
                raise ValueError(f"{name} must be from 0 to {most - 1}")


def _check_born(model: BornMachine) -> None:
    n_qubits = model.circuit_.n_qubits
    if n_qubits != model.n_features_in_ or len(model.probabilities_) != 1 << min(n_qubits, 60):
        raise ValueError("circuit_, probabilities_ and the columns do not agree")
    if len(model.params_) != model.circuit_.n_params:
        raise ValueError("params_ and circuit_ do not agree in the number of values")


def _check_reservoir(model: QuantumReservoir) -> None:
    size = len(model.unitary_)
    if (
        model.n_steps_ * model.n_inputs != model.n_features_in_
        or size.bit_length() - 1 != model.n_inputs + model.n_memory
    ):
        raise ValueError("unitary_, n_steps_ and the columns do not agree")
    if size & (size - 1):
        raise ValueError("unitary_ must have as many rows as a power of 2")


def _check_quanvolution(model: Quanvolution) -> None:
    if not 1 <= model.window <= image_side(model.n_features_in_) or model.table_.shape[1] != 1 << model.window**2:
        raise ValueError("window, table_ and the columns do not agree")
    if len(model.circuits_) != len(model.table_) or not all(isinstance(each, Circuit) for each in model.circuits_):
        raise ValueError("circuits_ must hold a circuit a channel")


_FORMS_OF_DESIGNS = tuple(
    record_form(design, fields, _check_design)
    for design, fields in (
        (CircuitCentric, _COMMON | {"n_copies": WHOLE, "n_layers": WHOLE}),
        (TreeTensor, _COMMON),
        (IQPVariational, _COMMON | {"repeats": WHOLE, "n_layers": WHOLE}),
        (DataReuploading, _COMMON | _READ | {"n_layers": WHOLE}),
        (SeparableVariational, {"n_layers": WHOLE, "scale": one(str, None)}),
        (Dressed, _COMMON | {"n_layers": WHOLE}),
        (Boltzmann, _COMMON | _READ | {"temperature": FLOAT}),
        (WeiNet, {"filter": one(str, None), "scale": one(str, None)}),
    )
)

MODEL_FORMS: tuple[Form, ...] = (
    *_FORMS_OF_DESIGNS,
    estimator_form(
        CircuitClassifier, _PREPARED | _DESCENT | {"theta_": array("values"), "classes_": CLASSES}, _check_network
    ),
    estimator_form(
        QuantumMetricLearner,
        _PREPARED
        | _DESCENT
        | {
            "encoding_": one(Encoding),
            "params_": array("params"),
            "examples_": array("examples", "features"),
            "example_codes_": array("examples", kinds="i"),
            "classes_": CLASSES,
        },
        _check_encoded,
    ),
    estimator_form(
        ProjectedKernelClassifier,
        _PREPARED
        | {
            "encoding_": one(Encoding),
            "gamma_": FLOAT,
            "svc_": one(SVC, SupportVectors),
            "support_bloch_": array("vectors", "words"),
            "classes_": CLASSES,
        },
        _check_encoded,
    ),
    estimator_form(
        QuantumRandomFeatures,
        {
            "weights_": array("circuits", "qubits", "n_features_in_"),
            "offsets_": array("circuits", "qubits"),
            "scaler_": one(MinMaxScaler, None),
            "seed_": WHOLE,
        },
    ),
    estimator_form(
        Quanvolution,
        {"table_": array("channels", "patterns", kinds="i"), "threshold_": FLOAT, "circuits_": one(list)},
        _check_quanvolution,
    ),
    estimator_form(
        QuantumReservoir,
        _PREPARED | {"unitary_": array("size", "size", kinds="c"), "n_steps_": WHOLE},
        _check_reservoir,
    ),
    estimator_form(
        BornMachine,
        {
            "circuit_": one(Circuit),
            "params_": array("params"),
            "probabilities_": array("strings"),
            "loss_": FLOAT,
            "n_iter_": WHOLE,
            "converged_": TRUTH,
        },
        _check_born,
    ),
    estimator_form(QuantumAutoencoder, _COMPRESSED, _check_encoded),
    estimator_form(QuantumOneClass, _COMPRESSED | {"offset_": FLOAT}, _check_encoded),
    estimator_form(
        QuantumKernelKMeans,
        _KERNEL
        | {"labels_": array("rows", kinds="i"), "inertia_": FLOAT, "n_iter_": WHOLE, "_spreads": array("clusters")},
        _check_encoded,
    ),
    estimator_form(
        QuantumKernelPCA,
        _KERNEL
        | {
            "eigenvalues_": array("components"),
            "eigenvectors_": array("rows", "components"),
            "column_means_": array("rows"),
        },
        _check_encoded,
    ),
)
