"""The native engine from Python: which module runs, lowering of circuits to flat data, and its calls."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues, Wanted
from ketwise.engine.memory import NOT_WORTH_A_LOOK, require
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


def native_polynomials(isa: str | None = None) -> Any | None:
    """Return the compiled class that evaluates the angles' polynomials, None where nothing was built."""
    return _module(choose(isa)).Polynomials if instruction_sets() else None


def _mask(qubits: Any) -> int:
    return sum(1 << int(q) for q in qubits)


def _operation(op: Op, angle: int) -> tuple[Any, ...]:
    gate = op.gate
    if gate.pauli is not None:
        x = z = 0
        for qubit, letter in zip(op.qubits, gate.pauli, strict=True):
            x |= (letter != "Z") << qubit
            z |= (letter != "X") << qubit
        return (0, x, z, angle, op.qubits, op.controls, None)
    if gate.matrix is not None:
        return (1, 0, 0, -1, op.qubits, op.controls, gate.matrix.reshape(-1))
    if gate.diagonal is not None:
        return (2, 0, 0, -1, op.qubits, op.controls, gate.diagonal)
    return (3, 0, 0, -1, op.qubits, op.controls, gate.permutation)


class PassCost(NamedTuple):
    """What one pass costs for a sample; a fused product and sum on one number is one operation.

    ``backward`` is what the reverse sweep adds; ``merged`` operations of the circuit are in the pass.
    """

    kind: str
    merged: int
    forward: float
    backward: float
    bytes_forward: float
    bytes_backward: float


