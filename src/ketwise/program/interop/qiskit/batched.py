"""Qiskit's circuits prepared once for many bindings: what the primitives and the gradients have in common."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Parameter, ParameterExpression, QuantumCircuit

from ketwise.program.interop.qiskit.expressions import NotPolynomialError, polynomial
from ketwise.program.interop.qiskit.importing import Reader
from ketwise.words.angle import Angle, features, params
from ketwise.words.circuit import Circuit

Floats = NDArray[np.float64]
#: Numbers that one call of the engine returns at most; more rows are run in several calls, with the same results.
MAX_NUMBERS = 1 << 24


@dataclass(frozen=True, eq=False)
class Prepared:
    """A Qiskit circuit read into ours, every parameter a param of it.

    Attributes
    ----------
    circuit : Circuit
        ``params[k]`` is ``parameters[k]``; ``features[k]`` is the value of ``functions[k]``.
    parameters : tuple of Parameter
        In Qiskit's order.
    functions : tuple of ParameterExpression
        Angles that are no polynomials; Qiskit evaluates them for every binding.
    measured : dict
        Classical bit -> qubit.
    key : hashable
        Circuits with equal keys can share a batch.
    """

    circuit: Circuit
    parameters: tuple[Parameter, ...]
    functions: tuple[ParameterExpression, ...]
    measured: dict[int, int]
    key: Hashable

    def inputs(self, rows: Floats) -> tuple[Floats | None, Floats | None]:
        """Return params and features of bindings ``(n_rows, n_parameters)``, with a batch axis where there are any."""
        values = rows if self.parameters else None
        if not self.functions:
            return values, None
        made = [
            [_value(function.bind_all(dict(zip(self.parameters, row, strict=True)))) for function in self.functions]
            for row in rows.tolist()
        ]
        return values, np.array(made)

    def pull_back(self, rows: Floats, by_features: Floats) -> Floats:
        """Return the part ``(n_rows, n_outputs, n_parameters)`` of a Jacobian that goes through the functions."""
        slopes = np.zeros((len(rows), len(self.functions), len(self.parameters)))
        for f, function in enumerate(self.functions):
            for p, parameter in enumerate(self.parameters):
                if parameter in function.parameters:
                    slope = function.gradient(parameter)
                    slopes[:, f, p] = [
                        _value(slope.bind_all(dict(zip(self.parameters, row, strict=True))))
                        if isinstance(slope, ParameterExpression)
                        else _value(slope)
                        for row in rows.tolist()
                    ]
        pulled: Floats = np.einsum("rmf,rfp->rmp", by_features, slopes)
        return pulled


def prepare(given: QuantumCircuit) -> Prepared:
    """Return a circuit ready for batches; refuse here what no pure state follows."""
    parameters = tuple(given.parameters)
    symbols = dict(zip(parameters, params(len(parameters)), strict=True))
    functions: dict[ParameterExpression, Angle] = {}

    def angle(expression: Any) -> Angle:
        try:
            return polynomial(expression, symbols)
        except NotPolynomialError:
            known = functions.get(expression)
            if known is None:
                known = functions[expression] = features(len(functions) + 1)[-1]
            return known

    reader = Reader(Circuit(given.num_qubits, n_params=len(parameters)), angle)
    reader.read(given, range(given.num_qubits), range(given.num_clbits))
    made = tuple(functions)
    # Names do not matter to polynomials, which know places; to functions, which Qiskit evaluates, they do.
    names = parameters if made else ()
    key = (reader.circuit.key, made, names, tuple(sorted(reader.measured.items())))
    return Prepared(reader.circuit, parameters, made, reader.measured, key)


class Circuits:
    """The circuits of one run, each object read once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[QuantumCircuit, Prepared]] = {}
        self._same: dict[Hashable, Prepared] = {}

    def __getitem__(self, given: QuantumCircuit) -> Prepared:
        # The circuit is kept beside its number, so that no other can get the same one.
        found = self._known.get(id(given))
        if found is None:
            made = prepare(given)
            found = self._known[id(given)] = (given, self._same.setdefault(made.key, made))
        return found[1]


def pieces(n_rows: int, n_outputs: int) -> Iterator[slice]:
    """Yield slices of the rows that one call of the engine takes."""
    step = max(1, MAX_NUMBERS // max(1, n_outputs))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def stacked(blocks: Sequence[Floats]) -> tuple[Floats, list[NDArray[np.int64]]]:
    """Return the different rows of all blocks ``(..., n_parameters)``, and where each block's rows are in them."""
    flat = [block.reshape(math.prod(block.shape[:-1]), block.shape[-1]) for block in blocks]
    whole = np.concatenate(flat) if len(flat) > 1 else flat[0]
    if whole.shape[1] == 0:
        return whole[:1], [np.zeros(len(block), dtype=np.int64) for block in flat]
    rows = np.ascontiguousarray(whole + 0.0)  # 0 and -0 are the same angle
    places: dict[bytes, int] = {}
    where = np.array([places.setdefault(row.tobytes(), len(places)) for row in rows], dtype=np.int64)
    first = np.zeros(len(places), dtype=np.int64)
    first[where[::-1]] = np.arange(len(rows))[::-1]
    ends = np.cumsum([len(block) for block in flat])[:-1]
    return rows[first], np.split(where, ends)


def _value(number: Any) -> float:
    value = complex(number)
    if value.imag:
        raise ValueError(f"an angle must be real, got {number}")
    return value.real
