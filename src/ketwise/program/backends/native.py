"""The native engine as a backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.engine.memory import require
from ketwise.engine.native import ROW_BYTES, NativePlan, choose, compile_plan
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs


@dataclass(frozen=True)
class Native:
    """The compiled engine: a SIMD lane is a sample.

    Parameters
    ----------
    isa : {"avx512", "avx2", "baseline"}, optional
        Default: the environment variable ``KETWISE_ISA``, else the best that this processor runs.
    """

    isa: str | None = None

    @property
    def name(self) -> str:
        """Short name, for messages."""
        return f"native ({choose(self.isa)})"

    def compile(self, circuit: Circuit, outputs: Outputs, dtype: np.dtype[Any]) -> NativePlan:
        """Plan the passes; refuse a state of which not even one tile fits into memory."""
        require("a state vector", circuit.n_qubits, lambda n: 2 * ROW_BYTES << n)
        return compile_plan(circuit, outputs, dtype, choose(self.isa))

    def run(self, plan: NativePlan, angles: AngleValues, initial: NDArray[Any] | None) -> NDArray[Any]:
        """Return the outputs ``(batch, n_outputs)``."""
        values: NDArray[Any] = plan.run(angles, initial=initial)[0]
        return values

    def forward(self, plan: NativePlan, angles: AngleValues, initial: NDArray[Any] | None) -> tuple[NDArray[Any], Any]:
        """Return the outputs and the final states."""
        values, states, *_ = plan.run(angles, initial=initial, keep=True)
        return values, states

    def backward(
        self,
        plan: NativePlan,
        angles: AngleValues,
        initial: NDArray[Any] | None,
        residual: Any,
        cotangent: NDArray[Any],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[Any] | None]:
        """Return the derivatives from one reverse sweep over the kept states."""
        *_, d_shared, d_rows, d_initial = plan.run(
            angles, initial=initial, states=residual, forward=False, cotangent=cotangent
        )
        return d_shared, d_rows, d_initial

    def vjp(
        self, plan: NativePlan, angles: AngleValues, initial: NDArray[Any] | None, cotangent: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], NDArray[Any] | None]:
        """Return outputs and derivatives; states never leave the cache."""
        values, _, d_shared, d_rows, d_initial = plan.run(angles, initial=initial, cotangent=cotangent)
        return values, d_shared, d_rows, d_initial

    def explain(self, plan: NativePlan) -> str:
        """Return what one run does: passes and bytes."""
        kinds: dict[str, list[int]] = {}
        for kind, merged in plan.compiled.passes:
            kinds.setdefault(kind, []).append(merged)
        lines = [f"{len(sizes)} x {kind} ({sum(sizes)} operations)" for kind, sizes in kinds.items()]
        tile = plan.tile_bytes(plan.n_qubits)
        return "\n".join(
            [
                f"{self.name}, {plan.dtype}, {plan.lanes} samples a tile of {tile} bytes",
                f"passes forward: {len(plan.compiled.passes)}",
                *(f"  {line}" for line in lines),
            ]
        )
