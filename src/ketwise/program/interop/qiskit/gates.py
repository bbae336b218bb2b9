"""Which of Qiskit's gates is which of ours. A gate that is not here is read from its definition."""

from __future__ import annotations

from collections.abc import Callable

from qiskit.circuit import library as theirs

from ketwise.words.angle import Angle
from ketwise.words.circuit import Circuit
from ketwise.words.gates import TABLE, Gate, rotation

#: Our gate's name -> Qiskit's class, for gates without an angle.
FIXED: dict[str, type] = {
    "x": theirs.XGate,
    "y": theirs.YGate,
    "z": theirs.ZGate,
    "h": theirs.HGate,
    "s": theirs.SGate,
    "sdg": theirs.SdgGate,
    "t": theirs.TGate,
    "tdg": theirs.TdgGate,
    "sx": theirs.SXGate,
    "sxdg": theirs.SXdgGate,
    "swap": theirs.SwapGate,
    "iswap": theirs.iSwapGate,
}
#: Our Pauli word, its first letter on the first qubit -> Qiskit's class, for rotations of the same angle.
ROTATIONS: dict[str, type] = {
    "X": theirs.RXGate,
    "Y": theirs.RYGate,
    "Z": theirs.RZGate,
    "XX": theirs.RXXGate,
    "YY": theirs.RYYGate,
    "ZZ": theirs.RZZGate,
    "ZX": theirs.RZXGate,
}
OUR_FIXED: dict[type, Gate] = {kind: TABLE[name] for name, kind in FIXED.items()}
OUR_ROTATIONS: dict[type, Gate] = {kind: rotation(word) for word, kind in ROTATIONS.items()}

Qubits = tuple[int, ...]
Controls = dict[int, int]


def _phase(circuit: Circuit, angles: list[Angle], qubits: Qubits, controls: Controls) -> None:
    circuit.gphase(angles[0], controls | dict.fromkeys(qubits, 1))


def _u(circuit: Circuit, angles: list[Angle], qubits: Qubits, controls: Controls) -> None:
    theta, phi, lam = angles
    circuit.gphase((phi + lam) / 2, controls).rot(lam, theta, phi, qubits[0], controls)


def _u2(circuit: Circuit, angles: list[Angle], qubits: Qubits, controls: Controls) -> None:
    _u(circuit, [Angle.of(1.5707963267948966), *angles], qubits, controls)


def _cu(circuit: Circuit, angles: list[Angle], qubits: Qubits, controls: Controls) -> None:
    # The one controlled gate with an angle that its base gate has not: a phase of its own.
    _phase(circuit, angles[3:], (), controls)
    _u(circuit, angles[:3], qubits, controls)


#: Qiskit's class -> what appends it, given its angles.
EXPANDED: dict[type, Callable[[Circuit, list[Angle], Qubits, Controls], None]] = {
    theirs.GlobalPhaseGate: _phase,
    theirs.PhaseGate: _phase,
    theirs.U1Gate: _phase,
    theirs.U2Gate: _u2,
    theirs.U3Gate: _u,
    theirs.UGate: _u,
}
#: Controlled gates that are more than their base gate under control; qubits and controls are already told apart.
CONTROLLED = {theirs.CUGate: _cu}
