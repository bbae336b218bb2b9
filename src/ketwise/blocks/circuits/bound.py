"""Circuits whose trained parameters are put in as numbers."""

from __future__ import annotations

import math
from typing import Any

from ketwise.words.angle import PARAM, Angle, Monomial
from ketwise.words.checks import values
from ketwise.words.circuit import Circuit


def bound(circuit: Circuit, params: Any) -> Circuit:
    """Return the circuit with its parameters as numbers: the same gates, and features alone to be given.

    Parameters
    ----------
    circuit : Circuit
    params : (n_params,) array
        Radians.

    Examples
    --------
    >>> import ketwise as kw
    >>> x, w = kw.features(1), kw.params(2)
    >>> print(bound(kw.Circuit(1).ry(w[0] * x[0] + w[1], 0), [2.0, 0.5]))
    q0: -RY(2*x[0] + 0.5)-
    """
    (numbers,), _ = values("params", params, circuit.n_params)
    made = Circuit(circuit.n_qubits, n_features=circuit.n_features)
    for op in circuit.ops:
        made.append(op.gate, op.qubits, None if op.angle is None else _bound(op.angle, numbers), dict(op.controls))
    return made


def _bound(angle: Angle, numbers: Any) -> Angle:
    terms: dict[Monomial, float] = {}
    for monomial, coefficient in angle.terms.items():
        left = tuple(factor for factor in monomial if factor[0] != PARAM)
        worth = coefficient * math.prod(float(numbers[index]) for kind, index in monomial if kind == PARAM)
        terms[left] = terms.get(left, 0.0) + worth
    return Angle(terms)
