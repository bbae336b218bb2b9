"""Our circuits written as Qiskit's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qiskit.circuit import AnnotatedOperation, ControlModifier, ParameterVector, QuantumCircuit
from qiskit.circuit.library import DiagonalGate, PauliEvolutionGate, PhaseGate, UnitaryGate
from qiskit.quantum_info import SparsePauliOp

from ketwise.program.interop.qiskit.expressions import to_expression
from ketwise.program.interop.qiskit.gates import FIXED, ROTATIONS
from ketwise.words.circuit import Circuit, Op


def to_qiskit(circuit: Circuit, *, features: Any = None, params: Any = None) -> QuantumCircuit:
    """Return a circuit as Qiskit's, with the same unitary, global phase included.

    Parameters
    ----------
    circuit : Circuit
    features, params : sequence of Parameter or of float, optional
        What stands for ``x[k]`` and ``w[k]``: Qiskit's parameters, or numbers. Default: two vectors of parameters
        named ``x`` and ``w``.

    Returns
    -------
    QuantumCircuit
        Qiskit sorts parameters by name, so that values bound in the order of ``.parameters`` are those of ``w`` first
        and of ``x`` after. A parameter that no angle uses is not in it.

    Notes
    -----
    A rotation about a word for which Qiskit has no gate becomes a ``PauliEvolutionGate`` of that one word.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(2)
    >>> theirs = kw.to_qiskit(kw.Circuit(2).ry(w[0] * w[1], 0).cx(0, 1))
    >>> [p.name for p in theirs.parameters], dict(theirs.count_ops())
    (['w[0]', 'w[1]'], {'ry': 1, 'cx': 1})
    """
    if not isinstance(circuit, Circuit):
        raise TypeError(f"to_qiskit takes a Circuit, got {type(circuit).__name__}")
    symbols = []
    for what, letter, given, size in (
        ("features", "x", features, circuit.n_features),
        ("params", "w", params, circuit.n_params),
    ):
        chosen = (list(ParameterVector(letter, size)) if size else []) if given is None else list(given)
        if len(chosen) != size:
            raise ValueError(f"{what} must hold {size} parameters or numbers, got {len(chosen)}")
        symbols.append(chosen)
    made = QuantumCircuit(circuit.n_qubits)
    for op in circuit.ops:
        angle: Any = None if op.angle is None else to_expression(op.angle, symbols)
        if op.gate.pauli == "":
            _append_phase(made, -0.5 * angle, op)
        else:
            made.append(_gate(op, angle), list(op.support))
    return made


def _append_phase(made: QuantumCircuit, angle: Any, op: Op) -> None:
    """Append ``exp(i angle)`` on the states that the controls select: a phase gate on one of them, under the others."""
    if not op.controls:
        made.global_phase += angle
        return
    # One that must be 1, where there is one: a control at 0 takes a flip before and after.
    order = sorted(op.controls, key=lambda pair: pair[1])
    (target, value), others = order[-1], order[:-1]
    if not value:
        made.x(target)
    gate = PhaseGate(angle)
    if others:
        gate = gate.control(len(others), ctrl_state=_state(others), annotated=True)
    made.append(gate, [q for q, _ in others] + [target])
    if not value:
        made.x(target)


def _state(controls: Sequence[tuple[int, int]]) -> int:
    return sum(value << k for k, (_, value) in enumerate(controls))


def _gate(op: Op, angle: Any) -> Any:
    """Return the gate with its controls, which come first."""
    gate, held = op.gate, op.controls
    if gate.pauli is not None:
        if gate.pauli in ROTATIONS:
            return _under(ROTATIONS[gate.pauli](angle), op)
        # Qiskit prints the first qubit rightmost.
        return _under(PauliEvolutionGate(SparsePauliOp(gate.pauli[::-1]), time=0.5 * angle), op)
    if gate.name in FIXED:
        return _under(FIXED[gate.name](), op)
    made: Any
    if gate.matrix is not None:
        made = UnitaryGate(gate.matrix)
    elif gate.diagonal is not None:
        made = DiagonalGate(list(gate.diagonal))
    else:
        made = UnitaryGate(gate.to_matrix())
    return AnnotatedOperation(made, ControlModifier(len(held), _state(held))) if held else made


def _under(made: Any, op: Op) -> Any:
    # Where Qiskit has no class for the controlled gate, annotated leaves its synthesis to the transpiler.
    return made.control(len(op.controls), ctrl_state=_state(op.controls), annotated=True) if op.controls else made
