"""Forms of what a model is written in: gates, circuits, observables, pre-maps and encodings, users' own included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.preparation.premap import IDENTITY, PreMap
from ketwise.blocks.preparation.premaps import PREMAPS, premap
from ketwise.learning.keeping.form import WHOLE, Form, Parts, array, check_parts, one
from ketwise.words import gates
from ketwise.words.angle import Angle, Monomial
from ketwise.words.circuit import Circuit
from ketwise.words.gates import Gate
from ketwise.words.observable import MAX_WORD_QUBITS, Observable

#: Features or parameters of a circuit: more are a mistake, and cost memory before anything else can be checked.
MOST_VALUES = 1 << 24
#: Whole numbers among the settings of a pre-map, which count features, qubits or bits.
MOST_OF_A_SETTING = 1 << 18

_ROTATION = re.compile("[XYZ]*")
_GATE = {
    "name": one(str),
    "pauli": one(str, None),
    "matrix": array("rows", "rows", kinds="c", none=True),
    "diagonal": array("rows", kinds="c", none=True),
    "permutation": array("rows", kinds="i", none=True),
}
_CIRCUIT = {
    "n_qubits": WHOLE,
    "n_features": WHOLE,
    "n_params": WHOLE,
    "gates": one(list),
    "ops": array("ops", kinds="i"),
    "angles": array("angles", kinds="i"),
    "coefficients": array("terms"),
}
_OBSERVABLE = {
    "x": array("terms", "qubits", kinds="b"),
    "z": array("terms", "qubits", kinds="b"),
    "coefficients": array("terms"),
}
_PREMAP = {"name": one(str), "settings": one(tuple)}
_ENCODING = {
    "name": one(str),
    "circuit": one(Circuit),
    "premap": one(PreMap),
    "start": one(tuple),
    "unentangled": one(Circuit, None),
}


def _take_gate(gate: Gate) -> Parts:
    """A gate of the table is its name; any other brings its arrays."""
    if gates.TABLE.get(gate.name) == gate:
        return {"name": gate.name, "pauli": None, "matrix": None, "diagonal": None, "permutation": None}
    parts = {name: getattr(gate, name) for name in _GATE}
    _make_gate(parts)
    return parts


def _make_gate(parts: Parts) -> Gate:
    check_parts(parts, _GATE)
    name, word = parts["name"], parts["pauli"]
    given = {key: value for key in ("matrix", "diagonal", "permutation") if (value := parts[key]) is not None}
    if not given and word is None:
        if name not in gates.TABLE:
            raise ValueError(f"no gate is named {name[:60]!r}")
        return gates.TABLE[name]
    if len(given) + (word is not None) != 1 or name in gates.TABLE:
        raise ValueError("a gate that is not in the table has a name of its own and one of its descriptions")
    if word is not None:
        if not _ROTATION.fullmatch(word) or gates.rotation(word).name != name:
            raise ValueError(f"{name[:60]!r} is no rotation about the Pauli word {word[:60]!r}")
        return gates.rotation(word)
    ((kind, values),) = given.items()
    build = {"matrix": gates.unitary, "diagonal": gates.diagonal, "permutation": gates.permutation}[kind]
    return build(values, name)


def _take_circuit(circuit: Circuit) -> Parts:
    """Operations and angles as runs of whole numbers, gates as places in a list of the different ones."""
    different: dict[Gate, int] = {}
    ops: list[int] = []
    angles: list[int] = []
    coefficients: list[float] = []
    for op in circuit.ops:
        terms = {} if op.angle is None else op.angle.terms
        ops += [different.setdefault(op.gate, len(different)), len(op.controls), len(op.qubits), len(terms)]
        ops += [number for pair in op.controls for number in pair]
        ops += op.qubits
        for monomial, coefficient in terms.items():
            angles += [len(monomial), *(number for symbol in monomial for number in symbol)]
            coefficients.append(coefficient)
    return {
        "n_qubits": circuit.n_qubits,
        "n_features": circuit.n_features,
        "n_params": circuit.n_params,
        "gates": list(different),
        "ops": np.array(ops, dtype=np.int64),
        "angles": np.array(angles, dtype=np.int64),
        "coefficients": np.array(coefficients, dtype=np.float64),
    }


def _make_circuit(parts: Parts) -> Circuit:
    check_parts(parts, _CIRCUIT)
    different = parts["gates"]
    if not all(isinstance(gate, Gate) for gate in different):
        raise ValueError("gates must hold gates")
    if parts["n_qubits"] > MAX_WORD_QUBITS or max(parts["n_features"], parts["n_params"]) > MOST_VALUES:
        raise ValueError(f"at most {MAX_WORD_QUBITS} qubits and {MOST_VALUES} values can be")
    circuit = Circuit(parts["n_qubits"], n_features=parts["n_features"], n_params=parts["n_params"])
    sizes = (parts["n_features"], parts["n_params"])
    ops, angles = _Numbers(parts["ops"]), _Numbers(parts["angles"])
    coefficients = iter(parts["coefficients"].tolist())
    while ops.left:
        place, n_controls, n_targets, n_terms = ops.take(4)
        if not 0 <= place < len(different):
            raise ValueError(f"an operation has gate {place}, and there are {len(different)}")
        pairs, gate = ops.pairs(n_controls), different[place]
        if len(dict(pairs)) != n_controls:
            raise ValueError("a control is given twice")
        angle = _angle(angles, coefficients, n_terms, sizes) if gate.is_rotation else None
        if angle is None and n_terms:
            raise ValueError(f"{gate.name} takes no angle")
        circuit.append(gate, ops.take(n_targets), angle, dict(pairs))
    if angles.left or next(coefficients, None) is not None:
        raise ValueError("there are more angles than operations take")
    return circuit


def _angle(numbers: _Numbers, coefficients: Iterator[float], n_terms: int, sizes: tuple[int, int]) -> Angle:
    terms: dict[Monomial, float] = {}
    for _ in range(n_terms):
        (degree,) = numbers.take(1)
        monomial = tuple(numbers.pairs(degree))
        if any(kind not in (0, 1) or not 0 <= index < sizes[kind] for kind, index in monomial):
            raise ValueError("an angle holds a symbol that the circuit has not")
        coefficient = next(coefficients, 0.0)
        if coefficient == 0.0 or monomial in terms or list(monomial) != sorted(monomial):
            raise ValueError("an angle holds a term without a coefficient, twice, or out of order")
        terms[monomial] = coefficient
    return Angle(terms)


class _Numbers:
    """Whole numbers that are taken off the front."""

    def __init__(self, values: NDArray[np.integer[Any]]):
        self._values, self._at = values.tolist(), 0

    @property
    def left(self) -> int:
        return len(self._values) - self._at

    def take(self, count: int) -> tuple[int, ...]:
        if not 0 <= count <= self.left:
            raise ValueError("it ends in the middle of an operation")
        self._at += count
        return tuple(self._values[self._at - count : self._at])

    def pairs(self, count: int) -> list[tuple[int, int]]:
        flat = self.take(2 * count)
        return list(zip(flat[::2], flat[1::2], strict=True))


def _take_observable(observable: Observable) -> Parts:
    return {"x": observable.x, "z": observable.z, "coefficients": observable.coefficients}


def _make_observable(parts: Parts) -> Observable:
    check_parts(parts, _OBSERVABLE)
    made = Observable.from_arrays(parts["x"], parts["z"], parts["coefficients"])
    if any(getattr(made, name).shape != part.shape for name, part in parts.items()):
        raise ValueError("its words must be sorted and different, with coefficients other than 0")
    return made


def _take_premap(given: PreMap) -> Parts:
    """Its name and settings, if these make it again; anything else is made of functions of a user's own."""
    parts: Parts = {"name": given.name, "settings": given.settings}
    try:
        again = _make_premap(parts)
    except (ValueError, TypeError):
        again = None
    if again != given:
        raise ValueError(
            f"the pre-map {given.name!r} is made of Python functions, and a file holds no code: apply it to the "
            f"columns before the model; pre-maps that a file can name are {', '.join(PREMAPS)} "
            "(ketwise.blocks.preparation.premaps)"
        )
    return parts


