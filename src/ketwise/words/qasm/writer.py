"""Circuits as OpenQASM text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.angle import FEATURE, PARAM
from ketwise.words.angle import params as symbols
from ketwise.words.checks import values
from ketwise.words.circuit import Circuit, Op
from ketwise.words.gates import rotation
from ketwise.words.qasm.controls import without_controls
from ketwise.words.qasm.elementary import elementary
from ketwise.words.qasm.ladders import word_as_ladder
from ketwise.words.qasm.library import INCLUDES
from ketwise.words.qasm.numerals import bound, input_name, polynomial

#: What OpenQASM 2's first library calls phases, by their number of qubits; global phases have no place there.
_OLD_PHASES = {1: "u1", 2: "cu1"}
#: Rows that have a name of their own with one or two controls in OpenQASM 3's library.
_NAMED_CONTROLLED = {
    (name, count): "c" * count + name
    for name, most in {"x": 2, "y": 1, "z": 1, "h": 1, "rx": 1, "ry": 1, "rz": 1, "swap": 1}.items()
    for count in range(most + 1)
}


def dumps(circuit: Circuit, params: Any = None, features: Any = None, *, version: int = 3) -> str:
    """Return a circuit as OpenQASM text.

    Parameters
    ----------
    circuit : Circuit
    params : (n_params,) array, optional
        Values of the parameters, radians: written in place of the inputs.
    features : (n_features,) array, optional
        Values of the features, likewise.
    version : 3 or 2
        Version 3 keeps what is not given as inputs ``w_0, w_1, ...`` and ``x_0, x_1, ...``; version 2 has no inputs,
        so that all values must be given.

    Raises
    ------
    ValueError
        For a matrix on three or more qubits, diagonals and permutations on more than ten, and in version 2 for
        parameters without values.

    Notes
    -----
    In version 3 the text is the circuit to its global phase, and :func:`loads` gives equal operations back where
    OpenQASM has the gates. Version 2 has no global phase, no modifiers and no open controls: gates are written out with
    those of the first ``qelib1.inc``. Qubit ``q`` is ``q[q]``.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(1)
    >>> print(kw.qasm.dumps(kw.Circuit(2).h(0).cry(2 * w[0] + 0.5, 0, 1)))
    OPENQASM 3.0;
    include "stdgates.inc";
    input float[64] w_0;
    qubit[2] q;
    h q[0];
    cry(2.0*w_0 + 0.5) q[0], q[1];
    <BLANKLINE>
    """
    if not isinstance(circuit, Circuit):
        raise TypeError(f"dumps takes a Circuit, got {type(circuit).__name__}")
    if version not in (2, 3):
        raise ValueError(f"version must be 3 or 2, got {version!r}")
    ops, free = _with_values(circuit, params, features)
    if version == 2:
        if any(free):
            kinds = [name for name, count in zip(("features", "params"), free, strict=True) if count]
            raise ValueError(
                f"OpenQASM 2 has no parameters and this circuit has {' and '.join(kinds)}: give their values, as in "
                f"dumps(circuit, params, features, version=2), or write version 3"
            )
        return _version_2(circuit.n_qubits, ops)
    return _version_3(circuit.n_qubits, ops, free)


def _with_values(circuit: Circuit, params: Any, features: Any) -> tuple[list[Op], tuple[int, int]]:
    """Return the operations with the values put in, and how many features and parameters have none."""
    sizes = {FEATURE: circuit.n_features, PARAM: circuit.n_params}
    given: dict[int, NDArray[np.float64]] = {}
    for kind, name, array in ((FEATURE, "features", features), (PARAM, "params", params)):
        if array is not None:
            rows, batched = values(name, array, sizes[kind])
            if batched:
                raise ValueError(f"{name} must have shape ({sizes[kind]},): a text holds one circuit, not a batch")
            given[kind] = rows[0]
    ops = list(circuit.ops)
    if given:
        ops = [op if op.angle is None else replace(op, angle=bound(op.angle, given)) for op in ops]
    left = (0 if FEATURE in given else sizes[FEATURE], 0 if PARAM in given else sizes[PARAM])
    return ops, left


# -- version 3


def _version_3(n_qubits: int, ops: list[Op], free: tuple[int, int]) -> str:
    lines = ["OPENQASM 3.0;", f'include "{INCLUDES[3]}";']
    lines += [f"input float[64] {input_name(kind, k)};" for kind, count in enumerate(free) for k in range(count)]
    words = {op.gate.pauli: None for op in ops if _is_defined(op)}
    lines += [_definition(word) for word in words if word]
    lines.append(f"qubit[{n_qubits}] q;")
    for op in ops:
        lines += [_statement(each) for each in ([op] if _is_defined(op) else elementary(op))]
    return "\n".join(lines) + "\n"


def _is_defined(op: Op) -> bool:
    """Whether the text defines a gate for the operation: Pauli words on several qubits, without controls."""
    return op.gate.pauli is not None and op.gate.n_qubits > 1 and not op.controls


def _definition(word: str) -> str:
    names = [f"q{k}" for k in range(len(word))]
    body = word_as_ladder(word, symbols(1)[0], tuple(range(len(word))))
    lines = [f"  {_call(op, names, lambda kind, index: 'theta')}" for op in body]
    return "\n".join([f"gate {rotation(word).name}(theta) {', '.join(names)} {{", *lines, "}"])


def _statement(op: Op) -> str:
    return _call(op, [f"q[{qubit}]" for qubit in range(max(op.support, default=-1) + 1)])


def _call(op: Op, names: list[str], symbol: Callable[[int, int], str] = input_name) -> str:
    """Return one gate call; controls become letters of the name where the library has it, modifiers elsewhere."""
    gate, controls = op.gate, list(op.controls)
    qubits = ", ".join(names[qubit] for qubit in op.support)
    name, angle = gate.qasm or gate.name, op.angle
    modifiers = ""
    if gate.name == "gphase":
        assert angle is not None
        angle = -0.5 * angle
        # Phases where the last two qubits are 1 have names.
        ones = 0
        while controls and controls[-1][1] and ones < 2:
            controls.pop()
            ones += 1
        name = ("gphase", "p", "cp")[ones]
    else:
        if not gate.qasm and gate.pauli is None:
            name, modifiers = gate.inverse().qasm, "inv @ "
        ones = 0
        while controls and controls[-1][1] and (gate.name, ones + 1) in _NAMED_CONTROLLED:
            controls.pop()
            ones += 1
        name = _NAMED_CONTROLLED.get((gate.name, ones), name)
    runs = [(value, len(list(run))) for value, run in groupby(controls, key=lambda pair: pair[1])]
    before = "".join(f"{'ctrl' if value else 'negctrl'}{f'({n})' if n > 1 else ''} @ " for value, n in runs)
    argument = "" if angle is None else f"({polynomial(angle, symbol)})"
    return f"{before}{modifiers}{name}{argument}{' ' if qubits else ''}{qubits};"


# -- version 2


def _version_2(n_qubits: int, ops: list[Op]) -> str:
    lines = ["OPENQASM 2.0;", f'include "{INCLUDES[2]}";', f"qreg q[{n_qubits}];"]
    for op in ops:
        for each in elementary(op):
            lines += [_old_call(plain) for plain in without_controls(each, n_qubits) if plain.support]
    return "\n".join(lines) + "\n"


def _old_call(op: Op) -> str:
    angle, name = op.angle, "c" * len(op.controls) + op.gate.qasm
    if op.gate.name == "gphase":
        assert angle is not None
        angle, name = -0.5 * angle, _OLD_PHASES[len(op.controls)]
    argument = "" if angle is None else f"({polynomial(angle)})"
    return f"{name}{argument} {','.join(f'q[{qubit}]' for qubit in op.support)};"
