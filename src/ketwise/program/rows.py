"""A run's residual made again from arrays, and its derivatives sample by sample: for hosts that batch by themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.program.program import CLASSICAL, Program, Residual


def residual_of(program: Program, params: Any, features: Any, kept: Any) -> Residual:
    """Return the residual of the forward run at these values, of which ``kept`` is what the backend returned."""
    return Residual(program, program._inputs(params, features, None), kept)


def backward_rows(
    program: Program, residual: Residual, cotangent: Any, *, wanted: Collection[str] = CLASSICAL
) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
    """Return each sample's ``d_params (batch, n_params)`` and ``d_features (batch, n_features)``, None if not wanted.

    As :meth:`Program.backward`, but an input that all samples shared has a row for each of them, not their sum.

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> p = kw.Circuit(1).ry(kw.params(1)[0] * kw.features(1)[0], 0).compile(kw.Z(0))
    >>> _, residual = p.forward([0.5], [[1.0], [2.0]])
    >>> backward_rows(p, residual, np.ones((2, 1)), wanted=("params",))[0].round(6)
    array([[-0.479426],
           [-1.682942]])
    """
    inputs = residual.inputs
    weights = program._cotangent(cotangent, inputs)
    asked = program._asked(inputs, wanted)._replace(by_sample=True)
    _, d_angles, _ = program._derivatives(inputs, residual.kept, weights, asked)
    real = np.float32 if program.dtype == np.complex64 else np.float64

    def chained(name: str) -> NDArray[Any] | None:
        if name not in wanted:
            return None
        found = program._map.pull_back_rows(d_angles, inputs.params, inputs.features, of_features=name == "features")
        return found.astype(real, copy=False)

    return chained("params"), chained("features")