def _make_premap(parts: Parts) -> PreMap:
    check_parts(parts, _PREMAP)
    name, settings = parts["name"], parts["settings"]
    if name == IDENTITY.name and not settings:
        return IDENTITY
    if not all(type(each) is tuple and len(each) == 2 and type(each[0]) is str for each in settings):
        raise ValueError("settings must be pairs of a name and a value")
    _check_settings(settings)
    return premap(name, **dict(settings))


def _check_settings(value: Any) -> None:
    if type(value) is tuple:
        for each in value:
            _check_settings(each)
    elif type(value) is int and value > MOST_OF_A_SETTING:
        raise ValueError(f"a setting of {value} is more than {MOST_OF_A_SETTING}")


def _take_encoding(encoding: Encoding) -> Parts:
    parts = {name: getattr(encoding, name) for name in _ENCODING}
    if (others := {each.name for each in fields(encoding)} - set(parts)) and any(
        getattr(encoding, each.name) != each.default for each in fields(encoding) if each.name in others
    ):
        raise ValueError(f"a file holds no {', '.join(sorted(others))} of an encoding")
    return parts | {"start": tuple(map(float, encoding.start))}


def _make_encoding(parts: Parts) -> Encoding:
    check_parts(parts, _ENCODING)
    if not all(type(value) is float for value in parts["start"]):
        raise ValueError("start must hold numbers")
    return Encoding(**parts)


CIRCUIT_FORMS = (
    Form("Gate", (Gate,), _take_gate, _make_gate, frozenset(_GATE)),
    Form("Circuit", (Circuit,), _take_circuit, _make_circuit, frozenset(_CIRCUIT)),
    Form("Observable", (Observable,), _take_observable, _make_observable, frozenset(_OBSERVABLE)),
    Form("PreMap", (PreMap,), _take_premap, _make_premap, frozenset(_PREMAP)),
    Form("Encoding", (Encoding,), _take_encoding, _make_encoding, frozenset(_ENCODING)),
)
