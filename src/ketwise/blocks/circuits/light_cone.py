"""Which gates and parameters an observable can depend on: its backward light cone in a circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.words.angle import PARAM
from ketwise.words.circuit import Op
from ketwise.words.observable import Observable
from ketwise.words.outputs import Expectations, Outputs, Probabilities


@dataclass(frozen=True)
class LightCone:
    """What one output can depend on.

    Attributes
    ----------
    locality : int
        Most qubits that one term of the output acts on.
    qubits : tuple of int
        All that can matter, at the circuit's beginning.
    params : tuple of int
    ops : tuple of int
        Numbers of the operations.
    """

    locality: int
    qubits: tuple[int, ...]
    params: tuple[int, ...]
    ops: tuple[int, ...]


def light_cone(circuit: Any, output: Observable) -> LightCone:
    """Return the backward light cone of an observable: the union of those of its words.

    Parameters
    ----------
    circuit : Circuit, Encoding or Program
    output : Observable

    Notes
    -----
    By structure alone: an operation is left out where it acts on other qubits, or is diagonal where the word is too. A
    parameter outside has a derivative of exactly 0; one inside may have. Local observables of shallow circuits have
    small cones, and gradients that fade no faster than polynomially: Cerezo et al., Nature Communications 12, 1791
    (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(3)
    >>> cone = light_cone(kw.Circuit(3).ry(w[0], 0).ry(w[1], 1).ry(w[2], 2).cx(0, 1), kw.Z(1))
    >>> cone.qubits, cone.params, cone.locality
    ((0, 1), (0, 1), 1)
    """
    bare, _ = circuit_of(circuit)
    output.check_fits(bare.n_qubits)
    words = [
        ({int(q) for q in np.flatnonzero(x | z)}, {int(q) for q in np.flatnonzero(z & ~x)})
        for x, z in zip(output.x, output.z, strict=True)
    ]
    return _union(bare.ops, words)


def light_cones(circuit: Any, outputs: Outputs) -> tuple[LightCone, ...]:
    """Return a light cone for each observable, or one for probabilities or overlaps.

    Examples
    --------
    >>> import ketwise as kw
    >>> [cone.locality for cone in light_cones(kw.Circuit(3), kw.Probabilities([0, 2]))]
    [2]
    """
    bare, _ = circuit_of(circuit)
    if isinstance(outputs, Expectations):
        return tuple(light_cone(bare, observable) for observable in outputs.observables)
    if isinstance(outputs, Probabilities):
        measured = set(outputs.on(bare.n_qubits))
        return (_union(bare.ops, [(measured, measured)]),)
    return (_union(bare.ops, [(set(range(bare.n_qubits)), set())]),)


def global_from(n_qubits: int) -> int:
    """Return the locality from which an output counts as global: half of the qubits, and three at least.

    Examples
    --------
    >>> [global_from(n) for n in (2, 6, 7, 8)]
    [3, 3, 4, 4]
    """
    return max(3, (n_qubits + 1) // 2)


def _union(ops: tuple[Op, ...], words: list[tuple[set[int], set[int]]]) -> LightCone:
    """``words`` are pairs: the qubits that a word acts on, and those of them where it is diagonal."""
    seen: set[int] = set()
    qubits: set[int] = set()
    for support, diagonal in words:
        reached, plain = set(support), set(diagonal)
        for number in reversed(range(len(ops))):
            touched = reached.intersection(ops[number].support)
            if not touched or (ops[number].is_diagonal and touched <= plain):
                continue
            seen.add(number)
            reached.update(ops[number].support)
            plain.difference_update(ops[number].support)
        qubits |= reached
    params = {
        index
        for number in seen
        if (angle := ops[number].angle) is not None
        for monomial in angle.terms
        for kind, index in monomial
        if kind == PARAM
    }
    locality = max((len(support) for support, _ in words), default=0)
    return LightCone(locality, tuple(sorted(qubits)), tuple(sorted(params)), tuple(sorted(seen)))
