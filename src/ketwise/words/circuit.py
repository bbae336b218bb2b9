"""Circuits: a number of qubits and a flat sequence of operations. What a gate is stands in the gate table."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ketwise.words import gates
from ketwise.words.angle import FEATURE, PARAM, Angle
from ketwise.words.checks import distinct_qubits, positive_int
from ketwise.words.draw import draw
from ketwise.words.draw_svg import draw_svg
from ketwise.words.gates import TABLE, Gate
from ketwise.words.observable import Observable

if TYPE_CHECKING:
    from ketwise.program.program import Program

Controls = Iterable[int] | Mapping[int, int]


@dataclass(frozen=True)
class Op:
    """A gate on some qubits; ``controls`` are pairs (qubit, value) that must all hold for it to act."""

    gate: Gate
    qubits: tuple[int, ...]
    angle: Angle | None = None
    controls: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """Name with one ``c`` for each control, as in ``ccx``."""
        return "c" * len(self.controls) + self.gate.name

    @property
    def support(self) -> tuple[int, ...]:
        """Every qubit that takes part, controls first."""
        return tuple(qubit for qubit, _ in self.controls) + self.qubits

    @property
    def is_diagonal(self) -> bool:
        """Whether its matrix is diagonal at every angle, controls or not."""
        if self.gate.pauli is not None:
            return set(self.gate.pauli) <= {"Z"}
        return self.gate.diagonal is not None

    def inverse(self) -> Op:
        """Return the operation that undoes this one."""
        return replace(self, gate=self.gate.inverse(), angle=None if self.angle is None else -self.angle)


class Circuit:
    """A number of qubits and a sequence of operations, built by chained calls.

    Every gate method takes the angle first and the qubits after, appends in place and returns the circuit; all
    take ``controls``: qubits that must be 1, or a mapping from qubit to the value it must have. Angles are radians.

    Parameters
    ----------
    n_qubits : int
    n_features, n_params : int
        Declare more features or parameters than the operations use; by default as many as are used.

    Notes
    -----
    A trap: a method changes the circuit it is called on. Use :meth:`copy` to branch.

    Examples
    --------
    >>> import ketwise as kw
    >>> x, w = kw.features(2), kw.params(2)
    >>> c = kw.Circuit(2).h(0).ry(w[0] * x[0] + w[1], 0).cx(0, 1)
    >>> print(c)
    q0: -H--RY(w[0]*x[0] + w[1])--@-
                                  |
    q1: --------------------------X-
    """

    def __init__(self, n_qubits: int, *, n_features: int = 0, n_params: int = 0):
        self.n_qubits = positive_int("n_qubits", n_qubits)
        self._sizes = [
            positive_int("n_features", n_features, minimum=0),
            positive_int("n_params", n_params, minimum=0),
        ]
        self._ops: list[Op] = []

    # -- reading

    @property
    def ops(self) -> tuple[Op, ...]:
        """The operations in the order in which they act."""
        return tuple(self._ops)

    @property
    def n_features(self) -> int:
        """Values of data that one run needs."""
        return self._sizes[FEATURE]

    @property
    def n_params(self) -> int:
        """Trained values that one run needs."""
        return self._sizes[PARAM]

    @property
    def key(self) -> tuple[Any, ...]:
        """The structure as a hashable value: equal keys mean equal programs."""
        return (self.n_qubits, *self._sizes, tuple(self._ops))

    def __len__(self) -> int:
        return len(self._ops)

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Circuit) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can change

    def depth(self) -> int:
        """Return the number of time steps when every operation starts as early as it can."""
        level = [0] * self.n_qubits
        for op in self._ops:
            step = max((level[q] for q in op.support), default=0) + 1
            for q in op.support:
                level[q] = step
        return max(level)

    def counts(self) -> Counter[str]:
        """Return how often each operation occurs, by name."""
        return Counter(op.name for op in self._ops)

    def n_two_qubit(self) -> int:
        """Return the number of operations on two or more qubits, controls included."""
        return sum(len(op.support) > 1 for op in self._ops)

    def __str__(self) -> str:
        return draw(self.n_qubits, self._ops)

    def _repr_svg_(self) -> str:
        return draw_svg(self.n_qubits, self._ops)

    def __repr__(self) -> str:
        return (
            f"Circuit(n_qubits={self.n_qubits}, n_features={self.n_features}, n_params={self.n_params}, "
            f"ops={len(self)}, depth={self.depth()})"
        )

    # -- composing

    def append(self, gate: Gate, qubits: Iterable[int], angle: Any = None, controls: Controls = ()) -> Circuit:
        """Append one operation; every other gate method ends here."""
        pairs = self._pairs(gate.name, controls)
        targets = tuple(qubits)
        support = distinct_qubits((*pairs, *targets), self.n_qubits, gate.name)
        targets = support[len(pairs) :]
        if len(targets) != gate.n_qubits:
            raise ValueError(f"{gate.name} acts on {gate.n_qubits} qubits, got {len(targets)}: {targets}")
        for qubit, value in pairs.items():
            if value not in (0, 1):
                raise ValueError(f"{gate.name}: control value of qubit {qubit} must be 0 or 1, got {value!r}")
        if gate.is_rotation:
            angle = Angle.of(angle)
            for kind, size in enumerate(angle.sizes()):
                self._sizes[kind] = max(self._sizes[kind], size)
        elif angle is not None:
            raise ValueError(f"{gate.name} takes no angle, got {angle!r}")
        self._ops.append(Op(gate, targets, angle, tuple(zip(support, map(int, pairs.values()), strict=False))))
        return self

    def _pairs(self, name: str, controls: Controls, *more: int) -> dict[int, int]:
        """Return control -> value; a bare sequence of qubits means the value 1, and so do ``more``."""
        if isinstance(controls, Mapping):
            pairs = dict(controls)
        elif isinstance(controls, Iterable):
            pairs = dict.fromkeys(distinct_qubits(controls, self.n_qubits, name), 1)
        else:
            raise TypeError(f"{name}: controls must be qubits such as [2] or a mapping {{2: 1}}, got {controls!r}")
        return pairs | dict.fromkeys(distinct_qubits((*pairs, *more), self.n_qubits, name)[len(pairs) :], 1)

    def copy(self) -> Circuit:
        """Return an independent circuit with the same operations."""
        twin = Circuit(self.n_qubits, n_features=self.n_features, n_params=self.n_params)
        twin._ops = list(self._ops)
        return twin

    def __add__(self, other: Circuit) -> Circuit:
        """Return this circuit followed by ``other``. Equal symbols stay equal: ``w[0]`` of both is one value."""
        if not isinstance(other, Circuit):
            return NotImplemented
        if other.n_qubits != self.n_qubits:
            raise ValueError(f"cannot append a circuit on {other.n_qubits} qubits to one on {self.n_qubits}")
        whole = self.copy()
        whole._ops += other._ops
        whole._sizes = [max(pair) for pair in zip(self._sizes, other._sizes, strict=True)]
        return whole

    def inverse(self) -> Circuit:
        """Return the circuit that undoes this one."""
        undo = Circuit(self.n_qubits, n_features=self.n_features, n_params=self.n_params)
        undo._ops = [op.inverse() for op in reversed(self._ops)]
        return undo

    def shift(self, features: int = 0, params: int = 0) -> Circuit:
        """Return the circuit with its symbols moved up, so that ``a + b.shift(params=a.n_params)`` shares none."""
        features, params = (positive_int("a shift", by, minimum=0) for by in (features, params))
        moved = Circuit(self.n_qubits, n_features=self.n_features + features, n_params=self.n_params + params)
        moved._ops = [
            op if op.angle is None else replace(op, angle=op.angle.shift(features, params)) for op in self._ops
        ]
        return moved

    def compile(self, outputs: Any, *, backend: Any = None, dtype: Any = "complex128") -> Program:
        """Return a :class:`Program` that computes ``outputs`` of this circuit on ``backend``.

        Parameters
        ----------
        outputs : Observable, sequence of Observable, Expectations, Probabilities, Overlap or State
        backend : Backend, optional
            Default: the native engine, or the NumPy reference where it was not built.
        dtype : "complex128" or "complex64"
        """
        # The one import that points up: the method belongs here for its users, the work to the program layer.
        compile_circuit = importlib.import_module("ketwise.program.program").compile_circuit
        program: Program = compile_circuit(self, outputs, backend=backend, dtype=dtype)
        return program

    # -- fixed gates

    def x(self, qubit: int, controls: Controls = ()) -> Circuit:
        """NOT."""
        return self.append(TABLE["x"], (qubit,), None, controls)

    def y(self, qubit: int, controls: Controls = ()) -> Circuit:
        """Pauli Y."""
        return self.append(TABLE["y"], (qubit,), None, controls)

    def z(self, qubit: int, controls: Controls = ()) -> Circuit:
        """Pauli Z."""
        return self.append(TABLE["z"], (qubit,), None, controls)

    def h(self, qubit: int, controls: Controls = ()) -> Circuit:
        """Hadamard."""
        return self.append(TABLE["h"], (qubit,), None, controls)

    def s(self, qubit: int, controls: Controls = ()) -> Circuit:
        """diag(1, i)."""
        return self.append(TABLE["s"], (qubit,), None, controls)

    def sdg(self, qubit: int, controls: Controls = ()) -> Circuit:
        """diag(1, -i)."""
        return self.append(TABLE["sdg"], (qubit,), None, controls)

    def t(self, qubit: int, controls: Controls = ()) -> Circuit:
        """diag(1, exp(i pi/4))."""
        return self.append(TABLE["t"], (qubit,), None, controls)

    def tdg(self, qubit: int, controls: Controls = ()) -> Circuit:
        """diag(1, exp(-i pi/4))."""
        return self.append(TABLE["tdg"], (qubit,), None, controls)

    def sx(self, qubit: int, controls: Controls = ()) -> Circuit:
        """Square root of NOT."""
        return self.append(TABLE["sx"], (qubit,), None, controls)

    def sxdg(self, qubit: int, controls: Controls = ()) -> Circuit:
        """Inverse of the square root of NOT."""
        return self.append(TABLE["sxdg"], (qubit,), None, controls)

    def swap(self, a: int, b: int, controls: Controls = ()) -> Circuit:
        """Exchange two qubits."""
        return self.append(TABLE["swap"], (a, b), None, controls)

    def iswap(self, a: int, b: int, controls: Controls = ()) -> Circuit:
        """Exchange two qubits with a factor i."""
        return self.append(TABLE["iswap"], (a, b), None, controls)

    def cx(self, control: int, target: int, controls: Controls = ()) -> Circuit:
        """NOT with one control."""
        return self.x(target, self._pairs("cx", controls, control))

    def cy(self, control: int, target: int, controls: Controls = ()) -> Circuit:
        """Pauli Y with one control."""
        return self.y(target, self._pairs("cy", controls, control))

    def cz(self, control: int, target: int, controls: Controls = ()) -> Circuit:
        """Pauli Z with one control."""
        return self.z(target, self._pairs("cz", controls, control))

    def ccx(self, a: int, b: int, target: int, controls: Controls = ()) -> Circuit:
        """NOT with two controls (Toffoli)."""
        return self.x(target, self._pairs("ccx", controls, a, b))

    def cswap(self, control: int, a: int, b: int, controls: Controls = ()) -> Circuit:
        """Exchange with one control (Fredkin)."""
        return self.swap(a, b, self._pairs("cswap", controls, control))

    def unitary(self, matrix: Any, *qubits: int, controls: Controls = ()) -> Circuit:
        """Append a ``(2**k, 2**k)`` unitary matrix, k up to 5; ``qubits[0]`` is the lowest bit of its index."""
        return self.append(gates.unitary(matrix), qubits, None, controls)

    def diagonal(self, values: Any, *qubits: int, controls: Controls = ()) -> Circuit:
        """Multiply basis state ``i`` of ``qubits`` by the phase ``values[i]``."""
        return self.append(gates.diagonal(values), qubits, None, controls)

    def permutation(self, table: Any, *qubits: int, controls: Controls = ()) -> Circuit:
        """Send basis state ``i`` of ``qubits`` to ``table[i]``."""
        return self.append(gates.permutation(table), qubits, None, controls)

    # -- rotations

    def rx(self, angle: Any, qubit: int, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 X)."""
        return self.append(TABLE["rx"], (qubit,), angle, controls)

    def ry(self, angle: Any, qubit: int, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 Y)."""
        return self.append(TABLE["ry"], (qubit,), angle, controls)

    def rz(self, angle: Any, qubit: int, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 Z)."""
        return self.append(TABLE["rz"], (qubit,), angle, controls)

    def rxx(self, angle: Any, a: int, b: int, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 XX)."""
        return self.append(TABLE["rxx"], (a, b), angle, controls)

    def ryy(self, angle: Any, a: int, b: int, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 YY)."""
        return self.append(TABLE["ryy"], (a, b), angle, controls)

    def rzz(self, angle: Any, a: int, b: int, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 ZZ)."""
        return self.append(TABLE["rzz"], (a, b), angle, controls)

    def rotation(self, word: Observable, angle: Any, controls: Controls = ()) -> Circuit:
        """exp(-i angle/2 P) for one Pauli word such as ``kw.X(0) * kw.Y(2)``."""
        if not isinstance(word, Observable):
            raise TypeError(f"a rotation needs a Pauli word such as kw.X(0) * kw.Y(2), then the angle; got {word!r}")
        letters = word.single_word()
        return self.append(gates.rotation("".join(letters.values())), letters, angle, controls)

    def rot(self, phi: Any, theta: Any, omega: Any, qubit: int, controls: Controls = ()) -> Circuit:
        """RZ(phi), then RY(theta), then RZ(omega): any rotation of one qubit."""
        turns = [Angle.of(angle) for angle in (phi, theta, omega)]  # all are checked before one is appended
        pairs = self._pairs("rot", controls)
        return self.rz(turns[0], qubit, pairs).ry(turns[1], qubit, pairs).rz(turns[2], qubit, pairs)

    def crx(self, angle: Any, control: int, target: int, controls: Controls = ()) -> Circuit:
        """RX with one control."""
        return self.rx(angle, target, self._pairs("crx", controls, control))

    def cry(self, angle: Any, control: int, target: int, controls: Controls = ()) -> Circuit:
        """RY with one control."""
        return self.ry(angle, target, self._pairs("cry", controls, control))

    def crz(self, angle: Any, control: int, target: int, controls: Controls = ()) -> Circuit:
        """RZ with one control."""
        return self.rz(angle, target, self._pairs("crz", controls, control))

    def gphase(self, angle: Any, controls: Controls = ()) -> Circuit:
        """exp(i angle) on the states that the controls select."""
        return self.append(TABLE["gphase"], (), -2.0 * Angle.of(angle), controls)

    def p(self, angle: Any, qubit: int, controls: Controls = ()) -> Circuit:
        """diag(1, exp(i angle)), a phase where the qubit is 1."""
        return self.gphase(angle, self._pairs("p", controls, qubit))

    def cp(self, angle: Any, a: int, b: int, controls: Controls = ()) -> Circuit:
        """exp(i angle) where both qubits are 1."""
        return self.gphase(angle, self._pairs("cp", controls, a, b))
