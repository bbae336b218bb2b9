"""The NumPy oracle as a backend: slow, obvious, and all there is where no compiler was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.engine.memory import require
from ketwise.engine.reference import final_states, gradient, read
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs, State

Plan = tuple[Circuit, Outputs, "np.dtype[Any]"]


@dataclass(frozen=True)
class Reference:
    """NumPy in complex128, whatever precision the results are returned in."""

    name: str = "reference (NumPy)"

    def compile(self, circuit: Circuit, outputs: Outputs, dtype: np.dtype[Any]) -> Plan:
        """Refuse a state of which not even one fits into memory."""
        require("a state vector", circuit.n_qubits, lambda n: 64 << n)
        return circuit, outputs, dtype

    def _as(self, plan: Plan, values: NDArray[Any]) -> NDArray[Any]:
        _, outputs, dtype = plan
        real = np.float32 if dtype == np.complex64 else np.float64
        return values.astype(dtype if isinstance(outputs, State) else real)

    def run(self, plan: Plan, angles: AngleValues, initial: NDArray[Any] | None) -> NDArray[Any]:
        """Return the outputs ``(batch, n_outputs)``."""
        return self.forward(plan, angles, initial)[0]

    def forward(self, plan: Plan, angles: AngleValues, initial: NDArray[Any] | None) -> tuple[NDArray[Any], Any]:
        """Return the outputs and the final states."""
        circuit, outputs, _ = plan
        require(f"a run of {angles.batch} samples", circuit.n_qubits, lambda n: 64 * angles.batch << n)
        states = final_states(circuit, angles.full(), initial)
        return self._as(plan, read(states, outputs)), states

    def backward(
        self,
        plan: Plan,
        angles: AngleValues,
        initial: NDArray[Any] | None,
        residual: Any,
        cotangent: NDArray[Any],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[Any] | None]:
        """Return the derivatives by undoing gate after gate."""
        circuit, outputs, dtype = plan
        d_angles, d_initial = gradient(circuit, outputs, angles.full(), residual, cotangent)
        d_rows = d_angles[:, np.flatnonzero(angles.column >= 0)]
        d_shared = np.where(angles.column < 0, d_angles.sum(axis=0), 0.0)
        return d_shared, d_rows, None if initial is None else d_initial.astype(dtype)

    def vjp(
        self, plan: Plan, angles: AngleValues, initial: NDArray[Any] | None, cotangent: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], NDArray[Any] | None]:
        """Return outputs and derivatives."""
        values, states = self.forward(plan, angles, initial)
        return (values, *self.backward(plan, angles, initial, states, cotangent))

    def explain(self, plan: Plan) -> str:
        """Return what one run does."""
        return f"{self.name}: {len(plan[0])} operations, one after another"
