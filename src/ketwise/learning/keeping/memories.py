"""Forms of the associative memories and their methods: the stored rows are kept, and what is made of them made anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketwise.blocks.encodings import Encoding
from ketwise.learning.keeping.estimator_form import estimator_form
from ketwise.learning.keeping.form import NUMBER, TRUTH, WHOLE, Form, array, one, record_form
from ketwise.learning.keeping.scikit_learn import CLASSES
from ketwise.learning.memory.associative_memory import AssociativeMemory
from ketwise.learning.memory.classical_methods import Dense, Hopfield, Nearest
from ketwise.learning.memory.classifier import AssociativeMemoryClassifier
from ketwise.learning.memory.completing_methods import HopfieldInversion, OpenHopfield, Variational
from ketwise.learning.memory.imputer import AssociativeMemoryImputer
from ketwise.learning.memory.methods import method_of
from ketwise.learning.memory.quantum_methods import Amplitude, Grover, Kernel, Probabilistic
from ketwise.learning.memory.variational import VariationalMemory
from ketwise.words.circuit import Circuit

_OPEN = one(int, float, np.float64, np.float32, None)
_COUNT = one(int, None)
_STORED = {"patterns_": array("patterns", "columns"), "_seed": WHOLE, "trained_": one(VariationalMemory, None)}
#: Made anew from the stored rows, as a fit makes it.
_DERIVED = frozenset({"code_", "n_bits_", "class_weight_", "_bits", "_first", "_held"})


def _remade(cls: type) -> Any:
    """Return what makes an estimator of its settings and stored rows, through the same checks as a fit."""

    def made(params: dict[str, Any], state: dict[str, Any]) -> Any:
        estimator = cls(**params)
        for name in ("n_features_in_", "feature_names_in_", "_sklearn_output_config"):
            if name in state:
                setattr(estimator, name, state[name])
        rows = state["patterns_"]
        if rows.dtype != np.float64 or rows.shape[1] != state["n_features_in_"] or not np.isfinite(rows).all():
            raise ValueError("patterns_ must be finite float64 numbers, as many columns as n_features_in_ says")
        if not 0 <= state["_seed"] < np.iinfo(np.int32).max:
            raise ValueError("_seed is no seed of a memory")
        if method_of(estimator.method).trains != (state["trained_"] is not None):
            raise ValueError("trained_ does not belong to the method")
        labels: tuple[Any, ...] = ()
        if "labels_" in state:
            labels = (state["labels_"], state["classes_"])
            if not ((state["labels_"] >= 0) & (state["labels_"] < len(state["classes_"]))).all():
                raise ValueError(f"labels_ must be from 0 to {len(state['classes_']) - 1}")
        return estimator._store(rows, *labels, seed=state["_seed"], trained=state["trained_"])

    return made


def _check_method(method: Any) -> None:
    numbers = [value for value in vars(method).values() if isinstance(value, float)]
    if not np.isfinite(numbers).all():
        raise ValueError("the settings of a method must be finite")


def _check_trained(memory: VariationalMemory) -> None:
    if memory.params is not None and memory.params.dtype != np.float64:
        raise ValueError("params must be float64")


MEMORY_FORMS: tuple[Form, ...] = (
    record_form(Probabilistic, {"n_controls": _COUNT, "temperature": _OPEN}, _check_method),
    record_form(Grover, {"modified": TRUTH, "iterations": _COUNT}),
    record_form(Amplitude, {"copies": WHOLE}),
    record_form(
        Kernel, {"encoding": one(str, Encoding), "power": _OPEN, "beta": _OPEN, "bandwidth": NUMBER}, _check_method
    ),
    record_form(HopfieldInversion, {"gamma": NUMBER, "cutoff": _OPEN}, _check_method),
    record_form(
        OpenHopfield,
        {"transverse_field": NUMBER, "temperature": NUMBER, "time": NUMBER, "trajectories": WHOLE, "product": TRUTH},
        _check_method,
    ),
    record_form(
        Variational,
        {"layers": WHOLE, "flip": NUMBER, "unknown": NUMBER, "max_iter": WHOLE, "learning_rate": NUMBER},
        _check_method,
    ),
    record_form(
        VariationalMemory,
        {"circuit": one(Circuit), "params": array("params", none=True), "loss_curve": array("steps")},
        _check_trained,
    ),
    record_form(Hopfield, {"rule": one(str), "clamp": TRUTH, "max_sweeps": WHOLE}),
    record_form(Dense, {"beta": _OPEN, "power": _OPEN, "clamp": TRUTH}, _check_method),
    record_form(Nearest, {"n_neighbors": WHOLE}),
    estimator_form(AssociativeMemory, _STORED, made=_remade(AssociativeMemory), ignored=_DERIVED),
    estimator_form(
        AssociativeMemoryClassifier,
        _STORED | {"labels_": array("patterns", kinds="i"), "classes_": CLASSES},
        made=_remade(AssociativeMemoryClassifier),
        ignored=_DERIVED,
    ),
    estimator_form(AssociativeMemoryImputer, _STORED, made=_remade(AssociativeMemoryImputer), ignored=_DERIVED),
)
