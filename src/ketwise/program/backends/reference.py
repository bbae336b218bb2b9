"""The NumPy oracle as a backend: slow, obvious, and all there is where no compiler was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues, Wanted, as_wanted
from ketwise.engine.memory import require
from ketwise.engine.reference import final_states, gradient, read
from ketwise.program.backends.base import Derivatives
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
        wanted: Wanted,
    ) -> Derivatives:
        """Return the derivatives by undoing gate after gate."""
        circuit, outputs, dtype = plan
        d_angles, d_initial = gradient(circuit, outputs, angles.full(), residual, cotangent)
        by_initial = None if initial is None or not wanted.initial_state else d_initial.astype(dtype)
        return *as_wanted(d_angles, angles, wanted), by_initial

    def vjp(
        self, plan: Plan, angles: AngleValues, initial: NDArray[Any] | None, cotangent: NDArray[Any], wanted: Wanted
    ) -> tuple[NDArray[Any], Derivatives]:
        """Return outputs and derivatives."""
        values, states = self.forward(plan, angles, initial)
        return values, self.backward(plan, angles, initial, states, cotangent, wanted)

    def explain(self, plan: Plan, batch: int) -> str:
        """Return what one run does."""
        return f"{self.name}: {len(plan[0])} operations, one after another"
