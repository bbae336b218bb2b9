"""Thermal states: expectations in ``exp(-H / T) / Z`` of a Hamiltonian of data and parameters, exact, for few qubits.

It is no circuit and runs on no device; with ``forward`` and ``backward`` it can stand where a compiled program does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.groups import joined
from ketwise.engine.memory import require
from ketwise.program.polynomial import AngleMap
from ketwise.words.angle import Angle
from ketwise.words.checks import positive_int, real_number, shape_error, values
from ketwise.words.observable import Observable, as_observables

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Thermal:
    """The thermal state of ``H = sum_k c_k(features, params) P_k``, Pauli words with polynomials before them.

    Attributes
    ----------
    n_qubits : int
    words : tuple of Observable
        Single Pauli words with coefficient 1.
    coefficients : tuple of Angle
        One before each word.
    temperature : float
        Positive; Boltzmann's constant is 1.

    Notes
    -----
    Qubits that no word joins are independent, and each group is solved alone. Amin et al., PRX 8, 021050 (2018).

    Examples
    --------
    A spin in a field h along Z has ``<Z> = -tanh(h / T)``:

    >>> import ketwise as kw
    >>> spin = Thermal(1, (kw.Z(0),), (kw.features(1)[0],), temperature=2.0)
    >>> spin.compile(kw.Z(0))(None, [[2.0]]).round(6), (-np.tanh(1.0)).round(6)
    (array([[-0.761594]]), np.float64(-0.761594))
    """

    n_qubits: int
    words: tuple[Observable, ...]
    coefficients: tuple[Angle, ...]
    temperature: float = 1.0
    n_features: int = field(init=False)
    n_params: int = field(init=False)

    def __post_init__(self) -> None:
        positive_int("n_qubits", self.n_qubits)
        if not self.words or len(self.words) != len(self.coefficients):
            raise ValueError(
                f"there must be as many coefficients as words, at least one; got {len(self.words)} words and "
                f"{len(self.coefficients)} coefficients"
            )
        if real_number("temperature", self.temperature) <= 0:
            raise ValueError(f"temperature must be positive, got {self.temperature}")
        for word in self.words:
            word.single_word()
            word.check_fits(self.n_qubits)
        sizes = [Angle.of(each).sizes() for each in self.coefficients]
        object.__setattr__(self, "n_features", max(size[0] for size in sizes))
        object.__setattr__(self, "n_params", max(size[1] for size in sizes))

    def compile(self, observables: Observable | Sequence[Observable]) -> ThermalProgram:
        """Return what computes the expectations of these observables, and their derivatives."""
        return ThermalProgram(self, as_observables(observables))


class _Groups(NamedTuple):
    """Groups of qubits that are alike: which words act on each, their matrices, and those of what is read out."""

    terms: NDArray[np.intp]
    matrices: NDArray[Any]
    read: NDArray[Any]


class _Solved(NamedTuple):
    """Thermal states of groups, row after row: energies over -T, eigenvectors, occupations, expectations."""

    exponents: Array
    vectors: NDArray[Any]
    occupations: Array
    expectations: Array


class ThermalProgram:
    """Expectations of observables in a thermal state, and the pair ``forward`` and ``backward``.

    Parameters
    ----------
    model : Thermal
    observables : tuple of Observable

    Raises
    ------
    MemoryError
        When a run does not fit: some matrices of ``4**n`` complex numbers a row, ``n`` the qubits of the largest group.

    Notes
    -----
    Cost: a full diagonalisation a row and group. The derivative of ``exp(A)`` is the Daleckii-Krein formula: in the
    eigenbasis of A, its change times the divided differences of the exponential.
    """

    def __init__(self, model: Thermal, observables: tuple[Observable, ...]):
        self.model = model
        self.n_outputs = len(observables)
        for observable in observables:
            observable.check_fits(model.n_qubits)
        letters_of = [word.single_word() for word in model.words]
        qubits = joined(model.n_qubits, [tuple(letters) for letters in letters_of])
        read: list[list[dict[int, str]]] = [[] for _ in qubits]
        # An observable is a sum of products: (output, coefficient, [(group, index of what is read there)]).
        self._products: list[tuple[int, float, list[tuple[int, int]]]] = []
        for output, observable in enumerate(observables):
            for letters, coefficient in zip(observable.words(), observable.coefficients, strict=True):
                factors = []
                for g, members in enumerate(qubits):
                    part = {q: letters[-1 - q] for q in members if q < len(letters) and letters[-1 - q] != "I"}
                    if part:
                        if part not in read[g]:
                            read[g].append(part)
                        factors.append((g, read[g].index(part)))
                self._products.append((output, float(coefficient), factors))
        alike: dict[Any, list[list[int]]] = {}
        # Of every group: which set of groups that are alike, and its place there. What is not read is not solved.
        self._place: list[tuple[int, int]] = []
        for members, wanted in zip(qubits, read, strict=True):
            terms = [k for k, word in enumerate(letters_of) if word and set(word) <= set(members)]
            kind = (len(members), _renumbered([letters_of[k] for k in terms], members), _renumbered(wanted, members))
            if wanted:
                alike.setdefault(kind, []).append(terms)
            self._place.append((list(alike).index(kind), len(alike[kind]) - 1) if wanted else (-1, -1))
        for n, words, seen in alike:
            require("the matrices of a thermal state", n, _bytes_of(len(words) + len(seen) + 1))
        self._groups = [
            _Groups(np.array(terms, dtype=np.intp).reshape(len(terms), -1), _matrices(words, n), _matrices(seen, n))
            for (n, words, seen), terms in alike.items()
        ]
        self._map = AngleMap([Angle.of(each) for each in model.coefficients], model.n_features, model.n_params)

    def __call__(self, params: Any, features: Any) -> Array:
        """Return the ``(batch, n_outputs)`` expectations; the batch axis is there if params or features had it."""
        return self.forward(params, features)[0]

    def forward(self, params: Any, features: Any) -> tuple[Array, Any]:
        """Return the expectations and what :meth:`backward` takes.

        Parameters
        ----------
        params : (n_params,) array or None
        features : (n_features,) or (batch, n_features) array or None
        """
        w, of_each = values("params", params, self.model.n_params)
        x, batched = values("features", features, self.model.n_features)
        if of_each:
            raise shape_error("params", f"({self.model.n_params},)", np.shape(params))
        batch = len(x)
        for groups in self._groups:
            n_qubits = groups.read.shape[1].bit_length() - 1
            require("thermal states", n_qubits, _bytes_of(6 * batch * len(groups.terms)))
        coefficients = self._map.values(w, x, batch, False).full()
        solved = [self._solve(groups, coefficients[:, groups.terms]) for groups in self._groups]
        outputs = np.zeros((batch, self.n_outputs))
        for output, coefficient, factors in self._products:
            product = np.full(batch, coefficient)
            for g, index in factors:
                product = product * self._seen(solved, g, index)
            outputs[:, output] += product
        return (outputs if batched else outputs[0]), (w, x, batched, solved)

    def backward(self, residual: Any, cotangent: Any, *, wanted: Sequence[str] = ("params", "features")) -> Any:
        """Return ``d_params, d_features, None`` of ``sum(cotangent * outputs)``, each in the shape of its input."""
        w, x, batched, solved = residual
        weights = np.reshape(np.asarray(cotangent, dtype=np.float64), (len(x), self.n_outputs))
        d_read = [np.zeros((len(x), len(groups.terms), len(groups.read))) for groups in self._groups]
        for output, coefficient, factors in self._products:
            for place, (g, index) in enumerate(factors):
                product = coefficient * weights[:, output]
                for other, i in factors[:place] + factors[place + 1 :]:
                    product = product * self._seen(solved, other, i)
                kind, member = self._place[g]
                d_read[kind][:, member, index] += product
        d_coefficients = np.zeros((len(x), len(self.model.words)))
        for groups, each, of_read in zip(self._groups, solved, d_read, strict=True):
            by_term = self._pull_back(groups, each, of_read.reshape(-1, len(groups.read)))
            d_coefficients[:, groups.terms] = by_term.reshape(len(x), *groups.terms.shape)
        of_params = "params" in wanted and self.model.n_params > 0
        of_features = "features" in wanted and self.model.n_features > 0
        d_params = self._map.pull_back_rows(d_coefficients, w, x).sum(axis=0) if of_params else None
        d_features = self._map.pull_back_rows(d_coefficients, w, x, of_features=True) if of_features else None
        return d_params, (d_features if batched or d_features is None else d_features[0]), None

    def _seen(self, solved: list[_Solved], group: int, index: int) -> Array:
        kind, member = self._place[group]
        return solved[kind].expectations[member :: len(self._groups[kind].terms), index]

    def _solve(self, group: _Groups, coefficients: Array) -> _Solved:
        coefficients = coefficients.reshape(coefficients.shape[0] * coefficients.shape[1], coefficients.shape[2])
        # Term by term, and each sum along one row: a row's bits must not depend on how many there are.
        exponent = np.zeros((len(coefficients), *group.read.shape[1:]), group.matrices.dtype)
        for coefficient, matrix in zip(coefficients.T / -self.model.temperature, group.matrices, strict=True):
            exponent += coefficient[:, np.newaxis, np.newaxis] * matrix
        exponents, vectors = np.linalg.eigh(exponent)
        occupations = np.exp(exponents - exponents[:, -1:])
        occupations /= occupations.sum(axis=1, keepdims=True)
        rho = _mixed(vectors, occupations)
        expectations = np.empty((len(rho), len(group.read)))
        for r, matrix in enumerate(group.read):
            expectations[:, r] = (rho * matrix.T).real.reshape(len(rho), -1).sum(axis=1)
        return _Solved(exponents, vectors, occupations, expectations)

    def _pull_back(self, group: _Groups, solved: _Solved, d_read: Array) -> Array:
        """Return the ``(batch, n_terms)`` derivatives by the coefficients of this group's words."""
        vectors, p = solved.vectors, solved.occupations
        adjoint = vectors.conj().swapaxes(1, 2)
        inside = adjoint @ np.einsum("br,rij->bij", d_read, group.read) @ vectors
        gap = np.abs(solved.exponents[:, :, np.newaxis] - solved.exponents[:, np.newaxis, :])
        larger = np.maximum(p[:, :, np.newaxis], p[:, np.newaxis, :])
        differences = larger * np.where(gap > 0.0, -np.expm1(-gap) / np.where(gap > 0.0, gap, 1.0), 1.0)
        changed = vectors @ (differences * inside) @ adjoint
        by_exponent = np.einsum("bij,kji->bk", changed, group.matrices).real
        rho = _mixed(vectors, p)
        mean = (d_read * solved.expectations).sum(axis=1, keepdims=True)
        by_exponent -= mean * np.einsum("bij,kji->bk", rho, group.matrices).real
        return by_exponent / -self.model.temperature


