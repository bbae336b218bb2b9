"""What a backend must offer, and what it may."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs


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
        self, plan: Any, angles: AngleValues, initial: NDArray[Any] | None, residual: Any, cotangent: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[Any] | None]:
        """Return ``d_shared (n_angles,)``, ``d_rows (batch, n_rows)`` and ``d_initial (batch, 2**n)``."""

    def vjp(
        self, plan: Any, angles: AngleValues, initial: NDArray[Any] | None, cotangent: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], NDArray[Any] | None]:
        """Return the outputs and the three derivatives in one go."""
