"""Qiskit's circuits read into ours: gates by class, controls by state, everything else by its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    ControlFlowOp,
    ControlledGate,
    ControlModifier,
    Delay,
    InverseModifier,
    Measure,
    Parameter,
    ParameterExpression,
    QuantumCircuit,
    Reset,
)
from qiskit.circuit.library import DiagonalGate, IGate, PauliEvolutionGate, UnitaryGate

from ketwise.program.interop.qiskit.evolution import append_evolution
from ketwise.program.interop.qiskit.expressions import NotPolynomialError, polynomial
from ketwise.program.interop.qiskit.gates import CONTROLLED, EXPANDED, OUR_FIXED, OUR_ROTATIONS
from ketwise.words.angle import Angle, features, params
from ketwise.words.circuit import Circuit
from ketwise.words.gates import MAX_MATRIX_QUBITS

_MID_CIRCUIT = (
    "the engine computes one pure state and its outputs. Measure at the end only, write feed-forward as controlled "
    "gates, or run this circuit on qiskit.primitives.StatevectorEstimator or on Aer"
)
Controls = dict[int, int]


@dataclass
class Reader:
    """Appends Qiskit's operations to one of our circuits and remembers what was measured.

    Attributes
    ----------
    angle : callable
        Turns a number or a parameter expression into an angle.
    measured : dict
        Classical bit -> the qubit whose value it holds in the end.
    """

    circuit: Circuit
    angle: Callable[[Any], Angle]
    measured: dict[int, int] = field(default_factory=dict)
    _touched: set[int] = field(default_factory=set)
    _read_out: set[int] = field(default_factory=set)

    def read(
        self, given: QuantumCircuit, qubits: Sequence[int], clbits: Sequence[int], controls: Controls | None = None
    ) -> None:
        """Append a whole circuit on ``qubits``, its measurements into ``clbits``."""
        within = controls or {}
        if isinstance(given.global_phase, ParameterExpression) or given.global_phase:
            self.circuit.gphase(self.angle(given.global_phase), within)
        place = {bit: qubits[i] for i, bit in enumerate(given.qubits)}
        c_place = {bit: clbits[i] for i, bit in enumerate(given.clbits)}
        for instruction in given.data:
            self.append(
                instruction.operation,
                tuple(place[q] for q in instruction.qubits),
                tuple(c_place[c] for c in instruction.clbits),
                within,
            )

    def append(self, operation: Any, qubits: tuple[int, ...], clbits: tuple[int, ...], controls: Controls) -> None:
        """Append one operation."""
        kind = getattr(operation, "base_class", type(operation))
        if kind in (Barrier, Delay, IGate):
            return
        if kind is Measure and not controls:
            self.measured[clbits[0]] = qubits[0]
            self._read_out.add(qubits[0])
            return
        self._refuse(operation, kind, qubits, clbits)
        if kind in OUR_FIXED:
            self._one(OUR_FIXED[kind], qubits, None, controls)
        elif kind in OUR_ROTATIONS:
            self._one(OUR_ROTATIONS[kind], qubits, self.angle(operation.params[0]), controls)
        elif kind in EXPANDED:
            self._touch(qubits)
            EXPANDED[kind](self.circuit, [self.angle(p) for p in operation.params], qubits, controls)
        elif kind is UnitaryGate and len(qubits) <= MAX_MATRIX_QUBITS:
            self._touch(qubits)
            self.circuit.unitary(operation.params[0], *qubits, controls=controls)
        elif kind is DiagonalGate:
            self._touch(qubits)
            self.circuit.diagonal(operation.params, *qubits, controls=controls)
        elif kind is PauliEvolutionGate:
            self._touch(qubits)
            append_evolution(self.circuit, operation, qubits, controls, self.angle)
        elif kind is AnnotatedOperation:
            self._annotated(operation, qubits, controls)
        elif isinstance(operation, ControlledGate) and self._is_its_base_gate(operation):
            self._controlled(operation, kind, qubits, controls)
        else:
            self._defined(operation, kind, qubits, clbits, controls)

    def _touch(self, qubits: Iterable[int]) -> None:
        self._touched.update(qubits)

    def _one(self, gate: Any, qubits: tuple[int, ...], angle: Angle | None, controls: Controls) -> None:
        self._touch(qubits)
        self.circuit.append(gate, qubits, angle, controls)

    def _refuse(self, operation: Any, kind: type, qubits: tuple[int, ...], clbits: tuple[int, ...]) -> None:
        """Refuse what no pure state follows; a reset of a qubit that nothing has acted on is none."""
        if isinstance(operation, ControlFlowOp):
            raise ValueError(f"control flow ({operation.name}) cannot be read: {_MID_CIRCUIT}")
        if kind is Reset and self._touched.intersection(qubits):
            raise ValueError(f"a reset of qubit {qubits[0]} within the circuit cannot be read: {_MID_CIRCUIT}")
        late = self._read_out.intersection(qubits)
        if late:
            raise ValueError(
                f"qubit {min(late)} is measured and then acted on by {operation.name}; this cannot be read: "
                f"{_MID_CIRCUIT}"
            )

    def _is_its_base_gate(self, operation: ControlledGate) -> bool:
        """Whether base gate and controls say all.

        Not where there are ancillas, and not for a composite gate whose parameters were replaced: Qiskit replaces them
        in the definition of the controlled gate, and the base gate's definition keeps the old ones.
        """
        base = operation.base_gate
        if operation.num_qubits != operation.num_ctrl_qubits + base.num_qubits:
            return False
        kind = getattr(base, "base_class", type(base))
        if kind in OUR_FIXED or kind in OUR_ROTATIONS or kind in EXPANDED or kind in (UnitaryGate, DiagonalGate):
            return True
        parametrised = [p for p in operation.params if isinstance(p, ParameterExpression)]
        return not parametrised and not (base.definition is not None and base.definition.parameters)

    def _controlled(self, operation: ControlledGate, kind: type, qubits: tuple[int, ...], controls: Controls) -> None:
        count = operation.num_ctrl_qubits
        within = controls | {q: operation.ctrl_state >> k & 1 for k, q in enumerate(qubits[:count])}
        self._touch(qubits)
        if kind in CONTROLLED:
            CONTROLLED[kind](self.circuit, [self.angle(p) for p in operation.params], qubits[count:], within)
        else:
            self.append(operation.base_gate, qubits[count:], (), within)

    def _annotated(self, operation: AnnotatedOperation, qubits: tuple[int, ...], controls: Controls) -> None:
        """Append a gate with modifiers; the last one is the outermost, and controls come before what they control."""
        base, within, powers = operation.base_op, dict(controls), []
        for modifier in reversed(operation.modifiers):
            if isinstance(modifier, ControlModifier):
                count = modifier.num_ctrl_qubits
                within |= {q: modifier.ctrl_state >> k & 1 for k, q in enumerate(qubits[:count])}
                self._touch(qubits[:count])
                qubits = qubits[count:]
            else:
                powers.append(modifier)
        repeats = 1
        for modifier in powers:
            power = -1 if isinstance(modifier, InverseModifier) else modifier.power
            if power != int(power):
                raise ValueError(
                    f"a gate to the power {power} cannot be read: write its matrix as "
                    "UnitaryGate(Operator(gate).power(p)), or use a whole power"
                )
            repeats *= int(power)
        for _ in range(abs(repeats)):
            self.append(base.inverse() if repeats < 0 else base, qubits, (), within)

    def _defined(
        self, operation: Any, kind: type, qubits: tuple[int, ...], clbits: tuple[int, ...], controls: Controls
    ) -> None:
        if kind is Reset:
            return
        definition = getattr(operation, "definition", None)
        if definition is not None:
            self.read(definition, qubits, clbits, controls)
        elif hasattr(operation, "__array__") and len(qubits) <= MAX_MATRIX_QUBITS and not operation.is_parameterized():
            self._touch(qubits)
            self.circuit.unitary(operation.to_matrix(), *qubits, controls=controls)
        else:
            raise ValueError(
                f"{operation.name} has no definition in gates and cannot be read: decompose() the circuit, "
                "or give the operation a definition"
            )


def from_qiskit(given: QuantumCircuit, features: Any = ()) -> Circuit:
    """Return a Qiskit circuit as ours, with the same unitary, global phase included.

    Parameters
    ----------
    given : QuantumCircuit
        Measurements at its end are left out. Parameters may stand in polynomials of any degree.
    features : sequence of Parameter or str, or ParameterVector
        Parameters that are data, in the order of the columns of ``features``; a name of a vector means all its
        elements. All others are trained: ``params[k]`` is the ``k``-th of those, in the order of
        ``given.parameters``, which Qiskit sorts by name.

    Returns
    -------
    Circuit
        Qubit ``q`` is Qiskit's ``given.qubits[q]``: both are little-endian.

    Raises
    ------
    ValueError
        For measurements or resets within the circuit, control flow, angles that are no polynomials, and
        PauliEvolutionGates of non-commuting terms on more than five qubits.

    Examples
    --------
    >>> import ketwise as kw
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> x, w = Parameter("x"), Parameter("w")
    >>> theirs = QuantumCircuit(2)
    >>> _ = theirs.ry(2 * x * w, 0), theirs.cx(0, 1)
    >>> print(kw.from_qiskit(theirs, features=[x]))
    q0: -RY(2*w[0]*x[0])--@-
                          |
    q1: ------------------X-
    """
    if not isinstance(given, QuantumCircuit):
        raise TypeError(f"from_qiskit takes a QuantumCircuit, got {type(given).__name__}")
    data = _chosen(given, features)
    trained = [p for p in given.parameters if p not in set(data)]
    return read(given, data, trained).circuit


def read(given: QuantumCircuit, data: Sequence[Parameter], trained: Sequence[Parameter]) -> Reader:
    """Return the reader after a whole circuit, its parameters taken as features and as params in that order."""
    symbols: Mapping[Parameter, Angle] = dict(zip(data, features(len(data)), strict=True)) | dict(
        zip(trained, params(len(trained)), strict=True)
    )

    def angle(expression: Any) -> Angle:
        try:
            return polynomial(expression, symbols)
        except NotPolynomialError as error:
            raise ValueError(
                f"{error}: bind its parameters, or replace the expression by a parameter whose values you compute"
            ) from None

    reader = Reader(Circuit(given.num_qubits, n_features=len(data), n_params=len(trained)), angle)
    reader.read(given, range(given.num_qubits), range(given.num_clbits))
    return reader


def _chosen(given: QuantumCircuit, wanted: Any) -> list[Parameter]:
    """Return the parameters of the circuit that ``wanted`` names, in that order."""
    by_name: dict[str, list[Parameter]] = {}
    for parameter in given.parameters:
        by_name.setdefault(parameter.name, []).append(parameter)
        vector = getattr(parameter, "vector", None)
        if vector is not None:
            by_name.setdefault(vector.name, []).append(parameter)
    names = [wanted] if isinstance(wanted, (str, Parameter)) else list(wanted)
    chosen: list[Parameter] = []
    for name in names:
        found = [name] if isinstance(name, Parameter) and name in given.parameters else by_name.get(name, [])
        if not found:
            raise ValueError(
                f"features names {name}, which is not a parameter of the circuit; it has "
                f"{', '.join(p.name for p in given.parameters) or 'none'}"
            )
        chosen += found
    if len(set(chosen)) != len(chosen):
        raise ValueError("features names a parameter twice")
    return chosen
