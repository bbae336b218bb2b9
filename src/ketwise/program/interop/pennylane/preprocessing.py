"""What PennyLane does to a tape before the device sees it, and which circuits the engine differentiates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from pennylane import math, transforms
from pennylane.decomposition.gate_set import GateSet
from pennylane.devices.default_qubit import accepted_analytic_measurement, accepted_sample_measurement
from pennylane.devices.preprocess import (
    decompose,
    device_resolve_dynamic_wires,
    no_sampling,
    validate_device_wires,
    validate_measurements,
)
from pennylane.measurements import ClassicalShadowMP, ShadowExpvalMP, StateMP
from pennylane.operation import Operator
from pennylane.tape import QuantumScript
from pennylane.transforms.core import CompilePipeline, transform
from pennylane.wires import Wires

from ketwise.program.interop.pennylane.gates import RULES, has_rule, is_fixed
from ketwise.program.interop.pennylane.lowering import has_preparation
from ketwise.program.interop.pennylane.readings import is_native
from ketwise.words.gates import MAX_MATRIX_QUBITS

_CONTROLLED = ("CNOT", "CY", "CZ", "CH", "CRX", "CRY", "CRZ", "CRot", "CSWAP", "CCZ", "ControlledPhaseShift", "Toffoli")
#: For PennyLane's search for decompositions, where that is switched on.
GATES = GateSet(
    {*RULES, *_CONTROLLED, "MultiControlledX"}
    | {f"C({name})" for name in RULES}
    | {f"Adjoint({name})" for name in RULES},
    name="ketwise.qubit",
)


def runs(op: Operator, templates: bool = True) -> bool:
    """Whether the engine runs ``op`` as it is."""
    return has_rule(op, templates) or is_fixed(op) or _is_broadcast_matrix(op)


def _is_broadcast_matrix(op: Operator) -> bool:
    """Whether ``op`` is a matrix a sample: PennyLane splits such a tape into tapes of one matrix each."""
    if op.name == "QubitUnitary":
        fits = len(op.wires) <= MAX_MATRIX_QUBITS
    else:
        fits = op.name == "DiagonalQubitUnitary"
    return fits and op.batch_size is not None and not any(math.requires_grad(value) for value in op.data)


@lru_cache(maxsize=256)
def pipeline(wires: Wires | None, name: str, *, adjoint: bool, by_product: bool) -> CompilePipeline:
    """Return the transforms for one way of executing."""
    # PennyLane holds Jacobians by single numbers only.
    templates = not adjoint or by_product
    made = CompilePipeline()
    made.add_transform(
        validate_measurements,
        analytic_measurements=accepted_analytic_measurement,
        sample_measurements=accepted_sample_measurement,
        name=name,
    )
    made.add_transform(transforms.defer_measurements, allow_postselect=False)
    made.add_transform(
        decompose,
        stopping_condition=partial(runs, templates=templates),
        device_wires=wires,
        target_gates=GATES,
        name=name,
    )
    made.add_transform(device_resolve_dynamic_wires, wires=wires, allow_resets=False)
    made.add_transform(validate_device_wires, wires, name=name)
    made.add_transform(one_tape_a_sample, everywhere=not templates)
    if adjoint:
        made.add_transform(no_sampling, name=f"adjoint + {name}")
        made.add_transform(by_state, complex_angles=not by_product)
    whole = CompilePipeline()
    whole.add_transform(prepare, others=made, wires=wires, templates=templates)
    return whole


@transform
def prepare(
    tape: QuantumScript, others: CompilePipeline, wires: Wires | None, templates: bool
) -> tuple[Any, Callable[[Any], Any]]:
    """Apply ``others``, unless they would all leave the tape as it is; looking at it once is several times faster."""
    if _is_ready(tape, wires, templates):
        return (tape,), _only
    tapes, together = others((tape,))
    return tapes, lambda results: together(results)[0]


def _is_ready(tape: QuantumScript, wires: Wires | None, templates: bool) -> bool:
    if tape.shots or not is_native(tape.measurements) or (wires is not None and not wires.contains_wires(tape.wires)):
        return False
    if not all(measurement.wires for measurement in tape.measurements) or (not templates and tape.batch_size):
        return False
    operations = tape.operations[has_preparation(tape) :]
    return all(has_rule(op, templates) or is_fixed(op) for op in operations)


def _only(results: Sequence[Any]) -> Any:
    return results[0]


@transform
def one_tape_a_sample(tape: QuantumScript, everywhere: bool = False) -> tuple[Any, Callable[[Any], Any]]:
    """Split a broadcast tape where something in it is not an angle of a row: a matrix a sample, a classical shadow."""
    needed = everywhere or any(isinstance(m, (ShadowExpvalMP, ClassicalShadowMP)) for m in tape.measurements)
    if needed or any(_is_broadcast_matrix(op) for op in tape.operations):
        split, together = transforms.broadcast_expand(tape)
        return split, together
    return (tape,), _only


@transform
def by_state(tape: QuantumScript, complex_angles: bool = False) -> tuple[Any, Callable[[Any], Any]]:
    """Measure the state alone where the engine knows no derivative of what is measured.

    The host framework then differentiates the measurement, the engine the state. JAX multiplies the tangents of angles
    with a complex Jacobian, for which it wants ``complex_angles``.
    """
    by_outputs = is_native(tape.measurements)
    if complex_angles and (not by_outputs or isinstance(tape.measurements[0], StateMP)):
        given = tape.get_parameters(trainable_only=False)
        trained = [i for i in tape.trainable_params if math.get_dtype_name(given[i]).startswith("float")]
        tape = tape.bind_new_parameters([math.cast(given[i], complex) for i in trained], trained)
    if by_outputs:
        return (tape,), _only
    # Some of PennyLane's measurements, entropies among them, take labels for places.
    numbers = {wire: number for number, wire in enumerate(tape.wires)}
    measurements = [measurement.map_wires(numbers) for measurement in tape.measurements]

    def measured(results: Sequence[Any]) -> Any:
        found = tuple(m.process_state(results[0], wire_order=Wires(range(len(numbers)))) for m in measurements)
        return found if len(found) > 1 else found[0]

    return (tape.copy(measurements=[StateMP(wires=tape.wires)]),), measured


def differentiable(circuit: QuantumScript | None) -> bool:
    """Whether the engine differentiates a circuit: exact results of measurements that it, or the host, can undo."""
    if circuit is None:
        return True
    if circuit.shots or not all(map(accepted_analytic_measurement, circuit.measurements)):
        return False
    if all(m.obs is None and m.mv is None for m in circuit.measurements):
        return True
    return is_native(circuit.measurements)
