"""Differentiable pre-maps of the features, and a program that applies one before its circuit.

An encoding is a pre-map and a circuit. Most need none, and then nothing here runs. Ready ones are in ``premaps.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.program.program import CLASSICAL, INPUTS, Program
from ketwise.words.checks import shape_error

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
    n_features : int or None
        Features it takes; None where it takes as many as it gives.
    domain : tuple of float or None
        Least and greatest value that a feature may have; None where any number will do.
    settings : tuple of (str, value)
        With the name, all that :func:`ketwise.blocks.preparation.premaps.premap` needs to make it again; empty for
        your own.
    """

    name: str
    forward: Callable[[Array], Array]
    backward: Callable[[Array, Array], Array]
    n_features: int | None = None
    domain: tuple[float, float] | None = None
    settings: tuple[tuple[str, Any], ...] = ()


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
    Every method takes and returns what the program's does, with the features, and their gradient, as they were before
    the pre-map.
    """

    program: Program
    premap: PreMap

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "program":
            raise AttributeError(name)
        value = getattr(self.program, name)
        if callable(value):  # it would take features without their pre-map
            raise AttributeError(f"{name} is not there for a program with a pre-map ({self.premap.name!r})")
        return value

    @property
    def n_features(self) -> int:
        """Values of data that a run needs, before the pre-map."""
        return self.program.n_features if self.premap.n_features is None else self.premap.n_features

    def _map(self, features: Any) -> tuple[Array, Array]:
        if features is None:
            raise ValueError(f"features are missing: this program needs {self.n_features} of them")
        try:
            given = np.ascontiguousarray(features, dtype=np.float64).reshape(np.shape(features))
        except (TypeError, ValueError):
            raise ValueError("features must be an array of real numbers") from None
        if given.ndim not in (1, 2) or given.shape[-1] != self.n_features:
            raise shape_error("features", f"({self.n_features},) or (batch, {self.n_features})", given.shape)
        rows = np.atleast_2d(given)
        if not np.isfinite(rows).all():
            raise ValueError(f"features must be finite before the pre-map {self.premap.name!r}")
        return given, self.premap.forward(rows).reshape(*given.shape[:-1], -1)

    def _pull_back(self, given: Array, cotangent: Array | None) -> Array | None:
        if cotangent is None:
            return None
        rows = self.premap.backward(np.atleast_2d(given), np.atleast_2d(cotangent))
        return rows.reshape(given.shape)

    def __call__(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the outputs, as the program does."""
        return self.program(params, self._map(features)[1], initial_state)

    def expectation(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the expectation values, as the program does."""
        return self.program.expectation(params, self._map(features)[1], initial_state)

    def state(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the final states, as the program does."""
        return self.program.state(params, self._map(features)[1], initial_state)

    def probabilities(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the probabilities of all basis states, as the program does."""
        return self.program.probabilities(params, self._map(features)[1], initial_state)

    def forward(self, params: Any, features: Any, initial_state: Any = None) -> tuple[Any, Any]:
        """Return the outputs and what :meth:`backward` needs."""
        given, angles = self._map(features)
        outputs, residual = self.program.forward(params, angles, initial_state)
        return outputs, (given, residual)

    def backward(self, residual: Any, cotangent: Any, *, wanted: Collection[str] = INPUTS) -> tuple[Any, Any, Any]:
        """Return the gradients by params, features and initial state, each in the shape of its input, or None."""
        given, inner = residual
        d_params, d_angles, d_state = self.program.backward(inner, cotangent, wanted=wanted)
        return d_params, self._pull_back(given, d_angles), d_state

    def vjp(
        self,
        params: Any,
        features: Any,
        cotangent: Any,
        initial_state: Any = None,
        *,
        wanted: Collection[str] = CLASSICAL,
    ) -> tuple[Any, Any, Any]:
        """Return the outputs and the gradients by params and by features, None for one that is not wanted."""
        given, angles = self._map(features)
        outputs, d_params, d_angles = self.program.vjp(params, angles, cotangent, initial_state, wanted=wanted)
        return outputs, d_params, self._pull_back(given, d_angles)

    def jacobian(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the ``(batch, n_outputs, n_params)`` derivatives by the params."""
        return self.program.jacobian(params, self._map(features)[1], initial_state)

    def feature_jacobian(self, params: Any, features: Any, initial_state: Any = None) -> Any:
        """Return the ``(batch, n_outputs, n_features)`` derivatives by the features."""
        given, angles = self._map(features)
        by_angle = self.program.feature_jacobian(params, angles, initial_state)
        rows = np.atleast_2d(given)
        each = by_angle if by_angle.ndim == 3 else by_angle[np.newaxis]
        # A row of data shared by a batch of params or states stands for every one of them.
        rows = np.broadcast_to(rows, (len(each), rows.shape[1]))
        pulled = [self.premap.backward(rows, np.ascontiguousarray(each[:, m])) for m in range(each.shape[1])]
        jacobian = np.stack(pulled, axis=1) if pulled else np.zeros((len(each), 0, rows.shape[1]))
        return jacobian if by_angle.ndim == 3 else jacobian[0]

    def sample(self, params: Any, features: Any, initial_state: Any = None, **options: Any) -> Any:
        """Return ``(batch, shots)`` basis states, as the program does."""
        return self.program.sample(params, self._map(features)[1], initial_state, **options)
