"""Our circuits written as Cirq's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ketwise.words.angle import Angle
from ketwise.words.circuit import Circuit, Op

try:
    import cirq
    import sympy
except ModuleNotFoundError as error:
    raise ImportError('to_cirq needs Cirq, which is not installed: pip install "ketwise[cirq]"') from error

_FIXED = {
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "h": cirq.H,
    "s": cirq.S,
    "sdg": cirq.S**-1,
    "t": cirq.T,
    "tdg": cirq.T**-1,
    "swap": cirq.SWAP,
    "iswap": cirq.ISWAP,
}
_ROTATIONS = {"X": cirq.rx, "Y": cirq.ry, "Z": cirq.rz}


def to_cirq(circuit: Circuit, *, features: Any = None, params: Any = None) -> cirq.Circuit:
    """Return a circuit as Cirq's, with the same unitary, global phase included.

    Parameters
    ----------
    circuit : Circuit
    features, params : sequence of float, optional
        Numbers for ``x[k]`` and ``w[k]``. Default: symbols named ``x0, x1, ...`` and ``w0, w1, ...``.

    Returns
    -------
    cirq.Circuit
        Qubit ``q`` is ``cirq.LineQubit(q)``.

    Notes
    -----
    Cirq counts the other way round: its state vectors have the first qubit highest. Ask for
    ``qubit_order=cirq.LineQubit.range(n)[::-1]`` to compare with ours.

    Examples
    --------
    >>> import ketwise as kw
    >>> print(kw.to_cirq(kw.Circuit(2).h(0).cx(0, 1)))
    0: ───H───@───
              │
    1: ───────X───
    """
    if not isinstance(circuit, Circuit):
        raise TypeError(f"to_cirq takes a Circuit, got {type(circuit).__name__}")
    symbols: list[Sequence[Any]] = []
    for what, letter, given, size in (
        ("features", "x", features, circuit.n_features),
        ("params", "w", params, circuit.n_params),
    ):
        chosen = [sympy.Symbol(f"{letter}{k}") for k in range(size)] if given is None else [float(v) for v in given]
        if len(chosen) != size:
            raise ValueError(f"{what} must hold {size} numbers, got {len(chosen)}")
        symbols.append(chosen)
    line = cirq.LineQubit.range(circuit.n_qubits)
    made = cirq.Circuit(_operation(op, line, symbols) for op in circuit.ops)
    idle = sorted(set(line) - made.all_qubits())
    made.append(cirq.I(qubit) for qubit in idle)  # Cirq's circuits have no other way to know them
    return made


def _value(angle: Angle, symbols: Sequence[Sequence[Any]]) -> Any:
    terms = (c * math.prod(symbols[kind][k] for kind, k in monomial) for monomial, c in angle.terms.items())
    return sum(terms, start=0.0)


def _operation(op: Op, line: Sequence[Any], symbols: Sequence[Sequence[Any]]) -> Any:
    angle: Any = None if op.angle is None else _value(op.angle, symbols)
    controls = [line[q] for q, _ in op.controls]
    values = [value for _, value in op.controls]
    if op.gate.pauli == "":
        return _phase(-0.5 * angle, controls, values)
    made = _bare(op, angle, [line[q] for q in op.qubits])
    return made.controlled_by(*controls, control_values=values) if controls else made


def _phase(angle: Any, controls: list[Any], values: list[int]) -> Any:
    """Return ``exp(i angle)`` where the controls hold."""
    if not controls:
        symbolic = isinstance(angle, sympy.Basic)
        factor = sympy.exp(sympy.I * angle) if symbolic else complex(np.exp(1j * angle))
        return cirq.global_phase_operation(factor)
    exponent = angle / (sympy.pi if isinstance(angle, sympy.Basic) else math.pi)
    # diag(1, p), or diag(p, 1) = p diag(1, 1/p), which is a power of Z with a shift of its phase.
    gate = cirq.ZPowGate(exponent=exponent) if values[-1] else cirq.ZPowGate(exponent=-exponent, global_shift=-1.0)
    made = gate(controls[-1])
    return made.controlled_by(*controls[:-1], control_values=values[:-1]) if controls[1:] else made


def _bare(op: Op, angle: Any, qubits: list[Any]) -> Any:
    gate = op.gate
    if gate.pauli in _ROTATIONS:
        return _ROTATIONS[gate.pauli](angle)(*qubits)
    if gate.pauli is not None:
        turn = angle / (2 * (sympy.pi if isinstance(angle, sympy.Basic) else math.pi))
        word: Any = cirq.PauliString(dict(zip(qubits, gate.pauli, strict=True)))
        return cirq.PauliStringPhasor(word, exponent_neg=turn, exponent_pos=-turn)
    if gate.name in _FIXED:
        return _FIXED[gate.name](*qubits)
    if gate.diagonal is not None and len(gate.diagonal) > 2:
        angles = np.angle(_reordered(np.diag(gate.diagonal)).diagonal())
        return cirq.DiagonalGate(angles.tolist())(*qubits)
    return cirq.MatrixGate(_reordered(gate.to_matrix()))(*qubits)


def _reordered(matrix: Any) -> Any:
    """Return a matrix with the first qubit highest in its index."""
    n = len(matrix).bit_length() - 1
    places = [int(format(k, f"0{n}b")[::-1], 2) for k in range(len(matrix))]
    return np.asarray(matrix)[np.ix_(places, places)]
