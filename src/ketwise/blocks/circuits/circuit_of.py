"""The circuit of whatever a caller gives: a circuit, an encoding or a program; and its rotations, angle by angle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.preparation.premap import IDENTITY, PreMap, PreMappedProgram
from ketwise.program.program import Program
from ketwise.words.angle import PARAM, Angle, params
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]


def circuit_of(given: Any) -> tuple[Circuit, PreMap]:
    """Return the circuit and the pre-map that features go through before it sees them.

    Parameters
    ----------
    given : Circuit, Encoding or Program

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit, premap = circuit_of(kw.encodings.angle(2))
    >>> circuit.n_features, premap.name
    (2, 'identity')
    """
    if isinstance(given, Circuit):
        return given, IDENTITY
    if isinstance(given, Program):
        return given.circuit, IDENTITY
    if isinstance(given, PreMappedProgram):
        return given.program.circuit, given.premap
    if isinstance(given, Encoding):
        return given.circuit, given.premap
    raise TypeError(f"this needs a Circuit, an Encoding or a compiled Program, got {type(given).__name__}")


def freed(circuit: Circuit) -> Circuit:
    """Return the circuit with a parameter of its own for every rotation, in their order: ``w[k]`` is the k-th angle.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(1)[0]
    >>> print(freed(kw.Circuit(1).rx(2 * w, 0).rz(w, 0).rx(0.3, 0)))
    q0: -RX(w[0])--RZ(w[1])--RX(w[2])-
    """
    symbols = iter(params(sum(op.gate.is_rotation for op in circuit.ops)))
    free = Circuit(circuit.n_qubits)
    for op in circuit.ops:
        free.append(op.gate, op.qubits, next(symbols) if op.gate.is_rotation else None, dict(op.controls))
    return free


def angle_derivatives(angles: Sequence[Angle], params: Array, features: Array) -> Array:
    """Return the derivatives ``(batch, n_angles, n_params)`` of angles by the parameters.

    Parameters
    ----------
    angles : sequence of Angle
    params : (batch, n_params) array
    features : (batch, n_features) array

    Examples
    --------
    >>> import ketwise as kw
    >>> w, x = kw.params(2), kw.features(1)
    >>> angle_derivatives([3 * w[0] + w[1] * x[0]], np.zeros((1, 2)), np.array([[5.0]]))
    array([[[3., 5.]]])
    """
    inputs = (features, params)
    found = np.zeros((len(params), len(angles), params.shape[1]))
    for a, angle in enumerate(angles):
        for monomial, coefficient in angle.terms.items():
            for place, (kind, index) in enumerate(monomial):
                if kind == PARAM:
                    others = [inputs[k][:, i] for at, (k, i) in enumerate(monomial) if at != place]
                    found[:, a, index] += coefficient * np.multiply.reduce(others, axis=0) if others else coefficient
    return found
