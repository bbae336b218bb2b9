"""What the simulators would take for a program: bytes as the engine counts them, and seconds from what it would do.

Nothing of the program is run. What the machine can do is measured, which takes some milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ketwise.engine.angles import AngleValues, Wanted
from ketwise.engine.memory import NOT_WORTH_A_LOOK, SHARE, available_bytes, listing
from ketwise.engine.native import ROW_BYTES, NativePlan, choose, compile_plan, instruction_sets
from ketwise.engine.reference import final_states
from ketwise.engine.threads import n_threads
from ketwise.program.backends.native import Native
from ketwise.program.backends.reference import Reference
from ketwise.program.planning.estimate import Estimate
from ketwise.words.angle import FEATURE
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs

#: Predicted seconds are within this factor of those measured on a machine that does nothing else, up or down.
FACTOR = 6.0
#: Qubits for which a basis state is a number of 64 bits with a sign.
MOST_QUBITS = 62

#: Seconds of a native call: what Python adds, an operation of the circuit, an angle of a sample.
_CALL, _OPERATION, _ANGLE = 15e-6, 5e-8, 5e-9
#: The shares that the native engine reaches of its peak in operations, and of what a stream of bytes does; from what
#: size on a tile of samples is fetched from far away.
_SHARE_OF_PEAK, _SHARE_OF_STREAM, _FAR = 0.35, 0.5, 8 << 20
#: The reference: seconds of an operation on nothing; a gradient over values.
_NUMPY_CALL, _REVERSE = 20e-6, 5.0


def native_estimate(circuit: Circuit, outputs: Outputs, batch: int, *, gradient: bool, dtype: Any) -> Estimate:
    """Return what the native engine would take."""
    if not instruction_sets():
        return Estimate(backend="native", runs=False, exact=True, says="it was not built on this machine")
    name = Native().name
    if circuit.n_qubits > MOST_QUBITS:
        return _sized(name, circuit.n_qubits, lambda n: 2 * ROW_BYTES << n)
    plan = compile_plan(circuit, outputs, dtype, choose())
    found = _sized(name, circuit.n_qubits, _native_bytes(plan, circuit, batch, gradient))
    if not found.runs:
        return found
    passes, working = len(plan.costs()), min(n_threads(), -(-batch // plan.lanes))
    says = f"{passes} pass{'es' * (passes != 1)} on {working} thread{'s' * (working > 1)}"
    return replace(found, seconds=_native_seconds(plan, circuit, batch, gradient), says=says)


def reference_estimate(circuit: Circuit, outputs: Outputs, batch: int, *, gradient: bool) -> Estimate:
    """Return what the NumPy reference would take."""
    found = _sized(Reference().name, circuit.n_qubits, lambda n: 64 * batch << n)
    if not found.runs:
        return found
    call, amplitude = _measured_numpy()
    seconds = len(circuit) * (call + amplitude * (batch << circuit.n_qubits)) * (_REVERSE if gradient else 1.0)
    return replace(found, seconds=seconds, says="one operation after another, in complex128")


def _sized(name: str, n_qubits: int, needed: Callable[[int], int]) -> Estimate:
    """Return need, have and the most qubits that fit; the bytes are those with which the engine would refuse."""
    budget = max(int(available_bytes() * SHARE), NOT_WORTH_A_LOOK)
    largest = 0
    while largest < MOST_QUBITS and needed(largest + 1) <= budget:
        largest += 1
    bytes_needed = needed(n_qubits)
    return Estimate(
        backend=name,
        runs=bytes_needed <= budget and n_qubits <= MOST_QUBITS,
        exact=True,
        bytes_needed=max(bytes_needed, NOT_WORTH_A_LOOK),
        bytes_available=budget,
        largest_n_qubits=largest,
        says="" if bytes_needed <= budget else f"{n_qubits} qubits do not fit, {largest} would",
    )


def _native_bytes(plan: NativePlan, circuit: Circuit, batch: int, gradient: bool) -> Callable[[int], int]:
    """Return what the engine's own check asks for, by the number of qubits; 0 where it does not even look."""
    angles = _angles(circuit, batch)
    wanted = Wanted(np.ones(plan.n_angles, dtype=bool)) if gradient else None

    def needed(n_qubits: int) -> int:
        with listing() as asked:
            replace(plan, n_qubits=n_qubits).check_memory(
                angles, n_threads(), keep=False, forward=True, initial=False, wanted=wanted
            )
        return max((bytes_for(n_qubits) for bytes_for in asked), default=0)

    return needed


def _angles(circuit: Circuit, batch: int) -> AngleValues:
    """Return values of the right shape: angles with data have a row a sample, the others are shared."""
    angles = [op.angle for op in circuit.ops if op.angle is not None]
    by_row = np.array([angle.sizes()[FEATURE] > 0 for angle in angles], dtype=bool)
    column = np.where(by_row, np.cumsum(by_row) - 1, -1).astype(np.int32)
    rows = np.broadcast_to(np.float64(0.0), (batch, int(by_row.sum())))
    return AngleValues(batch, np.zeros(len(angles)), rows, column)


def _native_seconds(plan: NativePlan, circuit: Circuit, batch: int, gradient: bool) -> float:
    """Return the time to compute and, of large tiles, to move, with tiles shared out to threads."""
    tiles = -(-batch // plan.lanes)
    working = min(n_threads(), max(1, tiles))
    samples = -(-tiles // working) * plan.lanes
    costs = plan.costs()
    operations = sum(cost.forward + gradient * cost.backward for cost in costs)
    seconds = samples * operations / (plan.peak() * _SHARE_OF_PEAK)
    if plan.tile_bytes(plan.n_qubits) >= _FAR:
        moved = sum(cost.bytes_forward + gradient * cost.bytes_backward for cost in costs)
        seconds += samples * moved * _seconds_a_byte() / _SHARE_OF_STREAM
    angles = _angles(circuit, batch).rows.size / working
    return _CALL + (1 + gradient) * (len(circuit) * _OPERATION + angles * _ANGLE) + seconds


def _seconds_a_byte() -> float:
    """Return the time in which one thread moves a byte of a long array, measured now."""
    array = np.ones(4 << 20)
    return _least(lambda: np.multiply(array, 1.0, out=array)) / (2 * array.nbytes)


def _measured_numpy() -> tuple[float, float]:
    """Return the time of an operation of the reference on nothing, and what an amplitude adds, measured now."""
    probe = Circuit(10).rx(0.1, 0).cx(0, 5).rz(0.2, 7).h(3)
    angles = np.full((8, 2), 0.1)
    each = _least(lambda: final_states(probe, angles)) / len(probe)
    return _NUMPY_CALL, max(each - _NUMPY_CALL, 0.0) / (len(angles) << probe.n_qubits)


def _least(run: Callable[[], object], repeats: int = 3) -> float:
    """Seconds; the first run is not counted."""
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)
