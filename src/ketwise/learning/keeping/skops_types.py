"""The types of this package that a model kept by skops is made of: what to hand to ``trusted=``, and no more."""

from __future__ import annotations

import importlib
from dataclasses import is_dataclass
from inspect import isfunction
from typing import Any

from ketwise.blocks.preparation.premap import IDENTITY
from ketwise.blocks.preparation.premaps import PREMAPS
from ketwise.learning import losses
from ketwise.learning.keeping.files import FORMS
from ketwise.learning.memory.codes import Code, ColumnCode
from ketwise.learning.memory.quantum_methods import Scaled
from ketwise.learning.optimizers import STEPPERS, SciPy
from ketwise.words.angle import Angle
from ketwise.words.circuit import Op


def skops_types() -> list[str]:
    """Return the names of the types that ``skops.io.load`` must be told to trust for a model of this package.

    They are the estimators, what they are made of (circuits, observables, encodings, preparations, training records),
    the optimisers, and the functions of pre-maps and of ``kw.losses``. None of them does anything when it is loaded but
    hold what the file says; a type that is not here, such as a function of a user's own, is left for the caller to
    trust, or not.

    Returns
    -------
    list of str
        Sorted. Types of scikit-learn, NumPy and SciPy are trusted by skops itself.

    Notes
    -----
    A file of skops names modules of this package, which may move from one version to the next: for keeping models
    across versions there is :func:`ketwise.save`, whose files name no module, and which checks what it reads.

    Examples
    --------
    >>> "ketwise.learning.kernel.QuantumKernelClassifier" in skops_types()
    True
    """
    found: list[Any] = [
        Angle,
        Op,
        SciPy,
        Code,
        ColumnCode,
        Scaled,
        *STEPPERS,
        *STEPPERS.values(),
        IDENTITY.forward,
        IDENTITY.backward,
    ]
    found += [each for form in FORMS for each in form.types]
    found += [each for each in vars(losses).values() if isfunction(each) and each.__module__ == losses.__name__]
    for module in {make.__module__ for make in PREMAPS.values()}:
        made = vars(importlib.import_module(module)).values()
        found += [each for each in made if isinstance(each, type) and is_dataclass(each) and "__call__" in vars(each)]
    ours = [each for each in found if each.__module__.startswith("ketwise.")]
    return sorted({f"{each.__module__}.{each.__qualname__}" for each in ours})
