"""A look at the gradient before a variational model is trained, and the warning where a device would not see it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.gradients.preflight import preflight
from ketwise.blocks.gradients.preflight_report import HELPS, Preflight

Array = NDArray[np.float64]

#: Draws of the start: the mean square of the gradient to about a fifth.
DRAWS = 50
#: Draws with which remedies are compared, where one is needed.
REMEDY_DRAWS = 20
#: Rows of data that are looked at.
ROWS = 64

#: The arguments of an estimator behind each remedy of a preflight.
_ARGUMENTS = {
    "small angles": "init='small_angle'",
    "Gaussian angles": "init='gaussian'",
    "uniform on [-pi, pi]": "init='uniform'",
    "a local cost": "observables of single qubits, such as the default",
    "layer by layer": "layerwise=True",
}


class BarrenPlateauWarning(UserWarning):
    """On a device, the gradient at the start of this training would be lost in shot noise."""


def warn_of_plateau(model: Any, X: Array, params: Any) -> None:
    """Warn where 100,000 shots a circuit would not show the gradient at the start.

    Parameters
    ----------
    model : estimator
        With ``model_`` and ``preparation_``.
    X : (n_rows, n_columns) array
    params : (n_params,) array or callable (rng) -> (n_params,) array
        Where training starts.
    """
    found = preflight(model, X[:ROWS], params, draws=DRAWS, remedies=False)
    if not found.unseen:
        return
    shots = found.shots.per_circuit
    seen = "no number of shots shows it" if shots is None else f"a step takes about {shots:,} shots a circuit"
    warnings.warn(
        f"the gradient at the start has a mean square of {found.mean:.1e} ± {found.standard_error:.0e} on "
        f"{found.n_qubits} qubits, and on a device {seen}: a barren plateau. A simulator trains on it, slowly; "
        f"{_way_out(model, X, params)} kw.diagnostics.preflight(model, X) tells more once it is fitted; "
        "preflight=False says nothing.",
        BarrenPlateauWarning,
        stacklevel=4,
    )


def _way_out(model: Any, X: Array, params: Any) -> str:
    found: Preflight = preflight(model, X[:ROWS], params, draws=REMEDY_DRAWS)
    known = [remedy for remedy in found.remedies if remedy.name in _ARGUMENTS and remedy.mean]
    best = max(known, key=lambda remedy: remedy.gain or remedy.mean or 0.0, default=None)
    if best is not None and best.gain is None:
        return f"{_ARGUMENTS[best.name]} makes one that is seen."
    if best is not None and best.gain is not None and best.gain > HELPS:
        return f"{_ARGUMENTS[best.name]} makes it {best.gain:.3g} times as large."
    return "no start that was tried makes it larger: fewer qubits or layers would."
