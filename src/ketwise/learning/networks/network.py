"""A network: what gives expectations of data and parameters, a readout, and where training starts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.networks.readouts import Readout
from ketwise.learning.training import Objective

Array = NDArray[np.float64]


class Source(Protocol):
    """What gives expectations: a program, a thermal state, or either of them behind a classical layer."""

    n_outputs: int

    def __call__(self, params: Any, features: Any) -> Any:
        """Return ``(batch, n_outputs)``."""

    def forward(self, params: Any, features: Any) -> tuple[Any, Any]:
        """Return the outputs and what ``backward`` needs."""

    def backward(self, residual: Any, cotangent: Any, *, wanted: Collection[str]) -> Any:
        """Return ``d_params`` first; what ``wanted`` does not name need not be computed."""


@dataclass(frozen=True)
class Network:
    """Expectations with a readout; all that is trained is one vector, the source's parameters and the readout's.

    Attributes
    ----------
    source : Source
    n_params : int
        Of the source.
    readout : Readout
    draw : callable
        ``rng -> (n_params,)``: where the training of the parameters starts.
    """

    source: Any
    n_params: int
    readout: Readout
    draw: Callable[[Any], Array]

    @property
    def n_values(self) -> int:
        """Trained values."""
        return self.n_params + self.readout.n_values(self.source.n_outputs)

    def start(self, rng: Any) -> Array:
        """Return the ``(n_values,)`` at which training starts."""
        return np.concatenate([self.draw(rng), self.readout.start(rng, self.source.n_outputs)])

    def scores(self, theta: Array, features: Array) -> Array:
        """Return the ``(n_rows,)`` scores, each row for itself; above 0 for the second class."""
        params, values = np.split(theta, [self.n_params])
        return self.readout.scores(self.source(self._given(params), features), values)

    def objective(self, features: Array, signs: Array) -> Objective:
        """Return the loss and its gradient as a function of ``theta`` and the rows to use."""

        def value_and_gradient(theta: Array, rows: NDArray[np.intp]) -> tuple[float, Array]:
            params, values = np.split(theta, [self.n_params])
            outputs, residual = self.source.forward(self._given(params), features[rows])
            loss, d_outputs, d_values = self.readout.loss(outputs, values, signs[rows])
            d_params = self.source.backward(residual, d_outputs, wanted=("params",))[0]
            return loss, np.concatenate([np.zeros(0) if d_params is None else d_params, d_values])

        return value_and_gradient

    def _given(self, params: Array) -> Array | None:
        return params if self.n_params else None


class Design(Protocol):
    """A network still to be built for a number of columns; a value: designs with equal options are equal."""

    @property
    def scale(self) -> str | None:
        """How columns are scaled: "minmax", "standard" or None, as estimators take it."""

    def build(self, n_columns: int) -> Network:
        """Return the network for rows of that many values."""


def whole_turns(n_params: int) -> Callable[[Any], Array]:
    """Return the start of angles anywhere on the circle: ``rng -> (n_params,)``, uniform in [0, 2 pi)."""
    return lambda rng: rng.uniform(0.0, 2.0 * np.pi, n_params)
