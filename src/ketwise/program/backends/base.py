"""What a backend must offer, and what it may."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues, Wanted
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs

#: ``d_shared (n_angles,)``, ``d_rows (batch, n_rows)`` and ``d_initial (batch, 2**n)``. By sample, ``d_shared`` is None
#: and ``d_rows`` is ``(batch, n_angles)``; ``d_initial`` is None without an initial state, or where it is not wanted.
Derivatives: TypeAlias = tuple[NDArray[np.float64] | None, NDArray[np.float64], NDArray[Any] | None]


@runtime_checkable
class Backend(Hashable, Protocol):
    """The two methods that every backend has. Values that are equal give equal programs."""

    @property
    def name(self) -> str:
        """Short name, for messages."""

    def compile(self, circuit: Circuit, outputs: Outputs, dtype: np.dtype[Any]) -> Any:
        """Return a plan; refuse here, naming a remedy, what cannot be run."""

    def run(self, plan: Any, angles: AngleValues, initial: NDArray[Any] | None) -> NDArray[Any]:
        """Return the outputs ``(batch, n_outputs)``."""


@runtime_checkable
class Differentiable(Backend, Protocol):
    """A backend with a reverse sweep of its own; others are differentiated by parameter shift."""

    def forward(self, plan: Any, angles: AngleValues, initial: NDArray[Any] | None) -> tuple[NDArray[Any], Any]:
        """Return the outputs and what ``backward`` needs."""

    def backward(
        self,
        plan: Any,
        angles: AngleValues,
        initial: NDArray[Any] | None,
        residual: Any,
        cotangent: NDArray[Any],
        wanted: Wanted,
    ) -> Derivatives:
        """Return the derivatives by angles and initial state."""

    def vjp(
        self, plan: Any, angles: AngleValues, initial: NDArray[Any] | None, cotangent: NDArray[Any], wanted: Wanted
    ) -> tuple[NDArray[Any], Derivatives]:
        """Return the outputs and the derivatives in one go."""
