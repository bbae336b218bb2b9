"""Observables: real sums of Pauli words, kept as two boolean matrices and a vector of coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int, real_number

#: A dense matrix of 2**14 x 2**14 complex numbers is 4 GiB; nobody wants a larger one by accident.
MAX_MATRIX_QUBITS = 14
#: A word is kept as two rows of booleans, one for each qubit up to the highest.
MAX_WORD_QUBITS = 1 << 20


class Observable:
    """A real sum of Pauli words on any number of qubits: a Hamiltonian, a cost, a readout.

    Parameters
    ----------
    terms : mapping from str to float, or str
        Words such as ``"XIZ"``; **qubit 0 is the rightmost letter**, as printed bit strings have it.

    Attributes
    ----------
    x, z : (n_terms, n_qubits) bool array
        Term ``t`` acts on qubit ``q`` with I, X, Z or Y where ``(x, z)`` is (0,0), (1,0), (0,1), (1,1).
    coefficients : (n_terms,) float array

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.Z(0) * kw.Z(1) + 0.5 * kw.X(1)
    1*ZZ + 0.5*XI
    >>> kw.Observable({"ZZ": 1.0, "XI": 0.5}) == kw.Z(0) * kw.Z(1) + 0.5 * kw.X(1)
    True
    """

    __array_ufunc__ = None  # np.float64(2) * observable must call Observable.__rmul__

    def __init__(self, terms: Mapping[str, Any] | str):
        words = {terms: 1.0} if isinstance(terms, str) else terms
        if not isinstance(words, Mapping) or not all(isinstance(word, str) for word in words):
            raise TypeError(
                f"terms must be one Pauli word or a mapping such as {{'ZZ': 1.0, 'XI': 0.5}}, got {terms!r}"
            )
        width = max(map(len, words), default=0)
        x = np.zeros((len(words), width), dtype=bool)
        z = np.zeros((len(words), width), dtype=bool)
        for t, word in enumerate(words):
            if len(word) != width or set(word) - set("IXYZ"):
                raise ValueError(f"a Pauli word must be {width} letters out of I, X, Y, Z; got {word!r}")
            letters = word[::-1]
            x[t] = [letter in "XY" for letter in letters]
            z[t] = [letter in "ZY" for letter in letters]
        self._set(x, z, np.array([real_number(f"coefficient of {word}", c) for word, c in words.items()]))

    def _set(self, x: NDArray[np.bool_], z: NDArray[np.bool_], coefficients: NDArray[np.float64]) -> None:
        """Keep the canonical form: sorted words, equal ones added, zero terms and unused high qubits dropped."""
        if len(x):
            words, where = np.unique(np.hstack([x, z]), axis=0, return_inverse=True)
            total = np.bincount(where.reshape(-1), weights=coefficients, minlength=len(words))
            words, total = words[total != 0.0], total[total != 0.0]
            x, z = words[:, : x.shape[1]], words[:, x.shape[1] :]
            coefficients = total
        used = np.flatnonzero((x | z).any(axis=0))
        width = int(used[-1]) + 1 if len(used) else 0
        self.x, self.z = np.ascontiguousarray(x[:, :width]), np.ascontiguousarray(z[:, :width])
        self.coefficients = np.asarray(coefficients, dtype=np.float64)
        if not np.isfinite(self.coefficients).all():
            raise ValueError("the coefficients of an observable must be finite")
        for array in (self.x, self.z, self.coefficients):
            array.setflags(write=False)

    @classmethod
    def from_arrays(cls, x: Any, z: Any, coefficients: Any) -> Observable:
        """Return the observable of two ``(n_terms, n_qubits)`` boolean matrices and ``(n_terms,)`` coefficients."""
        made = cls.__new__(cls)
        xs, zs = np.atleast_2d(np.asarray(x, dtype=bool)), np.atleast_2d(np.asarray(z, dtype=bool))
        cs = np.atleast_1d(coefficients)
        if cs.dtype.kind not in "fiub":
            raise ValueError(f"coefficients must be real numbers, got dtype {cs.dtype}")
        if xs.shape != zs.shape or cs.shape != xs.shape[:1]:
            raise ValueError(
                f"x, z and coefficients must agree in terms and qubits, got {xs.shape}, {zs.shape}, {cs.shape}"
            )
        made._set(xs, zs, cs.astype(np.float64))
        return made

    @property
    def n_qubits(self) -> int:
        """One more than the highest qubit that any word acts on."""
        return int(self.x.shape[1])

    @property
    def n_terms(self) -> int:
        """Number of Pauli words."""
        return len(self.coefficients)

    @property
    def key(self) -> tuple[Any, ...]:
        """The observable as a hashable value."""
        return (self.x.shape, self.x.tobytes(), self.z.tobytes(), self.coefficients.tobytes())

    def norm1(self) -> float:
        """Return the sum of the absolute coefficients, a bound on the spectrum."""
        return float(np.abs(self.coefficients).sum())

    def single_word(self) -> dict[int, str]:
        """Return qubit -> letter of an observable that is one word with coefficient 1; refuse any other."""
        if self.n_terms != 1 or self.coefficients[0] != 1.0:
            raise ValueError(f"a rotation needs one Pauli word with coefficient 1, got {self}")
        letters = "IXZY"
        codes = self.x[0] + 2 * self.z[0]
        return {q: letters[code] for q, code in enumerate(codes) if code}

    def words(self) -> list[str]:
        """Return the words with qubit 0 rightmost, in the order of ``coefficients``."""
        codes = (self.x + 2 * self.z.astype(int))[:, ::-1]
        return ["".join("IXZY"[code] for code in row) for row in codes]

    def to_matrix(self, n_qubits: int | None = None) -> NDArray[np.complex128]:
        """Return the ``(2**n, 2**n)`` matrix; qubit q is bit q of the index."""
        n = self.n_qubits if n_qubits is None else positive_int("n_qubits", n_qubits, minimum=0)
        self.check_fits(n)
        if n > MAX_MATRIX_QUBITS:
            raise MemoryError(
                f"a dense matrix on {n} qubits needs 2**{2 * n + 4} bytes; it is made for {MAX_MATRIX_QUBITS} at most"
            )
        index = np.arange(1 << n)
        matrix = np.zeros((1 << n, 1 << n), dtype=complex)
        for x, z, c in zip(self.x, self.z, self.coefficients, strict=True):
            flip = int(sum(1 << q for q in np.flatnonzero(x)))
            # Counts are unsigned bytes: the sign is taken in floating point, where 1 - 2 is negative.
            sign = 1.0 - 2.0 * (np.bitwise_count(index & int(sum(1 << q for q in np.flatnonzero(z)))) % 2)
            matrix[index ^ flip, index] += c * 1j ** int((x & z).sum()) * sign
        return matrix

    def check_fits(self, n_qubits: int) -> None:
        """Refuse a circuit with fewer qubits than the observable acts on."""
        if self.n_qubits > n_qubits:
            raise ValueError(
                f"the observable {self._short()} acts on qubit {self.n_qubits - 1}; "
                f"the circuit has qubits 0 to {n_qubits - 1}"
            )

    # -- algebra

    def _padded(self, width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        pad = ((0, 0), (0, width - self.n_qubits))
        return np.pad(self.x, pad), np.pad(self.z, pad)

    def __add__(self, other: Any) -> Observable:
        term = other if isinstance(other, Observable) else identity() * other
        width = max(self.n_qubits, term.n_qubits)
        (x1, z1), (x2, z2) = self._padded(width), term._padded(width)
        return Observable.from_arrays(
            np.vstack([x1, x2]), np.vstack([z1, z2]), np.concatenate([self.coefficients, term.coefficients])
        )

    def __mul__(self, other: Any) -> Observable:
        if not isinstance(other, Observable):
            with np.errstate(over="ignore"):  # refused where it is kept
                scaled = self.coefficients * real_number("a factor", other)
            return Observable.from_arrays(self.x, self.z, scaled)
        width = max(self.n_qubits, other.n_qubits)
        (x1, z1), (x2, z2) = self._padded(width), other._padded(width)
        left, right = (i.reshape(-1) for i in np.indices((self.n_terms, other.n_terms)))
        x, z = x1[left] ^ x2[right], z1[left] ^ z2[right]
        # A word is i^|x.z| X^x Z^z, and Z^z1 X^x2 = (-1)^(z1.x2) X^x2 Z^z1.
        power = (x1 & z1).sum(1)[left] + (x2 & z2).sum(1)[right] + 2 * (z1[left] & x2[right]).sum(1) - (x & z).sum(1)
        with np.errstate(over="ignore", invalid="ignore"):
            values = self.coefficients[left] * other.coefficients[right]
            imaginary = Observable.from_arrays(x, z, values * np.array([0.0, 1.0, 0.0, -1.0])[power % 4])
        if imaginary.norm1() > 1e-12 * np.abs(values).sum():
            raise ValueError(
                f"the product of {self._short()} and {other._short()} is not Hermitian: the words anticommute"
            )
        return Observable.from_arrays(x, z, values * np.array([1.0, 0.0, -1.0, 0.0])[power % 4])

    def __neg__(self) -> Observable:
        return self * -1.0

    def __sub__(self, other: Any) -> Observable:
        return self + -1.0 * (other if isinstance(other, Observable) else identity() * other)

    def __rsub__(self, other: Any) -> Observable:
        return -self + other

    def __truediv__(self, other: Any) -> Observable:
        return self * (1.0 / real_number("the divisor of an observable", other))

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Observable) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    def _short(self) -> str:
        text = repr(self)
        return text if len(text) <= 60 else f"{text[:57]}..."

    def __repr__(self) -> str:
        parts = [f"{c:.6g}*{word or 'I'}" for word, c in zip(self.words(), self.coefficients, strict=True)]
        return " + ".join(parts).replace("+ -", "- ") or "0"


def _pauli(letter: str, qubit: int) -> Observable:
    q = positive_int(f"the qubit of {letter}", qubit, minimum=0)
    if q >= MAX_WORD_QUBITS:
        raise ValueError(f"the qubit of {letter} must be below {MAX_WORD_QUBITS}, got {q}")
    return Observable(letter + "I" * q)


def X(qubit: int) -> Observable:
    """Pauli X on one qubit."""
    return _pauli("X", qubit)


def Y(qubit: int) -> Observable:
    """Pauli Y on one qubit."""
    return _pauli("Y", qubit)


def Z(qubit: int) -> Observable:
    """Pauli Z on one qubit."""
    return _pauli("Z", qubit)


def identity() -> Observable:
    """Return the identity, a constant."""
    return Observable.from_arrays(np.zeros((1, 0)), np.zeros((1, 0)), [1.0])


def as_observables(given: Observable | Sequence[Observable]) -> tuple[Observable, ...]:
    """Return a tuple of observables from one or several."""
    several = (given,) if isinstance(given, Observable) else tuple(given)
    for item in several:
        if not isinstance(item, Observable):
            raise TypeError(f"outputs must be observables such as kw.Z(0), got {item!r}")
    return several
