"""Our circuits and observables written as PennyLane's: qubit k becomes wire k."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pennylane as qml

from ketwise.program.interop.pennylane.observables import to_operator
from ketwise.words.angle import FEATURE, Angle
from ketwise.words.circuit import Circuit, Op
from ketwise.words.observable import Observable

_FIXED: dict[str, Callable[[Any], Any]] = {
    "x": qml.X,
    "y": qml.Y,
    "z": qml.Z,
    "h": qml.Hadamard,
    "s": qml.S,
    "sdg": lambda wires: qml.adjoint(qml.S(wires)),
    "t": qml.T,
    "tdg": lambda wires: qml.adjoint(qml.T(wires)),
    "sx": qml.SX,
    "sxdg": lambda wires: qml.adjoint(qml.SX(wires)),
    "swap": qml.SWAP,
    "iswap": qml.ISWAP,
}
_TURNS: dict[str, Callable[..., Any]] = {
    "X": qml.RX,
    "Y": qml.RY,
    "Z": qml.RZ,
    "XX": qml.IsingXX,
    "YY": qml.IsingYY,
    "ZZ": qml.IsingZZ,
}


def to_pennylane(source: Circuit | Observable) -> Any:
    """Return a circuit as a quantum function for PennyLane, or an observable as an operator.

    Parameters
    ----------
    source : Circuit or Observable

    Returns
    -------
    callable or pennylane.operation.Operator
        The function takes ``params (n_params,)`` and ``features (n_features,)``, each with leading axes for
        broadcasting, arrays of any framework that PennyLane differentiates; and ``wires``, by default 0 to n - 1. It
        belongs inside a QNode.

    Examples
    --------
    >>> import pennylane as qml, ketwise as kw
    >>> x, w = kw.features(1), kw.params(1)
    >>> ansatz = kw.to_pennylane(kw.Circuit(2).ry(w[0] * x[0], 0).cx(0, 1))
    >>> qml.tape.make_qscript(ansatz)(params=[2.0], features=[0.25]).operations
    [RY(np.float64(0.5), wires=[0]), CNOT(wires=[0, 1])]
    """
    if isinstance(source, Observable):
        return to_operator(source)
    if not isinstance(source, Circuit):
        raise TypeError(f"to_pennylane takes a Circuit or an Observable, got {type(source).__name__}")
    circuit = source.copy()

    def ansatz(params: Any = None, features: Any = None, wires: Sequence[Hashable] | None = None) -> None:
        labels = range(circuit.n_qubits) if wires is None else list(wires)
        if len(labels) != circuit.n_qubits:
            raise ValueError(f"wires must be {circuit.n_qubits} labels, got {len(labels)}")
        values = (
            _vector("features", features, circuit.n_features),
            _vector("params", params, circuit.n_params),
        )
        for op in circuit.ops:
            _queue(op, values, labels)

    return ansatz


def _vector(name: str, given: Any, size: int) -> Any:
    if given is None and not size:
        return None
    array = np.asarray(given, dtype=float) if isinstance(given, (list, tuple)) else given
    if given is None or not qml.math.shape(array) or qml.math.shape(array)[-1] != size:
        got = None if given is None else qml.math.shape(array)
        raise ValueError(f"{name} must have shape ({size},) or (batch, {size}), got {got}")
    return array


def _value(angle: Angle, values: tuple[Any, Any]) -> Any:
    total: Any = 0.0
    for monomial, coefficient in angle.terms.items():
        term: Any = coefficient
        for kind, index in monomial:
            term = term * values[0 if kind == FEATURE else 1][..., index]
        total = total + term
    return total


def _queue(op: Op, values: tuple[Any, Any], labels: Sequence[Hashable]) -> None:
    controls = {labels[qubit]: bool(value) for qubit, value in op.controls}
    wires = [labels[qubit] for qubit in op.qubits]
    gate = op.gate
    with qml.QueuingManager.stop_recording():
        if op.angle is not None and gate.pauli == "":
            made, controls = _phase(_value(op.angle, values), controls)
        elif op.angle is not None and gate.pauli is not None:
            angle = _value(op.angle, values)
            turn = _TURNS.get(gate.pauli)
            made = turn(angle, wires=wires) if turn else qml.PauliRot(angle, gate.pauli, wires=wires)
        elif gate.name in _FIXED:
            made = _FIXED[gate.name](wires)
        elif gate.diagonal is not None:
            made = qml.DiagonalQubitUnitary(gate.diagonal, wires=wires[::-1])
        else:
            # Our first qubit is the lowest bit of a matrix, PennyLane's first wire the highest.
            made = qml.QubitUnitary(gate.to_matrix(), wires=wires[::-1])
        if controls:
            made = qml.ctrl(made, control=list(controls), control_values=list(controls.values()))
    qml.apply(made)


def _phase(angle: Any, controls: dict[Hashable, bool]) -> tuple[Any, dict[Hashable, bool]]:
    """Return ``exp(-i angle/2)`` where the controls hold, as a phase shift of a control that must be 1 if there is."""
    target = next((wire for wire, value in controls.items() if value), None)
    if target is None:
        return qml.GlobalPhase(angle / 2), controls
    return qml.PhaseShift(-angle / 2, wires=target), {w: value for w, value in controls.items() if w != target}
