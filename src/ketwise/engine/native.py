"""The native engine from Python: which module runs, lowering of circuits to flat data, and its calls."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.engine.memory import require
from ketwise.engine.threads import n_threads
from ketwise.words.circuit import Circuit, Op
from ketwise.words.outputs import Expectations, Outputs, Overlap, Probabilities, State

#: Best first. Each is a module of its own, compiled from one source.
INSTRUCTION_SETS = ("avx512", "avx2", "baseline")
ROW_BYTES = 64


def _module(isa: str) -> ModuleType:
    return importlib.import_module(f"ketwise.engine._native_{isa}")


@lru_cache(maxsize=1)
def instruction_sets() -> tuple[str, ...]:
    """Return the instruction sets that were built and that this processor runs, best first; empty without a build."""
    try:
        supported = _module("baseline").supported
    except ImportError:
        return ()
    found = []
    for isa in INSTRUCTION_SETS:
        if supported(isa):
            try:
                _module(isa)
            except ImportError:
                continue
            found.append(isa)
    return tuple(found)


def choose(isa: str | None = None) -> str:
    """Return the instruction set to use: ``isa``, else the environment variable ``KETWISE_ISA``, else the best."""
    found = instruction_sets()
    wanted = isa or os.environ.get("KETWISE_ISA") or (found[0] if found else "")
    if wanted not in found:
        have = ", ".join(found) or "none (the native engine was not built)"
        raise ValueError(f"instruction set {wanted!r} cannot be used here; there are: {have}")
    return wanted


def _mask(qubits: Any) -> int:
    return sum(1 << int(q) for q in qubits)


def _operation(op: Op, angle: int) -> tuple[Any, ...]:
    gate = op.gate
    qubits, controls = list(op.qubits), list(op.controls)
    if gate.pauli is not None:
        x = _mask(q for q, letter in zip(op.qubits, gate.pauli, strict=True) if letter in "XY")
        z = _mask(q for q, letter in zip(op.qubits, gate.pauli, strict=True) if letter in "ZY")
        return (0, x, z, angle, qubits, controls, None)
    if gate.matrix is not None:
        return (1, 0, 0, -1, qubits, controls, gate.matrix.reshape(-1))
    if gate.diagonal is not None:
        return (2, 0, 0, -1, qubits, controls, gate.diagonal)
    return (3, 0, 0, -1, qubits, controls, gate.permutation)


@dataclass(frozen=True)
class NativePlan:
    """A circuit and its outputs, compiled by one native module for one precision."""

    compiled: Any
    n_qubits: int
    n_angles: int
    outputs: Outputs
    dtype: np.dtype[Any]

    @property
    def real(self) -> np.dtype[Any]:
        """Real numbers of the same precision."""
        return np.dtype(np.float32 if self.dtype == np.complex64 else np.float64)

    def tile_bytes(self, n_qubits: int) -> int:
        """Return the bytes of the state of one tile of samples."""
        return 2 * ROW_BYTES << n_qubits

    def check_memory(self, batch: int, *, keep: bool, backward: bool, initial: bool) -> None:
        """Refuse a call that does not fit into the available memory."""
        threads, tiles = n_threads(), -(-batch // self.lanes)
        numbers = (self.dtype.itemsize * batch) << self.n_qubits
        whole = (initial + (initial and backward)) * numbers >> self.n_qubits
        is_state = isinstance(self.outputs, State)
        row = batch * (self.dtype if is_state else self.real).itemsize

        def needed(n_qubits: int) -> int:
            working = min(threads, max(1, tiles)) * (2 if backward else 1)
            count = self.outputs.count(n_qubits)
            # Outputs of a tile are summed in double precision beside the cotangents; a state is copied as it is.
            summed = 0 if is_state else working * count * self.lanes * (8 + self.real.itemsize * backward)
            return (working + tiles * keep) * self.tile_bytes(n_qubits) + (whole << n_qubits) + row * count + summed

        require(f"{'the gradient' if backward else 'a run'} of {batch} samples", self.n_qubits, needed)

    @property
    def lanes(self) -> int:
        """Samples in a tile."""
        return ROW_BYTES // self.real.itemsize

    def run(
        self,
        angles: AngleValues,
        *,
        initial: NDArray[Any] | None = None,
        states: NDArray[Any] | None = None,
        forward: bool = True,
        keep: bool = False,
        cotangent: NDArray[Any] | None = None,
    ) -> tuple[Any, Any, Any, Any, Any]:
        """Run forward, backward or both; return values, states, d_shared, d_rows, d_initial (None where not asked)."""
        batch, size = angles.batch, 1 << self.n_qubits
        backward = cotangent is not None
        self.check_memory(batch, keep=keep and states is None, backward=backward, initial=initial is not None)
        is_state = isinstance(self.outputs, State)
        count = self.outputs.count(self.n_qubits)
        values = np.empty((batch, count), dtype=self.dtype if is_state else self.real) if forward else None
        if keep and states is None:
            states = _aligned(-(-batch // self.lanes) * 2 * size * self.lanes, self.real)
        d_shared = np.zeros(self.n_angles) if backward else None
        d_rows = np.zeros(angles.rows.shape) if backward else None
        d_initial = np.zeros((batch, size), dtype=self.dtype) if backward and initial is not None else None
        call = self.compiled.run32 if self.dtype == np.complex64 else self.compiled.run64
        if not batch:
            return values, states, d_shared, d_rows, d_initial
        call(
            batch,
            angles.shared,
            angles.rows,
            angles.column,
            None if initial is None else np.ascontiguousarray(initial, dtype=self.dtype),
            states,
            forward,
            None if values is None else values.view(self.real),
            None
            if cotangent is None
            else np.ascontiguousarray(cotangent, dtype=self.dtype if is_state else self.real).view(self.real),
            d_shared,
            d_rows,
            d_initial,
            n_threads(),
        )
        return values, states, d_shared, d_rows, d_initial


def _aligned(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    raw = np.empty(count * dtype.itemsize + ROW_BYTES, dtype=np.uint8)
    start = -raw.ctypes.data % ROW_BYTES
    return raw[start : start + count * dtype.itemsize].view(dtype)


def compile_plan(circuit: Circuit, outputs: Outputs, dtype: np.dtype[Any], isa: str) -> NativePlan:
    """Lower a circuit and its outputs for the module of one instruction set."""
    n = circuit.n_qubits
    operations, n_angles = [], 0
    for op in circuit.ops:
        operations.append(_operation(op, n_angles))
        n_angles += op.gate.is_rotation
    kind, terms, qubits, targets = 3, [], [], None
    if isinstance(outputs, Expectations):
        kind = 0
        terms = [
            (_mask(np.flatnonzero(x)), _mask(np.flatnonzero(z)), float(c), m)
            for m, o in enumerate(outputs.observables)
            for x, z, c in zip(o.x, o.z, o.coefficients, strict=True)
        ]
    elif isinstance(outputs, Probabilities):
        kind, qubits = 1, list(outputs.on(n))
    elif isinstance(outputs, Overlap):
        kind, targets = 2, outputs.states.reshape(-1)
    compiled = _module(isa).compile(n, operations, n_angles, kind, outputs.count(n), terms, qubits, targets)
    return NativePlan(compiled, n, n_angles, outputs, dtype)
