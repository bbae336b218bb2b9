"""SciPy's minimisers as values: which method, and its options. The loop that runs them is in ``scipy_training.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Method(NamedTuple):
    """A method of ``scipy.optimize.minimize``: what it asks for, and how its options are called."""

    uses_gradients: bool
    limit: str
    #: Whether the limit counts steps; else it counts evaluations, and whoever runs the method counts its steps.
    counts_steps: bool
    tolerances: tuple[str, ...]


#: Those that need neither bounds nor constraints.
METHODS = {
    "L-BFGS-B": Method(True, "maxiter", True, ("ftol", "gtol")),
    "BFGS": Method(True, "maxiter", True, ("gtol",)),
    "CG": Method(True, "maxiter", True, ("gtol",)),
    "SLSQP": Method(True, "maxiter", True, ("ftol",)),
    "TNC": Method(True, "maxfun", False, ("ftol", "gtol")),
    "Nelder-Mead": Method(False, "maxiter", True, ("fatol", "xatol")),
    "Powell": Method(False, "maxiter", True, ("ftol", "xtol")),
    "COBYLA": Method(False, "maxiter", False, ("tol",)),
}
#: Evaluations that are no limit.
_MANY = 1 << 30
_LEAST = 1e-15


@dataclass(frozen=True)
class SciPy:
    """A method of :func:`scipy.optimize.minimize`, on all rows at once.

    Parameters
    ----------
    method : str
        "L-BFGS-B", "BFGS", "CG", "SLSQP" and "TNC" use gradients; "Nelder-Mead", "Powell" and "COBYLA" do not.
    options : dict
        As SciPy names them; they come before the tolerance and the number of steps that a fit sets.

    Raises
    ------
    ValueError
        For another method.

    Examples
    --------
    >>> SciPy("COBYLA", {"rhobeg": 0.1}).uses_gradients
    False
    """

    method: str = "L-BFGS-B"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(map(repr, METHODS))}, got {self.method!r}")

    @property
    def uses_gradients(self) -> bool:
        """Whether the method asks for gradients."""
        return METHODS[self.method].uses_gradients

    @property
    def counts_steps(self) -> bool:
        """Whether the method ends by itself after the steps that it is given."""
        return METHODS[self.method].counts_steps

    def options_for(self, max_iter: int, tol: float) -> dict[str, Any]:
        """Return SciPy's options for that many steps and that tolerance, the user's own first."""
        method = METHODS[self.method]
        limit = max_iter if method.counts_steps else _MANY
        least = _LEAST if self.method == "COBYLA" else 0.0  # the last radius of its trust region
        return {method.limit: limit, **dict.fromkeys(method.tolerances, max(tol, least)), **self.options}
