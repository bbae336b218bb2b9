"""The gate table: one row of data a gate. Drawing, inverses, lowering and the tests read the row."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import complex_array, shape_error

#: Dense matrices are held in registers and on the stack by the kernels; wider ones are decomposed by the caller.
MAX_MATRIX_QUBITS = 5
UNITARY_TOLERANCE = 1e-9

PAULIS = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0 + 0j, -1.0]),
}


@dataclass(frozen=True, eq=False)
class Gate:
    """One row: what a gate is. Exactly one of ``pauli``, ``matrix``, ``diagonal``, ``permutation`` is given.

    Attributes
    ----------
    n_qubits : int
        Qubits acted on, controls not counted. In an array, ``qubits[k]`` is bit ``k`` of the index.
    pauli : str or None
        Generator of the rotation ``exp(-i angle/2 P)``; character ``k`` acts on ``qubits[k]``; ``""`` is the
        identity, which with controls gives phases.
    matrix : (2**k, 2**k) array or None
    diagonal : (2**k,) array or None
    permutation : (2**k,) int array or None
        Basis state ``i`` goes to ``permutation[i]``.
    inverse_name : str
        Row that undoes this one; ``""`` where the inverse is computed from the array.
    qasm : str
        Name in OpenQASM 3's standard library, ``""`` where it has none.
    """

    name: str
    n_qubits: int
    pauli: str | None = None
    matrix: NDArray[np.complex128] | None = None
    diagonal: NDArray[np.complex128] | None = None
    permutation: NDArray[np.int64] | None = None
    inverse_name: str = ""
    qasm: str = ""
    doc: str = ""
    key: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        arrays = [a for a in (self.matrix, self.diagonal, self.permutation) if a is not None]
        for array in arrays:
            array.setflags(write=False)
        object.__setattr__(self, "key", (self.name, self.pauli, *(a.tobytes() for a in arrays)))

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Gate) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def is_rotation(self) -> bool:
        """Whether the gate takes an angle."""
        return self.pauli is not None

    def inverse(self) -> Gate:
        """Return the gate that undoes this one; a rotation is undone by its negated angle, not here."""
        if self.is_rotation:
            return self
        if self.inverse_name:
            return TABLE[self.inverse_name]
        name = self.name.removesuffix("_dg") if self.name.endswith("_dg") else f"{self.name}_dg"
        if self.matrix is not None:
            return Gate(name, self.n_qubits, matrix=np.ascontiguousarray(self.matrix.conj().T))
        if self.diagonal is not None:
            return Gate(name, self.n_qubits, diagonal=self.diagonal.conj())
        assert self.permutation is not None
        return Gate(name, self.n_qubits, permutation=np.argsort(self.permutation))

    def to_matrix(self, angle: float = 0.0) -> NDArray[np.complex128]:
        """Return the ``(2**k, 2**k)`` matrix, at ``angle`` radians for a rotation."""
        if self.pauli is not None:
            generator = pauli_matrix(self.pauli)
            return math.cos(angle / 2) * np.eye(len(generator)) - 1j * math.sin(angle / 2) * generator
        if self.matrix is not None:
            return self.matrix
        if self.diagonal is not None:
            return np.diag(self.diagonal)
        assert self.permutation is not None
        return np.eye(len(self.permutation), dtype=complex)[:, self.permutation]


def pauli_matrix(word: str) -> NDArray[np.complex128]:
    """Return the matrix of a word whose character ``k`` acts on bit ``k`` of the index."""
    matrix = np.eye(1, dtype=complex)
    for letter in word:
        matrix = np.kron(PAULIS[letter], matrix)
    return matrix


@lru_cache(maxsize=1024)
def rotation(word: str) -> Gate:
    """Return the rotation about a Pauli word without identities, from the table where it has a row."""
    name = f"r{word.lower()}" if word else "gphase"
    return TABLE.get(name) or Gate(name, len(word), pauli=word, doc=f"exp(-i angle/2 {word})")


def _n_qubits(what: str, length: int) -> int:
    n_qubits = length.bit_length() - 1
    if length < 2 or length != 1 << n_qubits:
        raise ValueError(f"{what} must have 2**k rows for k qubits, got {length}")
    return n_qubits


def unitary(matrix: Any, name: str = "unitary") -> Gate:
    """Return a gate from a unitary matrix on up to five qubits."""
    array = complex_array("matrix", matrix)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise shape_error("matrix", "(2**k, 2**k)", array.shape)
    n_qubits = _n_qubits("matrix", len(array))
    if n_qubits > MAX_MATRIX_QUBITS:
        raise ValueError(
            f"matrix acts on {n_qubits} qubits; dense matrices go up to {MAX_MATRIX_QUBITS}: write it as rotations, "
            "or use diagonal or permutation"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.abs(array.conj().T @ array - np.eye(len(array))).max()
    if not error <= UNITARY_TOLERANCE:
        raise ValueError(
            f"matrix is not unitary: max |U^H U - 1| is {error:.2g}, at most {UNITARY_TOLERANCE} is allowed"
        )
    return Gate(name, n_qubits, matrix=array)


def diagonal(values: Any, name: str = "diagonal") -> Gate:
    """Return a gate that multiplies basis state ``i`` by the phase ``values[i]``."""
    array = complex_array("diagonal", values)
    if array.ndim != 1:
        raise shape_error("diagonal", "(2**k,)", array.shape)
    n_qubits = _n_qubits("diagonal", len(array))
    error = np.abs(np.abs(array) - 1.0).max()
    if not error <= UNITARY_TOLERANCE:
        raise ValueError(f"diagonal is not unitary: max ||value| - 1| is {error:.2g}; give phases exp(i phi)")
    return Gate(name, n_qubits, diagonal=array)


def permutation(table: Any, name: str = "permutation") -> Gate:
    """Return a gate that sends basis state ``i`` to ``table[i]``."""
    array = np.array(table)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"permutation must be a 1-d array of whole numbers, got {array.dtype} of shape {array.shape}")
    n_qubits = _n_qubits("permutation", len(array))
    if not np.array_equal(np.sort(array), np.arange(len(array))):
        raise ValueError(f"permutation must hold each of 0 to {len(array) - 1} exactly once")
    return Gate(name, n_qubits, permutation=array.astype(np.int64))


def _rows() -> list[Gate]:
    r2 = math.sqrt(0.5)
    eighth = complex(r2, r2)
    phase = lambda *d: np.array(d, dtype=complex)  # noqa: E731 - a column of a table, not a function
    table = lambda *t: np.array(t, dtype=np.int64)  # noqa: E731
    sx = np.array([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]])
    iswap = np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]])
    h = np.array([[r2, r2], [r2, -r2]], dtype=complex)
    y = PAULIS["Y"].copy()
    return [
        Gate("x", 1, permutation=table(1, 0), inverse_name="x", qasm="x", doc="NOT"),
        Gate("y", 1, matrix=y, inverse_name="y", qasm="y", doc="Pauli Y"),
        Gate("z", 1, diagonal=phase(1, -1), inverse_name="z", qasm="z", doc="Pauli Z"),
        Gate("h", 1, matrix=h, inverse_name="h", qasm="h", doc="Hadamard"),
        Gate("s", 1, diagonal=phase(1, 1j), inverse_name="sdg", qasm="s", doc="diag(1, i)"),
        Gate("sdg", 1, diagonal=phase(1, -1j), inverse_name="s", qasm="sdg", doc="diag(1, -i)"),
        Gate("t", 1, diagonal=phase(1, eighth), inverse_name="tdg", qasm="t", doc="diag(1, exp(i pi/4))"),
        Gate("tdg", 1, diagonal=phase(1, eighth.conjugate()), inverse_name="t", qasm="tdg", doc="inverse of t"),
        Gate("sx", 1, matrix=sx, inverse_name="sxdg", qasm="sx", doc="square root of NOT"),
        Gate("sxdg", 1, matrix=sx.conj().T.copy(), inverse_name="sx", doc="inverse of sx"),
        Gate("swap", 2, permutation=table(0, 2, 1, 3), inverse_name="swap", qasm="swap", doc="exchange two qubits"),
        Gate("iswap", 2, matrix=iswap, doc="exchange two qubits with a factor i"),
        Gate("rx", 1, pauli="X", qasm="rx", doc="exp(-i angle/2 X)"),
        Gate("ry", 1, pauli="Y", qasm="ry", doc="exp(-i angle/2 Y)"),
        Gate("rz", 1, pauli="Z", qasm="rz", doc="exp(-i angle/2 Z)"),
        Gate("rxx", 2, pauli="XX", doc="exp(-i angle/2 XX)"),
        Gate("ryy", 2, pauli="YY", doc="exp(-i angle/2 YY)"),
        Gate("rzz", 2, pauli="ZZ", doc="exp(-i angle/2 ZZ)"),
        Gate("gphase", 0, pauli="", qasm="gphase", doc="exp(-i angle/2); with controls, every controlled phase"),
    ]


#: Every named gate. Controlled gates are rows with controls on the Op, so CX is ``x`` with one control.
TABLE: dict[str, Gate] = {}
TABLE.update({gate.name: gate for gate in _rows()})
