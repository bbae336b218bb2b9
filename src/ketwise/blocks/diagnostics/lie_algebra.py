"""The dynamical Lie algebra of a circuit: what its rotations can generate, by closing them under commutators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.blocks.diagnostics.pauli_sums import (
    Sum,
    Word,
    anticommute,
    commutator,
    of_observable,
    product_word,
    pulled_back,
    scaled,
)
from ketwise.words.angle import Angle
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit, Op
from ketwise.words.observable import Observable

#: What is left of a unit vector outside a space is taken as nothing below this.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class LieAlgebra:
    """The algebra that some generators span with all their nested commutators.

    Attributes
    ----------
    n_qubits : int
    dimension : int
        Over the real numbers, without the identity.
    n_generators : int
    of_words : bool
        Whether a basis of single Pauli words was found, by exact arithmetic; else ranks were judged numerically.
    """

    n_qubits: int
    dimension: int
    n_generators: int
    of_words: bool

    @property
    def full(self) -> int:
        """``4**n - 1``, the dimension of su(2**n)."""
        return 4**self.n_qubits - 1

    @property
    def controllable(self) -> bool:
        """Whether every unitary can be reached, up to a phase."""
        return self.dimension == self.full


def lie_algebra(generators: Any, *, limit: int = 5000) -> LieAlgebra:
    """Return the dynamical Lie algebra of a circuit or of given generators.

    Parameters
    ----------
    generators : Circuit, Encoding, Program or sequence of Observable
        Of a circuit: a generator for each rotation that holds a parameter or a feature, pulled back through the fixed
        gates before it. Neighbouring rotations of one symbol that commute have one generator, their sum.
    limit : int
        Largest dimension looked for.

    Returns
    -------
    LieAlgebra

    Raises
    ------
    ValueError
        Where the dimension is larger than ``limit``.

    Notes
    -----
    Gradients of deep circuits have a variance of about one over the dimension: polynomial dimensions train, exponential
    ones are barren plateaus, and are what cannot be simulated in the algebra. Larocca et al., Quantum 6, 824 (2022);
    Ragone et al., Nature Communications 15, 7172 (2024). Cost: a commutator for each element and generator; of single
    words these are exact operations on bits.

    Examples
    --------
    >>> import ketwise as kw
    >>> lie_algebra([kw.X(0), kw.Y(0)]).dimension
    3
    >>> chain = [kw.Z(q) * kw.Z(q + 1) for q in range(3)] + [kw.X(q) for q in range(4)]
    >>> lie_algebra(chain).dimension  # n (2 n - 1), free fermions
    28
    """
    limit = positive_int("limit", limit)
    sums, n_qubits = _generators(generators)
    sums = [each for each in ({word: c for word, c in each.items() if word != (0, 0)} for each in sums) if each]
    if all(len(each) == 1 for each in sums):
        dimension = _closure_of_words({next(iter(each)) for each in sums}, limit)
        return LieAlgebra(n_qubits, dimension, len(sums), True)
    return LieAlgebra(n_qubits, _closure_of_sums(sums, limit), len(sums), False)


def _generators(given: Any) -> tuple[list[Sum], int]:
    if isinstance(given, Observable):
        given = [given]
    if isinstance(given, Sequence):
        if not given or not all(isinstance(each, Observable) for each in given):
            raise TypeError("generators must be a circuit or a sequence of observables such as [kw.X(0), kw.Y(0)]")
        return [of_observable(each) for each in given], max(1, *(each.n_qubits for each in given))
    circuit, _ = circuit_of(given)
    return list(_of_circuit(circuit)), circuit.n_qubits


def _of_circuit(circuit: Circuit) -> Iterable[Sum]:
    """Yield the generator of each symbol's run, seen from the circuit's beginning."""
    passed: list[Op] = []
    run: Sum = {}
    symbol: Any = None
    for op in circuit.ops:
        if op.angle is None or op.angle.is_constant:
            if run:
                yield run
            run, symbol = {}, None
            passed.append(op)
            continue
        generator = pulled_back(_generator(op), passed)
        name, factor = _symbol(op.angle)
        if run and name is not None and name == symbol and not commutator(run, generator):
            for word, value in generator.items():
                run[word] = run.get(word, 0.0) + factor * value
        else:
            if run:
                yield run
            run, symbol = scaled(generator, factor), name
    if run:
        yield run


def _symbol(angle: Angle) -> tuple[Any, float]:
    """Return the monomial of an angle that has one beside a constant, and its factor; else None."""
    terms = {monomial: value for monomial, value in angle.terms.items() if monomial}
    return next(iter(terms.items())) if len(terms) == 1 else (None, 1.0)


def _generator(op: Op) -> Sum:
    """Return the generator of a rotation: its word, times the projectors of its controls."""
    x = z = 0
    for qubit, letter in zip(op.qubits, op.gate.pauli or "", strict=True):
        x |= (letter in "XY") << qubit
        z |= (letter in "ZY") << qubit
    found: Sum = {(x, z): 1.0}
    for qubit, value in op.controls:
        # The projector on 0 is (1 + Z)/2, on 1 it is (1 - Z)/2; the control is no qubit of the word.
        found = {
            (x, z | bit << qubit): 0.5 * c * ((-1.0) ** value if bit else 1.0)
            for (x, z), c in found.items()
            for bit in (0, 1)
        }
    return found


def _closure_of_words(words: set[Word], limit: int) -> int:
    """Return how many words there are: products of those that anticommute, until there are no new ones."""
    found, fresh = set(words), list(words)
    while fresh:
        word = fresh.pop()
        for generator in words:
            if anticommute(word, generator):
                made = product_word(word, generator)
                if made not in found:
                    found.add(made)
                    fresh.append(made)
        _check(len(found), limit)
    return len(found)


def _closure_of_sums(generators: list[Sum], limit: int) -> int:
    """Return the rank: nested commutators with the generators span the algebra."""
    space = _Space()
    fresh = [each for each in (space.extend(generator) for generator in generators) if each]
    while fresh:
        element = fresh.pop()
        for generator in generators:
            new = space.extend(commutator(element, generator))
            if new:
                fresh.append(new)
                _check(space.rank, limit)
    return space.rank


class _Space:
    """An orthonormal basis of sums of words, whose columns are numbered as words turn up."""

    def __init__(self) -> None:
        self._column: dict[Word, int] = {}
        self._rows: NDArray[np.float64] = np.zeros((16, 16))
        self.rank = 0

    def extend(self, given: Sum) -> Sum:
        """Add what is new in a sum; return it with norm 1, empty where nothing is."""
        if not given:
            return {}
        for word in given:
            self._column.setdefault(word, len(self._column))
        rows, columns = self._rows.shape
        if self.rank == rows or len(self._column) > columns:
            grown = np.zeros((2 * rows if self.rank == rows else rows, max(columns, 2 * len(self._column))))
            grown[:rows, :columns] = self._rows
            self._rows = grown
        vector = np.zeros(self._rows.shape[1])
        vector[[self._column[word] for word in given]] = list(given.values())
        norm = np.linalg.norm(vector)
        if norm == 0.0:
            return {}
        vector /= norm
        basis = self._rows[: self.rank]
        for _ in range(2):  # once more takes out what rounding left
            vector = vector - basis.T @ (basis @ vector)
        left = np.linalg.norm(vector)
        if left < TOLERANCE:
            return {}
        vector /= left
        self._rows[self.rank] = vector
        self.rank += 1
        words = list(self._column)
        return {words[i]: float(vector[i]) for i in np.flatnonzero(np.abs(vector) > TOLERANCE)}


def _check(dimension: int, limit: int) -> None:
    if dimension > limit:
        raise ValueError(f"the algebra has more than {limit} dimensions: raise limit, or take fewer qubits")