@dataclass(frozen=True)
class NativePlan:
    """A circuit and its outputs, compiled by one native module for one precision."""

    compiled: Any
    module: ModuleType
    n_qubits: int
    n_angles: int
    outputs: Outputs
    dtype: np.dtype[Any]

    @cached_property
    def real(self) -> np.dtype[Any]:
        """Real numbers of the same precision."""
        return np.dtype(np.float32 if self.dtype == np.complex64 else np.float64)

    @cached_property
    def lanes(self) -> int:
        """Samples in a tile."""
        return ROW_BYTES // self.real.itemsize

    def tile_bytes(self, n_qubits: int) -> int:
        """Return the bytes of the state of one tile of samples."""
        return 2 * ROW_BYTES << n_qubits

    @property
    def keeps(self) -> bool:
        """Whether a fused reverse sweep reads states back instead of undoing passes."""
        kept, *_ = self.compiled.profile(np.full(self.n_angles, -1, dtype=np.int32), False)
        return bool(kept * self.tile_bytes(self.n_qubits) <= self.module.kept_bytes)

    def costs(self) -> list[PassCost]:
        """Return what each pass costs."""
        costs = self.compiled.costs32 if self.dtype == np.complex64 else self.compiled.costs64
        return [PassCost(*cost) for cost in costs(self.keeps)]

    def peak(self) -> float:
        """Return the operations a second that one thread of this machine does at most, measured now."""
        rows: float = self.module.peak32() if self.dtype == np.complex64 else self.module.peak64()
        return rows * self.lanes

    def check_memory(
        self, angles: AngleValues, threads: int, *, keep: bool, forward: bool, initial: bool, wanted: Wanted | None
    ) -> None:
        """Refuse a call that does not fit into the available memory."""
        batch, backward = angles.batch, wanted is not None
        by_sample = wanted is not None and wanted.by_sample
        tiles = -(-batch // self.lanes)
        working = min(threads, max(1, tiles))
        is_state = isinstance(self.outputs, State)
        row = batch * (self.dtype if is_state else self.real).itemsize
        whole = batch * self.dtype.itemsize * (initial + (initial and backward))
        # At most this much is quick to see, and most calls are far below.
        states = working * (self.module.kept_bytes + 6 * self.tile_bytes(self.n_qubits)) + tiles * self.tile_bytes(
            self.n_qubits
        )
        count = self.outputs.count(self.n_qubits)
        derivatives = 8 * batch * self.n_angles * by_sample
        if states + 16 * (row + batch) * count + (whole << self.n_qubits) + derivatives < NOT_WORTH_A_LOOK:
            return
        kept, passes, rows, most_rows, lane_phases, lane_overlaps = self.compiled.profile(angles.column, by_sample)

        def needed(n_qubits: int) -> int:
            tile, tabled = self.tile_bytes(n_qubits), n_qubits <= self.module.most_tabled
            slots = kept if forward and backward and kept * tile <= self.module.kept_bytes else 1
            # Numbers for each place: phases by sample, overlaps summed or by sample, what a large table is made from.
            places = 8 * self.lanes * lane_phases + 8 * backward
            places += self.real.itemsize * self.lanes * (backward and lane_overlaps)
            places += 0 if tabled or not passes else 24 + self.dtype.itemsize
            tables = passes * self.dtype.itemsize << n_qubits if tabled else 0
            lane_tables = self.lanes * (rows * self.dtype.itemsize + 8 * most_rows)
            count = self.outputs.count(n_qubits)
            # Outputs of a tile are summed in double precision beside the cotangents; a state is copied as it is.
            summed = 0 if is_state else count * self.lanes * (8 + self.real.itemsize * backward)
            each = (slots + backward) * tile + (places << n_qubits) + lane_tables + summed
            return working * each + tables + (tiles * keep * tile) + (whole << n_qubits) + row * count + derivatives

        require(f"{'the gradient' if backward else 'a run'} of {batch} samples", self.n_qubits, needed)

    def run(
        self,
        angles: AngleValues,
        *,
        initial: NDArray[Any] | None = None,
        states: NDArray[Any] | None = None,
        forward: bool = True,
        keep: bool = False,
        cotangent: NDArray[Any] | None = None,
        wanted: Wanted | None = None,
    ) -> tuple[Any, Any, Any, Any, Any]:
        """Run forward, backward or both; return values, states, d_shared, d_rows, d_initial (None where not asked).

        With ``wanted.by_sample`` all derivatives of angles are in ``d_rows (batch, n_angles)``.
        """
        batch, size, threads = angles.batch, 1 << self.n_qubits, n_threads()
        keep_new = keep and states is None
        with_initial = initial is not None
        self.check_memory(angles, threads, keep=keep_new, forward=forward, initial=with_initial, wanted=wanted)
        is_state = isinstance(self.outputs, State)
        count = self.outputs.count(self.n_qubits)
        values = np.empty((batch, count), dtype=self.dtype if is_state else self.real) if forward else None
        if keep_new:
            states = _aligned(-(-batch // self.lanes) * 2 * size * self.lanes, self.real)
        d_shared = d_rows = d_samples = d_initial = mask = None
        if wanted is not None:
            mask = wanted.angles.view(np.uint8)
            if wanted.by_sample:
                d_samples = np.zeros((batch, self.n_angles))
            else:
                d_shared, d_rows = np.zeros(self.n_angles), np.zeros(angles.rows.shape)
            if with_initial and wanted.initial_state:
                d_initial = np.zeros((batch, size), dtype=self.dtype)
        call = self.compiled.run32 if self.dtype == np.complex64 else self.compiled.run64
        if batch:
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
                d_samples,
                d_initial,
                mask,
                threads,
            )
        return values, states, d_shared, d_rows if d_samples is None else d_samples, d_initial


def _aligned(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    raw = np.empty(count * dtype.itemsize + ROW_BYTES, dtype=np.uint8)
    start = -raw.ctypes.data % ROW_BYTES
    return raw[start : start + count * dtype.itemsize].view(dtype)


def fidelities(left: NDArray[Any], right: NDArray[Any] | None) -> NDArray[np.float64]:
    """Return ``|<a|b>|**2`` of two sets of states ``(n, 2**n_qubits)``, or of one with itself, ``(n_left, n_right)``.

    An entry's bits depend on its two states alone; exchanging them changes nothing. Single precision is added up in
    single precision 256 amplitudes at a time, and in double precision from there.
    """
    module = _module(choose())
    single = left.dtype == np.complex64
    sets = [
        None if states is None else np.ascontiguousarray(states, dtype=np.complex64 if single else np.complex128)
        for states in (left, right)
    ]
    out = np.empty((len(left), len(left if right is None else right)))
    (module.fidelities32 if single else module.fidelities64)(*sets, out, n_threads())
    return out


def fidelity_bytes() -> int:
    """Return the bytes that :func:`fidelities` holds at most, beside its arguments and its result."""
    return n_threads() * int(_module(choose()).fidelity_bytes)


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
    module = _module(isa)
    compiled = module.compile(n, operations, n_angles, kind, outputs.count(n), terms, qubits, targets)
    return NativePlan(compiled, module, n, n_angles, outputs, dtype)