def _bytes_of(n_matrices: int) -> Callable[[int], int]:
    """Return the bytes of so many complex matrices, as a function of the number of qubits."""

    def needed(n_qubits: int) -> int:
        return 16 * 4**n_qubits * n_matrices

    return needed


def _renumbered(words: list[dict[int, str]], members: list[int]) -> tuple[tuple[tuple[int, str], ...], ...]:
    """Return words as pairs (place of the qubit in its group, letter)."""
    return tuple(tuple(sorted((members.index(qubit), letter) for qubit, letter in word.items())) for word in words)


def _mixed(vectors: NDArray[Any], occupations: Array) -> NDArray[Any]:
    """Return the density matrices with these eigenvectors and eigenvalues."""
    return (vectors * occupations[:, np.newaxis, :]) @ vectors.conj().swapaxes(1, 2)


def _matrices(words: Sequence[tuple[tuple[int, str], ...]], n_qubits: int) -> NDArray[Any]:
    """Return the ``(n_words, 2**n, 2**n)`` matrices of words as pairs (qubit, letter), real where no word has a Y."""
    found = np.zeros((len(words), 1 << n_qubits, 1 << n_qubits), dtype=complex)
    for matrix, word in zip(found, words, strict=True):
        letters = ["I"] * n_qubits
        for qubit, letter in word:
            letters[-1 - qubit] = letter
        matrix += Observable({"".join(letters): 1.0}).to_matrix(n_qubits)
    return found if found.imag.any() else np.ascontiguousarray(found.real)
