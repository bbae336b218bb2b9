"""Differentiable pre-maps of the features, and a program that applies one before its circuit.

An encoding is a pre-map and a circuit. Most need none, and then nothing here runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.program.program import Program

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PreMap:
    """A named function of the features with its derivative.

    Attributes
    ----------
    name : str
    forward : callable
        ``(batch, n_features) -> (batch, n_angles)``, each row for itself.
    backward : callable
        ``(X, d_angles) -> d_features``: the product with the transposed Jacobian at ``X``.
    """

    name: str
    forward: Callable[[Array], Array]
    backward: Callable[[Array, Array], Array]


def _unchanged(X: Array) -> Array:
    return X


def _unchanged_back(X: Array, cotangent: Array) -> Array:
    return cotangent


#: The features are the angles' variables as they are.
IDENTITY = PreMap("identity", _unchanged, _unchanged_back)


@dataclass(frozen=True)
class PreMappedProgram:
    """A :class:`Program` whose features go through a pre-map first; everything else is the program's own.

    Notes
    -----
    ``forward``, ``backward``, ``vjp``, ``jacobian`` and ``sample`` take and return what the program's do, with the
    features, and their gradient, as they were before the pre-map.
    """

    program: Program
    premap: PreMap

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "program":
            raise AttributeError(name)
        return getattr(self.program, name)

    def _map(self, features: Any) -> tuple[Array, Array]:
        given = np.asarray(features, dtype=np.float64)
        rows = np.atleast_2d(given)
        if not np.isfinite(rows).all():
            raise ValueError(f"features must be finite before the pre-map {self.premap.name!r}")
        return given, self.premap.forward(rows).reshape(*given.shape[:-1], -1)

    def _pull_back(self, given: Array, cotangent: Array) -> Array:
        rows = self.premap.backward(np.atleast_2d(given), np.atleast_2d(cotangent))
        return rows.reshape(given.shape)

    def __call__(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the outputs, as the program does."""
        return self.program(params, self._map(features)[1], initial_state)

    def forward(self, params: Any, features: Any, initial_state: Any = None) -> tuple[Any, Any]:
        """Return the outputs and what :meth:`backward` needs."""
        given, angles = self._map(features)
        outputs, residual = self.program.forward(params, angles, initial_state)
        return outputs, (given, residual)

    def backward(self, residual: Any, cotangent: Any) -> tuple[Any, Any, Any]:
        """Return the gradients by params, features and initial state, each in the shape of its input."""
        given, inner = residual
        d_params, d_angles, d_state = self.program.backward(inner, cotangent)
        return d_params, self._pull_back(given, d_angles), d_state

    def vjp(self, params: Any, features: Any, cotangent: Any) -> tuple[Any, Any, Any]:
        """Return the outputs and the gradients by params and by features."""
        given, angles = self._map(features)
        outputs, d_params, d_angles = self.program.vjp(params, angles, cotangent)
        return outputs, d_params, self._pull_back(given, d_angles)

    def jacobian(self, params: Any, features: Any) -> Any:
        """Return the ``(batch, n_outputs, n_params)`` derivatives by the params."""
        return self.program.jacobian(params, self._map(features)[1])

    def sample(self, params: Any, features: Any, **options: Any) -> Any:
        """Return ``(batch, shots)`` basis states, as the program does."""
        return self.program.sample(params, self._map(features)[1], **options)
