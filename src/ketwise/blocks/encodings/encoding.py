"""What an encoding is: a pre-map of the features and a circuit, kept together, with an entanglement-free twin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.bound import bound
from ketwise.blocks.preparation.premap import IDENTITY, PreMap, PreMappedProgram
from ketwise.program.program import Program
from ketwise.words.circuit import Circuit


@dataclass(frozen=True)
class Encoding:
    """A named pre-map of the features and the circuit that takes them as angles.

    Attributes
    ----------
    name : str
    circuit : Circuit
    premap : PreMap
        Applied to the features before the circuit sees them; the identity for most encodings.
    start : tuple of float
        Where training starts, one value for each of the first parameters; 0 for the rest.
    unentangled : Circuit, optional
        The circuit of the twin. Default: this one without its operations on two or more qubits, which is no fair
        comparison where the data enter by these alone.

    Notes
    -----
    ``encoding + circuit`` appends operations and keeps name and pre-map. A trap: as with circuits, ``w[0]`` of both
    is the same symbol; where the encoding has parameters itself, append ``circuit.shift(params=encoding.n_params)``.

    Examples
    --------
    >>> import ketwise as kw
    >>> model = kw.encodings.iqp(4) + kw.ansatz.strongly_entangling(4, layers=2)
    >>> model.n_features, model.n_params
    (4, 24)
    """

    name: str
    circuit: Circuit
    premap: PreMap = IDENTITY
    start: tuple[float, ...] = ()
    unentangled: Circuit | None = None

    def __post_init__(self) -> None:
        if len(self.start) > self.n_params:
            raise ValueError(f"start must hold at most {self.n_params} values, one a parameter; got {len(self.start)}")
        if self.unentangled is not None and self.unentangled.n_two_qubit():
            raise ValueError("unentangled must be a circuit without operations on two or more qubits")

    @property
    def n_qubits(self) -> int:
        """Qubits of the circuit."""
        return self.circuit.n_qubits

    @property
    def n_features(self) -> int:
        """Values of data in a row, before the pre-map."""
        return self.circuit.n_features if self.premap.n_features is None else self.premap.n_features

    @property
    def n_params(self) -> int:
        """Trained values."""
        return self.circuit.n_params

    @property
    def domain(self) -> tuple[float, float] | None:
        """Least and greatest value that a feature may have; None where any number will do."""
        return self.premap.domain

    def start_params(self) -> NDArray[np.float64]:
        """Return ``start`` as an ``(n_params,)`` array, filled up with zeros."""
        return np.array(self.start + (0.0,) * (self.n_params - len(self.start)))

    def __add__(self, other: Circuit) -> Encoding:
        if not isinstance(other, Circuit):
            return NotImplemented
        twin = None if self.unentangled is None else self.unentangled + without_entanglement(other)
        return replace(self, circuit=self.circuit + other, unentangled=twin)

    def bind(self, params: Any) -> Encoding:
        """Return the encoding with its parameters ``(n_params,)`` as numbers: a trained kernel for a kernel machine.

        Examples
        --------
        >>> import ketwise as kw
        >>> encoding = kw.encodings.hubregtsen(2)
        >>> encoding.bind([0.3] * encoding.n_params).n_params
        0
        """
        twin = None if self.unentangled is None else bound(self.unentangled, params)
        return replace(self, circuit=bound(self.circuit, params), start=(), unentangled=twin)

    def compile(self, outputs: Any, **options: Any) -> Program | PreMappedProgram:
        """Return the program of the circuit, with the pre-map before it; arguments as for ``Circuit.compile``."""
        program = self.circuit.compile(outputs, **options)
        return program if self.premap is IDENTITY else PreMappedProgram(program, self.premap)

    def twin(self) -> Encoding:
        """Return the same encoding without entanglement: see :func:`without_entanglement`."""
        circuit = without_entanglement(self.circuit) if self.unentangled is None else self.unentangled
        return replace(self, name=f"{self.name}, no entanglement", circuit=circuit, unentangled=None)


def without_entanglement(circuit: Circuit) -> Circuit:
    """Return the circuit without its operations on two or more qubits, controls counted.

    Features and parameters keep their numbers and meaning, so that a model can be compared with its twin, whose
    states are products and cost a classical computer next to nothing.

    Examples
    --------
    >>> from ketwise.blocks.ansatz import strongly_entangling
    >>> without_entanglement(strongly_entangling(3)).counts()
    Counter({'rz': 12, 'ry': 6})
    """
    twin = Circuit(circuit.n_qubits, n_features=circuit.n_features, n_params=circuit.n_params)
    for op in circuit.ops:
        if len(op.support) < 2:
            twin.append(op.gate, op.qubits, op.angle, dict(op.controls))
    return twin
