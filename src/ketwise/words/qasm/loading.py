"""Circuits from OpenQASM text: which inputs are features, which parameters."""

from __future__ import annotations

from collections.abc import Sequence

from ketwise.words.angle import FEATURE, PARAM, Angle, Symbol
from ketwise.words.circuit import Circuit
from ketwise.words.qasm.numerals import input_name
from ketwise.words.qasm.reader import Reader
from ketwise.words.qasm.tokens import MAX_CHARACTERS


def loads(text: str, *, features: Sequence[str] | None = None) -> Circuit:
    """Return the circuit of an OpenQASM text of version 2 or 3.

    Parameters
    ----------
    text : str
        A whole program. Its header says the version. ``include`` is known for ``stdgates.inc`` (3) and ``qelib1.inc``
        (2); no file is opened.
    features : sequence of str, optional
        Names of inputs that are data: the first becomes ``x[0]``. All other inputs become parameters, in the order in
        which they are declared. By default the inputs are features and parameters where they are named
        ``x_0, x_1, ...`` and ``w_0, w_1, ...``, as :func:`dumps` writes them, and all parameters where they are not.

    Returns
    -------
    Circuit
        With qubits in the order of their declaration, and gates that the text defines written out.

    Raises
    ------
    ValueError
        With line and column, what is wrong and what to do. There is no other exception, whatever the text.

    Notes
    -----
    Measurements after the last gate of their qubits and barriers are read and left out: what a Circuit gives is chosen
    when it is compiled. ``reset`` is read before the first gate of its qubits. Control flow, subroutines, timing and
    arithmetic on results are refused. Global phases are kept in version 3; version 2 has none.

    Examples
    --------
    >>> import ketwise as kw
    >>> text = '''
    ... OPENQASM 3.0;
    ... include "stdgates.inc";
    ... input float[64] theta;
    ... qubit[2] q;
    ... h q[0];
    ... ctrl @ rx(2*theta) q[0], q[1];
    ... '''
    >>> print(kw.qasm.loads(text))
    q0: -H--@----------
            |
    q1: ----RX(2*w[0])-
    """
    if not isinstance(text, str):
        raise TypeError(f"loads takes the text of a program as str, got {type(text).__name__}")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the text has {len(text):,} characters, {MAX_CHARACTERS:,} at most are read; split it")
    reader = Reader(text)
    reader.read()
    symbols = _symbols(reader.inputs, features)
    sizes = [sum(kind == each for each, _ in symbols) for kind in (FEATURE, PARAM)]
    circuit = Circuit(reader.n_qubits, n_features=sizes[FEATURE], n_params=sizes[PARAM])
    for op in reader.ops:
        angle = op.angle if op.angle is None or op.angle.is_constant else _renamed(op.angle, symbols)
        circuit.append(op.gate, op.qubits, angle, dict(op.controls))
    return circuit


def _symbols(inputs: list[str], features: Sequence[str] | None) -> list[Symbol]:
    """Return what each input is, in the order of declaration."""
    if features is None:
        count = [sum(name.startswith(input_name(kind, 0)[:2]) for name in inputs) for kind in (FEATURE, PARAM)]
        ours = {input_name(kind, k): (kind, k) for kind in (FEATURE, PARAM) for k in range(count[kind])}
        if set(inputs) == set(ours):
            return [ours[name] for name in inputs]
    data = list(features or ())
    if isinstance(features, str) or len(set(data)) < len(data):
        raise ValueError(f"features must be a sequence of different names of inputs, got {features!r}")
    unknown = [name for name in data if name not in inputs]
    if unknown:
        raise ValueError(f"features names {unknown[0]!r}, which is no input; inputs are {', '.join(inputs) or 'none'}")
    rest = [name for name in inputs if name not in data]
    return [(FEATURE, data.index(name)) if name in data else (PARAM, rest.index(name)) for name in inputs]


def _renamed(angle: Angle, symbols: list[Symbol]) -> Angle:
    return Angle(
        {tuple(sorted(symbols[index] for _, index in monomial)): value for monomial, value in angle.terms.items()}
    )
