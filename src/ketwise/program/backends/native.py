"""The native engine as a backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues, Wanted
from ketwise.engine.memory import readable, require
from ketwise.engine.native import ROW_BYTES, NativePlan, PassCost, choose, compile_plan
from ketwise.engine.threads import n_threads
from ketwise.program.backends.base import Derivatives
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
        wanted: Wanted,
    ) -> Derivatives:
        """Return the derivatives from one reverse sweep over the kept states."""
        *_, d_shared, d_rows, d_initial = plan.run(
            angles, initial=initial, states=residual, forward=False, cotangent=cotangent, wanted=wanted
        )
        return d_shared, d_rows, d_initial

    def vjp(
        self,
        plan: NativePlan,
        angles: AngleValues,
        initial: NDArray[Any] | None,
        cotangent: NDArray[Any],
        wanted: Wanted,
    ) -> tuple[NDArray[Any], Derivatives]:
        """Return outputs and derivatives; states never leave the cache."""
        values, _, *derivatives = plan.run(angles, initial=initial, cotangent=cotangent, wanted=wanted)
        d_shared, d_rows, d_initial = derivatives
        return values, (d_shared, d_rows, d_initial)

    def explain(self, plan: NativePlan, batch: int) -> str:
        """Return the passes of a run, its operations and bytes, and the time that these alone would take."""
        costs = plan.costs()
        kinds: dict[str, list[PassCost]] = {}
        for cost in costs:
            kinds.setdefault(cost.kind, []).append(cost)
        lines = [
            f"{self.name}, {plan.dtype}, {plan.lanes} samples a tile of {readable(plan.tile_bytes(plan.n_qubits))}",
            f"passes: {len(costs)}; in reverse their states are {'read back' if plan.keeps else 'undone'}",
        ]
        for kind, alike in kinds.items():
            lines.append(
                f"  {len(alike)} x {kind}, from {sum(cost.merged for cost in alike)} operations of the circuit: "
                f"{sum(cost.forward for cost in alike):.4g} operations a sample, "
                f"{sum(cost.backward for cost in alike):.4g} in reverse"
            )
        threads, peak = n_threads(), plan.peak()
        forward = sum(cost.forward for cost in costs), sum(cost.bytes_forward for cost in costs)
        backward = sum(cost.backward for cost in costs), sum(cost.bytes_backward for cost in costs)
        both = forward[0] + backward[0], forward[1] + backward[1]
        for what, (operations, moved) in (("values", forward), ("values and gradient", both)):
            lines.append(
                f"{what} of {batch} samples: {batch * operations / 1e6:.4g} million operations, "
                f"{readable(int(batch * moved))} moved, {batch * operations / peak / threads * 1e3:.3g} ms at the peak "
                f"of {threads} thread{'s' * (threads > 1)}"
            )
        return "\n".join(lines)
